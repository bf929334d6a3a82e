//! A small town: two people whom a predecessor paid, a month that was paid and arrived, and the officers.

use chrono::{DateTime, Utc};
use domain::bank_report::synthetic::{Answer, write_post_results};
use domain::{Month, Vnd};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use service::access::{self, CreateClient, NewGrant};
use service::job::{self, JobState};
use service::pay_run::{self, CreatePayRun, LineView, PayRunView};
use service::payment_file;
use service::payment_order::{self, OrderView};
use service::person::{self, bulk};
use service::reassessment::{self, Parameters};
use service::{Actor, App, Code, Error, Role, bank_report, fund, installation, law, verify};
use uuid::Uuid;
use worker::{Carrier, Running, Worker, WorkerOptions};

use super::newcomer::newcomer;
use crate::harness::{House, decides_day, opens_fund};
use crate::reconciliation::bank::of;

/// The person of the tests, severely disabled.
pub(crate) const LAN: Uuid = Uuid::from_u128(0x51);
/// The area of that person.
pub(crate) const AREA: &str = "06652@1900-01";

/// The officers and the worker of an installation.
pub(crate) struct Town<'h> {
    pub(crate) house: &'h House,
    worker: Running,
    /// Keys: a caseworker, two decision makers and a third.
    pub(crate) caseworker: String,
    pub(crate) deciders: [String; 3],
    /// A preparer, an approver, a releaser, the treasury, a caseworker.
    pub(crate) officers: [Actor; 5],
}

impl<'h> Town<'h> {
    /// Two people taken over on 20/8/2024, September to be paid.
    pub(crate) async fn open(house: &'h House) -> Self {
        Self::with_fund(house, 1_000_000_000).await
    }

    /// The same with so much in the fund, đồng.
    pub(crate) async fn with_fund(house: &'h House, amount: i64) -> Self {
        let second = (Uuid::from_u128(0x52), "022190001235", "06652");
        Self::of_people(house, amount, &[(LAN, "022190001234", "06652"), second]).await
    }

    /// A town of these people: id, number and area of each.
    pub(crate) async fn of_people(house: &'h House, amount: i64, people: &[(Uuid, &str, &str)]) -> Self {
        let people = people.iter().map(|(id, number, area)| newcomer(*id, number, area));
        Self::of_newcomers(house, amount, people.collect()).await
    }

    /// A town of these people, as they are taken over.
    pub(crate) async fn of_newcomers(house: &'h House, amount: i64, people: Vec<Value>) -> Self {
        let options = WorkerOptions {
            schedules: false,
            ..WorkerOptions::default()
        };
        let worker = Worker::start(house.app.clone(), Carrier::in_process(), options)
            .await
            .unwrap();
        let mut officers = Vec::new();
        for role in [
            Role::Preparer,
            Role::Approver,
            Role::Releaser,
            Role::Treasury,
            Role::Caseworker,
        ] {
            let key = house.key(role, None).await;
            officers.push(access::authenticate(&house.app, &key).await.unwrap());
        }
        let town = Self {
            worker,
            caseworker: house.key(Role::Caseworker, None).await,
            deciders: [
                house.key(Role::DecisionMaker, None).await,
                house.key(Role::DecisionMaker, None).await,
                house.key(Role::DecisionMaker, None).await,
            ],
            officers: officers.try_into().unwrap(),
            house,
        };
        town.take_over(amount, people).await;
        town
    }

    fn app(&self) -> &App {
        &self.house.app
    }

    async fn take_over(&self, amount: i64, people: Vec<Value>) {
        let (app, founder) = (self.app(), Actor::system("tests"));
        let fund = json!({"code": "social_assistance", "fiscal_year": 2024, "source": "provincial", "name": "Trợ cấp",
            "amount": amount});
        opens_fund(app, of(fund)).await;
        let report = bulk::import(app, &founder, of(json!({"opening": true, "persons": people})))
            .await
            .unwrap();
        assert_eq!(report.rows, []);
        installation::set_first_month(app, month("2024-09")).await.unwrap();
        // The tests take the runs of a whole autumn on a clock that hardly moves.
        self.pays_early("2024-09-30", &["2024-10", "2024-11", "2024-12"]).await;
        let parameters = Parameters {
            release: law::latest(app).await.unwrap(),
            opening: true,
        };
        app.db
            .write(async |txn| reassessment::start(app, txn, parameters.clone(), "tests").await)
            .await
            .unwrap();
        self.idle().await;
    }

    /// These months may be paid before their time, on a day.
    pub(crate) async fn pays_early(&self, day: &str, months: &[&str]) {
        let early = json!({"kind": "pay_early", "cover_months": months, "reason": "kiểm thử"});
        decides_day(self.app(), day, of(early)).await;
    }

    /// Waits until no job is queued or running.
    pub(crate) async fn idle(&self) {
        loop {
            let counts = job::open_counts(self.app()).await.unwrap();
            let of = |states: &[JobState]| -> i64 {
                let own = counts.iter().filter(|((_, state), _)| states.contains(state));
                own.map(|(_, count)| count).sum()
            };
            if of(&[JobState::Dead]) > 0 {
                let dead = "SELECT kind || ': ' || COALESCE(last_error, '') AS told FROM job WHERE status = 'dead'";
                let conn = self.app().db.owner();
                let dead = Statement::from_string(conn.get_database_backend(), dead);
                let row = conn.query_one_raw(dead).await.unwrap().unwrap();
                panic!("a job is dead: {}", row.try_get::<String>("", "told").unwrap());
            }
            if of(&[JobState::Queued, JobState::Running]) == 0 {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Moves the clock.
    pub(crate) async fn now(&self, instant: &str) {
        let now = instant.parse::<DateTime<Utc>>().unwrap();
        self.app().set_clock(now).await.unwrap();
    }

    /// The regular run of a month, released.
    pub(crate) async fn pay(&self, cover: &str) -> Uuid {
        let run = self.build(cover).await;
        self.sign(run.id).await;
        run.id
    }

    /// The regular run of a month, built.
    pub(crate) async fn build(&self, cover: &str) -> PayRunView {
        let command = CreatePayRun::regular(month(cover), month(cover).first_day().max(self.app().clock.today()));
        let run = pay_run::create(self.app(), &self.officers[0], command).await.unwrap();
        self.idle().await;
        self.run(run.id).await
    }

    /// Builds a run again that was sent back to draft.
    pub(crate) async fn rebuild(&self, run: Uuid) -> PayRunView {
        let run = self.run(run).await;
        pay_run::build(self.app(), &self.officers[0], run.id, run.version)
            .await
            .unwrap();
        self.idle().await;
        self.run(run.id).await
    }

    /// A run as it stands.
    pub(crate) async fn run(&self, run: Uuid) -> PayRunView {
        pay_run::get(self.app(), &self.officers[0], run).await.unwrap()
    }

    /// Submits a run as it stands.
    pub(crate) async fn submit(&self, run: Uuid) -> Result<PayRunView, Error> {
        let run = self.run(run).await;
        pay_run::submit(self.app(), &self.officers[0], run.id, run.version).await
    }

    /// Approves a run as it stands.
    pub(crate) async fn approve(&self, run: Uuid) -> Result<PayRunView, Error> {
        let run = self.run(run).await;
        pay_run::approve(self.app(), &self.officers[1], run.id, run.version).await
    }

    /// Releases a run as it stands.
    pub(crate) async fn release(&self, run: Uuid) -> Result<PayRunView, Error> {
        let run = self.run(run).await;
        let released = pay_run::release(self.app(), &self.officers[2], run.id, run.version).await;
        self.idle().await;
        released
    }

    /// Submits, approves and releases a built run.
    pub(crate) async fn sign(&self, run: Uuid) {
        self.submit(run).await.unwrap();
        self.approve(run).await.unwrap();
        self.release(run).await.unwrap();
    }

    /// The lines of the person of the tests in a run.
    pub(crate) async fn lines(&self, run: Uuid) -> Vec<LineView> {
        let lines = pay_run::lines(self.app(), &self.officers[0], run, None, None)
            .await
            .unwrap();
        lines.items.into_iter().filter(|line| line.person_id == LAN).collect()
    }

    /// The treasury fetches and acknowledges the first file of a run.
    pub(crate) async fn acknowledges_first(&self, run: Uuid) {
        let (app, treasury) = (self.app(), &self.officers[3]);
        let files = payment_file::list(app, treasury, run).await.unwrap();
        let (id, version) = (files[0].id, files[0].version);
        let sha256 = files[0].sha256.clone().unwrap();
        payment_file::content(app, treasury, id).await.unwrap();
        payment_file::acknowledge(app, treasury, id, version, &sha256)
            .await
            .unwrap();
    }

    /// The post office reports that everything of a run was collected.
    pub(crate) async fn arrives(&self, run: Uuid) {
        self.answers(run, |_| Some("paid")).await;
    }

    /// The post office reports on the orders of a run.
    pub(crate) async fn answers(&self, run: Uuid, result: impl Fn(&OrderView) -> Option<&'static str>) {
        let (app, treasury) = (self.app(), &self.officers[3]);
        let orders = payment_order::list(app, treasury, run, None, None).await.unwrap();
        let answered = orders.items.iter().filter_map(|order| Some((order, result(order)?)));
        let answers: Vec<Answer> = answered
            .map(|(order, result)| Answer {
                reference: order.reference.clone(),
                uetr: None,
                amount: Vnd::new(order.amount).unwrap(),
                status: result.to_owned(),
                reason: (result != "paid").then(|| "03".to_owned()),
                account: None,
                bank_reference: None,
            })
            .collect();
        if answers.is_empty() {
            return;
        }
        let mut bytes = Vec::new();
        write_post_results(&mut bytes, app.clock.today(), &answers).unwrap();
        bank_report::upload(app, treasury, "result.csv", bytes).await.unwrap();
        self.idle().await;
    }

    /// The other person moves within the province.
    pub(crate) async fn second_moves(&self, area: &str) {
        let (app, caseworker, second) = (self.app(), &self.officers[4], Uuid::from_u128(0x52));
        let own = person::get(app, caseworker, second).await.unwrap();
        let command = json!({"area": area, "from": "2024-08-20", "setting": "community"});
        person::move_person(app, caseworker, second, own.version, of(command))
            .await
            .unwrap();
        self.idle().await;
    }

    /// The disability of the person of the tests is known to have ended on a day, or to go on.
    pub(crate) async fn disability_ends(&self, to: Option<&str>) {
        let (app, caseworker) = (self.app(), &self.officers[4]);
        let own = person::get(app, caseworker, LAN).await.unwrap();
        let command = json!({"value": "severe", "from": "2022-03-20", "to": to});
        person::correct_evidence(app, caseworker, LAN, own.evidence[0].id, own.version, of(command))
            .await
            .unwrap();
        self.idle().await;
    }

    /// Somebody else receives the money of the person of the tests from a day on, confirmed by a second person.
    pub(crate) async fn guardian(&self, from: &str, number: &str) {
        self.guardian_of(LAN, from, number).await;
    }

    /// The same for anybody.
    pub(super) async fn guardian_of(&self, id: Uuid, from: &str, number: &str) {
        let (app, caseworker) = (self.app(), &self.officers[4]);
        let own = person::get(app, caseworker, id).await.unwrap();
        let command = json!({"relation": "guardian", "from": from, "account": {
            "channel": "post_cash", "account_number": number, "holder_name": "Trần Văn Hùng",
            "post_office": "Bưu cục Hà Phong"}});
        let own = person::propose_payee(app, caseworker, id, own.version, of(command))
            .await
            .unwrap();
        let payees = person::list_payees(app, caseworker, id).await.unwrap();
        let proposed = payees.iter().find(|payee| json!(payee.status) == "proposed").unwrap();
        let decider = access::authenticate(app, &self.deciders[0]).await.unwrap();
        person::confirm_payee(app, &decider, id, proposed.id, own.version)
            .await
            .unwrap();
        self.idle().await;
    }

    /// A second key of the person a key belongs to, in another role.
    pub(crate) async fn other_key(&self, key: &str, role: Role) -> String {
        let own = access::authenticate(self.app(), key).await.unwrap();
        let command = CreateClient {
            name: "khóa khác".to_owned(),
            user_id: own.user_id,
            grants: vec![NewGrant { role, area_id: None }],
        };
        let boss = Actor::system("tests");
        access::create_client(self.app(), &boss, command).await.unwrap().key
    }

    /// The cases of the person of the tests.
    pub(crate) async fn cases(&self, filter: &str) -> Vec<Value> {
        let path = format!("/v1/overpayments?person_id={LAN}{filter}");
        let page = self.house.call("GET", &path).key(&self.caseworker).send().await;
        assert_eq!(page.status, 200, "{page:?}");
        page.json()["items"].as_array().unwrap().clone()
    }

    /// The installation is closed, and every invariant holds: what runs has ended, and changes nothing while somebody looks.
    pub(crate) async fn close(self) {
        self.worker.stop().await;
        everything_holds(&self.house.app).await;
    }

    /// Every invariant holds.
    pub(crate) async fn holds(&self) {
        everything_holds(self.app()).await;
    }

    /// What one fund account holds.
    pub(crate) async fn paid(&self) -> i64 {
        let funds = fund::list(self.app(), &self.officers[0]).await.unwrap();
        funds.iter().map(|fund| fund.paid).sum()
    }

    /// Arrears of the person of the tests that wait for the next run, with what the next run would pay.
    pub(crate) async fn next_run(&self, cover: &str) -> Vec<(String, i32, i64)> {
        let run = self.build(cover).await;
        let own = self.lines(run.id).await.into_iter();
        own.map(|line| (line.kind.code(), line.cover_month.yyyymm(), line.amount))
            .collect()
    }
}

async fn everything_holds(app: &App) {
    for check in verify::all(app).await.unwrap() {
        assert!(check.holds(), "{}: {:?}", check.name, check.faults);
    }
}

fn month(text: &str) -> Month {
    text.parse().unwrap()
}
