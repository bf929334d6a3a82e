//! A synthetic province: people as a registry of 44,000 has them, drawn from a seed.
//!
//! Everything is made up: names from lists of words, accounts and numbers by arithmetic. A household depends only on the
//! seed and its place, so any part of the province can be drawn alone, by any number of workers, and the same seed
//! gives the same people for ever. The facts are those known on 20/8/2024; what comes after arrives as
//! [`events::later_events`].

use std::ops::Range;

use uuid::Uuid;

use crate::case_file::{BirthDate, CaseFile, Jurisdiction, Place, Residence, Setting, Sex};

mod dice;
mod disabled;
mod elderly;
pub mod events;
mod families;
mod home;
mod names;
mod payee;
mod places;
mod plan;
mod record;
#[cfg(test)]
mod tests;

pub use events::{Change, Event, later_events};
pub use record::{
    Channel, Decision, Destination, Household, Member, PayeeAccount, PayeeRelation, Relation, SyntheticPerson,
};

use chrono::{Datelike, NaiveDate};
use dice::{Dice, Purpose};
use home::{Draft, Home, REGISTRY_FROM};
use plan::{Kind, Plan};

/// The people of a province of so many, in order. The first of a larger province are those of a smaller one, save that
/// a household cut by the end lacks its last members.
pub fn generate(people: usize, seed: u64) -> impl Iterator<Item = SyntheticPerson> {
    Province::new(people, seed).into_people(0..people)
}

/// A province of so many people.
#[derive(Debug)]
pub struct Province {
    people: usize,
    seed: u64,
    plan: Plan,
}

impl Province {
    /// The province of a seed.
    pub fn new(people: usize, seed: u64) -> Self {
        Self {
            people,
            seed,
            plan: Plan::new(seed),
        }
    }

    /// The people with these indexes, without drawing those before.
    pub fn into_people(self, indexes: Range<usize>) -> impl Iterator<Item = SyntheticPerson> {
        let indexes = indexes.start..indexes.end.min(self.people);
        let households = if indexes.is_empty() {
            0..0
        } else {
            self.plan.household_of(indexes.start)..self.plan.household_of(indexes.end - 1) + 1
        };
        households
            .flat_map(move |at| self.household(at))
            .filter(move |person| indexes.contains(&person.index))
    }

    fn household(&self, at: usize) -> Vec<SyntheticPerson> {
        let Some((kind, first)) = self.plan.household(at) else {
            return Vec::new();
        };
        let mut home = Home::new(self.seed, at, first, kind);
        let mut drafts = draw(kind, &mut home);
        drafts.truncate(self.people.saturating_sub(first));
        let address = home.commune.address(&mut home.dice);
        let members = drafts.iter().enumerate().map(|(slot, draft)| Member {
            person: person_id(self.seed, first + slot),
            relation: draft.relation,
        });
        let household = Household {
            id: Dice::new(self.seed, Purpose::HouseholdId, at).uuid(),
            area: home.commune.code.clone(),
            address,
            members: members.collect(),
        };
        let persons = drafts.into_iter().enumerate();
        persons
            .map(|(slot, draft)| finished(&home, first + slot, draft, household.clone()))
            .collect()
    }
}

fn draw(kind: Kind, home: &mut Home) -> Vec<Draft> {
    match kind {
        Kind::ElderlyAlone => elderly::alone(home),
        Kind::ElderlyCouple => elderly::couple(home),
        Kind::TurningEighty => elderly::turning_eighty(home),
        Kind::ElderlyWithoutSupporter => elderly::without_supporter(home),
        Kind::ElderlyTakenIn => elderly::taken_in(home),
        Kind::ElderlyInDifficultArea => elderly::in_difficult_area(home),
        Kind::PoorUnableToWork => elderly::poor_unable_to_work(home),
        Kind::DisabledAdult => disabled::adult(home),
        Kind::DisabledElderly => disabled::elderly(home),
        Kind::DisabledChild => disabled::child(home),
        Kind::ParticularlySevereWithCarer => disabled::particularly_severe_with_carer(home),
        Kind::ParticularlySevere => disabled::particularly_severe(home),
        Kind::DisabledMother => disabled::mother(home),
        Kind::DisabledCouple => disabled::couple(home),
        Kind::CertificateWithoutDecision => disabled::certificate_without_decision(home),
        Kind::SingleParentDisabled => disabled::single_parent(home),
        Kind::SingleParent => families::single_parent(home),
        Kind::Orphan => families::one_orphan(home),
        Kind::OrphanSiblings => families::siblings(home),
        Kind::FosterChild => families::fostered(home),
        Kind::OrphanStudent => families::student(home),
        Kind::HivAdult => families::hiv_adult(home),
        Kind::HivChild => families::hiv_child(home),
        Kind::SmallChildInDifficultArea => families::small_child_in_difficult_area(home),
        Kind::FacilityResident => families::facility_resident(home),
    }
}

fn person_id(seed: u64, index: usize) -> Uuid {
    Dice::new(seed, Purpose::PersonId, index).uuid()
}

fn finished(home: &Home, index: usize, draft: Draft, household: Household) -> SyntheticPerson {
    let id = person_id(home.seed, index);
    let mut dice = Dice::new(home.seed, Purpose::Numbers, index);
    let stays = draft.stays.unwrap_or_else(|| stays(home, draft.birth));
    let decisions = draft.claims.iter().filter_map(|claim| {
        claim.decided_on.map(|signed_on| Decision {
            benefit: claim.benefit,
            number: decision_number(&mut dice, signed_on),
            signed_on,
        })
    });
    SyntheticPerson {
        index,
        id,
        decisions: decisions.collect(),
        citizen_id: citizen_id(home.seed, &mut dice, index, draft.sex, draft.birth),
        full_name: draft.name,
        case_file: CaseFile {
            id: id.to_string(),
            jurisdiction: Jurisdiction::QuangNinh,
            birth_date: BirthDate {
                day: draft.birth,
                year_only: draft.year_only,
            },
            sex: draft.sex,
            death_date: draft.death,
            residences: stays,
            evidence: draft.evidence,
            claims: Some(draft.claims),
        },
        household,
        relation: draft.relation,
        facility: draft.facility,
        payee: draft.payee,
    }
}

/// The stays of a member of the household: in its commune, and before a move in the commune it came from.
fn stays(home: &Home, birth: NaiveDate) -> Vec<Residence> {
    let first = birth.max(REGISTRY_FROM);
    let stay = |code: &str, from, to| Residence {
        place: Place::Area(code.to_owned()),
        from,
        to,
        setting: Setting::Community,
    };
    match home.moved {
        Some((origin, on)) if on > first => {
            vec![
                stay(&origin.code, first, Some(dice::eve(on))),
                stay(&home.commune.code, on, None),
            ]
        }
        _ => vec![stay(&home.commune.code, first, None)],
    }
}

/// Numbers grow through the year, as a register of decisions does.
fn decision_number(dice: &mut Dice, signed_on: NaiveDate) -> String {
    format!("{}/QĐ-UBND", signed_on.ordinal0() * 12 + 1 + dice.below(12))
}

/// Codes of provinces of birth registration: those that stand in for Quảng Ninh beyond each million of people, so that
/// no number comes twice.
const PROVINCES: &[&str] = &["022", "026", "027", "033", "035", "037", "038", "040", "042"];
/// Provinces from which people came: Hải Phòng, Hải Dương, Bắc Giang, Lạng Sơn, Thái Bình, Nam Định.
const OTHER_PROVINCES: &[&str] = &["031", "030", "024", "020", "034", "036"];
const MILLION: usize = 1_000_000;

/// Province, century and sex, year, six digits (NĐ 137/2015 Art 13); a few of the old and of the newly born have none.
fn citizen_id(seed: u64, dice: &mut Dice, index: usize, sex: Sex, birth: NaiveDate) -> Option<String> {
    let other = dice.percent(5);
    if dice.per_mille(4) {
        return None;
    }
    let province = match index / MILLION {
        0 if other => dice.pick(OTHER_PROVINCES),
        million => PROVINCES.get(million).copied()?,
    };
    let century = if birth.year() < 2000 { 0 } else { 2 };
    let digit = century + u32::from(sex == Sex::Female);
    let shift = usize::try_from(Dice::new(seed, Purpose::Numbers, usize::MAX).below(1_000_000)).unwrap_or(0);
    let last = (index * 618_033 + shift) % MILLION;
    Some(format!("{province}{digit}{:02}{last:06}", birth.year() % 100))
}
