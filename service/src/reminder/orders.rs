//! Orders that left the house and have no end, run by run: thousands of orders are one reminder.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{LineOutcome, OrderStatus, PayRunStatus, ReminderKind};
use entity::{bank_report, bank_report_line, pay_run, payment_order};
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::app::App;
use crate::clock::in_vietnam;
use crate::code::Code;
use crate::error::Error;
use crate::reconciliation::silent_since;
use crate::reminder::store::{Detail, EXAMPLES, Found};

/// The status of a bank that has taken a payment and not posted it to the payee (ISO 20022 external code list).
const NOT_POSTED: &str = "ACWP";

/// Statuses of orders that have left and of which no bank has said how they ended.
const OPEN: [OrderStatus; 3] = [OrderStatus::Extracted, OrderStatus::Accepted, OrderStatus::Unknown];

/// Of an order: its run, reference and đồng, when the run was released and on what day it is executed.
type LeftRow = (Uuid, String, i64, Option<DateTime<Utc>>, Option<NaiveDate>);

/// An order, or a file, and since when it waits.
pub(super) struct Waiting {
    pub(super) reference: String,
    pub(super) amount: i64,
    pub(super) since: NaiveDate,
}

fn day(at: DateTime<Utc>) -> NaiveDate {
    in_vietnam(at).date_naive()
}

/// Orders without a final answer so many days after their run was released.
pub(super) async fn unanswered(app: &App) -> Result<Vec<Found>, Error> {
    use payment_order::Column as O;
    let run = payment_order::Entity::belongs_to(pay_run::Entity)
        .from(O::PayRunId)
        .to(pay_run::Column::Id);
    let rows: Vec<(Uuid, String, i64, Option<DateTime<Utc>>)> = payment_order::Entity::find()
        .select_only()
        .columns([O::PayRunId, O::Reference, O::Amount])
        .column(pay_run::Column::ReleasedAt)
        .join(JoinType::InnerJoin, run.into())
        .filter(O::Status.is_in(OPEN))
        // A closed run has none: of the orders of past runs none is read.
        .filter(pay_run::Column::Status.is_in([PayRunStatus::Released, PayRunStatus::Settling]))
        .into_tuple()
        .all(app.db.read())
        .await?;
    let mut runs: BTreeMap<Uuid, Vec<Waiting>> = BTreeMap::new();
    for (run, reference, amount, released_at) in rows {
        if let Some(at) = released_at {
            let since = day(at);
            runs.entry(run).or_default().push(Waiting {
                reference,
                amount,
                since,
            });
        }
    }
    by_run(app, ReminderKind::OrdersUnanswered, app.remind_after.unanswered, runs).await
}

/// Orders without a final answer so many days after they were to be executed that two people may say what became of them.
pub(super) async fn silent(app: &App) -> Result<Vec<Found>, Error> {
    use payment_order::Column as O;
    let run = payment_order::Entity::belongs_to(pay_run::Entity)
        .from(O::PayRunId)
        .to(pay_run::Column::Id);
    let rows: Vec<LeftRow> = payment_order::Entity::find()
        .select_only()
        .columns([O::PayRunId, O::Reference, O::Amount])
        .columns([pay_run::Column::ReleasedAt, pay_run::Column::ExecutionDate])
        .join(JoinType::InnerJoin, run.into())
        .filter(O::Status.is_in(OPEN))
        .filter(pay_run::Column::Status.is_in([PayRunStatus::Released, PayRunStatus::Settling]))
        .into_tuple()
        .all(app.db.read())
        .await?;
    let mut runs: BTreeMap<Uuid, Vec<Waiting>> = BTreeMap::new();
    for (run, reference, amount, released_at, execution_date) in rows {
        if let Some(at) = released_at {
            let since = silent_since(at, execution_date);
            runs.entry(run).or_default().push(Waiting {
                reference,
                amount,
                since,
            });
        }
    }
    by_run(app, ReminderKind::OrdersSilent, app.remind_after.silent, runs).await
}

/// Orders that their bank took so many days ago and has not posted to the payee.
pub(super) async fn not_posted(app: &App) -> Result<Vec<Found>, Error> {
    use bank_report_line::Column as L;
    use payment_order::Column as O;
    let report = bank_report_line::Entity::belongs_to(bank_report::Entity)
        .from(L::BankReportId)
        .to(bank_report::Column::Id);
    let order = bank_report_line::Entity::belongs_to(payment_order::Entity)
        .from(L::OrderId)
        .to(O::Id);
    let rows: Vec<(Uuid, Uuid, String, i64, DateTime<Utc>)> = bank_report_line::Entity::find()
        .select_only()
        .columns([O::Id, O::PayRunId, O::Reference, O::Amount])
        .column(bank_report::Column::ReceivedAt)
        .join(JoinType::InnerJoin, report.into())
        .join(JoinType::InnerJoin, order.into())
        .filter(L::StatusCode.eq(NOT_POSTED))
        .filter(O::Status.eq(OrderStatus::Accepted))
        .filter(L::Outcome.ne(LineOutcome::SetAside))
        .into_tuple()
        .all(app.db.read())
        .await?;
    // A bank may say so in several reports: the first counts.
    let mut orders: BTreeMap<Uuid, (Uuid, Waiting)> = BTreeMap::new();
    for (id, run, reference, amount, received_at) in rows {
        let since = day(received_at);
        let (_, own) = orders.entry(id).or_insert_with(|| {
            let own = Waiting {
                reference,
                amount,
                since,
            };
            (run, own)
        });
        own.since = own.since.min(since);
    }
    let mut runs: BTreeMap<Uuid, Vec<Waiting>> = BTreeMap::new();
    for (run, own) in orders.into_values() {
        runs.entry(run).or_default().push(own);
    }
    by_run(app, ReminderKind::OrdersNotPosted, app.remind_after.not_posted, runs).await
}

/// One reminder for each run with orders, or files, that wait for so many days or longer.
pub(super) async fn by_run(
    app: &App,
    kind: ReminderKind,
    after_days: u16,
    runs: BTreeMap<Uuid, Vec<Waiting>>,
) -> Result<Vec<Found>, Error> {
    let today = app.clock.today();
    let mut found = Vec::new();
    for (id, mut orders) in runs {
        orders.retain(|own| today.signed_duration_since(own.since).num_days() >= i64::from(after_days));
        let Some(since) = orders.iter().map(|own| own.since).min() else {
            continue;
        };
        orders.sort_by(|one, other| (one.since, &one.reference).cmp(&(other.since, &other.reference)));
        let run = crate::pay_run::find(app.db.read(), id).await?;
        let month = crate::pay_run::cover_month(&run)?;
        found.push(Found {
            kind,
            subject: crate::pay_run::subject(id),
            due_on: None,
            detail: Detail {
                name: format!("{} {month}/{}", run.kind.code(), run.sequence),
                items: i64::try_from(orders.len()).map_err(Error::internal)?,
                amount: orders.iter().map(|own| own.amount).sum(),
                since: Some(since),
                after_days: Some(after_days),
                examples: orders.into_iter().take(EXAMPLES).map(|own| own.reference).collect(),
                ..Detail::default()
            },
        });
    }
    Ok(found)
}
