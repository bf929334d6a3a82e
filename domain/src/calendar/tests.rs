//! Banking days against what is known of past years, and the laws that hold for any.

use proptest::prelude::*;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn ruled() -> Calendar<'static> {
    Calendar::new(Rules::embedded().unwrap(), BTreeMap::new())
}

fn standing(text: &str) -> Standing {
    ruled().day(day(text)).standing
}

#[test]
fn holidays_of_the_law_are_closed_and_made_up_for() {
    for closed in [
        "2024-01-01",
        "2024-02-10",
        "2024-04-18",
        "2024-04-30",
        "2024-05-01",
        "2024-09-02",
        "2025-01-29",
        "2025-04-07",
        // Reckoned at UTC+7: a day before the calendar of the north.
        "2030-02-02",
        // 30/4/2022 was a Saturday, 1/5 a Sunday: the 2nd and 3rd made up for them. 2/9/2023 was a Saturday.
        "2022-05-02",
        "2022-05-03",
        "2023-09-04",
        "2023-01-02",
    ] {
        assert_eq!(standing(closed), Standing::Closed, "{closed}");
    }
    for open in [
        "2024-01-02",
        "2024-04-29",
        "2022-05-04",
        "2024-09-05",
        "2024-08-20",
        "2020-09-01",
        "2020-09-03",
    ] {
        assert_eq!(standing(open), Standing::Banking, "{open}");
    }
}

#[test]
fn what_is_decided_every_year_is_undecided_until_it_is() {
    // 1/9/2024 was a Sunday; either way the 3rd may be free, and it was.
    assert_eq!(standing("2024-09-03"), Standing::Undecided);
    assert_eq!(standing("2025-09-01"), Standing::Undecided);
    assert_eq!(standing("2024-02-09"), Standing::Undecided);
    assert_eq!(standing("2024-02-13"), Standing::Undecided);
    let decided = |banking| Decided {
        banking,
        reason: "QĐ của UBND tỉnh".to_owned(),
    };
    let days = BTreeMap::from([(day("2025-09-01"), decided(false)), (day("2025-09-03"), decided(true))]);
    let calendar = Calendar::new(Rules::embedded().unwrap(), days);
    assert_eq!(calendar.day(day("2025-09-01")).standing, Standing::Closed);
    assert_eq!(calendar.next_banking_day(day("2025-08-30")), day("2025-09-03"));
    assert!(calendar.special_days(2025).contains_key(&day("2025-09-03")));
}

#[test]
fn years_whose_lunar_days_nobody_reckoned_say_so() {
    let calendar = ruled();
    assert!(!calendar.rules().knows_lunar(2051));
    assert_eq!(calendar.day(day("2051-02-08")).standing, Standing::Undecided);
    assert_eq!(calendar.day(day("2051-04-12")).standing, Standing::Undecided);
    assert_eq!(calendar.day(day("2051-06-12")).standing, Standing::Banking);
}

#[test]
fn a_month_has_its_days() {
    let calendar = ruled();
    let october: Month = "2024-10".parse().unwrap();
    assert_eq!(calendar.list_closes(october), day("2024-09-24"));
    // 5/10/2024 was a Saturday, 20/10 a Sunday.
    assert_eq!(calendar.pay_date(october), day("2024-10-07"));
    assert_eq!(calendar.settlement_due(october), day("2024-10-18"));
    assert_eq!(Calendar::opens(october), day("2024-09-01"));
}

#[test]
fn after_the_cut_off_the_next_banking_day_executes() {
    let calendar = ruled();
    let friday = |time: &str| at(&format!("2024-09-06T{time}Z"));
    let early = day("2024-09-05");
    assert_eq!(calendar.execution_date(early, friday("08:29:59")), day("2024-09-06"));
    assert_eq!(calendar.execution_date(early, friday("08:30:00")), day("2024-09-09"));
    assert_eq!(
        calendar.execution_date(day("2024-09-14"), friday("01:00:00")),
        day("2024-09-16")
    );
}

#[test]
fn a_bank_with_a_cut_off_of_its_own_executes_by_it() {
    let calendar = ruled();
    let by = |cut_off: &str, approved: &str| {
        let cut_off: NaiveTime = cut_off.parse().unwrap();
        calendar.execution_date_by(cut_off, day("2024-09-05"), at(approved))
    };
    // 14:00 in Vietnam on a Friday: before the calendar's 15:30, and after that of a bank that closes earlier.
    let afternoon = "2024-09-06T07:00:00Z";
    assert_eq!(
        calendar.execution_date(day("2024-09-05"), at(afternoon)),
        day("2024-09-06")
    );
    assert_eq!(by("13:00:00", afternoon), day("2024-09-09"));
    assert_eq!(by("14:00:00", afternoon), day("2024-09-09"), "from that time on");
    assert_eq!(by("14:01:00", afternoon), day("2024-09-06"));
    assert_eq!(
        by("00:00:00", "2024-09-05T17:00:00Z"),
        day("2024-09-09"),
        "midnight in Vietnam"
    );
    assert_eq!(
        by("08:00:00", "2024-09-01T10:00:00Z"),
        day("2024-09-05"),
        "the pay date is later"
    );
}

proptest! {
    #[test]
    fn neighbours_are_banking_days_with_none_between(offset in 0_u64..20_000) {
        let calendar = ruled();
        let day = day("2005-01-01") + Days::new(offset);
        let (next, previous) = (calendar.next_banking_day(day), calendar.previous_banking_day(day));
        prop_assert!(calendar.is_banking_day(next) && calendar.is_banking_day(previous));
        prop_assert!(previous <= day && day <= next);
        let skipped = previous.iter_days().skip(1).take_while(|between| *between < next);
        prop_assert!(skipped.filter(|between| *between != day).all(|between| !calendar.is_banking_day(between)));
        prop_assert_eq!(calendar.is_banking_day(day), next == day && previous == day);
    }

    #[test]
    fn the_cycle_of_any_month_keeps_the_law(index in 2010 * 12..2060 * 12_i32) {
        let month = Month::new(index / 12, u32::try_from(index % 12).unwrap() + 1).unwrap();
        let calendar = ruled();
        let closes = calendar.list_closes(month);
        prop_assert!(closes < month.previous().first_day().with_day(25).unwrap());
        prop_assert!(closes < calendar.pay_date(month) && calendar.pay_date(month) >= month.first_day());
        prop_assert!(calendar.settlement_due(month) <= month.first_day().with_day(20).unwrap());
        for day in [closes, calendar.pay_date(month), calendar.settlement_due(month)] {
            prop_assert!(calendar.is_banking_day(day));
        }
    }

    #[test]
    fn nothing_is_executed_before_it_is_due_or_approved(pay in 0_u64..3_000, minutes in 0_i64..4_000_000) {
        let calendar = ruled();
        let pay_date = day("2018-01-01") + Days::new(pay);
        let approved = at("2018-01-01T00:00:00Z") + chrono::TimeDelta::minutes(minutes);
        let on = calendar.execution_date(pay_date, approved);
        prop_assert!(on >= pay_date && on >= in_vietnam(approved).date() && calendar.is_banking_day(on));
        let later = calendar.execution_date(pay_date, approved + chrono::TimeDelta::days(1));
        prop_assert!(later >= on);
    }
}
