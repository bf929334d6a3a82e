//! Who proposes where a person's money goes and who confirms it are two, one by one and in an import, whatever keys they
//! gave each other or other systems.

use sea_orm::ConnectionTrait;
use serde_json::json;
use service::person::{self, bulk};
use service::{Actor, ProblemCode, Role, access, application, verify};
use uuid::Uuid;

use super::makers::hires;
use crate::harness::{House, each_engine};
use crate::overpayment::newcomer::newcomer;
use crate::overpayment::town::{LAN, Town};

const THIRD: Uuid = Uuid::from_u128(0x53);

async fn whose(house: &House, key: &str) -> Actor {
    access::authenticate(&house.app, key).await.unwrap()
}

/// Another system gets a key of a caseworker from an administrator.
async fn connects(house: &House, admin: &str) -> String {
    let body = json!({"name": "Cổng dịch vụ công", "grants": [{"role": "caseworker"}]});
    let post = house.call("POST", "/v1/clients").key(admin).once("system");
    let made = post.json(&body).send().await;
    assert_eq!(made.status, 201, "{made:?}");
    made.json()["key"].as_str().unwrap().to_owned()
}

/// Proposes an account for the person of the tests; the person and the proposal.
async fn proposes(house: &House, who: &Actor) -> (Uuid, Uuid) {
    let version = person::get(&house.app, who, LAN).await.unwrap().version;
    let command = json!({"relation": "guardian", "from": "2024-09-01", "account": {"channel": "post_cash",
        "account_number": "022190007777", "holder_name": "Trần Văn Hùng", "post_office": "Bưu cục Hà Phong"}});
    let command = serde_json::from_value(command).unwrap();
    person::propose_payee(&house.app, who, LAN, version, command)
        .await
        .unwrap();
    (LAN, proposed(house, who, LAN).await)
}

/// Brings somebody new with an account.
async fn imports(house: &House, who: &Actor) -> (Uuid, Uuid) {
    let mut new = newcomer(THIRD, "022190004444", "06652");
    new["decisions"] = json!([]);
    let command = serde_json::from_value(json!({"persons": [new]})).unwrap();
    let report = bulk::import(&house.app, who, command).await.unwrap();
    assert_eq!((report.accepted, report.rows.len()), (1, 0));
    (THIRD, proposed(house, who, THIRD).await)
}

async fn proposed(house: &House, who: &Actor, id: Uuid) -> Uuid {
    let payees = person::list_payees(&house.app, who, id).await.unwrap();
    let own = payees.iter().find(|payee| json!(payee.status) == "proposed").unwrap();
    own.id
}

async fn confirms(house: &House, key: &str, (id, payee): (Uuid, Uuid)) -> Result<(), ProblemCode> {
    let who = whose(house, key).await;
    let version = person::get(&house.app, &who, id).await.unwrap().version;
    let done = person::confirm_payee(&house.app, &who, id, payee, version).await;
    done.map(|_| ()).map_err(|error| error.code)
}

/// What the invariant of signatures finds.
async fn faults(house: &House) -> Vec<String> {
    let checks = verify::all(&house.app).await.unwrap();
    let mut own = checks
        .into_iter()
        .filter(|check| check.name.starts_with("signatures: "));
    own.next().unwrap().faults
}

/// Refuses an application.
async fn decides(house: &House, key: &str, (id, version): (Uuid, i64)) -> Result<(), ProblemCode> {
    let command =
        json!({"outcome": "refused", "number": "9/QĐ", "signed_on": "2024-08-19", "note": "Không đủ điều kiện"});
    let command = serde_json::from_value(command).unwrap();
    let done = application::decide(&house.app, &whose(house, key).await, id, version, command).await;
    done.map(|_| ()).map_err(|error| error.code)
}

#[test]
fn who_gave_a_system_its_key_does_not_decide_what_it_files() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let admin = house.keys(&[Role::Administrator, Role::DecisionMaker]).await;
        let key = connects(house, &admin[0]).await;
        let system = whose(house, &key).await;
        let command = serde_json::from_value(json!({"person_id": LAN, "benefit": "care_support"})).unwrap();
        let filed = application::file(&house.app, &system, command).await.unwrap();
        let mut new = newcomer(THIRD, "022190004444", "06652");
        new["decisions"] = json!([]);
        new["pending"] = json!([{"benefit": "monthly_allowance"}]);
        let command = serde_json::from_value(json!({"persons": [new]})).unwrap();
        let report = bulk::import(&house.app, &system, command).await.unwrap();
        assert_eq!(report.accepted, 1);
        let asked = serde_json::from_value(json!({"person_id": THIRD})).unwrap();
        let page = application::list(&house.app, &system, asked).await.unwrap();
        let brought = &page.items[0];
        for own in [(filed.id, filed.version), (brought.id, brought.version)] {
            assert_eq!(decides(house, &admin[1], own).await, Err(ProblemCode::SamePerson));
            assert_eq!(decides(house, &town.deciders[0], own).await, Ok(()));
        }
        assert_eq!(faults(house).await, Vec::<String>::new());
        town.idle().await;
        town.close().await;
    });
}

#[test]
fn nobody_confirms_what_they_let_a_person_or_a_system_propose() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let roles = [Role::Administrator, Role::Caseworker, Role::DecisionMaker];
        let admin = house.keys(&roles).await;
        let (_, decider) = hires(house, &admin[0], "QN-1", "decision_maker").await;
        let system = connects(house, &admin[0]).await;
        let (clerk, system) = (whose(house, &admin[1]).await, whose(house, &system).await);
        assert_eq!(system.user_id, None);
        let same = Err(ProblemCode::SamePerson);

        // Beside somebody whom the administrator gave the key, one by one and in an import.
        let one = proposes(house, &clerk).await;
        assert_eq!(confirms(house, &decider, one).await, same);
        let many = imports(house, &clerk).await;
        assert_eq!(confirms(house, &decider, many).await, same);
        assert_eq!(confirms(house, &admin[2], many).await, same);
        assert_eq!(confirms(house, &town.deciders[0], one).await, Ok(()));
        assert_eq!(confirms(house, &town.deciders[0], many).await, Ok(()));
        assert_eq!(faults(house).await, Vec::<String>::new());
        town.idle().await;
        town.close().await;
    });
}

#[test]
fn who_gave_a_system_its_key_does_not_confirm_what_it_proposes() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let admin = house.keys(&[Role::Administrator, Role::DecisionMaker]).await;
        let key = connects(house, &admin[0]).await;
        let system = whose(house, &key).await;
        let (one, many) = (proposes(house, &system).await, imports(house, &system).await);
        for proposal in [one, many] {
            assert_eq!(confirms(house, &admin[1], proposal).await, Err(ProblemCode::SamePerson));
        }
        assert_eq!(confirms(house, &town.deciders[0], one).await, Ok(()));
        assert_eq!(confirms(house, &town.deciders[1], many).await, Ok(()));
        assert_eq!(faults(house).await, Vec::<String>::new());
        town.idle().await;

        // Found afterwards where a program did not ask; which system it was is not changed.
        let conn = house.app.db.owner();
        let other = "UPDATE payee SET proposing_client = NULL WHERE proposing_client IS NOT NULL";
        let told = conn.execute_unprepared(other).await.unwrap_err().to_string();
        assert!(told.contains("refused payee: immutable"), "{told}");
        let gives = |by: &str, place: u8| {
            format!(
                "INSERT INTO key_issue (client_id, sequence, user_id, issued_by, issued_at)
                 SELECT own.client_id, {place}, own.user_id, {by}, own.issued_at FROM key_issue AS own
                 JOIN approval_act AS acted ON acted.act = 'check' AND acted.subject LIKE 'payee:%'
                 WHERE own.sequence = 1 AND own.client_id IN (SELECT proposing_client FROM payee) LIMIT 1"
            )
        };
        conn.execute_unprepared(&gives("acted.user_id", 2)).await.unwrap();
        let found = faults(house).await;
        assert!(
            found.len() == 1 && found[0].contains("gave the key to the system"),
            "{found:?}"
        );
        conn.execute_unprepared(&gives("CAST(NULL AS UUID)", 3)).await.unwrap();
        town.close().await;
    });
}
