//! Opening a pay run and building its lines.

use chrono::NaiveDate;
use domain::Month;
use entity::enums::{Build, PayRunKind, PayRunStatus};
use entity::pay_run;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::entitlement::bulk;
use crate::error::{Error, ProblemCode};
use crate::job::run::NewRun;
use crate::job::{self, Envelope};
use crate::pay_run::build::{BuildChunk, FinishBuild};
use crate::pay_run::view::{PayRunView, view};
use crate::{law, reassessment};

/// People in one chunk of a build.
const CHUNK: usize = 1_000;

/// Opens a regular pay run.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreatePayRun {
    /// The month it pays for.
    #[schema(value_type = String, example = "2024-09")]
    pub cover_month: Month,
    /// The day the money is to be paid.
    #[schema(example = "2024-09-05")]
    pub pay_date: NaiveDate,
}

/// Opens a regular pay run for a month and starts building its lines. One run that is neither rejected nor cancelled
/// stands for a month.
pub async fn create(app: &App, actor: &Actor, command: CreatePayRun) -> Result<PayRunView, Error> {
    actor.require_province(Permission::PayRunMake)?;
    let maker = actor.person()?;
    let release = law::latest(app).await?;
    let id = app.ids.next();
    let run = app
        .db
        .write(async |txn| {
            let earlier = pay_run::Entity::find()
                .filter(pay_run::Column::Kind.eq(PayRunKind::Regular))
                .filter(pay_run::Column::CoverMonth.eq(command.cover_month.yyyymm()))
                .order_by_desc(pay_run::Column::Sequence)
                .lock_exclusive()
                .all(txn.conn())
                .await?;
            let gone = |run: &pay_run::Model| matches!(run.status, PayRunStatus::Rejected | PayRunStatus::Cancelled);
            if earlier.iter().any(|run| !gone(run)) {
                return Err(Error::because(
                    ProblemCode::AlreadyExists,
                    format!("Đã có đợt chi trả cho tháng {}", command.cover_month),
                    format!("there is a pay run for {} already", command.cover_month),
                ));
            }
            let run = pay_run::Model {
                id,
                kind: PayRunKind::Regular,
                cover_month: command.cover_month.yyyymm(),
                sequence: earlier.first().map_or(1, |run| run.sequence + 1),
                pay_date: command.pay_date,
                release_number: release,
                evidence_watermark: 0,
                status: PayRunStatus::Draft,
                build: Build::Pending,
                revision: 0,
                line_count: 0,
                total: 0,
                digest: None,
                made_by: Some(maker),
                submitted_at: None,
                approved_at: None,
                released_at: None,
                relief_event_id: None,
                fund_id: None,
                version: 1,
                created_at: app.clock.now(),
                deducted: 0,
            };
            txn.insert_all::<pay_run::Entity>(vec![run.clone()]).await?;
            let detail = json!({"cover_month": command.cover_month, "pay_date": command.pay_date});
            txn.audit(Event::new(
                app.clock.now(),
                actor,
                "pay_run.create",
                super::subject(id),
                detail,
            ));
            start_build(app, txn, run, actor).await
        })
        .await?;
    view(app, &run).await
}

/// Builds the lines again: after a change of evidence or law voided them.
pub async fn build(app: &App, actor: &Actor, id: Uuid, version: i64) -> Result<PayRunView, Error> {
    actor.require_province(Permission::PayRunMake)?;
    let run = app
        .db
        .write(async |txn| {
            let run = super::for_update(txn, id).await?;
            super::expect(&run, version, PayRunStatus::Draft)?;
            txn.audit(Event::new(
                app.clock.now(),
                actor,
                "pay_run.build",
                super::subject(id),
                json!({}),
            ));
            start_build(app, txn, run, actor).await
        })
        .await?;
    view(app, &run).await
}

async fn start_build(app: &App, txn: &Txn, run: pay_run::Model, actor: &Actor) -> Result<pay_run::Model, Error> {
    if run.build == Build::Running {
        return Err(Error::because(
            ProblemCode::IllegalTransition,
            "Đang lập danh sách",
            "the lines are being built",
        ));
    }
    reassessment::require_finished(txn.conn()).await?;
    super::build::clear(txn, run.id).await?;
    let revision = run.revision + 1;
    let people = crate::person::everybody(txn.conn()).await?;
    let new = NewRun {
        kind: "pay_run_build",
        natural_key: super::build_key(run.id, revision),
        subject: super::subject(run.id),
        requested_by: actor.name.clone(),
        parameters: json!({"pay_run": run.id, "revision": revision}),
        chunks: bulk::chunks(&people, CHUNK)?,
        then: Some(Envelope::of(&FinishBuild {
            pay_run: run.id,
            revision,
        })?),
        after: None,
    };
    let pay_run = run.id;
    job::run::start(txn, new, |run, position| BuildChunk {
        run,
        position,
        pay_run,
        revision,
    })
    .await?;
    let release = law::latest(app).await?;
    let changed = pay_run::Model {
        revision,
        build: Build::Running,
        release_number: release,
        digest: None,
        version: run.version + 1,
        ..run
    };
    changed
        .clone()
        .into_active_model()
        .reset_all()
        .update(txn.conn())
        .await?;
    Ok(changed)
}
