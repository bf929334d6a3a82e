//! The facts that held on the day that counted.

use chrono::NaiveDate;

use super::Fact;
use crate::case_file::{AreaType, CaseFile, Language, Place, Setting};
use crate::determination::facts::birthday;
use crate::determination::settings::Where;
use crate::evidence::EvidenceValue;

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
        said: both((&age.to_string(), &age.to_string())),
    });
    let holds = |from: NaiveDate, to: Option<NaiveDate>| from <= day && to.is_none_or(|to| day <= to);
    if let Some(residence) = case
        .residences
        .iter()
        .rev()
        .find(|residence| holds(residence.from, residence.to))
    {
        let (value, said) = match &residence.place {
            Place::Area(code) => (code.as_str(), (code.as_str(), code.as_str())),
            Place::Type(AreaType::Urban) => ("urban", ("thành thị", "urban")),
            Place::Type(AreaType::Rural) => ("rural", ("nông thôn", "rural")),
            Place::Type(AreaType::Special) => ("special", ("đặc khu", "special zone")),
        };
        facts.push(Fact {
            kind: "area",
            value: value.to_owned(),
            from: Some(residence.from),
            evidence: None,
            label: ("Nơi cư trú", "Residence"),
            said: both(said),
        });
    }
    let setting = if place == Where::Facility {
        Setting::Facility
    } else {
        Setting::Community
    };
    let (value, said) = match setting {
        Setting::Facility => ("facility", ("trong cơ sở trợ giúp xã hội", "in a facility")),
        Setting::Community => ("community", ("tại cộng đồng", "in the community")),
    };
    facts.push(Fact {
        kind: "setting",
        value: value.to_owned(),
        from: None,
        evidence: None,
        label: ("Nơi chăm sóc trong tháng", "Setting of the month"),
        said: both(said),
    });
    let held = case.evidence.iter().enumerate();
    for (place, evidence) in held.filter(|(_, evidence)| holds(evidence.from, evidence.to)) {
        let value = match &evidence.value {
            EvidenceValue::True => "true".to_owned(),
            EvidenceValue::Word(word) => word.clone(),
            EvidenceValue::Amount(amount) => amount.to_string(),
            EvidenceValue::Child(child) => child.birth_date.to_string(),
            EvidenceValue::Cared(cared) => format!(
                "{} {} {}",
                cared.birth_date,
                cared.condition.code(),
                cared.relation.code()
            ),
        };
        let (kind, label) = (evidence.kind.code(), evidence.kind.label());
        facts.push(Fact {
            kind,
            value,
            from: Some(evidence.from),
            evidence: Some(place),
            label,
            said: (
                evidence.value.said(Language::Vietnamese),
                evidence.value.said(Language::English),
            ),
        });
    }
    facts
}

fn both((vi, en): (&str, &str)) -> (String, String) {
    (vi.to_owned(), en.to_owned())
}
