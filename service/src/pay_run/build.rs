//! Building the lines of a regular run, a chunk of people at a time.

use std::collections::BTreeMap;
use std::time::Duration;

use entity::enums::{Build, LineStatus};
use entity::{held_payment, overpayment_deduction, pay_run, pay_run_person, payment_line};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::app::App;
use crate::db::Txn;
use crate::error::Error;
use crate::job::run::Counts;
use crate::job::{self, Job, JobContext, Queue};
use crate::overpayment::deduction::Claims;
use crate::pay_run::line::{self, Due};
use crate::pay_run::payees::Payees;
use crate::pay_run::{reissue, snapshot};
use crate::person::PersonRange;
use crate::registry_finding::Holds;

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
        let built = prepare(app, &run, serde_json::from_value(people)?).await?;
        app.db
            .write(async |txn| {
                let unchanged = built.people - built.paid - built.held_people;
                let counts = Counts {
                    changed: built.paid,
                    unchanged,
                    held: built.held_people,
                    failed: 0,
                };
                txn.insert_all::<payment_line::Entity>(built.lines.clone()).await?;
                txn.insert_all::<overpayment_deduction::Entity>(built.deductions.clone())
                    .await?;
                txn.insert_all::<held_payment::Entity>(built.held.clone()).await?;
                txn.insert_all::<pay_run_person::Entity>(built.shown.clone()).await?;
                job::run::chunk_done(txn, context, self.run, self.position, counts).await?;
                Ok(())
            })
            .await
    }
}

#[derive(Default)]
struct Built {
    lines: Vec<payment_line::Model>,
    deductions: Vec<overpayment_deduction::Model>,
    held: Vec<held_payment::Model>,
    shown: Vec<pay_run_person::Model>,
    people: i64,
    paid: i64,
    held_people: i64,
}

async fn prepare(app: &App, run: &pay_run::Model, people: PersonRange) -> Result<Built, Error> {
    let conn = app.db.read();
    let month = super::cover_month(run)?;
    let residents = line::residents(conn, people).await?;
    let payees = Payees::load(conn, people, run.pay_date).await?;
    let holds = Holds::load(conn, people).await?;
    let mut dues = line::periods_due(conn, people, month).await?;
    dues.extend(line::pending_arrears(conn, people, month).await?);
    dues.extend(reissue::returned(conn, people).await?);
    let before = snapshot::amounts_before(conn, run, people).await?;
    let claims = Claims::load(app, conn, run, people).await?;
    let mut by_person: BTreeMap<Uuid, Vec<Due>> = BTreeMap::new();
    for due in dues {
        by_person.entry(due.person_id).or_default().push(due);
    }
    let key = super::natural_key(run);
    let mut built = Built {
        people: i64::try_from(residents.len()).map_err(Error::internal)?,
        ..Built::default()
    };
    for (person_id, resident) in &residents {
        let amount_before = before.get(person_id).copied().unwrap_or(0);
        if amount_before > 0 || by_person.contains_key(person_id) {
            built.shown.push(resident.shown(run.id, *person_id, amount_before));
        }
    }
    for (person_id, dues) in by_person {
        let Some(resident) = residents.get(&person_id) else {
            continue;
        };
        let before = (built.lines.len(), built.held.len());
        for due in dues {
            match due.payee(resident, &payees, &holds) {
                Ok(account) => built.lines.push(due.line(app, run, &key, account, &resident.area_id)?),
                Err(reason) => built.held.push(due.held(app, run.id, reason, &resident.area_id)),
            }
        }
        let lines = built.lines.get(before.0..).unwrap_or_default();
        let kept_back = claims.keep_back(app, run, person_id, lines);
        built.deductions.extend(kept_back);
        built.paid += i64::from(built.lines.len() > before.0);
        built.held_people += i64::from(built.held.len() > before.1);
    }
    Ok(built)
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
                    finish(txn, &run).await?;
                }
                context.finish_in(txn).await
            })
            .await
    }
}

async fn finish(txn: &Txn, run: &pay_run::Model) -> Result<(), Error> {
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

/// Removes what an earlier build of a run that never left the house had made.
pub(super) async fn clear(txn: &Txn, run: Uuid) -> Result<(), Error> {
    use entity::{payment_file, payment_order};
    payment_order::Entity::delete_many()
        .filter(payment_order::Column::PayRunId.eq(run))
        .exec(txn.conn())
        .await?;
    payment_file::Entity::delete_many()
        .filter(payment_file::Column::PayRunId.eq(run))
        .exec(txn.conn())
        .await?;
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
