//! Whether the regular runs of a month complete it. Runs of some areas or one channel take no month: only a run for
//! everybody does, and until there is one, what they hold is carried over to no later month.

use std::collections::BTreeSet;

use domain::Month;
use entity::enums::{Channel, PayRunKind, PayRunStatus};
use entity::pay_run;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::Scope;
use crate::app::App;
use crate::error::Error;
use crate::pay_run::filter::Filter;
use crate::person;

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
}

/// A month that is paid by areas or channels alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MonthNotCompletedView {
    /// The month.
    #[schema(value_type = String, example = "2024-09")]
    pub month: Month,
    /// Areas and channels that no regular run of the month is for, in the caller's areas; empty where only the run for
    /// everybody is missing.
    pub uncovered: Vec<UncoveredView>,
}

/// What of the month lacks, where a run is one of some areas or one channel, in a scope.
pub(super) async fn of_run(
    app: &App,
    scope: &Scope,
    run: &pay_run::Model,
) -> Result<Option<MonthNotCompletedView>, Error> {
    if run.kind != PayRunKind::Regular || Filter::of(run)?.is_whole() {
        return Ok(None);
    }
    let conn = app.db.read();
    let runs = pay_run::Entity::find()
        .filter(pay_run::Column::Kind.eq(PayRunKind::Regular))
        .filter(pay_run::Column::CoverMonth.eq(run.cover_month))
        .all(conn)
        .await?;
    let Some(mut uncovered) = of_month(conn, &runs).await? else {
        return Ok(None);
    };
    uncovered.retain(|own| own.area_id.as_ref().is_none_or(|area| scope.covers(area)));
    Ok(Some(MonthNotCompletedView {
        month: super::cover_month(run)?,
        uncovered,
    }))
}

/// Is it a regular run that pays somebody, or will?
pub(crate) fn counts(run: &pay_run::Model) -> bool {
    run.kind == PayRunKind::Regular && !matches!(run.status, PayRunStatus::Rejected | PayRunStatus::Cancelled)
}

/// Areas and channels that no regular run among these runs of a month is for; none where one is for everybody, or no
/// regular run is among them.
pub(crate) async fn of_month(
    conn: &impl ConnectionTrait,
    runs: &[pay_run::Model],
) -> Result<Option<Vec<UncoveredView>>, Error> {
    let runs = runs.iter().filter(|run| counts(run));
    let filters = runs.map(Filter::of).collect::<Result<Vec<_>, _>>()?;
    if filters.is_empty() || filters.iter().any(Filter::is_whole) {
        return Ok(None);
    }
    Ok(Some(uncovered(&filters, &person::areas(conn).await?)))
}

fn uncovered(filters: &[Filter], areas: &BTreeSet<String>) -> Vec<UncoveredView> {
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
    };
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
