//! Deciding a proposal, and taking it back.

use entity::enums::{ProposalStatus, TreasuryKind};
use entity::treasury_proposal;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde_json::json;
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::audit::Event;
use crate::code::Code;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::proposal::{self, DecideProposal, Verdict, Versioned};
use crate::treasury_proposal::view::view;
use crate::treasury_proposal::{TreasuryProposalView, decides, digest, proposes, require_some, subject};
use crate::{approval_tier, fund, pay_calendar, program};

/// Decides a proposal: the second of two people. Accepted, exactly what was proposed holds from now on.
///
/// # Errors
/// `same-person` for the proposer, whatever the credential; `illegal-transition` where the proposal does not wait; `stale`
/// where it is at another version, or where what it would replace has changed since; what its context refuses now.
pub async fn decide(
    app: &App,
    actor: &Actor,
    id: Uuid,
    version: i64,
    command: DecideProposal,
) -> Result<TreasuryProposalView, Error> {
    require_some(actor, decides)?;
    let verdict = Verdict::of(app, actor, &command)?;
    let row = app
        .db
        .write(async |txn| {
            let mut row = locked(txn, id).await?;
            actor.require_province(decides(row.kind))?;
            row.decide_at(version, &command, &verdict)?;
            proposal::require_own_keys(txn, &row, &verdict).await?;
            if row.digest != digest(&row) {
                return Err(Error::new(ProblemCode::ContentChanged));
            }
            row.clone().into_active_model().reset_all().update(txn.conn()).await?;
            let detail = json!({"kind": row.kind, "of": row.subject, "decision": row.status.code(),
                "note": verdict.note, "digest": row.digest, "proposed_by": row.proposed_by});
            txn.audit(Event::new(
                verdict.at,
                actor,
                "treasury_proposal.decide",
                subject(&row),
                detail,
            ));
            if row.status == ProposalStatus::Accepted {
                match row.kind {
                    TreasuryKind::Fund => fund::accept(app, txn, actor, &row, verdict.at).await?,
                    TreasuryKind::ApprovalTiers => approval_tier::accept(app, txn, actor, &row, verdict.at).await?,
                    TreasuryKind::CalendarDay => pay_calendar::accept(txn, actor, &row, verdict.at).await?,
                    TreasuryKind::FundLines => fund::accept_lines(txn, actor, &row, verdict.at).await?,
                    TreasuryKind::FundReduction => fund::accept_reduction(app, txn, actor, &row, verdict.at).await?,
                    TreasuryKind::ProgramFund => program::accept_fund(txn, actor, &row, verdict.at).await?,
                }
            }
            Ok(row)
        })
        .await?;
    view(row)
}

/// Takes a proposal back: its author alone may.
///
/// # Errors
/// `forbidden` for anybody else; `illegal-transition` where it does not wait; `stale`.
pub async fn withdraw(app: &App, actor: &Actor, id: Uuid, version: i64) -> Result<TreasuryProposalView, Error> {
    require_some(actor, proposes)?;
    let person = actor.person()?;
    let at = app.clock.now();
    let row = app
        .db
        .write(async |txn| {
            let mut row = locked(txn, id).await?;
            actor.require_province(proposes(row.kind))?;
            row.withdraw_at(version, person, at)?;
            row.clone().into_active_model().reset_all().update(txn.conn()).await?;
            let detail = json!({"kind": row.kind, "of": row.subject});
            txn.audit(Event::new(
                at,
                actor,
                "treasury_proposal.withdraw",
                subject(&row),
                detail,
            ));
            Ok(row)
        })
        .await?;
    view(row)
}

/// Of one day, say, another may be decided at the same time.
async fn locked(txn: &Txn, id: Uuid) -> Result<treasury_proposal::Model, Error> {
    use treasury_proposal::Column as C;
    proposal::locked::<treasury_proposal::Entity>(txn, (C::Id, C::Status), id).await
}
