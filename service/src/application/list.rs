//! Looking applications up.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::ApplicationStatus;
use entity::{application, decision, person};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, RelationDef};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::actor::{Actor, Permission, Scope};
use crate::app::App;
use crate::application::decide::DecisionView;
use crate::error::Error;
use crate::page::{Page, Window};
use crate::person::within_scope;

/// Which applications to list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListApplications {
    /// Of this person.
    pub person_id: Option<Uuid>,
    /// In this state.
    #[param(value_type = Option<String>, pattern = "^(pending|granted|refused|withdrawn)$", example = "pending")]
    pub status: Option<ApplicationStatus>,
    /// Rows of the page, 1 to 200; 50 if left out.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// An application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ApplicationView {
    /// Its id.
    pub id: Uuid,
    /// For whom.
    pub person_id: Uuid,
    /// Which benefit.
    #[schema(example = "monthly_allowance")]
    pub benefit: String,
    /// When it was handed in.
    pub filed_on: NaiveDate,
    /// Its state.
    #[schema(value_type = String, pattern = "^(pending|granted|refused|withdrawn)$", example = "pending")]
    pub status: ApplicationStatus,
    /// The decision, once there is one.
    pub decision: Option<DecisionView>,
    /// The version for `If-Match`.
    pub version: i64,
    /// Recorded at.
    pub created_at: DateTime<Utc>,
}

/// One application.
pub async fn get(app: &App, actor: &Actor, application_id: Uuid) -> Result<ApplicationView, Error> {
    let scope = actor.require(Permission::RegistryRead)?;
    let row = scoped(&scope)
        .filter(application::Column::Id.eq(application_id))
        .one(app.db.read())
        .await?;
    let row = row.ok_or_else(Error::not_found)?;
    let decision = decisions(app.db.read(), [row.id]).await?.remove(&row.id);
    Ok(view(row, decision))
}

/// Lists the applications of people inside the caller's scope.
pub async fn list(app: &App, actor: &Actor, command: ListApplications) -> Result<Page<ApplicationView>, Error> {
    let scope = actor.require(Permission::RegistryRead)?;
    let ListApplications {
        person_id,
        status,
        limit,
        cursor,
    } = command;
    let window = Window::<Uuid>::of(app, "applications", &(person_id, status), limit, cursor.as_deref())?;
    let mut query = scoped(&scope);
    if let Some(person_id) = person_id {
        query = query.filter(application::Column::PersonId.eq(person_id));
    }
    if let Some(status) = status {
        query = query.filter(application::Column::Status.eq(status));
    }
    if let Some(after) = window.after {
        query = query.filter(application::Column::Id.gt(after));
    }
    let rows = query
        .order_by_asc(application::Column::Id)
        .limit(window.fetch())
        .all(app.db.read())
        .await?;
    let page = window.page(rows, |row| row.id)?;
    let mut decisions = decisions(app.db.read(), page.items.iter().map(|row| row.id)).await?;
    Ok(page.map(|row| {
        let decision = decisions.remove(&row.id);
        view(row, decision)
    }))
}

/// The applications of people inside a scope.
pub(super) fn scoped(scope: &Scope) -> sea_orm::Select<application::Entity> {
    application::Entity::find()
        .join(JoinType::InnerJoin, to_person())
        .filter(within_scope(scope))
}

fn to_person() -> RelationDef {
    application::Entity::belongs_to(person::Entity)
        .from(application::Column::PersonId)
        .to(person::Column::Id)
        .into()
}

async fn decisions(
    conn: &impl ConnectionTrait,
    applications: impl IntoIterator<Item = Uuid>,
) -> Result<BTreeMap<Uuid, DecisionView>, Error> {
    let rows = decision::Entity::find()
        .filter(decision::Column::ApplicationId.is_in(applications))
        .filter(decision::Column::SupersededAt.is_null())
        .all(conn)
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| Some((row.application_id?, row.into())))
        .collect())
}

pub(super) fn view(row: application::Model, decision: Option<DecisionView>) -> ApplicationView {
    ApplicationView {
        id: row.id,
        person_id: row.person_id,
        benefit: row.benefit,
        filed_on: row.filed_on,
        status: row.status,
        decision,
        version: row.version,
        created_at: row.created_at,
    }
}

/// The digest of what was asked for: SHA-256 over its JSON with sorted keys.
pub(super) fn digest(row: &application::Model) -> String {
    let content = json!({ "person": row.person_id, "benefit": row.benefit, "filed_on": row.filed_on });
    hex::encode(Sha256::digest(content.to_string().as_bytes()))
}
