//! What two people make of an open difference: the bank made it good, or the fund bears it.

use std::collections::BTreeSet;

use entity::amount_difference::Model;
use entity::enums::{DifferenceStatus as Status, ProposalStatus, SettlementKind};
use entity::{amount_difference, difference_settlement, payment_order};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::view::SettlementView;
use super::{ends, moves, subject, written_off, years};
use crate::actor::{Actor, Permission, Scope};
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::fund;
use crate::proposal::{self, DecideProposal, ProposalView, Proposed as _, Verdict, proposed};

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

/// The difference, if the scope covers its order.
pub(super) async fn find(conn: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<Model, Error> {
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
    Ok(SettlementView::of(row))
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
            proposal::require_own_keys(txn, &decided, &verdict).await?;
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
    Ok(SettlementView::of(decided))
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
