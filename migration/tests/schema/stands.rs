//! On SQLite a line has a column that says whether it stands: it is what the status says, whoever writes either.

use entity::enums::LineStatus;
use entity::payment_line;
use migration::{Refusal, refusal};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, IntoActiveModel, Set, Statement,
};

use crate::history::line;
use crate::support::{self, id, run};

async fn sqlite() -> DatabaseConnection {
    let db = support::sqlite().await;
    migration::run(&db).await.unwrap();
    db
}

/// The one number, named `number`, of a query.
async fn number(db: &DatabaseConnection, sql: &str) -> i64 {
    let row = db
        .query_one_raw(Statement::from_string(DbBackend::Sqlite, sql))
        .await
        .unwrap();
    row.unwrap().try_get("", "number").unwrap()
}

async fn refused(db: &DatabaseConnection, sql: &str) -> Option<Refusal> {
    refusal(&db.execute_unprepared(sql).await.unwrap_err())
}

const APART: &str = "SELECT COUNT(*) AS number FROM payment_line \
     WHERE stands <> CASE status WHEN 'cancelled' THEN 0 WHEN 'reissued' THEN 1 ELSE 2 END";

#[tokio::test]
async fn whether_a_line_stands_is_what_its_status_says() {
    let db = sqlite().await;
    let first = line(run(&db).await.id);
    let first = first.into_active_model().reset_all().insert(&db).await.unwrap();
    for forged in [
        "UPDATE payment_line SET stands = 0",
        "UPDATE OR IGNORE payment_line SET stands = 1",
        "UPDATE payment_line SET status = 'cancelled', stands = 2",
    ] {
        assert_eq!(refused(&db, forged).await, Some(Refusal::Immutable), "{forged}");
    }
    let mut gone = first.clone().into_active_model();
    gone.status = Set(LineStatus::Cancelled);
    gone.update(&db).await.unwrap();
    assert_eq!(number(&db, "SELECT stands AS number FROM payment_line").await, 0);
    let second = payment_line::Model { id: id(), ..first };
    second.into_active_model().reset_all().insert(&db).await.unwrap();
    // Its month is paid by another line by now.
    for how in ["", "OR IGNORE", "OR FAIL", "OR REPLACE"] {
        let back = format!("UPDATE {how} payment_line SET status = 'draft' WHERE status = 'cancelled'");
        assert_eq!(refused(&db, &back).await, Some(Refusal::Immutable), "{how}");
        assert_eq!(number(&db, APART).await, 0, "{how}");
    }
    assert_eq!(payment_line::Entity::find().all(&db).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_line_comes_back_where_no_other_pays_its_month() {
    let db = sqlite().await;
    let own = line(run(&db).await.id);
    own.into_active_model().reset_all().insert(&db).await.unwrap();
    for status in ["cancelled", "draft", "live"] {
        let sql = format!("UPDATE payment_line SET status = '{status}'");
        db.execute_unprepared(&sql).await.unwrap();
        assert_eq!(number(&db, APART).await, 0, "{status}");
    }
    assert_eq!(number(&db, "SELECT stands AS number FROM payment_line").await, 2);
}

#[tokio::test]
async fn a_release_writes_no_index_of_lines() {
    let db = sqlite().await;
    let sql = "EXPLAIN UPDATE payment_line SET status = 'live' WHERE status = 'draft'";
    let steps = db
        .query_all_raw(Statement::from_string(DbBackend::Sqlite, sql))
        .await
        .unwrap();
    // The programs of triggers come behind, each numbered from 0 again.
    let mut own = Vec::new();
    for step in &steps {
        let at: i32 = step.try_get("", "addr").unwrap();
        if at == 0 && !own.is_empty() {
            break;
        }
        own.push(step.try_get::<String>("", "opcode").unwrap());
    }
    assert!(own.iter().any(|step| step == "Insert"), "{own:?}");
    assert!(!own.iter().any(|step| step.starts_with("Idx")), "{own:?}");
}
