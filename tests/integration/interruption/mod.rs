//! The program, killed in the middle of its work, and its Redis, flushed or gone: the end is that of a story nobody
//! disturbed, row for row and byte for byte.
//!
//! Nothing here waits for a time. A [`Stall`] holds the work in the middle of a transaction until it has been disturbed.

mod database;
mod deeds;
mod recall;
mod redis;
mod requests;
mod stall;
mod state;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use database::Session;
use redis::Redis;
use stall::{Stall, Work};
use state::State;

use crate::harness::{Place, until};
use crate::story::files;
use crate::story::run::{self, Story};

/// Chunks so small that a reassessment has thirty of them.
const EMBEDDED: &[&str] = &["--chunk-people", "20"];
const REMOTE: &[&str] = &["--chunk-people", "20", "--remote-worker"];

/// The files, answers among them, and the end state of a story that nobody disturbed, told with chunks of the usual size.
static UNDISTURBED: LazyLock<(BTreeMap<PathBuf, Vec<u8>>, State)> = LazyLock::new(|| {
    let place = Place::embedded();
    let story = Story::told(&place, &[]);
    (written(&story), State::of(&Session::open(&place)))
});

/// The files of a story and the answers to them.
fn written(story: &Story) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = files::tree(&story.out);
    let answers = files::tree(&story.answers).into_iter();
    all.extend(answers.map(|(path, bytes)| (Path::new("answers").join(path), bytes)));
    all
}

/// Fails where the end is not that of the undisturbed story.
#[track_caller]
fn assert_undisturbed(place: &Place, session: &Session, story: &Story) {
    let (bytes, state) = &*UNDISTURBED;
    state.assert_same(&State::of(session));
    let own = written(story);
    assert!(own.keys().eq(bytes.keys()), "{:?}", own.keys());
    for (name, content) in bytes {
        assert!(own[name] == *content, "{} differs", name.display());
    }
    assert!(run::verify(place), "an invariant does not hold");
}

/// Kills every worker in the middle of this work, starts another and waits for the end of the story.
fn kill_the_workers(work: Work) {
    let place = Place::servers();
    let session = Session::open(&place);
    let stall = Stall::set(&session, work);
    let workers = [place.worker(), place.worker()];
    let story = Story::untold();
    let telling = story.begin(&place, REMOTE);
    stall.reached();
    for worker in workers {
        worker.kill();
    }
    assert!(stall.in_the_middle());
    stall.lift();
    let heir = place.worker();
    telling.ends_well();
    heir.kill();
    assert_undisturbed(&place, &session, &story);
}

/// Kills the whole embedded program in the middle of this work and runs it again on the same data.
fn kill_the_program(work: Work) {
    let place = Place::embedded();
    place.migrate();
    let session = Session::open(&place);
    let stall = Stall::set(&session, work);
    let story = Story::untold();
    let telling = story.begin(&place, EMBEDDED);
    stall.reached();
    telling.kill();
    assert!(stall.in_the_middle());
    stall.lift();
    story.tell(&place, EMBEDDED);
    assert_undisturbed(&place, &session, &story);
}

/// Fails where a chunk or a file was tried more than once.
#[track_caller]
fn assert_each_ran_once(session: &Session) {
    let again = "job WHERE kind IN ('reassess_chunk', 'build_payment_file', 'build_pay_run_chunk') AND attempts <> 1";
    assert_eq!(session.count(again), 0, "jobs ran again");
}

#[test]
fn workers_killed_in_the_middle_of_a_reassessment_change_nothing() {
    kill_the_workers(Work::Reassessment);
}

#[test]
fn workers_killed_in_the_middle_of_file_generation_change_nothing() {
    kill_the_workers(Work::Files);
}

#[test]
fn the_embedded_program_killed_in_the_middle_of_a_reassessment_goes_on_where_it_was() {
    kill_the_program(Work::Reassessment);
}

#[test]
fn the_embedded_program_killed_in_the_middle_of_file_generation_goes_on_where_it_was() {
    kill_the_program(Work::Files);
}

#[test]
fn workers_killed_in_the_middle_of_a_reconciliation_change_nothing() {
    kill_the_workers(Work::Answers);
}

#[test]
fn the_embedded_program_killed_in_the_middle_of_a_reconciliation_goes_on_where_it_was() {
    kill_the_program(Work::Answers);
}

#[test]
fn a_redis_flushed_while_jobs_wait_in_it_loses_and_repeats_nothing() {
    let redis = Redis::start();
    let place = Place::with_redis(redis.url());
    let session = Session::open(&place);
    let stall = Stall::set(&session, Work::Reassessment);
    let worker = place.worker();
    let story = Story::untold();
    let telling = story.begin(&place, REMOTE);
    stall.reached();
    until("ids of jobs wait in Redis", || (redis.waiting() > 0).then_some(()));
    // They are published again at once.
    redis.flush();
    assert!(stall.in_the_middle());
    stall.lift();
    telling.ends_well();
    worker.kill();
    assert_undisturbed(&place, &session, &story);
    assert_each_ran_once(&session);
}

#[test]
fn a_redis_that_is_gone_for_a_while_loses_and_repeats_nothing() {
    let mut redis = Redis::start();
    let place = Place::with_redis(redis.url());
    let session = Session::open(&place);
    let stall = Stall::set(&session, Work::Reassessment);
    let worker = place.worker();
    let story = Story::untold();
    let telling = story.begin(&place, REMOTE);
    stall.reached();
    until("ids of jobs wait in Redis", || (redis.waiting() > 0).then_some(()));
    redis.kill();
    until("a publisher fails", || {
        worker.log().contains("jobs could not be published").then_some(())
    });
    assert!(stall.in_the_middle());
    stall.lift();
    redis.restart();
    telling.ends_well();
    worker.kill();
    assert_undisturbed(&place, &session, &story);
    assert_each_ran_once(&session);
}
