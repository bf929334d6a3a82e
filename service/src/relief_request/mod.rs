//! Relief requests: filed by a commune, verified, approved, and paid within minutes of the last approval.
//!
//! Submitter, verifier and last approver are the maker, checker and releaser of the relief pay run. A claim that a
//! finding of the registry holds is left out of it, its money is free again, and the commune may file it anew; so it may
//! where the money of a claim came back.

mod again;
mod decide;
mod fund_choice;
mod hold;
mod payout;
mod shown;
mod submit;
mod view;

pub use decide::{approve, reject, verify};
pub use submit::{NewClaim, SubmitRequest, submit};
pub use view::{ClaimView, RequestView, claims, get, list};

use entity::enums::ReliefRequestStatus;
use entity::{relief_claim, relief_request};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::actor::Scope;
use crate::code::Code;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::vocabulary;

/// The fund that carries emergency relief where a request names no other.
pub(crate) const FUND: &str = "emergency_relief";

/// The subject of a request in approvals and the audit trail.
pub(crate) fn subject(id: Uuid) -> String {
    format!("relief_request:{}", id.simple())
}

async fn for_update(txn: &Txn, scope: &Scope, id: Uuid) -> Result<relief_request::Model, Error> {
    let row = relief_request::Entity::find_by_id(id)
        .lock_exclusive()
        .one(txn.conn())
        .await?;
    row.filter(|row| scope.covers(&row.area_id))
        .ok_or_else(Error::not_found)
}

fn expect(row: &relief_request::Model, version: i64, status: ReliefRequestStatus) -> Result<(), Error> {
    if row.version != version {
        return Err(Error::new(ProblemCode::Stale));
    }
    if row.status == status {
        return Ok(());
    }
    Err(Error::because(
        ProblemCode::IllegalTransition,
        format!(
            "Đề nghị đang ở trạng thái “{}”",
            vocabulary::said("relief_request_status", &row.status)
        ),
        format!("the request is {}", row.status.code()),
    ))
}

async fn claims_of(conn: &impl ConnectionTrait, request: Uuid) -> Result<Vec<relief_claim::Model>, Error> {
    let rows = relief_claim::Entity::find()
        .filter(relief_claim::Column::ReliefRequestId.eq(request))
        .order_by_asc(relief_claim::Column::Id)
        .all(conn)
        .await?;
    Ok(rows)
}

/// What approvals of a request bind to: every claim with its amount and account, and the fund where it is not the usual one.
fn digest(fund: &str, claims: &[relief_claim::Model]) -> String {
    let content: Vec<_> = claims
        .iter()
        .map(|claim| {
            json!({
                "id": claim.id,
                "person": claim.person_id,
                "victim": claim.victim_name,
                "kind": claim.kind,
                "amount": claim.amount,
                "top_up": claim.top_up,
                "rice_grams": claim.rice_grams,
                "payee_account": claim.payee_account_id,
            })
        })
        .collect();
    let content = if fund == FUND {
        json!(content)
    } else {
        json!({"fund": fund, "claims": content})
    };
    hex::encode(Sha256::digest(content.to_string().as_bytes()))
}
