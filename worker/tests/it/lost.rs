//! Workers that die or hang, and messages that are lost.

use std::time::Duration;

use sea_orm::ConnectionTrait;
use service::job::{self, Ended, JobState};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::{
    Bench, Does, Errand, KINDS, PATIENCE, begun, on_both_engines, open_gate, operator, options, runs_of, until,
};

on_both_engines!(
    the_job_of_a_killed_worker_runs_again_elsewhere,
    what_a_killed_worker_had_published_is_not_lost,
    a_worker_that_lost_its_lease_commits_nothing,
    a_claim_of_before_a_retry_is_not_one_of_after,
    a_job_that_kills_its_workers_is_dead_in_the_end,
    a_job_that_is_being_ended_is_not_waited_for,
    many_workers_run_each_job_once,
);

async fn the_job_of_a_killed_worker_runs_again_elsewhere(bench: Bench) {
    let first = bench.start(options()).await;
    let errand = Errand::new(Does::Waits);
    bench.enqueue(&errand).await;
    begun(&errand.key, 1).await;
    let name = first.name().to_owned();
    drop(first);
    leases_are_over(&bench).await;
    open_gate(&errand.key);
    let second = bench.start(options()).await;
    let done = bench.until(&errand.key, JobState::Done).await;
    assert_eq!(done.attempts, 2);
    let runs = runs_of(&errand.key);
    assert_eq!(runs.iter().map(|(attempt, _)| *attempt).collect::<Vec<_>>(), [1, 2]);
    assert!(runs[0].1.starts_with(&name) && runs[1].1.starts_with(second.name()));
    second.stop().await;
}

async fn what_a_killed_worker_had_published_is_not_lost(bench: Bench) {
    let errand = Errand::new(Does::Nothing);
    bench.enqueue(&errand).await;
    // Published, and the message never arrives.
    assert_eq!(job::publish_due(&bench.app, &options().pace).await.unwrap().len(), 1);
    let worker = bench.start(options()).await;
    bench.until(&errand.key, JobState::Done).await;
    worker.stop().await;
}

/// As after a process was asleep for longer than its lease.
async fn leases_are_over(bench: &Bench) {
    let past = "UPDATE job SET lease_until = '2020-01-01T00:00:00+00:00' WHERE status = 'running'";
    bench.app.db.owner().execute_unprepared(past).await.unwrap();
}

/// What expiry does then.
async fn let_leases_run_out(bench: &Bench) {
    leases_are_over(bench).await;
    assert_eq!(job::expire_leases(&bench.app).await.unwrap(), 1);
}

/// Begins a job as the worker of this name, with so long a lease that it is not looked at again in the test.
fn begin(bench: &Bench, worker: &'static str, id: Uuid) -> JoinHandle<Ended> {
    let pace = job::Pace {
        lease: Duration::from_secs(600),
        ..options().pace
    };
    let app = bench.app.clone();
    tokio::spawn(async move {
        job::execute(&app, KINDS, &pace, worker, id, std::future::pending())
            .await
            .unwrap()
    })
}

async fn a_worker_that_lost_its_lease_commits_nothing(bench: Bench) {
    let errand = Errand::new(Does::WaitsThenCommits);
    bench.enqueue(&errand).await;
    let id = bench.job(&errand.key).await.unwrap().id;
    let stale = begin(&bench, "stale", id);
    begun(&errand.key, 1).await;
    let_leases_run_out(&bench).await;
    let fresh = begin(&bench, "fresh", id);
    begun(&errand.key, 2).await;
    open_gate(&errand.key);
    assert_eq!(stale.await.unwrap(), Ended::LeaseLost);
    assert_eq!(fresh.await.unwrap(), Ended::Done);
    assert!(
        bench.job(&format!("effect:{}:1", errand.key)).await.is_none(),
        "the stale effect was rolled back"
    );
    assert!(bench.job(&format!("effect:{}:2", errand.key)).await.is_some());
    assert_eq!(bench.job(&errand.key).await.unwrap().status, JobState::Done);
}

async fn a_claim_of_before_a_retry_is_not_one_of_after(bench: Bench) {
    let errand = Errand::new(Does::WaitsThenCommits);
    bench.enqueue(&errand).await;
    let id = bench.job(&errand.key).await.unwrap().id;
    let stale = begin(&bench, "same", id);
    begun(&errand.key, 1).await;
    let_leases_run_out(&bench).await;
    job::cancel(&bench.app, &operator(), id).await.unwrap();
    job::retry(&bench.app, &operator(), id).await.unwrap();
    let fresh = begin(&bench, "same", id);
    begun(&errand.key, 2).await;
    open_gate(&errand.key);
    assert_eq!(
        bench.job(&errand.key).await.unwrap().attempts,
        1,
        "the same worker, the same attempt"
    );
    assert_eq!(
        (stale.await.unwrap(), fresh.await.unwrap()),
        (Ended::LeaseLost, Ended::Done)
    );
}

async fn a_job_that_kills_its_workers_is_dead_in_the_end(bench: Bench) {
    let errand = Errand::new(Does::Waits);
    bench.enqueue(&errand).await;
    for attempt in 1..=3 {
        let worker = bench.start(options()).await;
        begun(&errand.key, attempt).await;
        drop(worker);
        let_leases_run_out(&bench).await;
    }
    let dead = bench.job(&errand.key).await.unwrap();
    assert_eq!((dead.status, dead.attempts), (JobState::Dead, 3));
    assert!(dead.last_error.unwrap().contains("lease"));
}

async fn a_job_that_is_being_ended_is_not_waited_for(bench: Bench) {
    if bench.app.db.is_sqlite() {
        // There is one writer at a time.
        return;
    }
    let (ending, lost) = (Errand::new(Does::Nothing), Errand::new(Does::Nothing));
    for errand in [&ending, &lost] {
        bench.enqueue(errand).await;
    }
    let left = "UPDATE job SET status = 'running', attempts = 1, locked_by = 'asleep'";
    bench.app.db.owner().execute_unprepared(left).await.unwrap();
    leases_are_over(&bench).await;
    let back = bench.app.db.write(async |txn| {
        let ends = format!("UPDATE job SET status = 'done' WHERE natural_key = '{}'", ending.key);
        txn.conn().execute_unprepared(&ends).await?;
        job::expire_leases(&bench.app).await
    });
    let back = tokio::time::timeout(PATIENCE, back).await.expect("it is waited for");
    assert_eq!(back.unwrap(), 1);
    assert_eq!(bench.job(&ending.key).await.unwrap().status, JobState::Done);
    let lost = bench.job(&lost.key).await.unwrap();
    assert_eq!((lost.status, lost.worker), (JobState::Queued, None));
}

async fn many_workers_run_each_job_once(bench: Bench) {
    let errands: Vec<_> = (0..200).map(|_| Errand::new(Does::Nothing)).collect();
    let first = bench.start(options()).await;
    let second = bench.start(options()).await;
    let inserted = bench
        .app
        .db
        .write(async |txn| job::enqueue_all(txn, &errands).await)
        .await
        .unwrap();
    assert_eq!(inserted, 200);
    until(async || {
        errands
            .iter()
            .all(|errand| !runs_of(&errand.key).is_empty())
            .then_some(())
    })
    .await;
    first.stop().await;
    second.stop().await;
    for errand in &errands {
        assert_eq!(runs_of(&errand.key).len(), 1);
        assert_eq!(bench.job(&errand.key).await.unwrap().status, JobState::Done);
    }
}
