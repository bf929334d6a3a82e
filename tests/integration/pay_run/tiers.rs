//! Approval by as many people as the amount asks for.

use serde_json::{Value, json};
use service::access::{self, CreateClient, CreateUser, NewGrant};
use service::approval_tier::ProposeTiers;
use service::{Actor, ProblemCode, Role, relief_event, relief_request};

use super::desk::Desk;
use crate::harness::{each_engine, opens_fund, sets_tiers};
use crate::overpayment::town::{AREA, LAN, Town};

fn tiers(approvals: i32) -> Value {
    json!({"note": "kiểm thử", "tiers": [
        {"subject": "pay_run", "from_amount": 0, "approvals": 1, "role": "approver"},
        {"subject": "pay_run", "from_amount": 1_500_000, "approvals": approvals, "role": "approver"},
        {"subject": "relief_request", "from_amount": 0, "approvals": 1, "role": "approver"},
    ]})
}

const PATH: &str = "/v1/approval-tiers";
const PROPOSE: &str = "/v1/approval-tiers/propose";

fn command(approvals: i32) -> ProposeTiers {
    serde_json::from_value(tiers(approvals)).unwrap()
}

#[test]
fn a_large_run_needs_several_people_and_a_person_with_two_keys_counts_once() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let standing = desk.get(PATH).await;
        assert_eq!(
            (&standing["version"], standing["tiers"].as_array().unwrap().len()),
            (&json!(0), 2)
        );
        assert_eq!(sets_tiers(&house.app, command(2)).await.version, 1);
        let stale = house.call("POST", PROPOSE).key(&desk.administrator).if_match("\"0\"");
        stale.once("stale").json(&tiers(1)).send().await.problem("stale");

        let run = town.build("2024-09").await.id;
        let submitted = desk.takes(&desk.preparer, run, "submit", None).await;
        assert_eq!(
            (&submitted["approvals_needed"], &submitted["approvals_given"]),
            (&json!(2), &json!(0))
        );
        // A tier that is lowered later is for what is submitted later.
        sets_tiers(&house.app, command(1)).await;
        let one = desk.takes(&desk.approver, run, "approve", None).await;
        assert_eq!(
            (&one["status"], &one["approvals_given"]),
            (&json!("submitted"), &json!(1))
        );
        let other_key = town.other_key(&desk.approver, Role::Approver).await;
        let of = format!("/v1/pay-runs/{run}");
        let approve = format!("{of}/approve");
        let again = desk.tries(&other_key, ("POST", &approve), &of, None).await;
        again.problem("same-person");
        let maker = town.other_key(&desk.preparer, Role::Approver).await;
        desk.tries(&maker, ("POST", &approve), &of, None)
            .await
            .problem("same-person");
        let second = house.key(Role::Approver, None).await;
        let two = desk.takes(&second, run, "approve", None).await;
        assert_eq!(
            (&two["status"], &two["approvals_given"]),
            (&json!("approved"), &json!(2))
        );
        let releaser = town.other_key(&second, Role::Releaser).await;
        let release = format!("{of}/release");
        desk.tries(&releaser, ("POST", &release), &of, None)
            .await
            .problem("same-person");
        desk.takes(&desk.releaser, run, "release", None).await;
        town.arrives(run).await;
        town.close().await;
    });
}

/// An approver for the whole province who is also a decision maker there, or in an area alone.
async fn decides_in(desk: &Desk<'_>, area: Option<&str>) -> String {
    let user = CreateUser {
        staff_number: None,
        name: "Lãnh đạo".to_owned(),
    };
    let (app, boss) = (&desk.town.house.app, Actor::system("tests"));
    let user = access::create_user(app, &boss, user).await.unwrap();
    let grant = |role: Role, area: Option<&str>| NewGrant {
        role,
        area_id: area.map(ToOwned::to_owned),
    };
    let client = CreateClient {
        name: "khóa lãnh đạo".to_owned(),
        user_id: Some(user.id),
        grants: vec![grant(Role::Approver, None), grant(Role::DecisionMaker, area)],
    };
    access::create_client(app, &boss, client).await.unwrap().key
}

#[test]
fn the_role_that_an_amount_asks_for_holds_where_what_is_approved_is() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let (app, caseworker) = (&house.app, &town.officers[4]);
        let both = json!({"note": "kiểm thử", "tiers": [
            {"subject": "pay_run", "from_amount": 0, "approvals": 1, "role": "decision_maker"},
            {"subject": "relief_request", "from_amount": 0, "approvals": 1, "role": "decision_maker"},
        ]});
        sets_tiers(app, serde_json::from_value(both).unwrap()).await;
        let (here, elsewhere) = (
            decides_in(&desk, Some(AREA)).await,
            decides_in(&desk, Some("06658@1900-01")).await,
        );
        let everywhere = decides_in(&desk, None).await;

        let run = town.build("2024-09").await.id;
        desk.takes(&desk.preparer, run, "submit", None).await;
        let of = format!("/v1/pay-runs/{run}");
        let approve = format!("{of}/approve");
        desk.tries(&here, ("POST", &approve), &of, None)
            .await
            .problem("forbidden");
        desk.takes(&everywhere, run, "approve", None).await;

        let money = json!({"code": "emergency_relief", "fiscal_year": 2024, "source": "provincial", "name": "Cứu trợ",
            "amount": 1_000_000_000});
        opens_fund(app, serde_json::from_value(money).unwrap()).await;
        let verifier = access::authenticate(app, &house.key(Role::ReliefVerifier, None).await)
            .await
            .unwrap();
        let fire = json!({"code": "chay-nha", "name": "Cháy nhà", "kind": "fire", "happened_on": "2024-08-19"});
        let event = relief_event::declare(app, &verifier, serde_json::from_value(fire).unwrap())
            .await
            .unwrap();
        let asked = json!({"relief_event_id": event.id, "area_id": AREA, "reference": "1/TTr",
            "claims": [{"person_id": LAN, "loss": "house_lost", "circumstances": {"in_need": true}}]});
        let filed = relief_request::submit(app, caseworker, serde_json::from_value(asked).unwrap())
            .await
            .unwrap();
        let verified = relief_request::verify(app, &verifier, filed.id, filed.version)
            .await
            .unwrap();
        let tries = async |key: &str| {
            let actor = access::authenticate(app, key).await.unwrap();
            relief_request::approve(app, &actor, verified.id, verified.version).await
        };
        assert_eq!(tries(&elsewhere).await.unwrap_err().code, ProblemCode::Forbidden);
        assert!(tries(&here).await.unwrap().pay_run_id.is_some(), "it is of that area");
        town.idle().await;
        desk.takes(&desk.releaser, run, "release", None).await;
        town.close().await;
    });
}

#[test]
fn tiers_that_could_stop_everything_are_refused() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let tier = |subject: &str, from: i64, approvals: i32, role: &str| json!({"subject": subject, "from_amount": from, "approvals": approvals, "role": role});
        let relief = tier("relief_request", 0, 1, "approver");
        for (tiers, fault) in [
            (json!([relief]), "/tiers"),
            (json!([tier("pay_run", 0, 0, "approver"), relief]), "/tiers/0/approvals"),
            (json!([tier("pay_run", 0, 1, "auditor"), relief]), "/tiers/0/role"),
            (
                json!([
                    tier("pay_run", 0, 1, "approver"),
                    tier("pay_run", 0, 2, "approver"),
                    relief
                ]),
                "/tiers/0/from_amount",
            ),
        ] {
            let body = json!({"note": "kiểm thử", "tiers": tiers});
            let refused = desk
                .tries(&desk.administrator, ("POST", PROPOSE), PATH, Some(body))
                .await;
            assert_eq!(refused.problem("invalid")[0].0, fault, "{tiers}");
        }
        let refused = desk
            .tries(&desk.approver, ("POST", PROPOSE), PATH, Some(tiers(1)))
            .await;
        refused.problem("forbidden");
        // Without the second approver the database itself refuses, whatever the program says.
        sets_tiers(&house.app, command(2)).await;
        let run = town.build("2024-09").await.id;
        desk.takes(&desk.preparer, run, "submit", None).await;
        desk.takes(&desk.approver, run, "approve", None).await;
        let id = if house.app.db.is_sqlite() {
            format!("x'{}'", run.simple())
        } else {
            format!("'{run}'")
        };
        for change in ["status = 'approved'", "status = 'released'", "approvals = 1"] {
            let sql = format!("UPDATE pay_run SET {change} WHERE id = {id}");
            let refused = sea_orm::ConnectionTrait::execute_unprepared(house.app.db.owner(), &sql).await;
            assert!(refused.unwrap_err().to_string().contains("refused pay_run"), "{change}");
        }
        town.close().await;
    });
}
