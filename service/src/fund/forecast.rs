//! When a fund runs out: what it has left against what the current determinations say is due of the benefits whose programs
//! draw on it, run by run in the order in which they are paid; and the same of each line that programs name.

use chrono::NaiveDate;
use domain::Month;
use entity::enums::{FundAccount, LineKind, LineStatus, ReliefRequestStatus};
use entity::{fund, fund_balance, pay_run, payment_line, relief_event, relief_request};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::{Error, Text};
use crate::fund::course::Course;
use crate::fund::dues::Dues;
use crate::fund::fiscal_year;
use crate::fund::forecast_line::{self, ForecastLine};
use crate::program::FundOfBenefit;

/// A month still to be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ForecastMonth {
    /// The month whose run pays it.
    pub month: Month,
    /// The day on which it is paid, as the calendar suggests it; today where that has passed.
    pub pay_date: NaiveDate,
    /// Đồng of this fund's year that are still to be paid: what falls due without what was paid of it already, by runs of
    /// some areas or one channel or before it was put off, pending arrears of earlier months, and with the month that is
    /// paid first what came back.
    #[schema(example = 27000000000_i64)]
    pub cost: i64,
    /// Components of which the law does not say how much is due: they come on top.
    #[schema(example = 0)]
    pub undetermined: i64,
    /// Left afterwards, đồng; below nothing, what is missing.
    #[schema(example = 3000000000_i64)]
    pub left: i64,
}

/// How long a fund lasts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ForecastView {
    /// The fund.
    pub fund_id: Uuid,
    /// Its code.
    #[schema(example = "social_assistance")]
    pub code: String,
    /// Its fiscal year.
    #[schema(example = 2024)]
    pub fiscal_year: i32,
    /// What it has for runs that are not released, with what came back and is paid again, đồng.
    pub unspent: i64,
    /// Part of that: held for runs and requests that were submitted or approved and have not left, đồng.
    #[schema(example = 0)]
    pub reserved: i64,
    /// Part of that: what requests for relief ask for that are filed or verified, đồng. No month costs it.
    #[schema(example = 0)]
    pub requested: i64,
    /// What is left of `unspent` for all that nobody has asked for yet: less `requested`, and where no benefits are paid from
    /// it month by month less all that is reserved, đồng.
    #[schema(example = 3000000000_i64)]
    pub free: i64,
    /// Arrears that wait for a run and that its year carries when they are paid, đồng.
    pub pending_arrears: i64,
    /// What came back and is not paid again yet, đồng; it is paid with the month that is paid first.
    #[schema(example = 0)]
    pub to_reissue: i64,
    /// The months still to be paid, in the order of the days on which they are, and those of other years that make up for
    /// months which this one carries; none where no benefits are paid from it month by month.
    pub months: Vec<ForecastMonth>,
    /// How long each line of its estimate lasts that programs name; none where the fund has no lines.
    pub lines: Vec<ForecastLine>,
    /// Why nobody can say when it runs out: `no_monthly_benefits`, where it is asked for money by events that have no rate.
    /// None where that is known: `runs_out_in` says when, or that it lasts.
    #[schema(example = json!(null))]
    pub unknown: Option<String>,
    /// The same in words.
    pub unknown_text: Option<Text>,
    /// The first month that it can't pay.
    pub runs_out_in: Option<Month>,
    /// The day on which that would be paid.
    pub runs_out_on: Option<NaiveDate>,
    /// What is missing by the end of the year, đồng.
    pub missing: i64,
}

/// How long a fund lasts if nothing changes.
pub async fn forecast(app: &App, actor: &Actor, fund_id: Uuid) -> Result<ForecastView, Error> {
    actor.require_province(Permission::FundRead)?;
    let fund = fund::Entity::find_by_id(fund_id)
        .one(app.db.read())
        .await?
        .ok_or_else(Error::not_found)?;
    let (unspent, reserved) = unspent(app, fund_id).await?;
    let requested = requested(app, &fund).await?;
    let mut view = ForecastView {
        fund_id,
        unspent,
        reserved,
        requested,
        free: unspent - requested,
        unknown: None,
        unknown_text: None,
        pending_arrears: 0,
        to_reissue: 0,
        months: Vec::new(),
        lines: Vec::new(),
        runs_out_in: None,
        runs_out_on: None,
        missing: 0,
        fiscal_year: fund.fiscal_year,
        code: fund.code,
    };
    let named = FundOfBenefit::load(app.db.read()).await?;
    let benefits = named.benefits(&view.code);
    view.to_reissue = to_reissue(app, &view.code, fund.fiscal_year).await?;
    if benefits.is_empty() {
        return Ok(without_rate(view));
    }
    let Ok(december) = Month::new(fund.fiscal_year, 12) else {
        return Ok(view);
    };
    let dues = Dues::load(app, &benefits).await?;
    let course = Course::load(app, &dues, december).await?;
    let walk = course.walk(&dues, &benefits, (view.free, view.to_reissue));
    Ok(ForecastView {
        runs_out_on: walk.runs_out.map(|(day, _)| day),
        runs_out_in: walk.runs_out.map(|(_, month)| month),
        months: walk.months,
        pending_arrears: walk.arrears,
        missing: walk.missing,
        lines: forecast_line::lines(app, (fund_id, &view.code), &named, (&dues, &course)).await?,
        ..view
    })
}

/// Money that only events ask for: what they have asked for is counted, what they will ask for nobody knows.
fn without_rate(view: ForecastView) -> ForecastView {
    ForecastView {
        free: view.unspent - view.reserved.max(view.requested),
        unknown: Some("no_monthly_benefits".to_owned()),
        unknown_text: Some(Text::new(
            "Chưa rõ: nguồn này không chi trợ cấp hằng tháng nào, nên không có mức chi mỗi tháng để tính ngày hết",
            "Unknown: no benefits are paid from this fund month by month, so there is no rate to tell the day by",
        )),
        ..view
    }
}

/// What a fund has that has not left it, and the part of that which it holds for somebody.
async fn unspent(app: &App, fund_id: Uuid) -> Result<(i64, i64), Error> {
    let held = [
        FundAccount::Available,
        FundAccount::Reserved,
        FundAccount::Committed,
        FundAccount::ToReissue,
    ];
    let amounts: Vec<(FundAccount, i64)> = fund_balance::Entity::find()
        .select_only()
        .columns([fund_balance::Column::Account, fund_balance::Column::Amount])
        .filter(fund_balance::Column::FundId.eq(fund_id))
        .filter(fund_balance::Column::Account.is_in(held))
        .into_tuple()
        .all(app.db.read())
        .await?;
    let holds = |account: FundAccount| matches!(account, FundAccount::Reserved | FundAccount::Committed);
    let reserved = amounts.iter().filter(|(account, _)| holds(*account));
    let reserved = reserved.map(|(_, amount)| amount).sum();
    Ok((amounts.iter().map(|(_, amount)| amount).sum(), reserved))
}

/// What requests ask of a fund that are filed or verified and not paid; the year of the event carries them.
async fn requested(app: &App, fund: &fund::Model) -> Result<i64, Error> {
    use relief_request::Column as R;
    let (Ok(january), Ok(december)) = (Month::new(fund.fiscal_year, 1), Month::new(fund.fiscal_year, 12)) else {
        return Ok(0);
    };
    let event = relief_request::Entity::belongs_to(relief_event::Entity)
        .from(R::ReliefEventId)
        .to(relief_event::Column::Id);
    let totals: Vec<i64> = relief_request::Entity::find()
        .select_only()
        .column(R::Total)
        .join(JoinType::InnerJoin, event.into())
        .filter(R::FundCode.eq(fund.code.as_str()))
        .filter(R::Status.is_in([ReliefRequestStatus::Submitted, ReliefRequestStatus::Verified]))
        .filter(relief_event::Column::HappenedOn.between(january.first_day(), december.last_day()))
        .into_tuple()
        .all(app.db.read())
        .await?;
    Ok(totals.iter().sum())
}

/// What came back to a fund of the lines that a year carries, and no line that left the house pays again.
async fn to_reissue(app: &App, code: &str, year: i32) -> Result<i64, Error> {
    use payment_line::Column as L;
    let run = payment_line::Entity::belongs_to(pay_run::Entity)
        .from(L::PayRunId)
        .to(pay_run::Column::Id);
    let rows: Vec<(i32, Option<i32>, Option<i64>)> = payment_line::Entity::find()
        .select_only()
        .columns([L::CoverMonth, L::FiscalYear])
        .expr_as(Expr::cust("CAST(SUM(payment_line.amount) AS BIGINT)"), "amount")
        .join(JoinType::InnerJoin, run.into())
        .filter(pay_run::Column::FundCode.eq(code))
        .filter(L::Status.eq(LineStatus::Returned))
        .filter(L::Kind.ne(LineKind::Relief))
        .group_by(L::CoverMonth)
        .group_by(L::FiscalYear)
        .into_tuple()
        .all(app.db.read())
        .await?;
    let own = rows
        .into_iter()
        .filter(|(month, fixed, _)| fiscal_year(*month, *fixed) == year);
    Ok(own.filter_map(|(_, _, amount)| amount).sum())
}
