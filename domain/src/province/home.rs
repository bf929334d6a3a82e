//! A household being drawn: its place, its people, and the facts every kind of household needs.

use chrono::{Datelike, NaiveDate};

use super::dice::{Dice, Purpose, after, day, working_day, years_before};
use super::names::{self, People};
use super::payee;
use super::places::{self, Commune};
use super::plan::Kind;
use super::record::{PayeeAccount, PayeeRelation, Relation};
use crate::case_file::{Benefit, Claim, Residence, Sex};
use crate::evidence::{Evidence, EvidenceKind, EvidenceValue};

/// The day before which everything in the province is known; later facts arrive as events.
pub(super) const OPENING: NaiveDate = day(2024, 8, 20);
/// The first day of the residences the registry took over.
pub(super) const REGISTRY_FROM: NaiveDate = day(2015, 1, 1);
/// The last day on which conditions are met whose decision is signed before the opening.
const LAST_MET: NaiveDate = day(2024, 7, 19);
/// The last working day before the opening on which a decision is signed.
const LAST_SIGNED: NaiveDate = day(2024, 8, 16);

/// A household being drawn.
pub(super) struct Home {
    pub(super) seed: u64,
    /// Index of the first person.
    pub(super) first: usize,
    pub(super) dice: Dice,
    pub(super) commune: &'static Commune,
    pub(super) people: People,
    pub(super) surname: &'static str,
    /// The commune it came from, and the day of the move.
    pub(super) moved: Option<(&'static Commune, NaiveDate)>,
}

/// A person being drawn.
pub(super) struct Draft {
    pub(super) sex: Sex,
    pub(super) birth: NaiveDate,
    pub(super) year_only: bool,
    pub(super) name: String,
    pub(super) death: Option<NaiveDate>,
    pub(super) evidence: Vec<Evidence>,
    pub(super) claims: Vec<Claim>,
    pub(super) relation: Relation,
    /// Stays, where they are not those of the household.
    pub(super) stays: Option<Vec<Residence>>,
    pub(super) facility: Option<&'static str>,
    pub(super) payee: PayeeAccount,
}

/// The later day.
pub(super) fn later(a: NaiveDate, b: NaiveDate) -> NaiveDate {
    a.max(b)
}

impl Home {
    pub(super) fn new(seed: u64, index: usize, first: usize, kind: Kind) -> Self {
        let mut dice = Dice::new(seed, Purpose::Household, index);
        let difficult = matches!(kind, Kind::ElderlyInDifficultArea | Kind::SmallChildInDifficultArea);
        let commune = if difficult {
            places::mountain_commune(&mut dice)
        } else {
            places::commune(&mut dice)
        };
        let people = commune.people(&mut dice);
        let surname = names::surname(&mut dice, people);
        let came = (!difficult && dice.per_mille(40)).then(|| {
            let from = places::commune(&mut dice);
            (from, dice.day(day(2016, 1, 4), LAST_MET))
        });
        Self {
            seed,
            first,
            dice,
            commune,
            people,
            surname,
            moved: came.filter(|(from, _)| from.code != commune.code),
        }
    }

    pub(super) fn sex(&mut self, percent_female: u32) -> Sex {
        if self.dice.percent(percent_female) {
            Sex::Female
        } else {
            Sex::Male
        }
    }

    /// A day of birth by which someone is between `low` and `high` years old at the opening.
    pub(super) fn born_aged(&mut self, low: u32, high: u32) -> NaiveDate {
        let first = after(years_before(OPENING, high + 1), 1);
        self.dice.day(first, years_before(OPENING, low))
    }

    /// A name of the household's people: the household's family name, or one of their own.
    pub(super) fn name(&mut self, sex: Sex, birth: NaiveDate, of_the_house: bool) -> String {
        let surname = if of_the_house {
            self.surname
        } else {
            names::surname(&mut self.dice, self.people)
        };
        names::full_name(&mut self.dice, self.people, sex, birth.year(), surname)
    }

    /// A day from `earliest` to a month before the opening, rather an early one.
    pub(super) fn since(&mut self, earliest: NaiveDate) -> NaiveDate {
        self.between(earliest, LAST_MET)
    }

    /// A day between two, rather an early one.
    pub(super) fn between(&mut self, earliest: NaiveDate, latest: NaiveDate) -> NaiveDate {
        let one = self.dice.day(earliest, latest);
        if self.dice.percent(60) {
            one.min(self.dice.day(earliest, latest))
        } else {
            one
        }
    }

    /// The claim for a benefit whose conditions are met from a day on, and its decision some weeks later.
    pub(super) fn claim(&mut self, benefit: Benefit, met: NaiveDate) -> Claim {
        let signed = if met <= REGISTRY_FROM {
            self.dice.day(day(2015, 1, 5), day(2015, 1, 30))
        } else {
            let weeks = self.dice.between(14, 59);
            after(met, u64::from(weeks.unsigned_abs())).min(LAST_SIGNED)
        };
        self.claim_signed(benefit, signed)
    }

    /// The claim for a benefit decided on the working day on or before a day.
    pub(super) fn claim_signed(&mut self, benefit: Benefit, signed: NaiveDate) -> Claim {
        let decided = working_day(signed);
        let days = self.dice.between(12, 24);
        let filed = decided
            .checked_sub_days(chrono::Days::new(u64::from(days.unsigned_abs())))
            .unwrap_or(decided);
        Claim {
            benefit,
            filed_on: Some(working_day(filed)),
            decided_on: Some(decided),
        }
    }

    /// The account, or the cash at the post office, of one of the household or of a relative of theirs.
    pub(super) fn payee(
        &mut self,
        slot: usize,
        holder_name: String,
        relation: PayeeRelation,
        percent_cash: u32,
    ) -> PayeeAccount {
        let cash = self.dice.percent(percent_cash);
        payee::account(
            self.seed,
            self.first + slot,
            0,
            holder_name,
            relation,
            cash.then_some(self.commune),
        )
    }

    /// The payee of an adult: mostly themselves, else somebody they authorised.
    pub(super) fn adult_payee(&mut self, slot: usize, name: &str, percent_cash: u32) -> PayeeAccount {
        if self.dice.percent(14) {
            let born = self.born_aged(28, 62);
            let sex = self.sex(55);
            let of_the_house = self.dice.percent(70);
            let holder = self.name(sex, born, of_the_house);
            self.payee(slot, holder, PayeeRelation::Authorised, percent_cash / 3)
        } else {
            self.payee(slot, name.to_owned(), PayeeRelation::Own, percent_cash)
        }
    }

    /// The payee of a child: a parent or another guardian.
    pub(super) fn guardian(&mut self, slot: usize, low: u32, high: u32) -> PayeeAccount {
        let born = self.born_aged(low, high);
        let sex = self.sex(60);
        let of_the_house = sex == Sex::Male;
        let holder = self.name(sex, born, of_the_house);
        self.payee(slot, holder, PayeeRelation::Guardian, 24)
    }
}

impl Draft {
    /// A person with nothing to show yet.
    pub(super) fn new(sex: Sex, birth: NaiveDate, name: String, relation: Relation, payee: PayeeAccount) -> Self {
        Self {
            sex,
            birth,
            year_only: false,
            name,
            death: None,
            evidence: Vec::new(),
            claims: Vec::new(),
            relation,
            stays: None,
            facility: None,
            payee,
        }
    }

    pub(super) fn with(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.extend(evidence);
        self
    }

    pub(super) fn claiming(mut self, claim: Claim) -> Self {
        self.claims.push(claim);
        self
    }
}

/// A fact that holds from a day on.
pub(super) fn flag(kind: EvidenceKind, from: NaiveDate) -> Evidence {
    Evidence {
        kind,
        value: EvidenceValue::True,
        from,
        to: None,
    }
}

/// A fact of a kind whose values are words.
pub(super) fn word(kind: EvidenceKind, value: &str, from: NaiveDate) -> Evidence {
    Evidence {
        kind,
        value: EvidenceValue::Word(value.to_owned()),
        from,
        to: None,
    }
}

/// The same fact, with a last day.
pub(super) fn until(evidence: Evidence, last: NaiveDate) -> Evidence {
    Evidence {
        to: Some(last),
        ..evidence
    }
}
