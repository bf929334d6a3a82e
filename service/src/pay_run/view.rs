//! Reading pay runs.

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{Build, Channel, LineKind, LineStatus, PayRunKind, PayRunStatus};
use entity::{held_payment, overpayment_deduction, pay_run, payment_line};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission, Scope};
use crate::app::App;
use crate::error::Error;
use crate::overpayment::{self, DeductionView};
use crate::page::{Page, Window};
use crate::pay_run::exclusion;
use crate::pay_run::line::EXCLUDED;
use crate::{approval, pay_calendar};

/// A pay run.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PayRunView {
    /// Id.
    pub id: Uuid,
    /// Kind.
    #[schema(value_type = String)]
    pub kind: PayRunKind,
    /// The month it pays for.
    #[schema(example = "2024-09")]
    pub cover_month: String,
    /// The number among the runs of its kind for the month.
    pub sequence: i32,
    /// The day the money is to be paid.
    pub pay_date: NaiveDate,
    /// The legal release it rests on.
    pub release: i32,
    /// Where it stands.
    #[schema(value_type = String)]
    pub status: PayRunStatus,
    /// Whether its lines are built.
    #[schema(value_type = String)]
    pub build: Build,
    /// The job run that builds them: `/v1/job-runs/{id}`.
    pub build_run_id: Uuid,
    /// The revision that signatures bind to.
    pub revision: i64,
    /// How many lines, in the caller's areas.
    pub line_count: i64,
    /// The sum of the lines, đồng, in the caller's areas.
    pub total: i64,
    /// What is kept back of them for overpayments, đồng, in the caller's areas; the orders pay the rest.
    pub deducted: i64,
    /// The digest of its lines, once submitted.
    pub digest: Option<String>,
    /// The areas it is for, by id; empty: all.
    #[schema(example = json!([]))]
    pub areas: Vec<String>,
    /// The channel it is for; null: all.
    #[schema(value_type = Option<String>, example = json!(null))]
    pub channel: Option<Channel>,
    /// The banking day that its files ask for; fixed at approval.
    #[schema(example = "2024-09-05")]
    pub execution_date: NaiveDate,
    /// So many different people must approve it; told once it is submitted.
    #[schema(example = 1)]
    pub approvals_needed: i32,
    /// So many have.
    #[schema(example = 1)]
    pub approvals_given: i32,
    /// Why it was sent back or cancelled.
    #[schema(example = json!(null))]
    pub rejected_reason: Option<String>,
    /// When it was submitted.
    pub submitted_at: Option<DateTime<Utc>>,
    /// When it was approved: the time in its files.
    pub approved_at: Option<DateTime<Utc>>,
    /// When it was released.
    pub released_at: Option<DateTime<Utc>>,
    /// Version, for If-Match.
    pub version: i64,
}

pub(super) async fn view(app: &App, run: &pay_run::Model) -> Result<PayRunView, Error> {
    let execution_date = match run.execution_date {
        Some(fixed) => fixed,
        None => expected_execution(app, run).await?,
    };
    let areas = run.areas.clone().map(serde_json::from_value).transpose()?;
    Ok(PayRunView {
        areas: areas.unwrap_or_default(),
        channel: run.channel,
        execution_date,
        approvals_needed: run.approvals,
        approvals_given: approvals_given(app, run).await?,
        rejected_reason: run.rejected_reason.clone(),
        id: run.id,
        kind: run.kind,
        cover_month: super::cover_month(run)?.to_string(),
        sequence: run.sequence,
        pay_date: run.pay_date,
        release: run.release_number,
        status: run.status,
        build: run.build,
        build_run_id: crate::job::id_of("job_run", &super::build_key(run.id, run.build_revision)),
        revision: run.revision,
        line_count: run.line_count,
        total: run.total,
        deducted: run.deducted,
        digest: run.digest.clone(),
        submitted_at: run.submitted_at,
        approved_at: run.approved_at,
        released_at: run.released_at,
        version: run.version,
    })
}

/// The banking day on which it would be executed if it were approved now; what was approved without one keeps the day
/// that its files say.
async fn expected_execution(app: &App, run: &pay_run::Model) -> Result<NaiveDate, Error> {
    if let Some(approved_at) = run.approved_at {
        return Ok(domain::payment_file::execution_date(run.pay_date, approved_at));
    }
    let calendar = pay_calendar::load(app.db.read()).await?;
    Ok(calendar.execution_date(run.pay_date, app.clock.now()))
}

async fn approvals_given(app: &App, run: &pay_run::Model) -> Result<i32, Error> {
    match run.status {
        PayRunStatus::Submitted if run.approvals > 1 => {
            approval::given(app.db.read(), &super::subject(run.id), run.revision).await
        }
        PayRunStatus::Draft | PayRunStatus::Submitted | PayRunStatus::Rejected | PayRunStatus::Cancelled => Ok(0),
        _ => Ok(run.approvals),
    }
}

/// One run.
pub async fn get(app: &App, actor: &Actor, id: Uuid) -> Result<PayRunView, Error> {
    let scope = actor.require(Permission::PayRunRead)?;
    let mut runs = [super::find(app.db.read(), id).await?];
    sum_visible(app, &scope, &mut runs).await?;
    let [run] = runs;
    view(app, &run).await
}

/// The counts and sums of runs, over the lines of a scope's areas alone.
async fn sum_visible(app: &App, scope: &Scope, runs: &mut [pay_run::Model]) -> Result<(), Error> {
    use payment_line::Column as C;
    if scope.is_everywhere() || runs.is_empty() {
        return Ok(());
    }
    let sums: Vec<(Uuid, i64, Option<i64>)> = payment_line::Entity::find()
        .select_only()
        .column(C::PayRunId)
        .column_as(C::Id.count(), "number")
        .expr_as(Expr::cust("CAST(SUM(amount) AS BIGINT)"), "total")
        .filter(C::PayRunId.is_in(runs.iter().map(|run| run.id)))
        .filter(crate::pay_run::digest::counted())
        .filter(scope.condition(Expr::col(C::AreaId)))
        .group_by(C::PayRunId)
        .into_tuple()
        .all(app.db.read())
        .await?;
    let line = overpayment_deduction::Entity::belongs_to(payment_line::Entity)
        .from(overpayment_deduction::Column::LineId)
        .to(C::Id);
    let kept_back: Vec<(Uuid, i64)> = overpayment_deduction::Entity::find()
        .select_only()
        .columns([
            overpayment_deduction::Column::PayRunId,
            overpayment_deduction::Column::Amount,
        ])
        .join(JoinType::InnerJoin, line.into())
        .filter(overpayment_deduction::Column::PayRunId.is_in(runs.iter().map(|run| run.id)))
        .filter(scope.condition(Expr::col((payment_line::Entity, C::AreaId))))
        .into_tuple()
        .all(app.db.read())
        .await?;
    for run in runs {
        let own = sums.iter().find(|(id, ..)| *id == run.id);
        (run.line_count, run.total) = own.map_or((0, 0), |(_, count, total)| (*count, total.unwrap_or(0)));
        let own = kept_back.iter().filter(|(id, _)| *id == run.id);
        run.deducted = own.map(|(_, amount)| amount).sum();
    }
    Ok(())
}

/// Every run, newest month first; counted over the caller's areas.
pub async fn list(
    app: &App,
    actor: &Actor,
    limit: Option<u32>,
    cursor: Option<&str>,
) -> Result<Page<PayRunView>, Error> {
    use pay_run::Column as C;
    let scope = actor.require(Permission::PayRunRead)?;
    let window = Window::<(i32, DateTime<Utc>, Uuid)>::of(app, "pay_runs", &(), limit, cursor)?;
    let mut query = pay_run::Entity::find()
        .order_by_desc(C::CoverMonth)
        .order_by_desc(C::CreatedAt)
        .order_by_desc(C::Id)
        .limit(window.fetch());
    if let Some((month, at, id)) = window.after {
        let same_month = Condition::all().add(C::CoverMonth.eq(month)).add(C::CreatedAt.lt(at));
        let same_time = Condition::all()
            .add(C::CoverMonth.eq(month))
            .add(C::CreatedAt.eq(at))
            .add(C::Id.lt(id));
        query = query.filter(
            Condition::any()
                .add(C::CoverMonth.lt(month))
                .add(same_month)
                .add(same_time),
        );
    }
    let runs = query.all(app.db.read()).await?;
    let mut page = window.page(runs, |run| (run.cover_month, run.created_at, run.id))?;
    sum_visible(app, &scope, &mut page.items).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for run in &page.items {
        items.push(view(app, run).await?);
    }
    Ok(Page { items, next: page.next })
}

/// A line of a run.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LineView {
    /// Id.
    pub id: Uuid,
    /// The person it is for.
    pub person_id: Uuid,
    /// The entitlement.
    pub entitlement_id: Uuid,
    /// Component within the benefit.
    pub component: String,
    /// Regular, arrears, one-off, relief or reissue.
    #[schema(value_type = String)]
    pub kind: LineKind,
    /// The month it is for, `202409`.
    pub cover_month: i32,
    /// Group of the law.
    pub group: String,
    /// Đồng, before anything is kept back.
    pub amount: i64,
    /// What is kept back of it for overpayments.
    pub deductions: Vec<DeductionView>,
    /// The provision it rests on.
    pub provision: String,
    /// The order that pays it.
    pub order_id: Option<Uuid>,
    /// Where it stands.
    #[schema(value_type = String)]
    pub status: LineStatus,
}

/// The lines of a run inside the caller's areas.
pub async fn lines(
    app: &App,
    actor: &Actor,
    id: Uuid,
    limit: Option<u32>,
    cursor: Option<&str>,
) -> Result<Page<LineView>, Error> {
    let scope = actor.require(Permission::PayRunRead)?;
    super::find(app.db.read(), id).await?;
    let window = Window::<Uuid>::of(app, "payment_lines", &id, limit, cursor)?;
    let mut query = payment_line::Entity::find()
        .filter(payment_line::Column::PayRunId.eq(id))
        .filter(scope.condition(Expr::col(payment_line::Column::AreaId)))
        .order_by_asc(payment_line::Column::Id)
        .limit(window.fetch());
    if let Some(after) = window.after {
        query = query.filter(payment_line::Column::Id.gt(after));
    }
    let rows = query.all(app.db.read()).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut kept_back = overpayment::deductions_of(app, &ids).await?;
    let items = rows.into_iter().map(|row| LineView {
        deductions: kept_back.remove(&row.id).unwrap_or_default(),
        id: row.id,
        person_id: row.person_id,
        entitlement_id: row.entitlement_id,
        component: row.component,
        kind: row.kind,
        cover_month: row.cover_month,
        group: row.group_code,
        amount: row.amount,
        provision: row.provision,
        order_id: row.order_id,
        status: row.status,
    });
    window.page(items.collect(), |line: &LineView| line.id)
}

/// An amount that is due and not paid in a run, and why.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HeldView {
    /// The person.
    pub person_id: Uuid,
    /// The entitlement.
    pub entitlement_id: Uuid,
    /// The month it is for, `202409`.
    pub cover_month: i32,
    /// Đồng; 0 where the law does not say.
    pub amount: i64,
    /// Why it is not paid.
    pub reason: String,
    /// Where a person left it out: who, when and why.
    pub exclusion: Option<ExclusionView>,
}

/// What a person left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExclusionView {
    /// Its id, to take it in again.
    pub id: Uuid,
    /// Why.
    #[schema(example = "Chờ xác minh nơi cư trú")]
    pub reason: String,
    /// Who.
    pub excluded_by: Uuid,
    /// When.
    pub excluded_at: DateTime<Utc>,
}

/// What a run holds inside the caller's areas.
pub async fn held(app: &App, actor: &Actor, id: Uuid) -> Result<Vec<HeldView>, Error> {
    let scope = actor.require(Permission::PayRunRead)?;
    super::find(app.db.read(), id).await?;
    let mut rows = held_payment::Entity::find()
        .filter(held_payment::Column::PayRunId.eq(id))
        .filter(scope.condition(Expr::col(held_payment::Column::AreaId)))
        .all(app.db.read())
        .await?;
    rows.sort_by(|a, b| {
        (a.person_id, a.entitlement_id, a.cover_month).cmp(&(b.person_id, b.entitlement_id, b.cover_month))
    });
    let exclusions = exclusion::of_run(app.db.read(), id).await?;
    let of = |row: &held_payment::Model| {
        let mut own = exclusions.iter().filter(|own| own.person_id == row.person_id);
        let found = own.find(|own| {
            own.entitlement_id.is_none_or(|id| id == row.entitlement_id)
                && own.cover_month.is_none_or(|month| month == row.cover_month)
                && own
                    .component
                    .as_ref()
                    .is_none_or(|component| *component == row.component)
        });
        found.filter(|_| row.reason == EXCLUDED).map(|own| ExclusionView {
            id: own.id,
            reason: own.reason.clone(),
            excluded_by: own.excluded_by,
            excluded_at: own.excluded_at,
        })
    };
    let views = rows.into_iter().map(|row| HeldView {
        exclusion: of(&row),
        person_id: row.person_id,
        entitlement_id: row.entitlement_id,
        cover_month: row.cover_month,
        amount: row.amount,
        reason: row.reason,
    });
    Ok(views.collect())
}
