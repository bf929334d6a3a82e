//! Single jobs: once, again, never.

use service::job::{self, JobState, Pace, Prune, Queue};
use service::{Error, ProblemCode};

use crate::{
    After, Bench, Does, Errand, Hung, PATIENCE, begun, on_both_engines, open_gate, operator, options, runs_of, until,
};

on_both_engines!(
    a_change_that_is_rolled_back_leaves_no_job,
    a_job_runs_once_and_its_key_is_taken,
    a_failure_that_may_heal_is_tried_again,
    a_job_that_keeps_failing_is_dead_until_a_person_retries_it,
    a_failure_that_no_retry_heals_is_dead_at_once,
    a_panic_is_a_failure_with_its_message,
    a_job_that_takes_too_long_is_stopped_and_tried_again,
    a_cancelled_job_never_runs,
    the_most_urgent_queue_is_published_first,
    a_stop_lets_the_running_job_end,
    a_stop_gives_back_what_outlasts_it,
    pages_show_each_job_once,
    pruning_keeps_what_is_young_or_dead,
);

async fn a_change_that_is_rolled_back_leaves_no_job(bench: Bench) {
    let errand = Errand::new(Does::Nothing);
    let failed = bench
        .app
        .db
        .write(async |txn| {
            assert!(job::enqueue(txn, &errand).await?);
            Err::<(), _>(Error::new(ProblemCode::Conflict))
        })
        .await;
    assert_eq!(failed.unwrap_err().code, ProblemCode::Conflict);
    assert_eq!(bench.job(&errand.key).await, None);
}

async fn a_job_runs_once_and_its_key_is_taken(bench: Bench) {
    let worker = bench.start(options()).await;
    let errand = Errand::new(Does::Nothing);
    assert!(bench.enqueue(&errand).await);
    let done = bench.until(&errand.key, JobState::Done).await;
    assert_eq!((done.attempts, done.worker, done.last_error), (1, None, None));
    assert!(done.done_at.is_some());
    assert!(!bench.enqueue(&errand).await, "the key is taken");
    // Another job behind it shows that the first was not run again.
    let behind = Errand::new(Does::Nothing);
    bench.enqueue(&behind).await;
    bench.until(&behind.key, JobState::Done).await;
    worker.stop().await;
    assert_eq!(runs_of(&errand.key).len(), 1);
}

async fn a_failure_that_may_heal_is_tried_again(bench: Bench) {
    let worker = bench.start(options()).await;
    let errand = Errand::new(Does::FailsFirst(2));
    bench.enqueue(&errand).await;
    let done = bench.until(&errand.key, JobState::Done).await;
    worker.stop().await;
    assert_eq!((done.attempts, done.last_error), (3, None));
    let attempts: Vec<_> = runs_of(&errand.key).into_iter().map(|(attempt, _)| attempt).collect();
    assert_eq!(attempts, [1, 2, 3]);
}

async fn a_job_that_keeps_failing_is_dead_until_a_person_retries_it(bench: Bench) {
    let worker = bench.start(options()).await;
    let errand = Errand::new(Does::FailsFirst(3));
    bench.enqueue(&errand).await;
    let dead = bench.until(&errand.key, JobState::Dead).await;
    assert_eq!((dead.attempts, dead.last_error.as_deref()), (3, Some("unavailable")));
    // The attempts begin anew, so it dies again: it fails its first three.
    let again = job::retry(&bench.app, &operator(), dead.id).await.unwrap();
    assert_eq!((again.status, again.attempts), (JobState::Queued, 0));
    begun(&errand.key, 6).await;
    bench.until(&errand.key, JobState::Dead).await;
    worker.stop().await;
}

async fn a_failure_that_no_retry_heals_is_dead_at_once(bench: Bench) {
    let worker = bench.start(options()).await;
    let errand = Errand::new(Does::IsRefused);
    bench.enqueue(&errand).await;
    let dead = bench.until(&errand.key, JobState::Dead).await;
    worker.stop().await;
    assert_eq!(dead.attempts, 1);
    assert_eq!(dead.last_error.as_deref(), Some("invalid; /amount too_big: too big"));
}

async fn a_panic_is_a_failure_with_its_message(bench: Bench) {
    let worker = bench.start(options()).await;
    let errand = Errand::new(Does::Panics);
    bench.enqueue(&errand).await;
    let dead = bench.until(&errand.key, JobState::Dead).await;
    assert_eq!(
        (dead.attempts, dead.last_error.as_deref()),
        (3, Some("panic: a fault in the program"))
    );
    // The worker goes on.
    let next = Errand::new(Does::Nothing);
    bench.enqueue(&next).await;
    bench.until(&next.key, JobState::Done).await;
    worker.stop().await;
}

async fn a_job_that_takes_too_long_is_stopped_and_tried_again(bench: Bench) {
    let worker = bench.start(options()).await;
    let hung = Hung {
        key: format!("hung:{}", service::ids::Ids::System.next()),
    };
    bench.enqueue(&hung).await;
    begun(&hung.key, 2).await;
    let waiting = bench.job(&hung.key).await.unwrap();
    drop(worker);
    assert!(waiting.last_error.unwrap().starts_with("it took longer than"));
}

async fn a_cancelled_job_never_runs(bench: Bench) {
    let errand = Errand::new(Does::Nothing);
    bench.enqueue(&errand).await;
    let id = bench.job(&errand.key).await.unwrap().id;
    let cancelled = job::cancel(&bench.app, &operator(), id).await.unwrap();
    assert_eq!(cancelled.status, JobState::Cancelled);
    assert_eq!(job::drain(&bench.app, crate::KINDS).await.unwrap(), 0);
    job::retry(&bench.app, &operator(), id).await.unwrap();
    assert_eq!(job::drain(&bench.app, crate::KINDS).await.unwrap(), 1);
    let done = job::cancel(&bench.app, &operator(), id).await.unwrap_err();
    assert_eq!(done.code, ProblemCode::IllegalTransition);
}

async fn the_most_urgent_queue_is_published_first(bench: Bench) {
    let ordinary = Errand::new(Does::Nothing);
    let urgent = After {
        key: format!("urgent:{}", ordinary.key),
    };
    bench.enqueue(&ordinary).await;
    bench.enqueue(&urgent).await;
    let pace = Pace {
        republish: PATIENCE,
        ..options().pace
    };
    let due = job::publish_due(&bench.app, &pace).await.unwrap();
    let queues: Vec<_> = due.iter().map(|due| due.queue).collect();
    assert_eq!(queues, [Queue::Relief, Queue::Default]);
    let again = job::publish_due(&bench.app, &pace).await.unwrap();
    assert_eq!(again, [], "what is on its way is not sent twice");
    job::withdraw(&bench.app, Some(&due[..1])).await.unwrap();
    assert_eq!(job::publish_due(&bench.app, &pace).await.unwrap(), due[..1]);
}

async fn a_stop_lets_the_running_job_end(bench: Bench) {
    let worker = bench.start(options()).await;
    let errand = Errand::new(Does::Waits);
    bench.enqueue(&errand).await;
    begun(&errand.key, 1).await;
    let mut stopping = Box::pin(worker.stop());
    // It is told before anything new comes.
    assert!(futures::poll!(&mut stopping).is_pending());
    let later = Errand::new(Does::Nothing);
    bench.enqueue(&later).await;
    open_gate(&errand.key);
    stopping.await;
    assert_eq!(bench.job(&errand.key).await.unwrap().status, JobState::Done);
    assert_eq!(runs_of(&errand.key).len(), 1);
    assert_eq!(bench.job(&later.key).await.unwrap().attempts, 0, "nothing new is begun");
}

async fn a_stop_gives_back_what_outlasts_it(bench: Bench) {
    let impatient = worker::WorkerOptions {
        patience: std::time::Duration::from_millis(50),
        ..options()
    };
    let worker = bench.start(impatient).await;
    let errand = Errand::new(Does::Waits);
    bench.enqueue(&errand).await;
    begun(&errand.key, 1).await;
    worker.stop().await;
    let back = bench.job(&errand.key).await.unwrap();
    assert_eq!((back.status, back.attempts, back.worker), (JobState::Queued, 0, None));
    open_gate(&errand.key);
    let next = bench.start(options()).await;
    bench.until(&errand.key, JobState::Done).await;
    next.stop().await;
}

async fn pages_show_each_job_once(bench: Bench) {
    for _ in 0..5 {
        bench.enqueue(&Errand::new(Does::Nothing)).await;
    }
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let filter = job::JobFilter {
            limit: Some(2),
            after: after.clone(),
            ..job::JobFilter::default()
        };
        let page = job::list(&bench.app, &operator(), filter).await.unwrap();
        assert!(page.items.len() <= 2);
        seen.extend(page.items.into_iter().map(|job| job.id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5);
    let wrong = job::JobFilter {
        after: Some("yesterday".to_owned()),
        ..job::JobFilter::default()
    };
    assert_eq!(
        job::list(&bench.app, &operator(), wrong).await.unwrap_err().code,
        ProblemCode::InvalidCursor
    );
}

async fn pruning_keeps_what_is_young_or_dead(bench: Bench) {
    use sea_orm::ConnectionTrait;
    let (old, young, dead) = (
        Errand::new(Does::Nothing),
        Errand::new(Does::Nothing),
        Errand::new(Does::IsRefused),
    );
    for errand in [&old, &young, &dead] {
        bench.enqueue(errand).await;
    }
    job::drain(&bench.app, crate::KINDS).await.unwrap();
    let long_ago = "UPDATE job SET created_at = '2020-01-01T00:00:00+00:00' WHERE natural_key IN";
    let age = format!("{long_ago} ('{}', '{}')", old.key, dead.key);
    bench.app.db.owner().execute_unprepared(&age).await.unwrap();
    let worker = bench
        .start(worker::WorkerOptions {
            kinds: job::KINDS,
            schedules: true,
            ..options()
        })
        .await;
    let today = bench.app.clock.today();
    let ran = |slot| Prune { slot };
    let key = async |slot| bench.job(&job::Job::natural_key(&ran(slot))).await;
    // The schedule asks for it by itself: for today, or before ten past three for yesterday.
    until(async || {
        let found = [key(today).await, key(today - chrono::TimeDelta::days(1)).await];
        found.into_iter().flatten().find(|job| job.status == JobState::Done)
    })
    .await;
    worker.stop().await;
    assert_eq!(bench.job(&old.key).await, None);
    assert_eq!(bench.job(&young.key).await.unwrap().status, JobState::Done);
    assert_eq!(bench.job(&dead.key).await.unwrap().status, JobState::Dead);
}
