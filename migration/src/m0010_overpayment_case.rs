//! Overpayment cases: the road from a month paid too much to what is paid back.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        case(schema).await?;
        month(schema).await?;
        event(schema).await?;
        appeal(schema).await?;
        instalment(schema).await?;
        recovery(schema).await?;
        for table in ["overpayment_event", "overpayment_instalment", "overpayment_recovery"] {
            append_only(schema, table).await?;
        }
        for table in ["overpayment_case", "overpayment_month", "overpayment_appeal"] {
            no_delete(schema, table).await?;
        }
        immutable(schema, "overpayment_case", &["id", "person_id", "event", "created_at"]).await?;
        immutable(
            schema,
            "overpayment_appeal",
            &["id", "case_id", "filed_on", "grounds", "decided_by"],
        )
        .await?;
        decided_by_two(schema).await?;
        appeal_suspends(schema).await?;
        enforceable_alone(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn case(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("overpayment_case")
        .col(uuid("id").primary_key())
        .col(uuid("person_id"))
        .col(string("event"))
        .col(string("status"))
        .col(string_null("cause"))
        .col(date_null("notice_delivered_on"))
        .col(date_null("response_due"))
        .col(string_null("statement"))
        .col(big_integer("revision"))
        .col(string_null("digest"))
        .col(uuid_null("proposed_by"))
        .col(uuid_null("decided_by"))
        .col(timestamp_with_time_zone_null("decided_at"))
        .col(date_null("decision_delivered_on"))
        .col(date_null("appeal_until"))
        .col(integer("plan"))
        .col(big_integer("recovered_before_plan"))
        .col(big_integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .check((
            "overpayment_case_two_people",
            Expr::col("decided_by")
                .is_null()
                .or(Expr::col("decided_by").ne(Expr::col("proposed_by"))),
        ));
    schema.create_table(table).await?;
    index(schema, "overpayment_case", &["person_id"]).await?;
    index(schema, "overpayment_case", &["status", "id"]).await
}

async fn month(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("overpayment_month")
        .col(uuid("case_id"))
        .col(uuid("entitlement_id"))
        .col(string("component"))
        .col(integer("cover_month"))
        .col(big_integer("detected"))
        .col(big_integer_null("proposed"))
        .col(big_integer_null("decided"))
        .col(string_null("reason"))
        .col(big_integer("recovered"))
        .primary_key(&mut primary_key(&[
            "case_id",
            "entitlement_id",
            "component",
            "cover_month",
        ]))
        .foreign_key(&mut refers("overpayment_month", "case_id", "overpayment_case", "id"))
        .check(("overpayment_month_detected", Expr::col("detected").gte(0)))
        .check((
            "overpayment_month_decided",
            Expr::cust("decided IS NULL OR (decided >= 0 AND decided <= detected)"),
        ))
        .check((
            "overpayment_month_recovered",
            Expr::cust("recovered >= 0 AND recovered <= COALESCE(decided, 0)"),
        ));
    schema.create_table(table).await?;
    index(schema, "overpayment_month", &["entitlement_id", "cover_month"]).await
}

async fn event(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("overpayment_event")
        .col(uuid("case_id"))
        .col(big_integer("sequence"))
        .col(string("action"))
        .col(string_null("from_status"))
        .col(string("to_status"))
        .col(string_null("reason"))
        .col(string("actor"))
        .col(uuid_null("user_id"))
        .col(json_binary("detail"))
        .col(timestamp_with_time_zone("at"))
        .primary_key(&mut primary_key(&["case_id", "sequence"]))
        .foreign_key(&mut refers("overpayment_event", "case_id", "overpayment_case", "id"));
    schema.create_table(table).await
}

async fn appeal(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("overpayment_appeal")
        .col(uuid("id").primary_key())
        .col(uuid("case_id"))
        .col(string("from_status"))
        .col(date("filed_on"))
        .col(string("grounds"))
        .col(uuid("decided_by"))
        .col(string_null("outcome"))
        .col(string_null("reason"))
        .col(uuid_null("resolved_by"))
        .col(timestamp_with_time_zone_null("resolved_at"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(&mut refers("overpayment_appeal", "case_id", "overpayment_case", "id"))
        .check((
            "overpayment_appeal_two_people",
            Expr::col("resolved_by")
                .is_null()
                .or(Expr::col("resolved_by").ne(Expr::col("decided_by"))),
        ));
    schema.create_table(table).await?;
    unique_where(
        schema,
        "ux_overpayment_appeal_open",
        "overpayment_appeal",
        &["case_id"],
        Expr::cust("outcome IS NULL"),
    )
    .await?;
    index(schema, "overpayment_appeal", &["case_id"]).await
}

async fn instalment(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("overpayment_instalment")
        .col(uuid("case_id"))
        .col(integer("plan"))
        .col(integer("due_month"))
        .col(big_integer("amount"))
        .primary_key(&mut primary_key(&["case_id", "plan", "due_month"]))
        .foreign_key(&mut refers(
            "overpayment_instalment",
            "case_id",
            "overpayment_case",
            "id",
        ))
        .check(("overpayment_instalment_amount", Expr::col("amount").gt(0)));
    schema.create_table(table).await
}

async fn recovery(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("overpayment_recovery")
        .col(uuid("id").primary_key())
        .col(uuid("case_id"))
        .col(uuid("entitlement_id"))
        .col(string("component"))
        .col(integer("cover_month"))
        .col(string("kind"))
        .col(big_integer("amount"))
        .col(big_integer("posted"))
        .col(date("received_on"))
        .col(string("reference"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(&mut refers("overpayment_recovery", "case_id", "overpayment_case", "id"))
        .check(("overpayment_recovery_amount", Expr::col("amount").ne(0)));
    schema.create_table(table).await?;
    index(schema, "overpayment_recovery", &["case_id"]).await?;
    index(schema, "overpayment_recovery", &["entitlement_id"]).await
}

/// What is to be paid back was proposed by one person and decided by another, for the same revision and digest.
async fn decided_by_two(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let when = "NEW.status IN ('decided', 'appealed', 'enforceable', 'recovering', 'settled', 'waived', 'written_off')";
    let proof = two_people(schema, "overpayment_case", "'approve'", "digest");
    let columns = ["status", "revision", "digest"];
    proven(
        schema,
        "overpayment_case",
        ("overpayment_case_decided", when, &columns),
        &proof,
    )
    .await
}

/// While an appeal is open, its case stands still, whatever else is written.
async fn appeal_suspends(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let guard = Guard {
        name: "overpayment_case_suspended",
        table: "overpayment_case",
        event: "UPDATE OF status",
        when: "NEW.status IN ('decided', 'enforceable', 'recovering', 'settled')",
        unless: Some("NOT EXISTS (SELECT 1 FROM overpayment_appeal WHERE case_id = NEW.id AND outcome IS NULL)"),
        refusal: Refusal::NotEnforceable,
    };
    refuse(schema, guard).await
}

/// Instalments and repayments are those of cases whose decision stands.
async fn enforceable_alone(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let stands =
        "EXISTS (SELECT 1 FROM overpayment_case WHERE id = NEW.case_id AND status IN ('enforceable', 'recovering'))";
    for (table, when) in [
        ("overpayment_instalment", "TRUE"),
        ("overpayment_recovery", "NEW.amount > 0"),
    ] {
        let guard = Guard {
            name: &format!("{table}_enforceable"),
            table,
            event: "INSERT",
            when,
            unless: Some(stands),
            refusal: Refusal::NotEnforceable,
        };
        refuse(schema, guard).await?;
    }
    Ok(())
}
