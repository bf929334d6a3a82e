//! Months and amounts that are still to be paid.

use super::*;

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

fn group(benefit: &str, next: &str, from: &str, due: Option<&str>) -> Group {
    Group {
        benefit: benefit.to_owned(),
        next: month(next),
        one_off: false,
        from: month(from),
        to: None,
        due: due.map(month),
        amount: 500_000,
        undetermined: 0,
    }
}

fn one(benefit: &str) -> BTreeSet<String> {
    BTreeSet::from([benefit.to_owned()])
}

#[test]
fn each_benefit_has_the_months_that_are_not_taken_of_it() {
    let next = [("allowance", "2024-09"), ("care", "2024-11"), ("nobody", "2024-08")];
    let dues = Dues {
        next: next.map(|(own, text)| (own.to_owned(), month(text))).into(),
        groups: vec![
            group("allowance", "2024-09", "2020-01", None),
            group("care", "2024-11", "2020-01", None),
        ],
        ..Dues::default()
    };
    let months: Vec<Month> = dues.months(month("2024-12")).into_iter().collect();
    let expected = ["2024-09", "2024-10", "2024-11", "2024-12"].map(month);
    assert_eq!(months, expected, "nothing is due in August");
    let sum = |text: &str, benefit: &str| -> i64 {
        let amounts = dues.of_run(month(text), &one(benefit));
        amounts.iter().map(|own| own.dong).sum()
    };
    assert_eq!((sum("2024-10", "allowance"), sum("2024-10", "care")), (500_000, 0));
    assert_eq!(
        (sum("2024-11", "allowance"), sum("2024-11", "care")),
        (500_000, 500_000)
    );
}

#[test]
fn a_run_pays_its_month_and_what_falls_due_in_it_without_what_is_paid_of_that() {
    let own = |kind, cover: &str, dong: i64| Amount {
        kind,
        cover: month(cover),
        dong,
        undetermined: 0,
    };
    let paid = own(LineKind::Regular, "2025-01", -500_000);
    let dues = Dues {
        next: BTreeMap::from([("allowance".to_owned(), month("2025-01"))]),
        groups: vec![
            group("allowance", "2025-01", "2020-01", None),
            group("allowance", "2025-01", "2024-12", Some("2025-01")),
            group("allowance", "2025-01", "2024-12", Some("2025-03")),
        ],
        paid: vec![Paid {
            benefit: "allowance".to_owned(),
            run: month("2025-01"),
            amount: paid,
        }],
        waiting: Vec::new(),
    };
    let expected = [
        own(LineKind::Regular, "2025-01", 500_000),
        own(LineKind::Arrears, "2024-12", 500_000),
        own(LineKind::Regular, "2025-01", 500_000),
        paid,
    ];
    assert_eq!(dues.of_run(month("2025-01"), &one("allowance")), expected);
    assert!(dues.of_run(month("2025-01"), &one("care")).is_empty());
    // March makes up for a month of the year before.
    let months: Vec<Month> = dues.months(month("2024-12")).into_iter().collect();
    assert_eq!(months, ["2025-01", "2025-03"].map(month));
}
