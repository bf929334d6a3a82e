//! Differences as they are shown: beside their orders, with what one person proposes and who settled them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::amount_difference::Model;
use entity::enums::{DifferenceStatus as Status, ProposalStatus, SettlementKind};
use entity::{difference_settlement, payment_order, user_account};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::rows;
use super::settle::find;
use crate::actor::{Actor, Permission, Scope};
use crate::app::App;
use crate::error::Error;
use crate::proposal::{ProposalView, Proposed};
use crate::reconciliation::load::IDS;

/// What one person proposes of a difference, and what another decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SettlementView {
    /// Id, which the one who decides names.
    pub id: Uuid,
    /// The difference.
    pub difference_id: Uuid,
    /// What comes of it.
    #[schema(value_type = String, example = "made_good")]
    pub settlement: SettlementKind,
    /// What the one person says, and the other.
    #[serde(flatten)]
    pub proposal: ProposalView,
}

impl SettlementView {
    pub(super) fn of(row: difference_settlement::Model) -> Self {
        Self {
            id: row.id,
            difference_id: row.difference_id,
            settlement: row.kind,
            proposal: row.proposal(),
        }
    }
}

/// What a bank moved more or less than an order says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AmountDifferenceView {
    /// Id.
    pub id: Uuid,
    /// The order.
    pub order_id: Uuid,
    /// Its reference in files.
    pub reference: String,
    /// What the order says, đồng.
    pub ordered: i64,
    /// The line of a bank's report that told it; none for a return of the ordered amount that met an open difference.
    pub line_id: Option<Uuid>,
    /// Does it tell of money that came back?
    pub returned: bool,
    /// What it says was moved, đồng; of cash that was handed over after it had come back, what went out both times.
    pub moved: i64,
    /// Above nothing, what the bank took too much or gave back too little; below, what it moved too little or gave back
    /// too much, đồng.
    pub amount: i64,
    /// `open`, `made_good`, `written_off`, `replaced`, `noted` or `unbooked`.
    #[schema(value_type = String, example = "open")]
    pub status: Status,
    /// When it was booked.
    pub opened_at: DateTime<Utc>,
    /// What one person proposes, and another has to decide.
    pub proposal: Option<SettlementView>,
    /// What two people made of it.
    pub settlement: Option<SettlementView>,
    /// The names of those two: who proposed it, and who accepted.
    #[schema(example = json!(["Nguyễn Thị Thu", "Trần Văn Bình"]))]
    pub settled_by: Vec<String>,
}

/// The differences inside the caller's areas: the open ones first, each the oldest first.
pub async fn differences(app: &App, actor: &Actor) -> Result<Vec<AmountDifferenceView>, Error> {
    let scope = actor.require(Permission::BankReportRead)?;
    let conn = app.db.read();
    let mut views = beside_orders(conn, &scope, rows(conn, None).await?).await?;
    views.sort_by_key(|own| own.status != Status::Open);
    Ok(views)
}

/// One difference inside the caller's areas.
pub async fn difference(app: &App, actor: &Actor, id: Uuid) -> Result<AmountDifferenceView, Error> {
    let scope = actor.require(Permission::BankReportRead)?;
    let conn = app.db.read();
    let row = find(conn, &scope, id).await?;
    let mut views = beside_orders(conn, &scope, vec![row]).await?;
    views.pop().ok_or_else(Error::not_found)
}

async fn beside_orders(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    found: Vec<Model>,
) -> Result<Vec<AmountDifferenceView>, Error> {
    let orders = orders(conn, &found).await?;
    let ids: Vec<Uuid> = found.iter().map(|row| row.id).collect();
    let mut waiting = settlements(conn, &ids, ProposalStatus::Proposed).await?;
    let mut settled = settled(conn, &ids).await?;
    let mut views = Vec::with_capacity(found.len());
    for row in found {
        let Some(order) = orders.get(&row.order_id).filter(|order| scope.covers(&order.area_id)) else {
            continue;
        };
        let (settlement, settled_by) = settled.remove(&row.id).unzip();
        views.push(AmountDifferenceView {
            id: row.id,
            order_id: row.order_id,
            reference: order.reference.clone(),
            ordered: order.amount,
            line_id: row.line_id,
            returned: row.returned,
            moved: row.moved,
            amount: row.amount,
            status: row.status,
            opened_at: row.opened_at,
            proposal: waiting.remove(&row.id).map(SettlementView::of),
            settlement: settlement.map(SettlementView::of),
            settled_by: settled_by.unwrap_or_default(),
        });
    }
    Ok(views)
}

/// The orders of some differences.
pub(crate) async fn orders(
    conn: &impl ConnectionTrait,
    of: &[Model],
) -> Result<BTreeMap<Uuid, payment_order::Model>, Error> {
    let ids: Vec<Uuid> = of.iter().map(|row| row.order_id).collect();
    let mut orders = BTreeMap::new();
    for chunk in ids.chunks(IDS) {
        let own = payment_order::Entity::find()
            .filter(payment_order::Column::Id.is_in(chunk.iter().copied()))
            .all(conn)
            .await?;
        orders.extend(own.into_iter().map(|order| (order.id, order)));
    }
    Ok(orders)
}

/// What stands so of some differences, by difference; the last of each.
async fn settlements(
    conn: &impl ConnectionTrait,
    of: &[Uuid],
    status: ProposalStatus,
) -> Result<BTreeMap<Uuid, difference_settlement::Model>, Error> {
    use difference_settlement::Column as C;
    let mut found = BTreeMap::new();
    for chunk in of.chunks(IDS) {
        let own = difference_settlement::Entity::find()
            .filter(C::DifferenceId.is_in(chunk.iter().copied()))
            .filter(C::Status.eq(status))
            .order_by_asc(C::ProposedAt)
            .order_by_asc(C::Id)
            .all(conn)
            .await?;
        found.extend(own.into_iter().map(|row| (row.difference_id, row)));
    }
    Ok(found)
}

/// What two people made of some differences, by difference, and the names of the two: who proposed it, and who accepted.
pub(crate) async fn settled(
    conn: &impl ConnectionTrait,
    of: &[Uuid],
) -> Result<BTreeMap<Uuid, (difference_settlement::Model, Vec<String>)>, Error> {
    let found = settlements(conn, of, ProposalStatus::Accepted).await?;
    let people = |row: &difference_settlement::Model| [Some(row.proposed_by), row.decided_by];
    let mut ids: Vec<Uuid> = found.values().flat_map(people).flatten().collect();
    ids.sort_unstable();
    ids.dedup();
    let mut names: BTreeMap<Uuid, String> = BTreeMap::new();
    for chunk in ids.chunks(IDS) {
        let own = user_account::Entity::find()
            .filter(user_account::Column::Id.is_in(chunk.iter().copied()))
            .all(conn)
            .await?;
        names.extend(own.into_iter().map(|user| (user.id, user.name)));
    }
    let named = found.into_iter().map(|(id, row)| {
        let both = people(&row).into_iter().flatten();
        let both: Vec<String> = both.filter_map(|person| names.get(&person).cloned()).collect();
        (id, (row, both))
    });
    Ok(named.collect())
}
