//! Whom the step from one release to the next can touch: a change of one group's coefficient leaves the others alone.
//!
//! A person whose facts meet no rule that reads otherwise, in no month in which it does, is due the same under both.
//! The answer may name too many people, never too few.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use super::clause::{Atom, Clause};
use super::condition::AgeBracket;
use super::instrument::{FirstLevel, Issuer, LaterLevel};
use super::release::{Due, Epoch, Pays, Release, Variant};
use crate::Month;
use crate::case_file::{Benefit, CaseFile, Setting};
use crate::evidence::{EvidenceKind, EvidenceValue};
use crate::law::condition::Counted;

/// Whom a step of the law can touch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Affected {
    /// Nobody is sure to be untouched.
    Everybody,
    /// Those who meet one of these.
    Those(BTreeSet<Traits>),
}

/// What somebody who can be touched has; all of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Traits {
    /// Facts that hold at some time from this day on; open to the past if none.
    pub since: Option<NaiveDate>,
    /// A fact of each of these kinds with one of these words; of any value if empty.
    pub evidence: BTreeSet<(EvidenceKind, Vec<String>)>,
    /// Born in this year or later.
    pub born_from: Option<i32>,
    /// Born in this year or earlier.
    pub born_to: Option<i32>,
    /// Has died, on that day or later.
    pub dead: bool,
}

/// What is told of a month may rest on facts of up to this many years before it.
const SLACK_YEARS: i32 = 1;

/// The deepest reference from group to group that is followed; below it nothing is asked for.
const DEEPEST: usize = 3;

impl Affected {
    /// Whom the law as it stands in `after`, and not in `before`, can touch.
    pub fn between(before: &Release, after: &Release) -> Self {
        let (old, new) = (effects(before), effects(after));
        if old != new {
            return Self::Everybody;
        }
        let starts: BTreeSet<Month> = [before, after]
            .into_iter()
            .flat_map(|release| release.epochs.iter().map(|epoch| epoch.from))
            .collect();
        let mut starts = starts.into_iter().peekable();
        let mut those = BTreeSet::new();
        while let Some(from) = starts.next() {
            let until = starts.peek().map(|next| next.previous());
            let (old, new) = (readings(before, from), readings(after, from));
            for (own, other) in [(&old, &new), (&new, &old)] {
                for (reading, of) in own {
                    let count = |all: &[(Reading<'_>, Read<'_>)]| all.iter().filter(|(own, _)| own == reading).count();
                    if count(own) != count(other) {
                        of.traits((from, until), &mut those);
                    }
                }
            }
        }
        Self::Those(simplest(those))
    }

    /// Can this person be touched?
    pub fn reaches(&self, case: &CaseFile) -> bool {
        match self {
            Self::Everybody => true,
            Self::Those(those) => those.iter().any(|traits| traits.met_by(case)),
        }
    }
}

impl Traits {
    fn met_by(&self, case: &CaseFile) -> bool {
        let lasting = |to: Option<NaiveDate>| self.since.is_none_or(|since| to.is_none_or(|to| to >= since));
        let born = case.birth_date.day.year();
        let held = |(kind, words): &(EvidenceKind, Vec<String>)| {
            case.evidence.iter().any(|own| {
                own.kind == *kind
                    && lasting(own.to)
                    && (words.is_empty() || matches!(&own.value, EvidenceValue::Word(word) if words.contains(word)))
            })
        };
        self.born_from.is_none_or(|from| from <= born)
            && self.born_to.is_none_or(|to| born <= to)
            && (!self.dead || case.death_date.is_some_and(|day| lasting(Some(day))))
            && self.evidence.iter().all(held)
    }

    /// Is everybody who has the other traits among those who have these?
    fn covers(&self, other: &Self) -> bool {
        let no_later = match (self.since, other.since) {
            (None, _) => true,
            (Some(own), Some(their)) => own <= their,
            (Some(_), None) => false,
        };
        no_later
            && self.evidence.is_subset(&other.evidence)
            && self
                .born_from
                .is_none_or(|own| other.born_from.is_some_and(|their| own <= their))
            && self
                .born_to
                .is_none_or(|own| other.born_to.is_some_and(|their| their <= own))
            && (!self.dead || other.dead)
    }
}

/// Without those who are named more widely elsewhere.
fn simplest(those: BTreeSet<Traits>) -> BTreeSet<Traits> {
    let all: Vec<Traits> = those.into_iter().collect();
    let needless = |own: &Traits| all.iter().any(|other| other != own && other.covers(own));
    all.iter().filter(|own| !needless(own)).cloned().collect()
}

fn effects(release: &Release) -> Vec<(Month, BTreeSet<&str>, FirstLevel, LaterLevel)> {
    let effects = release.effects.iter();
    effects
        .map(|effect| {
            let groups = groups(release, effect.before_decision);
            (effect.from, groups, effect.first_level, effect.later_level)
        })
        .collect()
}

fn groups(release: &Release, mask: u64) -> BTreeSet<&str> {
    let named = (0u32..).zip(&release.vocabulary.groups);
    named
        .filter(|(shift, _)| mask.checked_shr(*shift).unwrap_or(0) & 1 == 1)
        .map(|(_, name)| name.as_str())
        .collect()
}

fn atoms(release: &Release, mask: u128) -> impl Iterator<Item = (&Atom, u128)> {
    let numbered = (0u32..).zip(&release.vocabulary.atoms);
    numbered.filter_map(move |(shift, atom)| {
        let bit = 1u128.checked_shl(shift).unwrap_or(0);
        (mask & bit != 0).then_some((atom, bit))
    })
}

/// All that decides what a line of law pays in a month, in words that mean the same in every release. Which of two
/// equal lines comes first is decided by issuer and group, which no later instrument moves.
#[derive(PartialEq)]
struct Reading<'r> {
    benefit: Benefit,
    group: &'r str,
    provision: &'r str,
    issuer: Issuer,
    setting: Setting,
    pays: (Option<&'r Counted>, Option<u8>),
    highest_of: Option<&'r str>,
    in_place_of: BTreeSet<&'r str>,
    beside: Vec<(BTreeSet<&'r str>, BTreeSet<&'r str>)>,
    due: [(Option<i64>, Option<&'r Arc<str>>); 2],
    conditions: Vec<ConditionRead<'r>>,
}

/// One way to meet the conditions: what must hold, what must not, and groups that must and must not be met.
#[derive(PartialEq)]
struct ConditionRead<'r> {
    set: Vec<(AtomRead<'r>, [Option<i64>; 2])>,
    clear: Vec<(AtomRead<'r>, [Option<i64>; 2])>,
    groups: BTreeSet<&'r str>,
    no_groups: BTreeSet<&'r str>,
}

/// A fact, with whom it counts where it is a number.
type AtomRead<'r> = (&'r Atom, Option<&'r Counted>);

struct Read<'r> {
    release: &'r Release,
    epoch: &'r Epoch,
    variant: &'r Variant,
}

fn readings(release: &Release, month: Month) -> Vec<(Reading<'_>, Read<'_>)> {
    let Some(epoch) = release.epochs.get(release.epoch_of(month)) else {
        return Vec::new();
    };
    let active = epoch.active.iter().enumerate();
    active
        .filter_map(|(place, index)| {
            let variant = release.variants.get(usize::from(*index))?;
            let read = Read {
                release,
                epoch,
                variant,
            };
            Some((read.reading(place), read))
        })
        .collect()
}

impl<'r> Read<'r> {
    fn reading(&self, place: usize) -> Reading<'r> {
        let Self {
            release,
            epoch,
            variant,
        } = *self;
        let due = |side: usize| match epoch.due[side].get(place) {
            Some(Due::Known(amount)) => (Some(*amount), None),
            Some(Due::Unknown { reason, taken_as }) => (Some(*taken_as), release.reasons.get(usize::from(*reason))),
            Some(Due::Nothing) | None => (None, None),
        };
        let count = |place: u8| release.vocabulary.counts.get(usize::from(place));
        let touching = epoch.together.iter();
        let touching = touching.filter(|(group, beside)| (group | beside) & variant.group_bit != 0);
        Reading {
            benefit: variant.benefit,
            group: &variant.group,
            provision: &variant.provision,
            issuer: variant.issuer,
            setting: variant.setting,
            pays: match variant.pays {
                Pays::Once => (None, None),
                Pays::PerChild { count: of, at_most } => (count(of), Some(at_most)),
                Pays::ForEach { count: of } => (count(of), None),
            },
            highest_of: usize::from(variant.highest_of)
                .checked_sub(1)
                .and_then(|place| release.sets.get(place))
                .map(String::as_str),
            in_place_of: groups(release, variant.in_place_of),
            beside: touching
                .map(|(group, beside)| (groups(release, *group), groups(release, *beside)))
                .collect(),
            due: [due(0), due(1)],
            conditions: variant.clauses.iter().map(|clause| self.condition(clause)).collect(),
        }
    }

    fn condition(&self, clause: &Clause) -> ConditionRead<'r> {
        let Self { release, epoch, .. } = *self;
        let limits = |bit: u128| {
            [0, 1].map(|side: usize| {
                let mut limits = epoch.pension[side].iter();
                limits.find(|(own, _)| *own == bit).and_then(|(_, limit)| *limit)
            })
        };
        let facts = |mask: u128| {
            let mut facts: Vec<(AtomRead<'r>, [Option<i64>; 2])> = atoms(release, mask)
                .map(|(atom, bit)| {
                    let counted = match atom {
                        Atom::Count { of, .. } => release.vocabulary.counts.get(usize::from(*of)),
                        _ => None,
                    };
                    ((atom, counted), limits(bit))
                })
                .collect();
            facts.sort_by_key(|((atom, _), _)| format!("{atom:?}"));
            facts
        };
        ConditionRead {
            set: facts(clause.set),
            clear: facts(clause.clear),
            groups: groups(release, clause.groups),
            no_groups: groups(release, clause.no_groups),
        }
    }

    /// Adds what somebody has who meets this line in some of these months.
    fn traits(&self, (from, until): (Month, Option<Month>), those: &mut BTreeSet<Traits>) {
        let since = from.first_day();
        let whole = Traits {
            since: (from > Month::MIN)
                .then(|| since.with_year(since.year() - SLACK_YEARS))
                .flatten(),
            evidence: BTreeSet::new(),
            born_from: None,
            born_to: None,
            dead: self.variant.benefit == Benefit::Funeral,
        };
        let until = until.map(|month| month.first_day().year() + SLACK_YEARS);
        if self.variant.benefit == Benefit::Funeral {
            // It follows from other benefits, whatever its own conditions say.
            those.insert(whole);
            return;
        }
        for clause in &self.variant.clauses {
            self.narrow(clause, until, whole.clone(), DEEPEST, those);
        }
    }

    fn narrow(
        &self,
        clause: &Clause,
        until: Option<i32>,
        mut traits: Traits,
        depth: usize,
        those: &mut BTreeSet<Traits>,
    ) {
        for (atom, _) in atoms(self.release, clause.set) {
            match atom {
                Atom::Age(bracket) => traits.age(bracket, until),
                Atom::Evidence { kind, is } => {
                    let mut words = is.clone();
                    words.sort_unstable();
                    traits.evidence.insert((*kind, words));
                }
                Atom::Began { kind, .. } => {
                    traits.evidence.insert((*kind, Vec::new()));
                }
                Atom::Count { of, from, .. } if *from > 0 => {
                    let kind = match self.release.vocabulary.counts.get(usize::from(*of)) {
                        Some(Counted::Children(_)) => EvidenceKind::RaisingChild,
                        Some(Counted::Cared(_)) => EvidenceKind::CaringFor,
                        None => continue,
                    };
                    traits.evidence.insert((kind, Vec::new()));
                }
                Atom::Count { .. } | Atom::Area(_) | Atom::Setting(_) | Atom::PensionBelow(_) => {}
            }
        }
        // Meeting a group means meeting one of its lines in force.
        let needed = clause.groups;
        if needed == 0 || depth == 0 {
            those.insert(traits);
            return;
        }
        let first = needed & needed.wrapping_neg();
        let active = self.epoch.active.iter();
        let meant = active
            .filter_map(|index| self.release.variants.get(usize::from(*index)))
            .filter(|variant| variant.group_bit == first);
        for below in meant.flat_map(|variant| &variant.clauses) {
            let both = Clause {
                set: below.set,
                groups: below.groups | needed & !first,
                ..Clause::default()
            };
            self.narrow(&both, until, traits.clone(), depth - 1, those);
        }
    }
}

impl Traits {
    fn age(&mut self, bracket: &AgeBracket, until: Option<i32>) {
        if let (Some(from), Some(until)) = (bracket.from, until) {
            let year = until - i32::from(from);
            self.born_to = Some(self.born_to.map_or(year, |own| own.min(year)));
        }
        if let (Some(below), Some(since)) = (bracket.below, self.since) {
            let year = since.year() - i32::from(below);
            self.born_from = Some(self.born_from.map_or(year, |own| own.max(year)));
        }
    }
}
