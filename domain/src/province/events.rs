//! What reaches the registry between 20/8/2024 and 24/9/2024: decisions, deaths, moves, changed accounts, new evidence.

use chrono::NaiveDate;
use uuid::Uuid;

use super::dice::{Dice, Purpose, after, day, eve, working_day};
use super::record::{Channel, Decision, PayeeAccount, PayeeRelation, SyntheticPerson};
use super::{Province, dice, payee, places};
use crate::case_file::{CaseFile, Place, Residence, Setting};
use crate::evidence::{Evidence, EvidenceKind, EvidenceValue};

/// A dated change that arrives after the opening of the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The day it reaches the registry, from 20/8/2024 to 24/9/2024.
    pub arrives_on: NaiveDate,
    /// Whom it concerns.
    pub person: Uuid,
    /// The person's place in the province.
    pub index: usize,
    /// What changed.
    pub change: Change,
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A pending claim was decided; a disability certificate of early summer makes arrears.
    Decided(Decision),
    /// The person died.
    Died {
        /// The day of death.
        on: NaiveDate,
    },
    /// The person moved within the province: the open residence ends the day before.
    Moved {
        /// The new residence.
        residence: Residence,
        /// The new address, in Vietnamese.
        address: String,
    },
    /// The money goes to another account from now on.
    AccountChanged {
        /// The new account.
        payee: PayeeAccount,
    },
    /// A fact changed: the open entry of the kind ends the day before.
    EvidenceChanged {
        /// The new fact.
        evidence: Evidence,
    },
}

impl Event {
    /// The case file after the event. A changed account leaves it as it is.
    pub fn apply(&self, case_file: &mut CaseFile) {
        match &self.change {
            Change::Decided(decision) => {
                let claims = case_file.claims.iter_mut().flatten();
                let pending = claims.filter(|claim| claim.benefit == decision.benefit && claim.decided_on.is_none());
                pending.for_each(|claim| claim.decided_on = Some(decision.signed_on));
            }
            Change::Died { on } => case_file.death_date = Some(*on),
            Change::Moved { residence, .. } => {
                let open = case_file.residences.iter_mut().filter(|stay| stay.to.is_none());
                open.for_each(|stay| stay.to = Some(eve(residence.from)));
                case_file.residences.push(residence.clone());
            }
            Change::AccountChanged { .. } => {}
            Change::EvidenceChanged { evidence } => {
                let same = case_file
                    .evidence
                    .iter_mut()
                    .filter(|fact| fact.kind == evidence.kind && fact.to.is_none());
                same.for_each(|fact| fact.to = Some(eve(evidence.from)));
                case_file.evidence.push(evidence.clone());
            }
        }
    }
}

/// People among whom each kind of event is drawn; every such stretch of the province has each kind once.
const STRETCH: usize = 1_500;

/// Everything that arrives between 20/8/2024 and 24/9/2024 in the province of this seed, by day and then by person:
/// about one event for 200 people, and each kind at least once in all but the smallest provinces.
pub fn later_events(seed: u64, people: usize) -> Vec<Event> {
    let mut events = Vec::new();
    let mut stretch = Vec::with_capacity(STRETCH);
    let mut all = Province::new(people, seed).into_people(0..people);
    loop {
        stretch.extend(all.by_ref().take(STRETCH));
        let Some(first) = stretch.first() else { break };
        drawn(seed, first.index / STRETCH, &stretch, &mut events);
        stretch.clear();
    }
    events.sort_by_key(|event| (event.arrives_on, event.index));
    events
}

fn drawn(seed: u64, at: usize, people: &[SyntheticPerson], events: &mut Vec<Event>) {
    let mut dice = Dice::new(seed, Purpose::Events, at);
    for person in people {
        if is_pending(person) && dice.percent(80) {
            events.push(decided(&mut dice, person));
        }
    }
    let mut taken = Vec::new();
    let kinds: [(Suits, Make); 5] = [
        (lives_alone_at_home, died),
        (lives_alone_at_home, died),
        (lives_alone_at_home, moved),
        (has_an_account, account_changed),
        (may_be_reassessed, reassessed),
    ];
    for (suits, make) in kinds {
        let start = usize::try_from(dice.below(u32::try_from(people.len()).unwrap_or(u32::MAX))).unwrap_or(0);
        let mut around = people.iter().skip(start).chain(people.iter().take(start));
        if let Some(person) = around.find(|person| suits(person) && !taken.contains(&person.index)) {
            taken.push(person.index);
            events.push(make(seed, &mut dice, person));
        }
    }
}

type Suits = fn(&SyntheticPerson) -> bool;
type Make = fn(u64, &mut Dice, &SyntheticPerson) -> Event;

fn is_pending(person: &SyntheticPerson) -> bool {
    person
        .case_file
        .claims
        .iter()
        .flatten()
        .any(|claim| claim.decided_on.is_none())
}

fn is_alive_and_decided(person: &SyntheticPerson) -> bool {
    person.case_file.death_date.is_none() && !is_pending(person)
}

/// Old people who live by themselves, with no evidence that others depend on.
fn lives_alone_at_home(person: &SyntheticPerson) -> bool {
    is_alive_and_decided(person)
        && person.facility.is_none()
        && person.household.members.len() == 1
        && person.case_file.evidence.is_empty()
        && person.case_file.birth_date.day < day(1944, 1, 1)
}

fn has_an_account(person: &SyntheticPerson) -> bool {
    is_alive_and_decided(person)
        && person.household.members.len() == 1
        && person.payee.relation == PayeeRelation::Own
        && person.payee.destination.channel() == Channel::BankTransfer
}

/// Severely disabled since long ago, and cared for by nobody with a care support.
fn may_be_reassessed(person: &SyntheticPerson) -> bool {
    let severe = EvidenceValue::Word("severe".to_owned());
    let open = |fact: &Evidence| fact.to.is_none() && fact.value == severe && fact.from < day(2023, 1, 1);
    is_alive_and_decided(person)
        && person.household.members.len() == 1
        && person
            .case_file
            .evidence
            .iter()
            .any(|fact| fact.kind == EvidenceKind::Disability && open(fact))
}

fn event(person: &SyntheticPerson, arrives_on: NaiveDate, change: Change) -> Event {
    // It reaches the desk when the desk is open.
    let arrives_on = dice::next_working_day(arrives_on);
    Event {
        arrives_on,
        person: person.id,
        index: person.index,
        change,
    }
}

fn decided(dice: &mut Dice, person: &SyntheticPerson) -> Event {
    let signed_on = working_day(dice.day(day(2024, 9, 4), day(2024, 9, 20)));
    let benefit = person
        .case_file
        .claims
        .iter()
        .flatten()
        .find(|claim| claim.decided_on.is_none());
    let benefit = benefit.map_or(crate::case_file::Benefit::MonthlyAllowance, |claim| claim.benefit);
    let decision = Decision {
        benefit,
        number: super::decision_number(dice, signed_on),
        signed_on,
    };
    event(person, signed_on, Change::Decided(decision))
}

fn died(_: u64, dice: &mut Dice, person: &SyntheticPerson) -> Event {
    let on = dice.day(day(2024, 8, 22), day(2024, 9, 19));
    let days = u64::from(1 + dice.below(4));
    event(person, after(on, days), Change::Died { on })
}

fn moved(_: u64, dice: &mut Dice, person: &SyntheticPerson) -> Event {
    let mut commune = places::commune(dice);
    if commune.code == person.household.area {
        // Nobody moves to where they live: the provincial centre's largest ward, or the one beside it.
        commune = places::by_code(if commune.code == "06673" { "06688" } else { "06673" });
    }
    let from = dice.day(day(2024, 8, 23), day(2024, 9, 16));
    let place = Place::Area(commune.code.clone());
    let residence = Residence {
        place,
        from,
        to: None,
        setting: Setting::Community,
    };
    let days = u64::from(1 + dice.below(6));
    event(
        person,
        after(from, days),
        Change::Moved {
            residence,
            address: commune.address(dice),
        },
    )
}

fn account_changed(seed: u64, dice: &mut Dice, person: &SyntheticPerson) -> Event {
    let arrives_on = working_day(dice.day(day(2024, 8, 22), day(2024, 9, 20)));
    let payee = payee::account(
        seed,
        person.index,
        1,
        person.full_name.clone(),
        PayeeRelation::Own,
        None,
    );
    event(person, arrives_on, Change::AccountChanged { payee })
}

fn reassessed(_: u64, dice: &mut Dice, person: &SyntheticPerson) -> Event {
    let from = working_day(dice.day(day(2024, 9, 4), day(2024, 9, 17)));
    let value = EvidenceValue::Word("particularly_severe".to_owned());
    let evidence = Evidence {
        kind: EvidenceKind::Disability,
        value,
        from,
        to: None,
    };
    let days = u64::from(1 + dice.below(4));
    event(person, dice::after(from, days), Change::EvidenceChanged { evidence })
}
