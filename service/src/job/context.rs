//! What a running job knows of itself: above all its lease, the proof that it may still commit.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use entity::job::{self, JobStatus};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::instant;
use crate::actor::Actor;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};

/// One claim of one job: job, worker and attempt together fence every write that depends on it.
#[derive(Debug)]
pub struct JobContext {
    /// The job.
    pub job_id: Uuid,
    /// Its kind.
    pub kind: String,
    /// The worker that claimed it, and the number of its claim.
    pub worker: String,
    /// The attempt, from 1.
    pub attempt: i32,
    /// How long the lease runs from each renewal.
    pub lease: Duration,
    finished: AtomicBool,
}

impl JobContext {
    /// The claim that this row shows.
    pub(super) fn of(row: &job::Model, lease: Duration) -> Self {
        Self {
            job_id: row.id,
            kind: row.kind.clone(),
            worker: row.locked_by.clone().unwrap_or_default(),
            attempt: row.attempts,
            lease,
            finished: AtomicBool::new(false),
        }
    }

    /// Who acts in this job.
    pub fn actor(&self) -> Actor {
        Actor::system(&format!("job {}", self.kind))
    }

    /// Ends the job in the transaction of its effects: they commit once, or not at all where the lease was lost.
    ///
    /// # Errors
    /// `conflict` where another worker holds the job by now; let it roll the transaction back.
    pub async fn finish_in(&self, txn: &Txn) -> Result<(), Error> {
        let backend = txn.conn().get_database_backend();
        let ended = job::Entity::update_many()
            .col_expr(job::Column::Status, Expr::value(JobStatus::Done))
            .col_expr(job::Column::DoneAt, instant::ahead(backend, Duration::ZERO))
            .col_expr(job::Column::LeaseUntil, Expr::cust("NULL"))
            .col_expr(job::Column::LockedBy, Expr::cust("NULL"))
            .filter(self.fence())
            .exec(txn.conn())
            .await?;
        if ended.rows_affected == 0 {
            return Err(lease_lost());
        }
        self.finished.store(true, Ordering::SeqCst);
        Ok(())
    }

    /// Did the job end itself? Only believed where its run ended well.
    pub(super) fn finished(&self) -> bool {
        self.finished.load(Ordering::SeqCst)
    }

    /// The rows this claim still owns: one or none.
    pub(super) fn fence(&self) -> Condition {
        Condition::all()
            .add(job::Column::Id.eq(self.job_id))
            .add(job::Column::Status.eq(JobStatus::Running))
            .add(job::Column::LockedBy.eq(self.worker.clone()))
            .add(job::Column::Attempts.eq(self.attempt))
    }
}

fn lease_lost() -> Error {
    Error::because(
        ProblemCode::Conflict,
        "Tác vụ đã được giao cho tiến trình khác",
        "the job's lease was lost to another worker",
    )
}
