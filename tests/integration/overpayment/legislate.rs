//! Law that the officers of the town make, correct and repeal.

use serde_json::{Value, json};
use service::law;
use uuid::Uuid;

use super::town::Town;

/// A published instrument of the tests.
#[derive(Clone, Debug)]
pub(super) struct Made {
    /// Its id.
    id: Uuid,
    /// What it says.
    body: Value,
}

impl Town<'_> {
    /// Publishes an instrument with these parameters from 1/8/2024, whoever they lower.
    pub(crate) async fn publish(&self, number: &str, parameters: &[(&str, Value, &str)], makes_debt: bool) {
        self.make(self.resolution(number, "2024-08-01", parameters, makes_debt))
            .await;
    }

    /// The body of an instrument of the province with these parameters from a day.
    pub(crate) fn resolution(
        &self,
        number: &str,
        from: &str,
        parameters: &[(&str, Value, &str)],
        makes_debt: bool,
    ) -> Value {
        let parameters: Vec<Value> = parameters
            .iter()
            .map(|(key, value, unit)| {
                json!({"key": key, "from": from, "value": value, "unit": unit, "source": "kiểm thử", "confidence": "high"})
            })
            .collect();
        let mut body = json!({
            "number": number, "cite": number, "title": "Văn bản kiểm thử", "issuer": "provincial",
            "issued_on": self.house.app.clock.today(), "in_force_from": from,
            "provisions": [{"article": "Điều 1", "parameters": parameters}],
        });
        if makes_debt {
            body["lowering_makes_debt"] = json!(true);
        }
        body
    }

    /// Drafts and publishes an instrument.
    pub(super) async fn make(&self, body: Value) -> Made {
        let draft = law::draft(&self.house.app, &self.officers[0], body.clone())
            .await
            .unwrap();
        self.carry(draft.id).await;
        Made { id: draft.id, body }
    }

    /// Corrects the amount of the first parameter of an instrument; what it says already is left as it is.
    pub(super) async fn correct(&self, made: &mut Made, amount: i64) {
        let value = made.body.pointer_mut("/provisions/0/parameters/0/value").unwrap();
        if *value == json!(amount) {
            return;
        }
        *value = json!(amount);
        let command = json!({"reason": "Nhập nhầm mức", "body": made.body});
        let command = serde_json::from_value(command).unwrap();
        let draft = law::correct(&self.house.app, &self.officers[0], made.id, command)
            .await
            .unwrap();
        self.carry(draft.id).await;
    }

    /// From a draft to a release.
    async fn carry(&self, id: Uuid) {
        let (version, read) = self.approve_law(id).await;
        law::publish(&self.house.app, &self.officers[2], id, version, read)
            .await
            .unwrap();
        self.idle().await;
    }

    /// From a draft to its approval: the version that may be published, and what was read.
    pub(crate) async fn approve_law(&self, id: Uuid) -> (i64, law::SignInstrument) {
        let app = &self.house.app;
        let [preparer, approver, ..] = &self.officers;
        law::check(app, preparer, id).await.unwrap();
        law::simulate(app, preparer, id, None).await.unwrap();
        self.idle().await;
        let draft = law::get(app, preparer, id).await.unwrap();
        let seen = law::simulation(app, approver, id, None).await.unwrap();
        let read = law::SignInstrument {
            simulation: seen.summary.id,
        };
        let draft = law::submit(app, preparer, id, draft.version, Some(read)).await.unwrap();
        let draft = law::approve(app, approver, id, draft.version, read).await.unwrap();
        (draft.version, read)
    }

    /// What the law of the tests says of recovery, but for one parameter.
    pub(crate) async fn publish_recovery(&self, but: &str) {
        let all = [
            ("recovery.minimum_amount", json!(100_000), "vnd"),
            ("recovery.limitation_months", json!(36), "months"),
            ("recovery.response_days", json!(10), "days"),
            ("recovery.appeal_days", json!(30), "days"),
            ("recovery.instalment_cap", json!("20"), "percent"),
            ("recovery.protected_minimum", json!(500_000), "vnd_per_month"),
        ];
        let kept: Vec<_> = all.into_iter().filter(|(key, ..)| *key != but).collect();
        self.publish("1/2024/NQ-TH", &kept, false).await;
    }
}

impl Made {
    /// Its number.
    pub(super) fn number(&self) -> &str {
        self.body["number"].as_str().unwrap()
    }

    /// The day on which it enters into force.
    pub(super) fn since(&self) -> &str {
        self.body["in_force_from"].as_str().unwrap()
    }
}
