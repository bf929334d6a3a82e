//! The steps and the entities describe the same tables.

use std::collections::BTreeMap;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, EntityName, EntityTrait, QuerySelect, Schema, Statement,
};

use crate::support;

/// Calls a macro with every table.
macro_rules! every_table {
    ($each:ident) => {
        $each!(
            access_grant application approval_act area area_successor arrears audit_event audit_head bank
            bank_report bank_report_line client decision determination determination_period enrollment entitlement
            evidence fund fund_balance held_payment household household_member idempotency_key installation
            instrument instrument_revision job job_chunk job_run legal_text overpayment overpayment_appeal overpayment_case
            overpayment_deduction overpayment_event overpayment_instalment overpayment_month overpayment_recovery pay_run payee payee_account
            payment_file payment_line
            pay_run_person payment_order payment_order_event person posting program reassessment_outcome release relief_claim
            relief_event relief_request residence simulation simulation_part user_account
            month_close month_close_correction month_close_item month_close_order recall registry_finding return_cancellation
            suspense_resolution
            bank_profile bank_profile_proposal delivery treasury_session
            approval_tier calendar_day fund_line fund_transfer pay_run_exclusion
            payment_file_content
            batch_entry amount_difference difference_settlement statement_total
            treasury_proposal
            recall_delivery
            bank_silence
            bank_report_file suspense_candidate
            fund_line_draw
            reminder
            pay_run_plan pay_run_step prepared_list
            relief_line_hold
            key_issue pay_run_maker
            report_set_aside
            suspense_resolution_order
            payment_file_signature payment_file_fetch
            recall_answer
        )
    };
}

type Columns = Vec<(String, String, i32, i32)>;

/// Name, type, whether never null, and place in the key, of each column of each table; but for the one that triggers keep
/// for indexes alone (m0067).
async fn described(db: &DatabaseConnection) -> BTreeMap<String, Columns> {
    let sql = "SELECT t.name AS table_name, c.name, c.type, c.\"notnull\", c.pk
        FROM sqlite_master AS t, pragma_table_info(t.name) AS c
        WHERE t.type = 'table' AND t.name <> 'seaql_migrations' AND t.name NOT LIKE 'sqlite_%'
          AND NOT (t.name = 'payment_line' AND c.name = 'stands') ORDER BY t.name, c.cid";
    let mut tables = BTreeMap::<String, Columns>::new();
    for row in db
        .query_all_raw(Statement::from_string(DbBackend::Sqlite, sql))
        .await
        .unwrap()
    {
        let text = |column: &str| row.try_get::<String>("", column).unwrap();
        let number = |column: &str| row.try_get::<i32>("", column).unwrap();
        let column = (text("name"), text("type"), number("notnull"), number("pk"));
        tables.entry(text("table_name")).or_default().push(column);
    }
    tables
}

#[tokio::test]
async fn the_steps_make_the_tables_of_the_entities() {
    let (migrated, declared) = (support::sqlite().await, support::sqlite().await);
    migration::run(&migrated).await.unwrap();
    let schema = Schema::new(DbBackend::Sqlite);
    macro_rules! create {
        ($($table:ident)*) => {
            $(declared.execute(&schema.create_table_from_entity(entity::$table::Entity)).await.unwrap();)*
        };
    }
    every_table!(create);
    let (migrated, declared) = (described(&migrated).await, described(&declared).await);
    assert_eq!(migrated.keys().collect::<Vec<_>>(), declared.keys().collect::<Vec<_>>());
    for (table, columns) in &migrated {
        assert_eq!(Some(columns), declared.get(table), "{table}");
    }
}

async fn can_be_read(db: &DatabaseConnection) {
    macro_rules! read {
        ($($table:ident)*) => {
            $(
                let rows = entity::$table::Entity::find().limit(1).all(db).await;
                assert_eq!(rows.map(|rows| rows.len()), Ok(0), "{}", entity::$table::Entity.table_name());
            )*
        };
    }
    every_table!(read);
}

#[tokio::test]
async fn every_table_can_be_read() {
    can_be_read(&support::migrated().await).await;
}

#[tokio::test]
async fn migrating_again_changes_nothing() {
    let db = support::empty().await;
    let pending = migration::pending(&db).await.unwrap();
    assert_eq!(pending.first().map(String::as_str), Some("m0001_access_and_audit"));
    migration::run(&db).await.unwrap();
    assert_eq!(migration::pending(&db).await.unwrap(), Vec::<String>::new());
    migration::run(&db).await.unwrap();
}

#[tokio::test]
async fn processes_that_start_together_migrate_once() {
    let db = support::empty().await;
    let (one, two, three) = tokio::join!(migration::run(&db), migration::run(&db), migration::run(&db));
    assert_eq!((one, two, three), (Ok(()), Ok(()), Ok(())));
    assert_eq!(migration::pending(&db).await, Ok(Vec::new()));
}

/// As a database stands that had m0067 and m0068 before m0065 and m0066.
async fn without_those_between(db: &DatabaseConnection) {
    let mut undo = vec![
        "ALTER TABLE batch_entry DROP COLUMN bank_reference",
        "ALTER TABLE bank_report_line DROP COLUMN booked_on",
        "ALTER TABLE bank_report DROP COLUMN marks_kept",
        "DROP INDEX ux_amount_difference_line_order",
        "CREATE UNIQUE INDEX ux_amount_difference_line_id ON amount_difference (line_id) WHERE line_id IS NOT NULL",
        "DROP TABLE suspense_resolution_order",
        "DELETE FROM seaql_migrations WHERE version IN ('m0065_files_found_paid', 'm0066_marks_kept')",
    ];
    if db.get_database_backend() == DbBackend::Postgres {
        undo.push(
            "DROP FUNCTION suspense_resolution_order_by_two, suspense_resolution_order_keeps_rows, \
             suspense_resolution_order_no_delete",
        );
    }
    for sql in undo {
        db.execute_unprepared(sql).await.unwrap();
    }
}

#[tokio::test]
async fn steps_between_those_that_a_database_has_are_taken_too() {
    let db = support::migrated().await;
    without_those_between(&db).await;
    let pending = migration::pending(&db).await.unwrap();
    assert_eq!(pending, ["m0065_files_found_paid", "m0066_marks_kept"]);
    migration::run(&db).await.unwrap();
    assert_eq!(migration::pending(&db).await.unwrap(), Vec::<String>::new());
    can_be_read(&db).await;
    if db.get_database_backend() == DbBackend::Postgres {
        // As m0068 leaves them, so stands the guard that is made anew.
        let before = "SELECT COUNT(*) AS number FROM pg_trigger WHERE NOT tgisinternal AND tgtype = 1 + 2 + 16 \
                      AND tgrelid IN ('payment_line'::regclass, 'payment_order'::regclass)";
        let row = db
            .query_one_raw(Statement::from_string(DbBackend::Postgres, before))
            .await
            .unwrap();
        assert_eq!(row.unwrap().try_get::<i64>("", "number").unwrap(), 0);
    }
}
