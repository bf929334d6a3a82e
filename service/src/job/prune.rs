//! Clearing away jobs that ended long ago.

use std::time::Duration;

use chrono::NaiveDate;
use entity::job::{self, JobStatus};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};

use super::{Job, JobContext, Queue, instant};
use crate::app::App;
use crate::error::Error;

/// Finished jobs are kept this long: far longer than anything repeats.
const KEPT: Duration = Duration::from_secs(90 * 24 * 3_600);

/// Deletes the rows of jobs that were done or cancelled 90 days ago or more. Dead ones stay until a person decides,
/// and the jobs of a run stay with it. Effects are idempotent by their own keys, so nothing is repeated by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prune {
    /// The day of the schedule that asked for it.
    pub slot: NaiveDate,
}

impl Job for Prune {
    const KIND: &'static str = "prune";
    const QUEUE: Queue = Queue::Default;

    fn natural_key(&self) -> String {
        format!("schedule:prune:{}", self.slot)
    }

    async fn run(&self, app: &App, ctx: &JobContext) -> Result<(), Error> {
        app.db
            .write(async |txn| {
                let before = instant::now(txn.conn()).await? - instant::delta(KEPT);
                job::Entity::delete_many()
                    .filter(job::Column::Status.is_in([JobStatus::Done, JobStatus::Cancelled]))
                    .filter(job::Column::CreatedAt.lt(before))
                    .filter(job::Column::JobRunId.is_null())
                    .exec(txn.conn())
                    .await?;
                ctx.finish_in(txn).await
            })
            .await
    }
}
