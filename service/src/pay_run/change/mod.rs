//! Why a person's regular money differs from the month before: judged once, by what the determinations, the registry and
//! the run say, and told alike in the preview, the treasury's list and the communes' list.

mod facts;
mod fate;
mod money;
mod told;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use uuid::Uuid;

pub(crate) use facts::Facts;
pub(crate) use fate::{Life, lives_of};
pub(crate) use told::{Telling, bank_reason};

use crate::pay_run::held_words::EXCLUDED;

/// The regular money of one component of a right in one month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) entitlement_id: Uuid,
    pub(crate) component: String,
    pub(crate) group: String,
    pub(crate) provision: String,
    /// Đồng.
    pub(crate) amount: i64,
    pub(crate) determination: Option<Uuid>,
    /// None for what the predecessor paid.
    pub(crate) account: Option<Uuid>,
}

/// What a determination was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Basis {
    pub(crate) release: i32,
    pub(crate) evidence: i64,
}

/// Evidence that has run out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RunOut {
    pub(crate) kind: String,
    /// Its last day.
    pub(crate) on: NaiveDate,
}

/// What the registry says of a person whose money stops, or is another amount although nothing was determined anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fate {
    pub(crate) died: Option<NaiveDate>,
    /// The last day in the province.
    pub(crate) left: Option<NaiveDate>,
    pub(crate) run_out: Option<RunOut>,
    /// A birthday in these months, and the age.
    pub(crate) birthday: Option<(NaiveDate, i32)>,
}

/// What the law says beside the determinations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standards {
    /// Each standard in the month before and now, đồng; those that are not known are left out.
    pub(crate) both: Vec<(i64, i64)>,
    /// Other amounts of the law that are not what they were.
    pub(crate) others: Vec<(i64, i64)>,
}

impl Standards {
    fn moved(&self) -> bool {
        self.both.iter().any(|(before, now)| before != now)
    }

    /// Do two amounts differ as a standard does, but for the rounding to whole đồng?
    fn explain(&self, before: i64, now: i64) -> bool {
        let all = self.both.iter().chain(&self.others);
        let mut moved = all.filter(|(before, now)| before != now);
        moved.any(|(old, new)| {
            let (one, other) = (
                i128::from(now) * i128::from(*old),
                i128::from(before) * i128::from(*new),
            );
            (one - other).abs() < i128::from((*old).max(*new))
        })
    }
}

/// Why something differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Nothing was paid before.
    First,
    /// It was held the month before.
    Resumed(String),
    /// A component that was not paid before.
    Began { group: String },
    /// Another list of the month before paid it: so much, đồng.
    FromOtherList(i64),
    /// It is due, and another list of the month pays it.
    ToOtherList,
    /// Due, and not paid.
    Held { group: String, code: String, whole: bool },
    /// The person has died.
    Died(NaiveDate),
    /// The person has left the province.
    Left(NaiveDate),
    /// The right has an age at which it ends.
    Outgrown { on: NaiveDate, age: i32 },
    /// Evidence has run out.
    RanOut(RunOut),
    /// The law gives it no more.
    Repealed,
    /// It ended by what is on record.
    Ended,
    /// A component ended while others are paid.
    PartEnded { group: String, why: Box<Reason> },
    /// The law says another amount.
    Rate,
    /// Evidence changed.
    Evidence { from: String, to: String },
    /// The law gives another amount from this age on.
    Age { on: NaiveDate, age: i32 },
    /// Both did.
    RateAndEvidence { from: String, to: String },
    /// The money goes to another account.
    Account { from: Uuid, to: Uuid },
}

impl Reason {
    /// The code, as previews count it.
    pub(crate) fn code(&self) -> String {
        let code = match self {
            Self::First => "first_payment",
            Self::Resumed(_) => "resumed",
            Self::Began { .. } => "part_began",
            Self::FromOtherList(_) => "from_other_list",
            Self::ToOtherList => "to_other_list",
            Self::Held { code, .. } if code == EXCLUDED => EXCLUDED,
            Self::Held { code, .. } => return format!("held:{code}"),
            Self::Died(_) => "died",
            Self::Left(_) => "left_province",
            Self::Outgrown { .. } | Self::Age { .. } => "age",
            Self::RanOut(_) => "evidence_ended",
            Self::Repealed => "law",
            Self::Ended => "right_ended",
            Self::PartEnded { .. } => "part_ended",
            Self::Rate => "rate",
            Self::Evidence { .. } => "evidence",
            Self::RateAndEvidence { .. } => "rate_and_evidence",
            Self::Account { .. } => "other_account",
        };
        code.to_owned()
    }
}

/// One thing that differs, with the amounts it is about, đồng.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) reason: Reason,
    pub(crate) before: i64,
    pub(crate) now: i64,
}

/// What is known of one person's money.
#[derive(Debug)]
pub(crate) struct Case<'f> {
    pub(crate) before: &'f [Part],
    /// What other lists of the month before paid.
    pub(crate) elsewhere: &'f [Part],
    pub(crate) now: &'f [Part],
    /// What the run holds of the month, by right and component: why.
    pub(crate) held: &'f [(Uuid, String, String)],
    /// What the runs of the month before held.
    pub(crate) held_before: &'f [(Uuid, String, String)],
    pub(crate) fate: Option<&'f Fate>,
    pub(crate) bases: &'f BTreeMap<Uuid, Basis>,
    /// The determination that rights stand on now.
    pub(crate) heads: &'f BTreeMap<Uuid, Uuid>,
    /// What is due in the month by the determinations, right and component, of what the run pays no more.
    pub(crate) due: &'f BTreeSet<(Uuid, String)>,
    pub(crate) standards: &'f Standards,
}

/// Are they of one component of a right?
fn same(one: &Part, other: &Part) -> bool {
    one.entitlement_id == other.entitlement_id && one.component == other.component
}

/// Why a component is held; an amount that the law does not say has no component.
fn held<'h>(held: &'h [(Uuid, String, String)], part: &Part) -> Option<&'h str> {
    let own = |(right, component, _): &&(Uuid, String, String)| {
        *right == part.entitlement_id && (component.is_empty() || *component == part.component)
    };
    held.iter().find(own).map(|(.., code)| code.as_str())
}

impl Case<'_> {
    /// Everything that differs: amounts first, then accounts.
    pub(crate) fn steps(&self) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        let mut accounts: Vec<Step> = Vec::new();
        let mut gone: Vec<&Part> = Vec::new();
        for before in self.before {
            let Some(now) = self.now.iter().find(|now| same(before, now)) else {
                gone.push(before);
                continue;
            };
            if before.amount != now.amount {
                steps.push(Step {
                    reason: self.amount(before, now),
                    before: before.amount,
                    now: now.amount,
                });
            }
            accounts.extend(other_account(before, now));
        }
        let is_new = |now: &&Part| !self.before.iter().any(|before| same(before, now));
        let begun: Vec<&Part> = self.now.iter().filter(is_new).collect();
        // One right in the place of another: the person is in another group.
        if let ([before], [now]) = (gone.as_slice(), begun.as_slice())
            && held(self.held, before).is_none()
            && held(self.held_before, now).is_none()
            && self.paid_elsewhere(now).is_none()
            && !self.is_due(before)
        {
            if before.amount != now.amount || before.group != now.group {
                steps.push(Step {
                    reason: self.amount(before, now),
                    before: before.amount,
                    now: now.amount,
                });
            }
            accounts.extend(other_account(before, now));
        } else {
            steps.extend(gone.into_iter().map(|part| self.gone(part)));
            steps.extend(begun.into_iter().map(|part| self.begun(part)));
        }
        let mut moves: Vec<Step> = Vec::new();
        for own in accounts {
            if moves.iter().all(|told| told.reason != own.reason) {
                moves.push(own);
            }
        }
        steps.extend(moves);
        steps
    }

    /// Why an amount is another one.
    fn amount(&self, before: &Part, now: &Part) -> Reason {
        let (from, to) = (before.group.clone(), now.group.clone());
        if before.group != now.group {
            return if self.standards.moved() {
                Reason::RateAndEvidence { from, to }
            } else {
                Reason::Evidence { from, to }
            };
        }
        if self.standards.explain(before.amount, now.amount) {
            return Reason::Rate;
        }
        let foreseen = before.determination.is_some() && before.determination == now.determination;
        if let Some((on, age)) = self.fate.and_then(|fate| fate.birthday)
            && foreseen
            && before.component.is_empty()
            && !self.standards.moved()
        {
            return Reason::Age { on, age };
        }
        let basis = |part: &Part| part.determination.and_then(|id| self.bases.get(&id)).copied();
        let (law, evidence) = match (basis(before), basis(now)) {
            (Some(one), Some(other)) => (one.release != other.release, one.evidence != other.evidence),
            _ => (true, true),
        };
        match (law, evidence) {
            (true, false) => Reason::Rate,
            // Evidence, or an age that a single determination foresaw.
            (false, _) if self.standards.moved() => Reason::RateAndEvidence { from, to },
            (false, _) => Reason::Evidence { from, to },
            (true, true) if self.standards.moved() => Reason::RateAndEvidence { from, to },
            (true, true) if before.provision != now.provision => Reason::Rate,
            (true, true) => Reason::Evidence { from, to },
        }
    }

    /// Why a component is not paid any more.
    fn gone(&self, part: &Part) -> Step {
        let whole = self.now.is_empty();
        let reason = match held(self.held, part) {
            Some(code) => Reason::Held {
                group: part.group.clone(),
                code: code.to_owned(),
                whole,
            },
            None if self.is_due(part) => Reason::ToOtherList,
            None if whole => self.ended(part),
            None => Reason::PartEnded {
                group: part.group.clone(),
                why: Box::new(self.ended(part)),
            },
        };
        Step {
            reason,
            before: part.amount,
            now: 0,
        }
    }

    fn ended(&self, part: &Part) -> Reason {
        let nothing = Fate::default();
        let fate = self.fate.unwrap_or(&nothing);
        if let Some(day) = fate.died {
            return Reason::Died(day);
        }
        if let Some(day) = fate.left {
            return Reason::Left(day);
        }
        if let Some(own) = &fate.run_out {
            return Reason::RanOut(own.clone());
        }
        let head = self.heads.get(&part.entitlement_id).copied();
        match (fate.birthday, part.determination) {
            // It was foreseen: nothing but time has passed. A component of care is of the one who is cared for, whose age
            // this is not.
            (Some((on, age)), Some(own)) if head == Some(own) && part.component.is_empty() => {
                return Reason::Outgrown { on, age };
            }
            _ => {}
        }
        let basis = |id: Option<Uuid>| id.and_then(|id| self.bases.get(&id));
        match (basis(part.determination), basis(head)) {
            (Some(one), Some(other)) if one.release != other.release && one.evidence == other.evidence => {
                Reason::Repealed
            }
            _ => Reason::Ended,
        }
    }

    /// Is it due all the same?
    fn is_due(&self, part: &Part) -> bool {
        self.due.contains(&(part.entitlement_id, part.component.clone()))
    }

    /// What another list of the month before paid of it.
    fn paid_elsewhere(&self, part: &Part) -> Option<i64> {
        let own = self.elsewhere.iter().find(|own| same(own, part));
        own.map(|own| own.amount)
    }

    /// Why a component is paid that was not.
    fn begun(&self, part: &Part) -> Step {
        let reason = match (self.paid_elsewhere(part), held(self.held_before, part)) {
            (Some(amount), _) => Reason::FromOtherList(amount),
            (None, Some(code)) => Reason::Resumed(code.to_owned()),
            (None, None) if self.before.is_empty() && self.elsewhere.is_empty() => Reason::First,
            (None, None) => Reason::Began {
                group: part.group.clone(),
            },
        };
        Step {
            reason,
            before: 0,
            now: part.amount,
        }
    }
}

fn other_account(before: &Part, now: &Part) -> Option<Step> {
    let (from, to) = (before.account?, now.account?);
    (from != to).then_some(Step {
        reason: Reason::Account { from, to },
        before: before.amount,
        now: now.amount,
    })
}
