//! A report whose lines are being judged: how far it is can be read meanwhile, and nothing is stored before its end.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use service::job::{self, Ended, JobContext, Kinds, Pace};
use service::{Actor, App, Error, Role, bank_report};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::bank::{AMOUNT, BankTown, answer, pain002};
use crate::harness::{House, each_engine};
use crate::treasury_year::crash::time_passes;

/// People who are paid. The bank speaks of one order more.
const PEOPLE: u128 = 8;

/// Lines of the bank's report.
pub(crate) const LINES: i64 = 9;

/// Who hears that a worker stopped, and what lets it go on.
type Stop = (oneshot::Sender<()>, oneshot::Receiver<()>);

/// The workers that will stop half-way.
static HELD: Mutex<BTreeMap<String, Stop>> = Mutex::new(BTreeMap::new());

/// A worker that has judged some lines of a report and not all, and stands there with its transaction open.
pub(crate) struct Held {
    go_on: oneshot::Sender<()>,
    work: JoinHandle<Result<Ended, Error>>,
}

impl Held {
    /// Judges lines of the report that waits, one after the other, until some are judged and not all.
    pub(crate) async fn half_way(app: &App, report: Uuid) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let worker = format!("held-{}", NUMBER.fetch_add(1, Ordering::SeqCst));
        let (reaches, reached) = oneshot::channel();
        let (go_on, goes_on) = oneshot::channel();
        HELD.lock().unwrap().insert(worker.clone(), (reaches, goes_on));
        let conn = app.db.owner();
        let sql = format!(
            "SELECT id FROM job WHERE natural_key = 'reconcile_report:{}'",
            report.simple()
        );
        let row = conn.query_one_raw(Statement::from_string(conn.get_database_backend(), sql));
        let job: Uuid = row.await.unwrap().unwrap().try_get("", "id").unwrap();
        let app = App {
            watch: app.watch.in_stretches(1),
            ..app.clone()
        };
        let work = tokio::spawn(async move {
            // Nobody comes to renew its claim while SQLite's writer is held.
            let pace = Pace {
                lease: Duration::from_secs(600),
                ..Pace::default()
            };
            let kinds = Kinds {
                run: held,
                ..job::KINDS
            };
            job::execute(&app, kinds, &pace, &worker, job, std::future::pending()).await
        });
        reached.await.expect("it came to its end and nobody saw it half-way");
        Self { go_on, work }
    }

    /// It goes on to its end.
    pub(crate) async fn goes_on(self) {
        self.go_on.send(()).unwrap();
        assert_eq!(self.work.await.unwrap().unwrap(), Ended::Done);
    }

    /// It dies where it stands.
    async fn dies(self) {
        self.work.abort();
        assert!(self.work.await.unwrap_err().is_cancelled());
    }
}

/// The work of a job, which stops half-way through its report where its worker is one that does.
fn held<'a>(kind: &'a str, payload: Value, app: &'a App, context: &'a JobContext) -> BoxFuture<'a, Result<(), Error>> {
    let name = context.worker.split('/').next().unwrap_or_default();
    let stops = HELD.lock().unwrap().remove(name);
    let Some((reaches, goes_on)) = stops else {
        return (job::KINDS.run)(kind, payload, app, context);
    };
    let report: Uuid = serde_json::from_value(payload["report"].clone()).unwrap();
    let mut work = (job::KINDS.run)(kind, payload, app, context);
    async move {
        loop {
            if let Poll::Ready(done) = futures::poll!(&mut work) {
                return done;
            }
            let seen = bank_report::get(app, &Actor::system("tests"), report).await?;
            let judged = seen.progress.map_or(0, |progress| progress.judged);
            if 0 < judged && judged < seen.line_count {
                break;
            }
        }
        // Nobody hears of it, or lets it go on, where the test is over.
        let _ = reaches.send(());
        if goes_on.await.is_err() {
            std::future::pending::<()>().await;
        }
        work.await
    }
    .boxed()
}

/// A town with a released run, and the bank's report: all are paid, and so is somebody whom nobody knows.
pub(crate) async fn answered(town: &BankTown<'_>) -> (Uuid, Vec<u8>) {
    let run = town.pay("2024-09").await;
    let orders = town.orders(run).await;
    let mut answers: Vec<_> = orders.iter().map(|order| answer(order, "ACSC", None)).collect();
    let mut stranger = answers[0].clone();
    stranger.reference = "AS-00000000000000000000000000".to_owned();
    stranger.uetr = None;
    // It stands before others: its line is judged in its place, whatever is written first.
    answers.insert(1, stranger);
    (run, pain002("A1", &answers))
}

/// A town of so many people as the report speaks of.
pub(crate) async fn town(house: &House) -> BankTown<'_> {
    BankTown::open(house, PEOPLE).await
}

/// The report as the API shows it.
async fn seen(town: &BankTown<'_>, key: &str, report: Uuid) -> Value {
    let path = format!("/v1/bank-reports/{report}");
    town.house.call("GET", &path).key(key).send().await.json()
}

/// Fails unless the report is half-way: its lines are counted, and none counts yet.
fn assert_half_way(seen: &Value) {
    assert_eq!(
        (&seen["status"], &seen["line_count"]),
        (&json!("received"), &json!(LINES))
    );
    assert_eq!((&seen["matched"], &seen["suspense"]), (&json!(0), &json!(0)));
    let judged = seen["progress"]["judged"].as_i64().unwrap();
    assert!(0 < judged && judged < LINES, "{seen}");
    let outcomes = seen["progress"]["outcomes"].as_object().unwrap();
    let sum: i64 = outcomes.values().map(|lines| lines.as_i64().unwrap()).sum();
    assert_eq!(sum, judged, "each judged line came to something");
}

/// Fails unless the report ended as one that nobody disturbed.
async fn assert_ended(town: &BankTown<'_>, run: Uuid, seen: &Value) {
    let counts = (&seen["status"], &seen["matched"], &seen["suspense"], &seen["progress"]);
    assert_eq!(counts, (&json!("reconciled"), &json!(8), &json!(1), &Value::Null));
    let report: Uuid = serde_json::from_value(seen["id"].clone()).unwrap();
    let lines = bank_report::lines(town.app(), &town.treasury, report, None, None, None)
        .await
        .unwrap();
    let told: Vec<_> = lines
        .items
        .iter()
        .map(|line| (line.position, json!(line.outcome)))
        .collect();
    let outcome = |position| if position == 2 { "unknown_reference" } else { "matched" };
    let all: Vec<_> = (1..=9).map(|position| (position, json!(outcome(position)))).collect();
    assert_eq!(told, all);
    assert_eq!(town.statuses(run).await, ["settled"; 8]);
    let fund = town.fund().await;
    assert_eq!((fund.in_transit, fund.paid), (0, 8 * AMOUNT));
    town.holds().await;
}

#[test]
fn a_report_tells_how_many_of_its_lines_are_judged_until_all_are() {
    each_engine(async |house| {
        let town = town(house).await;
        let (run, bytes) = answered(&town).await;
        let key = house.key(Role::Treasury, None).await;
        let before = town.statuses(run).await;
        let report = bank_report::upload(town.app(), &town.treasury, "answer.xml", bytes.clone())
            .await
            .unwrap();
        assert_eq!(
            seen(&town, &key, report.id).await["progress"],
            Value::Null,
            "nobody is at it"
        );
        let held = Held::half_way(town.app(), report.id).await;
        let half = seen(&town, &key, report.id).await;
        assert_half_way(&half);
        let listed = house.call("GET", "/v1/bank-reports").key(&key).send().await.json();
        assert_eq!(listed["items"], json!([half]));
        assert_eq!(town.statuses(run).await, before, "nothing moves before the end");
        held.goes_on().await;
        town.idle().await;
        assert_ended(&town, run, &seen(&town, &key, report.id).await).await;
        // The same file again is the same report, and is over at once.
        assert_eq!(town.bring(bytes).await.progress, None);
        assert_ended(&town, run, &seen(&town, &key, report.id).await).await;
    });
}

#[test]
fn a_worker_that_dies_half_way_leaves_no_trace_and_another_begins_anew() {
    each_engine(async |house| {
        let town = town(house).await;
        let (run, bytes) = answered(&town).await;
        let key = house.key(Role::Treasury, None).await;
        let report = bank_report::upload(town.app(), &town.treasury, "answer.xml", bytes)
            .await
            .unwrap();
        for _ in 0..2 {
            let held = Held::half_way(town.app(), report.id).await;
            assert_half_way(&seen(&town, &key, report.id).await);
            held.dies().await;
            // What it told ends with its transaction. Its lease runs out later, and until then nobody is at it.
            time_passes(town.app()).await;
            while seen(&town, &key, report.id).await["progress"] != Value::Null {
                tokio::task::yield_now().await;
            }
        }
        town.idle().await;
        assert_ended(&town, run, &seen(&town, &key, report.id).await).await;
    });
}

#[test]
fn what_an_area_is_shown_says_nothing_of_the_lines_of_others() {
    each_engine(async |house| {
        let town = town(house).await;
        let (_, bytes) = answered(&town).await;
        let key = house.key(Role::Auditor, Some("06652@1900-01")).await;
        let report = bank_report::upload(town.app(), &town.treasury, "answer.xml", bytes)
            .await
            .unwrap();
        let held = Held::half_way(town.app(), report.id).await;
        let path = format!("/v1/bank-reports/{}", report.id);
        let shown = house.call("GET", &path).key(&key).send().await;
        shown.problem("not-found");
        held.goes_on().await;
        let shown = house.call("GET", &path).key(&key).send().await.json();
        assert_eq!((&shown["matched"], &shown["progress"]), (&json!(8), &Value::Null));
    });
}
