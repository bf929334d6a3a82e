//! What two people make of an open difference: the bank made it good, or the fund bears it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use entity::amount_difference::Model;
use entity::enums::{DifferenceStatus as Status, ProposalStatus, SettlementKind};
use entity::{amount_difference, difference_settlement, payment_order};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{ends, moves, rows, subject, written_off, years};
use crate::actor::{Actor, Permission, Scope};
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::fund;
use crate::proposal::{self, DecideProposal, ProposalView, Proposed, Verdict, proposed};

/// Proposes what comes of a difference.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeSettlement {
    /// `made_good`: the bank moved what it owed, or took back what it gave too much. `written_off`: nobody will, and the
    /// fund bears it.
    #[schema(value_type = String, example = "made_good")]
    pub settlement: SettlementKind,
    /// What was found; it is kept.
    #[schema(example = "Ngân hàng đã chuyển bù cho người hưởng ngày 25/9", max_length = 1000)]
    pub note: String,
}

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
    /// What it says was moved, đồng.
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
}

fn view(row: difference_settlement::Model) -> SettlementView {
    SettlementView {
        id: row.id,
        difference_id: row.difference_id,
        settlement: row.kind,
        proposal: row.proposal(),
    }
}

/// The differences inside the caller's areas: the open ones first, each the oldest first.
pub async fn differences(app: &App, actor: &Actor) -> Result<Vec<AmountDifferenceView>, Error> {
    let scope = actor.require(Permission::BankReportRead)?;
    let conn = app.db.read();
    let found = rows(conn, None).await?;
    let ids: Vec<Uuid> = found.iter().map(|row| row.order_id).collect();
    let mut orders: BTreeMap<Uuid, payment_order::Model> = BTreeMap::new();
    for chunk in ids.chunks(super::IDS) {
        let own = payment_order::Entity::find()
            .filter(payment_order::Column::Id.is_in(chunk.iter().copied()))
            .all(conn)
            .await?;
        orders.extend(own.into_iter().map(|order| (order.id, order)));
    }
    let waiting = difference_settlement::Entity::find()
        .filter(difference_settlement::Column::Status.eq(ProposalStatus::Proposed))
        .all(conn)
        .await?;
    let mut waiting: BTreeMap<Uuid, SettlementView> =
        waiting.into_iter().map(|row| (row.difference_id, view(row))).collect();
    let mut views = Vec::with_capacity(found.len());
    for row in found {
        let Some(order) = orders.get(&row.order_id).filter(|order| scope.covers(&order.area_id)) else {
            continue;
        };
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
            proposal: waiting.remove(&row.id),
        });
    }
    views.sort_by_key(|own| own.status != Status::Open);
    Ok(views)
}

/// The difference, if the scope covers its order.
async fn find(conn: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<Model, Error> {
    let row = amount_difference::Entity::find_by_id(id).one(conn).await?;
    let row = row.ok_or_else(Error::not_found)?;
    let order = payment_order::Entity::find_by_id(row.order_id).one(conn).await?;
    match order {
        Some(order) if scope.covers(&order.area_id) => Ok(row),
        _ => Err(Error::not_found()),
    }
}

async fn locked(txn: &Txn, id: Uuid) -> Result<Model, Error> {
    amount_difference::Entity::find_by_id(id)
        .lock_exclusive()
        .one(txn.conn())
        .await?
        .ok_or_else(Error::not_found)
}

fn require_open(row: &Model) -> Result<(), Error> {
    if row.status == Status::Open {
        return Ok(());
    }
    Err(Error::because(
        ProblemCode::IllegalTransition,
        "Chênh lệch này không còn chờ xử lý",
        "the difference is not open",
    ))
}

/// Proposes what comes of a difference: the first of two people.
///
/// # Errors
/// `illegal-transition` where it is not open; `already-exists` where something is proposed already.
pub async fn propose_settlement(
    app: &App,
    actor: &Actor,
    difference: Uuid,
    command: ProposeSettlement,
) -> Result<SettlementView, Error> {
    let scope = actor.require(Permission::BankReportWrite)?;
    let proposal = ProposalView::made(app, actor, &command.note)?;
    find(app.db.read(), &scope, difference).await?;
    let row = proposed!(difference_settlement, proposal, {
        id: app.ids.next(),
        difference_id: difference,
        kind: command.settlement,
    });
    app.db
        .write(async |txn| {
            let open = locked(txn, difference).await?;
            require_open(&open)?;
            txn.insert_all::<difference_settlement::Entity>(vec![row.clone()])
                .await?;
            let detail = json!({"settlement": row.kind, "amount": open.amount, "note": row.note});
            txn.audit(Event::new(
                row.proposed_at,
                actor,
                "amount_difference.propose",
                subject(difference),
                detail,
            ));
            Ok(())
        })
        .await?;
    Ok(view(row))
}

/// Decides what was proposed of a difference: the second of two people. Accepted, its money moves.
///
/// # Errors
/// `same-person`; `illegal-transition` where the proposal or the difference does not wait; `fund-exhausted` where the fund
/// has not enough left to bear what a bank took too much.
pub async fn decide_settlement(
    app: &App,
    actor: &Actor,
    difference: Uuid,
    command: DecideProposal,
) -> Result<SettlementView, Error> {
    let scope = actor.require(Permission::SuspenseDecide)?;
    let verdict = Verdict::of(app, actor, &command)?;
    let found = find(app.db.read(), &scope, difference).await?;
    let decided = app
        .db
        .write(async |txn| {
            // Funds are locked before differences, as a report locks them.
            fund::lock(txn, &BTreeSet::from([found.fund_code.as_str()])).await?;
            let open = locked(txn, difference).await?;
            let mut decided = difference_settlement::Entity::find_by_id(command.proposal_id)
                .filter(difference_settlement::Column::DifferenceId.eq(difference))
                .lock_exclusive()
                .one(txn.conn())
                .await?
                .ok_or_else(proposal::unknown)?;
            decided.decide(&verdict)?;
            decided
                .clone()
                .into_active_model()
                .reset_all()
                .update(txn.conn())
                .await?;
            if decided.status == ProposalStatus::Accepted {
                require_open(&open)?;
                carry_out(app, txn, &open, decided.kind).await?;
            }
            let detail = json!({"settlement": decided.kind, "amount": open.amount, "decision": decided.status,
                "note": verdict.note});
            txn.audit(Event::new(
                verdict.at,
                actor,
                "amount_difference.decide",
                subject(difference),
                detail,
            ));
            Ok(decided)
        })
        .await?;
    Ok(view(decided))
}

async fn carry_out(app: &App, txn: &Txn, open: &Model, kind: SettlementKind) -> Result<(), Error> {
    use amount_difference::Column as C;
    let (status, legs, step) = match kind {
        SettlementKind::MadeGood => (Status::MadeGood, ends(open), "made_good"),
        SettlementKind::WrittenOff => (Status::WrittenOff, written_off(open), "written_off"),
    };
    let years = years(txn.conn(), &[open.order_id]).await?;
    let years = years.into_values().next().unwrap_or_default();
    let batch = format!("{}:{step}", subject(open.id));
    fund::post(app, txn, &open.fund_code, &batch, &moves(&years, open, &legs)).await?;
    amount_difference::Entity::update_many()
        .col_expr(C::Status, Expr::value(status))
        .col_expr(C::ChangedAt, Expr::value(app.clock.now()))
        .filter(C::Id.eq(open.id))
        .exec(txn.conn())
        .await?;
    Ok(())
}
