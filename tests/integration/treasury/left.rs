//! Deliveries that their job, their channel or their target left behind: asked about where they went, and never sent
//! twice.

use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use service::delivery;
use service::job;
use service::payment_file;
use tempfile::TempDir;

use super::road::{Dispatch, Fate, Road};
use crate::harness::{House, each_engine};

fn told(file: &str, delivery: &str, orders: &str) -> (String, String, Vec<String>) {
    (file.to_owned(), delivery.to_owned(), vec![orders.to_owned()])
}

/// Sends the order file by a road whose process dies while it sends.
async fn cut_off(dispatch: &Dispatch, fate: Fate) -> uuid::Uuid {
    dispatch.build().await;
    let file = dispatch.order_file().await.id;
    let victim = Road::to(dispatch.folder.path(), fate);
    delivery::deliver(&dispatch.by(&victim), &dispatch.treasury, file)
        .await
        .unwrap();
    dispatch.killed_in_silence(&victim).await;
    file
}

/// The order file went out by a road that says an error and can't look: it may be there or not.
async fn in_doubt(house: &House) -> (Dispatch, uuid::Uuid) {
    let dispatch = Dispatch::open(house).await;
    dispatch.build().await;
    let file = dispatch.order_file().await.id;
    let road = Road::blind(dispatch.folder.path(), Fate::ArrivesWithAnError);
    delivery::deliver(&dispatch.by(&road), &dispatch.treasury, file)
        .await
        .unwrap();
    dispatch.drain(&road).await;
    assert_eq!(dispatch.states(file).await, told("unknown", "unknown", "unknown"));
    (dispatch, file)
}

#[test]
fn a_worker_without_the_channel_forgets_nothing_that_began() {
    each_engine(async |house| {
        let dispatch = Dispatch::open(house).await;
        let file = cut_off(&dispatch, Fate::IsLostInSilence).await;
        // This process has no channel at all.
        job::drain(&house.app, job::KINDS).await.unwrap();
        assert_eq!(dispatch.states(file).await, told("unknown", "unknown", "unknown"));
        let detail = dispatch.last(file).await.detail.unwrap();
        assert!(detail.contains("look there"), "{detail}");
        // The next one that has it sends nothing.
        let heir = Road::to(dispatch.folder.path(), Fate::MustNotLeave);
        dispatch.later().await;
        dispatch.drain(&heir).await;
        assert_eq!(heir.sent(), 0);
        dispatch.holds().await;
    });
}

#[test]
fn one_that_has_not_begun_waits_for_a_worker_with_the_channel() {
    each_engine(async |house| {
        let dispatch = Dispatch::open(house).await;
        dispatch.build().await;
        let file = dispatch.order_file().await.id;
        let road = Road::to(dispatch.folder.path(), Fate::Arrives);
        delivery::deliver(&dispatch.by(&road), &dispatch.treasury, file)
            .await
            .unwrap();
        job::drain(&house.app, job::KINDS).await.unwrap();
        let waiting = dispatch.last(file).await;
        assert_eq!(
            (json!(waiting.status), waiting.error.as_deref()),
            (json!("queued"), Some("unreachable"))
        );
        dispatch.later().await;
        dispatch.drain(&road).await;
        assert_eq!(dispatch.states(file).await, told("delivered", "sent", "extracted"));
        dispatch.holds().await;
    });
}

/// What becomes of a delivery whose job died: at the first look of the chase, and at the second.
async fn left_behind(house: &House, fate: Fate, first: (&str, &str, &str), second: (&str, &str, &str)) {
    let dispatch = Dispatch::open(house).await;
    let file = cut_off(&dispatch, fate).await;
    let road = Road::to(dispatch.folder.path(), Fate::MustNotLeave);
    // While its job may still run, nobody else ends it.
    let app = dispatch.by(&road);
    let id = dispatch.last(file).await.id;
    dispatch
        .sql("UPDATE job SET run_at = '2100-01-01 00:00:00+00:00' WHERE status = 'queued'")
        .await;
    dispatch.chase_after(70, &road).await;
    delivery::check(&app, &dispatch.treasury, id).await.unwrap();
    assert_eq!(dispatch.states(file).await, told("built", "queued", "extracted"));
    dispatch
        .sql("UPDATE job SET status = 'dead' WHERE kind = 'deliver_payment_file'")
        .await;
    dispatch.chase_after(1, &road).await;
    assert_eq!(dispatch.states(file).await, told(first.0, first.1, first.2));
    dispatch.chase_after(1, &road).await;
    assert_eq!(dispatch.states(file).await, told(second.0, second.1, second.2));
    assert_eq!(road.sent(), 0);
    dispatch.holds().await;
}

#[test]
fn a_delivery_that_arrived_and_that_its_dead_job_left_behind_is_found() {
    each_engine(async |house| {
        let found = ("delivered", "sent", "extracted");
        left_behind(house, Fate::ArrivesInSilence, found, found).await;
    });
}

#[test]
fn a_delivery_that_is_nowhere_and_that_its_dead_job_left_behind_is_unknown_and_then_failed() {
    each_engine(async |house| {
        let (unknown, absent) = (("unknown", "unknown", "unknown"), ("unknown", "failed", "unknown"));
        left_behind(house, Fate::IsLostInSilence, unknown, absent).await;
    });
}

#[test]
fn a_person_may_ask_about_one_that_its_dead_job_left_behind() {
    each_engine(async |house| {
        let dispatch = Dispatch::open(house).await;
        let file = cut_off(&dispatch, Fate::ArrivesInSilence).await;
        dispatch
            .sql("UPDATE job SET status = 'dead' WHERE kind = 'deliver_payment_file'")
            .await;
        let road = Road::to(dispatch.folder.path(), Fate::MustNotLeave);
        let app = dispatch.by(&road);
        let id = dispatch.last(file).await.id;
        // It may still be on its way.
        let early = delivery::check(&app, &dispatch.treasury, id).await.unwrap();
        assert_eq!(json!(early.status), json!("queued"));
        app.set_clock(app.clock.now() + chrono::TimeDelta::minutes(61))
            .await
            .unwrap();
        let desk = delivery::desk_file(&app, &dispatch.treasury, file).await.unwrap();
        assert!(desk.can_be_checked);
        let asked = delivery::check(&app, &dispatch.treasury, id).await.unwrap();
        assert_eq!(json!(asked.status), json!("sent"));
        dispatch.holds().await;
    });
}

#[test]
fn only_the_target_a_file_went_to_is_asked_about_it() {
    each_engine(async |house| {
        let (dispatch, file) = in_doubt(house).await;
        // The setting changes: at the new target nothing lies, and that says nothing.
        let elsewhere = TempDir::new().unwrap();
        let second = Road::to(elsewhere.path(), Fate::MustNotLeave);
        for minutes in [1, 1] {
            dispatch.chase_after(minutes, &second).await;
            assert_eq!(dispatch.states(file).await, told("unknown", "unknown", "unknown"));
        }
        let id = dispatch.last(file).await.id;
        let app = dispatch.by(&second);
        let asked = delivery::check(&app, &dispatch.treasury, id).await.unwrap();
        let detail = asked.detail.unwrap();
        let went = format!("it went to drop folder {}", dispatch.folder.path().display());
        assert!(detail.contains(&went) && detail.contains("look there"), "{detail}");
        let desk = delivery::desk_file(&app, &dispatch.treasury, file).await.unwrap();
        assert!(!desk.can_be_checked);
        assert_eq!(second.looked(), 0);
        // Where it went, it is found.
        let back = Road::to(dispatch.folder.path(), Fate::MustNotLeave);
        dispatch.chase_after(1, &back).await;
        assert_eq!(dispatch.states(file).await, told("delivered", "sent", "extracted"));
        // The database itself keeps where it went.
        for sql in [
            "UPDATE delivery SET target = 'elsewhere'",
            "UPDATE delivery SET target = NULL",
            "UPDATE delivery SET signature_name = NULL",
        ] {
            assert!(house.app.db.owner().execute_unprepared(sql).await.is_err(), "{sql}");
        }
        dispatch.holds().await;
    });
}

#[test]
fn an_acknowledgement_that_cannot_be_read_keeps_no_doubt_alive() {
    each_engine(async |house| {
        let (dispatch, file) = in_doubt(house).await;
        let deaf = Road::deaf(dispatch.folder.path(), Fate::MustNotLeave);
        dispatch.chase_after(1, &deaf).await;
        assert_eq!(dispatch.states(file).await, told("delivered", "sent", "extracted"));
        dispatch.holds().await;
    });
}

#[test]
fn a_target_that_fails_three_times_is_left_alone_until_the_next_slot() {
    each_engine(async |house| {
        let dispatch = Dispatch::open(house).await;
        let road = Road::blind(dispatch.folder.path(), Fate::ArrivesWithAnError);
        dispatch.release(&dispatch.by(&road)).await;
        dispatch.drain(&road).await;
        let files = dispatch.files().await;
        assert!(files.len() > 3, "{files:?}");
        for file in &files {
            assert_eq!(json!(dispatch.last(file.id).await.status), json!("unknown"));
        }
        let before = road.looked();
        dispatch.chase_after(1, &road).await;
        assert_eq!(road.looked() - before, 3);
        // The slot is over: it is not tried again, the next one asks.
        let conn = house.app.db.owner();
        let sql = "SELECT status FROM job WHERE kind = 'chase_unknown_deliveries'";
        let rows = conn.query_all_raw(Statement::from_string(conn.get_database_backend(), sql));
        let rows = rows.await.unwrap();
        let states: Vec<String> = rows.iter().map(|row| row.try_get("", "status").unwrap()).collect();
        assert_eq!(states, ["done"]);
        let seeing = Road::to(dispatch.folder.path(), Fate::MustNotLeave);
        dispatch.chase_after(1, &seeing).await;
        for file in &files {
            assert_eq!(json!(dispatch.last(file.id).await.status), json!("sent"));
        }
        dispatch.holds().await;
    });
}

/// Is a statement of this database waiting for a lock?
async fn somebody_waits(house: &House) -> bool {
    let conn = house.app.db.owner();
    let sql = "SELECT count(*) AS waiting FROM pg_stat_activity \
               WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let row = conn.query_one_raw(Statement::from_string(conn.get_database_backend(), sql));
    row.await.unwrap().unwrap().try_get::<i64>("", "waiting").unwrap() > 0
}

#[test]
fn a_step_and_an_acknowledgement_at_the_same_time_do_not_lock_each_other_out() {
    each_engine(async |house| {
        if house.app.db.is_sqlite() {
            // There is one writer at a time.
            return;
        }
        let (dispatch, file) = in_doubt(house).await;
        let id = dispatch.last(file).await.id;
        let app = dispatch.by(&Road::to(dispatch.folder.path(), Fate::MustNotLeave));
        let treasury = dispatch.treasury.clone();
        // As an acknowledgement does: the file first, then its delivery.
        let step = house
            .app
            .db
            .write(async |txn| {
                let lock = format!("SELECT id FROM payment_file WHERE id = '{file}' FOR UPDATE");
                txn.conn().execute_unprepared(&lock).await?;
                let step = tokio::spawn(async move { delivery::check(&app, &treasury, id).await });
                while !somebody_waits(house).await {
                    tokio::task::yield_now().await;
                }
                let update = format!("UPDATE delivery SET version = version + 1 WHERE id = '{id}'");
                txn.conn().execute_unprepared(&update).await?;
                Ok(step)
            })
            .await
            .unwrap();
        assert_eq!(json!(step.await.unwrap().unwrap().status), json!("sent"));
        let own = payment_file::get(&house.app, &dispatch.treasury, file).await.unwrap();
        assert_eq!(json!(own.status), json!("delivered"));
        dispatch.holds().await;
    });
}
