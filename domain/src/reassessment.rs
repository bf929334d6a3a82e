//! Differences: what is owed for each month against what was already accounted for.
//!
//! `delta = should - (open + in flight + settled + awaiting reissue)`, per entitlement, component and cover month,
//! whoever the payee. A positive difference becomes arrears, a negative one a potential overpayment; plus and minus
//! months are kept gross.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Month, Vnd};

/// One decision period of one entitlement, as differences need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    /// Component within the benefit: empty, or a stable key of the person cared for.
    pub component: String,
    /// Group of the law.
    pub group: String,
    /// The provision it rests on.
    pub provision: String,
    /// Paid once, not month by month.
    pub one_off: bool,
    /// First month it is for.
    pub from: Month,
    /// Last month it is for; open if none.
    pub to: Option<Month>,
    /// The month in which all of it falls due; none: each month in itself.
    pub due: Option<Month>,
    /// For each month.
    pub amount: Vnd,
}

impl Owed {
    /// When the amount for `month` falls due, if the period is for that month.
    pub fn falls_due(&self, month: Month) -> Option<Month> {
        let inside = self.from <= month && self.to.is_none_or(|to| month <= to);
        inside.then(|| self.due.unwrap_or(month))
    }

    fn clipped_before(&self, first_month: Month) -> Option<Self> {
        let last = first_month.previous();
        if self.from > last || self.due.is_some_and(|due| due >= first_month) {
            return None;
        }
        let to = self.to.map_or(last, |to| to.min(last));
        Some(Self {
            to: Some(to),
            ..self.clone()
        })
    }
}

/// What was owed for one component and month against what is accounted for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Component within the benefit.
    pub component: String,
    /// The month it is for.
    pub cover_month: Month,
    /// Still owed if positive, accounted for too much if negative; never zero; đồng.
    pub delta: i64,
    /// Group of the law; of the last known right where nothing is owed any more.
    pub group: String,
    /// The provision.
    pub provision: String,
    /// Paid once, not month by month.
    pub one_off: bool,
}

/// What stands against what is owed.
#[derive(Clone, Copy, Debug)]
pub struct Accounted<'a> {
    /// Amounts of all lines and pending arrears by component and cover month, đồng.
    pub lines: &'a BTreeMap<(String, Month), i64>,
    /// The entitlement as it was taken over from the predecessor system, which settled what fell due before
    /// `first_month`; empty if it was not. What is put off to a later month by what was recorded since is settled all the
    /// same: it was paid out, and is not made up for. What was known to be put off when it was taken over is not.
    pub opening: &'a [Owed],
    /// The first cover month this installation pays.
    pub first_month: Month,
    /// The last cover month whose pay run is taken; later months are that run's own business.
    pub taken: Month,
    /// Later months that are taken of this entitlement alone, by a run of some areas or one channel.
    pub ahead: &'a BTreeSet<Month>,
}

/// The differences of one entitlement, sorted by component and month.
pub fn differences(now: &[Owed], accounted: Accounted<'_>) -> Vec<Difference> {
    let Accounted {
        lines,
        opening,
        first_month,
        taken,
        ahead,
    } = accounted;
    let mut balance: BTreeMap<(String, Month), Difference> = BTreeMap::new();
    let mut add = |owed: &Owed, month: Month, amount: i64| {
        let at = balance
            .entry((owed.component.clone(), month))
            .or_insert_with(|| Difference {
                component: owed.component.clone(),
                cover_month: month,
                delta: 0,
                group: owed.group.clone(),
                provision: owed.provision.clone(),
                one_off: owed.one_off,
            });
        at.delta += amount;
    };
    let start = reach(now, opening, first_month);
    let is_taken = |due: Month| due <= taken || ahead.contains(&due);
    let reached = ahead.last().map_or(taken, |last| taken.max(*last));
    for owed in now {
        let last = owed.to.map_or(reached, |to| to.min(reached));
        for month in owed.from.max(start).through(last) {
            if owed.falls_due(month).is_some_and(is_taken) {
                add(owed, month, owed.amount.dong());
            }
        }
    }
    let settled = settled(opening, first_month);
    for owed in &settled {
        let last = owed.to.unwrap_or(taken);
        for month in owed.from.max(start).through(last) {
            add(owed, month, -owed.amount.dong());
        }
    }
    // What was paid of a month that is not taken stands against what is due.
    for (component, month) in lines.keys().filter(|(_, month)| *month > taken) {
        for owed in now.iter().filter(|owed| owed.component == *component) {
            let counted = |due: Month| *month <= reached && is_taken(due);
            if owed.falls_due(*month).is_some_and(|due| due <= *month && !counted(due)) {
                add(owed, *month, owed.amount.dong());
            }
        }
    }
    for (owed, month, amount) in paid_before_due(now, (lines, &settled), is_taken) {
        add(owed, month, amount);
    }
    for ((component, month), amount) in lines {
        let unowed = Difference {
            component: component.clone(),
            cover_month: *month,
            delta: 0,
            group: String::new(),
            provision: String::new(),
            one_off: false,
        };
        balance.entry((component.clone(), *month)).or_insert(unowed).delta -= amount;
    }
    balance
        .into_values()
        .filter(|difference| difference.delta != 0)
        .collect()
}

/// The part of what was owed that fell due before `first_month`; of what a predecessor owed, this is what it settled.
pub fn settled(owed: &[Owed], first_month: Month) -> Vec<Owed> {
    let parts = owed.iter().filter_map(|own| own.clipped_before(first_month));
    parts.collect()
}

/// What was paid before it falls due by now was not paid too much, whether lines paid it or the predecessor: so much of each
/// period stands against what falls due, which is paid no second time. What it falls short of is not owed before that.
fn paid_before_due<'o>(
    now: &'o [Owed],
    (lines, settled): (&BTreeMap<(String, Month), i64>, &[Owed]),
    is_taken: impl Fn(Month) -> bool,
) -> Vec<(&'o Owed, Month, i64)> {
    let paid = |component: &str, month: Month| {
        let own = |owed: &&Owed| owed.component == component && owed.falls_due(month).is_some();
        let by_predecessor: i64 = settled.iter().filter(own).map(|owed| owed.amount.dong()).sum();
        let by_lines = lines.get(&(component.to_owned(), month)).copied().unwrap_or(0);
        by_predecessor + by_lines
    };
    let mut used: BTreeMap<(&str, Month), i64> = BTreeMap::new();
    let mut found = Vec::new();
    for owed in now {
        let Some(due) = owed.due.filter(|due| !is_taken(*due)) else {
            continue;
        };
        let before = due.previous();
        let last = owed.to.map_or(before, |to| to.min(before));
        for month in owed.from.through(last) {
            let counted = used.entry((owed.component.as_str(), month)).or_insert(0);
            let left = paid(&owed.component, month) - *counted;
            let own = owed.amount.dong().min(left.max(0));
            *counted += own;
            found.push((owed, month, own));
        }
    }
    found
}

/// The first month that can differ: months before `first_month` only matter where the past was changed.
fn reach(now: &[Owed], opening: &[Owed], first_month: Month) -> Month {
    let late = |owed: &Owed| owed.from < first_month && owed.due.is_some_and(|due| due >= first_month);
    if settled(now, first_month) == settled(opening, first_month) && !now.iter().any(late) {
        first_month
    } else {
        Month::MIN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    fn owed(from: &str, to: Option<&str>, due: Option<&str>, amount: i64) -> Owed {
        Owed {
            component: String::new(),
            group: "5.6".into(),
            provision: "NĐ 20/2021 Art 6(1)(e)".into(),
            one_off: false,
            from: month(from),
            to: to.map(month),
            due: due.map(month),
            amount: Vnd::new(amount).unwrap(),
        }
    }

    fn deltas(now: &[Owed], opening: &[Owed], lines: &[(&str, i64)]) -> Vec<(String, i64)> {
        deltas_ahead(now, opening, lines, &[])
    }

    fn deltas_ahead(now: &[Owed], opening: &[Owed], lines: &[(&str, i64)], ahead: &[&str]) -> Vec<(String, i64)> {
        let lines = lines
            .iter()
            .map(|(m, amount)| ((String::new(), month(m)), *amount))
            .collect();
        let accounted = Accounted {
            lines: &lines,
            opening,
            first_month: month("2024-09"),
            taken: month("2024-10"),
            ahead: &ahead.iter().map(|text| month(text)).collect(),
        };
        differences(now, accounted)
            .into_iter()
            .map(|d| (d.cover_month.to_string(), d.delta))
            .collect()
    }

    #[test]
    fn what_the_predecessor_settled_is_not_paid_again() {
        let taken_over = [owed("2020-01", None, None, 500_000)];
        assert_eq!(
            deltas(&taken_over, &taken_over, &[("2024-09", 500_000), ("2024-10", 500_000)]),
            []
        );
    }

    #[test]
    fn a_decision_that_reaches_back_gives_arrears_from_its_first_month() {
        let now = [
            owed("2024-07", Some("2024-08"), Some("2024-09"), 750_000),
            owed("2024-09", None, None, 750_000),
        ];
        let expected = ["2024-07", "2024-08", "2024-09", "2024-10"].map(|m| (m.to_owned(), 750_000));
        assert_eq!(deltas(&now, &[], &[]), expected);
    }

    #[test]
    fn plus_and_minus_months_stay_gross() {
        let now = [
            owed("2024-09", Some("2024-09"), None, 500_000),
            owed("2024-10", None, None, 700_000),
        ];
        let paid = [("2024-09", 750_000), ("2024-10", 500_000)];
        assert_eq!(
            deltas(&now, &[], &paid),
            [("2024-09".to_owned(), -250_000), ("2024-10".to_owned(), 200_000)]
        );
    }

    #[test]
    fn a_right_lost_in_the_past_shows_every_month_paid_too_much() {
        let opening = [owed("2020-01", None, None, 500_000)];
        let now = [owed("2020-01", Some("2024-07"), None, 500_000)];
        let paid = [("2024-09", 500_000), ("2024-10", 500_000)];
        let expected = ["2024-08", "2024-09", "2024-10"].map(|m| (m.to_owned(), -500_000));
        assert_eq!(deltas(&now, &opening, &paid), expected);
    }

    #[test]
    fn a_month_paid_ahead_of_the_others_stands_against_what_is_due() {
        let now = [owed("2020-01", None, None, 700_000)];
        let paid = [("2024-09", 700_000), ("2024-10", 700_000), ("2024-11", 700_000)];
        assert_eq!(deltas(&now, &now, &paid), []);
        let before_the_rise = [("2024-09", 700_000), ("2024-10", 700_000), ("2024-11", 500_000)];
        assert_eq!(deltas(&now, &now, &before_the_rise), [("2024-11".to_owned(), 200_000)]);
    }

    #[test]
    fn what_was_held_of_a_month_taken_ahead_is_owed_and_no_other_month() {
        let now = [owed("2020-01", None, None, 700_000)];
        let paid = [("2024-09", 700_000), ("2024-10", 700_000)];
        assert_eq!(deltas(&now, &now, &paid), []);
        let of_december = [("2024-12".to_owned(), 700_000)];
        assert_eq!(
            deltas_ahead(&now, &now, &paid, &["2024-12"]),
            of_december,
            "November is not taken"
        );
        let some = [("2024-09", 700_000), ("2024-10", 700_000), ("2024-12", 500_000)];
        assert_eq!(
            deltas_ahead(&now, &now, &some, &["2024-12"]),
            [("2024-12".to_owned(), 200_000)],
            "what was paid of it counts once"
        );
    }

    #[test]
    fn what_falls_due_in_a_month_taken_ahead_is_owed_of_the_months_that_it_makes_up_for() {
        let now = [owed("2024-07", Some("2024-09"), Some("2024-11"), 500_000)];
        let paid = [("2024-07", 500_000), ("2024-08", 500_000), ("2024-09", 500_000)];
        assert_eq!(
            deltas_ahead(&now, &[], &paid, &["2024-11"]),
            [],
            "nothing was paid too much"
        );
        let owed = ["2024-07", "2024-08", "2024-09"].map(|text| (text.to_owned(), 500_000));
        assert_eq!(deltas_ahead(&now, &[], &[], &["2024-11"]), owed);
    }

    #[test]
    fn what_was_paid_before_it_was_put_off_is_not_found_paid_too_much() {
        let now = [owed("2024-07", Some("2024-09"), Some("2024-12"), 500_000)];
        let paid = [("2024-07", 500_000), ("2024-08", 400_000), ("2024-09", 600_000)];
        assert_eq!(deltas(&now, &[], &paid), [("2024-09".to_owned(), -100_000)]);
    }

    #[test]
    fn what_the_predecessor_paid_before_it_was_put_off_is_not_found_paid_too_much_and_not_owed_again() {
        let opening = [owed("2020-01", None, None, 500_000)];
        let put_off = |due: &str| {
            [
                owed("2020-01", Some("2024-05"), None, 500_000),
                owed("2024-06", Some("2024-08"), Some(due), 500_000),
            ]
        };
        assert_eq!(deltas(&put_off("2024-11"), &opening, &[]), [], "November is not taken");
        assert_eq!(deltas(&put_off("2024-09"), &opening, &[]), [], "September is");
        let paid_again = [("2024-06", 500_000)];
        assert_eq!(
            deltas(&put_off("2024-11"), &opening, &paid_again),
            [("2024-06".to_owned(), -500_000)]
        );
    }

    #[test]
    fn what_the_predecessor_knew_to_be_put_off_to_the_first_month_is_owed() {
        let own = [owed("2024-06", Some("2024-08"), Some("2024-09"), 500_000)];
        let expected = ["2024-06", "2024-07", "2024-08"].map(|text| (text.to_owned(), 500_000));
        assert_eq!(deltas(&own, &own, &[]), expected);
    }

    #[test]
    fn what_falls_due_later_is_not_yet_owed() {
        let now = [owed("2024-07", Some("2024-09"), Some("2024-12"), 500_000)];
        assert_eq!(deltas(&now, &[], &[]), []);
    }
}
