//! Sixty-four at once: each does the same thing in the same moment, by their own credential. One has the effect, the
//! others read that somebody was first, and reading goes on meanwhile.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use domain::Vnd;
use domain::bank_report::synthetic::{Answer as PostAnswer, write_post_results};
use futures::future::join_all;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use service::{Role, payment_file, payment_order};

use crate::harness::{Answer, House, each_engine};
use crate::overpayment::town::Town;

/// How many.
const CROWD: usize = 64;
/// What is read meanwhile.
const READ: &[&str] = &[
    "/v1/pay-runs",
    "/v1/funds",
    "/v1/bank-reports",
    "/v1/reconciliation/suspense",
];

struct Crowd<'h> {
    house: &'h House,
    keys: Vec<String>,
}

impl<'h> Crowd<'h> {
    /// So many people of a role.
    async fn of(house: &'h House, role: Role) -> Self {
        let mut keys = Vec::new();
        for _ in 0..CROWD {
            keys.push(house.key(role, None).await);
        }
        Self { house, keys }
    }

    /// Everybody sends this at once, while somebody reads without end; every reading is answered.
    async fn all_send(&self, path: &str, tag: Option<&str>, body: &Value) -> Vec<Answer> {
        let calls = self.keys.iter().enumerate().map(|(number, key)| {
            let call = self
                .house
                .call("POST", path)
                .key(key)
                .once(&format!("crowd-{path}-{number}"));
            let call = match tag {
                Some(tag) => call.if_match(tag),
                None => call,
            };
            if body.is_null() {
                call.send()
            } else {
                call.json(body).send()
            }
        });
        let calls: Vec<_> = calls.map(futures::FutureExt::boxed).collect();
        self.beside_readers(calls).await
    }

    async fn beside_readers(&self, calls: Vec<futures::future::BoxFuture<'_, Answer>>) -> Vec<Answer> {
        let (over, read) = (AtomicBool::new(false), AtomicU64::new(0));
        let crowd = async {
            let answers = join_all(calls).await;
            over.store(true, Ordering::SeqCst);
            answers
        };
        let readers = join_all(READ.iter().zip(&self.keys).map(|(path, key)| {
            let (over, read) = (&over, &read);
            async move {
                while !over.load(Ordering::SeqCst) {
                    let answer = self.house.call("GET", path).key(key).send().await;
                    assert_eq!(answer.status, 200, "{path}: {answer:?}");
                    read.fetch_add(1, Ordering::SeqCst);
                }
            }
        }));
        let (answers, _) = futures::join!(crowd, readers);
        assert!(read.load(Ordering::SeqCst) > 0, "nobody could read");
        answers
    }

    /// One was first, and everybody else was told so.
    fn one_effect(answers: &[Answer]) {
        let first = answers.iter().filter(|answer| answer.status == 200).count();
        let told = |answer: &&Answer| matches!(answer.status, 200 | 409 | 412);
        assert_eq!(
            answers.iter().filter(told).count(),
            CROWD,
            "{:?}",
            answers.iter().find(|own| !told(own))
        );
        assert_eq!(first, 1);
    }
}

async fn number(house: &House, sql: &str) -> i64 {
    let conn = house.app.db.owner();
    let statement = Statement::from_string(conn.get_database_backend(), sql);
    let row = conn.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get("", "number").unwrap()
}

async fn tag(house: &House, key: &str, path: &str) -> String {
    let answer = house.call("GET", path).key(key).send().await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.header("etag").to_owned()
}

/// The whole crowd submits, approves and releases one run, step by step.
async fn signed_by_crowds(town: &Town<'_>) -> uuid::Uuid {
    let run = town.build("2024-09").await;
    let path = format!("/v1/pay-runs/{}", run.id);
    for (role, verb, act) in [
        (Role::Preparer, "submit", "make"),
        (Role::Approver, "approve", "approve"),
        (Role::Releaser, "release", "release"),
    ] {
        let crowd = Crowd::of(town.house, role).await;
        let tag = tag(town.house, &crowd.keys[0], &path).await;
        let answers = crowd
            .all_send(&format!("{path}/{verb}"), Some(&tag), &Value::Null)
            .await;
        Crowd::one_effect(&answers);
        let signed = format!(
            "SELECT COUNT(*) AS number FROM approval_act WHERE act = '{act}' AND subject = 'pay_run:{}'",
            run.id.simple()
        );
        assert_eq!(number(town.house, &signed).await, 1, "{verb}");
        let steps = format!(
            "SELECT COUNT(DISTINCT batch) AS number FROM posting WHERE batch LIKE 'pay_run:{}:{verb}:%'",
            run.id.simple()
        );
        assert_eq!(number(town.house, &steps).await, 1, "{verb}");
        let told = format!("SELECT COUNT(*) AS number FROM audit_event WHERE action = 'pay_run.{verb}'");
        assert_eq!(number(town.house, &told).await, 1, "{verb}");
        town.idle().await;
    }
    run.id
}

#[test]
fn of_a_crowd_that_signs_one_run_one_has_the_effect_at_each_step() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        signed_by_crowds(&town).await;
        town.close().await;
    });
}

#[test]
fn of_a_crowd_that_acknowledges_one_file_one_has_the_effect() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let run = town.pay("2024-09").await;
        let files = payment_file::list(&house.app, &town.officers[3], run).await.unwrap();
        let file = files.iter().find(|file| file.message_id.is_some()).unwrap();
        let crowd = Crowd::of(house, Role::Treasury).await;
        let path = format!("/v1/payment-files/{}", file.id);
        let tag = tag(house, &crowd.keys[0], &path).await;
        // All of them fetch it at the same time, and each of them once.
        let calls = crowd.keys.iter().flat_map(|key| [key, key]).map(|key| {
            let call = house.call("GET", &format!("{path}/content")).key(key);
            futures::FutureExt::boxed(call.send())
        });
        let fetched = join_all(calls.collect::<Vec<_>>()).await;
        assert!(fetched.iter().all(|answer| answer.status == 200), "{fetched:?}");
        let noted = "SELECT COUNT(*) AS number FROM audit_event WHERE action = 'payment_file.fetch'";
        let holders = i64::try_from(crowd.keys.len()).unwrap();
        assert_eq!(number(house, noted).await, holders);
        let body = json!({"sha256": file.sha256});
        let answers = crowd.all_send(&format!("{path}/acknowledge"), Some(&tag), &body).await;
        Crowd::one_effect(&answers);
        let told = "SELECT COUNT(*) AS number FROM audit_event WHERE action = 'payment_file.acknowledge'";
        assert_eq!(number(house, told).await, 1);
        town.close().await;
    });
}

#[test]
fn a_crowd_that_brings_one_answer_brings_it_once() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let run = town.pay("2024-09").await;
        let orders = payment_order::list(&house.app, &town.officers[3], run, None, None)
            .await
            .unwrap();
        let answers: Vec<PostAnswer> = orders
            .items
            .iter()
            .map(|order| PostAnswer {
                reference: order.reference.clone(),
                uetr: None,
                amount: Vnd::new(order.amount).unwrap(),
                status: "paid".to_owned(),
                reason: None,
                account: None,
                bank_reference: None,
            })
            .collect();
        let mut bytes = Vec::new();
        write_post_results(&mut bytes, house.app.clock.today(), &answers).unwrap();
        let crowd = Crowd::of(house, Role::Treasury).await;
        let calls = crowd.keys.iter().enumerate().map(|(number, key)| {
            let call = house.call("POST", "/v1/bank-reports?file_name=ket-qua.csv").key(key);
            let call = call.once(&format!("crowd-answer-{number}"));
            futures::FutureExt::boxed(call.body("application/octet-stream", bytes.clone()).send())
        });
        let answers = crowd.beside_readers(calls.collect()).await;
        assert!(answers.iter().all(|answer| answer.status == 202), "{answers:?}");
        let ids: std::collections::BTreeSet<String> = answers
            .iter()
            .map(|answer| answer.json()["id"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(ids.len(), 1, "{ids:?}");
        town.idle().await;
        assert_eq!(number(house, "SELECT COUNT(*) AS number FROM bank_report").await, 1);
        let paid = "SELECT COUNT(*) AS number FROM payment_order_history WHERE to_status = 'credited'";
        assert_eq!(number(house, paid).await, i64::try_from(orders.items.len()).unwrap());
        assert_eq!(
            number(
                house,
                "SELECT COUNT(*) AS number FROM bank_report_line WHERE note IS NOT NULL"
            )
            .await,
            0
        );
        town.close().await;
    });
}
