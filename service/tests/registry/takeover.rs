//! Imports, and the takeover from a predecessor.

use domain::case_file::Place;
use serde_json::{Value, json};
use service::person::bulk::{ImportPersons, import};
use service::person::{PersonRange, case_file};
use service::{Actor, ProblemCode, Role};
use uuid::Uuid;

use crate::house::{House, code, day, lan, read};

#[tokio::test]
async fn an_import_reports_bad_rows_and_stores_the_good_ones() {
    let house = House::new().await;
    let app = &house.app;
    let actor = house.actor("Hạnh", Role::Caseworker, Some("06652@1900-01")).await;
    let with = |change: &dyn Fn(&mut Value)| {
        let mut person = lan();
        change(&mut person);
        json!({ "person": person })
    };
    let rows = json!({ "persons": [
        with(&|_| ()),
        with(&|person| person["birth_date"] = json!("1990-02-30")),
        with(&|_| ()),
        with(&|person| { person["citizen_id"] = json!(null); person["residences"][0]["area"] = json!("06658"); }),
        with(&|person| person["citizen_id"] = json!("022190005678")),
    ] });
    let report = import(app, &actor, read(rows.clone())).await.unwrap();
    let told: Vec<_> = report
        .rows
        .iter()
        .map(|row| (row.row, row.errors[0].pointer.as_str(), row.errors[0].code.as_str()))
        .collect();
    let expected = [
        (1, "/person/birth_date", "date"),
        (2, "/person/citizen_id", "citizen_id_repeated"),
        (3, "/person/residences", "not-found"),
    ];
    assert_eq!((report.accepted, told), (2, expected.to_vec()));
    let again = import(app, &actor, read(rows)).await.unwrap();
    assert_eq!((again.accepted, again.rows.len()), (0, 5));
    let opening = ImportPersons {
        opening: true,
        persons: Vec::new(),
    };
    assert_eq!(code(import(app, &actor, opening).await), ProblemCode::Forbidden);
}

#[tokio::test]
async fn a_takeover_brings_decisions_accounts_and_case_files() {
    let house = House::new().await;
    let app = &house.app;
    let id = Uuid::from_u128(1);
    let rows = || {
        json!({ "opening": true, "persons": [{
        "id": id, "person": lan(),
        "decisions": [{ "benefit": "monthly_allowance", "number": "9/QĐ", "signed_on": "2022-06-05" }],
        "payees": [{ "relation": "oneself", "from": "2022-06-05", "account": { "channel": "post_cash",
            "account_number": "022190001234", "holder_name": "Phạm Thị Lan" } }],
    }] })
    };
    let report = import(app, &Actor::system("demo"), read(rows())).await.unwrap();
    assert_eq!((report.accepted, report.rows.len()), (1, 0));
    let again = import(app, &Actor::system("demo"), read(rows())).await.unwrap();
    assert_eq!((again.accepted, again.unchanged), (0, 1));
    let cases = case_file::load_range(app.db.read(), PersonRange::ALL).await.unwrap();
    assert_eq!(cases.len(), 1);
    let case = &cases[0].case_file;
    assert_eq!(case.residences[0].place, Place::Area("06652".into()));
    assert_eq!(case.claims.as_ref().unwrap()[0].decided_on, Some(day("2022-06-05")));
}
