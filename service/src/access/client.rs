//! Credentials: of a person, or of another system.

use chrono::{DateTime, Utc};
use entity::enums::ClientKind;
use entity::{client, user_account};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::access::grant::{self, GrantView, NewGrant};
use crate::access::key::{self, NewKey};
use crate::access::manage;
use crate::access::user::required_name;
use crate::actor::Actor;
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::page::{Page, Window};

/// Makes a credential.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateClient {
    /// What it is for.
    #[schema(example = "Một cửa phường Hà Phong", max_length = 200)]
    pub name: String,
    /// The person it belongs to. A credential without one is another system's: it prepares and never approves.
    #[serde(default)]
    pub user_id: Option<Uuid>,
    /// What it may do.
    #[serde(default)]
    pub grants: Vec<NewGrant>,
}

/// A credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClientView {
    /// Its id.
    pub id: Uuid,
    /// What it is for.
    pub name: String,
    /// Whose it is: a person's or another system's.
    #[schema(value_type = String, pattern = "^(person|service)$", example = "person")]
    pub kind: ClientKind,
    /// The person it belongs to.
    pub user_id: Option<Uuid>,
    /// The part of its key that may be shown.
    #[schema(example = "3f9a0c1d")]
    pub key_prefix: String,
    /// Made at.
    pub created_at: DateTime<Utc>,
    /// Since when it works no more.
    pub revoked_at: Option<DateTime<Utc>>,
    /// What it may do, ended grants included.
    pub grants: Vec<GrantView>,
}

/// A credential with its key, which is shown this once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CreatedClient {
    /// The credential.
    pub client: ClientView,
    /// The key, for the header `Authorization: Bearer <key>`.
    #[schema(example = "ansinh_3f9a0c1d_5b0c9e1f2a3d4c5b6a7988796a5b4c3d2e1f0a9b")]
    pub key: String,
}

/// Which credentials to list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListClients {
    /// Of this person.
    pub user_id: Option<Uuid>,
    /// Rows of the page, 1 to 200; 50 if left out.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// Makes a credential with its grants, and its key.
pub async fn create_client(app: &App, actor: &Actor, command: CreateClient) -> Result<CreatedClient, Error> {
    manage(actor)?;
    app.db.write(async |txn| issue(app, txn, actor, &command).await).await
}

/// Makes a credential without asking whether the actor may.
pub(super) async fn issue(app: &App, txn: &Txn, actor: &Actor, command: &CreateClient) -> Result<CreatedClient, Error> {
    let name = required_name(&command.name)?;
    if let Some(user_id) = command.user_id {
        let user = user_account::Entity::find_by_id(user_id).one(txn.conn()).await?;
        if user.is_none_or(|user| user.disabled_at.is_some()) {
            let (vi, en) = (
                "Không có người dùng này hoặc đã bị khóa",
                "There is no such user, or it is disabled",
            );
            return Err(Error::field("/user_id", "unknown_user", vi, en));
        }
    }
    let key = NewKey::random();
    let row = client::Model {
        id: app.ids.next(),
        name,
        kind: if command.user_id.is_some() {
            ClientKind::Person
        } else {
            ClientKind::Service
        },
        user_id: command.user_id,
        key_prefix: key.prefix,
        key_hash: key.hash,
        created_at: app.clock.now(),
        revoked_at: None,
    };
    txn.insert_all::<client::Entity>(vec![row.clone()]).await?;
    key::note(app, txn, actor, &row).await?;
    let grants = grant::insert(app, txn.conn(), row.id, &command.grants, "/grants").await?;
    let grants = grants.into_iter().map(grant::view).collect::<Result<Vec<_>, _>>()?;
    let given: Vec<_> = grants
        .iter()
        .map(|grant| json!({ "role": grant.role, "area_id": grant.area_id }))
        .collect();
    let detail = json!({ "name": row.name, "user_id": row.user_id, "grants": given });
    let subject = format!("client:{}", row.id.simple());
    txn.audit(Event::new(row.created_at, actor, "client.create", subject, detail));
    Ok(CreatedClient {
        client: view(row, grants),
        key: key.key,
    })
}

/// One credential.
pub async fn get_client(app: &App, actor: &Actor, client_id: Uuid) -> Result<ClientView, Error> {
    manage(actor)?;
    let row = client::Entity::find_by_id(client_id)
        .one(app.db.read())
        .await?
        .ok_or_else(Error::not_found)?;
    with_grants(app, row).await
}

/// Lists credentials, revoked ones included.
pub async fn list_clients(app: &App, actor: &Actor, command: ListClients) -> Result<Page<ClientView>, Error> {
    manage(actor)?;
    let ListClients { user_id, limit, cursor } = command;
    let window = Window::<Uuid>::of(app, "clients", &user_id, limit, cursor.as_deref())?;
    let mut query = client::Entity::find()
        .order_by_asc(client::Column::Id)
        .limit(window.fetch());
    if let Some(user_id) = user_id {
        query = query.filter(client::Column::UserId.eq(user_id));
    }
    if let Some(after) = window.after {
        query = query.filter(client::Column::Id.gt(after));
    }
    let page = window.page(query.all(app.db.read()).await?, |row| row.id)?;
    let mut grants = grant::of_clients(app.db.read(), page.items.iter().map(|row| row.id)).await?;
    Ok(page.map(|row| {
        let grants = grants.remove(&row.id).unwrap_or_default();
        view(row, grants)
    }))
}

/// Ends a credential for good.
pub async fn revoke_client(app: &App, actor: &Actor, client_id: Uuid) -> Result<ClientView, Error> {
    manage(actor)?;
    if actor.client_id == client_id {
        return Err(Error::because(
            ProblemCode::Conflict,
            "Không thể thu hồi khóa đang dùng",
            "A credential can't revoke itself",
        ));
    }
    let now = app.clock.now();
    let row = app
        .db
        .write(async |txn| {
            let row = client::Entity::find_by_id(client_id)
                .lock_exclusive()
                .one(txn.conn())
                .await?;
            let row = row.ok_or_else(Error::not_found)?;
            if row.revoked_at.is_some() {
                return Ok(row);
            }
            txn.audit(Event::new(
                now,
                actor,
                "client.revoke",
                format!("client:{}", client_id.simple()),
                json!({}),
            ));
            let change = client::ActiveModel {
                id: Set(client_id),
                revoked_at: Set(Some(now)),
                ..Default::default()
            };
            Ok(change.update(txn.conn()).await?)
        })
        .await?;
    with_grants(app, row).await
}

/// Gives a credential a new key; the old one stops working at once.
pub async fn rotate_key(app: &App, actor: &Actor, client_id: Uuid) -> Result<CreatedClient, Error> {
    manage(actor)?;
    let key = NewKey::random();
    let row = app
        .db
        .write(async |txn| {
            let row = client::Entity::find_by_id(client_id)
                .lock_exclusive()
                .one(txn.conn())
                .await?;
            let row = row.ok_or_else(Error::not_found)?;
            if row.revoked_at.is_some() {
                return Err(Error::because(
                    ProblemCode::Conflict,
                    "Khóa đã bị thu hồi",
                    "The credential is revoked",
                ));
            }
            key::note(app, txn, actor, &row).await?;
            let subject = format!("client:{}", client_id.simple());
            txn.audit(Event::new(
                app.clock.now(),
                actor,
                "client.rotate_key",
                subject,
                json!({ "key_prefix": key.prefix }),
            ));
            let change = client::ActiveModel {
                id: Set(client_id),
                key_prefix: Set(key.prefix.clone()),
                key_hash: Set(key.hash.clone()),
                ..Default::default()
            };
            Ok(change.update(txn.conn()).await?)
        })
        .await?;
    Ok(CreatedClient {
        client: with_grants(app, row).await?,
        key: key.key,
    })
}

async fn with_grants(app: &App, row: client::Model) -> Result<ClientView, Error> {
    let mut grants = grant::of_clients(app.db.read(), [row.id]).await?;
    let grants = grants.remove(&row.id).unwrap_or_default();
    Ok(view(row, grants))
}

fn view(row: client::Model, grants: Vec<GrantView>) -> ClientView {
    ClientView {
        id: row.id,
        name: row.name,
        kind: row.kind,
        user_id: row.user_id,
        key_prefix: row.key_prefix,
        created_at: row.created_at,
        revoked_at: row.revoked_at,
        grants,
    }
}
