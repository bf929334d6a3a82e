//! The people of a synthetic province as rows of an import.

use domain::case_file::{Place, Setting, Sex};
use domain::province::{Destination, PayeeRelation, SyntheticPerson};
use entity::enums;

use crate::error::Error;
use crate::person::account::NewAccount;
use crate::person::bulk::{Membership, NewApplication, NewDecision, NewPerson};
use crate::person::create::CreatePerson;
use crate::person::payee::ProposePayee;
use crate::person::view::{NewEvidence, NewResidence};

/// What an opening import takes over for a synthetic person.
pub fn new_person(synthetic: &SyntheticPerson) -> Result<NewPerson, Error> {
    let case = &synthetic.case_file;
    let birth = case.birth_date;
    let mut residences = Vec::with_capacity(case.residences.len());
    for stay in &case.residences {
        let Place::Area(area) = &stay.place else {
            return Err(Error::internal("a synthetic residence without an area"));
        };
        let setting = match stay.setting {
            Setting::Community => enums::Setting::Community,
            Setting::Facility => enums::Setting::Facility,
        };
        residences.push(NewResidence {
            area: area.clone(),
            from: stay.from,
            to: stay.to,
            setting,
        });
    }
    let mut evidence = Vec::with_capacity(case.evidence.len());
    for fact in &case.evidence {
        evidence.push(NewEvidence {
            kind: fact.kind,
            value: fact.value.to_json(),
            from: fact.from,
            to: fact.to,
            document: None,
        });
    }
    let claims = case.claims.iter().flatten();
    let decisions = synthetic.decisions.iter().map(|decision| {
        let same = |claim: &&domain::case_file::Claim| {
            claim.benefit == decision.benefit && claim.decided_on == Some(decision.signed_on)
        };
        NewDecision {
            benefit: decision.benefit,
            filed_on: claims.clone().find(same).and_then(|claim| claim.filed_on),
            number: decision.number.clone(),
            signed_on: decision.signed_on,
        }
    });
    let decisions: Vec<NewDecision> = decisions.collect();
    let since = decisions.iter().map(|decision| decision.signed_on).min();
    let pending = claims.clone().filter(|claim| claim.decided_on.is_none());
    Ok(NewPerson {
        id: Some(synthetic.id),
        person: CreatePerson {
            citizen_id: synthetic.citizen_id.clone(),
            full_name: synthetic.full_name.clone(),
            birth_date: if birth.year_only {
                birth.day.format("%Y").to_string()
            } else {
                birth.day.to_string()
            },
            sex: match case.sex {
                Sex::Female => enums::Sex::Female,
                Sex::Male => enums::Sex::Male,
            },
            death_date: case.death_date,
            protected: false,
            residences,
            evidence,
        },
        household: Some(Membership {
            household_id: synthetic.household.id,
            area: synthetic.household.area.clone(),
            address: synthetic.household.address.clone(),
            relation: synthetic.relation.code().to_owned(),
        }),
        pending: pending
            .map(|claim| (claim.benefit, claim.filed_on))
            .map(NewApplication::from)
            .collect(),
        decisions,
        payees: vec![ProposePayee {
            benefit: None,
            relation: relation(synthetic.payee.relation),
            from: since.unwrap_or(birth.day),
            account: account(synthetic),
        }],
    })
}

fn account(synthetic: &SyntheticPerson) -> NewAccount {
    let payee = &synthetic.payee;
    let own_paper = synthetic
        .citizen_id
        .clone()
        .filter(|_| payee.relation == PayeeRelation::Own);
    let blank = NewAccount {
        channel: enums::Channel::PostCash,
        bank_code: None,
        account_number: String::new(),
        holder_name: payee.holder_name.clone(),
        holder_citizen_id: own_paper.clone(),
        post_office: None,
    };
    match &payee.destination {
        Destination::BankTransfer { bank, account } => NewAccount {
            channel: enums::Channel::BankTransfer,
            bank_code: Some((*bank).to_owned()),
            account_number: account.clone(),
            ..blank
        },
        // Whoever has no citizen id on record shows another paper; its number is the account's own.
        Destination::PostCash { post_office } => NewAccount {
            account_number: own_paper.unwrap_or_else(|| format!("GT{:012}", payee.id.as_u128() % 1_000_000_000_000)),
            post_office: Some(post_office.clone()),
            ..blank
        },
    }
}

const fn relation(relation: PayeeRelation) -> enums::PayeeRelation {
    match relation {
        PayeeRelation::Own => enums::PayeeRelation::Oneself,
        PayeeRelation::Guardian => enums::PayeeRelation::Guardian,
        PayeeRelation::Authorised => enums::PayeeRelation::Authorised,
        PayeeRelation::Carer => enums::PayeeRelation::Carer,
        PayeeRelation::Facility => enums::PayeeRelation::Facility,
    }
}
