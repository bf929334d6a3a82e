//! Verification by a second person, approval by a third, or rejection.

use entity::enums::{Act, ReliefRequestStatus, TierSubject};
use entity::{relief_event, relief_request};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::json;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::approval;
use crate::approval_tier;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::fund::{self, Account, Move};
use crate::relief_request::view::{RequestView, view};
use crate::relief_request::{claims_of, digest, expect, for_update, payout, subject};

/// Verifies a submitted request: what it claims is so.
pub async fn verify(app: &App, actor: &Actor, id: Uuid, version: i64) -> Result<RequestView, Error> {
    let scope = actor.require(Permission::ReliefVerify)?;
    let verifier = actor.person()?;
    let row = app
        .db
        .write(async |txn| {
            let row = for_update(txn, &scope, id).await?;
            expect(&row, version, ReliefRequestStatus::Submitted)?;
            let digest = unchanged(txn, &row).await?;
            approval::sign(app, txn, &subject(id), row.revision, Act::Check, verifier, &digest).await?;
            let at = app.clock.now();
            txn.audit(Event::new(
                at,
                actor,
                "relief_request.verify",
                subject(id),
                json!({"digest": digest}),
            ));
            let verified = relief_request::Model {
                status: ReliefRequestStatus::Verified,
                verified_at: Some(at),
                ..row
            };
            save(txn, verified).await
        })
        .await?;
    Ok(view(row))
}

/// Approves a verified request: the money leaves in the transaction of the last approval that its amount asks for.
pub async fn approve(app: &App, actor: &Actor, id: Uuid, version: i64) -> Result<RequestView, Error> {
    let scope = actor.require(Permission::ReliefApprove)?;
    let approver = actor.person()?;
    let row = app
        .db
        .write(async |txn| {
            let row = for_update(txn, &scope, id).await?;
            expect(&row, version, ReliefRequestStatus::Verified)?;
            let digest = unchanged(txn, &row).await?;
            let tier = approval_tier::of(txn.conn(), TierSubject::ReliefRequest, row.total, row.submitted_at).await?;
            approval_tier::require_role(actor, &tier.role, Some(&row.area_id))?;
            let given = approval::given(txn.conn(), &subject(id), row.revision).await? + 1;
            if given < tier.approvals {
                approval::sign(app, txn, &subject(id), row.revision, Act::Approve, approver, &digest).await?;
                let detail = json!({"digest": digest, "approval": given, "of": tier.approvals});
                txn.audit(Event::new(
                    app.clock.now(),
                    actor,
                    "relief_request.approve",
                    subject(id),
                    detail,
                ));
                return save(txn, row).await;
            }
            approval::sign(app, txn, &subject(id), row.revision, Act::Release, approver, &digest).await?;
            let pay_run_id = payout::pay(app, txn, actor, &row, approver).await?;
            let at = app.clock.now();
            let detail = json!({"digest": digest, "pay_run": pay_run_id});
            txn.audit(Event::new(at, actor, "relief_request.approve", subject(id), detail));
            let approved = relief_request::Model {
                status: ReliefRequestStatus::Approved,
                approved_at: Some(at),
                pay_run_id: Some(pay_run_id),
                ..row
            };
            save(txn, approved).await
        })
        .await?;
    Ok(view(row))
}

/// Rejects a request that is not approved yet; its reservation is free again.
pub async fn reject(app: &App, actor: &Actor, id: Uuid, version: i64, reason: &str) -> Result<RequestView, Error> {
    let scope = actor
        .require(Permission::ReliefVerify)
        .or_else(|_| actor.require(Permission::ReliefApprove))?;
    actor.person()?;
    let row = app
        .db
        .write(async |txn| {
            let row = for_update(txn, &scope, id).await?;
            if row.status != ReliefRequestStatus::Verified {
                expect(&row, version, ReliefRequestStatus::Submitted)?;
            } else if row.version != version {
                return Err(Error::new(ProblemCode::Stale));
            }
            let free = Move {
                fiscal_year: fiscal_year(txn, &row).await?,
                from: Account::Reserved,
                to: Account::Available,
                amount: row.total,
            };
            fund::post(
                app,
                txn,
                &row.fund_code,
                &format!("relief_request:{}:reject", id.simple()),
                &[free],
            )
            .await?;
            fund::let_go_of_relief(txn, id).await?;
            let at = app.clock.now();
            txn.audit(Event::new(
                at,
                actor,
                "relief_request.reject",
                subject(id),
                json!({"reason": reason}),
            ));
            save(
                txn,
                relief_request::Model {
                    status: ReliefRequestStatus::Rejected,
                    ..row
                },
            )
            .await
        })
        .await?;
    Ok(view(row))
}

/// The digest of the claims, which must be that of the submission.
async fn unchanged(txn: &Txn, row: &relief_request::Model) -> Result<String, Error> {
    let digest = digest(&row.fund_code, &claims_of(txn.conn(), row.id).await?);
    if row.digest.as_ref() == Some(&digest) {
        Ok(digest)
    } else {
        Err(Error::new(ProblemCode::ContentChanged))
    }
}

/// The fiscal year that carries a request: of the day of the event.
pub(super) async fn fiscal_year(txn: &Txn, row: &relief_request::Model) -> Result<i32, Error> {
    let event = relief_event::Entity::find_by_id(row.relief_event_id)
        .one(txn.conn())
        .await?;
    event
        .map(|event| domain::Month::of(event.happened_on).year())
        .ok_or_else(Error::not_found)
}

async fn save(txn: &Txn, row: relief_request::Model) -> Result<relief_request::Model, Error> {
    let changed = relief_request::Model {
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
}
