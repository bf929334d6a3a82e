//! Funds, approval tiers and the calendar change by two people.

use futures::future::join_all;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use service::fund::{self, Account, Move};
use service::{ProblemCode, Role};

use super::desk::Desk;
use crate::harness::{Answer, House, each_engine};
use crate::overpayment::town::Town;

const FUND: &str = "/v1/funds/propose";
const TIERS: &str = "/v1/approval-tiers/propose";
const WAITING: &str = "/v1/treasury-proposals?status=proposed";

fn donations(amount: i64) -> Value {
    json!({"note": "QĐ 45/QĐ-UBND", "fund": {"code": "donations", "fiscal_year": 2024, "source": "donation",
        "name": "Đóng góp", "amount": amount}})
}

fn two_approvals() -> Value {
    json!({"note": "QĐ 60/QĐ-UBND", "tiers": [
        {"subject": "pay_run", "from_amount": 0, "approvals": 2, "role": "approver"},
        {"subject": "relief_request", "from_amount": 0, "approvals": 1, "role": "approver"},
    ]})
}

fn february_on(reason: &str) -> Value {
    json!({"kind": "pay_early", "cover_months": ["2025-02"], "reason": reason})
}

fn day(day: &str) -> String {
    format!("/v1/pay-calendar/days/{day}/propose")
}

async fn proposes(house: &House, key: &str, path: &str, body: &Value) -> Answer {
    let call = house.call("POST", path).key(key).if_match("\"0\"");
    call.once(&house.app.ids.next().to_string()).json(body).send().await
}

/// A proposal that is taken.
async fn proposed(house: &House, key: &str, path: &str, body: &Value) -> Value {
    let answer = proposes(house, key, path, body).await;
    assert_eq!(answer.status, 201, "{path}: {answer:?}");
    assert_eq!(
        answer.header("location"),
        format!("/v1/treasury-proposals/{}", answer.json()["id"].as_str().unwrap())
    );
    answer.json()
}

async fn decides(house: &House, key: &str, proposal: &Value, decision: &str) -> Answer {
    let id = proposal["id"].as_str().unwrap();
    let call = house.call("POST", &format!("/v1/treasury-proposals/{id}/decide"));
    let call = call.key(key).once(&house.app.ids.next().to_string());
    let body = json!({"proposal_id": id, "decision": decision, "note": "Đã đối chiếu"});
    call.if_match(&format!("\"{}\"", proposal["version"]))
        .json(&body)
        .send()
        .await
}

async fn withdraws(house: &House, key: &str, proposal: &Value) -> Answer {
    let id = proposal["id"].as_str().unwrap();
    let call = house.call("POST", &format!("/v1/treasury-proposals/{id}/withdraw"));
    let call = call.key(key).once(&house.app.ids.next().to_string());
    call.if_match(&format!("\"{}\"", proposal["version"])).send().await
}

async fn waiting(desk: &Desk<'_>) -> Vec<Value> {
    desk.get(WAITING).await["items"].as_array().unwrap().clone()
}

#[test]
fn no_dong_of_a_fund_is_there_before_another_person_accepts_it() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let before = desk.get("/v1/funds").await;
        let proposal = proposed(house, &desk.preparer, FUND, &donations(500)).await;
        assert_eq!(
            (
                &proposal["kind"],
                &proposal["subject"],
                &proposal["body"],
                &proposal["base"]
            ),
            (
                &json!("fund"),
                &json!("fund:donations:2024"),
                &donations(500)["fund"],
                &json!({"fund": null})
            )
        );
        assert_eq!(waiting(&desk).await, std::slice::from_ref(&proposal));
        assert_eq!(desk.get("/v1/funds").await, before);
        let spend = Move {
            fiscal_year: 2024,
            from: Account::Available,
            to: Account::Reserved,
            amount: 1,
        };
        let spent = house
            .app
            .db
            .write(async |txn| fund::post(&house.app, txn, "donations", "spent:early", &[spend]).await)
            .await;
        assert_eq!(spent.unwrap_err().code, ProblemCode::FundExhausted);

        desk.accepts(&proposal).await;
        let funds = desk.get("/v1/funds").await;
        let own = &funds["items"][0];
        assert_eq!(
            (&own["code"], &own["available"], &own["proposal_id"]),
            (&json!("donations"), &json!(500), &proposal["id"])
        );
        assert_eq!(waiting(&desk).await, Vec::<Value>::new());
        let again = proposes(house, &desk.preparer, FUND, &donations(700)).await;
        again.problem("already-exists");
        town.close().await;
    });
}

#[test]
fn one_person_with_two_keys_is_one_person() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let keys = house.keys(&[Role::Preparer, Role::Administrator, Role::Approver]).await;
        let standing = async || {
            [
                desk.get("/v1/funds").await,
                desk.get("/v1/approval-tiers").await,
                desk.get("/v1/pay-calendar?year=2025").await,
            ]
        };
        let before = standing().await;
        for (key, path, body) in [
            (&keys[0], FUND.to_owned(), donations(500)),
            (&keys[1], TIERS.to_owned(), two_approvals()),
            (&keys[0], day("2025-01-20"), february_on("Tết")),
        ] {
            let proposal = proposed(house, key, &path, &body).await;
            decides(house, &keys[2], &proposal, "accept")
                .await
                .problem("same-person");
            let second = proposes(house, key, &path, &body).await;
            assert!(second.text.contains(proposal["id"].as_str().unwrap()), "{second:?}");
            second.problem("already-exists");
            // Refused, it leaves nothing; taken back by its author, neither.
            let refused = decides(house, &desk.approver, &proposal, "refuse").await;
            assert_eq!(
                (refused.status, &refused.json()["status"]),
                (200, &json!("refused")),
                "{path}"
            );
            let again = proposed(house, key, &path, &body).await;
            let other = if path == TIERS {
                &desk.administrator
            } else {
                &desk.preparer
            };
            withdraws(house, other, &again).await.problem("forbidden");
            let withdrawn = withdraws(house, key, &again).await;
            assert_eq!(
                (withdrawn.status, &withdrawn.json()["status"]),
                (200, &json!("withdrawn")),
                "{path}"
            );
            decides(house, &desk.approver, &withdrawn.json(), "accept")
                .await
                .problem("illegal-transition");
        }
        assert_eq!(standing().await, before);
        assert_eq!(waiting(&desk).await, Vec::<Value>::new());
        decides(
            house,
            &desk.releaser,
            &proposed(house, &keys[0], FUND, &donations(1)).await,
            "accept",
        )
        .await
        .problem("forbidden");
        town.close().await;
    });
}

#[test]
fn a_tier_is_in_force_once_another_person_accepts_it() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let proposal = proposed(house, &desk.administrator, TIERS, &two_approvals()).await;
        assert_eq!(desk.get("/v1/approval-tiers").await["version"], 0);
        let september = town.build("2024-09").await.id;
        let submitted = desk.takes(&desk.preparer, september, "submit", None).await;
        assert_eq!(submitted["approvals_needed"], 1);
        desk.accepts(&proposal).await;
        let now = desk.get("/v1/approval-tiers").await;
        assert_eq!(
            (&now["version"], &now["tiers"][0]["approvals"], &now["proposal_id"]),
            (&json!(1), &json!(2), &proposal["id"])
        );
        let approved = desk.takes(&desk.approver, september, "approve", None).await;
        assert_eq!(approved["status"], "approved");
        desk.takes(&desk.releaser, september, "release", None).await;
        town.arrives(september).await;
        let october = town.build("2024-10").await.id;
        let submitted = desk.takes(&desk.preparer, october, "submit", None).await;
        assert_eq!(submitted["approvals_needed"], 2);
        town.close().await;
    });
}

#[test]
fn what_was_compared_with_must_still_hold() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let one = proposed(house, &desk.preparer, &day("2025-01-20"), &february_on("Tết")).await;
        let other = proposed(house, &desk.preparer, &day("2025-01-21"), &february_on("Tết Ất Tỵ")).await;
        desk.accepts(&other).await;
        decides(house, &desk.approver, &one, "accept").await.problem("stale");
        let february = async || desk.get("/v1/pay-calendar?year=2025").await["months"][1].clone();
        assert_eq!(february().await["pay_date"], "2025-01-21");
        // It still waits: another person refuses it, and it may be proposed against what holds now.
        assert_eq!(decides(house, &desk.approver, &one, "refuse").await.status, 200);
        let again = proposed(house, &desk.preparer, &day("2025-01-22"), &february_on("Tết")).await;
        assert_eq!(
            again["base"]["paid_early"],
            json!([{"month": "2025-02", "day": "2025-01-21"}])
        );
        desk.accepts(&again).await;
        assert_eq!(february().await["pay_date"], "2025-01-22");
        town.close().await;
    });
}

#[test]
fn of_decisions_that_race_one_wins() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let amounts = [100, 200, 300, 400].map(donations);
        let calls = amounts.iter().map(|body| proposes(house, &desk.preparer, FUND, body));
        let answers = join_all(calls).await;
        let (taken, late): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
        assert_eq!((taken.len(), late.len()), (1, 3));
        for answer in late {
            answer.problem("already-exists");
        }
        let proposal = taken[0].json();
        let mut approvers = Vec::new();
        for _ in 0..8 {
            approvers.push(house.key(Role::Approver, None).await);
        }
        let calls = approvers.iter().enumerate().map(|(place, key)| {
            let decision = if place == 7 { "refuse" } else { "accept" };
            decides(house, key, &proposal, decision)
        });
        let answers = join_all(calls).await;
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        let refused = statuses[7] == 200;
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
        let funds = desk.get("/v1/funds").await;
        let mut own = funds["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|fund| fund["code"] == "donations");
        if refused {
            assert_eq!(own.next(), None);
        } else {
            assert_eq!(own.next().unwrap()["available"], proposal["body"]["amount"]);
        }
        town.close().await;
    });
}

#[test]
fn the_database_takes_nothing_that_two_people_did_not_decide() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let conn = house.app.db.owner();
        let refuses = async |sql: &str| {
            let refused = conn.execute_unprepared(sql).await.expect_err(sql).to_string();
            let told = ["refused ", "treasury_proposal_two_people"];
            assert!(told.iter().any(|told| refused.contains(told)), "{sql}: {refused}");
        };
        let fund = |name: &str, status: &str| {
            format!(
                "INSERT INTO fund (id, code, fiscal_year, source, name, version, proposal_id)
                 SELECT id, 'donations', 2024, 'donation', '{name}', 1, id FROM treasury_proposal
                 WHERE subject = 'fund:donations:2024' AND status = '{status}'"
            )
        };
        let tier = |amount: i64, status: &str| {
            format!(
                "INSERT INTO approval_tier (id, version, subject, from_amount, approvals, role, set_at, proposal_id)
                 SELECT id, 1, 'pay_run', {amount}, 2, 'approver', proposed_at, id FROM treasury_proposal
                 WHERE kind = 'approval_tiers' AND status = '{status}'"
            )
        };
        let money = proposed(house, &desk.preparer, FUND, &donations(500)).await;
        let tiers = proposed(house, &desk.administrator, TIERS, &two_approvals()).await;
        let alone = "INSERT INTO fund (id, code, fiscal_year, source, name, version)
            SELECT id, 'donations', 2024, 'donation', 'Đóng góp', 1 FROM treasury_proposal WHERE status = 'proposed'
            AND kind = 'fund'";
        for sql in [
            alone,
            fund("Đóng góp", "proposed").as_str(),
            tier(0, "proposed").as_str(),
            "UPDATE treasury_proposal SET status = 'accepted', decided_by = proposed_by WHERE status = 'proposed'",
            "UPDATE treasury_proposal SET status = 'accepted' WHERE status = 'proposed'",
            "UPDATE treasury_proposal SET body = '{}' WHERE status = 'proposed'",
            "DELETE FROM treasury_proposal",
            // The town has a day on which months are paid early.
            "UPDATE calendar_day SET kind = 'working'",
            "UPDATE calendar_day SET proposal_id = NULL",
            "DELETE FROM calendar_day",
        ] {
            refuses(sql).await;
        }
        desk.accepts(&money).await;
        desk.accepts(&tiers).await;
        // An accepted proposal is good for what it says alone.
        for sql in [
            fund("Đóng góp khác", "accepted").as_str(),
            tier(5, "accepted").as_str(),
            "UPDATE fund SET code = 'other' WHERE code = 'donations'",
            "DELETE FROM fund",
            "UPDATE treasury_proposal SET status = 'refused' WHERE status = 'accepted'",
        ] {
            refuses(sql).await;
        }
        town.close().await;
    });
}

#[test]
fn who_reads_no_tiers_reads_no_proposal_of_them() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let tiers = proposed(house, &desk.administrator, TIERS, &two_approvals()).await;
        let fund = proposed(house, &desk.preparer, FUND, &donations(500)).await;
        let treasury = house.key(Role::Treasury, None).await;
        let read = async |key: &str, path: String| house.call("GET", &path).key(key).send().await;
        let own = |proposal: &Value| format!("/v1/treasury-proposals/{}", proposal["id"].as_str().unwrap());
        let seen = read(&treasury, WAITING.to_owned()).await.json();
        assert_eq!(seen["items"], json!([fund]));
        read(&treasury, own(&tiers)).await.problem("not-found");
        assert_eq!(read(&treasury, own(&fund)).await.status, 200);
        assert_eq!(waiting(&desk).await.len(), 2, "who reads tiers reads both");
        town.close().await;
    });
}

#[test]
fn the_code_of_a_fund_looks_like_no_other() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        for code in ["donations ", " donations", "Donations", "đóng_góp", "", "1st", "a-b"] {
            let mut fund = donations(500);
            fund["fund"]["code"] = json!(code);
            let refused = proposes(house, &desk.preparer, FUND, &fund).await;
            let fault = ("/fund/code".to_owned(), "code".to_owned());
            assert_eq!(refused.problem("invalid"), [fault], "{code:?}");
        }
        town.close().await;
    });
}
