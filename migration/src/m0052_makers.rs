//! Whoever makes a pay run neither approves nor releases it, however many keys they hold. A person is known by an official
//! number, and it is on record who gave whom a key: nobody signs beside whom they gave one.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        staff_number(schema).await?;
        pay_run_maker(schema).await?;
        key_issue(schema).await?;
        from_the_audit_trail(schema).await?;
        append_only(schema, "pay_run_maker").await?;
        append_only(schema, "key_issue").await?;
        not_by_its_makers(schema).await?;
        not_beside_a_giver(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// Rows of earlier versions, and the people of the installation itself, have none; once said, it stays.
async fn staff_number(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "user_account";
    add_column(schema, table, string_null("staff_number")).await?;
    unique(schema, table, &["staff_number"]).await?;
    let guard = Guard {
        name: "user_account_keeps_number",
        table,
        event: "UPDATE OF staff_number",
        when: "OLD.staff_number IS NOT NULL AND NEW.staff_number IS DISTINCT FROM OLD.staff_number",
        unless: None,
        refusal: Refusal::Immutable,
    };
    refuse(schema, guard).await
}

async fn pay_run_maker(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("pay_run_maker")
        .col(uuid("pay_run_id"))
        .col(uuid("user_id"))
        .col(timestamp_with_time_zone("at"))
        .primary_key(&mut primary_key(&["pay_run_id", "user_id"]))
        .foreign_key(&mut refers("pay_run_maker", "pay_run_id", "pay_run", "id"))
        .foreign_key(&mut refers("pay_run_maker", "user_id", "user_account", "id"));
    schema.create_table(table).await?;
    index(schema, "pay_run_maker", &["user_id"]).await
}

async fn key_issue(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("key_issue")
        .col(uuid("client_id"))
        .col(integer("sequence"))
        .col(uuid_null("user_id"))
        .col(uuid_null("issued_by"))
        .col(timestamp_with_time_zone("issued_at"))
        .primary_key(&mut primary_key(&["client_id", "sequence"]))
        .foreign_key(&mut refers("key_issue", "client_id", "client", "id"))
        .foreign_key(&mut refers("key_issue", "user_id", "user_account", "id"))
        .foreign_key(&mut refers("key_issue", "issued_by", "user_account", "id"));
    schema.create_table(table).await?;
    index(schema, "key_issue", &["user_id"]).await?;
    index(schema, "key_issue", &["issued_by"]).await
}

/// What was done before this step is told by the audit trail.
async fn from_the_audit_trail(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = schema.get_connection();
    let run = named(schema, "pay_run", "own.id");
    db.execute_unprepared(&format!(
        "INSERT INTO pay_run_maker (pay_run_id, user_id, at)
         SELECT own.id, event.user_id, MIN(event.at) FROM audit_event AS event JOIN pay_run AS own ON event.subject = {run}
         WHERE event.action IN ('pay_run.create', 'pay_run.build', 'pay_run.exclude', 'pay_run.include')
           AND event.user_id IS NOT NULL
         GROUP BY own.id, event.user_id"
    ))
    .await?;
    let client = named(schema, "client", "own.id");
    db.execute_unprepared(&format!(
        "INSERT INTO key_issue (client_id, sequence, user_id, issued_by, issued_at)
         SELECT own.id, ROW_NUMBER() OVER (PARTITION BY own.id ORDER BY event.seq), own.user_id, event.user_id, event.at
         FROM audit_event AS event JOIN client AS own ON event.subject = {client}
         WHERE event.action IN ('client.create', 'client.rotate_key')"
    ))
    .await?;
    Ok(())
}

/// Nobody who opened or built a run, left something out of it or took it in again signs it as another than its maker.
async fn not_by_its_makers(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let made = named(schema, "pay_run", "own.pay_run_id");
    let other = format!(
        "NOT EXISTS (SELECT 1 FROM pay_run_maker AS own WHERE own.user_id = NEW.user_id AND {made} = NEW.subject)"
    );
    let guard = Guard {
        name: "approval_act_not_by_a_maker",
        table: "approval_act",
        event: "INSERT",
        when: "NEW.act IN ('approve', 'check', 'release') AND NEW.subject LIKE 'pay_run:%'",
        unless: Some(&other),
        refusal: Refusal::NotApproved,
    };
    refuse(schema, guard).await?;
    // What was signed before its signer had a part in the making counts for as little.
    let own = subject(schema, "pay_run");
    let others = format!(
        "NOT EXISTS (SELECT 1 FROM approval_act AS acted JOIN pay_run_maker AS maker ON maker.user_id = acted.user_id
           WHERE acted.subject = {own} AND acted.revision = NEW.revision AND acted.act IN ('approve', 'check', 'release')
             AND maker.pay_run_id = NEW.id)"
    );
    let columns = ["status", "revision"];
    let when = "NEW.status IN ('approved', 'released')";
    proven(
        schema,
        "pay_run",
        ("pay_run_not_by_its_makers", when, &columns),
        &others,
    )
    .await?;
    let guard = Guard {
        name: "pay_run_exclusion_by_a_maker",
        table: "pay_run_exclusion",
        event: "INSERT",
        when: "TRUE",
        unless: Some(
            "EXISTS (SELECT 1 FROM pay_run_maker AS own
               WHERE own.pay_run_id = NEW.pay_run_id AND own.user_id = NEW.excluded_by)",
        ),
        refusal: Refusal::NotApproved,
    };
    refuse(schema, guard).await
}

/// No two sign one thing of whom one had given the other the key that was in force when the other signed. Applications and
/// payees are left to the program: a takeover signs thousands of them at once.
async fn not_beside_a_giver(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let gave = |giver: &str, holder: &str, at: &str| {
        format!(
            "EXISTS (SELECT 1 FROM key_issue AS given
               WHERE given.issued_by = {giver} AND given.user_id = {holder} AND given.issued_at <= {at}
                 AND NOT EXISTS (SELECT 1 FROM key_issue AS later WHERE later.client_id = given.client_id
                   AND later.sequence > given.sequence AND later.issued_at <= {at}))"
        )
    };
    let apart = format!(
        "NOT EXISTS (SELECT 1 FROM approval_act AS other
           WHERE other.subject = NEW.subject AND other.revision = NEW.revision AND other.user_id <> NEW.user_id
             AND ({} OR {}))",
        gave("other.user_id", "NEW.user_id", "NEW.at"),
        gave("NEW.user_id", "other.user_id", "other.at"),
    );
    let guard = Guard {
        name: "approval_act_not_beside_a_giver",
        table: "approval_act",
        event: "INSERT",
        when: "NEW.act <> 'make' AND NEW.subject NOT LIKE 'application:%' AND NEW.subject NOT LIKE 'payee:%'",
        unless: Some(&apart),
        refusal: Refusal::NotApproved,
    };
    refuse(schema, guard).await
}

/// How acts and the audit trail name a row of a table, by the column that holds its id.
fn named(schema: &SchemaManager<'_>, table: &str, id: &str) -> String {
    match schema.get_connection().get_database_backend() {
        DbBackend::Postgres => format!("'{table}:' || replace({id}::text, '-', '')"),
        _ => format!("'{table}:' || lower(hex({id}))"),
    }
}
