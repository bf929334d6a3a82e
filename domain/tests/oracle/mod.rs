//! A second reading of the rules, written from the text alone: slow, naive, with the law hard-coded. It exists to
//! disagree with the engine.

pub(crate) mod amend;
pub(crate) mod engine;
pub(crate) mod facts;
pub(crate) mod generate;
pub(crate) mod groups;
pub(crate) mod law;
pub(crate) mod shrink;
pub(crate) mod spells;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::Month;
use domain::case_file::{Benefit, CaseFile};
use domain::evidence::EvidenceKind;

use facts::{Facts, MonthSetting, month_setting, whole_month};
use groups::Level;
use law::{Known, Subject};
use spells::Decided;

/// One component that falls due.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Line {
    pub(crate) due: Month,
    pub(crate) benefit: &'static str,
    pub(crate) group: String,
    pub(crate) kind: String,
    pub(crate) for_month: Month,
    pub(crate) amount: i64,
    pub(crate) provision: String,
}

/// What a window of months comes to, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) lines: Vec<Line>,
    /// Month, benefit, reason.
    pub(crate) undetermined: Vec<(Month, String, String)>,
}

/// What a spell gives for a month, and when.
#[derive(Clone, Debug)]
struct Given {
    level: Level,
    due: Month,
}

type Months = BTreeMap<Month, Given>;

fn signed_under_old_rule(known: Known, signed: NaiveDate) -> bool {
    !known.holds(Subject::MonthOfDecision, Month::of(signed))
}

/// What one decided spell gives, month by month (NĐ 20/2021 Art 8, NĐ 147/2025 Art 5).
fn spell_months(known: Known, case: &CaseFile, benefit: Benefit, decided: Decided) -> Months {
    let Decided { spell, signed } = decided;
    let old_rule = signed_under_old_rule(known, signed);
    let effective = signed.max(spell.first);
    let decision_month = Month::of(effective);
    let after_loss = signed > spell.last;
    let mut last = Month::of(spell.last);
    // leaving a facility on the 1st: that month keeps the old setting
    let next_day = spell.last.succ_opt().expect("a following day");
    let keeps = benefit == Benefit::FacilityCare
        && Month::of(next_day) != last
        && Facts { case, day: next_day }.stay().is_some();
    if keeps {
        last = last.next();
    }
    let mut months = Months::new();
    for month in Month::of(spell.first).through(last) {
        let in_arrears = month < decision_month;
        if in_arrears && !old_rule {
            continue;
        }
        let changes_in_own_month = if month == decision_month {
            old_rule
        } else {
            !known.holds(Subject::MonthOfDecision, month)
        };
        let reference = if changes_in_own_month {
            month.last_day().min(spell.last)
        } else if month == decision_month {
            effective
        } else {
            month.previous().last_day()
        };
        if after_loss && !old_rule {
            continue;
        }
        let level = groups::level(
            known,
            benefit,
            Facts { case, day: reference },
            month,
            in_arrears || after_loss,
        );
        if level != Level::Nothing {
            months.insert(
                month,
                Given {
                    level,
                    due: decision_month.max(month),
                },
            );
        }
    }
    months
}

/// A stay in a facility hides everything but its own care.
fn shown(benefit: Benefit, setting: MonthSetting) -> bool {
    match benefit {
        Benefit::FacilityCare => setting == MonthSetting::Facility,
        _ => setting == MonthSetting::Community,
    }
}

fn benefit_months(known: Known, case: &CaseFile, benefit: Benefit, horizon: NaiveDate, daily: bool) -> Months {
    let spells = spells::spells(known, case, benefit, horizon, daily);
    let mut months = Months::new();
    // two spells touching one month: the later, unless it gives nothing
    for decided in spells::decide(case, benefit, &spells) {
        months.extend(spell_months(known, case, benefit, decided));
    }
    months.retain(|month, _| shown(benefit, month_setting(case, *month)));
    months
}

/// Allowance and social pension: the higher one (NĐ 176/2025 Art 3).
fn compete(known: Known, case: &CaseFile, allowance: &mut Months, pension: &mut Months) {
    let both: Vec<Month> = pension
        .keys()
        .filter(|month| allowance.contains_key(month))
        .copied()
        .collect();
    for month in both {
        let whole = known.social_pension(case.jurisdiction, month);
        let allowance_wins = match &allowance[&month].level {
            Level::Parts(parts) => parts.iter().map(|(_, amount)| *amount).sum::<i64>() >= whole,
            // it holds the fixed amount, which is above any social pension
            Level::Unknown(_) => true,
            Level::Nothing => false,
        };
        if allowance_wins {
            pension.remove(&month);
        } else {
            allowance.remove(&month);
        }
    }
}

/// The month after the run of three or more uncollected months in which the month lies, if it lies in one.
fn made_up_in(case: &CaseFile, month: Month) -> Option<Month> {
    let uncollected = |month| whole_month(case, EvidenceKind::Uncollected, month);
    if !uncollected(month) {
        return None;
    }
    let (mut first, mut after) = (month, month.next());
    while uncollected(first.previous()) {
        first = first.previous();
    }
    // a run without end within twenty years is made up beyond any window
    while uncollected(after) && after < month.plus(240) {
        after = after.next();
    }
    (after.index() - first.index() >= 3).then_some(after)
}

/// Months given, as lines and as undetermined months, with suspensions (TT 02/2021 Art 2(3)).
fn settle(known: Known, case: &CaseFile, benefit: Benefit, months: &Months, outcome: &mut Outcome) {
    for (month, given) in months {
        let mut due = given.due;
        let parts = match &given.level {
            // the first standard known is that of NĐ 136/2013, from 2015
            _ if known.amount(Subject::CentralStandard, *month).is_none() => {
                outcome
                    .undetermined
                    .push((*month, benefit.code().into(), "no_standard_before_2015".into()));
                continue;
            }
            Level::Nothing => continue,
            Level::Unknown(reason) => {
                outcome
                    .undetermined
                    .push((*month, benefit.code().into(), (*reason).into()));
                continue;
            }
            Level::Parts(parts) => parts,
        };
        if due == *month {
            // arrears of a decision are not suspended
            if whole_month(case, EvidenceKind::Detained, *month) {
                continue;
            }
            if let Some(later) = made_up_in(case, *month) {
                due = later;
            }
        }
        let kind = if due == *month { "regular" } else { "arrears" };
        for (group, amount) in parts {
            outcome.lines.push(Line {
                due,
                benefit: benefit.code(),
                group: (*group).into(),
                kind: kind.into(),
                for_month: *month,
                amount: *amount,
                provision: law::provision(known, group, *month).into(),
            });
        }
    }
}

/// NĐ 20/2021 Art 11 and 25(3), NĐ 176/2025 Art 5.
fn funeral(known: Known, case: &CaseFile, given: &[(Benefit, Months)]) -> Option<Line> {
    let month = Month::of(case.death_date?);
    if !known.holds(Subject::NewGroups, month) {
        return None;
    }
    let (benefit, carrier) = given
        .iter()
        .filter(|(benefit, _)| *benefit != Benefit::CareSupport)
        .find_map(|(benefit, months)| months.get(&month).map(|given| (*benefit, given)))?;
    let standard = known.amount(Subject::CentralStandard, month)?;
    let (group, times) = if benefit == Benefit::FacilityCare {
        ("25(3)", 50)
    } else {
        ("11", 20)
    };
    let decided = case
        .claims
        .iter()
        .flatten()
        .filter(|claim| claim.benefit == Benefit::Funeral);
    let decided = decided
        .filter_map(|claim| claim.decided_on)
        .max()
        .map_or(month, Month::of);
    Some(Line {
        due: month.max(carrier.due).max(decided),
        benefit: Benefit::Funeral.code(),
        group: group.into(),
        kind: "one_off".into(),
        for_month: month,
        amount: standard * times,
        provision: law::provision(known, group, month).into(),
    })
}

/// What falls due in the months from `from` to `to` under all the law there is. `daily` looks at every single day.
pub(crate) fn evaluate(case: &CaseFile, from: Month, to: Month, daily: bool) -> Outcome {
    evaluate_as(Known::NEWEST, case, from, to, daily)
}

/// The same under the law as it was known.
pub(crate) fn evaluate_as(known: Known, case: &CaseFile, from: Month, to: Month, daily: bool) -> Outcome {
    // a decision after the window may still say which of two spells it covers
    let decisions = case.claims.iter().flatten().filter_map(|claim| claim.decided_on);
    let horizon = decisions
        .map(|day| Month::of(day).last_day())
        .fold(to.last_day(), NaiveDate::max);
    let months = |benefit| benefit_months(known, case, benefit, horizon, daily);
    let mut allowance = months(Benefit::MonthlyAllowance);
    let mut pension = months(Benefit::SocialPension);
    compete(known, case, &mut allowance, &mut pension);
    let given = [
        (Benefit::MonthlyAllowance, allowance),
        (Benefit::CareSupport, months(Benefit::CareSupport)),
        (Benefit::FacilityCare, months(Benefit::FacilityCare)),
        (Benefit::SocialPension, pension),
    ];
    let mut outcome = Outcome::default();
    for (benefit, months) in &given {
        settle(known, case, *benefit, months, &mut outcome);
    }
    outcome.lines.extend(funeral(known, case, &given));
    outcome.lines.retain(|line| from <= line.due && line.due <= to);
    outcome
        .undetermined
        .retain(|(month, _, _)| from <= *month && *month <= to);
    outcome.lines.sort();
    outcome.undetermined.sort();
    outcome
}
