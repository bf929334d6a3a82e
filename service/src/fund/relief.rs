//! What relief draws on a line of its fund's estimate: held from the filing of a request on, as its money is reserved, and
//! drawn by the run that pays it. What is held and drawn together is never more than the line has.
//!
//! Whoever calls this has locked the fund. A request that was filed before a program of relief named a line holds nothing
//! of it, and draws on its fund as a whole.

use entity::{fund_line_draw, pay_run, relief_line_hold};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::db::Txn;
use crate::error::Error;
use crate::fund::draw::Estimate;

/// What stands in the place of a benefit where relief draws on a line; no benefit has such a code.
pub(super) const RELIEF: &str = "relief";

/// A request that is being filed holds its money on a line of the fund of its year.
///
/// # Errors
/// `conflict` where a fund with lines has none of the name; `fund-exhausted` where the line has not so much left.
pub(crate) async fn hold_for_relief(
    txn: &Txn,
    request: Uuid,
    (code, year, line): (&str, i32, &str),
    amount: i64,
) -> Result<(), Error> {
    let Some(estimate) = Estimate::of(txn.conn(), code, year).await? else {
        return Ok(());
    };
    if amount == 0 {
        return Ok(());
    }
    estimate.require(code, (year, line), amount)?;
    let row = relief_line_hold::Model {
        relief_request_id: request,
        fund_id: estimate.fund,
        line_code: line.to_owned(),
        amount,
    };
    txn.insert_all::<relief_line_hold::Entity>(vec![row]).await
}

/// What a request held is there again: it was turned down, or it is drawn now.
pub(crate) async fn let_go_of_relief(txn: &Txn, request: Uuid) -> Result<Option<relief_line_hold::Model>, Error> {
    let held = relief_line_hold::Entity::find_by_id(request).one(txn.conn()).await?;
    if held.is_some() {
        relief_line_hold::Entity::delete_by_id(request).exec(txn.conn()).await?;
    }
    Ok(held)
}

/// The run that pays a request draws so much of what the request held; the rest, whose claims are held back, is there
/// again.
pub(crate) async fn draw_relief(txn: &Txn, request: Uuid, run: Uuid, amount: i64) -> Result<(), Error> {
    let Some(held) = let_go_of_relief(txn, request).await? else {
        return Ok(());
    };
    if amount == 0 {
        return Ok(());
    }
    let row = fund_line_draw::Model {
        pay_run_id: run,
        fund_id: held.fund_id,
        benefit: RELIEF.to_owned(),
        line_code: held.line_code,
        amount,
        gross: amount,
        deducted: 0,
    };
    txn.insert_all::<fund_line_draw::Entity>(vec![row]).await
}

/// What requests hold of the lines of a fund.
pub(super) async fn held(conn: &impl ConnectionTrait, fund: Uuid) -> Result<Vec<relief_line_hold::Model>, Error> {
    let rows = relief_line_hold::Entity::find()
        .filter(relief_line_hold::Column::FundId.eq(fund))
        .all(conn)
        .await?;
    Ok(rows)
}

/// The code under which a run draws what it pays of a right, where all of it is relief.
pub(super) fn of_run(run: &pay_run::Model) -> Option<&'static str> {
    (run.kind == entity::enums::PayRunKind::Relief).then_some(RELIEF)
}
