//! Whoever has a part in making a run signs it as nothing else, and nobody signs beside a person whom they gave the key.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use service::{Role, verify};
use uuid::Uuid;

use super::desk::Desk;
use crate::harness::{Answer, House, each_engine};
use crate::overpayment::town::{LAN, Town};

const FUND: &str = "/v1/funds/propose";

/// Opens the run of September with a key, and lets its lines be built.
async fn opens(town: &Town<'_>, key: &str) -> Uuid {
    let body = json!({"cover_month": "2024-09", "pay_date": "2024-09-05"});
    let post = town.house.call("POST", "/v1/pay-runs").key(key).once("opens");
    let answer = post.json(&body).send().await;
    assert_eq!(answer.status, 202, "{answer:?}");
    town.idle().await;
    answer.json()["id"].as_str().unwrap().parse().unwrap()
}

async fn tries(desk: &Desk<'_>, key: &str, run: Uuid, step: &str) -> Answer {
    let of = format!("/v1/pay-runs/{run}");
    desk.tries(key, ("POST", &format!("{of}/{step}")), &of, None).await
}

/// All of these people are refused a step for what they did before.
async fn refused(desk: &Desk<'_>, keys: &[&String], run: Uuid, step: &str) {
    for key in keys {
        let answer = tries(desk, key, run, step).await;
        assert_eq!(answer.status, 403, "{step}: {answer:?}");
        answer.problem("same-person");
    }
}

#[test]
fn whoever_opened_built_or_changed_a_run_neither_approves_nor_releases_it() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let all = [Role::Preparer, Role::Approver, Role::Releaser];
        let (opener, builder) = (house.keys(&all).await, house.keys(&all).await);
        let (excluder, includer) = (house.keys(&all).await, house.keys(&all).await);
        let run = opens(&town, &opener[0]).await;
        let path = format!("/v1/pay-runs/{run}");
        let built = tries(&desk, &builder[0], run, "build").await;
        assert_eq!(built.status, 202, "{built:?}");
        town.idle().await;
        let why = json!({"person_id": LAN, "reason": "Chờ xác minh"});
        desk.takes(&excluder[0], run, "exclusions", Some(why)).await;
        let held = desk.get(&format!("{path}/held")).await;
        let exclusion = held["items"][0]["exclusion"]["id"].as_str().unwrap();
        let back = format!("{path}/exclusions/{exclusion}");
        let taken = desk.tries(&includer[0], ("DELETE", &back), &path, None).await;
        assert_eq!(taken.status, 200, "{taken:?}");

        // Somebody else submits it; sent back and submitted again, it is still theirs.
        let makers = [&opener, &builder, &excluder, &includer];
        let approving = makers.map(|keys| &keys[1]);
        desk.takes(&desk.preparer, run, "submit", None).await;
        refused(&desk, &approving, run, "approve").await;
        let reason = json!({"reason": "Sai ngày"});
        desk.takes(&desk.approver, run, "reject", Some(reason)).await;
        desk.takes(&desk.preparer, run, "submit", None).await;
        refused(&desk, &approving, run, "approve").await;
        desk.takes(&desk.approver, run, "approve", None).await;
        refused(&desk, &makers.map(|keys| &keys[2]), run, "release").await;
        desk.takes(&desk.releaser, run, "release", None).await;
        town.close().await;
    });
}

#[test]
fn the_database_refuses_the_signature_of_a_maker() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let run = town.build("2024-09").await.id;
        town.submit(run).await.unwrap();
        let conn = house.app.db.owner();
        let id = if house.app.db.is_sqlite() {
            "lower(hex(own.id))"
        } else {
            "replace(own.id::text, '-', '')"
        };
        // The maker of a revision that nobody signed yet, so that no other rule is in the way.
        for act in ["approve", "check", "release"] {
            let sql = format!(
                "INSERT INTO approval_act (id, subject, revision, act, user_id, digest, at)
                 SELECT own.id, 'pay_run:' || {id}, own.revision + 1, '{act}', maker.user_id, 'd', own.created_at
                 FROM pay_run AS own JOIN pay_run_maker AS maker ON maker.pay_run_id = own.id"
            );
            let told = conn.execute_unprepared(&sql).await.unwrap_err().to_string();
            assert!(told.contains("refused approval_act: not_approved"), "{act}: {told}");
        }
        let stranger =
            "INSERT INTO pay_run_exclusion (id, pay_run_id, person_id, area_id, reason, excluded_by, excluded_at)
             SELECT own.id, own.id, line.person_id, line.area_id, 'nobody knows', own.id, own.created_at
             FROM pay_run AS own JOIN payment_line AS line ON line.pay_run_id = own.id LIMIT 1";
        let told = conn.execute_unprepared(stranger).await.unwrap_err().to_string();
        assert!(told.contains("refused pay_run_exclusion: not_approved"), "{told}");
        for forgets in ["DELETE FROM pay_run_maker", "UPDATE key_issue SET issued_by = NULL"] {
            let told = conn.execute_unprepared(forgets).await.unwrap_err().to_string();
            assert!(told.contains("append_only"), "{told}");
        }

        // Approved by whom the records name a maker afterwards, it counts as approved no more.
        town.approve(run).await.unwrap();
        let late = "INSERT INTO pay_run_maker (pay_run_id, user_id, at)
             SELECT own.id, acted.user_id, acted.at FROM pay_run AS own
             JOIN approval_act AS acted ON acted.act = 'approve' AND acted.subject LIKE 'pay_run:%'";
        conn.execute_unprepared(late).await.unwrap();
        assert!(
            faults(house, "pay runs: made")
                .await
                .iter()
                .any(|fault| fault.contains("makers"))
        );
        let stands = "UPDATE pay_run SET status = 'approved'";
        let told = conn.execute_unprepared(stands).await.unwrap_err().to_string();
        assert!(told.contains("refused pay_run: not_approved"), "{told}");
        let on = if house.app.db.is_sqlite() {
            ""
        } else {
            " ON pay_run_maker"
        };
        let keeps = format!("DROP TRIGGER pay_run_maker_no_delete{on}");
        conn.execute_unprepared(&keeps).await.unwrap();
        let approver = "DELETE FROM pay_run_maker WHERE user_id IN
             (SELECT user_id FROM approval_act WHERE act = 'approve' AND subject LIKE 'pay_run:%')";
        conn.execute_unprepared(approver).await.unwrap();
        town.release(run).await.unwrap();
        town.close().await;
    });
}

/// What an invariant finds.
async fn faults(house: &House, name: &str) -> Vec<String> {
    let checks = verify::all(&house.app).await.unwrap();
    let mut own = checks.into_iter().filter(|check| check.name.starts_with(name));
    own.next().unwrap().faults
}

/// An administrator registers a person and gives them a key in a role; the credential and its key.
pub(super) async fn hires(house: &House, admin: &str, number: &str, role: &str) -> (String, String) {
    let post = house.call("POST", "/v1/users").key(admin).once(number);
    let body = json!({"name": "Cán bộ mới", "staff_number": number});
    let user = post.json(&body).send().await;
    assert_eq!(user.status, 201, "{user:?}");
    let body = json!({"name": "khóa", "user_id": user.json()["id"], "grants": [{"role": role}]});
    let post = house.call("POST", "/v1/clients").key(admin).once(number);
    let made = post.json(&body).send().await;
    assert_eq!(made.status, 201, "{made:?}");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&made.json()["client"]["id"]), text(&made.json()["key"]))
}

fn donations() -> Value {
    json!({"note": "QĐ 45/QĐ-UBND", "fund": {"code": "donations", "fiscal_year": 2024, "source": "donation",
        "name": "Đóng góp", "amount": 500}})
}

async fn decides(desk: &Desk<'_>, key: &str, proposal: &Value, decision: &str) -> Answer {
    let of = format!("/v1/treasury-proposals/{}", proposal["id"].as_str().unwrap());
    let body = json!({"proposal_id": proposal["id"], "decision": decision, "note": "Đã đối chiếu"});
    desk.tries(key, ("POST", &format!("{of}/decide")), &of, Some(body))
        .await
}

async fn proposes(house: &House, key: &str) -> Value {
    let call = house.call("POST", FUND).key(key).if_match("\"0\"");
    let answer = call
        .once(&house.app.ids.next().to_string())
        .json(&donations())
        .send()
        .await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()
}

#[test]
fn one_administrator_alone_is_not_two_people() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let roles = [Role::Administrator, Role::Preparer, Role::Approver];
        let admin = house.keys(&roles).await;
        let (client, approver) = hires(house, &admin[0], "QN-1", "approver").await;
        let (_, releaser) = hires(house, &admin[0], "QN-2", "releaser").await;
        let (_, preparer) = hires(house, &admin[0], "QN-3", "preparer").await;

        // A run that the administrator made, and one that the administrator alone submitted, which is sent back first.
        let run = opens(&town, &admin[1]).await;
        desk.takes(&desk.preparer, run, "submit", None).await;
        refused(&desk, &[&approver], run, "approve").await;
        let reason = json!({"reason": "Sai ngày"});
        desk.takes(&desk.approver, run, "reject", Some(reason)).await;
        desk.takes(&admin[1], run, "submit", None).await;
        let told = tries(&desk, &approver, run, "approve").await;
        assert!(told.text.contains("cấp khóa"), "{told:?}");
        told.problem("same-person");
        desk.takes(&desk.approver, run, "approve", None).await;
        refused(&desk, &[&releaser], run, "release").await;
        desk.takes(&desk.releaser, run, "release", None).await;

        // What one proposes and another decides, either way round.
        let own = proposes(house, &admin[1]).await;
        decides(&desk, &approver, &own, "accept").await.problem("same-person");
        assert_eq!(decides(&desk, &desk.approver, &own, "refuse").await.status, 200);
        let theirs = proposes(house, &preparer).await;
        decides(&desk, &admin[2], &theirs, "accept")
            .await
            .problem("same-person");
        assert_eq!(decides(&desk, &desk.approver, &theirs, "refuse").await.status, 200);

        // Another administrator gives a new key: the person is one of their own.
        let rotate = house.call("POST", &format!("/v1/clients/{client}/rotate"));
        let rotated = rotate.key(&desk.administrator).once("rotate").send().await;
        assert_eq!(rotated.status, 200, "{rotated:?}");
        let again = proposes(house, &admin[1]).await;
        let key = rotated.json()["key"].as_str().unwrap().to_owned();
        assert_eq!(decides(&desk, &key, &again, "accept").await.status, 200);
        town.close().await;
    });
}

#[test]
fn a_service_with_the_administrators_key_gives_keys_in_the_administrators_name() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let admin = house.keys(&[Role::Administrator, Role::Preparer]).await;
        let body = json!({"name": "Đồng bộ tài khoản", "grants": [{"role": "administrator"}]});
        let post = house.call("POST", "/v1/clients").key(&admin[0]).once("service");
        let service = post.json(&body).send().await.json();
        let (_, approver) = hires(house, service["key"].as_str().unwrap(), "QN-1", "approver").await;
        let own = proposes(house, &admin[1]).await;
        decides(&desk, &approver, &own, "accept").await.problem("same-person");
        town.close().await;
    });
}

#[test]
fn the_signatures_of_a_giver_and_a_holder_are_found_afterwards() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        town.pay("2024-09").await;
        let name = "signatures: ";
        assert_eq!(faults(house, name).await, Vec::<String>::new());
        let conn = house.app.db.owner();
        let gives = |by: &str, place: u8| {
            format!(
                "INSERT INTO key_issue (client_id, sequence, user_id, issued_by, issued_at)
                 SELECT own.client_id, {place}, own.user_id, {by}, own.issued_at
                 FROM key_issue AS own JOIN approval_act AS acted ON acted.user_id = own.user_id
                 JOIN approval_act AS made ON made.subject = acted.subject
                 WHERE own.sequence = 1 AND acted.act = 'approve' AND made.act = 'make'
                   AND acted.subject LIKE 'pay_run:%'"
            )
        };
        conn.execute_unprepared(&gives("made.user_id", 2)).await.unwrap();
        let found = faults(house, name).await;
        assert!(found.len() == 1 && found[0].starts_with("pay_run:"), "{found:?}");
        // The database takes no more of them.
        let id = if house.app.db.is_sqlite() {
            "lower(hex(own.id))"
        } else {
            "replace(own.id::text, '-', '')"
        };
        let more = |act: &str, user: &str, revision: u8| {
            format!(
                "INSERT INTO approval_act (id, subject, revision, act, user_id, digest, at)
                 SELECT {}, 'fund_transfer:' || {id}, {revision}, '{act}', acted.user_id, 'd', acted.at
                 FROM pay_run AS own JOIN approval_act AS acted ON acted.act = '{user}' AND acted.subject LIKE 'pay_run:%'",
                if act == "make" { "own.id" } else { "acted.id" }
            )
        };
        conn.execute_unprepared(&more("make", "make", 1)).await.unwrap();
        let told = conn
            .execute_unprepared(&more("approve", "approve", 1))
            .await
            .unwrap_err()
            .to_string();
        assert!(told.contains("refused approval_act: not_approved"), "{told}");
        conn.execute_unprepared(&gives("CAST(NULL AS UUID)", 3)).await.unwrap();
        assert_eq!(faults(house, name).await, Vec::<String>::new());
        town.close().await;
    });
}
