//! The end of a history: everything that is still to come has come.

use chrono::{Days, NaiveDate};
use service::job::{self, JobState};
use service::{Error, ProblemCode};

use super::history::released;
use super::town::Town;

/// The treasury fetches, hands on and acknowledges every file that is built.
pub(super) async fn deliver_all(town: &mut Town) -> Result<(), Error> {
    for run in released(town).await? {
        // A withdrawn file was delivered before, and is given to nobody any more.
        for file in town.files(run.id).await.iter().filter(|file| !file.withdrawn) {
            town.deliver(file).await?;
        }
    }
    Ok(())
}

/// Whoever crashed is replaced, all work is done, everything the bank ever says is brought in and then brought in again.
pub(super) async fn comes_to_an_end(town: &mut Town) {
    work_to_the_end(town).await;
    // Nothing followed from them, and what they say is brought in anew.
    while !town.misread().await.is_empty() {
        town.set_aside(0, true).await.unwrap();
    }
    deliver_all(town).await.unwrap();
    let end = town.app.clock.today() + Days::new(120);
    town.morning(end).await;
    for answer in town.waiting(end) {
        town.bring(&answer).await.unwrap();
        work_to_the_end(town).await;
    }
    look_at_what_is_left(town).await;
    town.books_agree(end).await;
    let before = town.stands().await;
    for answer in town.bank.answers_between(NaiveDate::MIN, end).iter().rev() {
        match town.bring(answer).await {
            // Somebody had it read strictly, and so it stays.
            Err(error) if error.code == ProblemCode::ReportReadOtherwise => {}
            done => done.unwrap(),
        }
    }
    work_to_the_end(town).await;
    assert_eq!(town.stands().await, before, "an answer said twice changes something");
    deliver_all(town).await.unwrap();
    town.nothing_is_lost().await;
    town.invariants_hold().await;
}

/// A sum that a bank really moved otherwise than ordered ends by what people decide alone, and so does what it both refused
/// and debited, and the second debit of a file that came back.
async fn look_at_what_is_left(town: &Town) {
    let every = town.bank.behaviour().wrong_sums > 0;
    let mut left = town.suspense_of_orders().await.unwrap();
    left.retain(|row| every || town.was_refused_and_debited(row));
    left.extend(town.second_debits().await.unwrap());
    for row in left {
        match town.resolve(&row).await {
            // What was decided of another line of its order settled it too.
            Err(error) if error.code == ProblemCode::IllegalTransition => {}
            done => done.unwrap(),
        }
    }
    work_to_the_end(town).await;
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
