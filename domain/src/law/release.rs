//! A release: the law of a set of instruments, compiled once and never changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::clause::{Clause, Vocabulary};
use super::compile;
use super::finding::Finding;
use super::instrument::{Confidence, DeclaredUnknown, FirstLevel, Instrument, Issuer, LaterLevel, Unit};
use crate::case_file::{AreaType, Benefit, Jurisdiction, Setting};
use crate::evidence::EvidenceKind;
use crate::timeline::{Piece, Timeline};
use crate::{Month, Vnd};

/// A value of law with where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterValue {
    /// The value; none where it is declared unknown.
    pub value: Option<Decimal>,
    /// Its unit.
    pub unit: Unit,
    /// The instrument, as it is cited.
    pub cite: Arc<str>,
    /// The article.
    pub article: Arc<str>,
    /// Where it was read; for an unknown, where it was looked for.
    pub source: Arc<str>,
    /// How sure it is; none for an unknown.
    pub confidence: Option<Confidence>,
    /// The reason, where it is unknown.
    pub reason: Option<Arc<str>>,
}

impl ParameterValue {
    /// The amount, where the value is known money.
    pub fn money(&self) -> Option<Vnd> {
        let dong = self.value?.to_i64()?;
        self.unit.is_money().then(|| Vnd::new(dong).ok()).flatten()
    }
}

/// What a rule depends on: whoever holds none of these facts is not touched by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleDependence {
    /// The benefit.
    pub benefit: Benefit,
    /// The group.
    pub group: Arc<str>,
    /// The provision, as it is cited.
    pub provision: Arc<str>,
    /// First month; open to the past if none.
    pub from: Option<Month>,
    /// Last month; open if none.
    pub to: Option<Month>,
    /// Kinds of evidence it looks at.
    pub evidence: BTreeSet<EvidenceKind>,
    /// Parameters its amount is made of.
    pub parameters: BTreeSet<String>,
}

/// What a variant pays in one jurisdiction and epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// The variant does not exist there.
    Nothing,
    /// Đồng (for one child or person, where it is for each).
    Known(i64),
    /// Not known: the index of the reason, and what is taken when it is asked whether it could win.
    Unknown { reason: u16, taken_as: i64 },
}

/// How often a variant pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pays {
    Once,
    PerChild { count: u8, at_most: u8 },
    ForEach { count: u8 },
}

/// One line of a rule, as compiled.
#[derive(Clone, Debug)]
pub(crate) struct Variant {
    /// The place of its rule among those of the release.
    pub(crate) rule: usize,
    pub(crate) benefit: Benefit,
    pub(crate) group: Arc<str>,
    pub(crate) group_bit: u64,
    pub(crate) rank: u16,
    pub(crate) provision: Arc<str>,
    pub(crate) issuer: Issuer,
    pub(crate) setting: Setting,
    pub(crate) clauses: Vec<Clause>,
    /// Bits that every clause needs.
    pub(crate) need: u128,
    pub(crate) from: Option<Month>,
    pub(crate) to: Option<Month>,
    pub(crate) pays: Pays,
    pub(crate) highest_of: u8,
    pub(crate) in_place_of: u64,
    pub(crate) amount: AmountOf,
}

/// How a variant's amount is made.
#[derive(Clone, Debug)]
pub(crate) struct AmountOf {
    pub(crate) coefficient: Option<Decimal>,
    pub(crate) of: Vec<String>,
    /// The reason, where nothing is determined.
    pub(crate) undetermined: Option<Arc<str>>,
}

/// The law of a stretch of months without any change.
#[derive(Clone, Debug)]
pub(crate) struct Epoch {
    pub(crate) from: Month,
    pub(crate) first_day: NaiveDate,
    /// Variants in force, those that others refer to first; the place is the bit in a match.
    pub(crate) active: Vec<u16>,
    /// What each pays, per jurisdiction.
    pub(crate) due: [Vec<Due>; 2],
    /// The active variants of each benefit, per jurisdiction.
    pub(crate) of_benefit: [[u128; BENEFITS]; 2],
    /// Groups paid beside others.
    pub(crate) together: Vec<(u64, u64)>,
    /// Limits of the pension atoms: (bit, limit or none where unknown), per jurisdiction.
    pub(crate) pension: [Vec<(u128, Option<i64>)>; 2],
    pub(crate) area_epoch: usize,
    pub(crate) later_level: LaterLevel,
}

/// How a decision works, from a month on.
#[derive(Clone, Debug)]
pub(crate) struct Effect {
    pub(crate) from: Month,
    pub(crate) before_decision: u64,
    pub(crate) first_level: FirstLevel,
    pub(crate) later_level: LaterLevel,
}

/// The number of benefits.
pub(crate) const BENEFITS: usize = Benefit::ALL.len();

/// The place of a benefit in [`Benefit::ALL`].
pub(crate) const fn benefit_index(benefit: Benefit) -> usize {
    match benefit {
        Benefit::MonthlyAllowance => 0,
        Benefit::CareSupport => 1,
        Benefit::FacilityCare => 2,
        Benefit::Funeral => 3,
        Benefit::SocialPension => 4,
    }
}

/// The place of a jurisdiction in compiled tables.
pub(crate) const fn jurisdiction_index(jurisdiction: Jurisdiction) -> usize {
    match jurisdiction {
        Jurisdiction::Central => 0,
        Jurisdiction::QuangNinh => 1,
    }
}

/// Bits the facts are made of.
#[derive(Clone, Debug, Default)]
pub(crate) struct FactBits {
    /// Ages at which something changes, ascending.
    pub(crate) ages: Vec<u8>,
    /// The age bits with the first n of those ages reached.
    pub(crate) by_age: Vec<u128>,
    /// Per kind of evidence: bits of any value, and bits by word.
    pub(crate) any: BTreeMap<EvidenceKind, u128>,
    pub(crate) words: Vec<(EvidenceKind, String, u128)>,
    pub(crate) began: Vec<(EvidenceKind, u8, u128)>,
    pub(crate) area: [u128; 3],
    pub(crate) setting: [u128; 2],
    /// (place of the count, least, first outside, bit)
    pub(crate) counts: Vec<(usize, u8, Option<u8>, u128)>,
    pub(crate) has_area: bool,
}

/// The place of a type of area in compiled tables.
pub(crate) const fn area_index(area: AreaType) -> usize {
    match area {
        AreaType::Urban => 0,
        AreaType::Rural => 1,
        AreaType::Special => 2,
    }
}

/// Compiled law.
#[derive(Clone, Debug, Default)]
pub struct Release {
    pub(crate) number: u32,
    pub(crate) instruments: Vec<String>,
    pub(crate) parameters: BTreeMap<String, [Timeline<ParameterValue>; 2]>,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) bits: FactBits,
    pub(crate) variants: Vec<Variant>,
    /// Names of the sets of which only the highest is paid; a variant names its own by place, from 1 on.
    pub(crate) sets: Vec<String>,
    pub(crate) epochs: Vec<Epoch>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) reasons: Vec<Arc<str>>,
    pub(crate) unknowns: Vec<(Arc<str>, DeclaredUnknown)>,
    pub(crate) warnings: Vec<Finding>,
    pub(crate) dependences: Vec<RuleDependence>,
}

impl Release {
    /// Compiles the published instruments, in order of publication. Any finding of severity error refuses it.
    pub fn compile(number: u32, instruments: &[Instrument]) -> Result<Self, Vec<Finding>> {
        compile::release(number, instruments)
    }

    /// The number of the release.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// The numbers of its instruments, in order of publication.
    pub fn instruments(&self) -> &[String] {
        &self.instruments
    }

    /// What an approver should read, though it forbids nothing.
    pub fn warnings(&self) -> &[Finding] {
        &self.warnings
    }

    /// What each rule depends on, in order of publication.
    pub fn dependences(&self) -> &[RuleDependence] {
        &self.dependences
    }

    /// What is declared unknown: the instrument, as it is cited, and what.
    pub fn unknowns(&self) -> impl Iterator<Item = (&str, &DeclaredUnknown)> {
        self.unknowns.iter().map(|(cite, unknown)| (cite.as_ref(), unknown))
    }

    /// The keys of all parameters.
    pub fn parameter_keys(&self) -> impl Iterator<Item = &str> {
        self.parameters.keys().map(String::as_str)
    }

    /// What one issuer sets for a parameter in a month.
    pub fn parameter(&self, key: &str, issuer: Issuer, month: Month) -> Option<&ParameterValue> {
        self.parameter_piece(key, issuer, month).map(|piece| &piece.value)
    }

    /// The same with the months it stands in.
    pub fn parameter_piece(&self, key: &str, issuer: Issuer, month: Month) -> Option<&Piece<ParameterValue>> {
        let by_issuer = self.parameters.get(key)?;
        let mut pieces = by_issuer[issuer_index(issuer)].pieces().iter();
        pieces.find(|piece| piece.covers(month))
    }

    /// The value of a parameter that applies in a jurisdiction: the highest of those set.
    pub fn effective(&self, key: &str, jurisdiction: Jurisdiction, month: Month) -> Option<&ParameterValue> {
        let issuers: &[Issuer] = match jurisdiction {
            Jurisdiction::Central => &[Issuer::Central],
            Jurisdiction::QuangNinh => &[Issuer::Central, Issuer::Provincial],
        };
        let set = issuers.iter().filter_map(|issuer| self.parameter(key, *issuer, month));
        set.max_by_key(|value| (value.value.is_none(), value.value))
    }

    /// The standard that applies in a jurisdiction: the highest of these parameters (the floor of NĐ 20/2021
    /// Art 4(3)(a)). None if one that is set is declared unknown or none is set.
    pub fn highest(&self, keys: &[&str], jurisdiction: Jurisdiction, day: NaiveDate) -> Option<Vnd> {
        let month = Month::of(day);
        let values: Vec<_> = keys
            .iter()
            .filter_map(|key| self.effective(key, jurisdiction, month))
            .collect();
        values
            .iter()
            .map(|value| value.money())
            .collect::<Option<Vec<_>>>()?
            .into_iter()
            .max()
    }

    /// The place of the epoch of a month.
    pub(crate) fn epoch_of(&self, month: Month) -> usize {
        self.epochs
            .partition_point(|epoch| epoch.from <= month)
            .saturating_sub(1)
    }

    /// How a decision of a month works.
    pub(crate) fn effect_of(&self, month: Month) -> Option<&Effect> {
        let index = self.effects.partition_point(|effect| effect.from <= month);
        index.checked_sub(1).and_then(|index| self.effects.get(index))
    }
}

/// The place of an issuer in compiled tables.
pub(crate) const fn issuer_index(issuer: Issuer) -> usize {
    match issuer {
        Issuer::Central => 0,
        Issuer::Provincial => 1,
    }
}
