//! Whether the money for a run is there, and how many people must approve it: told before it is submitted.

use std::collections::BTreeMap;

use entity::enums::{FundAccount, PayRunStatus};
use entity::{fund, fund_balance, pay_run};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::Scope;
use crate::app::App;
use crate::error::Error;
use crate::pay_run::preview::Sum;
use crate::pay_run::tier;

/// The lines that one fiscal year carries, and what its fund has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FundYearSum {
    /// The fiscal year.
    #[schema(example = "2024")]
    pub key: String,
    /// How many lines.
    pub lines: i64,
    /// Đồng.
    pub total: i64,
    /// What the fund of the year has that is not spoken for, đồng; null where there is no fund, and for callers of some
    /// areas alone: funds are the province's.
    #[schema(example = 1_000_000_000)]
    pub available: Option<i64>,
    /// What the fund lacks for the run to be submitted, đồng; 0 where it suffices or the money is reserved already. Null
    /// for callers of some areas alone.
    #[schema(example = 0)]
    pub missing: Option<i64>,
}

/// The sums by fiscal year beside the funds that carry them.
pub(super) async fn by_year(
    app: &App,
    scope: &Scope,
    run: &pay_run::Model,
    sums: Vec<Sum>,
) -> Result<Vec<FundYearSum>, Error> {
    let available = if scope.is_everywhere() {
        Some(available(app, super::fund_code(run)).await?)
    } else {
        None
    };
    let draft = run.status == PayRunStatus::Draft;
    let sums = sums.into_iter().map(|sum| {
        let own = available.as_ref().and_then(|years| years.get(&sum.key).copied());
        let lacking = (sum.total - own.unwrap_or(0)).max(0);
        FundYearSum {
            available: own,
            missing: available.as_ref().map(|_| if draft { lacking } else { 0 }),
            key: sum.key,
            lines: sum.lines,
            total: sum.total,
        }
    });
    Ok(sums.collect())
}

/// What the funds of a code have available, by fiscal year.
async fn available(app: &App, code: &str) -> Result<BTreeMap<String, i64>, Error> {
    let conn = app.db.read();
    let funds = fund::Entity::find()
        .filter(fund::Column::Code.eq(code))
        .all(conn)
        .await?;
    let ids: Vec<Uuid> = funds.iter().map(|fund| fund.id).collect();
    let balances = fund_balance::Entity::find()
        .filter(fund_balance::Column::FundId.is_in(ids))
        .filter(fund_balance::Column::Account.eq(FundAccount::Available))
        .all(conn)
        .await?;
    let balances: BTreeMap<Uuid, i64> = balances.into_iter().map(|own| (own.fund_id, own.amount)).collect();
    let years = funds.into_iter().map(|fund| {
        let amount = balances.get(&fund.id).copied().unwrap_or(0);
        (fund.fiscal_year.to_string(), amount)
    });
    Ok(years.collect())
}

/// How many people must approve a run, and the amount that says so: by the tiers in force for a draft, else as it was when
/// it was submitted. The amount is the province's, and not told to callers of some areas alone.
pub(super) async fn approvals_needed(
    app: &App,
    scope: &Scope,
    run: &pay_run::Model,
) -> Result<(i32, Option<i64>), Error> {
    let conn = app.db.read();
    let (approvals, amount) = if run.status == PayRunStatus::Draft {
        let (tier, amount) = tier::of(conn, run).await?;
        (tier.approvals, amount)
    } else {
        (run.approvals, tier::told(conn, run).await?)
    };
    Ok((approvals, scope.is_everywhere().then_some(amount)))
}
