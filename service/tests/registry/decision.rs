//! An account and a decision take two people.

use domain::case_file::Benefit;
use serde_json::json;
use service::actor::Grant;
use service::person::{ProposePayee, case_file};
use service::{Actor, ProblemCode, Role, access, application, person, program};

use crate::house::{House, code, create, day, lan, read};

#[tokio::test]
async fn an_account_takes_two_people() {
    let house = House::new().await;
    let app = &house.app;
    let signer = house.actor("Tuấn", Role::DecisionMaker, None).await;
    let other = house.actor("Mai", Role::DecisionMaker, None).await;
    let lan = create(app, &signer, lan()).await.unwrap();
    let propose = |number: &str, from: &str| {
        read::<ProposePayee>(
            json!({ "relation": "oneself", "from": from, "account": { "channel": "bank_transfer",
            "bank_code": "AGRIBANK", "account_number": number, "holder_name": "PHAM THI LAN" } }),
        )
    };
    let proposed = person::propose_payee(app, &signer, lan.id, 1, propose("8011 205 1234", "2024-09-01"))
        .await
        .unwrap();
    let payee = proposed.payees[0].clone();
    assert_eq!(
        (payee.status, payee.account.account_number.as_str()),
        (entity::enums::PayeeStatus::Proposed, "80112051234")
    );
    assert_eq!(
        code(person::confirm_payee(app, &signer, lan.id, payee.id, 2).await),
        ProblemCode::SamePerson
    );
    let confirmed = person::confirm_payee(app, &other, lan.id, payee.id, 2).await.unwrap();
    assert_eq!(confirmed.payees[0].status, entity::enums::PayeeStatus::Active);
    assert_eq!(
        code(person::confirm_payee(app, &other, lan.id, payee.id, 3).await),
        ProblemCode::IllegalTransition
    );

    let next = person::propose_payee(app, &signer, lan.id, 3, propose("999988887777", "2024-10-01"))
        .await
        .unwrap();
    let next = next
        .payees
        .iter()
        .find(|payee| payee.status == entity::enums::PayeeStatus::Proposed)
        .unwrap()
        .id;
    let confirmed = person::confirm_payee(app, &other, lan.id, next, 4).await.unwrap();
    let spans: Vec<_> = confirmed
        .payees
        .iter()
        .map(|payee| (payee.status, payee.from, payee.to))
        .collect();
    use entity::enums::PayeeStatus::{Active, Ended};
    let expected = [
        (Ended, day("2024-09-01"), Some(day("2024-09-30"))),
        (Active, day("2024-10-01"), None),
    ];
    assert_eq!(spans, expected);
}

#[tokio::test]
async fn a_decision_is_signed_by_another_person_and_becomes_a_claim() {
    let house = House::new().await;
    let app = &house.app;
    let filer = house.actor("Tuấn", Role::DecisionMaker, None).await;
    let signer = house.actor("Mai", Role::DecisionMaker, None).await;
    let lan = create(app, &filer, lan()).await.unwrap();
    let ask = json!({ "person_id": lan.id, "benefit": "monthly_allowance", "filed_on": "2024-08-12" });
    let filed = application::file(app, &filer, read(ask.clone())).await.unwrap();
    assert_eq!(
        code(application::file(app, &filer, read(ask)).await),
        ProblemCode::AlreadyExists
    );
    let grant = || read(json!({ "outcome": "granted", "number": "12/QĐ", "signed_on": "2024-08-20" }));
    assert_eq!(
        code(application::decide(app, &filer, filed.id, 1, grant()).await),
        ProblemCode::SamePerson
    );
    let granted = application::decide(app, &signer, filed.id, 1, grant()).await.unwrap();
    assert_eq!(granted.version, 2);

    let claims = case_file::load_one(app.db.read(), lan.id)
        .await
        .unwrap()
        .case_file
        .claims
        .unwrap();
    let claim = (claims[0].benefit, claims[0].filed_on, claims[0].decided_on);
    assert_eq!(
        claim,
        (
            Benefit::MonthlyAllowance,
            Some(day("2024-08-12")),
            Some(day("2024-08-20"))
        )
    );
    let monthly = program::list(app, &signer, program::ListPrograms::default())
        .await
        .unwrap();
    let monthly = monthly
        .items
        .into_iter()
        .find(|program| program.code == "monthly_allowance")
        .unwrap();
    let counted = program::statistics(app, &signer, monthly.id).await.unwrap();
    assert_eq!(
        (counted.enrolled, counted.by_area[0].area_id.as_str()),
        (1, "06652@1900-01")
    );
    let enrolled = program::list_enrollments(app, &signer, monthly.id, program::ListEnrollments::default())
        .await
        .unwrap();
    assert_eq!(enrolled.items[0].person_id, lan.id);
}

#[tokio::test]
async fn whoever_gave_a_person_the_key_does_not_sign_with_them() {
    let house = House::new().await;
    let app = &house.app;
    let giver = house.actor("Tuấn", Role::DecisionMaker, None).await;
    let holder = house.actor("Mai", Role::DecisionMaker, None).await;
    let third = house.actor("Hòa", Role::DecisionMaker, None).await;
    let grants = vec![Grant {
        role: Role::Administrator,
        areas: None,
    }];
    let administrator = Actor::new(giver.client_id, giver.user_id, giver.name.clone(), grants);
    access::rotate_key(app, &administrator, holder.client_id).await.unwrap();

    let lan = create(app, &giver, lan()).await.unwrap();
    let account = json!({ "relation": "oneself", "from": "2024-09-01", "account": { "channel": "bank_transfer",
        "bank_code": "AGRIBANK", "account_number": "8011 205 1234", "holder_name": "PHAM THI LAN" } });
    let proposed = person::propose_payee(app, &holder, lan.id, 1, read(account))
        .await
        .unwrap();
    let payee = proposed.payees[0].id;
    assert_eq!(
        code(person::confirm_payee(app, &giver, lan.id, payee, 2).await),
        ProblemCode::SamePerson
    );
    person::confirm_payee(app, &third, lan.id, payee, 2).await.unwrap();

    let ask = json!({ "person_id": lan.id, "benefit": "monthly_allowance", "filed_on": "2024-08-12" });
    let filed = application::file(app, &giver, read(ask)).await.unwrap();
    let grant = || read(json!({ "outcome": "granted", "number": "12/QĐ", "signed_on": "2024-08-20" }));
    assert_eq!(
        code(application::decide(app, &holder, filed.id, 1, grant()).await),
        ProblemCode::SamePerson
    );
    application::decide(app, &third, filed.id, 1, grant()).await.unwrap();
}
