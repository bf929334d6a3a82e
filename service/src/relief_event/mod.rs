//! Relief events: a storm, a fire, an accident, and the areas it struck.

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{ReliefEventKind, ReliefEventStatus};
use entity::relief_event;
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::code::Code;
use crate::error::{Error, ProblemCode};
use crate::vocabulary;

/// Declares an event.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclareEvent {
    /// A short code, unique for ever.
    #[schema(example = "bao-so-3-2024")]
    pub code: String,
    /// Name.
    #[schema(example = "Bão số 3 (Yagi)")]
    pub name: String,
    /// What happened.
    #[schema(value_type = String, example = "storm")]
    pub kind: ReliefEventKind,
    /// The day.
    pub happened_on: NaiveDate,
    /// The areas struck (ids); empty: the whole province.
    #[serde(default)]
    pub area_ids: Vec<String>,
}

/// An event.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EventView {
    /// Id.
    pub id: Uuid,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// What happened.
    #[schema(value_type = String)]
    pub kind: ReliefEventKind,
    /// The day.
    pub happened_on: NaiveDate,
    /// Where it stands: alert, active, recovery or closed.
    #[schema(value_type = String)]
    pub status: ReliefEventStatus,
    /// The areas struck; empty: the whole province.
    #[schema(value_type = Vec<String>)]
    pub area_ids: serde_json::Value,
    /// Declared at.
    pub created_at: DateTime<Utc>,
    /// Version, for If-Match.
    pub version: i64,
}

fn view(row: relief_event::Model) -> EventView {
    EventView {
        id: row.id,
        code: row.code,
        name: row.name,
        kind: row.kind,
        happened_on: row.happened_on,
        status: row.status,
        area_ids: row.area_ids,
        created_at: row.created_at,
        version: row.version,
    }
}

fn subject(id: Uuid) -> String {
    format!("relief_event:{}", id.simple())
}

/// Declares an event; requests may be filed for it at once.
pub async fn declare(app: &App, actor: &Actor, command: DeclareEvent) -> Result<EventView, Error> {
    actor.require_province(Permission::ReliefEventManage)?;
    if command.code.is_empty()
        || !command
            .code
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    {
        return Err(Error::field(
            "/code",
            "invalid",
            "Mã chỉ gồm a-z, 0-9 và dấu gạch",
            "a code is made of a-z, 0-9 and dashes",
        ));
    }
    let row = relief_event::Model {
        id: domain::ids::uuid8(app.secret.ids(), "relief_event", &command.code),
        code: command.code,
        name: command.name,
        kind: command.kind,
        happened_on: command.happened_on,
        status: ReliefEventStatus::Active,
        area_ids: json!(command.area_ids),
        version: 1,
        created_at: app.clock.now(),
    };
    app.db
        .write(async |txn| {
            txn.insert_all::<relief_event::Entity>(vec![row.clone()]).await?;
            let detail = json!({"code": row.code, "kind": row.kind, "happened_on": row.happened_on});
            txn.audit(Event::new(
                row.created_at,
                actor,
                "relief_event.declare",
                subject(row.id),
                detail,
            ));
            Ok(())
        })
        .await?;
    Ok(view(row))
}

/// Moves an event on: active, recovery, closed; never back. Its row is locked: of those who ask at once the first moves it.
pub async fn advance(
    app: &App,
    actor: &Actor,
    id: Uuid,
    version: i64,
    to: ReliefEventStatus,
) -> Result<EventView, Error> {
    actor.require_province(Permission::ReliefEventManage)?;
    let row = app
        .db
        .write(async |txn| {
            let row = relief_event::Entity::find_by_id(id)
                .lock(LockType::NoKeyUpdate)
                .one(txn.conn())
                .await?
                .ok_or_else(Error::not_found)?;
            if row.version != version {
                return Err(Error::new(ProblemCode::Stale));
            }
            if to <= row.status {
                return Err(Error::because(
                    ProblemCode::IllegalTransition,
                    format!(
                        "Sự kiện đang ở trạng thái “{}”",
                        vocabulary::said("relief_event_status", &row.status)
                    ),
                    format!("the event is {}", row.status.code()),
                ));
            }
            txn.audit(Event::new(
                app.clock.now(),
                actor,
                "relief_event.advance",
                subject(id),
                json!({"status": to}),
            ));
            let changed = relief_event::Model {
                status: to,
                version: row.version + 1,
                ..row
            };
            changed
                .clone()
                .into_active_model()
                .reset_all()
                .update(txn.conn())
                .await?;
            Ok(changed)
        })
        .await?;
    Ok(view(row))
}

/// One event.
pub async fn get(app: &App, actor: &Actor, id: Uuid) -> Result<EventView, Error> {
    actor.require(Permission::ReliefRead)?;
    let row = relief_event::Entity::find_by_id(id).one(app.db.read()).await?;
    row.map(view).ok_or_else(Error::not_found)
}

/// Every event, the newest first.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<EventView>, Error> {
    actor.require(Permission::ReliefRead)?;
    let rows = relief_event::Entity::find()
        .order_by_desc(relief_event::Column::HappenedOn)
        .all(app.db.read())
        .await?;
    Ok(rows.into_iter().map(view).collect())
}
