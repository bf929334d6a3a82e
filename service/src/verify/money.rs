//! Funds and postings.

use std::collections::BTreeMap;

use entity::enums::{FundAccount, LineKind, LineStatus, OrderStatus, PayRunStatus, ReliefRequestStatus};
use entity::{
    fund, fund_balance, overpayment_recovery, pay_run, payment_line, payment_order, posting, relief_event,
    relief_request,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::fund::fiscal_year;
use crate::verify::{Check, differences};

/// Each step's postings sum to nothing.
pub(super) async fn postings_balance(app: &App) -> Result<Check, Error> {
    let mut check = Check::new("postings: every step sums to zero");
    let rows = posting::Entity::find().all(app.db.read()).await?;
    let mut by_step: BTreeMap<(String, Uuid), i64> = BTreeMap::new();
    for row in rows {
        *by_step.entry((row.batch, row.fund_id)).or_insert(0) += row.amount;
    }
    for ((batch, _), sum) in by_step {
        check.look(sum == 0, || format!("{batch} sums to {sum}"));
    }
    Ok(check)
}

/// Each balance is the sum of its postings, and only the source is below nothing.
pub(super) async fn balances_follow_from_postings(app: &App) -> Result<Check, Error> {
    let mut check = Check::new("funds: every balance is the sum of its postings");
    let mut sums: BTreeMap<(Uuid, FundAccount), i64> = BTreeMap::new();
    for row in posting::Entity::find().all(app.db.read()).await? {
        *sums.entry((row.fund_id, row.account)).or_insert(0) += row.amount;
    }
    for balance in fund_balance::Entity::find().all(app.db.read()).await? {
        let sum = sums.get(&(balance.fund_id, balance.account)).copied().unwrap_or(0);
        let holds = sum == balance.amount && (sum >= 0 || balance.account == FundAccount::Source);
        check.look(holds, || {
            format!(
                "fund {} {:?}: {} against postings of {sum}",
                balance.fund_id, balance.account, balance.amount
            )
        });
    }
    Ok(check)
}

type LineRow = (Uuid, Option<Uuid>, i32, Option<i32>, LineKind, i64, LineStatus);

/// The lines, by where they stand, are the balances of the funds that carry them.
pub(super) async fn lines_tie_to_funds(app: &App) -> Result<Check, Error> {
    let mut check = Check::new(
        "funds: what lines say is in transit, paid (less what was paid back) and to be reissued is what funds say",
    );
    let conn = app.db.read();
    let orders: BTreeMap<Uuid, OrderStatus> = payment_order::Entity::find()
        .select_only()
        .columns([payment_order::Column::Id, payment_order::Column::Status])
        .into_tuple::<(Uuid, OrderStatus)>()
        .all(conn)
        .await?
        .into_iter()
        .collect();
    let runs: BTreeMap<Uuid, (PayRunStatus, Option<String>)> = fund_codes(app).await?;
    let lines: Vec<LineRow> = payment_line::Entity::find()
        .select_only()
        .columns([
            payment_line::Column::PayRunId,
            payment_line::Column::OrderId,
            payment_line::Column::CoverMonth,
            payment_line::Column::FiscalYear,
            payment_line::Column::Kind,
            payment_line::Column::Amount,
            payment_line::Column::Status,
        ])
        .filter(payment_line::Column::Status.ne(LineStatus::Cancelled))
        .into_tuple()
        .all(conn)
        .await?;
    let mut sums: BTreeMap<(String, i32, FundAccount), i64> = BTreeMap::new();
    for (run, order, month, fixed, kind, amount, status) in lines {
        let Some((run_status, Some(code))) = runs.get(&run) else {
            continue;
        };
        let account = match (run_status, order.and_then(|id| orders.get(&id))) {
            (PayRunStatus::Draft, _) => continue,
            (PayRunStatus::Submitted, _) => FundAccount::Reserved,
            (PayRunStatus::Approved, _) => FundAccount::Committed,
            _ if status == LineStatus::Reissued => FundAccount::Available,
            _ if status == LineStatus::Returned => FundAccount::ToReissue,
            (_, Some(OrderStatus::Settled | OrderStatus::Credited)) => FundAccount::Paid,
            _ => FundAccount::InTransit,
        };
        let year = fiscal_year(month, fixed);
        *sums.entry((code.clone(), year, account)).or_insert(0) += amount;
        let held = matches!(run_status, PayRunStatus::Submitted | PayRunStatus::Approved);
        if held && kind == LineKind::Reissue {
            // What came back is held for the line that pays it again, and waits no longer where it waited.
            *sums.entry((code.clone(), year, FundAccount::ToReissue)).or_insert(0) -= amount;
        }
    }
    for row in overpayment_recovery::Entity::find().all(conn).await? {
        *sums
            .entry((
                row.fund_code.clone(),
                fiscal_year(row.cover_month, row.fiscal_year),
                FundAccount::Paid,
            ))
            .or_insert(0) -= row.posted;
    }
    // What a bank moved too little of a paid order stands elsewhere until it is moved.
    for (code, year, account, amount) in differences::on_accounts(app).await? {
        if account == FundAccount::Paid {
            *sums.entry((code, year, account)).or_insert(0) += amount;
        }
    }
    for (code, year, amount) in relief_reserved(app).await? {
        *sums.entry((code, year, FundAccount::Reserved)).or_insert(0) += amount;
    }
    let funds = fund::Entity::find().all(conn).await?;
    let balances = fund_balance::Entity::find().all(conn).await?;
    let tied = [
        FundAccount::Reserved,
        FundAccount::Committed,
        FundAccount::InTransit,
        FundAccount::Paid,
        FundAccount::ToReissue,
    ];
    for fund in funds {
        for account in tied {
            let own = balances
                .iter()
                .find(|balance| balance.fund_id == fund.id && balance.account == account);
            let balance = own.map_or(0, |balance| balance.amount);
            let lines = sums
                .get(&(fund.code.clone(), fund.fiscal_year, account))
                .copied()
                .unwrap_or(0);
            check.look(balance == lines, || {
                format!(
                    "fund {} {} {account:?}: {balance} against lines of {lines}",
                    fund.code, fund.fiscal_year
                )
            });
        }
    }
    Ok(check)
}

/// What submitted and verified relief requests hold of their funds, by the fiscal year of their event.
async fn relief_reserved(app: &App) -> Result<Vec<(String, i32, i64)>, Error> {
    let waiting = [ReliefRequestStatus::Submitted, ReliefRequestStatus::Verified];
    let rows = relief_request::Entity::find()
        .find_also_related(relief_event::Entity)
        .filter(relief_request::Column::Status.is_in(waiting))
        .all(app.db.read())
        .await?;
    let held = rows.into_iter().filter_map(|(request, event)| {
        let year = domain::Month::of(event?.happened_on).year();
        Some((request.fund_code, year, request.total))
    });
    Ok(held.collect())
}

async fn fund_codes(app: &App) -> Result<BTreeMap<Uuid, (PayRunStatus, Option<String>)>, Error> {
    let runs = pay_run::Entity::find().all(app.db.read()).await?;
    Ok(runs
        .into_iter()
        .map(|run| (run.id, (run.status, Some(crate::pay_run::fund_code(&run).to_owned()))))
        .collect())
}
