//! Random histories: law that rises and falls, evidence that comes and goes, runs that are paid, come back or are
//! built on what has changed since, and cases that are walked in any order. After every step every invariant holds,
//! the formula of every month among them.

use domain::Month;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use service::overpayment::{self as cases, CaseView};
use service::{Actor, Error, access, fund};
use uuid::Uuid;

use super::town::{LAN, Town};
use crate::harness::House;

/// One thing that happens.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// A new standard with a past date, which may make a debt.
    Law(i64, bool),
    /// The disability ended on the last day of a month, or goes on.
    Evidence(Option<u32>),
    /// Another payee.
    Payee,
    /// The run of the next month is built and left so.
    Build,
    /// The run of the next month is built anew, signed and released.
    Pay,
    /// The post office answers on a run, on each order as the digits say.
    Answer(usize, u8),
    /// A case takes one of the steps that are possible.
    Step(usize, usize),
    /// A case walks on to its plan of instalments.
    Drive(usize),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        2 => (500_i64..800, any::<bool>()).prop_map(|(amount, debt)| Event::Law(amount * 1_000, debt)),
        2 => prop::option::of(7_u32..12).prop_map(Event::Evidence),
        1 => Just(Event::Payee),
        1 => Just(Event::Build),
        4 => Just(Event::Pay),
        4 => (any::<usize>(), any::<u8>()).prop_map(|(run, how)| Event::Answer(run, how)),
        4 => (any::<usize>(), any::<usize>()).prop_map(|(case, action)| Event::Step(case, action)),
        3 => any::<usize>().prop_map(Event::Drive),
    ]
}

/// Standards that fall after they were paid, and a case that is driven on, so that runs have something to keep back.
fn history() -> impl Strategy<Value = Vec<Event>> {
    let start = [
        Event::Law(700_000, false),
        Event::Pay,
        Event::Answer(0, 0),
        Event::Law(600_000, true),
    ];
    let on = [Event::Drive(0), Event::Pay];
    (any::<bool>(), prop::collection::vec(event(), 4..14)).prop_map(move |(driven, rest)| {
        let on = on.into_iter().filter(|_| driven);
        start.into_iter().chain(on).chain(rest).collect()
    })
}

struct Life<'h> {
    town: Town<'h>,
    deciders: [Actor; 2],
    runs: Vec<Uuid>,
    next: Month,
    number: u32,
    today: chrono::NaiveDate,
}

fn of<T: DeserializeOwned>(body: Value) -> T {
    serde_json::from_value(body).unwrap()
}

impl<'h> Life<'h> {
    async fn begin(house: &'h House) -> Self {
        let town = Town::open(house).await;
        let year = ["2025-01", "2025-02", "2025-03", "2025-04", "2025-05", "2025-06"];
        town.pays_early("2024-10-31", &year).await;
        let fund = json!({"code": "social_assistance", "fiscal_year": 2025, "source": "provincial", "name": "Trợ cấp",
            "amount": 1_000_000_000});
        fund::open(&house.app, &town.officers[0], of(fund)).await.unwrap();
        town.publish_recovery("").await;
        let decider = async |place: usize| access::authenticate(&house.app, &town.deciders[place]).await.unwrap();
        Self {
            deciders: [decider(0).await, decider(1).await],
            runs: Vec::new(),
            next: "2024-09".parse().unwrap(),
            number: 0,
            today: house.app.clock.today(),
            town,
        }
    }

    async fn happens(&mut self, event: Event) {
        self.number += 1;
        match event {
            Event::Law(amount, debt) => {
                let standard = [("standard.community", json!(amount), "vnd_per_month")];
                let number = format!("{}/2024/NQ-LS", self.number);
                self.town.publish(&number, &standard, debt).await;
            }
            Event::Evidence(month) => {
                let day = month.map(|month| format!("2024-{month:02}-28"));
                self.town.disability_ends(day.as_deref()).await;
            }
            Event::Payee => {
                self.town
                    .guardian("2024-08-01", &format!("0221900{:05}", self.number))
                    .await
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
                    // The money of the others arrives, as most does.
                    let own = self.town.lines(run).await;
                    let is_own = |id: Uuid| own.iter().any(|line| line.order_id == Some(id));
                    let answer = |id| if is_own(id) { answers[place(id)] } else { Some("paid") };
                    self.town.answers(run, |order| answer(order.id)).await;
                }
            }
            Event::Step(case, action) => {
                if let Some(case) = self.case(case).await {
                    let possible = self.possible(&case).await;
                    if let Some(action) = possible.get(action % possible.len().max(1)) {
                        // What the law or the content refuses changes nothing.
                        let _ = self.act(&case, action).await;
                    }
                }
            }
            Event::Drive(place) => self.drive(place).await,
        }
        self.days(1).await;
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
        let list = of(json!({"person_id": LAN}));
        let all = cases::list(app, worker, list).await.unwrap().items;
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
    async fn drive(&mut self, place: usize) {
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
                let _ = self.act(&case, action).await;
            }
            if action == "serve_decision" {
                self.days(31).await;
            }
        }
    }

    async fn act(&self, case: &CaseView, action: &str) -> Result<CaseView, Error> {
        let (app, worker) = (&self.town.house.app, &self.town.officers[4]);
        let [decider, other] = &self.deciders;
        let (id, version, today) = (case.summary.id, case.summary.version, self.today);
        let open = case.summary.open;
        let half = self.number.is_multiple_of(2);
        let months = |amount: &dyn Fn(&cases::MonthView) -> i64| -> Value {
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
                let command = json!({"cause": "citizen_omission", "recoverable": true, "reason": "Không khai báo"});
                cases::classify(app, worker, id, version, of(command)).await
            }
            "serve_notice" => {
                let command = json!({"delivered_on": today, "proof": "Ký nhận"});
                cases::serve_notice(app, worker, id, version, of(command)).await
            }
            "hear" => cases::hear(app, worker, id, version, of(json!({"statement": "Tôi đã báo"}))).await,
            "propose" => cases::propose(app, worker, id, version, of(months(&|month| month.detected))).await,
            "decide" => {
                let part = |month: &cases::MonthView| month.proposed.unwrap_or(0) / if half { 2 } else { 1 };
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
fn lives(postgres: Option<&str>, histories: u32) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let config = Config {
        cases: histories,
        failure_persistence: None,
        max_shrink_iters: 60,
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
    let histories = histories.and_then(|number| number.parse().ok()).unwrap_or(12);
    lives(None, histories);
    if let Ok(server) = std::env::var("ANSINH_TEST_POSTGRES") {
        lives(Some(&server), histories.div_ceil(4));
    }
}
