//! Deliveries whose sender died or was told nothing: never paid for twice, never forgotten.

use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use service::ProblemCode;
use service::delivery::{self, ChaseUnknownDeliveries};
use service::job;

use super::road::{Dispatch, Fate, Road};
use crate::harness::{House, each_engine};

fn told(states: (&str, &str, &str)) -> (String, String, Vec<String>) {
    (states.0.to_owned(), states.1.to_owned(), vec![states.2.to_owned()])
}

/// The steps of the orders since they left, one order's after the other.
async fn steps(house: &House) -> Vec<String> {
    let conn = house.app.db.owner();
    let sql = "SELECT from_status || '>' || to_status AS step FROM payment_order_history WHERE sequence > 2 \
               ORDER BY order_id, sequence";
    let rows = conn.query_all_raw(Statement::from_string(conn.get_database_backend(), sql));
    let rows = rows.await.unwrap();
    rows.iter().map(|row| row.try_get("", "step").unwrap()).collect()
}

#[test]
fn killed_after_the_file_was_in_its_place_a_second_run_finds_it_and_sends_nothing() {
    each_engine(async |house| {
        let dispatch = Dispatch::open(house).await;
        dispatch.build().await;
        let file = dispatch.order_file().await;
        let victim = Road::to(dispatch.folder.path(), Fate::ArrivesInSilence);
        delivery::deliver(&dispatch.by(&victim), &dispatch.treasury, file.id)
            .await
            .unwrap();
        dispatch.killed_in_silence(&victim).await;
        let before = dispatch.lies_there();
        assert_eq!(before.len(), 3, "the file, its manifest and its signature");
        let heir = Road::to(dispatch.folder.path(), Fate::MustNotLeave);
        dispatch.drain(&heir).await;
        assert_eq!((victim.sent(), heir.sent()), (1, 0));
        assert_eq!(dispatch.states(file.id).await, told(("delivered", "sent", "extracted")));
        assert_eq!(dispatch.lies_there(), before);
        assert_eq!(steps(house).await, Vec::<String>::new(), "no order ever stood in doubt");
        dispatch.holds().await;
    });
}

#[test]
fn killed_before_a_byte_arrived_it_is_unknown_until_asked_and_goes_out_the_same() {
    each_engine(async |house| {
        let dispatch = Dispatch::open(house).await;
        dispatch.build().await;
        let file = dispatch.order_file().await;
        let victim = Road::to(dispatch.folder.path(), Fate::IsLostInSilence);
        delivery::deliver(&dispatch.by(&victim), &dispatch.treasury, file.id)
            .await
            .unwrap();
        dispatch.killed_in_silence(&victim).await;
        let heir = Road::to(dispatch.folder.path(), Fate::MustNotLeave);
        dispatch.drain(&heir).await;
        assert_eq!(dispatch.states(file.id).await, told(("unknown", "unknown", "unknown")));
        let app = dispatch.by(&heir);
        // Nobody sends it while nobody knows.
        let early = delivery::deliver(&app, &dispatch.treasury, file.id).await.unwrap_err();
        assert_eq!(early.code, ProblemCode::IllegalTransition);
        let first = dispatch.last(file.id).await;
        let asked = delivery::check(&app, &dispatch.treasury, first.id).await.unwrap();
        assert_eq!(
            (json!(asked.status), asked.error.as_deref()),
            (json!("failed"), Some("absent"))
        );
        let words = asked.error_text.unwrap();
        assert!(words.en.contains("never came, or was taken"), "{words:?}");
        assert!(words.vi.contains("hãy hỏi bên nhận trước khi gửi lại"), "{words:?}");
        // It may have been taken away: the orders stay in doubt until it is there.
        assert_eq!(dispatch.states(file.id).await, told(("unknown", "failed", "unknown")));
        dispatch.holds().await;

        let road = Road::to(dispatch.folder.path(), Fate::Arrives);
        let second = delivery::deliver(&dispatch.by(&road), &dispatch.treasury, file.id)
            .await
            .unwrap();
        dispatch.drain(&road).await;
        assert_eq!(second.attempt, 2);
        assert_eq!(
            (&second.target_name, &second.sha256),
            (&first.target_name, &first.sha256)
        );
        assert_eq!(dispatch.states(file.id).await, told(("delivered", "sent", "extracted")));
        let bytes = &dispatch.lies_there()[&first.target_name];
        let original = service::payment_file::content(&house.app, &dispatch.treasury, file.id).await;
        assert!(
            *bytes == original.unwrap().1,
            "it is the file that was approved, to the byte"
        );
        assert_eq!(dispatch.order_file().await.message_id, file.message_id);
        let steps = steps(house).await;
        let (lost, found): (Vec<_>, Vec<_>) = steps.iter().partition(|step| *step == "extracted>unknown");
        assert!(!lost.is_empty() && lost.len() == found.len(), "{steps:?}");
        assert!(found.iter().all(|step| *step == "unknown>extracted"), "{steps:?}");
        dispatch.holds().await;
    });
}

#[test]
fn an_error_after_the_bytes_left_is_asked_about_on_a_schedule_and_nothing_is_sent_twice() {
    each_engine(async |house| {
        let dispatch = Dispatch::open(house).await;
        dispatch.build().await;
        let file = dispatch.order_file().await;
        let road = Road::blind(dispatch.folder.path(), Fate::ArrivesWithAnError);
        delivery::deliver(&dispatch.by(&road), &dispatch.treasury, file.id)
            .await
            .unwrap();
        dispatch.drain(&road).await;
        assert_eq!(dispatch.states(file.id).await, told(("unknown", "unknown", "unknown")));
        let before = dispatch.lies_there();
        // While nobody can look, it stays as it is.
        let blind = delivery::check(&dispatch.by(&road), &dispatch.treasury, dispatch.last(file.id).await.id).await;
        assert_eq!(blind.unwrap_err().code, ProblemCode::Unavailable);
        let seeing = Road::to(dispatch.folder.path(), Fate::MustNotLeave);
        let app = dispatch.by(&seeing);
        let chase = ChaseUnknownDeliveries {
            slot: app.clock.local().naive_local(),
        };
        app.db.write(async |txn| job::enqueue(txn, &chase).await).await.unwrap();
        dispatch.drain(&seeing).await;
        assert_eq!(dispatch.states(file.id).await, told(("delivered", "sent", "extracted")));
        assert_eq!(dispatch.lies_there(), before);
        assert_eq!((road.sent(), seeing.sent()), (1, 0));
        assert_eq!(dispatch.last(file.id).await.attempt, 1);
        dispatch.holds().await;
    });
}

#[test]
fn the_treasury_that_holds_the_bytes_ends_the_doubt() {
    each_engine(async |house| {
        let dispatch = Dispatch::open(house).await;
        dispatch.build().await;
        let file = dispatch.order_file().await;
        let road = Road::blind(dispatch.folder.path(), Fate::ArrivesWithAnError);
        let app = dispatch.by(&road);
        delivery::deliver(&app, &dispatch.treasury, file.id).await.unwrap();
        dispatch.drain(&road).await;
        let own = dispatch.order_file().await;
        let sha256 = own.sha256.clone().unwrap();
        let digits = format!("{} … {}", &sha256[..8], &sha256[56..]);
        let wrong = digits.replace(&sha256[..1], if sha256.starts_with('0') { "1" } else { "0" });
        let read_out = async |digits: &str| {
            service::payment_file::acknowledge_read_out(&app, &dispatch.treasury, own.id, own.version, digits).await
        };
        assert_eq!(read_out(&wrong).await.unwrap_err().code, ProblemCode::Invalid);
        read_out(&digits).await.unwrap();
        assert_eq!(
            dispatch.states(file.id).await,
            told(("acknowledged", "acknowledged", "extracted"))
        );
        dispatch.holds().await;
    });
}

#[test]
fn the_database_itself_keeps_the_history_of_deliveries() {
    each_engine(async |house| {
        let dispatch = Dispatch::open(house).await;
        dispatch.build().await;
        let file = dispatch.order_file().await;
        let road = Road::to(dispatch.folder.path(), Fate::Arrives);
        delivery::deliver(&dispatch.by(&road), &dispatch.treasury, file.id)
            .await
            .unwrap();
        dispatch.drain(&road).await;
        let conn = house.app.db.owner();
        for sql in [
            "UPDATE delivery SET sha256 = 'other'",
            "UPDATE delivery SET target_name = 'other.xml'",
            "UPDATE delivery SET status = 'queued'",
            "UPDATE delivery SET status = 'unknown'",
            "DELETE FROM delivery",
        ] {
            let refused = conn.execute_unprepared(sql).await;
            assert!(refused.is_err(), "{sql}");
        }
        dispatch.holds().await;
    });
}
