//! Reading the audit trail.

use chrono::{DateTime, Utc};
use entity::audit_event;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::Error;
use crate::page::{Page, Window};

/// One thing somebody did, chained to what was done before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditEventView {
    /// Its number in the chain, from 1.
    #[schema(example = 1042)]
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who, by name.
    #[schema(example = "Nguyễn Thị Hạnh")]
    pub actor: String,
    /// Which person; null for a service or a job.
    pub user_id: Option<Uuid>,
    /// What was done.
    #[schema(example = "pay_run.approve")]
    pub action: String,
    /// To what.
    #[schema(example = "pay_run:0192f3a07c1d7e558b1a3d0c2b1a0f9e")]
    pub subject: String,
    /// Particulars.
    #[schema(value_type = Object)]
    pub detail: Value,
    /// The hash of the event before.
    pub prev_hash: String,
    /// SHA-256 over `prev_hash` and this event.
    pub hash: String,
}

impl From<audit_event::Model> for AuditEventView {
    fn from(row: audit_event::Model) -> Self {
        let audit_event::Model {
            seq,
            at,
            actor,
            user_id,
            action,
            subject,
            detail,
            prev_hash,
            hash,
            ..
        } = row;
        Self {
            seq,
            at,
            actor,
            user_id,
            action,
            subject,
            detail,
            prev_hash,
            hash,
        }
    }
}

/// Which events.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListAuditEvents {
    /// To this subject.
    #[param(example = "pay_run:0192f3a07c1d7e558b1a3d0c2b1a0f9e")]
    pub subject: Option<String>,
    /// Of this kind.
    #[param(example = "pay_run.approve")]
    pub action: Option<String>,
    /// Done by this person.
    pub user_id: Option<Uuid>,
    /// Rows of the page, 1 to 200; 50 if left out.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// The trail, oldest first. It holds names of the whole province, so a grant for one area does not open it.
pub async fn list(app: &App, actor: &Actor, command: ListAuditEvents) -> Result<Page<AuditEventView>, Error> {
    actor.require_everywhere(Permission::AuditRead)?;
    let ListAuditEvents {
        subject,
        action,
        user_id,
        limit,
        cursor,
    } = command;
    let window = Window::<i64>::of(
        app,
        "audit-events",
        &(&subject, &action, user_id),
        limit,
        cursor.as_deref(),
    )?;
    let mut query = audit_event::Entity::find()
        .order_by_asc(audit_event::Column::Seq)
        .limit(window.fetch());
    if let Some(subject) = subject {
        query = query.filter(audit_event::Column::Subject.eq(subject));
    }
    if let Some(action) = action {
        query = query.filter(audit_event::Column::Action.eq(action));
    }
    if let Some(user_id) = user_id {
        query = query.filter(audit_event::Column::UserId.eq(user_id));
    }
    if let Some(after) = window.after {
        query = query.filter(audit_event::Column::Seq.gt(after));
    }
    let page = window.page(query.all(app.db.read()).await?, |row| row.seq)?;
    Ok(page.map(AuditEventView::from))
}
