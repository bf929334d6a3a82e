//! Many at once at runs that keep back for one case: each is released once, together they keep back what is open, and
//! who writes the case off and who releases never both get their way.

use domain::Month;
use futures::FutureExt;
use futures::future::{LocalBoxFuture, join_all};
use serde_json::{Value, json};
use service::overpayment::{self as cases, CloseCase};
use service::pay_run::{self, CreatePayRun, PayRunView};
use service::{Actor, Error, ProblemCode, Role, access, fund};
use uuid::Uuid;

use super::deduct::recovering;
use super::road::Road;
use super::town::Town;
use crate::harness::{House, each_engine};

/// How many of a kind, each a person.
const OF_A_KIND: usize = 32;

async fn people(house: &House, role: Role) -> Vec<Actor> {
    let mut people = Vec::new();
    for _ in 0..OF_A_KIND {
        let key = house.key(role, None).await;
        people.push(access::authenticate(&house.app, &key).await.unwrap());
    }
    people
}

/// What somebody tried, and what became of it.
type Tried<'a> = LocalBoxFuture<'a, (&'static str, Result<Option<PayRunView>, Error>)>;

/// How often each kind of step had its effect. Who was too late is told so, and by no failure.
fn won(done: Vec<(&'static str, Result<Option<PayRunView>, Error>)>) -> Vec<(&'static str, Option<PayRunView>)> {
    let mut won = Vec::new();
    for (step, done) in done {
        match done {
            Ok(run) => won.push((step, run)),
            Err(refused) => {
                let told = matches!(
                    refused.code,
                    ProblemCode::Stale
                        | ProblemCode::IllegalTransition
                        | ProblemCode::AlreadyExists
                        | ProblemCode::ContentChanged
                );
                assert!(told, "{step}: {refused}");
            }
        }
    }
    won
}

fn count(won: &[(&'static str, Option<PayRunView>)], step: &str) -> usize {
    won.iter().filter(|own| own.0 == step).count()
}

/// The regular run of a month, approved.
async fn approved(town: &Town<'_>, cover: &str) -> PayRunView {
    let run = town.build(cover).await.id;
    town.submit(run).await.unwrap();
    town.approve(run).await.unwrap()
}

/// Submits a run; one that a step beside it sent back, or that no longer holds, is built again first.
async fn submitted(town: &Town<'_>, run: Uuid) -> PayRunView {
    match town.submit(run).await {
        Ok(run) => run,
        Err(refused) => {
            assert!(
                matches!(
                    refused.code,
                    ProblemCode::IllegalTransition | ProblemCode::ContentChanged
                ),
                "{refused}"
            );
            town.rebuild(run).await;
            town.submit(run).await.unwrap()
        }
    }
}

async fn case(town: &Town<'_>) -> Value {
    town.cases("").await.remove(0)
}

#[test]
fn runs_that_share_a_case_are_released_at_once_and_take_together_what_is_open() {
    each_engine(async |house| {
        let town = recovering(house).await;
        let app = &house.app;
        let runs = [approved(&town, "2024-11").await, approved(&town, "2024-12").await];
        assert_eq!(runs.each_ref().map(|run| run.deducted), [180_000, 120_000]);
        let releasers = people(house, Role::Releaser).await;
        // December first as often as November.
        let all = releasers.iter().zip(0..).flat_map(|(releaser, number)| {
            let order = if number % 2 == 0 { [1, 0] } else { [0, 1] };
            order.map(|place: usize| {
                let (id, version) = (runs[place].id, runs[place].version);
                let released = async move {
                    let done = pay_run::release(app, releaser, id, version).await;
                    ("release", done.map(Some))
                };
                released.boxed_local()
            })
        });
        let all: Vec<Tried<'_>> = all.collect();
        let mut released: Vec<Uuid> = won(join_all(all).await)
            .into_iter()
            .filter_map(|(_, run)| Some(run?.id))
            .collect();
        released.sort_unstable();
        let mut both = runs.each_ref().map(|run| run.id);
        both.sort_unstable();
        assert_eq!(released, both, "each of them once");
        town.idle().await;
        town.holds().await;
        let mut road = Road::of(&town, "recovering").await;
        let worker = town.caseworker.clone();
        let told = road.read(&worker).await;
        assert_eq!((&told["recovered"], &told["open"]), (&json!(300_000), &json!(0)));
        for run in both {
            town.arrives(run).await;
        }
        road.read(&worker).await;
        road.takes(&worker, "settle", json!(null)).await;
        // Nothing waits: whichever came first, each month was paid once.
        town.pays_early("2024-10-31", &["2025-01"]).await;
        let january = town.next_run("2025-01").await;
        assert_eq!(january, [("regular".to_owned(), 202_501, 900_000)]);
        town.close().await;
    });
}

#[test]
fn a_run_that_is_opened_while_another_of_its_case_is_released_keeps_back_the_rest() {
    each_engine(async |house| {
        let town = recovering(house).await;
        let app = &house.app;
        let november = approved(&town, "2024-11").await;
        let (releasers, preparers) = (people(house, Role::Releaser).await, people(house, Role::Preparer).await);
        let mut all: Vec<Tried<'_>> = Vec::new();
        for (releaser, preparer) in releasers.iter().zip(&preparers) {
            let (id, version) = (november.id, november.version);
            let opened = async move {
                let month: Month = "2024-12".parse().unwrap();
                let command = CreatePayRun::regular(month, month.first_day());
                ("create", pay_run::create(app, preparer, command).await.map(Some))
            };
            let released = async move {
                let done = pay_run::release(app, releaser, id, version).await;
                ("release", done.map(Some))
            };
            all.push(opened.boxed_local());
            all.push(released.boxed_local());
        }
        let won = won(join_all(all).await);
        assert_eq!((count(&won, "create"), count(&won, "release")), (1, 1));
        town.idle().await;
        town.holds().await;
        let december = won.iter().find(|own| own.0 == "create").and_then(|own| own.1.as_ref());
        let december = submitted(&town, december.unwrap().id).await;
        assert_eq!(december.deducted, 120_000, "November has the first 180,000");
        town.approve(december.id).await.unwrap();
        town.release(december.id).await.unwrap();
        assert_eq!(case(&town).await["open"], json!(0));
        town.arrives(november.id).await;
        town.arrives(december.id).await;
        town.close().await;
    });
}

#[test]
fn a_case_is_written_off_or_kept_back_for_but_never_both() {
    each_engine(async |house| {
        let town = recovering(house).await;
        let app = &house.app;
        let run = town.build("2024-11").await.id;
        let submitted = town.submit(run).await.unwrap();
        assert_eq!(submitted.deducted, 180_000);
        let standing = case(&town).await;
        let id: Uuid = standing["id"].as_str().unwrap().parse().unwrap();
        let read = standing["version"].as_i64().unwrap();
        let (approvers, releasers, deciders) = (
            people(house, Role::Approver).await,
            people(house, Role::Releaser).await,
            people(house, Role::DecisionMaker).await,
        );
        let mut all: Vec<Tried<'_>> = Vec::new();
        for ((approver, releaser), decider) in approvers.iter().zip(&releasers).zip(&deciders) {
            let version = submitted.version;
            let approved = async move {
                let done = pay_run::approve(app, approver, run, version).await;
                ("approve", done.map(Some))
            };
            let released = async move {
                // As it is once it is approved.
                let done = pay_run::release(app, releaser, run, version + 1).await;
                ("release", done.map(Some))
            };
            let written_off = async move {
                let reason = CloseCase {
                    reason: "Không còn khả năng hoàn trả".to_owned(),
                };
                let done = cases::write_off(app, decider, id, read, reason).await;
                ("write off", done.map(|_| None))
            };
            all.extend([
                approved.boxed_local(),
                released.boxed_local(),
                written_off.boxed_local(),
            ]);
        }
        let won = won(join_all(all).await);
        town.idle().await;
        let (released, written_off) = (count(&won, "release"), count(&won, "write off"));
        assert_eq!(released + written_off, 1, "one of the two, once");
        town.holds().await;
        let standing = town.run(run).await;
        let sums = async || {
            let funds = fund::list(app, &town.officers[0]).await.unwrap();
            funds.iter().map(|own| own.reserved + own.committed).sum::<i64>()
        };
        assert_eq!(
            sums().await,
            0,
            "nothing is held for a run that went back, nor for one that left"
        );
        if written_off == 1 {
            assert_eq!(json!(standing.status), "draft");
            let why = standing.rejected_reason.unwrap();
            assert!(why.contains(&id.to_string()), "it says which case: {why}");
            let rebuilt = town.rebuild(run).await;
            assert_eq!(rebuilt.deducted, 0);
            town.sign(run).await;
        }
        let recovered = case(&town).await["recovered"].clone();
        assert_eq!(recovered, json!(180_000 * released));
        town.arrives(run).await;
        town.close().await;
    });
}
