//! What the province costs under the law of the catalogue.

use super::*;
use crate::Month;
use crate::determination::{Determination, Determiner, Kind};
use crate::law::{self, Release};

/// The law published by a day.
fn law_of(day: NaiveDate) -> Release {
    let instruments = law::published_by(day);
    Release::compile(u32::try_from(instruments.len()).unwrap(), instruments).unwrap()
}

fn due(found: &Determination, month: Month) -> i64 {
    let periods = found.periods.iter().map(|period| {
        let months = || period.from.through(period.to.unwrap_or(Month::MAX).min(month)).count();
        match (period.kind, period.due) {
            (Kind::Regular, _) if period.from <= month && period.to.is_none_or(|to| month <= to) => {
                period.amount.dong()
            }
            (Kind::Arrears | Kind::OneOff, Some(due)) if due == month => {
                period.amount.dong() * i64::try_from(months()).unwrap()
            }
            _ => 0,
        }
    });
    periods.sum()
}

fn month(year: i32, number: u32) -> Month {
    Month::new(year, number).unwrap()
}

#[test]
fn under_the_law_of_the_catalogue_the_bill_is_that_of_the_province() {
    let before = law_of(dice::day(2024, 8, 20));
    let after = law_of(dice::day(2024, 9, 24));
    let (mut by_the_old, mut by_the_new) = (Determiner::new(&before), Determiner::new(&after));
    for (count, seed) in [(2_000, 1), (2_000, 7), (2_000, 23), (44_000, 1)] {
        let mut all: Vec<_> = generate(count, seed).collect();
        let scale = |dong: i64| dong * 44_000 / i64::try_from(count).unwrap() / 1_000_000;
        let first: Vec<_> = all
            .iter()
            .map(|person| by_the_old.determine(&person.case_file))
            .collect();
        let total = |found: &[Determination], month: Month| -> i64 { found.iter().map(|d| due(d, month)).sum() };
        let year = scale(month(2023, 1).through(month(2023, 12)).map(|m| total(&first, m)).sum());
        let september = scale(total(&first, month(2024, 9)));
        for event in later_events(seed, count) {
            event.apply(&mut all[event.index].case_file);
        }
        let second: Vec<_> = all
            .iter()
            .map(|person| by_the_new.determine(&person.case_file))
            .collect();
        let late = |month| total(&second, month) - total(&first, month);
        let october =
            scale(total(&second, month(2024, 10)) + late(month(2024, 8)).max(0) + late(month(2024, 9)).max(0));
        let paid = |found: &[Determination], month: Month| {
            let paid = all.iter().zip(found).filter(|(_, d)| due(d, month) > 0);
            paid.map(|(person, _)| person.payee.id).collect::<BTreeSet<_>>().len()
        };
        let payees = [paid(&first, month(2024, 9)), paid(&second, month(2024, 10))];
        assert!(first.iter().all(|found| found.before_2015.is_empty()));
        assert!(
            first
                .iter()
                .chain(&second)
                .all(|found| found.undetermined.iter().all(|u| u.from > month(2024, 12)))
        );
        assert!((23_000..27_500).contains(&september), "9/2024: {september} million");
        assert!((275_000..310_000).contains(&year), "2023: {year} million");
        assert!(
            october * 100 >= september * 120 && october * 100 <= september * 160,
            "10/2024: {october} million"
        );
        assert!(
            payees.iter().all(|payees| payees * 100 >= count * 85),
            "{payees:?} payees"
        );
    }
}

#[test]
fn every_group_the_law_of_2024_knows_is_paid_and_late_decisions_make_arrears() {
    let before = law_of(dice::day(2024, 8, 20));
    let mut determiner = Determiner::new(&before);
    let mut all = people(6_000);
    let september = month(2024, 9);
    let mut groups = BTreeSet::new();
    for person in &all {
        let found = determiner.determine(&person.case_file);
        let regular = found
            .periods
            .iter()
            .filter(|p| p.kind == Kind::Regular && p.from <= september);
        groups.extend(
            regular
                .filter(|p| p.to.is_none_or(|to| to >= september))
                .map(|p| p.group.to_string()),
        );
    }
    let wanted = "5.1 5.2 5.3 5.4 5.5a 5.5b 5.5c 5.5d 5.6 5.7 5.8 qn_poor_unable_to_work 20(1)(a) 20(1)(b) 20(2)(a) \
                  20(2)(c) 25(1)(a) 25(1)(b)";
    let missing: Vec<&str> = wanted.split(' ').filter(|group| !groups.contains(*group)).collect();
    assert!(missing.is_empty(), "{missing:?} of {groups:?}");
    let (mut arrears, mut funerals) = (0, 0);
    for event in later_events(1, 6_000) {
        event.apply(&mut all[event.index].case_file);
        let found = determiner.determine(&all[event.index].case_file);
        let now = found.periods.iter().filter(|p| p.due == Some(september));
        now.for_each(|p| match p.kind {
            Kind::Arrears => arrears += 1,
            _ => funerals += 1,
        });
    }
    assert!(arrears >= 10 && funerals >= 1, "{arrears} {funerals}");
}
