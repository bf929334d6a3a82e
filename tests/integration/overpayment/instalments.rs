//! Runs that are built at once keep each instalment of a plan back once, and none before its month.

use sea_orm::ConnectionTrait;
use serde_json::json;
use service::{App, pay_run};
use tokio::sync::Notify;
use uuid::Uuid;

use super::deduct::recovering;
use super::road::Road;
use super::town::{LAN, Town};
use crate::harness::each_engine;
use crate::pay_run::meanwhile::wait_for_locks;
use crate::reconciliation::bank::of;

/// How often two months are built at once.
const ROUNDS: usize = 8;

/// November and December, built one after the other.
async fn two_months(town: &Town<'_>) -> [Uuid; 2] {
    [town.build("2024-11").await.id, town.build("2024-12").await.id]
}

/// What each of the two keeps back, đồng.
async fn kept_back(town: &Town<'_>, runs: [Uuid; 2]) -> [i64; 2] {
    [town.run(runs[0]).await.deducted, town.run(runs[1]).await.deducted]
}

#[test]
fn months_that_are_built_at_once_keep_back_no_more_than_is_due() {
    each_engine(async |house| {
        let town = recovering(house).await;
        let runs = two_months(&town).await;
        for _ in 0..ROUNDS {
            for run in runs {
                let version = town.run(run).await.version;
                pay_run::build(&house.app, &town.officers[0], run, version)
                    .await
                    .unwrap();
            }
            town.idle().await;
            let [november, december] = kept_back(&town, runs).await;
            assert!(november <= 180_000, "{november}");
            assert!(november + december <= 300_000, "{november} and {december}");
        }
        town.close().await;
    });
}

/// The person of the tests is left out of a run.
async fn leaves_out(town: &Town<'_>, run: Uuid) {
    let version = town.run(run).await.version;
    let why = of(json!({"person_id": LAN, "reason": "Chờ xác minh"}));
    pay_run::exclude(&town.house.app, &town.officers[0], run, version, why)
        .await
        .unwrap();
}

/// And taken in again.
async fn takes_in(town: &Town<'_>, run: Uuid) {
    let (app, preparer) = (&town.house.app, &town.officers[0]);
    let held = pay_run::held(app, preparer, run, None, None).await.unwrap();
    let left_out = held.items.iter().find_map(|own| own.exclusion.as_ref()).unwrap();
    let version = town.run(run).await.version;
    pay_run::include(app, preparer, run, version, left_out.id)
        .await
        .unwrap();
}

/// Two who build: neither ends before both wait, for the cases that somebody has in hand or for each other.
async fn side_by_side(app: &App, both: impl Future<Output = ()>) {
    // The embedded engine has one writer: the second looks once the first has stored.
    if app.db.is_sqlite() {
        return both.await;
    }
    let locked = Notify::new();
    let holder = app.db.write(async |txn| {
        let cases = "SELECT id FROM overpayment_case FOR UPDATE";
        txn.conn().execute_unprepared(cases).await?;
        locked.notify_one();
        wait_for_locks(app, 2).await;
        Ok(())
    });
    let both = async {
        locked.notified().await;
        both.await;
    };
    let (held, ()) = futures::join!(holder, both);
    held.unwrap();
}

#[test]
fn who_is_taken_in_again_in_two_months_at_once_pays_each_instalment_back_once() {
    each_engine(async |house| {
        let town = recovering(house).await;
        let runs = two_months(&town).await;
        for run in runs {
            leaves_out(&town, run).await;
        }
        assert_eq!(kept_back(&town, runs).await, [0, 0]);
        side_by_side(&house.app, async {
            futures::join!(takes_in(&town, runs[0]), takes_in(&town, runs[1]));
        })
        .await;
        let kept = kept_back(&town, runs).await;
        // Each its own, or December as much of both as the cap allows.
        let either = [[180_000, 120_000], [0, 180_000]];
        assert!(either.contains(&kept), "{kept:?}");
        town.close().await;
    });
}

/// December keeps back two instalments, as if it had been built without a look at what November keeps back.
async fn december_has_two(app: &App) {
    let december = "WHERE pay_run_id = (SELECT id FROM pay_run WHERE cover_month = 202412)";
    let steps = [
        format!("CREATE TEMP TABLE kept_back AS SELECT * FROM overpayment_deduction {december}"),
        "UPDATE kept_back SET amount = 200000".to_owned(),
        format!("DELETE FROM overpayment_deduction {december}"),
        "INSERT INTO overpayment_deduction SELECT * FROM kept_back".to_owned(),
        "DROP TABLE kept_back".to_owned(),
    ];
    let done = app.db.write(async |txn| {
        for step in &steps {
            txn.conn().execute_unprepared(step).await?;
        }
        Ok(())
    });
    done.await.unwrap();
}

#[test]
fn a_run_that_would_keep_an_instalment_back_before_its_month_is_built_again() {
    each_engine(async |house| {
        let town = recovering(house).await;
        let mut road = Road::of(&town, "recovering").await;
        let worker = town.caseworker.clone();
        let months = ["2024-11", "2024-12", "2025-01"];
        let plan = months.map(|month| json!({"due_month": month, "amount": 100_000}));
        road.takes(&worker, "plan", json!({"instalments": plan})).await;
        let runs = two_months(&town).await;
        assert_eq!(kept_back(&town, runs).await, [100_000, 100_000]);
        december_has_two(&house.app).await;
        let [november, december] = runs;
        town.sign(november).await;
        let back = town.run(december).await;
        assert_eq!(
            (json!(back.status), json!(back.build)),
            (json!("draft"), json!("pending"))
        );
        assert_eq!(town.rebuild(december).await.deducted, 100_000);
        town.sign(december).await;
        let case = road.read(&worker).await;
        assert_eq!(
            (&case["recovered"], &case["open"]),
            (&json!(200_000), &json!(100_000)),
            "January has the last"
        );
        town.close().await;
    });
}
