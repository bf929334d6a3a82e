//! A resolution that nobody knew when the program was written, from its draft to money on an account, over HTTP alone.

use chrono::Utc;
use domain::Vnd;
use domain::bank_report::synthetic::{Answer as BankAnswer, AnswerHeader, write_pain002};
use serde_json::{Value, json};
use service::{Role, job};
use sha2::{Digest, Sha256};

use crate::harness::{Answer, House, each_engine};

/// Half of a new standard of 820.000 đồng for near-poor people from 70 to 80.
fn resolution() -> Value {
    let case = json!({"jurisdiction": "22", "birth_date": "1950-05-01", "sex": "female", "death_date": null,
        "residences": [{"area": "06652", "from": "2018-01-01", "to": null, "setting": "community"}],
        "evidence": [{"kind": "poverty", "value": "near_poor", "from": "2024-01-01", "to": null}]});
    json!({
        "number": "NQ 99/2024/NQ-HĐND", "cite": "NQ 99/2024", "title": "Trợ cấp người cao tuổi cận nghèo",
        "issuer": "provincial", "issued_on": "2024-08-20", "in_force_from": "2024-10-01",
        "provisions": [
            {"article": "Art 1", "text": "Mức chuẩn 820.000 đồng.", "parameters": [
                {"key": "standard.qn_elderly", "from": "2024-10-01", "to": null, "value": 820_000,
                 "unit": "vnd_per_month", "source": "Toàn văn", "confidence": "high"}]},
            {"article": "Art 2", "text": "Người từ 70 đến dưới 80 tuổi thuộc hộ cận nghèo: hệ số 0,5.", "rules": [
                {"benefit": "monthly_allowance", "group": "qn_elderly_near_poor", "from": "2024-10-01", "to": null,
                 "setting": "community",
                 "when": {"all": [{"age": {"from": 70, "below": 80}},
                                  {"evidence": {"kind": "poverty", "is": ["near_poor"]}}]},
                 "amount": {"times": {"coefficient": "0.5", "of": ["standard.qn_elderly"]}},
                 "source": "Toàn văn", "confidence": "high"}]},
        ],
        "cases": [{"name": "Cận nghèo, 74 tuổi", "case": case, "month": "2024-10",
            "expect": [{"benefit": "monthly_allowance", "group": "qn_elderly_near_poor", "amount": 410_000}]}],
    })
}

/// The keys of those who take part, each another person.
struct Office<'h> {
    house: &'h House,
    caseworker: String,
    decider: String,
    preparer: String,
    approver: String,
    releaser: String,
    treasury: String,
}

impl<'h> Office<'h> {
    async fn open(house: &'h House) -> Self {
        Self {
            caseworker: house.key(Role::Caseworker, None).await,
            decider: house.key(Role::DecisionMaker, None).await,
            preparer: house.key(Role::Preparer, None).await,
            approver: house.key(Role::Approver, None).await,
            releaser: house.key(Role::Releaser, None).await,
            treasury: house.key(Role::Treasury, None).await,
            house,
        }
    }

    async fn get(&self, key: &str, path: &str) -> Answer {
        let answer = self.house.call("GET", path).key(key).send().await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer
    }

    /// Sends a step, with the present version of what it changes where `of` says what that is, and lets the worker work.
    async fn send(&self, key: &str, path: &str, of: Option<&str>, body: Option<Value>) -> Answer {
        let call = self.house.call("POST", path).key(key);
        let call = call.once(&self.house.app.ids.next().to_string());
        let call = match of {
            Some(of) => call.if_match(self.get(key, of).await.header("etag")),
            None => call,
        };
        let answer = match body {
            Some(body) => call.json(&body).send().await,
            None => call.send().await,
        };
        assert!((200..300).contains(&answer.status), "{path}: {answer:?}");
        job::drain(&self.house.app, job::KINDS).await.unwrap();
        answer
    }

    /// The approver accepts what the preparer proposed.
    async fn accept(&self, proposed: &Answer) {
        let path = proposed.header("location").to_owned();
        let body = json!({"proposal_id": proposed.json()["id"], "decision": "accept", "note": "Đã đối chiếu"});
        self.send(&self.approver, &format!("{path}/decide"), Some(&path), Some(body))
            .await;
    }

    /// Registers somebody, grants the monthly allowance, and has an account proposed and confirmed.
    async fn settle(&self, name: &str, birth: &str, evidence: Value, account: &str) -> String {
        let new = json!({"full_name": name, "birth_date": birth, "sex": "female", "evidence": evidence,
            "residences": [{"area": "06652", "from": "2018-01-01", "setting": "community"}]});
        let made = self.send(&self.caseworker, "/v1/persons", None, Some(new)).await;
        let path = made.header("location").to_owned();
        let id = made.json()["id"].as_str().unwrap().to_owned();
        let asked = json!({"person_id": id, "benefit": "monthly_allowance", "filed_on": "2024-08-12"});
        let filed = self.send(&self.caseworker, "/v1/applications", None, Some(asked)).await;
        let application = filed.header("location").to_owned();
        let granted = json!({"outcome": "granted", "number": "12/QĐ-UBND", "signed_on": "2024-08-20"});
        let decision = format!("{application}/decision");
        self.send(&self.decider, &decision, Some(&application), Some(granted))
            .await;
        let proposal = json!({"relation": "oneself", "from": "2024-08-20", "account": {"channel": "bank_transfer",
            "bank_code": "AGRIBANK", "account_number": account, "holder_name": name}});
        let payees = format!("{path}/payee-accounts");
        self.send(&self.caseworker, &payees, Some(&path), Some(proposal)).await;
        let proposed = self.get(&self.decider, &payees).await.json();
        let confirm = format!("{payees}/{}/confirm", proposed["items"][0]["id"].as_str().unwrap());
        self.send(&self.decider, &confirm, Some(&path), None).await;
        id
    }

    /// Takes the resolution from its draft to a release.
    async fn publish(&self, body: Value) {
        let drafted = self.send(&self.preparer, "/v1/instruments", None, Some(body)).await;
        let path = drafted.header("location").to_owned();
        let verb = |verb: &str| format!("{path}/{verb}");
        let found = self.send(&self.preparer, &verb("check"), None, None).await.json();
        let findings = found["items"].as_array().unwrap();
        assert!(findings.iter().all(|one| one["severity"] == "warning"), "{found}");
        self.send(&self.preparer, &verb("simulate"), None, None).await;
        let seen = self.get(&self.approver, &verb("simulation")).await.json();
        assert_eq!(seen["result"]["entrants"]["people"], 1, "{seen}");
        let read = || Some(json!({"simulation": seen["id"]}));
        self.send(&self.preparer, &verb("submit"), Some(&path), read()).await;
        self.send(&self.approver, &verb("approve"), Some(&path), read()).await;
        self.send(&self.releaser, &verb("publish"), Some(&path), read()).await;
    }

    /// The regular run of October, released.
    async fn pay(&self) -> String {
        // Its list is closed in September: on the 20th of August it is opened because it is paid early.
        let early = json!({"kind": "pay_early", "cover_months": ["2024-10"], "reason": "Chi trả sớm"});
        let day = "/v1/pay-calendar/days/2024-10-03/propose";
        let proposed = self.send(&self.preparer, day, None, Some(early)).await;
        self.accept(&proposed).await;
        let october = json!({"cover_month": "2024-10", "pay_date": "2024-10-03"});
        let opened = self.send(&self.preparer, "/v1/pay-runs", None, Some(october)).await;
        let path = format!("/v1/pay-runs/{}", opened.json()["id"].as_str().unwrap());
        for (key, verb) in [
            (&self.preparer, "submit"),
            (&self.approver, "approve"),
            (&self.releaser, "release"),
        ] {
            self.send(key, &format!("{path}/{verb}"), Some(&path), None).await;
        }
        path
    }

    /// The bank says that every order of a file was credited.
    async fn credited(&self, run: &str, file: &Value, manifest: &Value) {
        let orders = self
            .get(&self.treasury, &format!("{run}/orders?limit=200"))
            .await
            .json();
        let answers = orders["items"].as_array().unwrap().iter().map(|order| BankAnswer {
            reference: order["reference"].as_str().unwrap().to_owned(),
            uetr: serde_json::from_value(order["uetr"].clone()).unwrap(),
            amount: Vnd::new(order["amount"].as_i64().unwrap()).unwrap(),
            status: "ACCC".to_owned(),
            reason: None,
            account: order["account_number"].as_str().map(ToOwned::to_owned),
            bank_reference: None,
        });
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let header = AnswerHeader {
            message_id: "STATUS-1".to_owned(),
            created_at: "2024-10-04T02:00:00Z".parse::<chrono::DateTime<Utc>>().unwrap(),
            original_message_id: text(&file["message_id"]),
            original_message: text(&manifest["format"]),
            payment_information_id: text(&manifest["payment_information_id"]),
            group_status: Some("ACSC".to_owned()),
            account: "102010000000001".to_owned(),
            one_debit: true,
        };
        let mut report = Vec::new();
        write_pain002(&mut report, &header, &answers.collect::<Vec<_>>()).unwrap();
        let upload = self
            .house
            .call("POST", "/v1/bank-reports?file_name=pain002.xml")
            .key(&self.treasury);
        let answer = upload
            .once("report")
            .body("application/octet-stream", report)
            .send()
            .await;
        assert_eq!(answer.status, 202, "{answer:?}");
        job::drain(&self.house.app, job::KINDS).await.unwrap();
    }
}

#[test]
fn a_new_resolution_goes_from_draft_to_paid_without_touching_code() {
    each_engine(async |house| {
        let office = Office::open(house).await;
        let fund = json!({"code": "social_assistance", "fiscal_year": 2024, "source": "provincial", "name": "Trợ cấp",
            "amount": 2_000_000});
        let fund = json!({"fund": fund, "note": "QĐ 45/QĐ-UBND"});
        let proposed = office
            .send(&office.preparer, "/v1/funds/propose", None, Some(fund))
            .await;
        office.accept(&proposed).await;
        let near_poor = json!({"kind": "poverty", "value": "near_poor", "from": "2024-01-01"});
        let severe = json!({"kind": "disability", "value": "severe", "from": "2024-08-01"});
        // Nobody gives her anything yet; the other receives 2,0 × 500.000, more than the new group would give her.
        let hoa = office
            .settle("Nguyễn Thị Hoa", "1950-05-01", json!([near_poor]), "8011205000001")
            .await;
        let lan = office
            .settle(
                "Phạm Thị Lan",
                "1951-05-01",
                json!([near_poor, severe]),
                "8011205000002",
            )
            .await;
        let rights = |id: &str| format!("/v1/persons/{id}/entitlements?from=2024-10&to=2024-12");
        let before = office.get(&office.caseworker, &rights(&hoa)).await.json();
        assert_eq!(
            before["items"][0]["periods"],
            json!([]),
            "nothing before she is 80, by NĐ 20/2021 Art 5(5)"
        );

        office.publish(resolution()).await;
        let own = office.get(&office.caseworker, &rights(&hoa)).await.json()["items"][0].clone();
        let period = &own["periods"][0];
        assert_eq!(
            (
                &period["from"],
                &period["group"],
                &period["amount"],
                &period["provision"]
            ),
            (
                &json!("2024-10"),
                &json!("qn_elderly_near_poor"),
                &json!(410_000),
                &json!("NQ 99/2024 Art 2")
            )
        );
        let why = format!("/v1/entitlements/{}/explanation", own["id"].as_str().unwrap());
        let why = office.house.call("GET", &why).key(&office.caseworker).send().await.text;
        assert!(why.contains("NQ 99/2024 Art 2"), "{why}");

        let run = office.pay().await;
        let lines = office.get(&office.preparer, &format!("{run}/lines")).await.json();
        let mut paid: Vec<(&str, i64, &str)> = lines["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| {
                (
                    line["person_id"].as_str().unwrap(),
                    line["amount"].as_i64().unwrap(),
                    line["group"].as_str().unwrap(),
                )
            })
            .collect();
        paid.sort_unstable_by_key(|line| line.1);
        assert_eq!(
            paid,
            [
                (hoa.as_str(), 410_000, "qn_elderly_near_poor"),
                (lan.as_str(), 1_000_000, "5.6")
            ]
        );

        let files = office.get(&office.treasury, &format!("{run}/files")).await.json();
        let file = files["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|file| file["kind"] == "pain001")
            .unwrap();
        let path = format!("/v1/payment-files/{}", file["id"].as_str().unwrap());
        let content = office.get(&office.treasury, &format!("{path}/content")).await.text;
        for part in [
            "<InstdAmt Ccy=\"VND\">410000</InstdAmt>",
            "NGUYEN THI HOA",
            "8011205000001",
        ] {
            assert!(content.contains(part), "{part}: {content}");
        }
        let manifest = office.get(&office.treasury, &format!("{path}/manifest")).await.json();
        let sha256 = hex::encode(Sha256::digest(content.as_bytes()));
        assert_eq!(
            (&manifest["count"], &manifest["sum"], &manifest["sha256"]),
            (&json!(2), &json!(1_410_000), &json!(sha256))
        );
        let seen = json!({"sha256": sha256});
        office
            .send(
                &office.treasury,
                &format!("{path}/acknowledge"),
                Some(&path),
                Some(seen),
            )
            .await;
        office.credited(&run, file, &manifest).await;
        let payments = office
            .get(&office.caseworker, &format!("/v1/persons/{hoa}/payments"))
            .await
            .json();
        let payment = &payments["items"][0];
        assert_eq!(
            (&payment["amount"], &payment["order_status"], &payment["provision"]),
            (&json!(410_000), &json!("credited"), &json!("NQ 99/2024 Art 2"))
        );
        let funds = office.get(&office.preparer, "/v1/funds").await.json();
        let fund = &funds["items"][0];
        assert_eq!(
            (&fund["paid"], &fund["available"]),
            (&json!(1_410_000), &json!(590_000))
        );
    });
}
