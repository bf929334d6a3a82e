//! Opening a pay run and building its lines.

use chrono::NaiveDate;
use domain::calendar::Calendar;
use domain::{Month, ids};
use entity::enums::{Build, Channel, PayRunKind, PayRunStatus};
use entity::pay_run;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission, Role};
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::entitlement::bulk;
use crate::error::{Error, ProblemCode};
use crate::job::run::NewRun;
use crate::job::{self, Envelope};
use crate::pay_run::build::{BuildChunk, FinishBuild};
use crate::pay_run::filter::Filter;
use crate::pay_run::unreleased::OPEN;
use crate::pay_run::view::{PayRunView, view};
use crate::pay_run::{draw, maker, turn};
use crate::program::{self, FundOfBenefit};
use crate::reassessment::{self, Taken};
use crate::{installation, law, pay_calendar, print};

/// People in one chunk of a build.
const CHUNK: usize = 1_000;

/// Opens a pay run.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreatePayRun {
    /// `regular`: the money of a month with all that waits; `arrears_only`: what waits, now; `reissue`: what came back.
    #[serde(default = "regular")]
    #[schema(value_type = String, default = "regular", example = "regular")]
    pub kind: PayRunKind,
    /// The month it pays for; what it makes up for keeps its own months.
    #[schema(value_type = String, example = "2024-09")]
    pub cover_month: Month,
    /// The day the money is to be paid, from today on and no further away than the calendar says; banks are asked for the
    /// next banking day.
    #[schema(example = "2024-09-05")]
    pub pay_date: NaiveDate,
    /// The areas it is for, by id or code, each with everything below it; none: all.
    #[serde(default)]
    #[schema(example = json!([]))]
    pub areas: Vec<String>,
    /// The channel it is for, `bank_transfer` or `post_cash`; none: all.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = json!(null))]
    pub channel: Option<Channel>,
    /// The fund that pays it; none: `social_assistance`. A regular run and one of arrears take what programs that draw on
    /// this fund owe; a reissue what came back to it.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "social_assistance", max_length = 40)]
    pub fund_code: Option<String>,
}

const fn regular() -> PayRunKind {
    PayRunKind::Regular
}

impl CreatePayRun {
    /// The regular run of a month, for everybody.
    pub const fn regular(cover_month: Month, pay_date: NaiveDate) -> Self {
        Self {
            kind: PayRunKind::Regular,
            cover_month,
            pay_date,
            areas: Vec::new(),
            channel: None,
            fund_code: None,
        }
    }

    /// The same from another fund.
    #[must_use]
    pub fn on_fund(self, code: &str) -> Self {
        Self {
            fund_code: Some(code.to_owned()),
            ..self
        }
    }
}

/// Opens a pay run and starts building its lines. For one month and fund regular runs stand side by side where no area or
/// channel is in two of them; one for everybody takes those whom the others leave. Runs of other funds stand beside them. A
/// regular run is not opened before the month in which its list is closed, unless the calendar says that its month is paid
/// early; nor while an earlier month of one of its benefits is due and in no run for everybody; nor once its month, or a
/// later one, is paid.
///
/// # Errors
/// `invalid` at `/pay_date` for a day that has passed or is too far away, at `/cover_month` for a month before its time;
/// `already-exists` beside another run for the same people; `reassessment-unfinished`; `conflict` for a month out of turn.
pub async fn create(app: &App, actor: &Actor, command: CreatePayRun) -> Result<PayRunView, Error> {
    actor.require_province(Permission::PayRunMake)?;
    let maker = actor.person()?;
    super::days::require_payable(app, command.pay_date)?;
    if command.kind == PayRunKind::Relief {
        return Err(Error::field(
            "/kind",
            "not_here",
            "Đợt chi cứu trợ do đề nghị cứu trợ được duyệt lập ra",
            "a relief run is made by an approved request for relief",
        ));
    }
    let fund_code = command
        .fund_code
        .clone()
        .unwrap_or_else(|| super::REGULAR_FUND.to_owned());
    if let Some(fault) = program::unknown_fund(app.db.read(), &fund_code).await? {
        return Err(Error::invalid(vec![fault]));
    }
    let filter = Filter::ask(app, &command.areas, command.channel).await?;
    let release = law::latest(app).await?;
    let run = app
        .db
        .write(async |txn| {
            // None of the programs goes over to another fund meanwhile, and no other run takes the same number.
            installation::one_opening_at_a_time(txn).await?;
            let funds = FundOfBenefit::locked(txn).await?;
            let earlier = of_month(txn, &command).await?;
            let mut benefits = None;
            if command.kind == PayRunKind::Regular {
                in_time(app, txn, command.cover_month).await?;
                alone(&earlier, &filter, (command.cover_month, fund_code.as_str()))?;
                let taken = Taken::load(txn.conn(), command.cover_month).await?;
                let own = (fund_code.as_str(), command.cover_month);
                benefits = draw::month_of(&funds, own, &earlier, &taken)?;
                if filter.is_whole() {
                    turn::require(txn.conn(), command.cover_month, benefits.as_ref()).await?;
                }
            }
            let run = pay_run::Model {
                made_by: Some(maker),
                sequence: earlier.iter().map(|run| run.sequence).max().unwrap_or(0) + 1,
                release_number: release,
                fund_code: fund_code.clone(),
                benefits,
                areas: filter.stored_areas()?,
                channel: filter.channel(),
                ..draft(app, &command)
            };
            // The close of its month is signed over it: one story has one id, whatever else ran beside it.
            let id = ids::uuid8_at(app.secret.ids(), "pay_run", &super::natural_key(&run), run.created_at);
            let run = pay_run::Model { id, ..run };
            txn.insert_all::<pay_run::Entity>(vec![run.clone()]).await?;
            let detail = json!({"kind": command.kind, "cover_month": command.cover_month,
                "pay_date": command.pay_date, "areas": command.areas, "channel": command.channel,
                "fund_code": fund_code});
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

/// The runs of the same kind and month, locked as reports and what voids runs lock them: the released ones by their ids,
/// then the others.
async fn of_month(txn: &Txn, command: &CreatePayRun) -> Result<Vec<pay_run::Model>, Error> {
    let runs = pay_run::Entity::find()
        .filter(pay_run::Column::Kind.eq(command.kind))
        .filter(pay_run::Column::CoverMonth.eq(command.cover_month.yyyymm()))
        .order_by_asc(pay_run::Column::Status.is_in(OPEN))
        .order_by_asc(pay_run::Column::Id)
        .lock_exclusive()
        .all(txn.conn())
        .await?;
    Ok(runs)
}

/// A new run as a caller asks for it, for everybody, without its number and its id.
fn draft(app: &App, command: &CreatePayRun) -> pay_run::Model {
    pay_run::Model {
        id: Uuid::nil(),
        kind: command.kind,
        cover_month: command.cover_month.yyyymm(),
        sequence: 1,
        pay_date: command.pay_date,
        release_number: 0,
        evidence_watermark: 0,
        status: PayRunStatus::Draft,
        build: Build::Pending,
        revision: 0,
        line_count: 0,
        total: 0,
        digest: None,
        made_by: None,
        submitted_at: None,
        approved_at: None,
        released_at: None,
        relief_event_id: None,
        fund_id: None,
        version: 1,
        created_at: app.clock.now(),
        deducted: 0,
        build_revision: 0,
        approvals: 1,
        approval_role: Role::Approver.code().to_owned(),
        areas: None,
        channel: None,
        rejected_reason: None,
        execution_date: None,
        fund_code: super::REGULAR_FUND.to_owned(),
        benefits: None,
    }
}

/// Refuses a month whose list is not closed yet for long, but for early payment.
async fn in_time(app: &App, txn: &Txn, cover: Month) -> Result<(), Error> {
    let opens = Calendar::opens(cover);
    if app.clock.today() >= opens || pay_calendar::paid_early(txn.conn(), cover).await?.is_some() {
        return Ok(());
    }
    Err(Error::field(
        "/cover_month",
        "too_early",
        format!(
            "Danh sách tháng {} chưa lập được trước ngày {}; chi sớm phải được ghi vào lịch chi trả",
            print::month(cover),
            print::date(opens)
        ),
        format!("the run of {cover} is not opened before {opens} unless the calendar says it is paid early"),
    ))
}

/// Refuses a second run for the same people on the same fund.
fn alone(earlier: &[pay_run::Model], filter: &Filter, (cover, fund): (Month, &str)) -> Result<(), Error> {
    let gone = |run: &pay_run::Model| run.status == PayRunStatus::Cancelled;
    for run in earlier.iter().filter(|run| run.fund_code == fund && !gone(run)) {
        let other = Filter::of(run)?;
        // A run for everybody takes the month: who is not in it waits for the next.
        if filter.clashes(&other) || other.is_whole() {
            return Err(Error::because(
                ProblemCode::AlreadyExists,
                format!("Đã có đợt chi trả cho tháng {}", print::month(cover)),
                format!("there is a pay run for {cover} already"),
            ));
        }
    }
    Ok(())
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
    maker::note(app, txn, run.id, actor).await?;
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
        independent: false,
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
        build_revision: revision,
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
