//! What was approved of a run is kept while it is approved and for ever after, and no order leaves the house before its run.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const PLAN: &str = "pay_run_plan";
const ORDER: &str = "payment_order";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        plans_stay(schema).await?;
        plans_are_approved(schema).await?;
        steps_are_signed(schema).await?;
        orders_leave_with_their_run(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn is_postgres(schema: &SchemaManager<'_>) -> bool {
    schema.get_connection().get_database_backend() == DbBackend::Postgres
}

/// A plan is made, approved and gone: nothing of it changes. Before its run is approved it may be made anew; what was
/// approved goes once the run is a draft again or cancelled.
async fn plans_stay(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = ["pay_run_id", "revision", "digest", "order_count", "orders", "files"];
    immutable(schema, PLAN, &columns).await?;
    let guard = Guard {
        name: "pay_run_plan_stays",
        table: PLAN,
        event: "DELETE",
        when: "OLD.approved IS NOT NULL",
        unless: Some(
            "EXISTS (SELECT 1 FROM pay_run AS own WHERE own.id = OLD.pay_run_id AND own.status IN ('draft', 'cancelled'))",
        ),
        refusal: Refusal::NotDraft,
    };
    refuse(schema, guard).await?;
    if is_postgres(schema) {
        let all = "CREATE FUNCTION pay_run_plan_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             RAISE EXCEPTION 'refused pay_run_plan: not_draft' USING ERRCODE = 'check_violation'; END $$";
        let db = schema.get_connection();
        db.execute_unprepared(all).await?;
        let trigger = "CREATE TRIGGER pay_run_plan_no_truncate BEFORE TRUNCATE ON pay_run_plan
             FOR EACH STATEMENT EXECUTE FUNCTION pay_run_plan_no_truncate()";
        db.execute_unprepared(trigger).await?;
    }
    Ok(())
}

/// The seal of an approval is set by an approval: of a submitted run that somebody has signed as it stands.
async fn plans_are_approved(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let signed = signed(schema, "approve");
    let proof =
        format!("{signed} AND EXISTS (SELECT 1 FROM pay_run WHERE id = NEW.pay_run_id AND status = 'submitted')");
    let when = "NEW.approved IS NOT NULL";
    proven(schema, PLAN, ("pay_run_plan_is_approved", when, &["approved"]), &proof).await
}

/// The orders of a run leave the house with its release, which somebody has signed by then.
async fn steps_are_signed(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let guard = Guard {
        name: "pay_run_step_is_signed",
        table: "pay_run_step",
        event: "INSERT",
        when: "NEW.to_status <> 'approved'",
        unless: Some(&signed(schema, "release")),
        refusal: Refusal::NotApproved,
    };
    refuse(schema, guard).await
}

/// Somebody has signed this of the run of a new row, at its revision and digest.
fn signed(schema: &SchemaManager<'_>, act: &str) -> String {
    let subject = subject_of(schema, "pay_run", "run.id");
    format!(
        "EXISTS (SELECT 1 FROM pay_run AS run JOIN approval_act AS acted ON acted.subject = {subject}
           AND acted.revision = run.revision AND acted.digest = run.digest
         WHERE run.id = NEW.pay_run_id AND acted.act = '{act}')"
    )
}

/// An order waits until all those of its run leave: a step that is told before they move. One that somebody moved by hand
/// would keep its run from being released, sent back and cancelled.
///
/// A release moves all orders at once: PostgreSQL is asked once for all of them, and not for each, which would take several
/// times as long as the release itself.
async fn orders_leave_with_their_run(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let begins = Guard {
        name: "payment_order_begins_waiting",
        table: ORDER,
        event: "INSERT",
        when: "NEW.status <> 'approved'",
        unless: None,
        refusal: Refusal::NotApproved,
    };
    refuse(schema, begins).await?;
    let left = |run: &str| {
        format!(
            "EXISTS (SELECT 1 FROM pay_run_step AS step WHERE step.pay_run_id = {run} AND step.to_status = 'extracted')"
        )
    };
    if !is_postgres(schema) {
        let leaves = Guard {
            name: "payment_order_leaves_with_its_run",
            table: ORDER,
            event: "UPDATE OF status",
            when: "OLD.status = 'approved' AND NEW.status <> 'approved'",
            unless: Some(&left("NEW.pay_run_id")),
            refusal: Refusal::NotApproved,
        };
        return refuse(schema, leaves).await;
    }
    // What left before runs told their steps has none.
    let function = format!(
        "CREATE FUNCTION payment_order_leaves_with_its_run() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         IF EXISTS (SELECT 1 FROM (SELECT DISTINCT pay_run_id FROM moved WHERE status <> 'approved') AS own
             WHERE NOT {} AND NOT EXISTS (SELECT 1 FROM pay_run AS run
               WHERE run.id = own.pay_run_id AND run.status IN ('released', 'settling', 'closed')))
         THEN RAISE EXCEPTION 'refused {ORDER}: not_approved' USING ERRCODE = 'check_violation'; END IF;
         RETURN NULL; END $$",
        left("own.pay_run_id")
    );
    let db = schema.get_connection();
    db.execute_unprepared(&function).await?;
    let trigger = "CREATE TRIGGER payment_order_leaves_with_its_run AFTER UPDATE ON payment_order
         REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION payment_order_leaves_with_its_run()";
    db.execute_unprepared(trigger).await?;
    Ok(())
}
