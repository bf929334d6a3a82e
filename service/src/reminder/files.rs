//! Files whose day has come and that nobody has taken: their banks and the post office know nothing of them, and nobody in
//! them is paid.

use std::collections::BTreeMap;

use entity::enums::{FileKind, FileStatus, PayRunStatus, ReminderKind};
use entity::{pay_run, payment_file};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::payment_file::{answered, execution_date, may_be_held};
use crate::reminder::orders::{Waiting, by_run};
use crate::reminder::store::Found;

/// Files that order payments.
const SENT: [FileKind; 3] = [FileKind::Pain001, FileKind::PaymentTable, FileKind::PostList];

/// Files that nobody of the treasury has fetched and that were sent nowhere, from the day on which they are to be executed
/// on. What is answered was brought there by other ways.
///
/// The day itself and none before it: a bank executes on a day what reaches it before its cut-off of that day, by which the
/// day was reckoned ([`Calendar::execution_date_by`](domain::calendar::Calendar::execution_date_by)). The look is taken in
/// the morning, before the desks open and hours before any cut-off, so that whoever is reminded can still fetch the file
/// and be in time; on the day before, nobody is late. What is approved on its day after the look is first seen on the next
/// morning.
pub(super) async fn not_fetched(app: &App) -> Result<Vec<Found>, Error> {
    use payment_file::Column as C;
    let conn = app.db.read();
    let runs = pay_run::Entity::find()
        .filter(pay_run::Column::Status.is_in([PayRunStatus::Released, PayRunStatus::Settling]))
        .all(conn)
        .await?;
    let days: BTreeMap<Uuid, _> = runs.into_iter().map(|run| (run.id, run.execution_date)).collect();
    let files = payment_file::Entity::find()
        .filter(C::PayRunId.is_in(days.keys().copied()))
        .filter(C::Kind.is_in(SENT))
        .filter(C::Status.is_in([FileStatus::Pending, FileStatus::Built]))
        .all(conn)
        .await?;
    let answered = answered(conn, &files).await?;
    let mut waiting: BTreeMap<Uuid, Vec<Waiting>> = BTreeMap::new();
    for file in files {
        let of_run = days.get(&file.pay_run_id).copied().flatten();
        let Some(since) = execution_date(&file).or(of_run) else {
            continue;
        };
        if answered.contains(&file.id) || may_be_held(conn, &file).await? {
            continue;
        }
        waiting.entry(file.pay_run_id).or_default().push(Waiting {
            reference: file.name,
            amount: file.sum,
            since,
        });
    }
    by_run(app, ReminderKind::FilesNotFetched, 0, waiting).await
}
