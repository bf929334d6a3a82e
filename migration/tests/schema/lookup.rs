//! Single orders are found by an index, never by reading all of them.

use sea_orm::{ConnectionTrait, DbBackend, Statement, TransactionTrait};

use crate::support;

/// How SQLite means to answer a question about orders, a page of it.
async fn plan(condition: &str) -> String {
    let db = support::sqlite().await;
    migration::run(&db).await.unwrap();
    let sql =
        format!("EXPLAIN QUERY PLAN SELECT * FROM payment_order WHERE {condition} AND id > 'a' ORDER BY id LIMIT 51");
    let rows = db
        .query_all_raw(Statement::from_string(DbBackend::Sqlite, sql))
        .await
        .unwrap();
    let steps: Vec<String> = rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
    steps.join("; ")
}

#[tokio::test]
async fn each_filter_of_orders_has_an_index() {
    for (condition, index) in [
        ("reference = 'a'", "ux_payment_order_reference"),
        ("uetr = 'a'", "ux_payment_order_uetr"),
        ("account_number = 'a'", "ix_payment_order_account_number_id"),
        ("set_apart = 'returned'", "ix_payment_order_status_id"),
        ("pay_run_id = 'a'", "ix_payment_order_pay_run_id_id"),
        (
            "id IN (SELECT order_id FROM payment_line WHERE person_id = 'a' AND order_id IS NOT NULL)",
            "ix_payment_line_person_id",
        ),
    ] {
        let plan = plan(condition).await;
        assert!(
            plan.contains(index) && !plan.contains("SCAN payment_order"),
            "{condition}: {plan}"
        );
    }
}

/// How PostgreSQL means to answer a question where it may not read all of a table if anything else is left.
#[expect(clippy::disallowed_methods, reason = "nothing is written")]
async fn plan_there(db: &sea_orm::DatabaseConnection, sql: &str) -> String {
    let txn = db.begin().await.unwrap();
    txn.execute_unprepared("SET LOCAL enable_seqscan = off").await.unwrap();
    let rows = txn
        .query_all_raw(Statement::from_string(DbBackend::Postgres, format!("EXPLAIN {sql}")))
        .await
        .unwrap();
    let steps: Vec<String> = rows.iter().map(|row| row.try_get("", "QUERY PLAN").unwrap()).collect();
    steps.join("; ")
}

/// The states that PostgreSQL keeps apart are asked for by the column that holds them: by the state itself no index serves.
#[tokio::test]
async fn orders_in_a_rare_state_are_found_by_their_index_on_postgres() {
    let db = support::migrated().await;
    if db.get_database_backend() != DbBackend::Postgres {
        return;
    }
    let run = "'00000000-0000-0000-0000-000000000000'";
    for condition in [
        "set_apart IN ('unknown')",
        "set_apart IN ('rejected', 'returned')",
        format!(
            "set_apart IN ('unknown', 'rejected', 'returned') OR \
             (pay_run_id IN ({run}) AND status IN ('extracted', 'accepted'))"
        )
        .as_str(),
    ] {
        let plan = plan_there(&db, &format!("SELECT id FROM payment_order WHERE {condition}")).await;
        assert!(
            plan.contains("ix_payment_order_status_id") && !plan.contains("Seq Scan"),
            "{condition}: {plan}"
        );
    }
    let lines = format!(
        "SELECT id FROM payment_line WHERE pay_run_id = {run} AND (status <> 'cancelled' OR order_id IN \
         (SELECT id FROM payment_order WHERE set_apart IN ('rejected', 'returned')))"
    );
    let plan = plan_there(&db, &lines).await;
    assert!(
        plan.contains("ix_payment_order_status_id") && !plan.contains("Seq Scan"),
        "{plan}"
    );
    let plain = "SELECT id FROM payment_order WHERE status IN ('rejected', 'returned')";
    let plan = plan_there(&db, plain).await;
    assert!(!plan.contains("ix_payment_order_status_id"), "{plan}");
}

#[tokio::test]
async fn the_indexes_stand_on_either_engine() {
    let db = support::migrated().await;
    let backend = db.get_database_backend();
    let sql = if backend == DbBackend::Sqlite {
        "SELECT name FROM sqlite_master WHERE type = 'index'"
    } else {
        "SELECT indexname::text AS name FROM pg_indexes WHERE schemaname = 'public'"
    };
    let rows = db.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
    let names: Vec<String> = rows.iter().map(|row| row.try_get("", "name").unwrap()).collect();
    for wanted in [
        "ix_payment_order_account_number_id",
        "ix_payment_order_status_id",
        "ix_pay_run_cover_month_created_at_id",
    ] {
        assert!(names.iter().any(|name| name == wanted), "{wanted}: {names:?}");
    }
}
