//! Pay runs of several kinds, their exclusions, approvals by amount, the calendar, lines of funds and transfers.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        pay_run(schema).await?;
        exclusion(schema).await?;
        approval_tier(schema).await?;
        calendar_day(schema).await?;
        fund_line(schema).await?;
        fund_transfer(schema).await?;
        reissued_once(schema).await?;
        several_approvals(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn pay_run(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        big_integer("build_revision").default(0).take(),
        integer("approvals").default(1).take(),
        string("approval_role").default("approver").take(),
        json_binary_null("areas").take(),
        string_null("channel").take(),
        string_null("rejected_reason").take(),
        date_null("execution_date").take(),
    ];
    for column in columns {
        let mut run = Table::alter();
        run.table("pay_run").add_column(column);
        schema.alter_table(run).await?;
    }
    let db = schema.get_connection();
    db.execute_unprepared("UPDATE pay_run SET build_revision = revision")
        .await?;
    // How many must approve is fixed while anybody may sign.
    let guard = Guard {
        name: "pay_run_approvals_stay",
        table: "pay_run",
        event: "UPDATE OF approvals, approval_role",
        when: "(OLD.approvals IS DISTINCT FROM NEW.approvals OR OLD.approval_role IS DISTINCT FROM NEW.approval_role) \
               AND OLD.status <> 'draft' AND NEW.status <> 'draft'",
        unless: None,
        refusal: Refusal::Immutable,
    };
    refuse(schema, guard).await
}

async fn exclusion(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("pay_run_exclusion")
        .col(uuid("id").primary_key())
        .col(uuid("pay_run_id"))
        .col(uuid("person_id"))
        .col(uuid_null("entitlement_id"))
        .col(string_null("component"))
        .col(integer_null("cover_month"))
        .col(string_null("kind"))
        .col(string("area_id"))
        .col(string("reason"))
        .col(uuid("excluded_by"))
        .col(timestamp_with_time_zone("excluded_at"))
        .foreign_key(&mut refers("pay_run_exclusion", "pay_run_id", "pay_run", "id"))
        .foreign_key(&mut refers("pay_run_exclusion", "excluded_by", "user_account", "id"));
    schema.create_table(table).await?;
    index(schema, "pay_run_exclusion", &["pay_run_id", "person_id"]).await
}

async fn approval_tier(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("approval_tier")
        .col(uuid("id").primary_key())
        .col(big_integer("version"))
        .col(string("subject"))
        .col(big_integer("from_amount"))
        .col(integer("approvals"))
        .col(string("role"))
        .col(uuid_null("set_by"))
        .col(timestamp_with_time_zone("set_at"))
        .check(("approval_tier_approvals", Expr::col("approvals").gte(1)))
        .check(("approval_tier_from_amount", Expr::col("from_amount").gte(0)));
    schema.create_table(table).await?;
    unique(schema, "approval_tier", &["version", "subject", "from_amount"]).await?;
    append_only(schema, "approval_tier").await
}

async fn calendar_day(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("calendar_day")
        .col(date("day").primary_key())
        .col(string("kind"))
        .col(json_binary("cover_months"))
        .col(string("reason"))
        .col(uuid_null("decided_by"))
        .col(timestamp_with_time_zone("decided_at"));
    schema.create_table(table).await
}

async fn fund_line(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("fund_line")
        .col(uuid("fund_id"))
        .col(integer("position"))
        .col(string_null("chapter"))
        .col(string_null("category"))
        .col(string_null("clause"))
        .col(string_null("item"))
        .col(string("name"))
        .col(big_integer("amount"))
        .primary_key(&mut primary_key(&["fund_id", "position"]))
        .foreign_key(&mut refers("fund_line", "fund_id", "fund", "id"))
        .check(("fund_line_amount", Expr::col("amount").gte(0)));
    schema.create_table(table).await
}

/// Money that comes into a fund: more from its source, or from another fund.
async fn fund_transfer(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("fund_transfer")
        .col(uuid("id").primary_key())
        .col(string("kind"))
        .col(uuid_null("from_fund_id"))
        .col(uuid("to_fund_id"))
        .col(big_integer("amount"))
        .col(string("reason"))
        .col(string("status"))
        .col(big_integer("revision"))
        .col(string("digest"))
        .col(uuid("proposed_by"))
        .col(timestamp_with_time_zone("proposed_at"))
        .col(uuid_null("decided_by"))
        .col(timestamp_with_time_zone_null("decided_at"))
        .col(string_null("note"))
        .col(big_integer("version"))
        .foreign_key(&mut refers("fund_transfer", "from_fund_id", "fund", "id"))
        .foreign_key(&mut refers("fund_transfer", "to_fund_id", "fund", "id"))
        .check(("fund_transfer_amount", Expr::col("amount").gt(0)));
    schema.create_table(table).await?;
    let columns = [
        "id",
        "kind",
        "from_fund_id",
        "to_fund_id",
        "amount",
        "reason",
        "revision",
        "digest",
        "proposed_by",
    ];
    immutable(schema, "fund_transfer", &columns).await?;
    no_delete(schema, "fund_transfer").await?;
    let decided = Guard {
        name: "fund_transfer_decided_once",
        table: "fund_transfer",
        event: "UPDATE OF status",
        when: "OLD.status <> 'proposed' AND NEW.status <> OLD.status",
        unless: None,
        refusal: Refusal::Immutable,
    };
    refuse(schema, decided).await?;
    let proof = two_people(schema, "fund_transfer", "'approve'", "digest");
    let columns = ["status", "revision", "digest"];
    let when = "NEW.status = 'approved'";
    proven(
        schema,
        "fund_transfer",
        ("fund_transfer_approved", when, &columns),
        &proof,
    )
    .await
}

/// A line that came back is paid again once, whatever runs are built at the same time.
async fn reissued_once(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    unique_where(
        schema,
        "ux_payment_line_reissue",
        "payment_line",
        &[
            "entitlement_id",
            "component",
            "cover_month",
            "determination_id",
            "sequence",
        ],
        Expr::cust("kind = 'reissue' AND status <> 'cancelled'"),
    )
    .await
}

/// Several people may approve a run or a relief request, each once; everything else is one person's act. A run is
/// approved when as many people approved its digest as its amount asks for, none of them its maker.
async fn several_approvals(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut once = Index::drop();
    once.name("ux_approval_act_subject_revision_act").table("approval_act");
    schema.drop_index(once).await?;
    unique_where(
        schema,
        "ux_approval_act_once",
        "approval_act",
        &["subject", "revision", "act"],
        Expr::cust(
            "act <> 'approve' OR (substr(subject, 1, 8) <> 'pay_run:' AND substr(subject, 1, 15) <> 'relief_request:')",
        ),
    )
    .await?;
    let subject = subject(schema, "pay_run");
    let all = format!(
        "(SELECT COUNT(DISTINCT acted.user_id) FROM approval_act AS made JOIN approval_act AS acted
            ON acted.subject = made.subject AND acted.revision = made.revision AND acted.user_id <> made.user_id
          WHERE made.subject = {subject} AND made.revision = NEW.revision AND made.act = 'make'
            AND acted.act IN ('approve', 'check') AND acted.digest = NEW.digest) >= NEW.approvals"
    );
    let columns = ["status", "revision", "digest", "approvals"];
    let when = "NEW.status IN ('approved', 'released', 'settling', 'closed')";
    proven(schema, "pay_run", ("pay_run_approved_by_all", when, &columns), &all).await
}
