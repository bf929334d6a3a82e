//! One case that is walked over the API.

use serde_json::{Value, json};

use super::town::Town;
use crate::harness::Answer;

/// A case as a frontend holds it: its path and the version it read.
pub(super) struct Road<'t> {
    pub(super) town: &'t Town<'t>,
    path: String,
    tag: String,
    steps: u32,
}

impl<'t> Road<'t> {
    /// The one case of the person of the tests in this state.
    pub(super) async fn of(town: &'t Town<'t>, status: &str) -> Self {
        let cases = town.cases(&format!("&status={status}")).await;
        assert_eq!(cases.len(), 1, "{cases:?}");
        Self {
            town,
            path: format!("/v1/overpayments/{}", cases[0]["id"].as_str().unwrap()),
            tag: format!("\"{}\"", cases[0]["version"]),
            steps: 0,
        }
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The tag that was read.
    pub(super) fn tag(&self) -> &str {
        &self.tag
    }

    /// Reads the case as the holder of a key.
    pub(super) async fn read(&mut self, key: &str) -> Value {
        let answer = self.town.house.call("GET", &self.path).key(key).send().await;
        assert_eq!(answer.status, 200, "{answer:?}");
        self.tag = answer.header("etag").to_owned();
        answer.json()
    }

    /// Tries a step.
    pub(super) async fn tries(&mut self, key: &str, step: &str, body: Value) -> Answer {
        self.steps += 1;
        let call = self
            .town
            .house
            .call("POST", &format!("{}/{step}", self.path))
            .key(key)
            .once(&format!("{}:{}", self.path, self.steps))
            .if_match(&self.tag);
        let call = if body.is_null() { call } else { call.json(&body) };
        call.send().await
    }

    /// Takes a step.
    #[track_caller]
    pub(super) fn takes(&mut self, key: &str, step: &str, body: Value) -> impl Future<Output = Value> {
        let caller = std::panic::Location::caller();
        async move {
            let answer = self.tries(key, step, body).await;
            assert_eq!(answer.status, 200, "{step} at {caller}: {answer:?}");
            self.tag = answer.header("etag").to_owned();
            answer.json()
        }
    }

    /// The months of the case, each with an amount.
    pub(super) async fn months(&mut self, amount: impl Fn(&Value) -> i64) -> Value {
        let key = self.town.caseworker.clone();
        let case = self.read(&key).await;
        let months: Vec<Value> = case["months"]
            .as_array()
            .unwrap()
            .iter()
            .map(|month| {
                json!({
                    "entitlement_id": month["entitlement_id"], "component": month["component"],
                    "cover_month": month["cover_month"], "amount": amount(month), "reason": "Đã được báo trước",
                })
            })
            .collect();
        json!({ "months": months })
    }

    /// From detection to a proposal of everything that was paid too much.
    pub(super) async fn reach_proposal(&mut self) {
        let key = self.town.caseworker.clone();
        let classify = json!({"cause": "citizen_omission", "recoverable": true, "reason": "Không khai báo"});
        self.takes(&key, "classify", classify).await;
        let notice = json!({"delivered_on": self.town.house.app.clock.today(), "proof": "Ký nhận"});
        self.takes(&key, "serve-notice", notice).await;
        self.takes(&key, "hear", json!({"statement": "Tôi không biết phải báo"}))
            .await;
        let months = self.months(|month| month["detected"].as_i64().unwrap()).await;
        self.takes(&key, "propose", months).await;
    }

    /// And to a decision that follows the proposal, delivered today.
    pub(super) async fn reach_decision(&mut self) {
        self.reach_proposal().await;
        let months = self.months(|month| month["proposed"].as_i64().unwrap()).await;
        let decider = self.town.deciders[0].clone();
        self.takes(&decider, "decide", months).await;
        let served = json!({"delivered_on": self.town.house.app.clock.today(), "proof": "Ký nhận"});
        let key = self.town.caseworker.clone();
        self.takes(&key, "serve-decision", served).await;
    }
}
