//! Postings: append-only, balanced within each step, and never below nothing.

use std::collections::{BTreeMap, BTreeSet};

pub use entity::enums::FundAccount as Account;
use entity::{fund, fund_balance, posting};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use crate::app::App;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::print;

/// Money that moves from one account of a fund to another.
#[derive(Clone, Copy, Debug)]
pub struct Move {
    /// Fiscal year of the fund that carries it.
    pub fiscal_year: i32,
    /// Taken from.
    pub from: Account,
    /// Given to.
    pub to: Account,
    /// Đồng, not negative; nothing is posted for zero.
    pub amount: i64,
}

/// Locks the funds of these codes, of every fiscal year, in one order for everybody: who posts to one year and then to
/// another never waits in a circle. Who posts to several codes, in one step or in several of one transaction, locks all of
/// them first. Of two codes the one of monthly benefits comes before that of relief, since a bank's answer may touch it
/// first. What is locked before funds says [`crate::db::Db::write`].
pub(crate) async fn lock(txn: &Txn, codes: &BTreeSet<&str>) -> Result<Vec<fund::Model>, Error> {
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    in_order(
        txn,
        fund::Entity::find().filter(fund::Column::Code.is_in(codes.iter().copied())),
    )
    .await
}

/// Locks every fund, in the same order: for who learns only on the way which funds it posts to.
pub(crate) async fn lock_all(txn: &Txn) -> Result<(), Error> {
    in_order(txn, fund::Entity::find()).await?;
    Ok(())
}

async fn in_order(txn: &Txn, funds: Select<fund::Entity>) -> Result<Vec<fund::Model>, Error> {
    let funds = funds
        .order_by_desc(fund::Column::Code)
        .order_by_asc(fund::Column::Id)
        .lock_exclusive()
        .all(txn.conn())
        .await?;
    Ok(funds)
}

/// Posts one step. `batch` names the step for ever: posting it twice is refused by the database. An account that
/// would fall below nothing refuses the whole step.
pub async fn post(app: &App, txn: &Txn, code: &str, batch: &str, moves: &[Move]) -> Result<(), Error> {
    let funds = lock(txn, &BTreeSet::from([code])).await?;
    let by_year: BTreeMap<i32, Uuid> = funds.into_iter().map(|fund| (fund.fiscal_year, fund.id)).collect();
    let mut rows = Vec::new();
    for step in moves.iter().filter(|step| step.amount != 0) {
        let fund_id = *by_year
            .get(&step.fiscal_year)
            .ok_or_else(|| no_fund(code, step.fiscal_year))?;
        for (account, amount) in [(step.from, -step.amount), (step.to, step.amount)] {
            change_balance(txn, fund_id, account, amount).await?;
            rows.push(posting::Model {
                id: app.ids.next(),
                batch: batch.to_owned(),
                position: i32::try_from(rows.len()).map_err(Error::internal)?,
                fund_id,
                account,
                amount,
                at: app.clock.now(),
            });
        }
    }
    txn.insert_all::<posting::Entity>(rows).await
}

async fn change_balance(txn: &Txn, fund_id: Uuid, account: Account, amount: i64) -> Result<(), Error> {
    let mut update = fund_balance::Entity::update_many()
        .col_expr(
            fund_balance::Column::Amount,
            Expr::col(fund_balance::Column::Amount).add(amount),
        )
        .filter(fund_balance::Column::FundId.eq(fund_id))
        .filter(fund_balance::Column::Account.eq(account));
    if amount < 0 && account != Account::Source {
        update = update.filter(fund_balance::Column::Amount.gte(-amount));
    }
    match update.exec(txn.conn()).await?.rows_affected {
        0 => Err(Error::because(
            ProblemCode::FundExhausted,
            format!("Nguồn kinh phí không đủ: cần {} đồng", print::dong(-amount)),
            format!("the fund does not suffice: {} đồng needed", -amount),
        )),
        _ => Ok(()),
    }
}

fn no_fund(code: &str, year: i32) -> Error {
    Error::because(
        ProblemCode::FundExhausted,
        format!("Chưa có nguồn kinh phí {code} cho năm {year}"),
        format!("there is no fund {code} for {year}"),
    )
}
