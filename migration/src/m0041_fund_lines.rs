//! Lines of a fund's estimate that programs draw on: what each run draws on which, never more than the line has; lines
//! change by two people. What a bank is told of an order beside account and amount.

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
        add_column(schema, "fund_line", string_null("code")).await?;
        add_column(schema, "fund_line", uuid_null("proposal_id")).await?;
        add_column(schema, "program", string_null("fund_line")).await?;
        for column in ["beneficiary_name", "purpose"] {
            add_column(schema, "payment_order", string_null(column)).await?;
        }
        unique_where(
            schema,
            "ux_fund_line_code",
            "fund_line",
            &["fund_id", "code"],
            Expr::cust("code IS NOT NULL"),
        )
        .await?;
        keeps_told(schema).await?;
        draw(schema).await?;
        within_the_estimate(schema).await?;
        lines_by_two(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// What a bank is told of an order is fixed when the order is made.
async fn keeps_told(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = ["beneficiary_name", "purpose"];
    let guard = Guard {
        name: "payment_order_keeps_told",
        table: "payment_order",
        event: &format!("UPDATE OF {}", columns.join(", ")),
        when: &differs(&columns),
        unless: None,
        refusal: Refusal::Immutable,
    };
    refuse(schema, guard).await
}

async fn draw(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("fund_line_draw")
        .col(uuid("pay_run_id"))
        .col(uuid("fund_id"))
        .col(string("benefit"))
        .col(string("line_code"))
        .col(big_integer("amount"))
        .col(big_integer("gross"))
        .col(big_integer("deducted"))
        .primary_key(&mut primary_key(&["pay_run_id", "fund_id", "benefit"]))
        .foreign_key(&mut refers("fund_line_draw", "pay_run_id", "pay_run", "id"))
        .foreign_key(&mut refers("fund_line_draw", "fund_id", "fund", "id"))
        .check(("fund_line_draw_not_negative", Expr::cust("amount >= 0")));
    schema.create_table(table).await?;
    index(schema, "fund_line_draw", &["fund_id", "line_code"]).await
}

/// What is drawn on a line is no more than it has, whoever comes first. Who draws has locked the fund, so that no other
/// draws at the same time.
async fn within_the_estimate(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let left = "NEW.amount
         + COALESCE((SELECT SUM(other.amount) FROM fund_line_draw AS other
             WHERE other.fund_id = NEW.fund_id AND other.line_code = NEW.line_code
               AND NOT (other.pay_run_id = NEW.pay_run_id AND other.benefit = NEW.benefit)), 0)
         <= COALESCE((SELECT own.amount FROM fund_line AS own
             WHERE own.fund_id = NEW.fund_id AND own.code = NEW.line_code), -1)";
    for (name, event, when) in [
        ("fund_line_draw_within", "INSERT", "TRUE"),
        (
            "fund_line_draw_grows_within",
            "UPDATE OF amount, line_code",
            "NEW.amount > OLD.amount OR NEW.line_code <> OLD.line_code",
        ),
    ] {
        let guard = Guard {
            name,
            table: "fund_line_draw",
            event,
            when,
            unless: Some(left),
            refusal: Refusal::AboveEstimate,
        };
        refuse(schema, guard).await?;
    }
    let covers = "NEW.amount >= COALESCE((SELECT SUM(own.amount) FROM fund_line_draw AS own
         WHERE own.fund_id = NEW.fund_id AND own.line_code = NEW.code), 0)";
    let guard = Guard {
        name: "fund_line_covers_draws",
        table: "fund_line",
        event: "INSERT",
        when: "NEW.code IS NOT NULL",
        unless: Some(covers),
        refusal: Refusal::AboveEstimate,
    };
    refuse(schema, guard).await
}

/// A line comes as one of a proposal of all of them, and stays what was accepted until another proposal replaces it.
async fn lines_by_two(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let postgres = schema.get_connection().get_database_backend() == DbBackend::Postgres;
    let lines = if postgres {
        "jsonb_array_elements(own.body::jsonb -> 'lines') AS line(value)"
    } else {
        "json_each(own.body, '$.lines') AS line"
    };
    let part = |name: &str| {
        if postgres {
            format!("(line.value ->> '{name}')")
        } else {
            format!("json_extract(line.value, '$.{name}')")
        }
    };
    let said = ["code", "chapter", "category", "clause", "item", "name"]
        .map(|name| format!("COALESCE({}, '') = COALESCE(NEW.{name}, '')", part(name)));
    let amount = format!("CAST({} AS BIGINT)", part("amount"));
    let proof = format!(
        "EXISTS (SELECT 1 FROM fund AS whole, treasury_proposal AS own, {lines}
           WHERE own.id = NEW.proposal_id AND own.kind = 'fund_lines' AND own.status = 'accepted'
             AND own.decided_by <> own.proposed_by AND whole.id = NEW.fund_id
             AND own.subject = 'fund_lines:' || whole.code || ':' || CAST(whole.fiscal_year AS TEXT)
             AND {amount} = NEW.amount AND {})",
        said.join(" AND "),
    );
    let guard = Guard {
        name: "fund_line_two_people",
        table: "fund_line",
        event: "INSERT",
        when: "TRUE",
        unless: Some(&proof),
        refusal: Refusal::NotApproved,
    };
    refuse(schema, guard).await?;
    let kept = [
        "fund_id",
        "position",
        "code",
        "chapter",
        "category",
        "clause",
        "item",
        "name",
        "amount",
        "proposal_id",
    ];
    immutable(schema, "fund_line", &kept).await
}
