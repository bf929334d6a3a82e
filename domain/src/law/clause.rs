//! Conditions as clauses over bits: a condition holds where one of its clauses has all its bits set and none of its
//! forbidden bits. Built once per release, tested in a few instructions.

use super::condition::{AgeBracket, Condition, Counted};
use crate::case_file::{AreaType, Setting};
use crate::evidence::EvidenceKind;

/// The most clauses one condition may need.
const MOST_CLAUSES: usize = 64;

/// A fact that is a bit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Atom {
    Age(AgeBracket),
    Evidence { kind: EvidenceKind, is: Vec<String> },
    Began { kind: EvidenceKind, before_age: u8 },
    Area(AreaType),
    Setting(Setting),
    Count { of: u8, from: u8, below: Option<u8> },
    PensionBelow(Vec<String>),
}

/// One way to meet a condition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Clause {
    pub(crate) set: u128,
    pub(crate) clear: u128,
    pub(crate) groups: u64,
    pub(crate) no_groups: u64,
}

impl Clause {
    pub(crate) fn holds(&self, bits: u128, groups: u64) -> bool {
        bits & self.set == self.set
            && bits & self.clear == 0
            && groups & self.groups == self.groups
            && groups & self.no_groups == 0
    }

    fn and(&self, other: &Self) -> Option<Self> {
        let both = Self {
            set: self.set | other.set,
            clear: self.clear | other.clear,
            groups: self.groups | other.groups,
            no_groups: self.no_groups | other.no_groups,
        };
        (both.set & both.clear == 0 && both.groups & both.no_groups == 0).then_some(both)
    }
}

/// Why a condition cannot be compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    TooComplex,
    UnknownGroup(String),
}

/// The bits of a release.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vocabulary {
    pub(crate) atoms: Vec<Atom>,
    pub(crate) counts: Vec<Counted>,
    pub(crate) groups: Vec<String>,
}

impl Vocabulary {
    fn bit(&mut self, atom: Atom) -> Result<u128, Refusal> {
        let index = match self.atoms.iter().position(|known| *known == atom) {
            Some(index) => index,
            None => {
                self.atoms.push(atom);
                self.atoms.len() - 1
            }
        };
        u32::try_from(index)
            .ok()
            .and_then(|shift| 1u128.checked_shl(shift))
            .ok_or(Refusal::TooComplex)
    }

    pub(crate) fn count(&mut self, counted: Counted) -> Result<u8, Refusal> {
        let index = match self.counts.iter().position(|known| *known == counted) {
            Some(index) => index,
            None => {
                self.counts.push(counted);
                self.counts.len() - 1
            }
        };
        if index < MOST_COUNTS {
            u8::try_from(index).map_err(|_out_of_range| Refusal::TooComplex)
        } else {
            Err(Refusal::TooComplex)
        }
    }

    pub(crate) fn group(&self, name: &str) -> Result<u64, Refusal> {
        let index = self.groups.iter().position(|known| known == name);
        let bit = index
            .and_then(|index| u32::try_from(index).ok())
            .and_then(|shift| 1u64.checked_shl(shift));
        bit.ok_or_else(|| Refusal::UnknownGroup(name.to_owned()))
    }

    /// The clauses of a condition, or of its opposite.
    pub(crate) fn clauses(&mut self, condition: &Condition, holds: bool) -> Result<Vec<Clause>, Refusal> {
        match condition {
            Condition::All(parts) if holds => self.product(parts, true),
            Condition::Any(parts) if !holds => self.product(parts, false),
            Condition::All(parts) | Condition::Any(parts) => {
                let mut sum = Vec::new();
                for part in parts {
                    sum.extend(self.clauses(part, holds)?);
                }
                if sum.len() > MOST_CLAUSES {
                    Err(Refusal::TooComplex)
                } else {
                    Ok(sum)
                }
            }
            Condition::Not(part) => self.clauses(part, !holds),
            Condition::Group { any_of } => {
                let mut groups = Vec::new();
                for name in any_of {
                    groups.push(self.group(name)?);
                }
                Ok(if holds {
                    groups
                        .into_iter()
                        .map(|groups| Clause {
                            groups,
                            ..Clause::default()
                        })
                        .collect()
                } else {
                    let no_groups = groups.into_iter().fold(0, |all, bit| all | bit);
                    vec![Clause {
                        no_groups,
                        ..Clause::default()
                    }]
                })
            }
            Condition::Age(bracket) => self.literal(Atom::Age(*bracket), holds),
            Condition::Evidence { kind, is } => self.literal(
                Atom::Evidence {
                    kind: *kind,
                    is: is.clone(),
                },
                holds,
            ),
            Condition::Began { kind, before_age } => self.literal(
                Atom::Began {
                    kind: *kind,
                    before_age: *before_age,
                },
                holds,
            ),
            Condition::Area(area) => self.literal(Atom::Area(*area), holds),
            Condition::Setting(setting) => self.literal(Atom::Setting(*setting), holds),
            Condition::Count { of, from, below } => {
                let of = self.count(*of)?;
                self.literal(
                    Atom::Count {
                        of,
                        from: from.unwrap_or(0),
                        below: *below,
                    },
                    holds,
                )
            }
            Condition::PensionBelow { of } => self.literal(Atom::PensionBelow(of.clone()), holds),
        }
    }

    fn literal(&mut self, atom: Atom, holds: bool) -> Result<Vec<Clause>, Refusal> {
        let bit = self.bit(atom)?;
        let clause = if holds {
            Clause {
                set: bit,
                ..Clause::default()
            }
        } else {
            Clause {
                clear: bit,
                ..Clause::default()
            }
        };
        Ok(vec![clause])
    }

    fn product(&mut self, parts: &[Condition], holds: bool) -> Result<Vec<Clause>, Refusal> {
        let mut product = vec![Clause::default()];
        for part in parts {
            let factor = self.clauses(part, holds)?;
            product = both(&product, &factor)?;
        }
        Ok(product)
    }

    /// Whether somebody could meet a clause: no two ages, words or types of area that exclude each other.
    pub(crate) fn possible(&self, clause: &Clause) -> bool {
        let set: Vec<&Atom> = self
            .atoms
            .iter()
            .enumerate()
            .filter(|(index, _)| u32::try_from(*index).is_ok_and(|shift| clause.set >> shift & 1 == 1))
            .map(|(_, atom)| atom)
            .collect();
        let pairs = set
            .iter()
            .enumerate()
            .flat_map(|(index, a)| set[index + 1..].iter().map(move |b| (*a, *b)));
        pairs.into_iter().all(|pair| match pair {
            (Atom::Age(a), Atom::Age(b)) => {
                let from = a.from.unwrap_or(0).max(b.from.unwrap_or(0));
                a.below.is_none_or(|below| from < below) && b.below.is_none_or(|below| from < below)
            }
            (Atom::Evidence { kind: a, is: words }, Atom::Evidence { kind: b, is: others }) => {
                a != b
                    || a.overlaps()
                    || words.is_empty()
                    || others.is_empty()
                    || words.iter().any(|word| others.contains(word))
            }
            (Atom::Area(a), Atom::Area(b)) => a == b,
            (Atom::Setting(a), Atom::Setting(b)) => a == b,
            (
                Atom::Count { of: a, from, below },
                Atom::Count {
                    of: b,
                    from: from_b,
                    below: below_b,
                },
            ) => {
                let least = *from.max(from_b);
                a != b || (below.is_none_or(|end| least < end) && below_b.is_none_or(|end| least < end))
            }
            _ => true,
        })
    }
}

/// The most distinct counts of one release.
pub(crate) const MOST_COUNTS: usize = 16;

/// Both of two conditions.
pub(crate) fn both(a: &[Clause], b: &[Clause]) -> Result<Vec<Clause>, Refusal> {
    let mut clauses: Vec<Clause> = Vec::with_capacity(a.len() * b.len());
    for left in a {
        for clause in b.iter().filter_map(|right| left.and(right)) {
            if !clauses.contains(&clause) {
                clauses.push(clause);
            }
        }
    }
    if clauses.len() > MOST_CLAUSES {
        Err(Refusal::TooComplex)
    } else {
        Ok(clauses)
    }
}
