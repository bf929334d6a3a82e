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
use crate::pay_run::RELEASED;
use crate::reminder::orders;
use crate::reminder::store::{self, Detail, Found};

/// What this job looks for.
const KINDS: [ReminderKind; 5] = [
    ReminderKind::ListCloses,
    ReminderKind::SettlementDue,
    ReminderKind::OrdersUnanswered,
    ReminderKind::OrdersNotPosted,
    ReminderKind::OrdersSilent,
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
        app.db
            .write(async |txn| {
                store::keep(app, txn, &KINDS, found.clone()).await?;
                ctx.finish_in(txn).await
            })
            .await
    }
}

/// Months whose list may be made by now and is not submitted; those that are paid early are none.
async fn lists(app: &App) -> Result<Vec<Found>, Error> {
    let Some(first) = app.first_month().await? else {
        return Ok(Vec::new());
    };
    let (conn, today) = (app.db.read(), app.clock.today());
    let this = Month::of(today);
    let (from, to) = (first.max(this.previous()), this.next());
    let runs: Vec<(i32, PayRunStatus)> = pay_run::Entity::find()
        .select_only()
        .columns([pay_run::Column::CoverMonth, pay_run::Column::Status])
        .filter(pay_run::Column::Kind.eq(PayRunKind::Regular))
        .filter(pay_run::Column::CoverMonth.between(from.yyyymm(), to.yyyymm()))
        .into_tuple()
        .all(conn)
        .await?;
    let (calendar, early) = (pay_calendar::load(conn).await?, pay_calendar::early(conn).await?);
    let mut found = Vec::new();
    for cover in from.through(to) {
        if Calendar::opens(cover) > today || early.contains_key(&cover) || is_submitted(&runs, cover) {
            continue;
        }
        found.push(Found {
            kind: ReminderKind::ListCloses,
            subject: format!("month:{cover}"),
            due_on: Some(calendar.list_closes(cover)),
            detail: Detail {
                name: cover.to_string(),
                items: 1,
                since: Some(Calendar::opens(cover)),
                ..Detail::default()
            },
        });
    }
    Ok(found)
}

/// Is a run of the month signed by its maker, and none still being made?
fn is_submitted(runs: &[(i32, PayRunStatus)], cover: Month) -> bool {
    let mut own = runs
        .iter()
        .filter(|(month, _)| *month == cover.yyyymm())
        .map(|(_, status)| *status)
        .filter(|status| !matches!(status, PayRunStatus::Cancelled))
        .peekable();
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
        let month: Month = "2024-09".parse().unwrap();
        assert!(!is_submitted(&[], month));
        assert!(!is_submitted(&[(202_409, PayRunStatus::Draft)], month));
        assert!(!is_submitted(&[(202_409, PayRunStatus::Cancelled)], month));
        assert!(!is_submitted(&[(202_410, PayRunStatus::Submitted)], month));
        let mut parts = vec![
            (202_409, PayRunStatus::Released),
            (202_409, PayRunStatus::Cancelled),
            (202_409, PayRunStatus::Draft),
        ];
        assert!(!is_submitted(&parts, month), "one part is still being made");
        parts.pop();
        assert!(is_submitted(&parts, month));
    }
}
