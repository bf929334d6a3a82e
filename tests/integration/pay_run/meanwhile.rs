//! A release that comes between what a reassessment reads and what it writes: the reassessment looks again, so that nothing
//! the run has paid is owed a second time, and none of its months is passed over.

use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use service::job::{self, JobState};
use service::reassessment::ReassessPerson;
use service::{App, Db, ProblemCode, pay_run, person as people};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::harness::each_engine;
use crate::reconciliation::bank::{AMOUNT, BankTown, of, person};

/// What somebody particularly severely disabled gets in a month, đồng.
const MORE: i64 = 1_000_000;

/// September left the first person out, who is owed it; October, which pays that with its own month, is approved.
async fn approved(town: &BankTown<'_>) -> Uuid {
    let app = town.app();
    let version = async |run: Uuid| pay_run::get(app, &town.preparer, run).await.unwrap().version;
    let september = town.build("2024-09").await;
    let why = json!({"person_id": person(0), "reason": "Chờ xác minh nơi cư trú"});
    pay_run::exclude(app, &town.preparer, september, version(september).await, of(why))
        .await
        .unwrap();
    town.sign(september).await;
    town.now("2024-09-25T02:00:00Z").await;
    let october = town.build("2024-10").await;
    assert_eq!(lines(town, october).await, [(202_409, AMOUNT), (202_410, AMOUNT)]);
    pay_run::submit(app, &town.preparer, october, version(october).await)
        .await
        .unwrap();
    pay_run::approve(app, &town.approver, october, version(october).await)
        .await
        .unwrap();
    october
}

/// Month and amount of each line of the first person in a run, by month.
async fn lines(town: &BankTown<'_>, run: Uuid) -> Vec<(i32, i64)> {
    let own = town.lines(run, person(0)).await;
    let mut own: Vec<(i32, i64)> = own
        .iter()
        .map(|line| (line.cover_month.yyyymm(), line.amount))
        .collect();
    own.sort_unstable();
    own
}

/// The first person turns out to be particularly severely disabled from September on; gives the state of the evidence.
async fn more_is_due(town: &BankTown<'_>) -> i64 {
    let (app, caseworker) = (town.app(), &town.caseworker);
    let own = people::get(app, caseworker, person(0)).await.unwrap();
    let until = json!({"value": "severe", "from": "2022-03-20", "to": "2024-08-31"});
    let own = people::correct_evidence(app, caseworker, person(0), own.evidence[0].id, own.version, of(until))
        .await
        .unwrap();
    let since =
        json!({"kind": "disability", "value": "particularly_severe", "from": "2024-09-01", "change": "correction"});
    let own = people::add_evidence(app, caseworker, person(0), own.version, of(since))
        .await
        .unwrap();
    own.evidence_rev
}

async fn release(town: &BankTown<'_>, run: Uuid) {
    let version = pay_run::get(town.app(), &town.preparer, run).await.unwrap().version;
    pay_run::release(town.app(), &town.releaser, run, version)
        .await
        .unwrap();
}

/// Changes rows behind the program's back.
async fn changed(db: &Db, sql: &str) -> u64 {
    let conn = db.owner();
    let change = Statement::from_string(conn.get_database_backend(), sql);
    conn.execute_raw(change).await.unwrap().rows_affected()
}

/// November has what September and October owe beyond what October's run paid, and nothing twice.
async fn the_rest_is_owed_once(town: &BankTown<'_>) {
    let counts = job::open_counts(town.app()).await.unwrap();
    assert!(counts.keys().all(|(_, state)| *state != JobState::Dead), "{counts:?}");
    town.now("2024-10-25T02:00:00Z").await;
    let november = town.build("2024-11").await;
    let more = MORE - AMOUNT;
    let expected = [(202_409, more), (202_410, more), (202_411, MORE)];
    assert_eq!(lines(town, november).await, expected);
    town.sign(november).await;
    town.holds().await;
}

#[test]
fn what_was_reckoned_before_a_release_is_not_written_after_it() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let app = town.app();
        let october = approved(&town).await;
        let reassess = ReassessPerson {
            person_id: person(0),
            evidence_rev: more_is_due(&town).await,
        };
        // The release has asked whether anybody is being reassessed just before the evidence came.
        let unseen = "UPDATE job SET status = 'done' WHERE kind = 'reassess_person' AND status = 'queued'";
        assert!(changed(&app.db, unseen).await > 0);
        let reckoned = reassess.prepare(app).await.unwrap();
        release(&town, october).await;
        let stored = app.db.write(async |txn| reckoned.store(app, txn, None).await).await;
        let refused = stored.unwrap_err();
        assert_eq!(refused.code, ProblemCode::Unavailable, "{refused}");
        assert!(refused.is_retryable());
        let seen = format!(
            "UPDATE job SET status = 'queued' WHERE kind = 'reassess_person' AND status = 'done' \
             AND natural_key LIKE '%:{}'",
            reassess.evidence_rev
        );
        assert_eq!(changed(&app.db, &seen).await, 1);
        town.idle().await;
        the_rest_is_owed_once(&town).await;
    });
}

/// Asks until so many other transactions of this database wait for a lock.
pub(crate) async fn wait_for_locks(app: &App, number: i64) {
    let conn = app.db.owner();
    let sql = "SELECT COUNT(*) AS told FROM pg_stat_activity \
               WHERE datname = current_database() AND wait_event_type = 'Lock'";
    for _ in 0..200_000 {
        let ask = Statement::from_string(conn.get_database_backend(), sql);
        let row = conn.query_one_raw(ask).await.unwrap().unwrap();
        if row.try_get::<i64>("", "told").unwrap() >= number {
            return;
        }
    }
    panic!("{number} transactions do not wait for a lock");
}

/// The release of a run is under way, with the run in hand, while `other` begins, and commits once that waits for the run.
async fn in_the_middle_of_a_release(town: &BankTown<'_>, run: Uuid, other: impl Future<Output = ()>) {
    let app = town.app();
    let (funds, runs) = (Notify::new(), Notify::new());
    let holder = app.db.write(async |txn| {
        let lock = Statement::from_string(txn.conn().get_database_backend(), "SELECT id FROM fund FOR UPDATE");
        txn.conn().query_all_raw(lock).await?;
        funds.notify_one();
        // The release has its run, and waits for the fund.
        wait_for_locks(app, 1).await;
        runs.notify_one();
        wait_for_locks(app, 2).await;
        Ok(())
    });
    let release = async {
        funds.notified().await;
        release(town, run).await;
    };
    let other = async {
        runs.notified().await;
        other.await;
    };
    let (held, (), ()) = futures::join!(holder, release, other);
    held.unwrap();
    town.idle().await;
}

#[test]
fn a_reassessment_in_the_middle_of_a_release_owes_the_rest_once() {
    each_engine(async |house| {
        // The embedded engine has one writer: nobody waits for a second lock there.
        if house.app.db.is_sqlite() {
            return;
        }
        let town = BankTown::open(house, 2).await;
        let october = approved(&town).await;
        in_the_middle_of_a_release(&town, october, async {
            more_is_due(&town).await;
            town.idle().await;
        })
        .await;
        the_rest_is_owed_once(&town).await;
    });
}

#[test]
fn what_a_run_held_is_reckoned_after_a_release_that_pays_it() {
    each_engine(async |house| {
        if house.app.db.is_sqlite() {
            return;
        }
        let town = BankTown::open(house, 2).await;
        let october = approved(&town).await;
        // As if the job after September's release had been interrupted, and began anew.
        let again = "UPDATE job SET status = 'queued' WHERE kind = 'carry_over_held' AND status = 'done'";
        assert_eq!(changed(&town.app().db, again).await, 1);
        in_the_middle_of_a_release(&town, october, async {
            town.idle().await;
        })
        .await;
        more_is_due(&town).await;
        town.idle().await;
        the_rest_is_owed_once(&town).await;
    });
}
