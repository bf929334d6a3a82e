//! Reading deliveries.

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{DeliveryChannel, DeliveryStatus};
use entity::{delivery, payment_file};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::problem::DeliveryProblem;
use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::{Error, Text};
use crate::page::{Page, Window};

/// One attempt to bring a file to where it belongs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeliveryView {
    /// Id.
    pub id: Uuid,
    /// The payment file.
    pub file_id: Uuid,
    /// The attempt, from 1.
    pub attempt: i32,
    /// `download`, `drop_folder` or `sftp`.
    #[schema(value_type = String, example = "drop_folder")]
    pub channel: DeliveryChannel,
    /// `queued`, `sent`, `acknowledged`, `unknown` or `failed`.
    #[schema(value_type = String, example = "sent")]
    pub status: DeliveryStatus,
    /// SHA-256 of the bytes.
    pub sha256: String,
    /// What the file is called at the target.
    #[schema(example = "regular-202409-1-pain001-AGRIBANK-1.xml")]
    pub target_name: String,
    /// When the bytes were known to be at the target.
    pub sent_at: Option<DateTime<Utc>>,
    /// When the receiver confirmed them by their hash.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// What went wrong: `unreachable`, `other_bytes`, `outcome_unknown`, `absent`, `wrong_acknowledgement`,
    /// `unreadable`, `not_signed`, `withdrawn`, `answered`.
    #[schema(example = "outcome_unknown")]
    pub error: Option<String>,
    /// The same in words.
    pub error_text: Option<Text>,
    /// What the machine said.
    pub detail: Option<String>,
    /// Told when a delivery is asked for: the banking day that the file asks for has passed, so that a bank may refuse it
    /// or execute it on another day. None otherwise, and in lists.
    #[schema(example = json!(null))]
    pub execution_date_past: Option<NaiveDate>,
    /// When the attempt was asked for.
    pub created_at: DateTime<Utc>,
    /// Version, counting changes.
    pub version: i64,
}

pub(super) fn view(row: delivery::Model) -> DeliveryView {
    let problem = row.error.as_deref().and_then(DeliveryProblem::from_code);
    DeliveryView {
        id: row.id,
        file_id: row.file_id,
        attempt: row.attempt,
        channel: row.channel,
        status: row.status,
        sha256: row.sha256,
        target_name: row.target_name,
        sent_at: row.sent_at,
        acknowledged_at: row.acknowledged_at,
        error: row.error,
        error_text: problem.map(DeliveryProblem::text),
        detail: row.detail,
        execution_date_past: None,
        created_at: row.created_at,
        version: row.version,
    }
}

/// The attempts of a file, the first one first.
pub async fn of_file(app: &App, actor: &Actor, file: Uuid) -> Result<Vec<DeliveryView>, Error> {
    actor.require_province(Permission::FileRead)?;
    if payment_file::Entity::find_by_id(file)
        .one(app.db.read())
        .await?
        .is_none()
    {
        return Err(Error::not_found());
    }
    let rows = delivery::Entity::find()
        .filter(delivery::Column::FileId.eq(file))
        .order_by_asc(delivery::Column::Attempt)
        .all(app.db.read())
        .await?;
    Ok(rows.into_iter().map(view).collect())
}

/// The newest deliveries first; of one status, if asked for.
pub async fn list(
    app: &App,
    actor: &Actor,
    status: Option<DeliveryStatus>,
    limit: Option<u32>,
    cursor: Option<&str>,
) -> Result<Page<DeliveryView>, Error> {
    use delivery::Column as C;
    actor.require_province(Permission::FileRead)?;
    let window = Window::<(DateTime<Utc>, Uuid)>::of(app, "deliveries", &status, limit, cursor)?;
    let mut query = delivery::Entity::find()
        .order_by_desc(C::CreatedAt)
        .order_by_desc(C::Id)
        .limit(window.fetch());
    if let Some(status) = status {
        query = query.filter(C::Status.eq(status));
    }
    if let Some((at, id)) = window.after {
        let same = Condition::all().add(C::CreatedAt.eq(at)).add(C::Id.lt(id));
        query = query.filter(Condition::any().add(C::CreatedAt.lt(at)).add(same));
    }
    let rows = query.all(app.db.read()).await?;
    window.page(rows.into_iter().map(view).collect(), |row: &DeliveryView| {
        (row.created_at, row.id)
    })
}
