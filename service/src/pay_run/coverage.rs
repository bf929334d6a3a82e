//! Whether the regular runs of a month complete it. Runs of some areas or one channel take it of those alone whom they pay
//! or hold, and what they hold waits as arrears once they are released. Only a run for everybody takes it as a whole: until
//! there is one, what is due to those whom no run is for is carried over to no later month. Where programs draw on several
//! funds, each fund has a run of its own for everybody, and the month is complete when what falls due in it of every
//! benefit is some run's.

use std::collections::BTreeSet;

use domain::Month;
use entity::enums::{Channel, PayRunKind, PayRunStatus};
use entity::{determination, determination_period, entitlement, pay_run};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::Scope;
use crate::app::App;
use crate::error::Error;
use crate::pay_run::draw;
use crate::pay_run::filter::Filter;
use crate::person;
use crate::program::FundOfBenefit;

const CHANNELS: [Channel; 2] = [Channel::BankTransfer, Channel::PostCash];

/// Where people live whom no regular run of the month is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct UncoveredView {
    /// The area; null: every one.
    #[schema(example = "06652@1900-01")]
    pub area_id: Option<String>,
    /// The channel; null: every one.
    #[schema(value_type = Option<String>, example = "post_cash")]
    pub channel: Option<Channel>,
    /// The fund that pays them.
    #[schema(example = "social_assistance")]
    pub fund_code: String,
}

/// A month that is paid by areas or channels alone, or by some of its funds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MonthNotCompletedView {
    /// The month.
    #[schema(value_type = String, example = "2024-09")]
    pub month: Month,
    /// Areas and channels that no regular run of the month is for, in the caller's areas; empty where only the run for
    /// everybody is missing.
    pub uncovered: Vec<UncoveredView>,
}

/// What of its month lacks, where a run is a regular one, in a scope.
pub(super) async fn of_run(
    app: &App,
    scope: &Scope,
    run: &pay_run::Model,
) -> Result<Option<MonthNotCompletedView>, Error> {
    if run.kind != PayRunKind::Regular {
        return Ok(None);
    }
    let conn = app.db.read();
    let runs = pay_run::Entity::find()
        .filter(pay_run::Column::Kind.eq(PayRunKind::Regular))
        .filter(pay_run::Column::CoverMonth.eq(run.cover_month))
        .all(conn)
        .await?;
    let month = super::cover_month(run)?;
    let Some(mut uncovered) = of_month(conn, month, &runs).await? else {
        return Ok(None);
    };
    uncovered.retain(|own| own.area_id.as_ref().is_none_or(|area| scope.covers(area)));
    Ok(Some(MonthNotCompletedView { month, uncovered }))
}

/// Is it a regular run that pays somebody, or will?
pub(crate) fn counts(run: &pay_run::Model) -> bool {
    run.kind == PayRunKind::Regular && run.status != PayRunStatus::Cancelled
}

/// Areas and channels that no regular run among these runs of a month is for, fund by fund; none where what falls due of
/// every benefit is that of a run for everybody, or no regular run is among them.
pub(crate) async fn of_month(
    conn: &impl ConnectionTrait,
    month: Month,
    runs: &[pay_run::Model],
) -> Result<Option<Vec<UncoveredView>>, Error> {
    let runs: Vec<&pay_run::Model> = runs.iter().filter(|run| counts(run)).collect();
    let (mut partial, mut covered) = (Vec::new(), BTreeSet::new());
    for run in &runs {
        let filter = Filter::of(run)?;
        match (filter.is_whole(), draw::benefits(run)?) {
            (true, None) => return Ok(None),
            (true, Some(own)) => covered.extend(own),
            (false, _) => partial.push((run.fund_code.as_str(), filter)),
        }
    }
    if runs.is_empty() {
        return Ok(None);
    }
    let map = FundOfBenefit::load(conn).await?;
    let mut due = benefits_due(conn, month).await?;
    due.retain(|benefit| !covered.contains(benefit));
    let mut funds: BTreeSet<&str> = due.iter().map(|benefit| map.fund(benefit)).collect();
    if covered.is_empty() {
        // Nobody is due anything, and still no run is for everybody.
        funds.extend(partial.iter().map(|(fund, _)| *fund));
    }
    if funds.is_empty() {
        return Ok(None);
    }
    let areas = person::areas(conn).await?;
    let mut found = Vec::new();
    for fund in funds {
        let own = partial.iter().filter(|(other, _)| *other == fund);
        let filters: Vec<Filter> = own.map(|(_, filter)| filter.clone()).collect();
        found.extend(uncovered(&filters, &areas, fund));
    }
    Ok(Some(found))
}

/// The benefits of which something falls due in a month.
pub(super) async fn benefits_due(conn: &impl ConnectionTrait, month: Month) -> Result<BTreeSet<String>, Error> {
    use determination_period::Column as P;
    let number = month.yyyymm();
    let open = Condition::any().add(P::ToMonth.is_null()).add(P::ToMonth.gte(number));
    let in_itself = Condition::all()
        .add(P::DueMonth.is_null())
        .add(P::FromMonth.lte(number))
        .add(open);
    let right = determination::Entity::belongs_to(entitlement::Entity)
        .from(determination::Column::EntitlementId)
        .to(entitlement::Column::Id);
    let periods = determination::Entity::belongs_to(determination_period::Entity)
        .from(determination::Column::Id)
        .to(P::DeterminationId);
    let benefits: Vec<String> = determination::Entity::find()
        .select_only()
        .column(entitlement::Column::Benefit)
        .distinct()
        .join(JoinType::InnerJoin, right.into())
        .join(JoinType::InnerJoin, periods.into())
        .filter(determination::Column::SupersededAt.is_null())
        .filter(Condition::any().add(in_itself).add(P::DueMonth.eq(number)))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(benefits.into_iter().collect())
}

fn uncovered(filters: &[Filter], areas: &BTreeSet<String>, fund: &str) -> Vec<UncoveredView> {
    if areas.is_empty() {
        return Vec::new();
    }
    let covered = |area: &String, channel: Channel| {
        let of_channel = |filter: &Filter| filter.channel().is_none_or(|own| own == channel);
        filters.iter().any(|filter| filter.holds(area) && of_channel(filter))
    };
    // A channel that no run is for is told once, not area by area.
    let (somewhere, nowhere): (Vec<Channel>, Vec<Channel>) = CHANNELS
        .into_iter()
        .partition(|channel| areas.iter().any(|area| covered(area, *channel)));
    let told = |area_id: Option<&String>, channel| UncoveredView {
        area_id: area_id.cloned(),
        channel,
        fund_code: fund.to_owned(),
    };
    if filters.is_empty() {
        return vec![told(None, None)];
    }
    let mut found: Vec<UncoveredView> = nowhere.iter().map(|channel| told(None, Some(*channel))).collect();
    for area in areas {
        let missing: Vec<Channel> = somewhere.iter().copied().filter(|own| !covered(area, *own)).collect();
        if missing.len() == CHANNELS.len() {
            found.push(told(Some(area), None));
        } else {
            found.extend(missing.into_iter().map(|channel| told(Some(area), Some(channel))));
        }
    }
    found
}
