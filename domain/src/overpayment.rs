//! Overpayments: how what was paid too much is shared among cases, spread over months and limited in instalments.
//!
//! No rule of recovery is known in NĐ 20/2021 or TT 02/2021: every amount, cap and period here comes in as a
//! parameter of law, by the keys below, and none has a value of its own.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::Month;
use crate::law::Unit;

/// A parameter of law on which recovery rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecoveryParameter {
    /// Đồng; a case below it is not pursued.
    MinimumAmount,
    /// Months after the cover month in which recovery may begin.
    LimitationMonths,
    /// Days after delivery of the notice in which the person may answer.
    ResponseDays,
    /// Days after delivery of the decision in which it may be appealed before it is enforceable.
    AppealDays,
    /// The most of a month's payments that all instalments of the month together may take, percent.
    InstalmentCap,
    /// What must be left of a month's payments, đồng.
    ProtectedMinimum,
}

impl RecoveryParameter {
    /// Every parameter.
    pub const ALL: &'static [Self] = &[
        Self::MinimumAmount,
        Self::LimitationMonths,
        Self::ResponseDays,
        Self::AppealDays,
        Self::InstalmentCap,
        Self::ProtectedMinimum,
    ];

    /// The key in instruments.
    pub const fn key(self) -> &'static str {
        match self {
            Self::MinimumAmount => "recovery.minimum_amount",
            Self::LimitationMonths => "recovery.limitation_months",
            Self::ResponseDays => "recovery.response_days",
            Self::AppealDays => "recovery.appeal_days",
            Self::InstalmentCap => "recovery.instalment_cap",
            Self::ProtectedMinimum => "recovery.protected_minimum",
        }
    }

    /// What its value counts.
    pub const fn unit(self) -> Unit {
        match self {
            Self::MinimumAmount => Unit::Vnd,
            Self::LimitationMonths => Unit::Months,
            Self::ResponseDays | Self::AppealDays => Unit::Days,
            Self::InstalmentCap => Unit::Percent,
            Self::ProtectedMinimum => Unit::VndPerMonth,
        }
    }

    /// The parameter of a key.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|own| own.key() == key)
    }
}

/// Shares what is still paid too much among the claims of several cases, the oldest first: a claim may fall and
/// never rises. Gives each claim's new amount and what no case claims yet, đồng.
pub fn share(excess: i64, claims: &[i64]) -> (Vec<i64>, i64) {
    let mut left = excess;
    let shares = claims
        .iter()
        .map(|claim| {
            let share = (*claim).min(left).max(0);
            left -= share;
            share
        })
        .collect();
    (shares, left)
}

/// Spreads a sum over what is open in each month, in order. None if it is more than all of them.
pub fn spread(sum: i64, open: &[i64]) -> Option<Vec<i64>> {
    let (parts, left) = share(sum, open);
    (left == 0).then_some(parts)
}

/// Whether the limitation period of a cover month is over in a month.
pub fn is_time_barred(cover: Month, now: Month, limitation_months: Decimal) -> bool {
    Decimal::from(now.index() - cover.index()) > limitation_months
}

/// The most that instalments may take of a month's payments: the cap, and never what is protected. Đồng.
pub fn instalment_ceiling(monthly: i64, cap_percent: Decimal, protected_minimum: Decimal) -> i64 {
    let capped = Decimal::from(monthly) * cap_percent / Decimal::ONE_HUNDRED;
    let above = Decimal::from(monthly) - protected_minimum;
    capped.min(above).max(Decimal::ZERO).floor().to_i64().unwrap_or(0)
}

/// A part of a line that is kept back for a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Place of the line.
    pub line: usize,
    /// Place of the case.
    pub case: usize,
    /// Đồng, above 0.
    pub amount: i64,
}

/// What is kept back from the lines of a month for several cases, the oldest first: never more than the ceiling in all,
/// nor more of a case than is due. Of every line at least one đồng is left, because nobody can be sent nothing.
pub fn keep_back(ceiling: i64, lines: &[i64], due: &[i64]) -> Vec<Part> {
    let mut left = ceiling;
    let mut room: Vec<i64> = lines.iter().map(|amount| amount - 1).collect();
    let mut parts = Vec::new();
    for (case, due) in due.iter().enumerate() {
        let mut due = *due;
        for (line, room) in room.iter_mut().enumerate() {
            let amount = due.min(*room).min(left);
            if amount > 0 {
                due -= amount;
                left -= amount;
                *room -= amount;
                parts.push(Part { line, case, amount });
            }
        }
    }
    parts
}

/// What is due of a plan of instalments by a month: the instalments up to it, less what was paid back since the plan was
/// made, and never more than is open. Đồng.
pub fn due_by(instalments: &[(Month, i64)], month: Month, since_plan: i64, open: i64) -> i64 {
    let up_to = instalments.iter().filter(|(due, _)| *due <= month);
    let planned: i64 = up_to.map(|(_, amount)| amount).sum();
    (planned - since_plan).min(open).max(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn claims_fall_with_the_excess_and_never_rise() {
        assert_eq!(share(500, &[300, 300]), (vec![300, 200], 0));
        assert_eq!(share(900, &[300, 300]), (vec![300, 300], 300));
        assert_eq!(share(0, &[300]), (vec![0], 0));
    }

    #[test]
    fn a_repayment_goes_to_the_oldest_months_and_never_beyond_the_debt() {
        assert_eq!(spread(350, &[300, 300]), Some(vec![300, 50]));
        assert_eq!(spread(600, &[300, 300]), Some(vec![300, 300]));
        assert_eq!(spread(601, &[300, 300]), None);
    }

    #[test]
    fn an_instalment_keeps_to_the_cap_and_leaves_what_is_protected() {
        let ceiling = |monthly, cap: i64, minimum: i64| instalment_ceiling(monthly, cap.into(), minimum.into());
        assert_eq!(ceiling(1_000_000, 20, 500_000), 200_000);
        assert_eq!(ceiling(600_000, 20, 500_000), 100_000, "the protected minimum binds");
        assert_eq!(ceiling(400_000, 20, 500_000), 0);
        assert_eq!(ceiling(333_333, 10, 0), 33_333, "rounded in the person's favour");
    }

    #[test]
    fn a_month_is_barred_once_the_period_is_over() {
        let month = |text: &str| text.parse::<Month>().unwrap();
        assert!(!is_time_barred(month("2024-01"), month("2025-01"), 12.into()));
        assert!(is_time_barred(month("2024-01"), month("2025-02"), 12.into()));
    }

    #[test]
    fn the_oldest_case_is_served_first_and_a_line_is_never_emptied() {
        let part = |line, case, amount| Part { line, case, amount };
        let parts = keep_back(300, &[200, 500], &[250, 250]);
        assert_eq!(parts, [part(0, 0, 199), part(1, 0, 51), part(1, 1, 50)]);
        assert_eq!(keep_back(0, &[200], &[100]), []);
        assert_eq!(keep_back(100, &[1], &[100]), []);
    }

    #[test]
    fn what_was_not_taken_in_its_month_stays_due() {
        let month = |text: &str| text.parse::<Month>().unwrap();
        let plan = [(month("2025-01"), 100), (month("2025-02"), 100)];
        assert_eq!(due_by(&plan, month("2024-12"), 0, 200), 0);
        assert_eq!(due_by(&plan, month("2025-01"), 0, 200), 100);
        assert_eq!(
            due_by(&plan, month("2025-03"), 0, 200),
            200,
            "nothing was taken in January"
        );
        assert_eq!(due_by(&plan, month("2025-01"), 130, 70), 0, "paid in ahead of the plan");
        assert_eq!(due_by(&plan, month("2025-02"), 100, 40), 40, "the debt was lowered");
    }

    proptest! {
        #[test]
        fn keeping_back_keeps_to_every_limit(
            ceiling in 0_i64..2_000,
            lines in prop::collection::vec(1_i64..900, 0..5),
            due in prop::collection::vec(0_i64..900, 0..4),
        ) {
            let parts = keep_back(ceiling, &lines, &due);
            let sum = |of: &dyn Fn(&&Part) -> bool| parts.iter().filter(of).map(|part| part.amount).sum::<i64>();
            prop_assert!(sum(&|_| true) <= ceiling);
            for (place, amount) in lines.iter().enumerate() {
                prop_assert!(sum(&|part| part.line == place) < *amount);
            }
            for (place, amount) in due.iter().enumerate() {
                prop_assert!(sum(&|part| part.case == place) <= *amount);
            }
            // Nothing is left lying: either a limit of the whole or every claim is used up.
            let room: i64 = lines.iter().map(|amount| amount - 1).sum();
            prop_assert_eq!(sum(&|_| true), ceiling.min(room).min(due.iter().sum()));
        }
    }
}
