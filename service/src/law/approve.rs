//! Submission by the drafter, approval by a second person, withdrawal. Both sign the body and what its simulation showed.

use domain::law::Severity;
use entity::enums::{Act, InstrumentStatus};
use entity::instrument;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::approval;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::law::view::{InstrumentView, view};

/// Submits a simulated draft: its drafter signs the body and its simulation.
pub async fn submit(app: &App, actor: &Actor, id: Uuid, version: i64) -> Result<InstrumentView, Error> {
    actor.require_province(Permission::LawDraft)?;
    let maker = actor.person()?;
    let row = super::find(app.db.read(), id).await?;
    let findings = super::check::findings(app, &row).await?;
    let errors: Vec<_> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .collect();
    if !errors.is_empty() {
        let fields = errors.into_iter().map(super::check::field).collect();
        return Err(Error {
            fields,
            ..Error::new(ProblemCode::InstrumentFaulty)
        });
    }
    let row = app
        .db
        .write(async |txn| {
            let row = super::for_update(txn, id).await?;
            super::expect(&row, version, &[InstrumentStatus::Simulated])?;
            let (seen, digest) = signed(txn, &row).await?;
            approval::sign(app, txn, &super::subject(id), row.revision, Act::Make, maker, &digest).await?;
            let detail = json!({"revision": row.revision, "body_hash": row.body_hash, "simulation": seen,
                "digest": digest});
            txn.audit(Event::new(
                app.clock.now(),
                actor,
                "instrument.submit",
                super::subject(id),
                detail,
            ));
            let changed = instrument::Model {
                status: InstrumentStatus::Submitted,
                drafted_by: Some(maker),
                signed_digest: Some(digest),
                ..row
            };
            save(app, txn, changed).await
        })
        .await?;
    Ok(view(row))
}

/// Approves a submitted instrument: a second person signs the body and the simulation against the newest release.
pub async fn approve(app: &App, actor: &Actor, id: Uuid, version: i64) -> Result<InstrumentView, Error> {
    actor.require_province(Permission::LawApprove)?;
    let approver = actor.person()?;
    let row = app
        .db
        .write(async |txn| {
            let row = super::for_update(txn, id).await?;
            super::expect(&row, version, &[InstrumentStatus::Submitted])?;
            let (seen, digest) = signed(txn, &row).await?;
            approval::sign(
                app,
                txn,
                &super::subject(id),
                row.revision,
                Act::Approve,
                approver,
                &digest,
            )
            .await?;
            let detail = json!({"revision": row.revision, "body_hash": row.body_hash, "simulation": seen,
                "digest": digest});
            txn.audit(Event::new(
                app.clock.now(),
                actor,
                "instrument.approve",
                super::subject(id),
                detail,
            ));
            let changed = instrument::Model {
                signed_digest: Some(digest),
                ..row
            };
            save(app, txn, changed).await
        })
        .await?;
    Ok(view(row))
}

/// What a signature on an instrument binds to now: the digest of the simulation a signer reads, and that of the body
/// together with it.
pub(super) async fn signed(txn: &Txn, row: &instrument::Model) -> Result<(String, String), Error> {
    let (base, seen) = super::simulation::seen(txn, row).await?;
    let digest = signature(&row.body_hash, base, &seen);
    Ok((seen, digest))
}

/// The digest that signatures carry: over the body's hash, the release it was compared with, and the digest of what the
/// simulation showed.
pub(crate) fn signature(body_hash: &str, base: i32, simulation: &str) -> String {
    let text = format!("instrument\0{body_hash}\0{base}\0{simulation}");
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// Withdraws an instrument that is not published.
pub async fn withdraw(app: &App, actor: &Actor, id: Uuid, version: i64) -> Result<InstrumentView, Error> {
    actor.require_province(Permission::LawDraft)?;
    actor.person()?;
    let open = [
        InstrumentStatus::Draft,
        InstrumentStatus::Checked,
        InstrumentStatus::Simulated,
        InstrumentStatus::Submitted,
    ];
    let row = app
        .db
        .write(async |txn| {
            let row = super::for_update(txn, id).await?;
            super::expect(&row, version, &open)?;
            txn.audit(Event::new(
                app.clock.now(),
                actor,
                "instrument.withdraw",
                super::subject(id),
                json!({}),
            ));
            save(
                app,
                txn,
                instrument::Model {
                    status: InstrumentStatus::Withdrawn,
                    ..row
                },
            )
            .await
        })
        .await?;
    Ok(view(row))
}

/// Writes a changed instrument under a new version.
pub(super) async fn save(app: &App, txn: &Txn, row: instrument::Model) -> Result<instrument::Model, Error> {
    let changed = instrument::Model {
        version: row.version + 1,
        updated_at: app.clock.now(),
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
