//! From a key to an actor: one indexed query, and a second where a grant is for an area.

use std::collections::{BTreeMap, BTreeSet};

use entity::{access_grant, client, user_account};
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::key;
use crate::actor::{Actor, Grant, Permission, Role};
use crate::app::App;
use crate::area;
use crate::error::{Error, ProblemCode};

/// The actor of a key. An unknown, revoked or disabled one is told nothing but that it is not authenticated.
pub async fn authenticate(app: &App, key: &str) -> Result<Actor, Error> {
    if !key.starts_with("ansinh_") {
        return Err(Error::new(ProblemCode::Unauthenticated));
    }
    actor_of_hash(app, &key::hash(key)).await
}

/// The actor of the key with this hash.
pub(crate) async fn actor_of_hash(app: &App, key_hash: &str) -> Result<Actor, Error> {
    type Row = (
        Uuid,
        Option<Uuid>,
        String,
        Option<String>,
        Option<String>,
        Option<String>,
    );
    let standing = access_grant::Column::EndedAt.is_null();
    let rows: Vec<Row> = client::Entity::find()
        .select_only()
        .columns([client::Column::Id, client::Column::UserId, client::Column::Name])
        .column(user_account::Column::Name)
        .columns([access_grant::Column::Role, access_grant::Column::AreaId])
        .join(
            JoinType::LeftJoin,
            client::Entity::belongs_to(access_grant::Entity)
                .from(client::Column::Id)
                .to(access_grant::Column::ClientId)
                .on_condition(move |_, _| sea_orm::Condition::all().add(standing.clone()))
                .into(),
        )
        .join(
            JoinType::LeftJoin,
            client::Entity::belongs_to(user_account::Entity)
                .from(client::Column::UserId)
                .to(user_account::Column::Id)
                .into(),
        )
        .filter(client::Column::KeyHash.eq(key_hash))
        .filter(client::Column::RevokedAt.is_null())
        .filter(user_account::Column::DisabledAt.is_null())
        .order_by_asc(access_grant::Column::Id)
        .into_tuple()
        .all(app.db.read())
        .await?;
    let Some((client_id, user_id, client_name, user_name, ..)) = rows.first().cloned() else {
        return Err(Error::new(ProblemCode::Unauthenticated));
    };
    let granted: BTreeSet<&str> = rows.iter().filter_map(|row| row.5.as_deref()).collect();
    let below = area::below(app.db.read(), &granted, app.clock.today()).await?;
    let mut grants = Vec::new();
    for (_, _, _, _, role, area_id) in &rows {
        let Some(role) = role.as_deref().and_then(Role::from_code) else {
            continue;
        };
        let areas = area_id.as_deref().map(|id| below.get(id).cloned().unwrap_or_default());
        grants.push(Grant { role, areas });
    }
    Ok(Actor::new(client_id, user_id, user_name.unwrap_or(client_name), grants))
}

/// Who the caller is and what it may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Me {
    /// The credential.
    pub client_id: Uuid,
    /// The person behind it; null for another system.
    pub user_id: Option<Uuid>,
    /// The name in the audit trail.
    pub name: String,
    /// Its roles.
    pub roles: Vec<MyRole>,
    /// The operations open to it, by name.
    #[schema(example = json!(["RegistryRead", "RegistryWrite"]))]
    pub permissions: Vec<String>,
}

/// One role of the caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MyRole {
    /// The role.
    pub role: Role,
    /// The areas it holds in, those below included; null: the whole province.
    pub areas: Option<Vec<String>>,
}

/// Says who the caller is.
#[must_use]
pub fn me(actor: &Actor) -> Me {
    let mut roles: BTreeMap<Role, Option<BTreeSet<String>>> = BTreeMap::new();
    for grant in &actor.grants {
        let held = roles.entry(grant.role).or_insert_with(|| Some(BTreeSet::new()));
        *held = match (held.take(), &grant.areas) {
            (Some(mut areas), Some(more)) => {
                areas.extend(more.iter().cloned());
                Some(areas)
            }
            _ => None,
        };
    }
    let open = Permission::ALL
        .iter()
        .filter(|permission| actor.require(**permission).is_ok());
    Me {
        client_id: actor.client_id,
        user_id: actor.user_id,
        name: actor.name.clone(),
        permissions: open.map(|permission| permission.code().to_owned()).collect(),
        roles: roles
            .into_iter()
            .map(|(role, areas)| MyRole {
                role,
                areas: areas.map(|areas| areas.into_iter().collect()),
            })
            .collect(),
    }
}
