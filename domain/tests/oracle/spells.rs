//! Unbroken spells of eligibility, day by day, and the decision that covers each.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use domain::Month;
use domain::case_file::{Benefit, CaseFile};
use domain::evidence::EvidenceValue;

use super::facts::{Facts, birthday};
use super::groups::{Level, level};
use super::law::{self, Drawn, Known};

/// Every day from `first` to `last` met the conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spell {
    pub(crate) first: NaiveDate,
    pub(crate) last: NaiveDate,
}

/// A spell and the day on which its decision was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decided {
    pub(crate) spell: Spell,
    pub(crate) signed: NaiveDate,
}

fn eligible(known: Known, case: &CaseFile, benefit: Benefit, day: NaiveDate, month: Month) -> bool {
    level(known, benefit, Facts { case, day }, month, false) != Level::Nothing
}

/// The days on which something may change; between two of them every day is like the first. `daily` lists every day
/// instead, to show that nothing is missed.
fn days_of_change(case: &CaseFile, horizon: NaiveDate, daily: bool) -> BTreeSet<NaiveDate> {
    let Some(begin) = case.residences.iter().map(|r| r.from).min() else {
        return BTreeSet::new();
    };
    let mut days = BTreeSet::from([begin]);
    if daily {
        days.extend(begin.iter_days().take_while(|day| *day <= horizon));
        return days;
    }
    let mut births = vec![case.birth_date.day];
    let after = |day: Option<NaiveDate>| day.and_then(|day| day.succ_opt());
    days.extend(after(case.death_date));
    for stay in &case.residences {
        days.insert(stay.from);
        days.extend(after(stay.to));
    }
    for entry in &case.evidence {
        days.insert(entry.from);
        days.extend(after(entry.to));
        match &entry.value {
            EvidenceValue::Child(child) => {
                births.push(child.birth_date);
                days.extend(after(child.studying_until));
            }
            EvidenceValue::Cared(cared) => births.push(cared.birth_date),
            _ => {}
        }
    }
    for birth in births {
        days.extend([0, 3, 4, 16, 22, 60, 70, 75, 80].map(|age| birthday(birth, age)));
    }
    days.extend(
        law::CONDITIONS_CHANGE
            .iter()
            .filter_map(|(year, month)| NaiveDate::from_ymd_opt(*year, *month, 1)),
    );
    days.retain(|day| *day >= begin && *day <= horizon);
    days
}

/// The spells of a benefit up to the horizon; one still lasting ends there.
pub(crate) fn spells(known: Known, case: &CaseFile, benefit: Benefit, horizon: NaiveDate, daily: bool) -> Vec<Spell> {
    let mut days = days_of_change(case, horizon, daily);
    if let Some(begin) = days.first().copied() {
        let by_law = known.drawn.into_iter().flat_map(Drawn::days);
        days.extend(by_law.filter(|day| *day >= begin && *day <= horizon));
    }
    let days: Vec<NaiveDate> = days.into_iter().collect();
    let mut spells: Vec<Spell> = Vec::new();
    for (at, day) in days.iter().enumerate() {
        let until = days.get(at + 1).and_then(|next| next.pred_opt()).unwrap_or(horizon);
        if !eligible(known, case, benefit, *day, Month::of(*day)) {
            continue;
        }
        let yesterday = day.pred_opt().expect("a day before");
        // a group that ends by law while another begins by fact in the same month is no unbroken spell
        let carried_by_law = day.day() != 1 || eligible(known, case, benefit, yesterday, Month::of(*day));
        match spells.last_mut() {
            Some(open) if open.last == yesterday && carried_by_law => open.last = until,
            _ => spells.push(Spell {
                first: *day,
                last: until,
            }),
        }
    }
    spells
}

/// Gives every spell its decision: one decision covers one spell.
pub(crate) fn decide(case: &CaseFile, benefit: Benefit, spells: &[Spell]) -> Vec<Decided> {
    let Some(claims) = &case.claims else {
        // left out: decided on the day the conditions were first met, but the social pension needs a request
        return match benefit {
            Benefit::SocialPension => Vec::new(),
            _ => spells
                .iter()
                .map(|spell| Decided {
                    spell: *spell,
                    signed: spell.first,
                })
                .collect(),
        };
    };
    let mut signatures: Vec<NaiveDate> = claims
        .iter()
        .filter(|claim| claim.benefit == benefit)
        .filter_map(|claim| claim.decided_on)
        .collect();
    signatures.sort_unstable();
    let mut covered: Vec<Option<NaiveDate>> = vec![None; spells.len()];
    for signed in signatures {
        let within = spells
            .iter()
            .position(|spell| spell.first <= signed && signed <= spell.last);
        let earlier = spells.iter().rposition(|spell| spell.last < signed);
        let later = spells.iter().position(|spell| spell.first > signed);
        let target = match (within, earlier) {
            (Some(spell), _) => Some(spell),
            (None, Some(spell)) if covered[spell].is_none() => Some(spell),
            _ => later,
        };
        if let Some(spell) = target {
            covered[spell] = covered[spell].or(Some(signed));
        }
    }
    spells
        .iter()
        .zip(covered)
        .filter_map(|(spell, signed)| signed.map(|signed| Decided { spell: *spell, signed }))
        .collect()
}
