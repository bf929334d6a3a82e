//! Which groups a person belongs to on a day, and at what level, under the law of a month.

use domain::Month;
use domain::case_file::{AreaType, Benefit, Setting};
use domain::evidence::EvidenceKind as Kind;
use domain::evidence::{CareCondition, CareRelation};

use super::facts::{Facts, aged};
use super::law::{Known, Subject};

/// A group and its amount in đồng.
pub(crate) type Part = (&'static str, i64);

/// What a benefit comes to in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Nothing,
    Parts(Vec<Part>),
    Unknown(&'static str),
}

const DISABLED: &[&str] = &["severe", "particularly_severe"];

/// The groups of NĐ 20/2021 Art 5 whose conditions are met, with ten times the coefficient of Art 6(1).
pub(crate) fn art_5(known: Known, facts: Facts<'_>, month: Month) -> Vec<(&'static str, i64)> {
    let mut groups = Vec::new();
    if !facts.alive() || facts.stay().is_none() {
        return groups;
    }
    let nd_20 = known.holds(Subject::NewGroups, month);
    let poor = facts.is(Kind::Poverty, &["poor"]);
    let poor_or_near = facts.is(Kind::Poverty, &["poor", "near_poor"]);
    let adult = facts.aged(16, 200);

    // 5(1), 6(1)(a): children without a nurturer
    if facts.has(Kind::NoCaregiver) && facts.aged(0, 16) {
        groups.push(("5.1", if facts.aged(0, 4) { 25 } else { 15 }));
    }
    // 5(2), 6(1)(b): the same past 16, studying, at latest to the 22nd birthday
    let sixteenth = super::facts::birthday(facts.case.birth_date.day, 16);
    if facts
        .unbroken_since(Kind::NoCaregiver)
        .is_some_and(|day| day < sixteenth)
        && facts.has(Kind::Studying)
        && facts.aged(16, 22)
    {
        groups.push(("5.2", 15));
    }
    // 5(3), 6(1)(c): poor children with HIV
    if facts.has(Kind::Hiv) && poor && facts.aged(0, 16) {
        groups.push(("5.3", if facts.aged(0, 4) { 25 } else { 20 }));
    }
    // 5(4), 6(1)(d): poor or near-poor single parents, per child; NĐ 136/2013: poor only, at most two shares
    let children = facts.dependent_children();
    let household = if nd_20 { poor_or_near } else { poor };
    if facts.has(Kind::SingleParent) && household && children > 0 {
        groups.push(("5.4", 10 * if nd_20 { children } else { children.min(2) }));
    }
    elderly(known, facts, month, &mut groups);
    // 5(6), 6(1)(e); NĐ 28/2012 Art 16: more for a child or an elderly person
    let young_or_old = facts.aged(0, 16) || facts.aged(60, 200);
    if facts.is(Kind::Disability, &["particularly_severe"]) {
        groups.push(("5.6", if young_or_old { 25 } else { 20 }));
    } else if facts.is(Kind::Disability, &["severe"]) {
        groups.push(("5.6", if young_or_old { 20 } else { 15 }));
    }
    // 5(7), 6(1)(g): children under 3, not of 5.1, 5.3 or 5.6
    let other = groups.iter().any(|(group, _)| ["5.1", "5.3", "5.6"].contains(group));
    if nd_20 && facts.aged(0, 3) && poor_or_near && facts.has(Kind::DifficultArea) && !other {
        groups.push(("5.7", 15));
    }
    // 5(8), 6(1)(g): poor adults with HIV and no income
    if facts.has(Kind::Hiv) && poor && adult && facts.pension().is_none() {
        let tenths = if nd_20 { known.tenths("5.8", month, 15) } else { 15 };
        groups.push(("5.8", tenths));
    }
    // whose decree has been issued: the disabled had their own before 7/2021
    groups.retain(|(group, _)| nd_20 || known.holds(decree_before_2021(group), month));
    groups
}

fn decree_before_2021(group: &str) -> Subject {
    if group == "5.6" {
        Subject::Disabled
    } else {
        Subject::OldGroups
    }
}

/// 5(5), 6(1)(đ): the elderly.
fn elderly(known: Known, facts: Facts<'_>, month: Month, groups: &mut Vec<(&'static str, i64)>) {
    let nd_20 = known.holds(Subject::NewGroups, month);
    let before_social_pension = !known.holds(Subject::ElderlyEnd, month);
    let poor = facts.is(Kind::Poverty, &["poor"]);
    let poor_or_near = facts.is(Kind::Poverty, &["poor", "near_poor"]);
    let a = facts.aged(60, 200) && poor && facts.has(Kind::NoSupporter);
    if a {
        groups.push(("5.5a", if facts.aged(80, 200) { 20 } else { 15 }));
    }
    // NĐ 176/2025 ends b and c
    if nd_20 && before_social_pension && !a && facts.aged(75, 80) && poor_or_near && facts.has(Kind::DifficultArea) {
        groups.push(("5.5b", 10));
    }
    if before_social_pension && !a && facts.aged(80, 200) && facts.pension().is_none() {
        groups.push(("5.5c", 10));
    }
    if a && facts.has(Kind::CaredInCommunity) {
        groups.push(("5.5d", 30));
    }
}

const ORDER: [&str; 12] = [
    "5.1",
    "5.2",
    "5.3",
    "5.4",
    "5.5a",
    "5.5b",
    "5.5c",
    "5.5d",
    "5.6",
    "5.7",
    "5.8",
    "qn_poor_unable_to_work",
];

fn rank(parts: &[Part]) -> Vec<usize> {
    parts
        .iter()
        .map(|(group, _)| ORDER.iter().position(|known| known == group).expect("a known group"))
        .collect()
}

/// The monthly allowance: the highest one, except that 5.4 comes on top of 5.5, 5.6 or 5.8 (NĐ 20/2021 Art 6(2)).
/// `arrears`: only the groups whose first month lies before the decision (Art 8(1)(đ)).
pub(crate) fn allowance(known: Known, facts: Facts<'_>, month: Month, arrears: bool) -> Level {
    let standard = known.community_standard(facts.case.jurisdiction, month);
    let mut single: Vec<Part> = Vec::new();
    for (group, tenths) in art_5(known, facts, month) {
        if !arrears || ["5.5b", "5.5c", "5.6"].contains(&group) {
            single.push((group, standard * tenths / 10));
        }
    }
    let on_top = |group: &str| group.starts_with("5.5") || group == "5.6" || group == "5.8";
    let stackable = single.iter().any(|(group, _)| on_top(group));
    let parent = single.iter().find(|(group, _)| *group == "5.4").copied();

    let mut options: Vec<Vec<Part>> = single.iter().map(|part| vec![*part]).collect();
    if let Some(parent) = parent {
        options.extend(
            single
                .iter()
                .filter(|(group, _)| on_top(group))
                .map(|part| vec![parent, *part]),
        );
    }
    // NQ 08/2022: in place of the level of the group
    let area = facts.area_type(month);
    let fixed = area.and_then(|area| known.fixed_amount(facts.case.jurisdiction, area, month));
    let meant = !arrears && !single.is_empty() && facts.is(Kind::Poverty, &["poor"]) && facts.has(Kind::UnableToWork);
    if let (true, Some(amount)) = (meant, fixed) {
        let part = ("qn_poor_unable_to_work", amount);
        options.push(vec![part]);
        if let (Some(parent), true) = (parent, stackable) {
            options.push(vec![parent, part]);
        }
    }
    let total = |parts: &[Part]| parts.iter().map(|(_, amount)| *amount).sum::<i64>();
    options.sort_by_key(|parts| (-total(parts), rank(parts)));
    match options.into_iter().next() {
        None => Level::Nothing,
        Some(best) if best.iter().any(|(g, _)| *g == "qn_poor_unable_to_work") && area == Some(AreaType::Special) => {
            Level::Unknown("area_type_special_without_rule")
        }
        Some(best) => Level::Parts(best),
    }
}

/// Care support, paid to the carer (NĐ 20/2021 Art 20; before it NĐ 28/2012 Art 17), on the central standard.
pub(crate) fn care_support(known: Known, facts: Facts<'_>, month: Month) -> Level {
    let mut parts: Vec<Part> = Vec::new();
    if facts.alive() && facts.stay().is_some() {
        let shares = if known.holds(Subject::NewGroups, month) {
            article_20(facts)
        } else if known.holds(Subject::Disabled, month) {
            article_17(facts)
        } else {
            Vec::new()
        };
        let standard = known.amount(Subject::CentralStandard, month).unwrap_or(0);
        parts = shares
            .into_iter()
            .map(|(group, tenths)| (group, standard * tenths / 10))
            .collect();
    }
    if parts.is_empty() {
        Level::Nothing
    } else {
        Level::Parts(parts)
    }
}

fn article_17(facts: Facts<'_>) -> Vec<(&'static str, i64)> {
    let mut shares = Vec::new();
    let mut taken_in = 0;
    for cared in facts.cared_for() {
        let born = cared.birth_date <= facts.day;
        if born && cared.condition == CareCondition::ParticularlySevere {
            match cared.relation {
                CareRelation::OwnFamily => shares.push(("28/17", 10)),
                CareRelation::TakenIn => taken_in += 1,
            }
        }
    }
    match taken_in {
        0 => {}
        1 => shares.push(("28/17", 15)),
        _ => shares.push(("28/17", 30)),
    }
    shares
}

fn article_20(facts: Facts<'_>) -> Vec<(&'static str, i64)> {
    let mut shares = Vec::new();
    let infants = facts.infants();
    let pregnant = facts.has(Kind::Pregnant);
    if facts.is(Kind::Disability, DISABLED) && !facts.has(Kind::SpouseHasCareSupport) {
        if infants >= 2 || (pregnant && infants == 1) {
            shares.push(("20(2)(a)", 20));
        } else if pregnant || infants == 1 {
            shares.push(("20(2)(a)", 15));
        }
    }
    for cared in facts.cared_for() {
        let is = |from, below| aged(cared.birth_date, facts.day, from, below);
        let share = match (cared.condition, cared.relation) {
            (CareCondition::NoCaregiver, CareRelation::TakenIn) if is(0, 4) => Some(("20(1)(a)", 25)),
            (CareCondition::NoCaregiver, CareRelation::TakenIn) if is(4, 16) => Some(("20(1)(b)", 15)),
            (CareCondition::Elderly55d, CareRelation::TakenIn) if is(0, 200) => Some(("20(1)(b)", 15)),
            (CareCondition::ParticularlySevere, CareRelation::OwnFamily) if is(0, 200) => Some(("20(2)(c)", 10)),
            (CareCondition::ParticularlySevere, CareRelation::TakenIn) if is(0, 16) => Some(("20(2)(d)", 25)),
            (CareCondition::ParticularlySevere, CareRelation::TakenIn) if is(16, 200) => Some(("20(2)(d)", 15)),
            _ => None,
        };
        shares.extend(share);
    }
    shares
}

/// Facility care (NĐ 20/2021 Art 25(1); before it NĐ 136/2013 Art 26).
pub(crate) fn facility_care(known: Known, facts: Facts<'_>, month: Month) -> Level {
    if !facts.alive() || facts.stay().is_none_or(|stay| stay.setting != Setting::Facility) {
        return Level::Nothing;
    }
    let (group, tenths) = if known.holds(Subject::NewGroups, month) {
        if facts.aged(0, 4) {
            ("25(1)(a)", 50)
        } else {
            ("25(1)(b)", known.tenths("25(1)(b)", month, 40))
        }
    } else if !known.holds(Subject::OldGroups, month) {
        return Level::Nothing;
    } else if facts.aged(0, 4) {
        ("136/26", 50)
    } else if facts.aged(16, 60) {
        ("136/26", 30)
    } else {
        ("136/26", 40)
    };
    Level::Parts(vec![(
        group,
        known.facility_standard(facts.case.jurisdiction, month) * tenths / 10,
    )])
}

/// The social pension (Luật 41/2024 Art 21, NĐ 176/2025 Art 2 and 3).
pub(crate) fn social_pension(known: Known, facts: Facts<'_>, month: Month) -> Level {
    let needy = facts.aged(75, 200) || (facts.aged(70, 75) && facts.is(Kind::Poverty, &["poor", "near_poor"]));
    if !known.holds(Subject::SocialPension, month) || !facts.alive() || facts.stay().is_none() || !needy {
        return Level::Nothing;
    }
    let amount = known.social_pension(facts.case.jurisdiction, month);
    match facts.pension() {
        None => Level::Parts(vec![("sp", amount)]),
        Some(pension) if pension < amount => Level::Unknown("small_pension_without_rule"),
        Some(_) => Level::Nothing,
    }
}

/// The level of a benefit by the facts of a day and the law of a month, as it was known. Where no standard is known it
/// comes to 0 đồng, which nobody is told: the month is undetermined.
pub(crate) fn level(known: Known, benefit: Benefit, facts: Facts<'_>, month: Month, arrears: bool) -> Level {
    match benefit {
        Benefit::MonthlyAllowance => allowance(known, facts, month, arrears),
        // no first-month rule of these reaches back (NĐ 20/2021 Art 8(1)(đ))
        _ if arrears => Level::Nothing,
        Benefit::CareSupport => care_support(known, facts, month),
        Benefit::FacilityCare => facility_care(known, facts, month),
        Benefit::SocialPension => social_pension(known, facts, month),
        Benefit::Funeral => Level::Nothing,
    }
}
