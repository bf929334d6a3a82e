//! A reassessment as the people who answer for it see it: outcomes with reasons, pause, resume, cancel, and a run that
//! stops itself.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use service::job;
use service::pay_run::{self, CreatePayRun, PayRunView};
use service::person::bulk;
use service::reassessment::{self, Parameters};
use service::{Actor, App, Error, ProblemCode, Role, access, installation, law};
use uuid::Uuid;

use crate::harness::{House, each_engine, opens_fund};
use crate::reconciliation::bank::of;

/// People of the town, by their ids.
const PEOPLE: u128 = 12;

fn person(number: u128) -> Value {
    json!({
        "id": Uuid::from_u128(0x600 + number),
        "person": {
            "full_name": "Phạm Thị Lan", "birth_date": "1990-05-01", "sex": "female",
            "residences": [{"area": "06652", "from": "2018-01-01", "setting": "community"}],
            "evidence": [{"kind": "disability", "value": "severe", "from": "2022-03-20"}],
        },
        "decisions": [{"benefit": "monthly_allowance", "number": "12/QĐ", "signed_on": "2022-06-05"}],
        "payees": [{"relation": "oneself", "from": "2022-06-05", "account": {
            "channel": "post_cash", "account_number": format!("0221900{number:05}"), "holder_name": "Phạm Thị Lan",
            "post_office": "Bưu cục Hà Phong"}}],
    })
}

/// An installation with people who are taken over; chunks are of two people, and no worker runs.
async fn town(house: &House) -> App {
    let mut app = house.app.clone();
    app.chunk_people = 2;
    let people: Vec<Value> = (0..PEOPLE).map(person).collect();
    let report = bulk::import(
        &app,
        &Actor::system("tests"),
        of(json!({"opening": true, "persons": people})),
    )
    .await
    .unwrap();
    assert_eq!(report.rows, []);
    installation::set_first_month(&app, "2024-09".parse().unwrap())
        .await
        .unwrap();
    begin(&app, true).await;
    drained(&app).await;
    app
}

async fn begin(app: &App, opening: bool) -> Uuid {
    let parameters = Parameters {
        release: law::latest(app).await.unwrap(),
        opening,
    };
    let started = app
        .db
        .write(async |txn| reassessment::start(app, txn, parameters.clone(), "tests").await);
    started.await.unwrap()
}

async fn drained(app: &App) {
    job::drain(app, job::KINDS).await.unwrap();
}

/// A run over the API.
struct Run<'h> {
    house: &'h House,
    key: String,
    id: Uuid,
}

impl Run<'_> {
    async fn read(&self) -> Value {
        let path = format!("/v1/job-runs/{}", self.id);
        self.house.call("GET", &path).key(&self.key).send().await.json()
    }

    async fn takes(&self, step: &str) -> Value {
        let path = format!("/v1/job-runs/{}/{step}", self.id);
        let call = self.house.call("POST", &path).key(&self.key);
        let answer = call.once(&format!("{step} {}", self.id)).send().await;
        assert!(answer.status < 300, "{step}: {answer:?}");
        answer.json()
    }

    /// Every person of an outcome with the reason, page by page.
    async fn outcomes(&self, outcome: &str) -> Vec<(Uuid, Option<String>)> {
        let mut listed = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/v1/job-runs/{}/outcomes?outcome={outcome}&limit=2{cursor}", self.id);
            let answer = self.house.call("GET", &path).key(&self.key).send().await;
            assert_eq!(answer.status, 200, "{answer:?}");
            let page = answer.json();
            for item in page["items"].as_array().unwrap() {
                assert_eq!(item["outcome"], outcome);
                let reason = item["reason"].as_str().map(ToOwned::to_owned);
                listed.push((of(item["person_id"].clone()), reason));
            }
            let Some(next) = page["next"].as_str() else {
                return listed;
            };
            cursor = format!("&cursor={next}");
        }
    }
}

/// May a pay run be made now?
async fn pay_run_opens(house: &House, month: &str) -> Result<(), Error> {
    let key = house.key(Role::Preparer, None).await;
    let preparer = access::authenticate(&house.app, &key).await.unwrap();
    let command: CreatePayRun = of(json!({"cover_month": month, "pay_date": format!("{month}-05")}));
    pay_run::create(&house.app, &preparer, command).await.map(|_| ())
}

async fn unreadable(app: &App, people: std::ops::Range<u128>, kind: &str) {
    for number in people {
        let id = Uuid::from_u128(0x600 + number);
        let id = if app.db.is_sqlite() {
            format!("x'{}'", id.simple())
        } else {
            format!("'{id}'")
        };
        let sql = format!("UPDATE evidence SET kind = '{kind}' WHERE person_id = {id}");
        app.db.owner().execute_unprepared(&sql).await.unwrap();
    }
}

#[test]
fn one_person_who_can_not_be_read_stops_no_other_and_many_stop_the_run() {
    each_engine(async |house| {
        let app = town(house).await;
        // A few: the run goes on, and says who and why.
        unreadable(&app, 0..1, "horoscope").await;
        let run = Run {
            house,
            key: house.key(Role::Administrator, None).await,
            id: begin(&app, false).await,
        };
        drained(&app).await;
        let told = run.read().await;
        assert_eq!((&told["status"], &told["done"]), (&json!("done"), &json!(12)));
        assert_eq!(
            run.outcomes("failed").await,
            [(
                Uuid::from_u128(0x600),
                Some("unreadable evidence kind in the registry".to_owned())
            )]
        );
        let unchanged = run.outcomes("unchanged").await;
        assert_eq!(unchanged.len(), 11, "the others, over the pages");
        assert_eq!(unchanged[0].0, Uuid::from_u128(0x601));
        assert_eq!(run.outcomes("changed").await, []);
        // Too many: it stops itself before everybody is through, and no pay run is made meanwhile.
        unreadable(&app, 0..8, "horoscope").await;
        let administrator = access::authenticate(&app, &run.key).await.unwrap();
        let again = Run {
            id: reassessment::repeat(&app, &administrator, run.id).await.unwrap().id,
            key: run.key.clone(),
            house,
        };
        drained(&app).await;
        let told = again.read().await;
        assert_eq!(
            (&told["status"], &told["counts"]["failed"]),
            (&json!("paused"), &json!(6))
        );
        assert!(told["done"].as_i64() < Some(12), "some chunks wait");
        assert_eq!(told["reason"]["en"], "Stopped itself: 6 technical failures");
        let refused = pay_run_opens(house, "2024-09").await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::ReassessmentUnfinished);
        // A person looks, has the records repaired and lets it go on; then everybody is looked at once more.
        unreadable(&app, 0..8, "disability").await;
        again.takes("resume").await;
        drained(&app).await;
        assert_eq!(again.read().await["status"], "done");
        assert_eq!(again.outcomes("failed").await.len(), 6);
        let last = Run {
            id: of(again.takes("repeat").await["id"].clone()),
            key: run.key.clone(),
            house,
        };
        drained(&app).await;
        assert_eq!(last.outcomes("unchanged").await.len(), 12);
        pay_run_opens(house, "2024-09").await.unwrap();
    });
}

#[test]
fn a_reassessment_is_paused_resumed_and_cancelled() {
    each_engine(async |house| {
        let app = town(house).await;
        let run = Run {
            house,
            key: house.key(Role::Administrator, None).await,
            id: begin(&app, false).await,
        };
        assert_eq!(run.takes("pause").await["status"], "paused");
        drained(&app).await;
        let told = run.read().await;
        assert_eq!(
            (&told["status"], &told["done"]),
            (&json!("paused"), &json!(0)),
            "no chunk starts"
        );
        let refused = pay_run_opens(house, "2024-09").await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::ReassessmentUnfinished);
        assert_eq!(run.takes("resume").await["status"], "running");
        run.takes("cancel").await;
        drained(&app).await;
        let told = run.read().await;
        assert_eq!((&told["status"], &told["done"]), (&json!("cancelled"), &json!(0)));
        // What was cancelled was not done: people may stand on an older law.
        let refused = pay_run_opens(house, "2024-09").await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::ReassessmentUnfinished);
        let again = run.takes("repeat").await;
        drained(&app).await;
        let again = Run {
            id: of(again["id"].clone()),
            key: run.key.clone(),
            house,
        };
        assert_eq!(again.read().await["status"], "done");
        pay_run_opens(house, "2024-09").await.unwrap();
    });
}

#[test]
fn a_pay_run_is_neither_submitted_nor_approved_nor_released_before_a_reassessment_is_finished() {
    each_engine(async |house| {
        let app = town(house).await;
        let officer = async |role| access::authenticate(&app, &house.key(role, None).await).await.unwrap();
        let (preparer, approver) = (officer(Role::Preparer).await, officer(Role::Approver).await);
        let (releaser, administrator) = (officer(Role::Releaser).await, officer(Role::Administrator).await);
        let money = json!({"code": "social_assistance", "fiscal_year": 2024, "source": "provincial", "name": "Trợ cấp",
            "amount": 1_000_000_000});
        opens_fund(&app, of(money)).await;
        let command: CreatePayRun = of(json!({"cover_month": "2024-09", "pay_date": "2024-09-05"}));
        let run = pay_run::create(&app, &preparer, command).await.unwrap().id;
        drained(&app).await;
        let version = async || pay_run::get(&app, &preparer, run).await.unwrap().version;
        let unfinished = |refused: Result<PayRunView, Error>, step: &str| {
            let refused = refused.expect_err(step);
            assert_eq!(refused.code, ProblemCode::ReassessmentUnfinished, "{step}");
        };

        // After the lines are built.
        let reassessment = begin(&app, false).await;
        unfinished(pay_run::submit(&app, &preparer, run, version().await).await, "submit");
        drained(&app).await;
        pay_run::submit(&app, &preparer, run, version().await).await.unwrap();
        // After submission.
        let again = reassessment::repeat(&app, &administrator, reassessment)
            .await
            .unwrap()
            .id;
        unfinished(pay_run::approve(&app, &approver, run, version().await).await, "approve");
        drained(&app).await;
        pay_run::approve(&app, &approver, run, version().await).await.unwrap();
        drained(&app).await;
        // After approval.
        reassessment::repeat(&app, &administrator, again).await.unwrap();
        unfinished(pay_run::release(&app, &releaser, run, version().await).await, "release");
        drained(&app).await;
        let released = pay_run::release(&app, &releaser, run, version().await).await.unwrap();
        assert_eq!((json!(released.status), released.line_count), (json!("released"), 12));
    });
}
