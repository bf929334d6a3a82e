//! Households of the disabled: group 5.6 of NĐ 20/2021 and the care support of Art 20(2).

use chrono::NaiveDate;

use super::dice::{after, birthday, day, eve};
use super::elderly::carer;
use super::home::{Draft, Home, REGISTRY_FROM, flag, later, until, word};
use super::record::{PayeeRelation, Relation};
use crate::Vnd;
use crate::case_file::{Benefit, Sex};
use crate::evidence::{CareCondition, CareRelation, Evidence, EvidenceKind, EvidenceValue, RaisedChild};

const SEVERE: &str = "severe";
const PARTICULARLY_SEVERE: &str = "particularly_severe";

/// The first day on which a certificate of the degree exists: NĐ 28/2012 certificates begin in 2013.
fn first_certificate(birth: NaiveDate) -> NaiveDate {
    later(after(birth, 200), day(2013, 1, 7))
}

/// Certificates of somebody who has the degree since a day: an earlier, lower degree may stand before it.
fn certificates(home: &mut Home, birth: NaiveDate, degree: &str, since: NaiveDate) -> Vec<Evidence> {
    let first = first_certificate(birth);
    let held = word(EvidenceKind::Disability, degree, since);
    if since <= after(first, 400) || !home.dice.percent(6) {
        return vec![held];
    }
    let earlier = home.dice.day(first, after(since, 0) - chrono::Days::new(300));
    let lower = if degree == SEVERE { "mild" } else { SEVERE };
    vec![until(word(EvidenceKind::Disability, lower, earlier), eve(since)), held]
}

/// The first day of a certificate that gives a right.
fn entitling(certificates: &[Evidence]) -> NaiveDate {
    let mild = EvidenceValue::Word("mild".to_owned());
    certificates
        .iter()
        .filter(|fact| fact.value != mild)
        .map(|fact| fact.from)
        .min()
        .unwrap_or(REGISTRY_FROM)
}

/// A disabled person with a certificate and the allowance; the rest of the household is the caller's.
fn disabled(
    home: &mut Home,
    slot: usize,
    birth: NaiveDate,
    degree: &str,
    since: NaiveDate,
    relation: Relation,
) -> Draft {
    let sex = home.sex(44);
    let child = birthday(birth, 16) > super::home::OPENING;
    let name = home.name(sex, birth, child || sex == Sex::Male);
    let payee = if child {
        home.guardian(slot, 24, 48)
    } else {
        home.adult_payee(slot, &name, 30)
    };
    let facts = certificates(home, birth, degree, since);
    let mut met = entitling(&facts);
    let mut person = Draft::new(sex, birth, name, relation, payee).with(facts);
    let sixty = birthday(birth, 60);
    if sixty < met && home.dice.percent(12) {
        // A pension does not bar group 5.6, but it bars 5.5c.
        let dong = i64::from(home.dice.between(2_100, 4_600)) * 1_000;
        let value = EvidenceValue::Amount(Vnd::new(dong).unwrap_or(Vnd::ZERO));
        person.evidence.push(Evidence {
            kind: EvidenceKind::Pension,
            value,
            from: sixty,
            to: None,
        });
    } else {
        // Who turned 80 first has the allowance since then.
        met = met.min(birthday(birth, 80));
    }
    let claim = if slot == 0 && met > day(2024, 1, 1) && home.dice.percent(12) {
        // A decision of August that reaches back to the month of the certificate.
        let signed = home.dice.day(day(2024, 8, 1), day(2024, 8, 16));
        home.claim_signed(Benefit::MonthlyAllowance, signed)
    } else {
        home.claim(Benefit::MonthlyAllowance, later(met, REGISTRY_FROM))
    };
    person.claiming(claim)
}

pub(super) fn adult(home: &mut Home) -> Vec<Draft> {
    let birth = if home.dice.per_mille(10) {
        // Turns 60, and with it to the higher level, in the weeks after the opening.
        home.dice.day(day(1964, 9, 1), day(1964, 10, 31))
    } else {
        home.born_aged(17, 59)
    };
    let since = home.since(first_certificate(birth));
    let mut person = disabled(home, 0, birth, SEVERE, since, Relation::Head);
    if home.dice.per_mille(2) {
        let from = home.dice.day(day(2024, 7, 3), day(2024, 8, 12));
        person.evidence.push(flag(EvidenceKind::Detained, from));
    }
    vec![person]
}

pub(super) fn elderly(home: &mut Home) -> Vec<Draft> {
    let birth = home.born_aged(60, 93);
    let since = home.since(first_certificate(birth));
    vec![disabled(home, 0, birth, SEVERE, since, Relation::Parent)]
}

pub(super) fn child(home: &mut Home) -> Vec<Draft> {
    let birth = if home.dice.per_mille(30) {
        // Turns 16 in the weeks after the opening.
        home.dice.day(day(2008, 9, 1), day(2008, 10, 31))
    } else {
        home.born_aged(1, 15)
    };
    let since = home.since(first_certificate(birth));
    vec![disabled(home, 0, birth, SEVERE, since, Relation::Child)]
}

fn particularly_severe_birth(home: &mut Home) -> NaiveDate {
    match home.dice.below(100) {
        0..25 => home.born_aged(1, 15),
        25..70 => home.born_aged(16, 59),
        _ => home.born_aged(60, 88),
    }
}

pub(super) fn particularly_severe(home: &mut Home) -> Vec<Draft> {
    let birth = particularly_severe_birth(home);
    let since = home.since(first_certificate(birth));
    vec![disabled(home, 0, birth, PARTICULARLY_SEVERE, since, Relation::Sibling)]
}

/// With a member of the family who has the care support of Art 20(2)(c), and mostly the account too.
pub(super) fn particularly_severe_with_carer(home: &mut Home) -> Vec<Draft> {
    let birth = particularly_severe_birth(home);
    let since = home.since(first_certificate(birth));
    let child = birthday(birth, 16) > super::home::OPENING;
    let relation = if child { Relation::Child } else { Relation::Parent };
    let mut person = disabled(home, 0, birth, PARTICULARLY_SEVERE, since, relation);
    let (condition, own) = (CareCondition::ParticularlySevere, CareRelation::OwnFamily);
    let carer = carer(
        home,
        1,
        Relation::Head,
        birth,
        condition,
        own,
        later(since, REGISTRY_FROM),
    );
    if child || home.dice.percent(40) {
        let relation = if child {
            PayeeRelation::Guardian
        } else {
            PayeeRelation::Carer
        };
        person.payee = super::record::PayeeAccount {
            relation,
            ..carer.payee.clone()
        };
    }
    vec![person, carer]
}

/// A child of less than 36 months in October 2024, born after a day.
fn small_child(home: &mut Home) -> NaiveDate {
    home.dice.day(day(2022, 1, 10), day(2024, 5, 20))
}

fn raising(child: NaiveDate) -> Evidence {
    let value = EvidenceValue::Child(RaisedChild {
        birth_date: child,
        studying_until: None,
    });
    Evidence {
        kind: EvidenceKind::RaisingChild,
        value,
        from: child,
        to: None,
    }
}

fn parent(home: &mut Home, slot: usize, sex: Sex, relation: Relation) -> Draft {
    let birth = home.born_aged(23, 38);
    let since = home.between(first_certificate(birth), day(2021, 10, 1));
    let mut person = disabled(home, slot, birth, SEVERE, since, relation);
    person.name = home.name(sex, birth, sex == Sex::Male);
    person.sex = sex;
    if person.payee.relation == PayeeRelation::Own {
        person.payee.holder_name.clone_from(&person.name);
    }
    person
}

/// A disabled mother of a small child: the allowance and the care support (Art 20(2)(b)).
pub(super) fn mother(home: &mut Home) -> Vec<Draft> {
    let person = parent(home, 0, Sex::Female, Relation::Head);
    let child = small_child(home);
    let claim = home.claim(Benefit::CareSupport, child);
    let mut facts = vec![raising(child)];
    if home.dice.percent(15) {
        facts.push(until(flag(EvidenceKind::Pregnant, day(2024, 5, 6)), day(2025, 1, 20)));
    }
    vec![person.with(facts).claiming(claim)]
}

/// Both disabled, with a small child: one share of the care support for the couple.
pub(super) fn couple(home: &mut Home) -> Vec<Draft> {
    let husband = parent(home, 0, Sex::Male, Relation::Head);
    let wife = parent(home, 1, Sex::Female, Relation::Spouse);
    let child = small_child(home);
    let claim = home.claim(Benefit::CareSupport, child);
    let served = flag(EvidenceKind::SpouseHasCareSupport, child);
    vec![
        husband.with([raising(child), served]),
        wife.with([raising(child)]).claiming(claim),
    ]
}

/// A certificate of early summer whose claim is still pending at the opening.
pub(super) fn certificate_without_decision(home: &mut Home) -> Vec<Draft> {
    let birth = home.born_aged(4, 76);
    let since = home.dice.day(day(2024, 5, 27), day(2024, 7, 26));
    let mut person = disabled(home, 0, birth, SEVERE, since, Relation::Child);
    person.evidence = vec![word(EvidenceKind::Disability, SEVERE, since)];
    for claim in &mut person.claims {
        claim.filed_on = Some(super::dice::working_day(
            home.dice.day(day(2024, 8, 5), day(2024, 8, 16)),
        ));
        claim.decided_on = None;
    }
    vec![person]
}

/// A disabled single parent: both benefits are paid (NĐ 20/2021 Art 6(2)).
pub(super) fn single_parent(home: &mut Home) -> Vec<Draft> {
    let mut person = parent(home, 0, Sex::Female, Relation::Head);
    let child = home
        .dice
        .day(later(birthday(person.birth, 19), day(2010, 1, 1)), day(2022, 1, 1));
    let alone = home.between(later(child, day(2022, 1, 1)), day(2024, 6, 30));
    person.evidence.extend([
        flag(EvidenceKind::SingleParent, alone),
        word(EvidenceKind::Poverty, "near_poor", alone),
        raising(child),
    ]);
    vec![person]
}
