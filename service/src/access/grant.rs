//! Grants: a role for a credential, in the whole province or in an area and everything below it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::{access_grant, area, client};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::manage;
use crate::actor::{Actor, Role};
use crate::app::App;
use crate::audit::Event;
use crate::error::{Error, ProblemCode};

/// A role to be granted.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGrant {
    /// The role.
    pub role: Role,
    /// The area it holds in, with everything below it; left out or null: the whole province.
    #[serde(default)]
    #[schema(example = "06652@1900-01")]
    pub area_id: Option<String>,
}

/// A role that a credential holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct GrantView {
    /// Its id.
    pub id: Uuid,
    /// The role.
    pub role: Role,
    /// The area it holds in; null: the whole province.
    #[schema(example = "06652@1900-01")]
    pub area_id: Option<String>,
    /// Since when.
    pub granted_at: DateTime<Utc>,
    /// Until when it held.
    pub ended_at: Option<DateTime<Utc>>,
}

/// Grants a role; a grant that stands already is answered as it stands.
pub async fn add_grant(app: &App, actor: &Actor, client_id: Uuid, command: NewGrant) -> Result<GrantView, Error> {
    manage(actor)?;
    let row = app
        .db
        .write(async |txn| {
            let client = client::Entity::find_by_id(client_id)
                .lock_exclusive()
                .one(txn.conn())
                .await?;
            let client = client.ok_or_else(Error::not_found)?;
            if client.revoked_at.is_some() {
                return Err(Error::because(
                    ProblemCode::Conflict,
                    "Khóa đã bị thu hồi",
                    "The credential is revoked",
                ));
            }
            let given = insert(app, txn.conn(), client_id, std::slice::from_ref(&command), "").await?;
            let row = given.into_iter().next().ok_or_else(Error::not_found)?;
            let detail = json!({ "role": row.role, "area_id": row.area_id });
            let subject = format!("client:{}", client_id.simple());
            txn.audit(Event::new(app.clock.now(), actor, "grant.add", subject, detail));
            Ok(row)
        })
        .await?;
    view(row)
}

/// Ends a grant.
pub async fn end_grant(app: &App, actor: &Actor, client_id: Uuid, grant_id: Uuid) -> Result<GrantView, Error> {
    manage(actor)?;
    let now = app.clock.now();
    let row = app
        .db
        .write(async |txn| {
            let found = access_grant::Entity::find_by_id(grant_id)
                .filter(access_grant::Column::ClientId.eq(client_id))
                .lock_exclusive()
                .one(txn.conn())
                .await?;
            let row = found.ok_or_else(Error::not_found)?;
            if row.ended_at.is_some() {
                return Ok(row);
            }
            let detail = json!({ "role": row.role, "area_id": row.area_id });
            txn.audit(Event::new(
                now,
                actor,
                "grant.end",
                format!("client:{}", client_id.simple()),
                detail,
            ));
            let change = access_grant::ActiveModel {
                id: Set(grant_id),
                ended_at: Set(Some(now)),
                ..Default::default()
            };
            Ok(change.update(txn.conn()).await?)
        })
        .await?;
    view(row)
}

/// Stores grants of one credential; `pointer` is where they stand in the content.
pub(super) async fn insert(
    app: &App,
    conn: &impl ConnectionTrait,
    client_id: Uuid,
    grants: &[NewGrant],
    pointer: &str,
) -> Result<Vec<access_grant::Model>, Error> {
    let now = app.clock.now();
    let standing = access_grant::Entity::find()
        .filter(access_grant::Column::ClientId.eq(client_id))
        .all(conn)
        .await?;
    let mut rows: Vec<access_grant::Model> = Vec::new();
    for (position, grant) in grants.iter().enumerate() {
        if let Some(area_id) = &grant.area_id
            && area::Entity::find_by_id(area_id).one(conn).await?.is_none()
        {
            let at = if pointer.is_empty() {
                "/area_id".to_owned()
            } else {
                format!("{pointer}/{position}/area_id")
            };
            return Err(Error::field(
                at,
                "unknown_area",
                "Không có địa bàn này",
                "There is no such area",
            ));
        }
        let same = |row: &&access_grant::Model| row.role == grant.role.code() && row.area_id == grant.area_id;
        match standing.iter().chain(&rows).find(same) {
            Some(row) if row.ended_at.is_none() => rows.push(row.clone()),
            Some(row) => {
                let again = access_grant::ActiveModel {
                    id: Set(row.id),
                    granted_at: Set(now),
                    ended_at: Set(None),
                    ..Default::default()
                };
                rows.push(again.update(conn).await?);
            }
            None => {
                let row = access_grant::Model {
                    id: app.ids.next(),
                    client_id,
                    role: grant.role.code().to_owned(),
                    area_id: grant.area_id.clone(),
                    granted_at: now,
                    ended_at: None,
                };
                access_grant::Entity::insert(access_grant::ActiveModel::from(row.clone()))
                    .exec_without_returning(conn)
                    .await?;
                rows.push(row);
            }
        }
    }
    Ok(rows)
}

/// The grants of some credentials, oldest first.
pub(super) async fn of_clients(
    conn: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<BTreeMap<Uuid, Vec<GrantView>>, Error> {
    let rows = access_grant::Entity::find()
        .filter(access_grant::Column::ClientId.is_in(ids))
        .order_by_asc(access_grant::Column::GrantedAt)
        .order_by_asc(access_grant::Column::Id)
        .all(conn)
        .await?;
    let mut by_client: BTreeMap<Uuid, Vec<GrantView>> = BTreeMap::new();
    for row in rows {
        by_client.entry(row.client_id).or_default().push(view(row)?);
    }
    Ok(by_client)
}

pub(super) fn view(row: access_grant::Model) -> Result<GrantView, Error> {
    let role = Role::from_code(&row.role).ok_or_else(|| Error::internal(format!("unknown role {}", row.role)))?;
    Ok(GrantView {
        id: row.id,
        role,
        area_id: row.area_id,
        granted_at: row.granted_at,
        ended_at: row.ended_at,
    })
}
