//! The province is one a strict registry accepts, is the same for ever, and costs what the real one does.

mod bill;
mod strict;

use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike;
use unicode_normalization::is_nfc;

use super::*;
use crate::bank::BankTable;
use crate::case_file::{Benefit, Claim};
use crate::citizen_id::CitizenId;
use crate::evidence::{Evidence, EvidenceKind, EvidenceValue, Shape};
use crate::name;

fn people(count: usize) -> Vec<SyntheticPerson> {
    generate(count, 1).collect()
}

#[test]
fn any_part_drawn_alone_is_the_same_and_another_seed_is_another_province() {
    let all = people(2_500);
    assert_eq!(all.len(), 2_500);
    assert!(all.iter().enumerate().all(|(at, person)| person.index == at));
    for (from, to) in [(0, 1), (1, 700), (699, 1_400), (1_400, 2_500), (2_499, 9_999)] {
        let part: Vec<_> = Province::new(2_500, 1).into_people(from..to).collect();
        assert_eq!(part, all[from..to.min(2_500)]);
    }
    assert_eq!(generate(0, 1).count(), 0);
    assert_ne!(generate(1, 2).next(), generate(1, 1).next());
    assert_eq!(
        generate(2_000_000, 1).nth(2_499).unwrap().full_name,
        all[2_499].full_name
    );
}

#[test]
fn ids_are_unique_and_citizen_ids_agree_with_sex_and_year_of_birth() {
    let all = people(44_000);
    assert_eq!(
        all.iter().map(|person| person.id).collect::<BTreeSet<_>>().len(),
        44_000
    );
    assert!(
        all.iter()
            .all(|person| person.id.get_version_num() == 8 && person.case_file.id == person.id.to_string())
    );
    let with_id: Vec<_> = all
        .iter()
        .filter_map(|person| person.citizen_id.as_deref().map(|id| (id, person)))
        .collect();
    assert_eq!(
        with_id.iter().map(|(id, _)| id).collect::<BTreeSet<_>>().len(),
        with_id.len()
    );
    assert!(with_id.len() > 43_000 && with_id.len() < 44_000);
    for (id, person) in &with_id {
        let born = person.case_file.birth_date.day;
        let century = if born.year() < 2000 { 0 } else { 2 };
        let digit = century + u32::from(person.case_file.sex == Sex::Female);
        assert!(id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()), "{id}");
        assert_eq!(id[3..6], format!("{digit}{:02}", born.year() % 100), "{id} {born}");
    }
    for (id, person) in &with_id {
        let read = CitizenId::parse(id).unwrap();
        assert_eq!(
            read.warnings(person.case_file.birth_date, person.case_file.sex),
            [],
            "{id}"
        );
    }
    let local = with_id.iter().filter(|(id, _)| id.starts_with("022")).count();
    assert!(local * 100 > with_id.len() * 90);
}

#[test]
fn names_are_nfc_and_those_of_the_mountains_are_among_them() {
    let all = people(20_000);
    for person in &all {
        for name in [&person.full_name, &person.payee.holder_name, &person.household.address] {
            assert_eq!(name::clean(name).as_ref(), Ok(name));
            assert!(name::is_swift_safe(&name::bank_name(name, 140)), "{name}");
            assert!(
                is_nfc(name) && !name.contains("  ") && name.trim() == name && name.len() > 5,
                "{name:?}"
            );
        }
    }
    for surname in ["Nguyễn ", "Chíu ", "Tằng ", "Phún ", "Lỷ ", "Hoàng ", "Trương "] {
        assert!(
            all.iter().any(|person| person.full_name.starts_with(surname)),
            "{surname}"
        );
    }
    let words = |person: &SyntheticPerson| person.full_name.split(' ').map(str::to_owned).collect::<Vec<_>>();
    assert!(all.iter().any(|person| words(person).len() == 2));
    assert!(
        all.iter()
            .any(|person| words(person).windows(2).any(|pair| pair[0] == pair[1]))
    );
}

fn overlap(a: (NaiveDate, Option<NaiveDate>), b: (NaiveDate, Option<NaiveDate>)) -> bool {
    a.0 <= b.1.unwrap_or(NaiveDate::MAX) && b.0 <= a.1.unwrap_or(NaiveDate::MAX)
}

fn fits(fact: &Evidence) -> bool {
    match (&fact.value, fact.kind.shape()) {
        (EvidenceValue::True, Shape::Flag | Shape::FlagOrText) => true,
        (EvidenceValue::Word(word), Shape::Word(words)) => words.contains(&word.as_str()),
        (EvidenceValue::Word(word), Shape::FlagOrText) => !word.is_empty(),
        (EvidenceValue::Amount(dong), Shape::Amount) => dong.dong() > 0,
        (EvidenceValue::Child(_), Shape::Child) | (EvidenceValue::Cared(_), Shape::Cared) => true,
        _ => false,
    }
}

fn assert_consistent(file: &CaseFile) {
    for fact in &file.evidence {
        assert!(fits(fact) && fact.to.is_none_or(|last| last >= fact.from), "{file:#?}");
        if let EvidenceValue::Child(child) = fact.value {
            assert!(dice::birthday(file.birth_date.day, 17) < child.birth_date, "{file:#?}");
        }
    }
    for (at, fact) in file.evidence.iter().enumerate() {
        let others = file.evidence[at + 1..]
            .iter()
            .filter(|other| other.kind == fact.kind && !fact.kind.overlaps());
        others.for_each(|other| assert!(!overlap((fact.from, fact.to), (other.from, other.to)), "{file:#?}"));
    }
    assert!(
        file.evidence.iter().all(|fact| fact.from >= file.birth_date.day),
        "{file:#?}"
    );
    for pair in file.residences.windows(2) {
        assert_eq!(
            pair[0].to.map(|last| dice::after(last, 1)),
            Some(pair[1].from),
            "{file:#?}"
        );
    }
    for stay in &file.residences {
        let Place::Area(code) = &stay.place else {
            panic!("{file:#?}")
        };
        assert_eq!(&places::by_code(code).code, code);
        assert!(!code.is_empty() && stay.from >= file.birth_date.day && stay.to.is_none_or(|last| last >= stay.from));
    }
    assert_eq!(file.residences.last().unwrap().to, None);
}

#[test]
fn every_case_file_is_consistent_before_and_after_the_events() {
    let mut all = people(12_000);
    for person in &all {
        assert_consistent(&person.case_file);
        let known: Vec<NaiveDate> = person
            .case_file
            .claims
            .iter()
            .flatten()
            .filter_map(|claim| claim.decided_on)
            .chain(person.case_file.death_date)
            .chain(person.case_file.residences.iter().map(|stay| stay.from))
            .chain(
                person
                    .case_file
                    .evidence
                    .iter()
                    .filter(|f| f.kind == EvidenceKind::Disability)
                    .map(|f| f.from),
            )
            .collect();
        assert!(known.iter().all(|day| *day < home::OPENING), "{person:#?}");
        let decided = |claim: &Claim| claim.decided_on.map(|day| (claim.benefit, day));
        let claims: Vec<_> = person.case_file.claims.iter().flatten().filter_map(decided).collect();
        assert_eq!(
            claims,
            person
                .decisions
                .iter()
                .map(|d| (d.benefit, d.signed_on))
                .collect::<Vec<_>>()
        );
    }
    for event in later_events(1, 12_000) {
        let person = &mut all[event.index];
        assert_eq!(person.id, event.person);
        assert_eq!(dice::working_day(event.arrives_on), event.arrives_on);
        assert!(event.arrives_on >= home::OPENING && event.arrives_on <= dice::day(2024, 9, 24));
        event.apply(&mut person.case_file);
        assert_consistent(&person.case_file);
    }
}

#[test]
fn households_hold_together_even_where_the_province_ends() {
    let all = people(5_003);
    let ids: BTreeSet<_> = all.iter().map(|person| person.id).collect();
    let mut households: BTreeMap<Uuid, &Household> = BTreeMap::new();
    for person in &all {
        assert!(
            person
                .household
                .members
                .iter()
                .any(|m| m.person == person.id && m.relation == person.relation)
        );
        assert!(
            person
                .household
                .members
                .iter()
                .all(|member| ids.contains(&member.person))
        );
        assert_eq!(
            *households.entry(person.household.id).or_insert(&person.household),
            &person.household
        );
        let present = person.case_file.residences.last().unwrap();
        assert_eq!(present.place, Place::Area(person.household.area.clone()));
        assert_eq!(present.setting == Setting::Facility, person.facility.is_some());
    }
    assert!(households.values().any(|household| household.members.len() > 1));
}

#[test]
fn money_goes_to_several_banks_to_post_offices_and_to_accounts_shared_by_few() {
    let all = people(44_000);
    let mut accounts: BTreeMap<String, BTreeSet<Uuid>> = BTreeMap::new();
    let mut banks: BTreeMap<&str, usize> = BTreeMap::new();
    let mut relations: BTreeMap<PayeeRelation, usize> = BTreeMap::new();
    let mut cash = 0;
    for person in &all {
        *relations.entry(person.payee.relation).or_default() += 1;
        match &person.payee.destination {
            Destination::BankTransfer { bank, account } => {
                *banks.entry(bank).or_default() += 1;
                assert!(account.len() >= 10 && account.len() <= 14 && account.bytes().all(|b| b.is_ascii_digit()));
                accounts
                    .entry(format!("{bank}:{account}"))
                    .or_default()
                    .insert(person.payee.id);
            }
            Destination::PostCash { post_office } => {
                cash += 1;
                assert!(post_office.starts_with("Bưu cục ") || post_office.starts_with("Điểm Bưu điện"));
            }
        }
    }
    assert!((11_000..15_500).contains(&cash), "{cash}");
    assert!(accounts.values().all(|ids| ids.len() == 1));
    let table = BankTable::embedded().unwrap();
    assert!(
        banks
            .keys()
            .all(|code| table.by_code(code).is_some_and(|bank| !bank.deprecated))
    );
    assert!(banks.len() >= 5 && relations.len() == 5, "{banks:?} {relations:?}");
    let payees = all.iter().map(|person| person.payee.id).collect::<BTreeSet<_>>().len();
    assert!(payees * 100 > 92 * all.len() && payees < all.len(), "{payees}");
    let agreeing = all.iter().filter(|person| person.payee.relation == PayeeRelation::Own);
    agreeing.for_each(|person| assert_eq!(person.payee.holder_name, person.full_name));
}

#[test]
fn events_are_few_of_every_kind_and_the_same_every_time() {
    for (count, most) in [(200, 8), (2_000, 20), (44_000, 350)] {
        let events = later_events(1, count);
        assert_eq!(events, later_events(1, count));
        assert!(events.len() <= most, "{count}: {}", events.len());
        assert!(events.windows(2).all(|pair| pair[0].arrives_on <= pair[1].arrives_on));
        let kinds: BTreeSet<_> = events
            .iter()
            .map(|event| std::mem::discriminant(&event.change))
            .map(|d| format!("{d:?}"))
            .collect();
        assert_eq!(
            kinds.len(),
            if count > 1_000 { 5 } else { kinds.len().max(4) },
            "{count}"
        );
        let touched: BTreeSet<_> = events.iter().map(|event| event.index).collect();
        assert_eq!(touched.len(), events.len(), "one event for a person");
    }
}

#[test]
fn the_biggest_group_is_80_and_more_and_every_benefit_is_claimed() {
    let all = people(10_000);
    let old = all
        .iter()
        .filter(|p| p.case_file.birth_date.day <= dice::day(1944, 8, 20))
        .count();
    assert!((5_500..7_600).contains(&old), "{old}");
    for benefit in [Benefit::MonthlyAllowance, Benefit::CareSupport, Benefit::FacilityCare] {
        assert!(all.iter().any(|p| {
            p.case_file
                .claims
                .iter()
                .flatten()
                .any(|claim| claim.benefit == benefit)
        }));
    }
    assert!(all.iter().any(|p| p.case_file.birth_date.year_only));
    assert!(all.iter().any(|p| p.case_file.death_date.is_some()));
    let years: BTreeSet<i32> = all
        .iter()
        .flat_map(|p| p.decisions.iter().map(|d| d.signed_on.year()))
        .collect();
    assert!((2015..=2024).all(|year| years.contains(&year)));
}
