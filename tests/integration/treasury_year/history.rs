//! Random histories of everything that can be done with a pay run, its files and its answers, with a crash at any await.
//! Whatever happens, nobody is paid twice, nothing is lost, and in the end every đồng is where the bank says it is.
//!
//! `ANSINH_TEST_CASES` says how many histories; what fails is shrunk and printed step by step.

use std::sync::Arc;

use chrono::{Days, NaiveDate};
use domain::Month;
use domain::bank_simulator::Behaviour;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;
use service::job::{self, JobState, Pace};
use service::pay_run::{self, PayRunView};
use service::reconciliation;
use service::{Code, Error, ProblemCode, person};
use uuid::Uuid;

use super::copies::Founded;
use super::crash::cut;
use super::paperwork::{Fog, Paper, paper};
use super::town::Town;

/// People in the town.
const PEOPLE: usize = 14;
/// Months that may be paid.
const MONTHS: usize = 4;

/// One thing that is done.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// Opens the run of the next month.
    Create,
    /// Builds the open run again.
    Build,
    /// The maker submits it.
    Submit,
    /// The checker approves it.
    Approve,
    /// The checker turns it down.
    Reject,
    /// The releaser releases it.
    Release,
    /// A worker runs so many jobs.
    Work(u8),
    /// The treasury fetches, hands on and acknowledges every file that is built.
    Deliver,
    /// The bank is sent a file it has.
    Resend(u8),
    /// So many days pass.
    Days(u8),
    /// One of the answers that are due is brought in, whether it was before or not.
    Answer(u8),
    /// All answers that are due are brought in, from the last to the first.
    AllAnswers,
    /// Somebody looks at a line in suspense.
    Resolve(u8),
    /// A fact about a person ends, or goes on after all.
    Evidence(u8),
    /// A person brings a new account.
    Account(u8),
    /// Something beside the straight way.
    Beside(Paper),
}

/// An act, dropped at its so-manieth await where there is a number.
#[derive(Clone, Copy, Debug)]
struct Step {
    act: Act,
    cut: Option<u32>,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => Just(Act::Create),
        2 => Just(Act::Build),
        4 => Just(Act::Submit),
        4 => Just(Act::Approve),
        1 => Just(Act::Reject),
        4 => Just(Act::Release),
        8 => (1_u8..24).prop_map(Act::Work),
        4 => Just(Act::Deliver),
        1 => any::<u8>().prop_map(Act::Resend),
        3 => (1_u8..25).prop_map(Act::Days),
        5 => any::<u8>().prop_map(Act::Answer),
        2 => Just(Act::AllAnswers),
        2 => any::<u8>().prop_map(Act::Resolve),
        2 => any::<u8>().prop_map(Act::Evidence),
        2 => any::<u8>().prop_map(Act::Account),
        14 => paper().prop_map(Act::Beside),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let cut = prop_oneof![3 => Just(None), 2 => (1_u32..60).prop_map(Some)];
    (act(), cut).prop_map(|(act, cut)| Step { act, cut })
}

/// Most of a month first, each of its steps cut once and then done, so that there is something to go wrong with.
fn history() -> impl Strategy<Value = (u64, Vec<Step>)> {
    let first = [
        Act::Create,
        Act::Work(24),
        Act::Submit,
        Act::Approve,
        Act::Release,
        Act::Work(24),
        Act::Deliver,
        Act::Days(24),
    ];
    let cuts = prop::collection::vec(prop::option::of(1_u32..60), first.len());
    (0_u64..1_000, cuts, prop::collection::vec(step(), 4..30)).prop_map(move |(seed, cuts, rest)| {
        let month = first.into_iter().zip(cuts).flat_map(|(act, cut)| {
            let crashed = cut.map(|_| Step { act, cut });
            crashed.into_iter().chain([Step { act, cut: None }])
        });
        (seed, month.chain(rest).collect())
    })
}

/// The run that has not left the house.
pub(super) async fn open_run(town: &Town) -> Result<Option<PayRunView>, Error> {
    let runs = pay_run::list(&town.app, &town.officers.preparer, Some(200), None).await?;
    let open = |run: &PayRunView| matches!(run.status.code().as_str(), "draft" | "submitted" | "approved");
    Ok(runs.items.into_iter().find(open))
}

/// The runs that have.
pub(super) async fn released(town: &Town) -> Result<Vec<PayRunView>, Error> {
    let runs = pay_run::list(&town.app, &town.officers.preparer, Some(200), None).await?;
    let gone = |run: &PayRunView| matches!(run.status.code().as_str(), "released" | "settling" | "closed");
    Ok(runs.items.into_iter().filter(gone).collect())
}

pub(super) fn pick<T>(from: &[T], which: u8) -> Option<&T> {
    from.get(usize::from(which) % from.len().max(1))
}

async fn people(town: &Town) -> Vec<Uuid> {
    let rows = town.rows("SELECT id FROM person ORDER BY citizen_id, id").await;
    rows.iter().map(|row| row.try_get("", "id").unwrap()).collect()
}

async fn happens(town: &mut Town, act: Act) -> Result<(), Error> {
    let (app, officers) = (town.app.clone(), town.officers.clone());
    match act {
        Act::Create => {
            let runs = released(town).await?;
            let paid = runs.iter().filter(|run| run.kind.code() == "regular").count();
            if paid < MONTHS {
                let first: Month = "2024-09".parse().unwrap();
                town.create((0..paid).fold(first, |month, _| month.next())).await?;
            }
        }
        Act::Build | Act::Submit | Act::Approve | Act::Reject | Act::Release => {
            let Some(run) = open_run(town).await? else {
                return Ok(());
            };
            let (id, version) = (run.id, run.version);
            match act {
                Act::Build => pay_run::build(&app, &officers.preparer, id, version).await?,
                Act::Submit => pay_run::submit(&app, &officers.preparer, id, version).await?,
                Act::Approve => pay_run::approve(&app, &officers.approver, id, version).await?,
                Act::Reject => pay_run::reject(&app, &officers.approver, id, version, "Thử").await?,
                _ => pay_run::release(&app, &officers.releaser, id, version).await?,
            };
        }
        Act::Work(jobs) => {
            for _ in 0..jobs {
                let Some(due) = job::next_due(&app).await? else { break };
                job::execute(
                    &app,
                    job::KINDS,
                    &Pace::default(),
                    "tests",
                    due.id,
                    std::future::pending(),
                )
                .await?;
            }
        }
        Act::Deliver => deliver_all(town).await?,
        Act::Resend(which) => {
            let mut ids: Vec<String> = town
                .bank
                .ledger(NaiveDate::MAX)
                .into_iter()
                .map(|entry| entry.file)
                .collect();
            ids.dedup();
            if let Some(id) = pick(&ids, which) {
                town.bank.resend(id, app.clock.today());
            }
        }
        Act::Days(days) => town.morning(app.clock.today() + Days::new(u64::from(days))).await,
        Act::Answer(which) => {
            let answers = town.bank.answers_between(NaiveDate::MIN, app.clock.today());
            if let Some(answer) = pick(&answers, which) {
                town.bring(answer).await?;
            }
        }
        Act::AllAnswers => {
            for answer in town.waiting(app.clock.today()).iter().rev() {
                town.bring(answer).await?;
            }
        }
        Act::Resolve(which) => {
            let page = reconciliation::suspense(&app, &officers.treasury, Some(200), None).await?;
            if let Some(row) = pick(&page.items, which) {
                town.resolve(row).await?;
            }
        }
        Act::Evidence(which) => change_evidence(town, which).await?,
        Act::Account(which) => {
            if let Some(id) = pick(&people(town).await, which) {
                town.correct_account(*id).await?;
            }
        }
        Act::Beside(paper) => town.paperwork(paper).await?,
    }
    Ok(())
}

async fn deliver_all(town: &mut Town) -> Result<(), Error> {
    for run in released(town).await? {
        for file in town.files(run.id).await {
            town.deliver(&file).await?;
        }
    }
    Ok(())
}

/// The last fact about somebody ends in October, or goes on where it has an end.
async fn change_evidence(town: &Town, which: u8) -> Result<(), Error> {
    let caseworker = &town.officers.caseworker;
    let Some(id) = pick(&people(town).await, which).copied() else {
        return Ok(());
    };
    let own = person::get(&town.app, caseworker, id).await?;
    let Some(fact) = own.evidence.last() else { return Ok(()) };
    let to = if fact.to.is_some() { None } else { Some("2024-10-31") };
    let command = json!({"value": fact.value, "from": fact.from, "to": to});
    let command = serde_json::from_value(command).unwrap();
    person::correct_evidence(&town.app, caseworker, id, fact.id, own.version, command)
        .await
        .map(drop)
}

/// What is refused is refused for a reason that a caller can read.
fn reasonable(done: Result<(), Error>, step: Step) {
    if let Err(error) = done {
        let ours = matches!(error.code, ProblemCode::Internal | ProblemCode::Unavailable);
        assert!(!ours, "{step:?}: {error}");
    }
}

/// Whoever crashed is replaced, all work is done, everything the bank ever says is brought in and then brought in again.
async fn comes_to_an_end(town: &mut Town) {
    work_to_the_end(town).await;
    deliver_all(town).await.unwrap();
    let end = town.app.clock.today() + Days::new(120);
    town.morning(end).await;
    for answer in town.waiting(end) {
        town.bring(&answer).await.unwrap();
        work_to_the_end(town).await;
    }
    town.books_agree(end).await;
    let before = town.stands().await;
    for answer in town.bank.answers_between(NaiveDate::MIN, end).iter().rev() {
        town.bring(answer).await.unwrap();
    }
    work_to_the_end(town).await;
    assert_eq!(town.stands().await, before, "an answer said twice changes something");
    deliver_all(town).await.unwrap();
    town.nothing_is_lost().await;
    town.invariants_hold().await;
}

async fn work_to_the_end(town: &Town) {
    for _ in 0..20 {
        town.time_passes().await;
        job::drain(&town.app, job::KINDS).await.unwrap();
        let counts = job::open_counts(&town.app).await.unwrap();
        let left = counts
            .iter()
            .filter(|((_, state), count)| **count > 0 && !matches!(state, JobState::Done | JobState::Cancelled));
        if left.count() == 0 {
            return;
        }
    }
    town.drain().await;
}

fn lives(postgres: Option<&str>, histories: u32) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let founded = runtime.block_on(Founded::new(postgres, PEOPLE));
    let config = Config {
        cases: histories,
        failure_persistence: None,
        max_shrink_iters: 80,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    let lived = runner.run(&history(), |(seed, steps)| {
        runtime.block_on(async {
            // One debit over a batch says nothing of a line: it is only right where it comes after the refusals.
            let behaviour = Behaviour {
                seed,
                batch_only_debit: 0,
                ..Behaviour::worst()
            };
            let mut copy = founded.copy(behaviour).await;
            copy.town.app.delivery = Some(Arc::new(Fog::default()));
            for step in steps {
                match cut(step.cut, happens(&mut copy.town, step.act)).await {
                    Some(done) => reasonable(done, step),
                    None => {
                        copy.restart().await;
                        copy.town.time_passes().await;
                    }
                }
                copy.town.nothing_is_lost().await;
            }
            comes_to_an_end(&mut copy.town).await;
            copy.close().await;
            Ok(())
        })
    });
    lived.unwrap();
}

#[test]
fn no_crash_pays_twice_or_loses_a_dong() {
    let cases = std::env::var("ANSINH_TEST_CASES").ok();
    let cases = cases.and_then(|number| number.parse().ok()).unwrap_or(8);
    lives(None, cases);
    if let Ok(server) = std::env::var("ANSINH_TEST_POSTGRES") {
        lives(Some(&server), cases.div_ceil(2));
    }
}
