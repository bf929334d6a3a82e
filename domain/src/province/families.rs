//! Single parents, children without caregivers, people with HIV, small children in difficult areas, residents of
//! facilities: groups 5.1 to 5.4, 5.7 and 5.8 of NĐ 20/2021, Art 20(1) and Art 25.

use chrono::{Datelike, NaiveDate};

use super::dice::{after, birthday, day, eve};
use super::elderly::carer;
use super::home::{Draft, Home, OPENING, REGISTRY_FROM, flag, later, until, word};
use super::payee::{FACILITIES, facility_account};
use super::places;
use super::record::{PayeeAccount, PayeeRelation, Relation};
use crate::case_file::{Benefit, Claim, Place, Residence, Setting, Sex};
use crate::evidence::{CareCondition, CareRelation, Evidence, EvidenceKind, EvidenceValue, RaisedChild};

/// From here on near-poor single parents count too (NĐ 20/2021 Art 5(4)).
const NEAR_POOR_FROM: NaiveDate = day(2021, 7, 1);
const SUB_CASES: &[&str] = &[
    "abandoned",
    "orphan_of_both",
    "orphan_other_missing",
    "orphan_other_in_prison",
];

pub(super) fn single_parent(home: &mut Home) -> Vec<Draft> {
    let birth = home.born_aged(24, 52);
    let sex = home.sex(86);
    let children: u32 = match home.dice.below(100) {
        0..72 => 1,
        72..96 => 2,
        _ => 3,
    };
    let oldest_from = later(birthday(birth, 19), day(2008, 9, 1));
    let eldest = home.between(oldest_from, day(2023, 3, 31));
    let mut births = vec![eldest];
    for _ in 1..children {
        births.push(home.dice.day(eldest, day(2023, 6, 30)).max(after(eldest, 330)));
    }
    let youngest = births.iter().copied().max().unwrap_or(eldest);
    let poor = home.dice.percent(45);
    let earliest = later(youngest, if poor { day(2016, 1, 4) } else { NEAR_POOR_FROM });
    let since = home.since(earliest);
    let name = home.name(sex, birth, true);
    let payee = home.adult_payee(0, &name, 28);
    let claim = home.claim(Benefit::MonthlyAllowance, since);
    let mut facts = vec![flag(EvidenceKind::SingleParent, since)];
    if poor && since < day(2022, 6, 1) {
        // The list of poor households is made anew each year; many of them rose a step.
        let poverty = word(EvidenceKind::Poverty, "poor", since);
        facts.push(until(poverty, day(2022, 12, 31)));
        facts.push(word(EvidenceKind::Poverty, "near_poor", day(2023, 1, 1)));
    } else {
        facts.push(word(
            EvidenceKind::Poverty,
            if poor { "poor" } else { "near_poor" },
            since,
        ));
    }
    facts.extend(births.into_iter().map(|child| {
        let studies = home.dice.percent(70).then(|| day(child.year() + 18, 5, 31));
        let value = EvidenceValue::Child(RaisedChild {
            birth_date: child,
            studying_until: studies,
        });
        Evidence {
            kind: EvidenceKind::RaisingChild,
            value,
            from: child,
            to: None,
        }
    }));
    vec![
        Draft::new(sex, birth, name, Relation::Head, payee)
            .with(facts)
            .claiming(claim),
    ]
}

/// A child without a caregiver since a day, at school from the sixth year on.
fn orphan(home: &mut Home, birth: NaiveDate, since: NaiveDate, relation: Relation, payee: PayeeAccount) -> Draft {
    let sex = home.sex(48);
    let name = home.name(sex, birth, true);
    let sub_case = home.dice.pick(SUB_CASES);
    let facts = [
        word(EvidenceKind::NoCaregiver, sub_case, since),
        until(
            flag(EvidenceKind::Studying, day(birth.year() + 6, 9, 5)),
            day(birth.year() + 18, 5, 31),
        ),
    ];
    Draft::new(sex, birth, name, relation, payee).with(facts)
}

fn born_a_child(home: &mut Home) -> NaiveDate {
    if home.dice.per_mille(40) {
        // Turns 4, and with it to the lower level, in the weeks after the opening.
        home.dice.day(day(2020, 9, 1), day(2020, 10, 31))
    } else {
        home.born_aged(1, 15)
    }
}

fn orphaned(home: &mut Home, birth: NaiveDate) -> NaiveDate {
    home.since(later(after(birth, 20), REGISTRY_FROM))
}

pub(super) fn one_orphan(home: &mut Home) -> Vec<Draft> {
    let birth = born_a_child(home);
    let since = orphaned(home, birth);
    let payee = home.guardian(0, 45, 72);
    let claim = home.claim(Benefit::MonthlyAllowance, since);
    vec![orphan(home, birth, since, Relation::Grandchild, payee).claiming(claim)]
}

/// Brothers and sisters with one guardian and one account.
pub(super) fn siblings(home: &mut Home) -> Vec<Draft> {
    let elder = home.born_aged(6, 15);
    let apart = u64::from(home.dice.between(400, 1_900).unsigned_abs());
    let younger = after(elder, apart);
    let since = orphaned(home, younger);
    let payee = home.guardian(0, 45, 72);
    let claim = home.claim(Benefit::MonthlyAllowance, since);
    [elder, younger]
        .into_iter()
        .map(|birth| orphan(home, birth, since, Relation::Grandchild, payee.clone()).claiming(claim))
        .collect()
}

/// A child taken in; the carer has the support of Art 20(1), and the account is theirs.
pub(super) fn fostered(home: &mut Home) -> Vec<Draft> {
    let birth = born_a_child(home);
    let since = orphaned(home, birth);
    let (condition, taken_in) = (CareCondition::NoCaregiver, CareRelation::TakenIn);
    let carer = carer(home, 1, Relation::Head, birth, condition, taken_in, since);
    let payee = PayeeAccount {
        relation: PayeeRelation::Guardian,
        ..carer.payee.clone()
    };
    let mut child = orphan(home, birth, since, Relation::TakenIn, payee);
    child.claims = carer
        .claims
        .iter()
        .map(|claim| Claim {
            benefit: Benefit::MonthlyAllowance,
            ..*claim
        })
        .collect();
    vec![child, carer]
}

/// Was of group 5.1, is past 16 and still learns: group 5.2.
pub(super) fn student(home: &mut Home) -> Vec<Draft> {
    let birth = home.born_aged(16, 20);
    let since = home.between(later(after(birth, 400), REGISTRY_FROM), eve(birthday(birth, 15)));
    let payee = if birthday(birth, 18) > OPENING {
        Some(home.guardian(0, 45, 70))
    } else {
        None
    };
    let sex = home.sex(50);
    let name = home.name(sex, birth, true);
    let payee = payee.unwrap_or_else(|| home.adult_payee(0, &name, 20));
    let sub_case = home.dice.pick(SUB_CASES);
    let last = if home.dice.percent(8) {
        day(2024, 9, 20)
    } else {
        day(birth.year() + 22, 5, 31)
    };
    let facts = [
        word(EvidenceKind::NoCaregiver, sub_case, since),
        until(flag(EvidenceKind::Studying, day(birth.year() + 6, 9, 5)), last),
    ];
    let claim = home.claim(Benefit::MonthlyAllowance, since);
    vec![
        Draft::new(sex, birth, name, Relation::Grandchild, payee)
            .with(facts)
            .claiming(claim),
    ]
}

/// Poor and with HIV; nothing but the evidence says so.
fn hiv(home: &mut Home, birth: NaiveDate, earliest: NaiveDate) -> Vec<Draft> {
    let sex = home.sex(40);
    let since = home.since(later(earliest, day(2016, 1, 4)));
    let known = home.between(later(birth, earliest), since);
    let name = home.name(sex, birth, sex == Sex::Male);
    let child = birthday(birth, 16) > OPENING;
    let payee = if child {
        home.guardian(0, 24, 48)
    } else {
        home.payee(0, name.clone(), PayeeRelation::Own, 30)
    };
    let facts = [
        flag(EvidenceKind::Hiv, known),
        word(EvidenceKind::Poverty, "poor", since),
    ];
    let claim = home.claim(Benefit::MonthlyAllowance, since);
    let relation = if child { Relation::Child } else { Relation::Head };
    vec![
        Draft::new(sex, birth, name, relation, payee)
            .with(facts)
            .claiming(claim),
    ]
}

pub(super) fn hiv_adult(home: &mut Home) -> Vec<Draft> {
    let birth = home.born_aged(26, 58);
    hiv(home, birth, birthday(birth, 18))
}

pub(super) fn hiv_child(home: &mut Home) -> Vec<Draft> {
    let birth = home.born_aged(2, 15);
    hiv(home, birth, after(birth, 120))
}

/// Under three, poor or near-poor, in an especially difficult village: group 5.7.
pub(super) fn small_child_in_difficult_area(home: &mut Home) -> Vec<Draft> {
    let birth = home.dice.day(day(2021, 11, 20), day(2024, 5, 31));
    let sex = home.sex(49);
    let name = home.name(sex, birth, true);
    let payee = home.guardian(0, 20, 38);
    let poverty = if home.dice.percent(30) { "poor" } else { "near_poor" };
    let facts = [
        word(EvidenceKind::Poverty, poverty, birth),
        flag(EvidenceKind::DifficultArea, birth),
    ];
    let claim = home.claim(Benefit::MonthlyAllowance, birth);
    vec![
        Draft::new(sex, birth, name, Relation::Child, payee)
            .with(facts)
            .claiming(claim),
    ]
}

/// A resident of one of a handful of facilities; the money goes to the facility's account.
pub(super) fn facility_resident(home: &mut Home) -> Vec<Draft> {
    let birth = match home.dice.below(100) {
        0..24 => home.born_aged(1, 15),
        24..70 => home.born_aged(18, 59),
        _ => home.born_aged(62, 90),
    };
    let at = usize::try_from(home.dice.below(5)).unwrap_or(0);
    let (facility, code, ..) = FACILITIES.get(at).copied().unwrap_or_default();
    let sex = home.sex(46);
    let name = home.name(sex, birth, true);
    let entered = home.since(later(after(birth, 90), day(2015, 2, 2)));
    let stay = |code: &str, from, to, setting| Residence {
        place: Place::Area(code.to_owned()),
        from,
        to,
        setting,
    };
    let stays = vec![
        stay(
            &home.commune.code,
            later(birth, REGISTRY_FROM),
            Some(eve(entered)),
            Setting::Community,
        ),
        stay(code, entered, None, Setting::Facility),
    ];
    let adult = birthday(birth, 16) <= OPENING;
    let fact = if adult {
        word(
            EvidenceKind::Disability,
            "particularly_severe",
            later(entered - chrono::Days::new(60), birth),
        )
    } else {
        word(EvidenceKind::NoCaregiver, "abandoned", entered)
    };
    let claim = home.claim_signed(Benefit::FacilityCare, after(entered, 9));
    home.commune = places::by_code(code);
    home.moved = None;
    let person = Draft::new(sex, birth, name, Relation::Resident, facility_account(home.seed, at));
    vec![
        Draft {
            stays: Some(stays),
            facility: Some(facility),
            ..person
        }
        .with([fact])
        .claiming(claim),
    ]
}
