//! Long work in chunks.

use std::time::Duration;

use service::ProblemCode;
use service::job::run::{self, Chunk, Counts, NewRun, RunState, Started};
use service::job::{Envelope, JobState, Pace};
use worker::WorkerOptions;

use crate::{After, Bench, Part, Units, begun, on_both_engines, open_gate, operator, options, runs_of, until};

on_both_engines!(
    a_run_counts_its_chunks_and_is_followed_once,
    a_run_without_chunks_is_done_at_once,
    a_paused_run_begins_no_chunk_until_it_is_resumed,
    a_cancelled_run_commits_nothing_more,
    too_many_failures_stop_a_run,
    a_dead_chunk_pauses_its_run_and_resuming_tries_it_again,
    a_dead_chunk_among_others_that_stand_alone_holds_none_of_them_up,
    a_killed_worker_leaves_every_chunk_done_once,
);

fn units(counts: Counts, gate: Option<&str>) -> Chunk {
    let units = counts.changed + counts.unchanged + counts.held + counts.failed;
    let payload = serde_json::to_value(Units {
        counts,
        gate: gate.map(str::to_owned),
    })
    .unwrap();
    Chunk { units, payload }
}

fn changed(changed: i64) -> Counts {
    Counts {
        changed,
        ..Counts::default()
    }
}

async fn start(bench: &Bench, chunks: Vec<Chunk>) -> (Started, After) {
    start_as(bench, chunks, false).await
}

async fn start_as(bench: &Bench, chunks: Vec<Chunk>, independent: bool) -> (Started, After) {
    let key = service::ids::Ids::System.next();
    let after = After {
        key: format!("after:{key}"),
    };
    let new = NewRun {
        kind: "count",
        natural_key: format!("count:{key}"),
        subject: "test".to_owned(),
        requested_by: "test".to_owned(),
        parameters: serde_json::json!({ "release": 7 }),
        chunks,
        independent,
        then: Some(Envelope::of(&after).unwrap()),
        after: None,
    };
    let part = |run, position| Part { run, position };
    let started = bench
        .app
        .db
        .write(async |txn| run::start(txn, new.clone(), part).await)
        .await
        .unwrap();
    let again = bench
        .app
        .db
        .write(async |txn| run::start(txn, new.clone(), part).await)
        .await
        .unwrap();
    assert_eq!(
        again,
        Started {
            id: started.id,
            fresh: false
        },
        "a second start changes nothing"
    );
    (started, after)
}

async fn until_run(bench: &Bench, run: Started, state: RunState) -> run::JobRunView {
    until(async || {
        let view = run::view(&bench.app, &operator(), run.id).await.unwrap();
        (view.status == state).then_some(view)
    })
    .await
}

async fn a_run_counts_its_chunks_and_is_followed_once(bench: Bench) {
    let mixed = Counts {
        changed: 3,
        unchanged: 4,
        held: 2,
        failed: 1,
    };
    let (started, after) = start(
        &bench,
        vec![units(mixed, None), units(changed(5), None), units(mixed, None)],
    )
    .await;
    let before = run::view(&bench.app, &operator(), started.id).await.unwrap();
    assert_eq!(
        (before.total, before.done, before.percent, before.remaining_seconds),
        (25, 0, 0, None)
    );
    let worker = bench.start(options()).await;
    let done = until_run(&bench, started, RunState::Done).await;
    bench.until(&after.key, JobState::Done).await;
    worker.stop().await;
    assert_eq!(
        done.counts,
        Counts {
            changed: 11,
            unchanged: 8,
            held: 4,
            failed: 2
        }
    );
    assert_eq!((done.done, done.percent), (25, 100));
    assert!(done.finished_at.is_some() && done.per_second.is_some());
    assert_eq!(runs_of(&after.key).len(), 1);
    assert_eq!(run::parameters(&bench.app, started.id).await.unwrap()["release"], 7);
    let refused = run::cancel(&bench.app, &operator(), started.id).await.unwrap_err();
    assert_eq!(refused.code, ProblemCode::IllegalTransition);
}

async fn a_run_without_chunks_is_done_at_once(bench: Bench) {
    let (started, after) = start(&bench, Vec::new()).await;
    assert_eq!(
        run::view(&bench.app, &operator(), started.id).await.unwrap().status,
        RunState::Done
    );
    assert_eq!(bench.job(&after.key).await.unwrap().status, JobState::Queued);
}

async fn a_paused_run_begins_no_chunk_until_it_is_resumed(bench: Bench) {
    let gate = service::ids::Ids::System.next().to_string();
    let (started, _) = start(
        &bench,
        vec![units(changed(1), Some(&gate)), units(changed(1), Some(&gate))],
    )
    .await;
    let one_at_a_time = worker::WorkerOptions {
        concurrency: [1, 1, 1, 1],
        ..options()
    };
    let worker = bench.start(one_at_a_time).await;
    let running =
        until(async || (0..2).find(|position| !runs_of(&format!("part:{}:{position}", started.id)).is_empty())).await;
    let paused = run::pause(&bench.app, &operator(), started.id).await.unwrap();
    assert_eq!(paused.status, RunState::Paused);
    assert!(paused.reason.unwrap().en.starts_with("Paused by"));
    open_gate(&gate);
    // The chunk that was running ends and counts; the other one does not begin, though its message is on its way.
    bench
        .until(&format!("part:{}:{running}", started.id), JobState::Done)
        .await;
    let behind = crate::Errand::new(crate::Does::Nothing);
    bench.enqueue(&behind).await;
    bench.until(&behind.key, JobState::Done).await;
    let still = run::view(&bench.app, &operator(), started.id).await.unwrap();
    assert_eq!((still.status, still.done), (RunState::Paused, 1));
    assert_eq!(runs_of(&format!("part:{}:{}", started.id, 1 - running)), []);
    run::resume(&bench.app, &operator(), started.id).await.unwrap();
    assert_eq!(until_run(&bench, started, RunState::Done).await.done, 2);
    worker.stop().await;
}

async fn a_cancelled_run_commits_nothing_more(bench: Bench) {
    let gate = service::ids::Ids::System.next().to_string();
    let (started, after) = start(
        &bench,
        vec![units(changed(1), Some(&gate)), units(changed(1), Some(&gate))],
    )
    .await;
    let one_at_a_time = worker::WorkerOptions {
        concurrency: [1, 1, 1, 1],
        ..options()
    };
    let worker = bench.start(one_at_a_time).await;
    let running =
        until(async || (0..2).find(|position| !runs_of(&format!("part:{}:{position}", started.id)).is_empty())).await;
    run::cancel(&bench.app, &operator(), started.id).await.unwrap();
    open_gate(&gate);
    for position in 0..2 {
        bench
            .until(&format!("part:{}:{position}", started.id), JobState::Cancelled)
            .await;
    }
    worker.stop().await;
    let cancelled = run::view(&bench.app, &operator(), started.id).await.unwrap();
    assert_eq!((cancelled.status, cancelled.done), (RunState::Cancelled, 0));
    assert_eq!(
        bench.job(&format!("effect:part:{}:{running}", started.id)).await,
        None,
        "rolled back"
    );
    assert_eq!(
        bench.job(&after.key).await,
        None,
        "what follows a finished run does not follow this one"
    );
}

async fn too_many_failures_stop_a_run(bench: Bench) {
    let bad = Counts {
        unchanged: 95,
        failed: 5,
        ..Counts::default()
    };
    let (started, after) = start(&bench, vec![units(bad, None), units(changed(100), None)]).await;
    let worker = bench.start(options()).await;
    let stopped = until_run(&bench, started, RunState::Paused).await;
    assert!(stopped.reason.unwrap().en.contains("5 technical failures"));
    assert_eq!(bench.job(&after.key).await, None);
    // A person who resumes has seen them.
    run::resume(&bench.app, &operator(), started.id).await.unwrap();
    let done = until_run(&bench, started, RunState::Done).await;
    assert_eq!((done.done, done.counts.failed, done.reason), (200, 5, None));
    bench.until(&after.key, JobState::Done).await;
    worker.stop().await;
}

async fn a_dead_chunk_pauses_its_run_and_resuming_tries_it_again(bench: Bench) {
    let broken = Chunk {
        units: 1,
        payload: serde_json::json!("not what the job expects"),
    };
    let (started, _) = start(&bench, vec![broken]).await;
    let worker = bench.start(options()).await;
    let paused = until_run(&bench, started, RunState::Paused).await;
    assert!(paused.reason.unwrap().en.contains("is dead"));
    let key = format!("part:{}:0", started.id);
    assert_eq!(bench.job(&key).await.unwrap().attempts, 2);
    let mend = serde_json::to_string(&Units {
        counts: changed(1),
        gate: None,
    })
    .unwrap();
    let mend = format!("UPDATE job_chunk SET payload = '{mend}' WHERE position = 0");
    sea_orm::ConnectionTrait::execute_unprepared(bench.app.db.owner(), &mend)
        .await
        .unwrap();
    run::resume(&bench.app, &operator(), started.id).await.unwrap();
    assert_eq!(until_run(&bench, started, RunState::Done).await.done, 1);
    worker.stop().await;
}

async fn a_dead_chunk_among_others_that_stand_alone_holds_none_of_them_up(bench: Bench) {
    let broken = Chunk {
        units: 1,
        payload: serde_json::json!("not what the job expects"),
    };
    let chunks = vec![broken, units(changed(2), None), units(changed(3), None)];
    let (started, after) = start_as(&bench, chunks, true).await;
    // It has its last attempt before the others have their first.
    let key = format!("part:{}:0", started.id);
    let first =
        format!("UPDATE job SET attempts = 1, run_at = '2000-01-01 00:00:00+00:00' WHERE natural_key = '{key}'");
    sea_orm::ConnectionTrait::execute_unprepared(bench.app.db.owner(), &first)
        .await
        .unwrap();
    let one_at_a_time = worker::WorkerOptions {
        concurrency: [1, 1, 1, 1],
        ..options()
    };
    let worker = bench.start(one_at_a_time).await;
    let paused = until_run(&bench, started, RunState::Paused).await;
    assert_eq!((paused.done, paused.counts.changed), (5, 5), "the others are done");
    let reason = paused.reason.unwrap().en;
    let dead = bench.job(&key).await.unwrap();
    assert_eq!(dead.status, JobState::Dead);
    assert!(
        reason.starts_with("Parts not done: 1;") && reason.contains(&dead.id.to_string()),
        "{reason}"
    );
    assert_eq!(bench.job(&after.key).await, None, "what follows waits for all of it");

    let mend = serde_json::to_string(&Units {
        counts: changed(1),
        gate: None,
    })
    .unwrap();
    let mend = format!("UPDATE job_chunk SET payload = '{mend}' WHERE position = 0");
    sea_orm::ConnectionTrait::execute_unprepared(bench.app.db.owner(), &mend)
        .await
        .unwrap();
    run::resume(&bench.app, &operator(), started.id).await.unwrap();
    let done = until_run(&bench, started, RunState::Done).await;
    assert_eq!((done.done, done.reason), (6, None));
    bench.until(&after.key, JobState::Done).await;
    worker.stop().await;
}

async fn a_killed_worker_leaves_every_chunk_done_once(bench: Bench) {
    let gate = service::ids::Ids::System.next().to_string();
    let chunks = (0..20)
        .map(|place| units(changed(10), (place % 5 == 4).then_some(gate.as_str())))
        .collect();
    let (started, after) = start(&bench, chunks).await;
    // Whatever it had just claimed when it died is free again after its lease.
    let mortal = WorkerOptions {
        pace: Pace {
            lease: Duration::from_secs(5),
            ..options().pace
        },
        ..options()
    };
    let first = bench.start(mortal).await;
    until(async || {
        let waiting = (0..20).filter(|place| place % 5 == 4);
        waiting
            .map(|place| runs_of(&format!("part:{}:{place}", started.id)).len())
            .any(|runs| runs > 0)
            .then_some(())
    })
    .await;
    drop(first);
    open_gate(&gate);
    let second = bench.start(options()).await;
    let done = until_run(&bench, started, RunState::Done).await;
    bench.until(&after.key, JobState::Done).await;
    second.stop().await;
    assert_eq!((done.done, done.counts.changed), (200, 200));
    assert_eq!(runs_of(&after.key).len(), 1);
    begun(&after.key, 1).await;
}
