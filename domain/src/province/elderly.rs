//! Households of the elderly: groups 5.5a, 5.5b, 5.5c and 5.5d of NĐ 20/2021, and the poor unable to work.

use chrono::{Datelike, NaiveDate};

use super::dice::{birthday, day};
use super::home::{Draft, Home, REGISTRY_FROM, flag, later, until, word};
use super::record::{PayeeRelation, Relation};
use crate::Month;
use crate::case_file::{Benefit, Claim, Sex};
use crate::evidence::{CareCondition, CareRelation, CaredPerson, Evidence, EvidenceKind, EvidenceValue};

/// A day of birth of someone of 80 and more, as such ages are spread.
pub(super) fn birth_of_the_old(home: &mut Home) -> NaiveDate {
    let (low, high) = match home.dice.below(100) {
        0..38 => (80, 84),
        38..72 => (85, 89),
        72..92 => (90, 94),
        _ => (95, 102),
    };
    home.born_aged(low, high)
}

/// Someone of 80 and more without a pension: group 5.5c from the birthday on.
fn eighty(home: &mut Home, slot: usize, sex: Sex, birth: NaiveDate, relation: Relation) -> Draft {
    let year_only = home.dice.per_mille(8);
    let birth = if year_only { day(birth.year(), 1, 1) } else { birth };
    let name = home.name(sex, birth, sex == Sex::Male);
    let payee = home.adult_payee(slot, &name, 38);
    let claim = home.claim(Benefit::MonthlyAllowance, later(birthday(birth, 80), REGISTRY_FROM));
    Draft {
        year_only,
        ..Draft::new(sex, birth, name, relation, payee)
    }
    .claiming(claim)
}

pub(super) fn alone(home: &mut Home) -> Vec<Draft> {
    let birth = birth_of_the_old(home);
    let sex = home.sex(67);
    let mut person = eighty(home, 0, sex, birth, Relation::Head);
    if home.dice.per_mille(3) {
        person.death = Some(home.dice.day(day(2024, 7, 1), day(2024, 8, 17)));
    }
    if home.dice.per_mille(2) {
        // Three whole months not collected, made up since.
        let first = Month::of(day(2024, 1 + home.dice.below(3), 1));
        let uncollected = flag(EvidenceKind::Uncollected, first.first_day());
        person.evidence.push(until(uncollected, first.plus(2).last_day()));
    }
    vec![person]
}

pub(super) fn couple(home: &mut Home) -> Vec<Draft> {
    let births = [birth_of_the_old(home), birth_of_the_old(home)];
    let head = eighty(home, 0, Sex::Male, births[0].min(births[1]), Relation::Head);
    let mut spouse = eighty(home, 1, Sex::Female, births[0].max(births[1]), Relation::Spouse);
    if head.payee.relation == PayeeRelation::Authorised {
        // The child who collects for one parent collects for both.
        spouse.payee = head.payee.clone();
    }
    vec![head, spouse]
}

/// Turns 80 in the weeks after the opening; the decision is signed before.
pub(super) fn turning_eighty(home: &mut Home) -> Vec<Draft> {
    let birth = home.dice.day(day(1944, 8, 21), day(1944, 10, 31));
    let sex = home.sex(60);
    let name = home.name(sex, birth, sex == Sex::Male);
    let payee = home.adult_payee(0, &name, 38);
    let signed = home.dice.day(day(2024, 7, 22), day(2024, 8, 16));
    let claim = home.claim_signed(Benefit::MonthlyAllowance, signed);
    vec![Draft::new(sex, birth, name, Relation::Head, payee).claiming(claim)]
}

/// Poor and with nobody to support them, from a day before 80: no other group was met earlier.
fn without_a_supporter(home: &mut Home, slot: usize, relation: Relation) -> (Draft, NaiveDate) {
    let birth = if home.dice.per_mille(20) {
        // Reaches 80, and with it the higher level, in the weeks after the opening.
        home.dice.day(day(1944, 9, 1), day(1944, 10, 31))
    } else {
        home.born_aged(61, 87)
    };
    let sex = home.sex(70);
    let latest = birthday(birth, 80).min(day(2024, 7, 19));
    let since = home.between(later(birthday(birth, 60), REGISTRY_FROM), latest);
    let name = home.name(sex, birth, false);
    let payee = home.adult_payee(slot, &name, 45);
    let claim = home.claim(Benefit::MonthlyAllowance, since);
    let facts = [
        word(EvidenceKind::Poverty, "poor", since),
        flag(EvidenceKind::NoSupporter, since),
    ];
    (
        Draft::new(sex, birth, name, relation, payee)
            .with(facts)
            .claiming(claim),
        since,
    )
}

pub(super) fn without_supporter(home: &mut Home) -> Vec<Draft> {
    vec![without_a_supporter(home, 0, Relation::Head).0]
}

/// Fit for a facility and taken in by somebody, who has the care support.
pub(super) fn taken_in(home: &mut Home) -> Vec<Draft> {
    let (mut elder, since) = without_a_supporter(home, 0, Relation::TakenIn);
    elder.evidence.push(flag(EvidenceKind::CaredInCommunity, since));
    let mut carer = carer(
        home,
        1,
        Relation::Head,
        elder.birth,
        CareCondition::Elderly55d,
        CareRelation::TakenIn,
        since,
    );
    // One dossier, decided on one day.
    carer.claims = elder
        .claims
        .iter()
        .map(|claim| Claim {
            benefit: Benefit::CareSupport,
            ..*claim
        })
        .collect();
    vec![elder, carer]
}

/// Somebody who cares for a member of the household since a day, with the care support of NĐ 20/2021 Art 20.
pub(super) fn carer(
    home: &mut Home,
    slot: usize,
    place: Relation,
    cared_birth: NaiveDate,
    condition: CareCondition,
    relation: CareRelation,
    since: NaiveDate,
) -> Draft {
    let birth = home.born_aged(36, 66);
    let sex = home.sex(68);
    let name = home.name(sex, birth, sex == Sex::Male);
    let payee = home.payee(slot, name.clone(), PayeeRelation::Own, 26);
    let cared = CaredPerson {
        birth_date: cared_birth,
        condition,
        relation,
    };
    let fact = Evidence {
        kind: EvidenceKind::CaringFor,
        value: EvidenceValue::Cared(cared),
        from: since,
        to: None,
    };
    let claim = home.claim(Benefit::CareSupport, later(since, REGISTRY_FROM));
    Draft::new(sex, birth, name, place, payee).with([fact]).claiming(claim)
}

/// 75 to 79, near-poor or poor, in an especially difficult village: group 5.5b.
pub(super) fn in_difficult_area(home: &mut Home) -> Vec<Draft> {
    let birth = home.born_aged(75, 79);
    let sex = home.sex(65);
    // The list of such communes of 2021 (QĐ 861/QĐ-TTg) and of villages begins the fact.
    let listed = day(2021, 7, 1);
    let met = later(birthday(birth, 75), listed);
    let name = home.name(sex, birth, true);
    let payee = home.adult_payee(0, &name, 60);
    let poverty = if home.dice.percent(40) { "poor" } else { "near_poor" };
    let facts = [
        word(EvidenceKind::Poverty, poverty, listed),
        flag(EvidenceKind::DifficultArea, listed),
    ];
    let claim = home.claim(Benefit::MonthlyAllowance, met);
    vec![
        Draft::new(sex, birth, name, Relation::Head, payee)
            .with(facts)
            .claiming(claim),
    ]
}

/// Poor and unable to work: the fixed amounts of Quảng Ninh, 5.5c or 5.6 underneath.
pub(super) fn poor_unable_to_work(home: &mut Home) -> Vec<Draft> {
    let old = home.dice.percent(60);
    let birth = if old {
        birth_of_the_old(home)
    } else {
        home.born_aged(22, 58)
    };
    let sex = home.sex(60);
    let name = home.name(sex, birth, sex == Sex::Male);
    let payee = home.adult_payee(0, &name, 45);
    let poor = home.between(day(2022, 1, 1), day(2023, 3, 31));
    let met = if old {
        later(birthday(birth, 80), REGISTRY_FROM)
    } else {
        home.between(REGISTRY_FROM, day(2022, 6, 30))
    };
    let mut facts = vec![
        word(EvidenceKind::Poverty, "poor", poor),
        flag(EvidenceKind::UnableToWork, later(poor, day(2023, 1, 1))),
    ];
    if !old {
        facts.push(word(EvidenceKind::Disability, "severe", met));
    }
    let claim = home.claim(Benefit::MonthlyAllowance, met);
    vec![
        Draft::new(sex, birth, name, Relation::Head, payee)
            .with(facts)
            .claiming(claim),
    ]
}
