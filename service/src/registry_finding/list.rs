//! Reading findings.

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{FindingKind, FindingStatus};
use entity::{person, registry_finding};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::Error;
use crate::page::{Page, Window};
use crate::person::within_scope;

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RegistryFindingView {
    /// Id.
    pub id: Uuid,
    /// The person.
    pub person_id: Uuid,
    /// `reported_deceased`: the person; `payee_reported_deceased`: who receives the money for the person.
    #[schema(value_type = String, example = "reported_deceased")]
    pub kind: FindingKind,
    /// `open`, `confirmed` or `dismissed`.
    #[schema(value_type = String, example = "open")]
    pub status: FindingStatus,
    /// The order that was refused or came back.
    pub order_id: Uuid,
    /// The line of the bank that says so.
    pub line_id: Uuid,
    /// The account of the holder.
    pub payee_account_id: Uuid,
    /// The day of the death, once confirmed.
    pub death_date: Option<NaiveDate>,
    /// What was found.
    pub note: Option<String>,
    /// When the bank said so.
    pub opened_at: DateTime<Utc>,
    /// Who looked into it.
    pub decided_by: Option<Uuid>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// For `If-Match`.
    pub version: i64,
}

pub(super) fn view(row: registry_finding::Model) -> RegistryFindingView {
    RegistryFindingView {
        id: row.id,
        person_id: row.person_id,
        kind: row.kind,
        status: row.status,
        order_id: row.order_id,
        line_id: row.line_id,
        payee_account_id: row.payee_account_id,
        death_date: row.death_date,
        note: row.note,
        opened_at: row.opened_at,
        decided_by: row.decided_by,
        decided_at: row.decided_at,
        version: row.version,
    }
}

/// Which findings.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListFindings {
    /// In this state: `open`, `confirmed` or `dismissed`.
    #[param(value_type = Option<String>, example = "open")]
    #[serde(default)]
    pub status: Option<FindingStatus>,
    /// Of this person.
    #[serde(default)]
    pub person_id: Option<Uuid>,
    /// Rows of the page, 1 to 200; 50 if left out.
    #[serde(default)]
    pub limit: Option<u32>,
    /// Where the page before ended.
    #[serde(default)]
    pub cursor: Option<String>,
}

/// Findings about people in the caller's areas, by id.
pub async fn list(app: &App, actor: &Actor, filter: ListFindings) -> Result<Page<RegistryFindingView>, Error> {
    use registry_finding::Column as C;
    let scope = actor.require(Permission::RegistryRead)?;
    let filters = (filter.status, filter.person_id);
    let window = Window::<Uuid>::of(
        app,
        "registry_findings",
        &filters,
        filter.limit,
        filter.cursor.as_deref(),
    )?;
    let people = Query::select()
        .column((person::Entity, person::Column::Id))
        .from(person::Entity)
        .cond_where(within_scope(&scope))
        .to_owned();
    let mut query = registry_finding::Entity::find()
        .filter(C::PersonId.in_subquery(people))
        .order_by_asc(C::Id)
        .limit(window.fetch());
    if let Some(status) = filter.status {
        query = query.filter(C::Status.eq(status));
    }
    if let Some(person_id) = filter.person_id {
        query = query.filter(C::PersonId.eq(person_id));
    }
    if let Some(after) = window.after {
        query = query.filter(C::Id.gt(after));
    }
    let rows = query.all(app.db.read()).await?;
    Ok(window.page(rows, |row| row.id)?.map(view))
}
