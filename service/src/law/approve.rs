//! Submission by the drafter, approval by a second person, withdrawal. Both sign the body and what its simulation showed.

use domain::law::Severity;
use entity::enums::{Act, InstrumentStatus};
use entity::{instrument, instrument_revision};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::approval;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::law::view::{InstrumentView, view};

/// What somebody who submits, approves or publishes an instrument has read.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInstrument {
    /// The simulation that was read: its id, as `GET /v1/instruments/{id}/simulation` gives it. The signature binds to
    /// what it showed; a newer one that says something else has to be read first.
    #[schema(example = "0192f3a0-7c1d-7e55-8b1a-3d0c2b1a0f9e")]
    pub simulation: Uuid,
}

/// Submits a simulated draft: whoever does so signs the body and the simulation that was read as the maker. Those who
/// drafted the body stay on record as such. Who names no simulation signs the newest of everybody.
///
/// # Errors
/// `content-changed` where the newest simulation says something else than the one that was read, or where this very body
/// has none against the newest release.
pub async fn submit(
    app: &App,
    actor: &Actor,
    id: Uuid,
    version: i64,
    read: Option<SignInstrument>,
) -> Result<InstrumentView, Error> {
    actor.require_province(Permission::LawDraft)?;
    let maker = actor.person()?;
    let row = super::find(app.db.read(), id).await?;
    super::since::refuse_stale(app.db.read(), &row).await?;
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
            let read = read.map(|read| read.simulation);
            let (seen, digest) = signed(txn, &row, read).await?;
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
                signed_digest: Some(digest),
                ..row
            };
            save(app, txn, changed).await
        })
        .await?;
    view(app, row).await
}

/// Approves a submitted instrument: a second person, who drafted nothing of it, signs the body and the simulation that
/// was read, which stands on the newest release.
pub async fn approve(
    app: &App,
    actor: &Actor,
    id: Uuid,
    version: i64,
    read: SignInstrument,
) -> Result<InstrumentView, Error> {
    actor.require_province(Permission::LawApprove)?;
    let approver = actor.person()?;
    let row = app
        .db
        .write(async |txn| {
            let row = super::for_update(txn, id).await?;
            super::expect(&row, version, &[InstrumentStatus::Submitted])?;
            refuse_drafter(txn, &row, approver).await?;
            let (seen, digest) = signed(txn, &row, Some(read.simulation)).await?;
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
    view(app, row).await
}

/// Refuses whoever drafted or edited the text, in this revision or in one before it: what was written then may stand
/// there still. The database refuses the same.
pub(super) async fn refuse_drafter(txn: &Txn, row: &instrument::Model, person: Uuid) -> Result<(), Error> {
    let drafted = instrument_revision::Entity::find()
        .filter(instrument_revision::Column::InstrumentId.eq(row.id))
        .filter(instrument_revision::Column::DraftedBy.eq(person))
        .count(txn.conn())
        .await?;
    if drafted == 0 && row.drafted_by != Some(person) {
        return Ok(());
    }
    Err(Error::because(
        ProblemCode::SamePerson,
        "Người soạn hoặc sửa văn bản không được duyệt hay ban hành văn bản đó",
        "whoever drafted or edited the instrument neither approves nor publishes it",
    ))
}

/// What a signature on an instrument binds to now: the digest of the simulation a signer reads, and that of the body
/// together with it. A signer who names the simulation has read that one.
pub(super) async fn signed(txn: &Txn, row: &instrument::Model, read: Option<Uuid>) -> Result<(String, String), Error> {
    let (base, seen) = super::simulation::seen(txn, row, read).await?;
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
    view(app, row).await
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
