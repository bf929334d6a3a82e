//! Requests of people who die in the middle of them, at each await in turn, and who send them again under the same key:
//! whatever was done is done once, and the books are those of a house in which nobody dies.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use sea_orm::{ConnectionTrait, Statement};
use serde::Serialize;
use serde_json::Value;
use service::idempotency::{self, Answer, Begun, Claim};
use service::job::{self, Ended};
use service::{Actor, App, Error, pay_run};
use uuid::Uuid;

use super::crash::{cut, dies_in, time_passes};
use crate::harness::{House, each_engine};
use crate::reconciliation::bank::BankTown;

/// More awaits than any piece of this work has.
const MANY: u32 = 5_000;
/// How long a request waits for another with its key.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the books are read by: table, what its rows are told apart by, and what is summed.
const BOOKS: &[(&str, &str, &str)] = &[
    ("pay_run", "kind || ' ' || status", "total"),
    ("payment_line", "kind || ' ' || status", "amount"),
    ("payment_order", "status", "amount"),
    ("payment_order_history", "to_status", "0"),
    ("payment_file", "kind || ' ' || status", "\"sum\""),
    ("held_payment", "reason", "amount"),
    ("pay_run_exclusion", "reason", "0"),
    ("posting", "account", "amount"),
    ("fund_balance", "account", "amount"),
    ("fund_transfer", "status", "amount"),
    ("approval_act", "act", "0"),
    ("audit_event", "action", "0"),
    ("job", "kind || ' ' || status", "0"),
    ("idempotency_key", "operation", "0"),
    ("payee", "status", "0"),
    ("bank_profile_proposal", "status", "0"),
    ("bank_profile", "bank", "version"),
    ("recall", "status", "0"),
    ("relief_request", "status", "total"),
    ("relief_claim", "status", "amount"),
    ("return_cancellation", "status", "amount"),
    ("bank_report", "status", "line_count"),
    ("bank_report_line", "outcome", "amount"),
    ("suspense_resolution", "kind || ' ' || status", "0"),
    ("month_close", "status", "revision"),
    ("month_close_order", "standing", "amount"),
    ("month_close_item", "kind", "amount"),
    ("month_close_correction", "standing", "amount"),
    ("treasury_proposal", "kind || ' ' || status", "version"),
    ("fund", "code || ' ' || source", "fiscal_year"),
    ("fund_line", "COALESCE(code, name)", "amount"),
    ("fund_line_draw", "benefit || ' ' || line_code", "amount"),
    ("approval_tier", "subject || ' ' || role", "version"),
    ("calendar_day", "kind", "0"),
    ("registry_finding", "kind || ' ' || status", "version"),
    ("delivery", "channel || ' ' || status", "attempt"),
    // How many bytes there are differs with the ids of a house, which are its own.
    ("payment_file_content", "'part'", "part"),
    ("bank_report_file", "outcome", "moved"),
    ("amount_difference", "status", "amount"),
    ("difference_settlement", "kind || ' ' || status", "0"),
    ("recall_delivery", "channel || ' ' || status", "attempt"),
    ("bank_silence", "outcome || ' ' || status", "0"),
    ("report_set_aside", "status", "0"),
    ("recall_answer", "answer || ' ' || status", "0"),
];

/// What the books say: how many rows of each sort there are, and their sum.
pub(super) type Books = BTreeMap<String, (i64, i64)>;

/// A desk whose clerks may die.
pub(super) struct Desk<'h> {
    pub(super) town: BankTown<'h>,
    dies: bool,
    /// How many have died so far.
    died: Cell<u32>,
    told: RefCell<Told>,
}

/// What each step of a story has left in the books.
type Told = Vec<(String, Books)>;

/// A story that is lived on each engine: by people who live, and by people who die at every await of every step. All of
/// them must leave the same books behind them, step by step.
pub(super) fn lived_twice(people: u128, story: impl AsyncFn(&Desk<'_>)) {
    let twin: RefCell<Option<Told>> = RefCell::default();
    for dies in [false, true] {
        each_engine(async |house| {
            let desk = Desk::open(house, people, dies).await;
            story(&desk).await;
            desk.town.holds().await;
            // Work that never has to wait is not cut: whether a single step is depends on how fast the engine answers.
            assert_eq!(desk.died.get() > 0, dies, "{} have died", desk.died.get());
            let told = desk.told.into_inner();
            if twin.borrow().is_none() {
                twin.replace(Some(told));
                return;
            }
            let twin = twin.borrow();
            let twin = twin.as_ref().unwrap();
            for ((step, books), (of_twin, books_of_twin)) in told.iter().zip(twin) {
                assert_eq!(step, of_twin);
                assert_eq!(books, books_of_twin, "{step}");
            }
            assert_eq!(told.len(), twin.len());
        });
    }
}

impl<'h> Desk<'h> {
    async fn open(house: &'h House, people: u128, dies: bool) -> Self {
        Self {
            town: BankTown::open(house, people).await,
            dies,
            died: Cell::default(),
            told: RefCell::default(),
        }
    }

    pub(super) fn app(&self) -> &App {
        self.town.app()
    }

    /// A request whose effect, key and answer are one transaction; sent twice where its sender lives, and by so many who
    /// die as it has awaits. Gives its answer.
    pub(super) async fn sends<T: Serialize>(
        &self,
        what: &str,
        actor: &Actor,
        verb: impl AsyncFn(&App, &Actor) -> Result<T, Error>,
    ) -> Value {
        let claim = self.claim(what, actor);
        let request = async || -> Result<Value, Error> {
            match idempotency::begin(self.app(), claim.clone(), PATIENCE).await? {
                Begun::Again(given) => read(&given),
                Begun::First(once) => {
                    let given = answer(&verb(once.app(), actor).await?)?;
                    once.finish(&given).await?;
                    read(&given)
                }
            }
        };
        self.goes_through(what, 1, request).await
    }

    /// The same for what is idempotent by its content: its effect is committed before its key.
    pub(super) async fn brings<T: Serialize>(
        &self,
        what: &str,
        actor: &Actor,
        verb: impl AsyncFn(&App, &Actor) -> Result<T, Error>,
    ) -> Value {
        let claim = self.claim(what, actor);
        let request = async || -> Result<Value, Error> {
            if let Some(given) = idempotency::answered(self.app(), &claim).await? {
                return read(&given);
            }
            let given = answer(&verb(self.app(), actor).await?)?;
            read(&idempotency::store(self.app(), claim.clone(), &given, PATIENCE).await?)
        };
        self.goes_through(what, 2, request).await
    }

    fn claim(&self, what: &str, actor: &Actor) -> Claim {
        Claim {
            client_id: actor.client_id,
            operation: what.to_owned(),
            key: format!("{what} {}", self.told.borrow().len()),
            fingerprint: "00".to_owned(),
        }
    }

    /// Sends a request until somebody lives to hear its answer, and then again. It leaves the books as they were, or goes
    /// on by one commit, of which it has so many; the repetition changes nothing and is answered alike.
    async fn goes_through(&self, what: &str, commits: usize, request: impl AsyncFn() -> Result<Value, Error>) -> Value {
        let mut seen = vec![self.books().await];
        let mut answer = None;
        let mut polls = 0;
        while answer.is_none() {
            polls += 1;
            assert!(polls < MANY, "{what} never ends");
            answer = cut(self.dies.then_some(polls), request()).await;
            self.died.set(self.died.get() + u32::from(answer.is_none()));
            self.settles().await;
            let books = self.books().await;
            if seen.last() != Some(&books) {
                seen.push(books);
            }
            assert!(seen.len() <= 1 + commits, "{what} leaves a half of itself: {seen:#?}");
        }
        let answer = answer.unwrap().unwrap_or_else(|error| panic!("{what}: {error}"));
        let again = request().await.unwrap_or_else(|error| panic!("{what}, again: {error}"));
        assert_eq!(again, answer, "{what} is answered otherwise the second time");
        let books = self.books().await;
        assert_eq!(Some(&books), seen.last(), "{what} is done twice");
        assert!(seen.len() > 1, "{what} does nothing");
        self.ends(what, books).await;
        answer
    }

    async fn ends(&self, what: &str, books: Books) {
        self.told.borrow_mut().push((what.to_owned(), books));
        // What a verb leaves to a job is not there yet.
        if job::next_due(self.app()).await.unwrap().is_none() {
            self.town.holds().await;
        }
    }

    /// Every job that is due is done, by workers that die in it where people die here.
    pub(super) async fn works(&self, what: &str) {
        if self.dies {
            while let Some(due) = job::next_due(self.app()).await.unwrap() {
                self.dies_at_each_await(due.id, what).await;
            }
        }
        self.town.idle().await;
        let books = self.books().await;
        self.ends(what, books).await;
    }

    /// A worker dies in the job at its first await, the next at its second, until one has done it.
    async fn dies_at_each_await(&self, due: Uuid, what: &str) {
        let mut polls = 1;
        loop {
            assert!(polls < MANY, "{what} never ends");
            let ended = dies_in(self.app(), due, polls).await;
            self.settles().await;
            time_passes(self.app()).await;
            match ended {
                // Who died after the commit has done it.
                Some(done) => {
                    let done = done.unwrap();
                    assert!(matches!(done, Ended::Done | Ended::Nothing), "{what}: {done:?}");
                    break;
                }
                // Each await at first, then fewer: a file has many of them, and all are alike.
                None => {
                    self.died.set(self.died.get() + 1);
                    polls += 1 + polls / 4;
                }
            }
        }
    }

    /// Whoever died is gone: what was committing is committed, everything else is rolled back.
    async fn settles(&self) {
        let conn = self.app().db.owner();
        let wait = if self.app().db.is_sqlite() {
            // The one connection for writing is free again.
            "UPDATE job SET attempts = attempts WHERE 1 = 0"
        } else {
            "DO $$ BEGIN PERFORM set_config('lock_timeout', '30s', true); \
             LOCK TABLE idempotency_key, bank_report, job, audit_event IN SHARE MODE; END $$"
        };
        conn.execute_unprepared(wait).await.unwrap();
    }

    /// What the books say now.
    async fn books(&self) -> Books {
        let each = BOOKS.iter().map(|(table, sort, sum)| {
            format!(
                "SELECT '{table} ' || ({sort}) AS what, COUNT(*) AS number, CAST(COALESCE(SUM({sum}), 0) AS BIGINT) AS total \
                 FROM {table} GROUP BY 1"
            )
        });
        let sql = each.collect::<Vec<_>>().join(" UNION ALL ");
        let conn = self.app().db.owner();
        let statement = Statement::from_string(conn.get_database_backend(), sql);
        let rows = conn.query_all_raw(statement).await.unwrap();
        let read = rows.iter().map(|row| {
            let number = |column: &str| row.try_get::<i64>("", column).unwrap();
            let what: String = row.try_get("", "what").unwrap();
            (what, (number("number"), number("total")))
        });
        read.collect()
    }

    /// The version of a run.
    pub(super) async fn version(&self, run: Uuid) -> i64 {
        let run = pay_run::get(self.app(), &self.town.preparer, run).await.unwrap();
        run.version
    }
}

fn answer(view: &impl Serialize) -> Result<Answer, Error> {
    Ok(Answer {
        status: 200,
        content_type: "application/json".to_owned(),
        headers: BTreeMap::new(),
        body: serde_json::to_string(view)?,
    })
}

fn read(given: &Answer) -> Result<Value, Error> {
    Ok(serde_json::from_str(&given.body)?)
}

/// The id in an answer.
pub(super) fn id(answer: &Value) -> Uuid {
    answer["id"].as_str().unwrap().parse().unwrap()
}

/// The version in an answer.
pub(super) fn version(answer: &Value) -> i64 {
    answer["version"].as_i64().unwrap()
}
