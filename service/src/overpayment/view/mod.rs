//! Reading cases.

mod shape;

use std::collections::BTreeMap;

use entity::enums::{CaseStatus, OverpaymentCause};
use entity::{
    entitlement, overpayment_appeal, overpayment_case, overpayment_deduction, overpayment_event,
    overpayment_instalment, overpayment_month, overpayment_recovery, person,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

pub use self::shape::{
    AppealView, CaseSummary, CaseView, DeductionView, InstalmentView, OverpaymentMonthView, OverpaymentStepView,
    RecoveryView,
};
use self::shape::{appeal_view, deduction_view, event_view, instalments_view, month_view, recovery_view};
use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::Error;
use crate::overpayment::action::Action;
use crate::overpayment::{months_of, open_of, paper, scoped};
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
    let deductions = overpayment_deduction::Entity::find()
        .filter(overpayment_deduction::Column::CaseId.eq(row.id))
        .order_by_asc(overpayment_deduction::Column::CaseVersion)
        .order_by_asc(overpayment_deduction::Column::Id)
        .all(conn)
        .await?;
    let benefits = benefits(app, &months).await?;
    let summary = summary(&row, &months);
    let since_plan = summary.recovered - row.recovered_before_plan;
    Ok(CaseView {
        allowed_actions: allowed(app, actor, &row, &summary),
        papers: paper::printable(&history),
        months: months
            .into_iter()
            .map(|month| {
                let benefit = benefits.get(&month.entitlement_id).cloned().unwrap_or_default();
                month_view(month, benefit)
            })
            .collect(),
        instalments: instalments_view(instalments, since_plan),
        recoveries: recoveries.into_iter().map(recovery_view).collect(),
        deductions: deductions.into_iter().map(deduction_view).collect(),
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

/// The benefit of each entitlement of some months.
async fn benefits(app: &App, months: &[overpayment_month::Model]) -> Result<BTreeMap<Uuid, String>, Error> {
    let rows = entitlement::Entity::find()
        .filter(entitlement::Column::Id.is_in(months.iter().map(|month| month.entitlement_id)))
        .all(app.db.read())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.benefit)).collect())
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

/// What is kept back of some lines, by line.
pub(crate) async fn deductions_of(app: &App, lines: &[Uuid]) -> Result<BTreeMap<Uuid, Vec<DeductionView>>, Error> {
    let rows = overpayment_deduction::Entity::find()
        .filter(overpayment_deduction::Column::LineId.is_in(lines.iter().copied()))
        .order_by_asc(overpayment_deduction::Column::CaseId)
        .all(app.db.read())
        .await?;
    let mut by_line: BTreeMap<Uuid, Vec<DeductionView>> = BTreeMap::new();
    for row in rows {
        by_line.entry(row.line_id).or_default().push(deduction_view(row));
    }
    Ok(by_line)
}
