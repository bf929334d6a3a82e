//! A bank's profile is changed by two people.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use service::{Role, verify};

use crate::harness::{Answer, House, each_engine};

/// Administrators and an approver with one of their keys each.
struct Desk<'h> {
    house: &'h House,
    one: String,
    /// The same person with another key.
    one_again: String,
    other: String,
    approver: String,
}

fn debtor() -> Value {
    json!({"debtor": {"name": "SO Y TE", "account": "3713", "bank": "VCB"}, "note": "theo công văn của ngân hàng"})
}

impl<'h> Desk<'h> {
    async fn open(house: &'h House) -> Self {
        let [one, one_again] = house
            .keys(&[Role::Administrator, Role::Administrator])
            .await
            .try_into()
            .unwrap();
        Self {
            one,
            one_again,
            other: house.key(Role::Administrator, None).await,
            approver: house.key(Role::Approver, None).await,
            house,
        }
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.house.call("GET", path).key(&self.one).send().await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    }

    async fn propose(&self, once: &str, bank: &str, version: i64, profile: &Value) -> Answer {
        let call = self.house.call("POST", &format!("/v1/bank-profiles/{bank}/propose"));
        let body = json!({"profile": profile, "note": "Ngân hàng đổi mẫu"});
        let call = call.key(&self.one).once(once).if_match(&format!("\"{version}\""));
        call.json(&body).send().await
    }

    /// A proposal that is taken.
    async fn proposed(&self, once: &str, bank: &str, version: i64, profile: &Value) -> Value {
        let answer = self.propose(once, bank, version, profile).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()
    }

    async fn decide(&self, key: &str, proposal: &Value, version: i64, decision: &str) -> Answer {
        let id = proposal["id"].as_str().unwrap();
        let call = self
            .house
            .call("POST", &format!("/v1/bank-profile-proposals/{id}/decide"));
        let body = json!({"proposal_id": id, "decision": decision, "note": "Đã đối chiếu"});
        let call = call.key(key).once(&format!("{id}:{decision}:{version}"));
        call.if_match(&format!("\"{version}\"")).json(&body).send().await
    }

    async fn withdraw(&self, key: &str, proposal: &Value, version: i64) -> Answer {
        let id = proposal["id"].as_str().unwrap();
        let call = self
            .house
            .call("POST", &format!("/v1/bank-profile-proposals/{id}/withdraw"));
        let call = call.key(key).once(&format!("{id}:withdraw:{version}"));
        call.if_match(&format!("\"{version}\"")).send().await
    }
}

#[test]
fn what_one_proposes_holds_once_another_person_accepts_it() {
    each_engine(async |house| {
        let desk = Desk::open(house).await;
        let before = desk.get("/v1/bank-profiles/AGRIBANK").await;
        let proposal = desk.proposed("a", "AGRIBANK", 0, &debtor()).await;
        assert_eq!(
            (&proposal["status"], &proposal["note"], &proposal["base_version"]),
            (&json!("proposed"), &json!("Ngân hàng đổi mẫu"), &json!(0))
        );
        assert_eq!(proposal["profile"]["debtor"]["account"], "3713");
        let account = proposal["changes"]
            .as_array()
            .unwrap()
            .iter()
            .find(|change| change["pointer"] == "/debtor/account")
            .unwrap();
        assert_eq!(account["before"], before["profile"]["debtor"]["account"]);
        assert_eq!(account["after"], "3713");
        assert_eq!(
            desk.get("/v1/bank-profiles/AGRIBANK").await,
            before,
            "nothing holds yet"
        );

        for key in [&desk.one, &desk.one_again] {
            desk.decide(key, &proposal, 1, "accept").await.problem("same-person");
        }
        desk.decide(&desk.approver, &proposal, 7, "accept")
            .await
            .problem("stale");
        let decided = desk.decide(&desk.approver, &proposal, 1, "accept").await;
        assert_eq!((decided.status, decided.header("etag")), (200, "\"2\""), "{decided:?}");
        assert_eq!(decided.json()["status"], "accepted");
        let after = desk.get("/v1/bank-profiles/AGRIBANK").await;
        assert_eq!((&after["version"], &after["proposal_id"]), (&json!(1), &proposal["id"]));
        assert_eq!(after["changed_by"], proposal["proposed_by"]);
        assert_eq!(after["profile"], proposal["profile"]);
        desk.decide(&desk.other, &proposal, 2, "refuse")
            .await
            .problem("illegal-transition");

        let trail = desk.get("/v1/audit-events?limit=200").await;
        for action in ["bank_profile.propose", "bank_profile.decide", "bank_profile.put"] {
            let told = trail["items"].as_array().unwrap().iter();
            assert_eq!(told.filter(|event| event["action"] == action).count(), 1, "{action}");
        }
        let checks = verify::all(&house.app).await.unwrap();
        assert!(checks.iter().all(verify::Check::holds));
    });
}

#[test]
fn a_bank_has_one_open_proposal_and_its_author_may_take_it_back() {
    each_engine(async |house| {
        let desk = Desk::open(house).await;
        let first = desk.proposed("a", "AGRIBANK", 0, &debtor()).await;
        let second = desk.propose("b", "AGRIBANK", 0, &json!({"max_lines": 10})).await;
        assert!(second.text.contains(first["id"].as_str().unwrap()), "{second:?}");
        second.problem("already-exists");
        let elsewhere = desk.proposed("c", "VCB", 0, &json!({"max_lines": 10})).await;

        desk.withdraw(&desk.other, &first, 1).await.problem("forbidden");
        let withdrawn = desk.withdraw(&desk.one_again, &first, 1).await;
        assert_eq!(withdrawn.status, 200, "the author, with another key: {withdrawn:?}");
        assert_eq!(
            (&withdrawn.json()["status"], &withdrawn.json()["decided_by"]),
            (&json!("withdrawn"), &Value::Null)
        );
        desk.decide(&desk.other, &first, 2, "accept")
            .await
            .problem("illegal-transition");
        let third = desk.proposed("d", "AGRIBANK", 0, &json!({"max_lines": 20})).await;
        let refused = desk.decide(&desk.other, &third, 1, "refuse").await.json();
        assert_eq!(
            (&refused["status"], &refused["decision_note"]),
            (&json!("refused"), &json!("Đã đối chiếu"))
        );
        assert_eq!(desk.get("/v1/bank-profiles/AGRIBANK").await["version"], 0);

        let of = async |query: &str| -> Vec<Value> {
            let listed = desk.get(&format!("/v1/bank-profile-proposals?{query}")).await;
            let items = listed["items"].as_array().unwrap().iter();
            items.map(|own| own["id"].clone()).collect()
        };
        assert_eq!(of("status=proposed").await, [elsewhere["id"].clone()]);
        assert_eq!(of("bank=AGRIBANK").await.len(), 2);
        assert_eq!(of("bank=AGRIBANK&status=withdrawn").await, [first["id"].clone()]);
        let checks = verify::all(&house.app).await.unwrap();
        assert!(checks.iter().all(verify::Check::holds));
    });
}

#[test]
fn what_was_compared_with_must_still_be_in_force() {
    each_engine(async |house| {
        let desk = Desk::open(house).await;
        // ACB has no profile of its own: what it proposes is compared with the default.
        let own = desk.proposed("a", "ACB", 0, &json!({"max_lines": 10})).await;
        let default = desk.proposed("b", "default", 0, &json!({"max_lines": 20})).await;
        assert_eq!(desk.decide(&desk.other, &default, 1, "accept").await.status, 200);
        desk.decide(&desk.other, &own, 1, "accept").await.problem("stale");
        assert_eq!(desk.get("/v1/bank-profiles/ACB").await["profile"]["max_lines"], 20);
        // It still waits: its author takes it back, or another person refuses it.
        assert_eq!(desk.decide(&desk.other, &own, 1, "refuse").await.status, 200);
        let again = desk.proposed("c", "ACB", 0, &json!({"max_lines": 10})).await;
        assert_eq!(desk.decide(&desk.other, &again, 1, "accept").await.status, 200);
        assert_eq!(desk.get("/v1/bank-profiles/ACB").await["profile"]["max_lines"], 10);
        desk.propose("d", "ACB", 0, &json!({"max_lines": 30}))
            .await
            .problem("stale");
    });
}

#[test]
fn the_database_takes_no_version_that_two_people_did_not_decide() {
    each_engine(async |house| {
        let desk = Desk::open(house).await;
        let open = desk.proposed("a", "AGRIBANK", 0, &debtor()).await;
        assert_eq!(open["status"], "proposed");
        let insert = |bank: &str, version: &str, status: &str| {
            format!(
                "INSERT INTO bank_profile (bank, version, profile, changed_by, changed_at, proposal_id)
                 SELECT {bank}, {version}, profile, proposed_by, proposed_at, id FROM bank_profile_proposal
                 WHERE status = '{status}'"
            )
        };
        let conn = house.app.db.owner();
        let alone = "INSERT INTO bank_profile (bank, version, profile, changed_by, changed_at)
            SELECT bank, 1, profile, proposed_by, proposed_at FROM bank_profile_proposal";
        let whole = insert("bank", "1", "proposed");
        let himself = "UPDATE bank_profile_proposal SET status = 'accepted', decided_by = proposed_by";
        let nobody = "UPDATE bank_profile_proposal SET status = 'accepted'";
        for refused in [alone, whole.as_str(), himself, nobody] {
            assert!(conn.execute_unprepared(refused).await.is_err(), "{refused}");
        }
        desk.decide(&desk.other, &open, 1, "refuse").await.json();
        let turned_down = insert("bank", "1", "refused");
        for refused in [
            turned_down.as_str(),
            "UPDATE bank_profile_proposal SET status = 'accepted'",
            "UPDATE bank_profile_proposal SET profile = '{}'",
            "DELETE FROM bank_profile_proposal",
        ] {
            assert!(conn.execute_unprepared(refused).await.is_err(), "{refused}");
        }
        let again = desk.proposed("b", "AGRIBANK", 0, &debtor()).await;
        assert_eq!(desk.decide(&desk.other, &again, 1, "accept").await.status, 200);
        // An accepted proposal is good for its own terms, bank and version alone.
        for refused in [
            insert("'VCB'", "1", "accepted"),
            insert("bank", "2", "accepted"),
            "UPDATE bank_profile SET profile = '{}'".to_owned(),
        ] {
            assert!(conn.execute_unprepared(&refused).await.is_err(), "{refused}");
        }
    });
}

#[test]
fn of_proposals_and_decisions_that_race_one_wins() {
    each_engine(async |house| {
        let desk = Desk::open(house).await;
        let limits = [10, 20, 30, 40].map(|lines| json!({"max_lines": lines}));
        let calls = ["a", "b", "c", "d"].into_iter().zip(&limits);
        let calls = calls.map(|(once, limit)| desk.propose(once, "AGRIBANK", 0, limit));
        let answers = futures::future::join_all(calls).await;
        let (taken, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
        assert_eq!((taken.len(), refused.len()), (1, 3));
        for answer in refused {
            answer.problem("already-exists");
        }
        let proposal = taken[0].json();
        let calls = [(&desk.other, "accept"), (&desk.approver, "refuse")];
        let calls = calls.map(|(key, decision)| desk.decide(key, &proposal, 1, decision));
        let answers = futures::future::join_all(calls).await;
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
        let now = desk.get("/v1/bank-profiles/AGRIBANK").await;
        let accepted = answers[0].status == 200;
        assert_eq!(now["version"], i64::from(accepted));
    });
}
