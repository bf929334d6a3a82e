//! The facts that held on the day that counted.

use chrono::NaiveDate;

use super::Fact;
use crate::case_file::{AreaType, CaseFile, Place, Setting};
use crate::determination::facts::birthday;
use crate::determination::settings::Where;
use crate::evidence::{CareCondition, CareRelation, EvidenceValue};

pub(super) fn facts(case: &CaseFile, day: NaiveDate, place: Where) -> Vec<Fact> {
    let mut facts = Vec::new();
    let age = (0..=u8::MAX)
        .take_while(|age| birthday(case.birth_date.day, *age) <= day)
        .last()
        .unwrap_or(0);
    facts.push(Fact {
        kind: "age",
        value: age.to_string(),
        from: None,
        evidence: None,
        label: ("Tuổi", "Age"),
    });
    let holds = |from: NaiveDate, to: Option<NaiveDate>| from <= day && to.is_none_or(|to| day <= to);
    if let Some(residence) = case
        .residences
        .iter()
        .rev()
        .find(|residence| holds(residence.from, residence.to))
    {
        let value = match &residence.place {
            Place::Area(code) => code.clone(),
            Place::Type(AreaType::Urban) => "urban".to_owned(),
            Place::Type(AreaType::Rural) => "rural".to_owned(),
            Place::Type(AreaType::Special) => "special".to_owned(),
        };
        facts.push(Fact {
            kind: "area",
            value,
            from: Some(residence.from),
            evidence: None,
            label: ("Nơi cư trú", "Residence"),
        });
    }
    let setting = if place == Where::Facility {
        Setting::Facility
    } else {
        Setting::Community
    };
    let value = if setting == Setting::Facility {
        "facility"
    } else {
        "community"
    };
    let label = ("Nơi chăm sóc trong tháng", "Setting of the month");
    facts.push(Fact {
        kind: "setting",
        value: value.to_owned(),
        from: None,
        evidence: None,
        label,
    });
    let held = case.evidence.iter().enumerate();
    for (place, evidence) in held.filter(|(_, evidence)| holds(evidence.from, evidence.to)) {
        let value = match &evidence.value {
            EvidenceValue::True => "true".to_owned(),
            EvidenceValue::Word(word) => word.clone(),
            EvidenceValue::Amount(amount) => amount.to_string(),
            EvidenceValue::Child(child) => child.birth_date.to_string(),
            EvidenceValue::Cared(cared) => {
                let condition = match cared.condition {
                    CareCondition::NoCaregiver => "no_caregiver",
                    CareCondition::ParticularlySevere => "particularly_severe",
                    CareCondition::Elderly55d => "elderly_5_5d",
                };
                let relation = match cared.relation {
                    CareRelation::OwnFamily => "own_family",
                    CareRelation::TakenIn => "taken_in",
                };
                format!("{} {condition} {relation}", cared.birth_date)
            }
        };
        let (kind, label) = (evidence.kind.code(), evidence.kind.label());
        facts.push(Fact {
            kind,
            value,
            from: Some(evidence.from),
            evidence: Some(place),
            label,
        });
    }
    facts
}
