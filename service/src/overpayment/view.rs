//! Reading cases.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::Month;
use entity::enums::{AppealOutcome, CaseStatus, OverpaymentCause, RecoveryKind};
use entity::{
    overpayment_appeal, overpayment_case, overpayment_event, overpayment_instalment, overpayment_month,
    overpayment_recovery, person,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::Error;
use crate::overpayment::action::Action;
use crate::overpayment::{months_of, open_of, scoped};
use crate::page::{Page, Window};

/// Which cases to list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListOverpayments {
    /// In this state; the states are the set `overpayment_case_status` of the vocabulary.
    #[param(value_type = Option<String>, example = "detected")]
    pub status: Option<CaseStatus>,
    /// Of this person.
    pub person_id: Option<Uuid>,
    /// Of this cause; the causes are the set `overpayment_cause` of the vocabulary.
    #[param(value_type = Option<String>, example = "citizen_omission")]
    pub cause: Option<OverpaymentCause>,
    /// Of people who live in this area, by its id.
    #[param(example = "06652@1900-01")]
    pub area: Option<String>,
    /// Rows of the page, 1 to 200; 50 if left out.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A case, in short. All amounts in đồng.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CaseSummary {
    /// Its id.
    pub id: Uuid,
    /// Who was paid too much.
    pub person_id: Uuid,
    /// What brought it to light: `release:<number>` or `evidence:<revision>`.
    #[schema(example = "evidence:4")]
    pub event: String,
    /// Where it stands.
    #[schema(value_type = String, example = "recovering")]
    pub status: CaseStatus,
    /// Why, once it is known.
    #[schema(value_type = Option<String>, example = "citizen_omission")]
    pub cause: Option<OverpaymentCause>,
    /// Paid too much.
    pub detected: i64,
    /// To be paid back; none before the decision.
    pub decided: Option<i64>,
    /// Paid back.
    pub recovered: i64,
    /// Still to be paid back; nothing before the decision stands and after the end.
    pub open: i64,
    /// The version for `If-Match`.
    pub version: i64,
    /// Detected at.
    pub created_at: DateTime<Utc>,
}

/// One month of a case, in đồng.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MonthView {
    /// The entitlement.
    pub entitlement_id: Uuid,
    /// Component within the benefit.
    pub component: String,
    /// The month.
    #[schema(example = "2024-09")]
    pub cover_month: String,
    /// Paid too much.
    pub detected: i64,
    /// Proposed to be paid back.
    pub proposed: Option<i64>,
    /// To be paid back.
    pub decided: Option<i64>,
    /// Why this much.
    pub reason: Option<String>,
    /// Paid back.
    pub recovered: i64,
}

/// A step in the life of a case.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EventView {
    /// Its number; the version it made.
    pub sequence: i64,
    /// What was done.
    #[schema(example = "classify")]
    pub action: String,
    /// The state before.
    #[schema(value_type = Option<String>, example = "detected")]
    pub from: Option<CaseStatus>,
    /// The state after.
    #[schema(value_type = String, example = "classified")]
    pub to: CaseStatus,
    /// The reason or proof that was given.
    pub reason: Option<String>,
    /// Who.
    pub actor: String,
    /// What else was recorded.
    #[schema(value_type = Object)]
    pub detail: Value,
    /// When.
    pub at: DateTime<Utc>,
}

/// An appeal.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AppealView {
    /// Its id.
    pub id: Uuid,
    /// When it was filed.
    pub filed_on: NaiveDate,
    /// What the person says.
    pub grounds: String,
    /// What became of it; none while it is open.
    #[schema(value_type = Option<String>, example = "dismissed")]
    pub outcome: Option<AppealOutcome>,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub resolved_at: Option<DateTime<Utc>>,
}

/// An instalment of the plan in force.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InstalmentView {
    /// When it is due.
    #[schema(example = "2025-01")]
    pub due_month: String,
    /// Đồng.
    pub amount: i64,
    /// What was paid of it, the oldest instalment first, đồng.
    pub paid: i64,
}

/// Money that moved.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RecoveryView {
    /// `repayment` or `refund`.
    #[schema(value_type = String, example = "repayment")]
    pub kind: RecoveryKind,
    /// The month it counts for.
    #[schema(example = "2024-09")]
    pub cover_month: String,
    /// Đồng; below 0 for a refund.
    pub amount: i64,
    /// When.
    pub received_on: NaiveDate,
    /// The receipt.
    pub reference: String,
}

/// A case with everything about it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CaseView {
    /// The case.
    #[serde(flatten)]
    pub summary: CaseSummary,
    /// When the notice was delivered.
    pub notice_delivered_on: Option<NaiveDate>,
    /// Until when the person may answer.
    pub response_due: Option<NaiveDate>,
    /// What the person said.
    pub statement: Option<String>,
    /// Who proposed.
    pub proposed_by: Option<Uuid>,
    /// Who decided.
    pub decided_by: Option<Uuid>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// The digest of the decision, which signatures bind to.
    pub digest: Option<String>,
    /// When the decision was delivered.
    pub decision_delivered_on: Option<NaiveDate>,
    /// Until when it may be appealed before it is enforceable.
    pub appeal_until: Option<NaiveDate>,
    /// Its months.
    pub months: Vec<MonthView>,
    /// The plan in force.
    pub instalments: Vec<InstalmentView>,
    /// Money that moved.
    pub recoveries: Vec<RecoveryView>,
    /// Appeals.
    pub appeals: Vec<AppealView>,
    /// Everything that happened.
    pub history: Vec<EventView>,
    /// What the caller may do now.
    #[schema(example = json!(["plan", "record_repayment"]))]
    pub allowed_actions: Vec<String>,
}

/// The cases of people inside the caller's areas.
pub async fn list(app: &App, actor: &Actor, command: ListOverpayments) -> Result<Page<CaseSummary>, Error> {
    let scope = actor.require(Permission::OverpaymentRead)?;
    let ListOverpayments {
        status,
        person_id,
        cause,
        area,
        limit,
        cursor,
    } = command;
    let filters = (status, person_id, cause, &area);
    let window = Window::<Uuid>::of(app, "overpayments", &filters, limit, cursor.as_deref())?;
    let mut query = scoped(&scope);
    if let Some(status) = status {
        query = query.filter(overpayment_case::Column::Status.eq(status));
    }
    if let Some(person_id) = person_id {
        query = query.filter(overpayment_case::Column::PersonId.eq(person_id));
    }
    if let Some(cause) = cause {
        query = query.filter(overpayment_case::Column::Cause.eq(cause));
    }
    if let Some(area) = area {
        query = query.filter(person::Column::AreaId.eq(area));
    }
    if let Some(after) = window.after {
        query = query.filter(overpayment_case::Column::Id.gt(after));
    }
    let rows = query
        .order_by_asc(overpayment_case::Column::Id)
        .limit(window.fetch())
        .all(app.db.read())
        .await?;
    let page = window.page(rows, |row| row.id)?;
    let ids: Vec<Uuid> = page.items.iter().map(|row| row.id).collect();
    let mut months: BTreeMap<Uuid, Vec<overpayment_month::Model>> = BTreeMap::new();
    for month in months_of(app.db.read(), &ids).await? {
        months.entry(month.case_id).or_default().push(month);
    }
    Ok(page.map(|row| {
        let own = months.remove(&row.id).unwrap_or_default();
        summary(&row, &own)
    }))
}

/// One case inside the caller's areas.
pub async fn get(app: &App, actor: &Actor, id: Uuid) -> Result<CaseView, Error> {
    let scope = actor.require(Permission::OverpaymentRead)?;
    let row = scoped(&scope)
        .filter(overpayment_case::Column::Id.eq(id))
        .one(app.db.read())
        .await?;
    view(app, actor, row.ok_or_else(Error::not_found)?).await
}

fn summary(row: &overpayment_case::Model, months: &[overpayment_month::Model]) -> CaseSummary {
    let stands = matches!(
        row.status,
        CaseStatus::Decided | CaseStatus::Appealed | CaseStatus::Enforceable | CaseStatus::Recovering
    );
    CaseSummary {
        id: row.id,
        person_id: row.person_id,
        event: row.event.clone(),
        status: row.status,
        cause: row.cause,
        detected: months.iter().map(|month| month.detected).sum(),
        decided: months.iter().map(|month| month.decided).sum(),
        recovered: months.iter().map(|month| month.recovered).sum(),
        open: if stands { months.iter().map(open_of).sum() } else { 0 },
        version: row.version,
        created_at: row.created_at,
    }
}

pub(super) async fn view(app: &App, actor: &Actor, row: overpayment_case::Model) -> Result<CaseView, Error> {
    let conn = app.db.read();
    let months = months_of(conn, &[row.id]).await?;
    let history = overpayment_event::Entity::find()
        .filter(overpayment_event::Column::CaseId.eq(row.id))
        .order_by_asc(overpayment_event::Column::Sequence)
        .all(conn)
        .await?;
    let appeals = overpayment_appeal::Entity::find()
        .filter(overpayment_appeal::Column::CaseId.eq(row.id))
        .order_by_asc(overpayment_appeal::Column::CreatedAt)
        .all(conn)
        .await?;
    let instalments = overpayment_instalment::Entity::find()
        .filter(overpayment_instalment::Column::CaseId.eq(row.id))
        .filter(overpayment_instalment::Column::Plan.eq(row.plan))
        .order_by_asc(overpayment_instalment::Column::DueMonth)
        .all(conn)
        .await?;
    let recoveries = overpayment_recovery::Entity::find()
        .filter(overpayment_recovery::Column::CaseId.eq(row.id))
        .order_by_asc(overpayment_recovery::Column::CreatedAt)
        .order_by_asc(overpayment_recovery::Column::CoverMonth)
        .all(conn)
        .await?;
    let summary = summary(&row, &months);
    let since_plan = summary.recovered - row.recovered_before_plan;
    Ok(CaseView {
        allowed_actions: allowed(app, actor, &row, &summary),
        months: months.into_iter().map(month_view).collect(),
        instalments: instalments_view(instalments, since_plan),
        recoveries: recoveries.into_iter().map(recovery_view).collect(),
        appeals: appeals.into_iter().map(appeal_view).collect(),
        history: history.into_iter().map(event_view).collect(),
        summary,
        notice_delivered_on: row.notice_delivered_on,
        response_due: row.response_due,
        statement: row.statement,
        proposed_by: row.proposed_by,
        decided_by: row.decided_by,
        decided_at: row.decided_at,
        digest: row.digest,
        decision_delivered_on: row.decision_delivered_on,
        appeal_until: row.appeal_until,
    })
}

/// What the caller may do in this state, today. What the law or the content of a step refuses is told by the step.
fn allowed(app: &App, actor: &Actor, row: &overpayment_case::Model, summary: &CaseSummary) -> Vec<String> {
    let Ok(person) = actor.person() else {
        return Vec::new();
    };
    let today = app.clock.today();
    let possible = |action: &&Action| match action {
        Action::Decide => row.proposed_by != Some(person),
        Action::ResolveAppeal => ![row.proposed_by, row.decided_by].contains(&Some(person)),
        Action::MakeEnforceable => row.appeal_until.is_some_and(|until| today > until),
        Action::Plan | Action::RecordRepayment => summary.open > 0,
        Action::Settle => summary.open == 0,
        _ => true,
    };
    Action::ALL
        .iter()
        .filter(|action| action.from().contains(&row.status) && actor.require(action.permission()).is_ok())
        .filter(possible)
        .map(|action| action.code().to_owned())
        .collect()
}

/// `202409` as `2024-09`.
fn spelled(month: i32) -> String {
    Month::from_yyyymm(month).map_or_else(|_| month.to_string(), |month| month.to_string())
}

fn month_view(row: overpayment_month::Model) -> MonthView {
    MonthView {
        entitlement_id: row.entitlement_id,
        component: row.component,
        cover_month: spelled(row.cover_month),
        detected: row.detected,
        proposed: row.proposed,
        decided: row.decided,
        reason: row.reason,
        recovered: row.recovered,
    }
}

fn instalments_view(rows: Vec<overpayment_instalment::Model>, mut since_plan: i64) -> Vec<InstalmentView> {
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let paid = row.amount.min(since_plan).max(0);
        since_plan -= paid;
        views.push(InstalmentView {
            due_month: spelled(row.due_month),
            amount: row.amount,
            paid,
        });
    }
    views
}

fn recovery_view(row: overpayment_recovery::Model) -> RecoveryView {
    RecoveryView {
        kind: row.kind,
        cover_month: spelled(row.cover_month),
        amount: row.amount,
        received_on: row.received_on,
        reference: row.reference,
    }
}

fn appeal_view(row: overpayment_appeal::Model) -> AppealView {
    AppealView {
        id: row.id,
        filed_on: row.filed_on,
        grounds: row.grounds,
        outcome: row.outcome,
        reason: row.reason,
        resolved_at: row.resolved_at,
    }
}

fn event_view(row: overpayment_event::Model) -> EventView {
    EventView {
        sequence: row.sequence,
        action: row.action,
        from: row.from_status,
        to: row.to_status,
        reason: row.reason,
        actor: row.actor,
        detail: row.detail,
        at: row.at,
    }
}
