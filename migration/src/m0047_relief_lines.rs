//! Relief on a line of its fund's estimate: what a request holds of it from its filing on counts beside what runs draw, and
//! together they are never more than the line has.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        hold(schema).await?;
        for (name, table) in [
            ("fund_line_draw_within", "fund_line_draw"),
            ("fund_line_draw_grows_within", "fund_line_draw"),
            ("fund_line_covers_draws", "fund_line"),
        ] {
            drop_guard(schema, name, table).await?;
        }
        within_the_estimate(schema).await?;
        covers_draws(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn hold(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("relief_line_hold")
        .col(uuid("relief_request_id").primary_key())
        .col(uuid("fund_id"))
        .col(string("line_code"))
        .col(big_integer("amount"))
        .foreign_key(&mut refers(
            "relief_line_hold",
            "relief_request_id",
            "relief_request",
            "id",
        ))
        .foreign_key(&mut refers("relief_line_hold", "fund_id", "fund", "id"))
        .check(("relief_line_hold_amount", Expr::col("amount").gt(0)));
    schema.create_table(table).await?;
    index(schema, "relief_line_hold", &["fund_id", "line_code"]).await?;
    immutable(
        schema,
        "relief_line_hold",
        &["relief_request_id", "fund_id", "line_code", "amount"],
    )
    .await
}

/// What is drawn and held on a line is no more than it has, whoever comes first. Who draws or holds has locked the fund,
/// so that no other does at the same time.
async fn within_the_estimate(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let has = "COALESCE((SELECT own.amount FROM fund_line AS own
         WHERE own.fund_id = NEW.fund_id AND own.code = NEW.line_code), -1)";
    let drawn = "COALESCE((SELECT SUM(draw.amount) FROM fund_line_draw AS draw
         WHERE draw.fund_id = NEW.fund_id AND draw.line_code = NEW.line_code";
    let held = "COALESCE((SELECT SUM(held.amount) FROM relief_line_hold AS held
         WHERE held.fund_id = NEW.fund_id AND held.line_code = NEW.line_code";
    let draws = format!(
        "NEW.amount + {drawn} AND NOT (draw.pay_run_id = NEW.pay_run_id AND draw.benefit = NEW.benefit)), 0)
         + {held}), 0) <= {has}"
    );
    let holds = format!(
        "NEW.amount + {drawn}), 0)
         + {held} AND held.relief_request_id <> NEW.relief_request_id), 0) <= {has}"
    );
    for (name, table, event, when, left) in [
        ("fund_line_draw_within", "fund_line_draw", "INSERT", "TRUE", &draws),
        (
            "fund_line_draw_grows_within",
            "fund_line_draw",
            "UPDATE OF amount, line_code",
            "NEW.amount > OLD.amount OR NEW.line_code <> OLD.line_code",
            &draws,
        ),
        ("relief_line_hold_within", "relief_line_hold", "INSERT", "TRUE", &holds),
    ] {
        let guard = Guard {
            name,
            table,
            event,
            when,
            unless: Some(left),
            refusal: Refusal::AboveEstimate,
        };
        refuse(schema, guard).await?;
    }
    Ok(())
}

/// A line is not replaced by one that has less than is drawn and held on it.
async fn covers_draws(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let covers = "NEW.amount >= COALESCE((SELECT SUM(draw.amount) FROM fund_line_draw AS draw
             WHERE draw.fund_id = NEW.fund_id AND draw.line_code = NEW.code), 0)
         + COALESCE((SELECT SUM(held.amount) FROM relief_line_hold AS held
             WHERE held.fund_id = NEW.fund_id AND held.line_code = NEW.code), 0)";
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
