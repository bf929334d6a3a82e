//! The strict reader of case files takes every person of the province.

use serde_json::{Value, json};

use super::*;

fn stay(stay: &Residence) -> Value {
    let Place::Area(code) = &stay.place else {
        panic!("{stay:?}")
    };
    json!({"area": code, "from": stay.from, "to": stay.to, "setting": stay.setting})
}

fn fact(fact: &Evidence) -> Value {
    let value = match &fact.value {
        EvidenceValue::True => json!(true),
        EvidenceValue::Word(word) => json!(word),
        EvidenceValue::Amount(dong) => json!(dong),
        EvidenceValue::Child(child) => json!(child),
        EvidenceValue::Cared(cared) => json!(cared),
    };
    json!({"kind": fact.kind, "value": value, "from": fact.from, "to": fact.to})
}

fn written(file: &CaseFile) -> String {
    let birth = file.birth_date.day;
    json!({
        "id": file.id,
        "jurisdiction": "22",
        "birth_date": if file.birth_date.year_only { birth.year().to_string() } else { birth.to_string() },
        "sex": file.sex,
        "death_date": file.death_date,
        "residences": file.residences.iter().map(stay).collect::<Vec<_>>(),
        "evidence": file.evidence.iter().map(fact).collect::<Vec<_>>(),
        "claims": file.claims,
    })
    .to_string()
}

#[test]
fn the_strict_reader_takes_everyone_before_and_after_the_events() {
    let mut all = people(6_000);
    for person in &all {
        assert_eq!(
            CaseFile::parse(&written(&person.case_file)).as_ref(),
            Ok(&person.case_file)
        );
    }
    for event in later_events(1, 6_000) {
        let file = &mut all[event.index].case_file;
        event.apply(file);
        assert_eq!(CaseFile::parse(&written(file)).as_ref(), Ok(&*file));
    }
}
