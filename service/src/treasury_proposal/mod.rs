//! The treasury's own terms, which move or gate all money: a fund with its estimate, its lines and less money for it, the
//! fund that pays a program, the approval tiers, the days of the calendar of payments. One person proposes them, another
//! accepts or refuses, and only then do they hold.
//!
//! What is proposed is read and checked by the context that it belongs to, when it is proposed and again when it is
//! accepted; here stands what all of them have alike. The database takes no such row without an accepted proposal of
//! exactly it.

mod decide;
mod propose;
mod view;

pub use decide::{decide, withdraw};
pub use view::{ListTreasuryProposals, TreasuryProposalView, get, list};

pub(crate) use propose::{Draft, put};

use entity::enums::TreasuryKind;
use entity::treasury_proposal;
use sea_orm::Iterable;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::actor::{Actor, Permission, lacking};
use crate::error::{Error, ProblemCode};

/// Who proposes, and who takes back what they proposed.
const fn proposes(kind: TreasuryKind) -> Permission {
    match kind {
        TreasuryKind::Fund | TreasuryKind::FundLines | TreasuryKind::ProgramFund | TreasuryKind::FundReduction => {
            Permission::FundManage
        }
        TreasuryKind::ApprovalTiers => Permission::TierManage,
        TreasuryKind::CalendarDay => Permission::CalendarManage,
    }
}

/// Who decides.
const fn decides(kind: TreasuryKind) -> Permission {
    match kind {
        TreasuryKind::Fund | TreasuryKind::FundLines | TreasuryKind::ProgramFund | TreasuryKind::FundReduction => {
            Permission::FundApprove
        }
        TreasuryKind::ApprovalTiers => Permission::TierDecide,
        TreasuryKind::CalendarDay => Permission::CalendarDecide,
    }
}

/// Who reads: of tiers, whoever reads those in force.
const fn reads(kind: TreasuryKind) -> Permission {
    match kind {
        TreasuryKind::ApprovalTiers => Permission::TierRead,
        _ => Permission::TreasuryProposalRead,
    }
}

/// Refuses who may do this with no kind of proposal, before any is looked for.
fn require_some(actor: &Actor, needed: impl Fn(TreasuryKind) -> Permission) -> Result<(), Error> {
    for kind in TreasuryKind::iter() {
        match actor.require_province(needed(kind)) {
            Ok(()) => return Ok(()),
            Err(error) if error.code == ProblemCode::Forbidden => {}
            // A grant that is too small for the province outweighs the roles that are not held.
            Err(error) => return Err(error),
        }
    }
    Err(lacking(TreasuryKind::iter().map(needed)))
}

/// The subject of a proposal in the audit trail.
fn subject(row: &treasury_proposal::Model) -> String {
    format!("treasury_proposal:{}", row.id.simple())
}

/// What both people decide about, as SHA-256.
fn digest(row: &treasury_proposal::Model) -> String {
    // A list: its order is the same whatever map the JSON library was built with.
    let content = json!([row.id, row.kind, row.subject, row.base, row.body, row.note]);
    hex::encode(Sha256::digest(content.to_string().as_bytes()))
}

/// Refuses to accept what was proposed where something else holds now than what both people compared it with.
pub(crate) fn unchanged(row: &treasury_proposal::Model, now: &Value) -> Result<(), Error> {
    if serde_json::from_str::<Value>(&row.base)? == *now {
        return Ok(());
    }
    Err(Error::because(
        ProblemCode::Stale,
        "Điều đang áp dụng đã thay đổi sau khi đề nghị; hãy đề nghị lại",
        "what is in force has changed since this was proposed; propose it again",
    ))
}
