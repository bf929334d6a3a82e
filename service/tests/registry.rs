//! The registry as its callers see it: scope, versions, two time axes, two people for an account, imports.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test program")]

use std::path::Path;

use chrono::{NaiveDate, TimeZone, Utc};
use domain::case_file::{Benefit, Place};
use domain::evidence::EvidenceValue;
use serde_json::{Value, json};
use service::access::{CreateClient, CreateUser, NewGrant};
use service::area::ListAreas;
use service::installation::{FirstStart, Opening, open};
use service::person::bulk::{ImportPersons, import};
use service::person::{
    AddEvidence, CorrectEvidence, CreatePerson, EndEvidence, ListPersons, Move, PersonRange, PersonView, ProposePayee,
    UpdatePerson, case_file,
};
use service::{Actor, App, Error, ProblemCode, Role, access, application, area, person, program, reference};
use tempfile::TempDir;
use uuid::Uuid;

struct House {
    app: App,
    _folder: TempDir,
}

impl House {
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let app = start(folder.path()).await;
        reference::seed(&app).await.unwrap();
        Self { app, _folder: folder }
    }

    async fn actor(&self, name: &str, role: Role, area_id: Option<&str>) -> Actor {
        let installer = Actor::system("test");
        let user = access::create_user(&self.app, &installer, CreateUser { name: name.into() })
            .await
            .unwrap();
        let grants = vec![NewGrant {
            role,
            area_id: area_id.map(str::to_owned),
        }];
        let command = CreateClient {
            name: name.into(),
            user_id: Some(user.id),
            grants,
        };
        let created = access::create_client(&self.app, &installer, command).await.unwrap();
        access::authenticate(&self.app, &created.key).await.unwrap()
    }

    fn at(&self, year: i32, month: u32, day: u32) {
        self.app
            .clock
            .set(Utc.with_ymd_and_hms(year, month, day, 2, 0, 0).unwrap());
    }
}

async fn start(folder: &Path) -> App {
    let first = FirstStart {
        now: Utc.with_ymd_and_hms(2024, 8, 20, 2, 0, 0).unwrap(),
        secret: vec![7; 32],
        seed: 1,
    };
    let opening = Opening {
        database_url: None,
        folder,
        sandbox: true,
        first_start: Some(first),
    };
    open(opening).await.unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn lan() -> Value {
    json!({
        "citizen_id": "022190001234", "full_name": "Phạm Thị  Lan", "birth_date": "1990-05-01", "sex": "female",
        "residences": [{ "area": "06652", "from": "2018-01-01", "setting": "community" }],
        "evidence": [{ "kind": "disability", "value": "severe", "from": "2022-03-20" }],
    })
}

fn read<T: serde::de::DeserializeOwned>(content: Value) -> T {
    serde_json::from_value(content).unwrap()
}

async fn create(app: &App, actor: &Actor, content: Value) -> Result<PersonView, Error> {
    person::create(app, actor, read::<CreatePerson>(content)).await
}

fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> ProblemCode {
    result.unwrap_err().code
}

fn faults<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<(String, String)> {
    result
        .unwrap_err()
        .fields
        .into_iter()
        .map(|fault| (fault.pointer, fault.code))
        .collect()
}

fn fault(pointer: &str, code: &str) -> (String, String) {
    (pointer.to_owned(), code.to_owned())
}

#[tokio::test]
async fn a_caseworker_sees_and_writes_their_own_area_alone() {
    let house = House::new().await;
    let app = &house.app;
    let here = house.actor("Hạnh", Role::Caseworker, Some("06652@1900-01")).await;
    let district = house.actor("Dũng", Role::Caseworker, Some("193@1900-01")).await;
    let elsewhere = house.actor("Minh", Role::Caseworker, Some("06658@1900-01")).await;
    let lan_here = create(app, &here, lan()).await.unwrap();

    assert_eq!(
        person::get(app, &district, lan_here.id).await.unwrap().full_name,
        "Phạm Thị Lan"
    );
    assert_eq!(
        code(person::get(app, &elsewhere, lan_here.id).await),
        ProblemCode::NotFound
    );
    let found = |actor: Actor| async move {
        let by_name = ListPersons {
            name: Some("PHAM THI".into()),
            ..ListPersons::default()
        };
        person::list(app, &actor, by_name).await.unwrap().items.len()
    };
    assert_eq!(
        (
            found(here.clone()).await,
            found(district).await,
            found(elsewhere.clone()).await
        ),
        (1, 1, 0)
    );
    let mut other = lan();
    other["citizen_id"] = json!("022190009999");
    assert_eq!(
        code(create(app, &elsewhere, other.clone()).await),
        ProblemCode::NotFound
    );
    other["residences"][0]["area"] = json!("99999");
    let unknown = faults(create(app, &elsewhere, other).await);
    assert_eq!(unknown, [fault("/residences/0/area", "unknown_area")]);

    let there = Move {
        area: "06658".into(),
        from: day("2024-08-01"),
        setting: entity::enums::Setting::Community,
    };
    person::move_person(app, &here, lan_here.id, 1, there).await.unwrap();
    assert_eq!(code(person::get(app, &here, lan_here.id).await), ProblemCode::NotFound);
    assert_eq!(
        person::get(app, &elsewhere, lan_here.id)
            .await
            .unwrap()
            .residences
            .len(),
        2
    );
}

#[tokio::test]
async fn a_grant_ends_with_its_area_and_an_ended_key_opens_nothing() {
    let house = House::new().await;
    let app = &house.app;
    let installer = Actor::system("test");
    let grants = vec![NewGrant {
        role: Role::Caseworker,
        area_id: Some("06652@1900-01".into()),
    }];
    let created = access::create_client(
        app,
        &installer,
        CreateClient {
            name: "Một cửa".into(),
            user_id: None,
            grants,
        },
    );
    let created = created.await.unwrap();
    let ward = |actor: &Actor| access::me(actor).roles[0].areas.clone().unwrap();
    assert_eq!(
        ward(&access::authenticate(app, &created.key).await.unwrap()),
        ["06652@1900-01"]
    );
    house.at(2025, 8, 1);
    assert!(ward(&access::authenticate(app, &created.key).await.unwrap()).is_empty());
    access::revoke_client(app, &installer, created.client.id).await.unwrap();
    assert_eq!(
        code(access::authenticate(app, &created.key).await),
        ProblemCode::Unauthenticated
    );
    assert_eq!(
        code(access::authenticate(app, "ansinh_x_y").await),
        ProblemCode::Unauthenticated
    );
}

#[tokio::test]
async fn the_first_key_is_given_once_and_manages_access() {
    let house = House::new().await;
    let key = access::bootstrap(&house.app).await.unwrap().unwrap();
    assert_eq!(access::bootstrap(&house.app).await.unwrap(), None);
    let administrator = access::authenticate(&house.app, &key).await.unwrap();
    let me = access::me(&administrator);
    assert!(
        me.permissions.contains(&"AccessManage".to_owned()) && !me.permissions.contains(&"RegistryRead".to_owned())
    );
    assert_eq!(
        code(create(&house.app, &administrator, lan()).await),
        ProblemCode::Forbidden
    );
    assert_eq!(
        code(access::revoke_client(&house.app, &administrator, administrator.client_id).await),
        ProblemCode::Conflict
    );
}

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

#[tokio::test]
async fn pages_follow_each_other_and_a_cursor_fits_its_own_list_alone() {
    let house = House::new().await;
    let app = &house.app;
    let actor = Actor::system("test");
    let list = |as_of: &str, cursor: Option<String>| {
        let command = ListAreas {
            as_of: Some(day(as_of)),
            parent: Some("193".into()),
            limit: Some(5),
            cursor,
        };
        let actor = actor.clone();
        async move { area::list(app, &actor, command).await }
    };
    let first = list("2024-08-20", None).await.unwrap();
    let second = list("2024-08-20", first.next.clone()).await.unwrap();
    assert_eq!((first.items.len(), second.items.len()), (5, 5));
    assert!(first.items[4].code < second.items[0].code);
    assert_eq!(
        code(list("2024-08-21", first.next.clone()).await),
        ProblemCode::InvalidCursor
    );
    assert_eq!(
        code(list("2024-08-20", Some("00".into())).await),
        ProblemCode::InvalidCursor
    );
    let everyone = ListPersons {
        limit: Some(201),
        ..ListPersons::default()
    };
    assert_eq!(
        code(person::list(app, &actor, everyone).await),
        ProblemCode::InvalidRequest
    );
}
