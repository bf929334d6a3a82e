//! Single orders are found by an index, never by reading all of them.

use sea_orm::{ConnectionTrait, DbBackend, Statement};

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
        ("status = 'returned'", "ix_payment_order_status_id"),
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
