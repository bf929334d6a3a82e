//! What the province costs, by plain arithmetic.

use super::*;
use crate::Month;
use crate::evidence::{CareCondition, CareRelation};

/// Standards of a month: community and facility of the province, and central.
#[derive(Clone, Copy)]
struct Standards {
    community: i64,
    facility: i64,
    central: i64,
}

fn holds(file: &CaseFile, kind: EvidenceKind, on: NaiveDate) -> Option<&Evidence> {
    file.evidence
        .iter()
        .find(|fact| fact.kind == kind && overlap((fact.from, fact.to), (on, Some(on))))
}

fn says(file: &CaseFile, kind: EvidenceKind, word: &str, on: NaiveDate) -> bool {
    holds(file, kind, on).is_some_and(|fact| fact.value == EvidenceValue::Word(word.to_owned()))
}

/// Halves of the community standard.
fn allowance_halves(file: &CaseFile, on: NaiveDate) -> i64 {
    let birth = file.birth_date.day;
    let aged = |age| dice::birthday(birth, age) <= on;
    let is = |kind| holds(file, kind, on).is_some();
    let mut best = 0;
    let edge = !aged(16) || aged(60);
    if says(file, EvidenceKind::Disability, "particularly_severe", on) {
        best = best.max(if edge { 5 } else { 4 });
    }
    if says(file, EvidenceKind::Disability, "severe", on) {
        best = best.max(if edge { 4 } else { 3 });
    }
    if is(EvidenceKind::NoCaregiver) {
        best = best.max(match (aged(4), aged(16)) {
            (false, _) => 5,
            (true, false) => 3,
            _ if is(EvidenceKind::Studying) && !aged(22) => 3,
            _ => 0,
        });
    }
    if is(EvidenceKind::Hiv) {
        best = best.max(if aged(16) { 3 } else { 4 });
    }
    if is(EvidenceKind::NoSupporter) && aged(60) {
        best = best.max(if is(EvidenceKind::CaredInCommunity) {
            6
        } else if aged(80) {
            4
        } else {
            3
        });
    }
    if is(EvidenceKind::DifficultArea) && aged(75) {
        best = best.max(2);
    }
    if is(EvidenceKind::DifficultArea) && !aged(3) {
        best = best.max(3);
    }
    if aged(80) && !is(EvidenceKind::Pension) {
        best = best.max(2);
    }
    if is(EvidenceKind::SingleParent) && is(EvidenceKind::Poverty) {
        best += file
            .evidence
            .iter()
            .filter(|fact| matches!(fact.value, EvidenceValue::Child(c) if dice::birthday(c.birth_date, 16) > on || c.studying_until.is_some_and(|last| last >= on)))
            .map(|_| 2)
            .sum::<i64>();
    }
    best
}

fn care_halves(file: &CaseFile, on: NaiveDate) -> i64 {
    let small = |fact: &Evidence| matches!(fact.value, EvidenceValue::Child(c) if dice::birthday(c.birth_date, 3) > on);
    let cared = file.evidence.iter().find_map(|fact| match fact.value {
        EvidenceValue::Cared(cared) => Some(cared),
        _ => None,
    });
    match cared {
        Some(c) if c.relation == CareRelation::OwnFamily => 2,
        Some(c) if c.condition == CareCondition::NoCaregiver && dice::birthday(c.birth_date, 4) > on => 5,
        Some(c) if c.condition == CareCondition::NoCaregiver && dice::birthday(c.birth_date, 16) <= on => 0,
        Some(_) => 3,
        None => file.evidence.iter().filter(|fact| small(fact)).map(|_| 3).sum(),
    }
}

fn due(person: &SyntheticPerson, month: Month, standards: Standards) -> i64 {
    let file = &person.case_file;
    let on = month.last_day();
    if file.death_date.is_some_and(|death| death < month.first_day()) {
        return 0;
    }
    let decided = |claim: &&Claim| claim.decided_on.is_some_and(|day| day <= on);
    file.claims
        .iter()
        .flatten()
        .filter(decided)
        .map(|claim| match claim.benefit {
            Benefit::FacilityCare if dice::birthday(file.birth_date.day, 4) > on => 5 * standards.facility,
            Benefit::FacilityCare => 4 * standards.facility,
            Benefit::CareSupport => care_halves(file, on) * standards.central / 2,
            _ => allowance_halves(file, on) * standards.community / 2,
        })
        .sum()
}

fn month(year: i32, number: u32) -> Month {
    Month::new(year, number).unwrap()
}

#[test]
fn by_plain_arithmetic_the_bill_is_that_of_the_province() {
    for (count, seed) in [(2_000, 1), (2_000, 7), (44_000, 1), (44_000, 11)] {
        let all: Vec<_> = generate(count, seed).collect();
        let of = |number: Month, standards: Standards| -> i64 { all.iter().map(|p| due(p, number, standards)).sum() };
        let scale = |dong: i64| dong * 44_000 / i64::try_from(count).unwrap() / 1_000_000;
        let then = Standards {
            community: 500_000,
            facility: 650_000,
            central: 360_000,
        };
        let now = Standards {
            central: 500_000,
            ..then
        };
        let next = Standards {
            community: 700_000,
            facility: 700_000,
            ..now
        };
        let year = scale(month(2023, 1).through(month(2023, 12)).map(|m| of(m, then)).sum());
        let september = scale(of(month(2024, 9), now));
        let october = scale(of(month(2024, 10), next));
        let paid = all.iter().filter(|p| due(p, month(2024, 9), now) > 0);
        let payees = paid.map(|p| p.payee.id).collect::<BTreeSet<_>>().len();
        println!("{count} {seed}: 2023 {year}, 9/2024 {september}, 10/2024 {october} million; {payees} payees");
        assert!((23_000..27_500).contains(&september), "{september} million");
        assert!((275_000..310_000).contains(&year), "{year} million");
        assert!(
            october * 100 >= september * 120 && october * 100 <= september * 160,
            "{october} million"
        );
        assert!(payees * 100 >= count * 85, "{payees} payees");
    }
}
