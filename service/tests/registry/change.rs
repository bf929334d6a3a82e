//! Versions, and the two time axes.

use domain::evidence::EvidenceValue;
use serde_json::{Value, json};
use service::person::{AddEvidence, CorrectEvidence, EndEvidence, UpdatePerson, case_file};
use service::{ProblemCode, Role, person};

use crate::house::{House, code, create, day, fault, faults, lan, read};

#[tokio::test]
async fn a_change_of_a_version_that_is_gone_stores_nothing() {
    let house = House::new().await;
    let app = &house.app;
    let actor = house.actor("Hạnh", Role::Caseworker, None).await;
    let lan = create(app, &actor, lan()).await.unwrap();
    let update = || {
        read::<UpdatePerson>(
            json!({ "citizen_id": "022190001234", "full_name": "Phạm Thị Lan", "birth_date": "1990",
            "sex": "female", "death_date": "2024-08-01" }),
        )
    };
    let changed = person::update(app, &actor, lan.id, 1, update()).await.unwrap();
    assert_eq!(
        (changed.version, changed.evidence_rev, changed.birth_date.as_str()),
        (2, 2, "1990")
    );
    assert_eq!(
        code(person::update(app, &actor, lan.id, 1, update()).await),
        ProblemCode::Stale
    );
    let end = EndEvidence {
        to: day("2024-07-31"),
        change: entity::enums::EvidenceChange::Circumstances,
    };
    let fact = lan.evidence[0].id;
    assert_eq!(
        code(person::end_evidence(app, &actor, lan.id, fact, 1, end).await),
        ProblemCode::Stale
    );
    assert_eq!(person::get(app, &actor, lan.id).await.unwrap(), changed);
}

#[tokio::test]
async fn what_was_known_then_stays_readable() {
    let house = House::new().await;
    let app = &house.app;
    let actor = house.actor("Hạnh", Role::Caseworker, None).await;
    let lan = create(app, &actor, lan()).await.unwrap();
    let before = app.clock.now();
    house.at(2024, 9, 10);
    let right = CorrectEvidence {
        value: json!("particularly_severe"),
        from: day("2022-01-15"),
        to: None,
        document: None,
    };
    let corrected = person::correct_evidence(app, &actor, lan.id, lan.evidence[0].id, 1, right)
        .await
        .unwrap();
    assert_eq!((corrected.version, corrected.evidence_rev), (2, 2));

    let known = |loaded: case_file::LoadedCase| {
        let fact = loaded.case_file.evidence[0].clone();
        assert_eq!(loaded.case_file.evidence.len(), 1);
        (fact.value, fact.from)
    };
    let word = |word: &str| EvidenceValue::Word(word.into());
    let then = case_file::load_known_at(app.db.read(), lan.id, before).await.unwrap();
    assert_eq!(known(then), (word("severe"), day("2022-03-20")));
    let now = case_file::load_one(app.db.read(), lan.id).await.unwrap();
    assert_eq!(now.evidence_rev, 2);
    assert_eq!(known(now), (word("particularly_severe"), day("2022-01-15")));
    let history = person::evidence_history(app, &actor, lan.id).await.unwrap();
    assert_eq!(
        history
            .iter()
            .map(|record| record.superseded_at.is_some())
            .collect::<Vec<_>>(),
        [true, false]
    );
}

#[tokio::test]
async fn contradictory_evidence_is_refused_and_nothing_is_stored() {
    let house = House::new().await;
    let app = &house.app;
    let actor = house.actor("Hạnh", Role::Caseworker, None).await;
    let lan_stored = create(app, &actor, lan()).await.unwrap();
    let add = |content: Value| read::<AddEvidence>(content);
    let clash = add(json!({ "kind": "disability", "value": "mild", "from": "2024-01-01", "change": "circumstances" }));
    let refused = faults(person::add_evidence(app, &actor, lan_stored.id, 1, clash).await);
    assert_eq!(refused, [fault("/from", "contradicting_evidence")]);
    let shapeless = add(
        json!({ "kind": "poverty", "value": true, "from": "2024-05-01", "to": "2024-01-01", "change": "correction" }),
    );
    let refused = faults(person::add_evidence(app, &actor, lan_stored.id, 1, shapeless).await);
    assert_eq!(
        refused,
        [fault("/value", "evidence_value"), fault("/to", "to_before_from")]
    );
    assert_eq!(person::get(app, &actor, lan_stored.id).await.unwrap(), lan_stored);

    let mut faulty = lan();
    faulty["citizen_id"] = json!("22190001234");
    let clash = json!({ "kind": "disability", "value": "mild", "from": "2023-01-01" });
    faulty["evidence"].as_array_mut().unwrap().push(clash);
    let refused = faults(create(app, &actor, faulty).await);
    let expected = [
        fault("/citizen_id", "citizen_id_eleven_digits"),
        fault("/evidence/1", "contradicting_evidence"),
    ];
    assert_eq!(refused, expected);
    assert_eq!(code(create(app, &actor, lan()).await), ProblemCode::AlreadyExists);
}
