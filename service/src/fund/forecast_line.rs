//! When the lines of a fund's estimate run out that programs name: a program stops where its line does, whatever else the
//! fund has left.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::Month;
use entity::enums::PayRunStatus;
use entity::{fund_line, fund_line_draw, pay_run};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::fund::course::{Course, Walk};
use crate::fund::dues::Dues;
use crate::program::FundOfBenefit;

/// How long a line of a fund's estimate lasts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ForecastLine {
    /// Its code.
    #[schema(example = "monthly")]
    pub code: String,
    /// What it is for; none where programs name a line that the fund does not have.
    #[schema(example = "Trợ cấp xã hội hằng tháng")]
    pub name: Option<String>,
    /// What it has for runs that are not released, đồng.
    #[schema(example = 3000000000_i64)]
    pub unspent: i64,
    /// The first month that it can't pay.
    pub runs_out_in: Option<Month>,
    /// The day on which that would be paid.
    pub runs_out_on: Option<NaiveDate>,
    /// What is missing by the end of the year, đồng.
    #[schema(example = 0)]
    pub missing: i64,
}

/// The lines of a fund that programs name, in their order, along the course of the fund; none where it has no lines at all:
/// nothing is drawn on any then. What came back is on no line: it was drawn when it was paid first.
pub(super) async fn lines(
    app: &App,
    (fund, code): (Uuid, &str),
    named: &FundOfBenefit,
    (dues, course): (&Dues, &Course),
) -> Result<Vec<ForecastLine>, Error> {
    let rows = fund_line::Entity::find()
        .filter(fund_line::Column::FundId.eq(fund))
        .order_by_asc(fund_line::Column::Position)
        .all(app.db.read())
        .await?;
    let mut benefits: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for benefit in named.benefits(code) {
        if let Some(line) = named.line(code, &benefit) {
            benefits.entry(line.to_owned()).or_default().insert(benefit);
        }
    }
    if rows.is_empty() || benefits.is_empty() {
        return Ok(Vec::new());
    }
    let gone = released(app, fund).await?;
    let mut found = Vec::new();
    for row in rows {
        let own = row.code.and_then(|code| benefits.remove_entry(&code));
        if let Some((code, own)) = own {
            let unspent = row.amount - gone.get(&code).copied().unwrap_or(0);
            let walk = course.walk(dues, &own, (unspent, 0));
            found.push(line((code, Some(row.name)), unspent, &walk));
        }
    }
    for (code, own) in benefits {
        found.push(line((code, None), 0, &course.walk(dues, &own, (0, 0))));
    }
    Ok(found)
}

fn line((code, name): (String, Option<String>), unspent: i64, walk: &Walk) -> ForecastLine {
    ForecastLine {
        code,
        name,
        unspent,
        runs_out_in: walk.runs_out.map(|(_, month)| month),
        runs_out_on: walk.runs_out.map(|(day, _)| day),
        missing: walk.missing,
    }
}

/// What runs that were released have drawn on each line of a fund, by its code. What others hold is theirs only once they
/// leave: their months are still to be paid.
async fn released(app: &App, fund: Uuid) -> Result<BTreeMap<String, i64>, Error> {
    let draws = fund_line_draw::Entity::find()
        .filter(fund_line_draw::Column::FundId.eq(fund))
        .all(app.db.read())
        .await?;
    let runs: BTreeSet<Uuid> = draws.iter().map(|draw| draw.pay_run_id).collect();
    let waiting = [PayRunStatus::Draft, PayRunStatus::Submitted, PayRunStatus::Approved];
    let waiting: Vec<Uuid> = pay_run::Entity::find()
        .select_only()
        .column(pay_run::Column::Id)
        .filter(pay_run::Column::Id.is_in(runs))
        .filter(pay_run::Column::Status.is_in(waiting))
        .into_tuple()
        .all(app.db.read())
        .await?;
    let mut sums = BTreeMap::new();
    for draw in draws.into_iter().filter(|draw| !waiting.contains(&draw.pay_run_id)) {
        *sums.entry(draw.line_code).or_insert(0) += draw.amount;
    }
    Ok(sums)
}
