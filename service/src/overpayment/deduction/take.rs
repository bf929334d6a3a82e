//! The release of a run: what it keeps back is paid back from here on, until a bank says otherwise.

use std::collections::BTreeMap;

use domain::overpayment::spread;
use entity::enums::DeductionStatus;
use entity::overpayment_deduction;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::db::Txn;
use crate::error::Error;
use crate::overpayment::carried::Carried;
use crate::overpayment::money::{Receipt, move_money};
use crate::overpayment::open_of;
use crate::overpayment::step::{Change, locked, record, save_month};
use crate::pay_run;

/// Takes what a run keeps back: to the oldest months of each case first, of what its own fund had paid of them.
///
/// # Errors
/// `content-changed` where its fund carries less of the months by now.
pub(crate) async fn take(app: &App, txn: &Txn, actor: &Actor, run: &entity::pay_run::Model) -> Result<(), Error> {
    let rows = overpayment_deduction::Entity::find()
        .filter(overpayment_deduction::Column::PayRunId.eq(run.id))
        .filter(overpayment_deduction::Column::Status.eq(DeductionStatus::Draft))
        .order_by_asc(overpayment_deduction::Column::CaseId)
        .order_by_asc(overpayment_deduction::Column::LineId)
        .all(txn.conn())
        .await?;
    if rows.is_empty() {
        return Ok(());
    }
    overpayment_deduction::Entity::update_many()
        .col_expr(
            overpayment_deduction::Column::Status,
            Expr::value(DeductionStatus::Taken),
        )
        .filter(overpayment_deduction::Column::PayRunId.eq(run.id))
        .filter(overpayment_deduction::Column::Status.eq(DeductionStatus::Draft))
        .exec(txn.conn())
        .await?;
    let mut by_case: BTreeMap<Uuid, Vec<overpayment_deduction::Model>> = BTreeMap::new();
    for row in rows {
        by_case.entry(row.case_id).or_default().push(row);
    }
    for (case, own) in by_case {
        of_case(app, txn, actor, run, case, &own).await?;
    }
    Ok(())
}

async fn of_case(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    run: &entity::pay_run::Model,
    id: Uuid,
    deductions: &[overpayment_deduction::Model],
) -> Result<(), Error> {
    let case = locked(txn, id).await?;
    let fund = pay_run::fund_code(run);
    let mut months = case.months;
    for deduction in deductions {
        let carried = Carried::load(txn.conn(), &months.iter().collect::<Vec<_>>()).await?;
        let own: Vec<i64> = months.iter().map(|month| carried.share_of(month, fund)).collect();
        let parts = spread(deduction.amount, &own).ok_or_else(super::changed)?;
        let receipt = Receipt::deduction(app.clock.today(), &pay_run::natural_key(run), deduction.id, fund);
        let moved = months.into_iter().zip(parts).collect();
        months = move_money(app, txn, &case.row, moved, &receipt).await?;
    }
    let left: i64 = months.iter().map(open_of).sum();
    for month in months {
        save_month(txn, month).await?;
    }
    let amount: i64 = deductions.iter().map(|deduction| deduction.amount).sum();
    let detail = json!({"pay_run": run.id, "amount": amount, "open": left});
    let to = case.row.status;
    let change = Change::new(case.row, to, detail).of_instalment();
    record(app, txn, actor, ("deduct", "overpayment.deduct"), change).await?;
    Ok(())
}
