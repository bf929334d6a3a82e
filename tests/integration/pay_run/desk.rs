//! Requests about pay runs, as the officers of a town send them.

use serde_json::{Value, json};
use service::Role;
use service::pay_run::{self, CreatePayRun, PayRunView};
use uuid::Uuid;

use crate::harness::Answer;
use crate::overpayment::town::Town;

/// Keys of a preparer, an approver, a releaser and an administrator, each another person.
pub(super) struct Desk<'t> {
    pub(super) town: &'t Town<'t>,
    pub(super) preparer: String,
    pub(super) approver: String,
    pub(super) releaser: String,
    pub(super) administrator: String,
}

impl<'t> Desk<'t> {
    pub(super) async fn of(town: &'t Town<'t>) -> Self {
        Self {
            preparer: town.house.key(Role::Preparer, None).await,
            approver: town.house.key(Role::Approver, None).await,
            releaser: town.house.key(Role::Releaser, None).await,
            administrator: town.house.key(Role::Administrator, None).await,
            town,
        }
    }

    /// What stands at a path.
    pub(super) async fn get(&self, path: &str) -> Value {
        let answer = self.town.house.call("GET", path).key(&self.preparer).send().await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    }

    /// Sends a step with the present version of what it changes.
    pub(super) async fn tries(&self, key: &str, (method, path): (&str, &str), of: &str, body: Option<Value>) -> Answer {
        let read = self.town.house.call("GET", of).key(&self.preparer).send().await;
        let call = self
            .town
            .house
            .call(method, path)
            .key(key)
            .if_match(read.header("etag"));
        let call = call.once(&self.town.house.app.ids.next().to_string());
        match body {
            Some(body) => call.json(&body).send().await,
            None => call.send().await,
        }
    }

    /// Takes a step of a run.
    pub(super) async fn takes(&self, key: &str, run: Uuid, step: &str, body: Option<Value>) -> Value {
        let of = format!("/v1/pay-runs/{run}");
        let answer = self.tries(key, ("POST", &format!("{of}/{step}")), &of, body).await;
        assert_eq!(answer.status, 200, "{step}: {answer:?}");
        self.town.idle().await;
        answer.json()
    }

    /// The run of September, built, submitted and approved.
    pub(super) async fn approved(&self) -> Uuid {
        let run = self.town.build("2024-09").await.id;
        self.takes(&self.preparer, run, "submit", None).await;
        self.takes(&self.approver, run, "approve", None).await;
        run
    }

    /// The approver accepts what waits for a second person.
    pub(super) async fn accepts(&self, proposed: &Value) {
        let of = format!("/v1/treasury-proposals/{}", proposed["id"].as_str().unwrap());
        let body = json!({"proposal_id": proposed["id"], "decision": "accept", "note": "Đã đối chiếu"});
        let decided = self
            .tries(&self.approver, ("POST", &format!("{of}/decide")), &of, Some(body))
            .await;
        assert_eq!(
            (decided.status, &decided.json()["status"]),
            (200, &json!("accepted")),
            "{decided:?}"
        );
    }

    /// Opens a run over the API and lets its lines be built.
    pub(super) async fn opens(&self, body: Value) -> PayRunView {
        let answer = self.tries_to_open(body).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        self.town.idle().await;
        let id = answer.json()["id"].as_str().unwrap().parse().unwrap();
        self.town.run(id).await
    }

    pub(super) async fn tries_to_open(&self, body: Value) -> Answer {
        let post = self.town.house.call("POST", "/v1/pay-runs").key(&self.preparer);
        let post = post.once(&self.town.house.app.ids.next().to_string());
        post.json(&body).send().await
    }

    /// Opens a run and does not wait for its lines.
    pub(super) async fn begins(&self, kind: &str, cover: &str) -> Uuid {
        let command: CreatePayRun =
            serde_json::from_value(json!({"kind": kind, "cover_month": cover, "pay_date": format!("{cover}-05")}))
                .unwrap();
        pay_run::create(&self.town.house.app, &self.town.officers[0], command)
            .await
            .unwrap()
            .id
    }

    /// Kind, person, month and amount of every line of a run, sorted.
    pub(super) async fn lines(&self, run: Uuid) -> Vec<(String, Uuid, i32, i64)> {
        let page = pay_run::lines(&self.town.house.app, &self.town.officers[0], run, Some(200), None)
            .await
            .unwrap();
        let lines = page.items.into_iter();
        let mut lines: Vec<_> = lines
            .map(|line| {
                (
                    service::Code::code(&line.kind),
                    line.person_id,
                    line.cover_month.yyyymm(),
                    line.amount,
                )
            })
            .collect();
        lines.sort();
        lines
    }

    /// What the fund has available, reserved and committed.
    pub(super) async fn fund(&self) -> (i64, i64, i64) {
        let funds = self.get("/v1/funds").await;
        let of = |name: &str| funds["items"][0][name].as_i64().unwrap();
        (of("available"), of("reserved"), of("committed"))
    }
}
