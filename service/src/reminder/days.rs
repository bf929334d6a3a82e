//! What the calendar asks for: lists to be closed, settlements to be reported.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::NaiveDate;
use domain::Month;
use domain::calendar::Calendar;
use entity::enums::{CloseStatus, PayRunKind, PayRunStatus, ReminderKind};
use entity::{month_close, pay_run};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::error::Error;
use crate::job::{Job, JobContext, Queue};
use crate::pay_calendar;
use crate::pay_run::{RELEASED, coverage};
use crate::reminder::store::{self, Detail, Found};
use crate::reminder::{files, orders};

/// What this job looks for.
const KINDS: [ReminderKind; 6] = [
    ReminderKind::ListCloses,
    ReminderKind::SettlementDue,
    ReminderKind::OrdersUnanswered,
    ReminderKind::OrdersNotPosted,
    ReminderKind::OrdersSilent,
    ReminderKind::FilesNotFetched,
];

/// Looks at the calendar and at the orders, as of the day on which it runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemindOfDays {
    /// The day of the schedule that asked for it.
    pub slot: NaiveDate,
}

impl Job for RemindOfDays {
    const KIND: &'static str = "remind_of_days";
    const QUEUE: Queue = Queue::Default;
    const TIMEOUT: Duration = Duration::from_secs(600);

    fn natural_key(&self) -> String {
        format!("schedule:remind_of_days:{}", self.slot)
    }

    async fn run(&self, app: &App, ctx: &JobContext) -> Result<(), Error> {
        let mut found = lists(app).await?;
        found.extend(settlements(app).await?);
        found.extend(orders::unanswered(app).await?);
        found.extend(orders::not_posted(app).await?);
        found.extend(orders::silent(app).await?);
        found.extend(files::not_fetched(app).await?);
        app.db
            .write(async |txn| {
                store::keep(app, txn, &KINDS, found.clone()).await?;
                ctx.finish_in(txn).await
            })
            .await
    }
}

/// From when on the list of a month is asked for, and by which day.
fn asked(calendar: &Calendar<'_>, cover: Month, early: Option<NaiveDate>) -> (NaiveDate, NaiveDate) {
    early.map_or_else(
        || (Calendar::opens(cover), calendar.list_closes(cover)),
        // As long before its day as a list is made before the month that is paid.
        |day| (Calendar::opens(Month::of(day)), day),
    )
}

/// Months whose list may be made by now and is not submitted, or leaves out an area, a channel or a fund. One that is paid
/// early is due on the day on which it is paid.
async fn lists(app: &App) -> Result<Vec<Found>, Error> {
    let Some(first) = app.first_month().await? else {
        return Ok(Vec::new());
    };
    let (conn, today) = (app.db.read(), app.clock.today());
    let this = Month::of(today);
    let (calendar, early) = (pay_calendar::load(conn).await?, pay_calendar::early(conn).await?);
    let from = first.max(this.previous());
    let to = early.keys().max().map_or(this.next(), |last| this.next().max(*last));
    let runs = pay_run::Entity::find()
        .filter(pay_run::Column::Kind.eq(PayRunKind::Regular))
        .filter(pay_run::Column::CoverMonth.between(from.yyyymm(), to.yyyymm()))
        .all(conn)
        .await?;
    let mut found = Vec::new();
    for cover in from.through(to) {
        let paid_early = early.get(&cover).map(|(day, _)| *day);
        let (opens, due_on) = asked(&calendar, cover, paid_early);
        if opens > today {
            continue;
        }
        let own: Vec<pay_run::Model> = runs
            .iter()
            .filter(|run| run.cover_month == cover.yyyymm())
            .cloned()
            .collect();
        let mut missing = 0;
        if is_submitted(&own) {
            missing = coverage::of_month(conn, cover, &own)
                .await?
                .map_or(0, |left| left.len());
            if missing == 0 {
                continue;
            }
        }
        found.push(Found {
            kind: ReminderKind::ListCloses,
            subject: format!("month:{cover}"),
            due_on: Some(due_on),
            detail: Detail {
                name: cover.to_string(),
                items: i64::try_from(missing.max(1)).map_err(Error::internal)?,
                since: Some(opens),
                early: paid_early.is_some(),
                in_part: missing > 0,
                ..Detail::default()
            },
        });
    }
    Ok(found)
}

/// Is one of the runs of a month signed by its maker, and none still being made?
fn is_submitted(runs: &[pay_run::Model]) -> bool {
    all_submitted(runs.iter().map(|run| run.status))
}

fn all_submitted(runs: impl Iterator<Item = PayRunStatus>) -> bool {
    let mut own = runs.filter(|status| *status != PayRunStatus::Cancelled).peekable();
    own.peek().is_some() && own.all(|status| status != PayRunStatus::Draft)
}

/// Months that were paid and are not closed.
async fn settlements(app: &App) -> Result<Vec<Found>, Error> {
    let conn = app.db.read();
    let this = Month::of(app.clock.today());
    let paid: Vec<(i32, i64)> = pay_run::Entity::find()
        .select_only()
        .columns([pay_run::Column::CoverMonth, pay_run::Column::Total])
        .filter(pay_run::Column::Status.is_in(RELEASED))
        .filter(pay_run::Column::CoverMonth.lte(this.yyyymm()))
        .into_tuple()
        .all(conn)
        .await?;
    let closed: Vec<i32> = month_close::Entity::find()
        .select_only()
        .column(month_close::Column::Month)
        .filter(month_close::Column::Status.eq(CloseStatus::Closed))
        .into_tuple()
        .all(conn)
        .await?;
    let calendar = pay_calendar::load(conn).await?;
    let open: BTreeSet<i32> = paid.iter().map(|(month, _)| *month).collect();
    let open = open.into_iter().filter(|month| !closed.contains(month));
    open.map(|number| {
        let month = Month::from_yyyymm(number).map_err(Error::internal)?;
        let amounts = paid.iter().filter(|(own, _)| *own == number);
        Ok(Found {
            kind: ReminderKind::SettlementDue,
            subject: format!("month:{month}"),
            due_on: Some(calendar.settlement_due(month)),
            detail: Detail {
                name: month.to_string(),
                items: i64::try_from(amounts.clone().count()).map_err(Error::internal)?,
                amount: amounts.map(|(_, amount)| amount).sum(),
                ..Detail::default()
            },
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_waits_until_every_run_of_its_month_is_submitted() {
        let submitted = |runs: &[PayRunStatus]| all_submitted(runs.iter().copied());
        assert!(!submitted(&[]));
        assert!(!submitted(&[PayRunStatus::Draft]));
        assert!(!submitted(&[PayRunStatus::Cancelled]));
        let mut parts = vec![PayRunStatus::Released, PayRunStatus::Cancelled, PayRunStatus::Draft];
        assert!(!submitted(&parts), "one part is still being made");
        parts.pop();
        assert!(submitted(&parts));
    }
}
