//! Random histories of two people, one of whom also cares for two others: law that rises and falls, is corrected and
//! repealed, evidence and payees that come and go, runs that are paid, come back or are built on what has changed since,
//! and cases of any cause that are walked in any order. After every step every invariant holds, the formula of every
//! month among them.
//!
//! `ANSINH_TEST_HISTORIES` says how many on SQLite, and a quarter of it on PostgreSQL: others each time. Where it says
//! nothing there are 12, the same in every run of the tests.

use domain::Month;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::{Value, json};
use service::overpayment::{self as cases, CaseView};
use service::person::{self, EvidenceView};
use service::{Actor, Error, access};
use uuid::Uuid;

use super::happening::{CARER, Cause, Event, Who, history};
use super::legislate::Made;
use super::newcomer::{CARED, carer, caring_for, newcomer};
use super::town::{LAN, Town};
use crate::harness::{House, opens_fund};
use crate::reconciliation::bank::of;

struct Life<'h> {
    town: Town<'h>,
    deciders: [Actor; 2],
    runs: Vec<Uuid>,
    laws: Vec<Made>,
    next: Month,
    number: u32,
    today: chrono::NaiveDate,
}

impl<'h> Life<'h> {
    async fn begin(house: &'h House) -> Self {
        let people = vec![
            newcomer(LAN, "022190001234", "06652"),
            carer(CARER, "022190001235", "06652"),
        ];
        let town = Town::of_newcomers(house, 1_000_000_000, people).await;
        let year = ["2025-01", "2025-02", "2025-03", "2025-04", "2025-05", "2025-06"];
        town.pays_early("2024-10-31", &year).await;
        let fund = json!({"code": "social_assistance", "fiscal_year": 2025, "source": "provincial", "name": "Trợ cấp",
            "amount": 1_000_000_000});
        opens_fund(&house.app, of(fund)).await;
        town.publish_recovery("").await;
        let decider = async |place: usize| access::authenticate(&house.app, &town.deciders[place]).await.unwrap();
        Self {
            deciders: [decider(0).await, decider(1).await],
            runs: Vec::new(),
            laws: Vec::new(),
            next: "2024-09".parse().unwrap(),
            number: 0,
            today: house.app.clock.today(),
            town,
        }
    }

    async fn happens(&mut self, event: Event) {
        self.number += 1;
        match event {
            Event::Law(..) | Event::Correct(_) | Event::Repeal(..) => self.legislate(event).await,
            Event::Evidence(who, month) => {
                let is = |fact: &EvidenceView| fact.kind == "disability";
                self.ends(who, json!("severe"), month, is).await;
            }
            Event::Cared(first, month) => {
                let value = caring_for(CARED[usize::from(!first)]);
                let own = value.clone();
                self.ends(Who::Carer, value, month, move |fact| fact.value == own).await;
            }
            Event::Payee(who) => {
                let number = format!("0221900{:05}", self.number);
                self.town.guardian_of(who.id(), "2024-08-01", &number).await;
            }
            Event::Build => {
                self.draft().await;
            }
            Event::Pay => {
                let run = self.draft().await;
                self.town.sign(run).await;
                self.runs.push(run);
                self.next = self.next.next();
                self.days(20).await;
            }
            Event::Answer(run, how) => {
                if let Some(run) = self.runs.get(run % self.runs.len().max(1)).copied() {
                    let answers = [Some("paid"), Some("not_collected"), Some("returned"), None];
                    let place = |id: Uuid| usize::from(how >> (id.as_u128() % 3 * 2)) % answers.len();
                    self.town.answers(run, |order| answers[place(order.id)]).await;
                }
            }
            Event::Step(case, action, cause) => {
                if let Some(case) = self.case(case).await {
                    let possible = self.possible(&case).await;
                    if let Some(action) = possible.get(action % possible.len().max(1)) {
                        // What the law or the content refuses changes nothing.
                        let _ = self.act(&case, action, cause).await;
                    }
                }
            }
            Event::Drive(place, cause) => self.drive(place, cause).await,
        }
        self.days(1).await;
    }

    /// A standard that is new, corrected or put in the place of a repealed one.
    async fn legislate(&mut self, event: Event) {
        let number = format!("{}/2024/NQ-LS", self.number);
        let standard = |amount: i64| [("standard.community", json!(amount), "vnd_per_month")];
        match event {
            Event::Law(amount, debt) => {
                let body = self.town.resolution(&number, "2024-08-01", &standard(amount), debt);
                self.laws.push(self.town.make(body).await);
            }
            Event::Repeal(amount, debt) => {
                let mut body = self.town.resolution(&number, "2024-09-01", &standard(amount), debt);
                // What begins with the repeal can't be ended by it.
                if let Some(last) = self.laws.last().filter(|last| last.since() == "2024-08-01") {
                    body["repeals"] = json!([last.number()]);
                }
                self.laws.push(self.town.make(body).await);
            }
            Event::Correct(amount) => {
                if let Some(last) = self.laws.last_mut() {
                    self.town.correct(last, amount).await;
                }
            }
            other => panic!("{other:?} is no law"),
        }
    }

    /// A fact of one of the two is known to have ended on the last day of a month, or to go on.
    async fn ends(&self, who: Who, value: Value, month: Option<u32>, is: impl Fn(&EvidenceView) -> bool) {
        let (app, worker) = (&self.town.house.app, &self.town.officers[4]);
        let own = person::get(app, worker, who.id()).await.unwrap();
        let fact = own.evidence.iter().find(|fact| is(fact)).unwrap();
        let day = month.map(|month| format!("2024-{month:02}-28"));
        let command = json!({"value": value, "from": "2022-03-20", "to": day});
        person::correct_evidence(app, worker, who.id(), fact.id, own.version, of(command))
            .await
            .unwrap();
        self.town.idle().await;
    }

    /// The run of the next month, built as things stand.
    async fn draft(&mut self) -> Uuid {
        let runs = service::pay_run::list(&self.town.house.app, &self.town.officers[0], None, None)
            .await
            .unwrap();
        let known = runs.items.iter().find(|run| run.cover_month == self.next.to_string());
        match known {
            Some(run) => self.town.rebuild(run.id).await.id,
            None => self.town.build(&self.next.to_string()).await.id,
        }
    }

    async fn days(&mut self, days: u64) {
        self.today = self.today + chrono::Days::new(days);
        self.town.now(&format!("{}T02:00:00Z", self.today)).await;
    }

    async fn case(&self, place: usize) -> Option<CaseView> {
        let (app, worker) = (&self.town.house.app, &self.town.officers[4]);
        let all = cases::list(app, worker, of(json!({}))).await.unwrap().items;
        let one = all.get(place % all.len().max(1))?;
        Some(cases::get(app, worker, one.id).await.unwrap())
    }

    /// The steps that somebody may take.
    async fn possible(&self, case: &CaseView) -> Vec<String> {
        let mut all = Vec::new();
        for actor in [&self.town.officers[4], &self.deciders[0], &self.deciders[1]] {
            let seen = cases::get(&self.town.house.app, actor, case.summary.id).await.unwrap();
            all.extend(seen.allowed_actions);
        }
        all.sort();
        all.dedup();
        all
    }

    /// From wherever it is to a plan, as far as it goes.
    async fn drive(&mut self, place: usize, cause: Cause) {
        let road = [
            "classify",
            "serve_notice",
            "hear",
            "propose",
            "decide",
            "serve_decision",
            "make_enforceable",
            "plan",
        ];
        for action in road {
            let Some(case) = self.case(place).await else { return };
            let planned = action == "plan" && !case.instalments.is_empty();
            if !planned && self.possible(&case).await.iter().any(|possible| possible == action) {
                let _ = self.act(&case, action, cause).await;
            }
            if action == "serve_decision" {
                self.days(31).await;
            }
        }
    }

    async fn act(&self, case: &CaseView, action: &str, (cause, recoverable): Cause) -> Result<CaseView, Error> {
        let (app, worker) = (&self.town.house.app, &self.town.officers[4]);
        let [decider, other] = &self.deciders;
        let (id, version, today) = (case.summary.id, case.summary.version, self.today);
        let open = case.summary.open;
        let half = self.number.is_multiple_of(2);
        let months = |amount: &dyn Fn(&cases::OverpaymentMonthView) -> i64| -> Value {
            let months = case.months.iter().map(|month| {
                json!({
                    "entitlement_id": month.entitlement_id, "component": month.component,
                    "cover_month": month.cover_month, "amount": amount(month), "reason": "lý do",
                })
            });
            json!({"months": months.collect::<Vec<_>>()})
        };
        let closing = of(json!({"reason": "Hoàn cảnh khó khăn"}));
        match action {
            "classify" => {
                let command = json!({"cause": cause, "recoverable": recoverable, "reason": "Đã đối chiếu"});
                cases::classify(app, worker, id, version, of(command)).await
            }
            "serve_notice" => {
                let command = json!({"delivered_on": today, "proof": "Ký nhận"});
                cases::serve_notice(app, worker, id, version, of(command)).await
            }
            "hear" => cases::hear(app, worker, id, version, of(json!({"statement": "Tôi đã báo"}))).await,
            "propose" => cases::propose(app, worker, id, version, of(months(&|month| month.detected))).await,
            "decide" => {
                let part = |month: &cases::OverpaymentMonthView| month.proposed.unwrap_or(0) / if half { 2 } else { 1 };
                cases::decide(app, decider, id, version, of(months(&part))).await
            }
            "serve_decision" => {
                let command = json!({"delivered_on": today, "proof": "Ký nhận"});
                cases::serve_decision(app, worker, id, version, of(command)).await
            }
            "make_enforceable" => cases::make_enforceable(app, decider, id, version).await,
            "appeal" => {
                let command = json!({"filed_on": today, "grounds": "Tôi đã báo"});
                cases::appeal(app, worker, id, version, of(command)).await
            }
            "resolve_appeal" => {
                let outcome = if half { "upheld" } else { "dismissed" };
                let command = json!({"outcome": outcome, "reason": "Xem xét", "refund_reference": "PC1"});
                cases::resolve_appeal(app, other, id, version, of(command)).await
            }
            "plan" => {
                // As much a month as the law may allow, the rest in the last.
                let mut left = open;
                let mut month = Month::of(today).next();
                let mut instalments = Vec::new();
                while left > 0 && instalments.len() < 200 {
                    let amount = left.min(100_000);
                    instalments.push(json!({"due_month": month.to_string(), "amount": amount}));
                    left -= amount;
                    month = month.next();
                }
                cases::plan(app, worker, id, version, of(json!({"instalments": instalments}))).await
            }
            "record_repayment" => {
                let amount = (open / 3).max(1);
                let command = json!({"amount": amount, "received_on": today, "reference": "PT1"});
                cases::record_repayment(app, worker, id, version, of(command)).await
            }
            "settle" => cases::settle(app, worker, id, version).await,
            "waive" => cases::waive(app, decider, id, version, closing).await,
            "write_off" => cases::write_off(app, decider, id, version, closing).await,
            other => panic!("{other} is a step of no case"),
        }
    }
}

/// Lives through random histories on one engine.
fn lives(postgres: Option<&str>, histories: u32, seed: RngSeed) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let config = Config {
        cases: histories,
        failure_persistence: None,
        max_shrink_iters: 60,
        rng_seed: seed,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    let lived = runner.run(&history(), |events| {
        runtime.block_on(async {
            let house = House::open(postgres, api::ServerOptions::default()).await;
            let mut life = Life::begin(&house).await;
            for (place, event) in events.iter().enumerate() {
                life.happens(*event).await;
                for check in service::verify::all(&house.app).await.unwrap() {
                    prop_assert!(
                        check.holds(),
                        "after {place} {event:?}: {}: {:?}",
                        check.name,
                        check.faults
                    );
                }
            }
            life.town.close().await;
            house.close().await;
            Ok(())
        })
    });
    lived.unwrap();
}

#[test]
fn every_month_adds_up_after_every_event() {
    let histories = std::env::var("ANSINH_TEST_HISTORIES").ok();
    let histories: Option<u32> = histories.and_then(|number| number.parse().ok());
    let seed = histories.map_or(RngSeed::Fixed(2024), |_| RngSeed::Random);
    let histories = histories.unwrap_or(12);
    lives(None, histories, seed);
    if let Ok(server) = std::env::var("ANSINH_TEST_POSTGRES") {
        lives(Some(&server), histories.div_ceil(4), seed);
    }
}
