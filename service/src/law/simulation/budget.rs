//! The cost of a draft against the funds of its fiscal year that programs of benefits draw on, taken together.

use domain::Month;
use entity::enums::{ArrearsStatus, FundAccount};
use entity::{arrears, fund, fund_balance};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::frame::Frame;
use super::result::SimulationResult;
use crate::app::App;
use crate::error::Error;
use crate::program::FundOfBenefit;

/// A month still to be paid, and what the fund then has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BudgetMonth {
    /// The month.
    pub month: Month,
    /// Đồng to pay by the law in force, pending arrears with the first month.
    pub now: i64,
    /// Đồng to pay under the draft, the arrears that it makes with the first month.
    pub draft: i64,
    /// Left afterwards by the law in force; below nothing, what is missing.
    pub left_now: i64,
    /// Left afterwards under the draft.
    pub left_draft: i64,
}

/// A fiscal year against its fund, đồng.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Budget {
    /// The fund's code; of several funds all of them.
    #[schema(example = "social_assistance")]
    pub code: String,
    /// Its name.
    pub name: String,
    /// The fiscal year.
    #[schema(example = 2024)]
    pub fiscal_year: i32,
    /// What the fund still has for runs that are not released.
    pub available: i64,
    /// What the whole year costs by the law in force.
    pub year_now: i64,
    /// What it costs under the draft, the arrears that it makes included.
    pub year_draft: i64,
    /// The months still to be paid.
    pub months: Vec<BudgetMonth>,
    /// The first month that the fund can't pay by the law in force.
    pub runs_out_now: Option<Month>,
    /// The first month that it can't pay under the draft.
    pub runs_out_draft: Option<Month>,
}

/// The funds that bear the change, none where none of them is opened yet.
pub(super) async fn budget(app: &App, frame: &Frame, result: &SimulationResult) -> Result<Option<Budget>, Error> {
    let codes = FundOfBenefit::load(app.db.read()).await?.codes();
    let own = fund::Entity::find()
        .filter(fund::Column::Code.is_in(codes))
        .filter(fund::Column::FiscalYear.eq(frame.fiscal_year))
        .order_by_asc(fund::Column::Code)
        .all(app.db.read())
        .await?;
    if own.is_empty() {
        return Ok(None);
    }
    let unspent = [FundAccount::Available, FundAccount::Reserved, FundAccount::Committed];
    let amounts: Vec<i64> = fund_balance::Entity::find()
        .select_only()
        .column(fund_balance::Column::Amount)
        .filter(fund_balance::Column::FundId.is_in(own.iter().map(|fund| fund.id)))
        .filter(fund_balance::Column::Account.is_in(unspent))
        .into_tuple()
        .all(app.db.read())
        .await?;
    let pending: Vec<i64> = arrears::Entity::find()
        .select_only()
        .column(arrears::Column::Amount)
        .filter(arrears::Column::Status.eq(ArrearsStatus::Pending))
        .into_tuple()
        .all(app.db.read())
        .await?;
    let mut budget = spend(frame, result, amounts.iter().sum(), pending.iter().sum());
    let joined = |of: fn(&fund::Model) -> &str| own.iter().map(of).collect::<Vec<_>>().join(", ");
    budget.name = joined(|fund| fund.name.as_str());
    budget.code = joined(|fund| fund.code.as_str());
    Ok(Some(budget))
}

/// Spends what is available month by month.
pub(super) fn spend(frame: &Frame, result: &SimulationResult, available: i64, pending: i64) -> Budget {
    let (january, december) = frame.year();
    let (mut year_now, mut year_draft) = (0, result.arrears.dong);
    for month in january.through(december) {
        let (now, draft) = result.month(month);
        year_now += now;
        year_draft += draft;
    }
    let mut budget = Budget {
        code: String::new(),
        name: String::new(),
        fiscal_year: frame.fiscal_year,
        available,
        year_now,
        year_draft,
        months: Vec::new(),
        runs_out_now: None,
        runs_out_draft: None,
    };
    let (mut left_now, mut left_draft) = (available, available);
    let begin = frame.next.max(january);
    for month in begin.through(december) {
        let (mut now, mut draft) = result.month(month);
        if month == frame.next {
            now += pending;
            draft += pending + result.arrears.dong;
        }
        left_now -= now;
        left_draft -= draft;
        if left_now < 0 {
            budget.runs_out_now.get_or_insert(month);
        }
        if left_draft < 0 {
            budget.runs_out_draft.get_or_insert(month);
        }
        budget.months.push(BudgetMonth {
            month,
            now,
            draft,
            left_now,
            left_draft,
        });
    }
    budget
}
