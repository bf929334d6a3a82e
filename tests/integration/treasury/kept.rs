//! The bytes of a file are kept as they were built: the same for ever, or refused.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use service::delivery;
use service::job;
use service::payment_file::{self, FileView};
use service::{App, Db, ProblemCode, Role, verify};

use super::road::{Dispatch, Fate, Road};
use crate::harness::{House, each_engine};

/// One value that the database tells.
async fn told(house: &House, sql: &str) -> String {
    let conn = house.app.db.owner();
    let statement = Statement::from_string(conn.get_database_backend(), sql);
    let row = conn.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get("", "told").unwrap()
}

/// The installation as a process sees it that starts now.
async fn restarted(house: &House) -> App {
    let url = if house.app.db.is_sqlite() {
        let file = told(
            house,
            "SELECT file AS told FROM pragma_database_list WHERE name = 'main'",
        )
        .await;
        format!("sqlite:{file}")
    } else {
        let server = std::env::var("ANSINH_TEST_POSTGRES").unwrap();
        let (base, _) = server.rsplit_once('/').unwrap();
        let name = told(house, "SELECT CAST(current_database() AS text) AS told").await;
        format!("{base}/{name}")
    };
    App {
        db: Db::connect(&url).await.unwrap(),
        ..house.app.clone()
    }
}

/// Every file by its name, as it is fetched.
async fn fetched(app: &App, dispatch: &Dispatch) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for file in dispatch.files().await {
        let (name, bytes) = payment_file::content(app, &dispatch.treasury, file.id).await.unwrap();
        files.insert(name, bytes);
    }
    files
}

/// Takes away what keeps the bytes from being changed, as only who owns the database can.
async fn unguarded(house: &House, dispatch: &Dispatch) {
    for trigger in ["payment_file_content_keeps_rows", "payment_file_content_no_delete"] {
        let table = if house.app.db.is_sqlite() {
            ""
        } else {
            " ON payment_file_content"
        };
        dispatch.sql(&format!("DROP TRIGGER {trigger}{table}")).await;
    }
}

/// The faults that `verify` finds with files.
async fn faults(app: &App) -> Vec<String> {
    let checks = verify::all(app).await.unwrap();
    let mut own = checks.into_iter().filter(|check| check.name.starts_with("files: "));
    own.next().unwrap().faults
}

#[test]
fn a_file_is_the_same_after_a_restart_whatever_became_of_what_it_was_written_from() {
    each_engine(async |house| {
        let dispatch = Dispatch::open(house).await;
        let built = dispatch.build().await;
        let first = fetched(&house.app, &dispatch).await;
        assert!(
            built.iter().all(|file| file.sha256.is_some() && file.size.is_some()),
            "{built:?}"
        );
        for name in ["treasury-list.xlsx", "change-list.xlsx", "treasury-figures.xlsx"] {
            assert!(first.contains_key(name), "{name} in {:?}", first.keys());
        }
        // A list written now would show other names.
        dispatch
            .sql("UPDATE pay_run_person SET full_name = 'Nguyễn Văn Khác'")
            .await;
        let app = restarted(house).await;
        assert!(
            fetched(&app, &dispatch).await == first,
            "a file differs after a restart"
        );
        app.db.close().await.unwrap();
        dispatch.holds().await;
    });
}

#[test]
fn kept_bytes_are_neither_changed_nor_deleted_nor_added_to() {
    each_engine(async |house| {
        let dispatch = Dispatch::open(house).await;
        dispatch.build().await;
        for sql in [
            "UPDATE payment_file_content SET bytes = bytes",
            "UPDATE payment_file_content SET part = part + 1",
            "DELETE FROM payment_file_content",
            "INSERT INTO payment_file_content (file_id, part, bytes) SELECT file_id, part + 9, bytes FROM payment_file_content",
            "UPDATE payment_file SET sha256 = 'other'",
            "UPDATE payment_file SET size = size + 1",
            "DELETE FROM payment_file",
        ] {
            let refused = house.app.db.owner().execute_unprepared(sql).await;
            assert!(refused.is_err(), "{sql}");
        }
        dispatch.holds().await;
    });
}

#[test]
fn kept_bytes_that_were_tampered_with_are_refused_and_never_delivered() {
    each_engine(async |house| {
        let dispatch = Dispatch::open(house).await;
        dispatch.build().await;
        let file = dispatch.order_file().await;
        unguarded(house, &dispatch).await;
        let key = house.key(Role::Treasury, None).await;
        let hex = |digits: &str| {
            if house.app.db.is_sqlite() {
                format!("X'{digits}'")
            } else {
                format!("'\\x{digits}'::bytea")
            }
        };
        let others = "(SELECT bytes FROM payment_file_content WHERE part = 0 AND file_id = \
                      (SELECT id FROM payment_file WHERE name = 'treasury-list.xlsx'))";
        // No stream, an empty one, and that of another file.
        for bytes in [hex("ffffff"), hex("0300"), others.to_owned()] {
            tamper(&dispatch, &file, &bytes).await;
            let refused = payment_file::content(&house.app, &dispatch.treasury, file.id).await;
            assert_eq!(refused.unwrap_err().code, ProblemCode::ContentChanged, "{bytes}");
        }
        let answer = house
            .call("GET", &format!("/v1/payment-files/{}/content", file.id))
            .key(&key)
            .send()
            .await;
        assert_eq!(answer.status, 409, "{answer:?}");
        answer.problem("content-changed");

        let road = Road::to(dispatch.folder.path(), Fate::MustNotLeave);
        let app = dispatch.by(&road);
        delivery::deliver(&app, &dispatch.treasury, file.id).await.unwrap();
        job::drain(&app, job::KINDS).await.unwrap();
        assert_eq!((road.sent(), dispatch.lies_there().len()), (0, 0));
        // It ends with its reason, so that a person sees it and may ask for it again.
        let ended = dispatch.last(file.id).await;
        assert_eq!(
            (json!(ended.status), ended.error.as_deref()),
            (json!("failed"), Some("unreadable"))
        );
        let detail = ended.detail.unwrap();
        assert!(detail.contains("content-changed"), "{detail}");
        let faults = faults(&house.app).await;
        assert_eq!(faults, [format!("file {} was altered", file.name)]);
    });
}

async fn tamper(dispatch: &Dispatch, file: &FileView, bytes: &str) {
    let name = &file.name;
    dispatch
        .sql(&format!(
            "UPDATE payment_file_content SET bytes = {bytes} \
             WHERE file_id = (SELECT id FROM payment_file WHERE name = '{name}')"
        ))
        .await;
}

#[test]
fn a_file_of_which_no_bytes_are_kept_is_written_again_to_its_hash() {
    each_engine(async |house| {
        let dispatch = Dispatch::open(house).await;
        dispatch.build().await;
        let kept = fetched(&house.app, &dispatch).await;
        unguarded(house, &dispatch).await;
        // As of files that were built before bytes were kept.
        dispatch.sql("DELETE FROM payment_file_content").await;
        assert!(fetched(&house.app, &dispatch).await == kept, "a file is not as it was");
        dispatch.holds().await;
        // What it is written from was altered: it is not given out as what was built.
        dispatch
            .sql("UPDATE pay_run_person SET full_name = 'Nguyễn Văn Khác'")
            .await;
        let files = dispatch.files().await;
        let list = files.iter().find(|file| file.name == "treasury-list.xlsx").unwrap();
        let refused = payment_file::content(&house.app, &dispatch.treasury, list.id).await;
        assert_eq!(refused.unwrap_err().code, ProblemCode::ContentChanged);
        // Who looks everything over is told of it, and goes on to the end.
        let faults = faults(&house.app).await;
        assert!(
            faults.contains(&"file treasury-list.xlsx was altered".to_owned()),
            "{faults:?}"
        );
    });
}
