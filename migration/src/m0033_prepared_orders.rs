//! Orders and files of a submitted run are made before it is approved; and what changes of every line and order of a run
//! stands in no index.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        pay_run_plan(schema).await?;
        prepared_list(schema).await?;
        if schema.get_connection().get_database_backend() == DbBackend::Postgres {
            lines_change_in_place(schema).await?;
            orders_change_in_place(schema).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn pay_run_plan(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("pay_run_plan")
        .col(uuid("pay_run_id").primary_key())
        .col(big_integer("revision"))
        .col(string("digest"))
        .col(big_integer("order_count"))
        .col(string("orders"))
        .col(string("files"))
        .foreign_key(&mut refers("pay_run_plan", "pay_run_id", "pay_run", "id"));
    schema.create_table(table).await
}

async fn prepared_list(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("prepared_list")
        .col(uuid("pay_run_id"))
        .col(string("kind"))
        .col(integer("part"))
        .col(uuid("seal"))
        .col(blob("bytes"))
        .primary_key(&mut primary_key(&["pay_run_id", "kind", "part"]))
        .foreign_key(&mut refers("prepared_list", "pay_run_id", "pay_run", "id"));
    schema.create_table(table).await?;
    // The bytes are compressed already.
    let db = schema.get_connection();
    if db.get_database_backend() == DbBackend::Postgres {
        db.execute_unprepared("ALTER TABLE prepared_list ALTER COLUMN bytes SET STORAGE EXTERNAL")
            .await?;
    }
    Ok(())
}

/// The rules that a line is unique by (m0006, m0017) leave cancelled lines out. PostgreSQL changes a row in place, without
/// a new entry in each index, where no index or its condition reads what changes: the conditions read whether the line
/// is cancelled, not which of its other states it is in.
async fn lines_change_in_place(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = schema.get_connection();
    for sql in [
        "DROP INDEX ux_payment_line_regular",
        "DROP INDEX ux_payment_line_arrears",
        "DROP INDEX ux_payment_line_reissue",
        // A line changes its state all together with the others of its run: half of each page is room for that.
        "ALTER TABLE payment_line SET (fillfactor = 50)",
        "ALTER TABLE payment_line ADD COLUMN cancelled boolean NOT NULL GENERATED ALWAYS AS (status = 'cancelled') STORED",
        "CREATE UNIQUE INDEX ux_payment_line_regular ON payment_line (entitlement_id, component, cover_month) \
         WHERE kind = 'regular' AND NOT cancelled",
        "CREATE UNIQUE INDEX ux_payment_line_arrears ON payment_line \
         (entitlement_id, component, cover_month, determination_id) \
         WHERE kind IN ('arrears', 'one_off') AND NOT cancelled",
        "CREATE UNIQUE INDEX ux_payment_line_reissue ON payment_line \
         (entitlement_id, component, cover_month, determination_id, sequence) WHERE kind = 'reissue' AND NOT cancelled",
    ] {
        db.execute_unprepared(sql).await?;
    }
    Ok(())
}

/// The same for orders, whose states m0032 put into an index: it keeps the states that orders are looked for by, and that
/// only few of them are in. Those that whole runs pass through stand in none.
async fn orders_change_in_place(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = schema.get_connection();
    for sql in [
        "DROP INDEX ix_payment_order_status_id",
        "ALTER TABLE payment_order ADD COLUMN set_apart varchar GENERATED ALWAYS AS \
         (CASE WHEN status IN ('unknown', 'rejected', 'returned') THEN status END) STORED",
        "CREATE INDEX ix_payment_order_status_id ON payment_order (set_apart, id) WHERE set_apart IS NOT NULL",
    ] {
        db.execute_unprepared(sql).await?;
    }
    Ok(())
}
