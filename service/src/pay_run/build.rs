//! Building the lines of a regular run, a chunk of people at a time.

use std::time::Duration;

use entity::enums::{Build, LineStatus};
use entity::{held_payment, overpayment_deduction, pay_run, pay_run_person, payment_line};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::app::App;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::job::run::Counts;
use crate::job::{self, Job, JobContext, Queue};
use crate::pay_run::exclusion::Exclusions;
use crate::pay_run::prepare::{Built, prepare};
use crate::payment_order::roll_up::RollUp;
use crate::person::PersonRange;

/// How often who builds goes around what other runs took meanwhile.
pub(super) const CLAIM_TRIES: usize = 10;

/// Builds the lines of some people.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BuildChunk {
    /// The job run.
    pub run: Uuid,
    /// The chunk.
    pub position: i32,
    /// The pay run.
    pub pay_run: Uuid,
    /// Its revision; an older build writes nothing.
    pub revision: i64,
}

impl Job for BuildChunk {
    const KIND: &'static str = "build_pay_run_chunk";
    const QUEUE: Queue = Queue::Files;
    const TIMEOUT: Duration = Duration::from_secs(300);
    const MAX_ATTEMPTS: i32 = 8;

    fn natural_key(&self) -> String {
        format!("build_pay_run_chunk:{}:{}", self.run.simple(), self.position)
    }

    fn run_id(&self) -> Option<Uuid> {
        Some(self.run)
    }

    async fn run(&self, app: &App, context: &JobContext) -> Result<(), Error> {
        let run = super::find(app.db.read(), self.pay_run).await?;
        if run.revision != self.revision {
            return Ok(());
        }
        let Some(people) = job::run::chunk(app, self.run, self.position).await? else {
            return Ok(());
        };
        let people: PersonRange = serde_json::from_value(people)?;
        for _ in 0..CLAIM_TRIES {
            let exclusions = Exclusions::load(app.db.read(), run.id, people).await?;
            let built = prepare(app, &run, people, exclusions).await?;
            match self.store(app, context, built).await {
                // Another run was faster with an amount, or with what it keeps back for a case; or a case went on: what is
                // left is reckoned anew.
                Err(error) if matches!(error.code, ProblemCode::AlreadyExists | ProblemCode::NotEnforceable) => {}
                done => return done,
            }
        }
        Err(others_are_faster())
    }
}

/// Other runs are built at once with this one, and took what it was to take each time that it looked.
pub(super) fn others_are_faster() -> Error {
    Error::because(
        ProblemCode::Unavailable,
        "Các đợt chi trả khác đang lập cùng những khoản này",
        "other runs are taking the same amounts",
    )
}

impl BuildChunk {
    async fn store(&self, app: &App, context: &JobContext, built: Built) -> Result<(), Error> {
        let counts = Counts {
            changed: built.paid,
            unchanged: built.people - built.paid - built.held_people,
            held: built.held_people,
            failed: 0,
        };
        app.db
            .write(async |txn| {
                // Chunks write side by side; whoever voids, rebuilds or cancels the run waits for them.
                let run = pay_run::Entity::find_by_id(self.pay_run)
                    .lock_shared()
                    .one(txn.conn())
                    .await?
                    .ok_or_else(Error::not_found)?;
                if run.revision != self.revision || run.build != Build::Running {
                    return Ok(());
                }
                if !built.stands(txn, self.pay_run).await? {
                    return Err(Error::new(ProblemCode::NotEnforceable));
                }
                built.store(txn).await?;
                job::run::chunk_done(txn, context, self.run, self.position, counts).await?;
                Ok(())
            })
            .await
    }
}

/// Ends a build: counts, totals, and what was held becomes arrears of a later run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FinishBuild {
    /// The pay run.
    pub pay_run: Uuid,
    /// Its revision.
    pub revision: i64,
}

impl Job for FinishBuild {
    const KIND: &'static str = "finish_pay_run_build";
    const QUEUE: Queue = Queue::Files;
    const TIMEOUT: Duration = Duration::from_secs(300);
    const MAX_ATTEMPTS: i32 = 8;

    fn natural_key(&self) -> String {
        format!("finish_pay_run_build:{}:{}", self.pay_run.simple(), self.revision)
    }

    async fn run(&self, app: &App, context: &JobContext) -> Result<(), Error> {
        app.db
            .write(async |txn| {
                let run = super::for_update(txn, self.pay_run).await?;
                if run.revision == self.revision && run.build == Build::Running {
                    finish(app, txn, &run).await?;
                }
                context.finish_in(txn).await
            })
            .await
    }
}

/// Puts the lines of a run into the orders that banks take, counts and sums them; its version goes on.
pub(super) async fn finish(app: &App, txn: &Txn, run: &pay_run::Model) -> Result<(), Error> {
    let roll_up = RollUp::now(txn.conn()).await?;
    roll_up.settle(app, txn, &super::natural_key(run), run.id).await?;
    let totals: Option<(i64, Option<i64>)> = payment_line::Entity::find()
        .select_only()
        .expr(Expr::col(payment_line::Column::Id).count())
        .expr(Expr::cust("CAST(SUM(amount) AS BIGINT)"))
        .filter(payment_line::Column::PayRunId.eq(run.id))
        .filter(payment_line::Column::Status.ne(LineStatus::Cancelled))
        .into_tuple()
        .one(txn.conn())
        .await?;
    let (count, total) = totals.unwrap_or((0, None));
    let deducted: Option<Option<i64>> = overpayment_deduction::Entity::find()
        .select_only()
        .expr(Expr::cust("CAST(SUM(amount) AS BIGINT)"))
        .filter(overpayment_deduction::Column::PayRunId.eq(run.id))
        .into_tuple()
        .one(txn.conn())
        .await?;
    pay_run::Entity::update_many()
        .col_expr(pay_run::Column::Build, Expr::value(Build::Done))
        .col_expr(pay_run::Column::LineCount, Expr::value(count))
        .col_expr(pay_run::Column::Total, Expr::value(total.unwrap_or(0)))
        .col_expr(pay_run::Column::Deducted, Expr::value(deducted.flatten().unwrap_or(0)))
        .col_expr(pay_run::Column::Version, Expr::col(pay_run::Column::Version).add(1))
        .filter(pay_run::Column::Id.eq(run.id))
        .exec(txn.conn())
        .await?;
    Ok(())
}

/// Removes the orders and planned files of a run that never left the house, and what was prepared for its approval.
pub(super) async fn clear_orders(txn: &Txn, run: Uuid) -> Result<(), Error> {
    use entity::{pay_run_plan, payment_file, payment_order};
    pay_run_plan::Entity::delete_by_id(run).exec(txn.conn()).await?;
    crate::payment_file::prepared::clear(txn, run).await?;
    crate::payment_order::bulk::keep_history(txn, run).await?;
    payment_order::Entity::delete_many()
        .filter(payment_order::Column::PayRunId.eq(run))
        .exec(txn.conn())
        .await?;
    payment_file::Entity::delete_many()
        .filter(payment_file::Column::PayRunId.eq(run))
        .exec(txn.conn())
        .await?;
    Ok(())
}

/// Removes what an earlier build of a run that never left the house had made.
pub(super) async fn clear(txn: &Txn, run: Uuid) -> Result<(), Error> {
    clear_orders(txn, run).await?;
    overpayment_deduction::Entity::delete_many()
        .filter(overpayment_deduction::Column::PayRunId.eq(run))
        .exec(txn.conn())
        .await?;
    payment_line::Entity::delete_many()
        .filter(payment_line::Column::PayRunId.eq(run))
        .filter(payment_line::Column::Status.eq(LineStatus::Draft))
        .exec(txn.conn())
        .await?;
    pay_run_person::Entity::delete_many()
        .filter(pay_run_person::Column::PayRunId.eq(run))
        .exec(txn.conn())
        .await?;
    held_payment::Entity::delete_many()
        .filter(held_payment::Column::PayRunId.eq(run))
        .exec(txn.conn())
        .await?;
    Ok(())
}
