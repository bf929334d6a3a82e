//! Reading requests and their claims.

use chrono::{DateTime, Utc};
use entity::enums::{ReliefClaimKind, ReliefClaimStatus, ReliefRequestStatus};
use entity::relief_request;
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::Error;
use crate::page::{Page, Window};
use crate::relief_request::claims_of;

/// A request.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RequestView {
    /// Id.
    pub id: Uuid,
    /// The event.
    pub relief_event_id: Uuid,
    /// The commune that asks.
    pub area_id: String,
    /// The commune's number for it.
    pub reference: String,
    /// Where it stands.
    #[schema(value_type = String)]
    pub status: ReliefRequestStatus,
    /// Đồng.
    pub total: i64,
    /// The fund that is asked to pay it.
    #[schema(example = "emergency_relief")]
    pub fund_code: String,
    /// Digest of its claims, which approvals bind to.
    pub digest: Option<String>,
    /// By when it must be decided.
    pub sla_due_at: Option<DateTime<Utc>>,
    /// When it was submitted.
    pub submitted_at: Option<DateTime<Utc>>,
    /// When it was verified.
    pub verified_at: Option<DateTime<Utc>>,
    /// When it was approved.
    pub approved_at: Option<DateTime<Utc>>,
    /// The pay run that pays it.
    pub pay_run_id: Option<Uuid>,
    /// Version, for If-Match.
    pub version: i64,
}

pub(super) fn view(row: relief_request::Model) -> RequestView {
    RequestView {
        id: row.id,
        relief_event_id: row.relief_event_id,
        area_id: row.area_id,
        reference: row.reference,
        status: row.status,
        total: row.total,
        fund_code: row.fund_code,
        digest: row.digest,
        sla_due_at: row.sla_due_at,
        submitted_at: row.submitted_at,
        verified_at: row.verified_at,
        approved_at: row.approved_at,
        pay_run_id: row.pay_run_id,
        version: row.version,
    }
}

/// A claim of a request.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClaimView {
    /// Id.
    pub id: Uuid,
    /// The person struck.
    pub person_id: Option<Uuid>,
    /// Name.
    pub victim_name: String,
    /// What was lost.
    #[schema(value_type = String)]
    pub kind: ReliefClaimKind,
    /// Đồng by law.
    pub amount: i64,
    /// Rice, grams.
    pub rice_grams: i64,
    /// Đồng the province adds.
    pub top_up: i64,
    /// The provision.
    pub provision: String,
    /// Where it stands.
    #[schema(value_type = String)]
    pub status: ReliefClaimStatus,
    /// Why it was held when the rest of its request was paid.
    #[schema(example = json!(null))]
    pub held_reason: Option<String>,
}

/// One request inside the caller's areas.
pub async fn get(app: &App, actor: &Actor, id: Uuid) -> Result<RequestView, Error> {
    let scope = actor.require(Permission::ReliefRead)?;
    let row = relief_request::Entity::find_by_id(id).one(app.db.read()).await?;
    row.filter(|row| scope.covers(&row.area_id))
        .map(view)
        .ok_or_else(Error::not_found)
}

/// The requests inside the caller's areas, the newest first.
pub async fn list(
    app: &App,
    actor: &Actor,
    limit: Option<u32>,
    cursor: Option<&str>,
) -> Result<Page<RequestView>, Error> {
    use relief_request::Column as C;
    let scope = actor.require(Permission::ReliefRead)?;
    let window = Window::<(DateTime<Utc>, Uuid)>::of(app, "relief_requests", &(), limit, cursor)?;
    let mut query = relief_request::Entity::find()
        .filter(scope.condition(Expr::col(C::AreaId)))
        .order_by_desc(C::CreatedAt)
        .order_by_desc(C::Id)
        .limit(window.fetch());
    if let Some((at, id)) = window.after {
        let same = Condition::all().add(C::CreatedAt.eq(at)).add(C::Id.lt(id));
        query = query.filter(Condition::any().add(C::CreatedAt.lt(at)).add(same));
    }
    let rows = query.all(app.db.read()).await?;
    Ok(window.page(rows, |row| (row.created_at, row.id))?.map(view))
}

/// The claims of a request inside the caller's areas.
pub async fn claims(app: &App, actor: &Actor, id: Uuid) -> Result<Vec<ClaimView>, Error> {
    get(app, actor, id).await?;
    let rows = claims_of(app.db.read(), id).await?;
    let views = rows.into_iter().map(|row| ClaimView {
        id: row.id,
        person_id: row.person_id,
        victim_name: row.victim_name,
        kind: row.kind,
        amount: row.amount,
        rice_grams: row.rice_grams,
        top_up: row.top_up,
        provision: row.provision,
        status: row.status,
        held_reason: row.note.filter(|_| row.status == ReliefClaimStatus::Held),
    });
    Ok(views.collect())
}
