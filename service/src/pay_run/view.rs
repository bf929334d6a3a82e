//! Reading pay runs.

use chrono::{DateTime, NaiveDate, Utc};
use domain::Month;
use entity::enums::{Build, Channel, PayRunKind, PayRunStatus};
use entity::{held_payment, pay_run, pay_run_exclusion};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::{Error, Text};
use crate::page::{Page, Window};
use crate::pay_run::cycle::{self, ListClosingView};
use crate::pay_run::draw;
use crate::pay_run::exclusion;
use crate::pay_run::held_text;
use crate::pay_run::held_words::EXCLUDED;
use crate::pay_run::visible::{reader, shown};
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
    /// The fund that its lines draw on.
    #[schema(example = "social_assistance")]
    pub fund_code: String,
    /// The benefits whose month a regular run pays: those whose programs drew on its fund when it was opened; empty: all.
    #[schema(example = json!([]))]
    pub benefits: Vec<String>,
    /// The banking day that its files ask for, by the cut-off of the calendar; fixed at approval. The preview and the files
    /// say it of each bank that has a cut-off of its own.
    #[schema(example = "2024-09-05")]
    pub execution_date: NaiveDate,
    /// Of a regular run that has not left the house: that its list is closed before or after its day; at submission, and
    /// before that as of today. It is told and stops nothing.
    pub list_closing: Option<ListClosingView>,
    /// So many different people must approve it; told once it is submitted. Its preview has the amount that says so.
    #[schema(example = 1)]
    pub approvals_needed: i32,
    /// So many have.
    #[schema(example = 1)]
    pub approvals_given: i32,
    /// Why it was sent back or cancelled: by a person, or by what changed below it, with what is to be done.
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
        fund_code: run.fund_code.clone(),
        benefits: draw::benefits(run)?.unwrap_or_default().into_iter().collect(),
        execution_date,
        list_closing: cycle::list_closing(app, run).await?,
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
        PayRunStatus::Draft | PayRunStatus::Submitted | PayRunStatus::Cancelled => Ok(0),
        _ => Ok(run.approvals),
    }
}

/// One run, as it is in the list: counted over the caller's areas.
pub async fn get(app: &App, actor: &Actor, id: Uuid) -> Result<PayRunView, Error> {
    let (scope, by) = reader(actor)?;
    let mut runs = [super::find(app.db.read(), id).await?];
    shown(app, (&scope, by), &mut runs).await?;
    let [run] = runs;
    view(app, &run).await
}

/// Which runs to list; all given filters hold together.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListPayRuns {
    /// For this month.
    #[param(value_type = Option<String>, example = "2024-09")]
    pub month: Option<Month>,
    /// In this state; the states are the set `pay_run_status` of the vocabulary.
    #[param(value_type = Option<String>, example = "released")]
    pub status: Option<PayRunStatus>,
    /// Of this kind; the kinds are the set `pay_run_kind` of the vocabulary.
    #[param(value_type = Option<String>, example = "regular")]
    pub kind: Option<PayRunKind>,
    /// From this fund, by its code.
    #[param(value_type = Option<String>, example = "social_assistance")]
    pub fund_code: Option<String>,
    /// Rows of the page, 1 to 200; 50 if left out.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// Every run, newest month first; counted over the caller's areas.
pub async fn list(
    app: &App,
    actor: &Actor,
    limit: Option<u32>,
    cursor: Option<&str>,
) -> Result<Page<PayRunView>, Error> {
    let command = ListPayRuns {
        limit,
        cursor: cursor.map(ToOwned::to_owned),
        ..ListPayRuns::default()
    };
    search(app, actor, command).await
}

/// The runs that fit, newest month first; counted over the caller's areas.
///
/// # Errors
/// `invalid-cursor` for the cursor of other filters.
pub async fn search(app: &App, actor: &Actor, command: ListPayRuns) -> Result<Page<PayRunView>, Error> {
    use pay_run::Column as C;
    let (scope, by) = reader(actor)?;
    let ListPayRuns {
        month,
        status,
        kind,
        fund_code,
        limit,
        cursor,
    } = command;
    let filters = (month, status, kind, &fund_code);
    let window = Window::<(i32, DateTime<Utc>, Uuid)>::of(app, "pay_runs", &filters, limit, cursor.as_deref())?;
    let mut query = pay_run::Entity::find()
        .order_by_desc(C::CoverMonth)
        .order_by_desc(C::CreatedAt)
        .order_by_desc(C::Id)
        .limit(window.fetch());
    if let Some(month) = month {
        query = query.filter(C::CoverMonth.eq(month.yyyymm()));
    }
    if let Some(status) = status {
        query = query.filter(C::Status.eq(status));
    }
    if let Some(kind) = kind {
        query = query.filter(C::Kind.eq(kind));
    }
    if let Some(code) = &fund_code {
        query = query.filter(C::FundCode.eq(code));
    }
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
    shown(app, (&scope, by), &mut page.items).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for run in &page.items {
        items.push(view(app, run).await?);
    }
    Ok(Page { items, next: page.next })
}

/// An amount that is due and not paid in a run, and why.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HeldView {
    /// The person.
    pub person_id: Uuid,
    /// The entitlement.
    pub entitlement_id: Uuid,
    /// Component within the benefit: the day of birth of the person cared for, with a number where several were born on
    /// it; empty for one's own.
    #[schema(example = "")]
    pub component: String,
    /// The month it is for.
    #[schema(value_type = String, example = "2024-09")]
    pub cover_month: Month,
    /// Đồng; 0 where the law does not say.
    pub amount: i64,
    /// Why it is not paid.
    pub reason: String,
    /// The same in words.
    pub reason_text: Text,
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

/// What a run holds inside the caller's areas, person by person. Whoever keeps the registry there is told too, but of
/// protected people: an account that is missing or wrong is theirs to put right.
///
/// # Errors
/// `invalid-cursor` for the cursor of another run.
pub async fn held(
    app: &App,
    actor: &Actor,
    id: Uuid,
    limit: Option<u32>,
    cursor: Option<&str>,
) -> Result<Page<HeldView>, Error> {
    use held_payment::Column as C;
    let (scope, by) = reader(actor)?;
    super::find(app.db.read(), id).await?;
    let window = Window::<(Uuid, Uuid, i32, Uuid)>::of(app, "held_payments", &id, limit, cursor)?;
    let mut query = held_payment::Entity::find()
        .filter(C::PayRunId.eq(id))
        .filter(scope.condition(Expr::col(C::AreaId)))
        .order_by_asc(C::PersonId)
        .order_by_asc(C::EntitlementId)
        .order_by_asc(C::CoverMonth)
        .order_by_asc(C::Id)
        .limit(window.fetch());
    if by == Permission::RegistryWrite {
        query = query.filter(C::PersonId.not_in_subquery(crate::person::protected()));
    }
    if let Some((person, entitlement, month, held)) = window.after {
        let in_month = Condition::any()
            .add(C::CoverMonth.gt(month))
            .add(Condition::all().add(C::CoverMonth.eq(month)).add(C::Id.gt(held)));
        let of_person = Condition::any()
            .add(C::EntitlementId.gt(entitlement))
            .add(Condition::all().add(C::EntitlementId.eq(entitlement)).add(in_month));
        let later = Condition::all().add(C::PersonId.eq(person)).add(of_person);
        query = query.filter(Condition::any().add(C::PersonId.gt(person)).add(later));
    }
    let rows = query.all(app.db.read()).await?;
    let page = window.page(rows, |row| (row.person_id, row.entitlement_id, row.cover_month, row.id))?;
    let exclusions = exclusion::of_run(app.db.read(), id).await?;
    let views = page.items.into_iter().map(|row| {
        Ok(HeldView {
            exclusion: left_out(&exclusions, &row),
            person_id: row.person_id,
            entitlement_id: row.entitlement_id,
            component: row.component,
            cover_month: Month::from_yyyymm(row.cover_month).map_err(Error::internal)?,
            amount: row.amount,
            reason_text: held_text(&row.reason),
            reason: row.reason,
        })
    });
    Ok(Page {
        items: views.collect::<Result<_, Error>>()?,
        next: page.next,
    })
}

/// Who left it out, where somebody did.
fn left_out(exclusions: &[pay_run_exclusion::Model], row: &held_payment::Model) -> Option<ExclusionView> {
    if row.reason != EXCLUDED {
        return None;
    }
    let mut own = exclusions.iter().filter(|own| own.person_id == row.person_id);
    let found = own.find(|own| {
        own.entitlement_id.is_none_or(|id| id == row.entitlement_id)
            && own.cover_month.is_none_or(|month| month == row.cover_month)
            && own
                .component
                .as_ref()
                .is_none_or(|component| *component == row.component)
    })?;
    Some(ExclusionView {
        id: found.id,
        reason: found.reason.clone(),
        excluded_by: found.excluded_by,
        excluded_at: found.excluded_at,
    })
}
