//! Who may read runs, and what of them.

use std::collections::BTreeMap;

use entity::{overpayment_deduction, pay_run, payment_line};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::actor::{Actor, Permission, Scope};
use crate::app::App;
use crate::error::Error;
use crate::pay_run::digest;

/// Where somebody reads runs, and by what permission: whoever makes, signs or releases them, or else keeps the registry
/// and asks what each of them holds.
pub(super) fn reader(actor: &Actor) -> Result<(Scope, Permission), Error> {
    actor.require_either(Permission::PayRunRead, Permission::RegistryWrite)
}

/// Leaves of runs what such a reader may know: the counts and sums of the own areas, and for whoever keeps the registry
/// nothing that people wrote of runs.
pub(super) async fn shown(
    app: &App,
    (scope, by): (&Scope, Permission),
    runs: &mut [pay_run::Model],
) -> Result<(), Error> {
    sum_visible(app, (scope, by), runs).await?;
    if by == Permission::RegistryWrite {
        // People write these, for those who make runs, and may name somebody of another area.
        for run in runs {
            run.rejected_reason = None;
        }
    }
    Ok(())
}

/// The counts and sums of runs, over the lines of a scope's areas alone; for whoever keeps the registry there without those of
/// protected people, whom the rest beside the orders and payments that are shown would give away.
async fn sum_visible(app: &App, (scope, by): (&Scope, Permission), runs: &mut [pay_run::Model]) -> Result<(), Error> {
    use payment_line::Column as C;
    if runs.is_empty() {
        return Ok(());
    }
    let within = scope.condition(Expr::col((payment_line::Entity, C::AreaId)));
    if !scope.is_everywhere() {
        let own = sums(app, &within, runs).await?;
        for run in runs.iter_mut() {
            (run.line_count, run.total, run.deducted) = own.get(&run.id).copied().unwrap_or_default();
        }
    }
    if by == Permission::RegistryWrite {
        let protected = within.add(C::PersonId.in_subquery(crate::person::protected()));
        let theirs = sums(app, &protected, runs).await?;
        for run in runs {
            let (lines, total, deducted) = theirs.get(&run.id).copied().unwrap_or_default();
            run.line_count -= lines;
            run.total -= total;
            run.deducted -= deducted;
        }
    }
    Ok(())
}

/// How many lines of runs fit, what they come to and what is kept back of them, đồng, by run.
async fn sums(app: &App, which: &Condition, runs: &[pay_run::Model]) -> Result<BTreeMap<Uuid, (i64, i64, i64)>, Error> {
    use payment_line::Column as C;
    let lines: Vec<(Uuid, i64, Option<i64>)> = payment_line::Entity::find()
        .select_only()
        .column(C::PayRunId)
        .column_as(C::Id.count(), "number")
        .expr_as(Expr::cust("CAST(SUM(amount) AS BIGINT)"), "total")
        .filter(C::PayRunId.is_in(runs.iter().map(|run| run.id)))
        .filter(digest::counted())
        .filter(which.clone())
        .group_by(C::PayRunId)
        .into_tuple()
        .all(app.db.read())
        .await?;
    let line = overpayment_deduction::Entity::belongs_to(payment_line::Entity)
        .from(overpayment_deduction::Column::LineId)
        .to(C::Id);
    let kept_back: Vec<(Uuid, i64)> = overpayment_deduction::Entity::find()
        .select_only()
        .columns([
            overpayment_deduction::Column::PayRunId,
            overpayment_deduction::Column::Amount,
        ])
        .join(JoinType::InnerJoin, line.into())
        .filter(overpayment_deduction::Column::PayRunId.is_in(runs.iter().map(|run| run.id)))
        .filter(which.clone())
        .into_tuple()
        .all(app.db.read())
        .await?;
    let mut sums: BTreeMap<Uuid, (i64, i64, i64)> = BTreeMap::new();
    for (run, count, total) in lines {
        let own = sums.entry(run).or_default();
        (own.0, own.1) = (count, total.unwrap_or(0));
    }
    for (run, amount) in kept_back {
        sums.entry(run).or_default().2 += amount;
    }
    Ok(sums)
}
