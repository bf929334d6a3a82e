//! Drafting an instrument, and changing a draft.

use domain::law::{FindingCode, Instrument};
use entity::enums::InstrumentStatus;
use entity::instrument;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::error::{Error, ProblemCode};
use crate::law::view::{InstrumentView, view};
use crate::wording;

/// The hash that approvals bind to: SHA-256 over the JSON with sorted members, hexadecimal.
pub(crate) fn hash(body: &Value) -> String {
    hex::encode(Sha256::digest(body.to_string().as_bytes()))
}

/// The instrument of a body; what is wrong is said with a pointer.
pub(super) fn read(body: &Value) -> Result<Instrument, Error> {
    Instrument::from_value(body).map_err(|finding| {
        let mut field = super::check::field(&finding);
        if finding.code == FindingCode::Malformed {
            // Its detail is what a parser says, in words about the program's types.
            let told = wording::told(finding.pointer, &finding.detail);
            (field.pointer, field.message) = (told.pointer, told.message);
        }
        Error::invalid(vec![field])
    })
}

/// Drafts an instrument. The body has the shape of the catalogue's files.
pub async fn draft(app: &App, actor: &Actor, body: Value) -> Result<InstrumentView, Error> {
    actor.require_province(Permission::LawDraft)?;
    let drafter = actor.person()?;
    let own = read(&body)?;
    let body = serde_json::to_value(&own)?;
    let at = app.clock.now();
    let base = super::latest(app).await?;
    let row = instrument::Model {
        id: app.ids.next(),
        number: own.number.clone(),
        title: own.title.clone(),
        issuer: super::install::issuer(own.issuer),
        issued_on: own.issued_on,
        in_force_from: own.in_force_from,
        status: InstrumentStatus::Draft,
        body_hash: hash(&body),
        body,
        revision: 1,
        version: 1,
        catalogue_order: None,
        release_number: None,
        drafted_by: Some(drafter),
        created_at: at,
        updated_at: at,
        text_sha256: None,
        corrects: None,
        correction_reason: None,
        signed_digest: None,
        base_release: Some(base),
        corrected_hash: None,
    };
    app.db
        .write(async |txn| {
            let same = instrument::Column::Number.eq(row.number.clone());
            if instrument::Entity::find().filter(same).count(txn.conn()).await? > 0 {
                return Err(Error::because(
                    ProblemCode::AlreadyExists,
                    format!("Văn bản {} đã có", row.number),
                    format!("the instrument {} exists already", row.number),
                ));
            }
            txn.insert_all::<instrument::Entity>(vec![row.clone()]).await?;
            super::history::keep(txn, &row).await?;
            let detail = json!({"number": row.number, "body_hash": row.body_hash});
            txn.audit(Event::new(
                at,
                actor,
                "instrument.draft",
                super::subject(row.id),
                detail,
            ));
            Ok(())
        })
        .await?;
    view(app, row).await
}

/// The number of a draft that is changed; a correction stays with what it corrects.
fn number(row: &instrument::Model, own: &Instrument) -> Result<String, Error> {
    if row.corrects.is_none() {
        return Ok(own.number.clone());
    }
    let corrected = super::release::body(row)?.number;
    if own.number == corrected {
        return Ok(row.number.clone());
    }
    Err(Error::field(
        "/number",
        "other_instrument",
        format!("Đính chính giữ số hiệu {corrected}."),
        format!("A correction keeps the number {corrected}."),
    ))
}

/// Changes a draft: a new revision, unsigned and unchecked.
pub async fn edit(app: &App, actor: &Actor, id: Uuid, version: i64, body: Value) -> Result<InstrumentView, Error> {
    actor.require_province(Permission::LawDraft)?;
    let drafter = actor.person()?;
    let own = read(&body)?;
    let body = serde_json::to_value(&own)?;
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
            super::history::keep(txn, &row).await?;
            let at = app.clock.now();
            let number = number(&row, &own)?;
            let text = row.text_sha256.clone();
            let changed = instrument::Model {
                number,
                // A text stays attached as long as the body names it.
                text_sha256: text.filter(|sha256| own.text_hash.as_ref() == Some(sha256)),
                title: own.title.clone(),
                issuer: super::install::issuer(own.issuer),
                issued_on: own.issued_on,
                in_force_from: own.in_force_from,
                status: InstrumentStatus::Draft,
                body_hash: hash(&body),
                body: body.clone(),
                revision: row.revision + 1,
                version: row.version + 1,
                drafted_by: Some(drafter),
                updated_at: at,
                signed_digest: None,
                ..row
            };
            let detail = json!({"revision": changed.revision, "body_hash": changed.body_hash});
            txn.audit(Event::new(at, actor, "instrument.edit", super::subject(id), detail));
            changed
                .clone()
                .into_active_model()
                .reset_all()
                .update(txn.conn())
                .await?;
            super::history::keep(txn, &changed).await?;
            Ok(changed)
        })
        .await?;
    view(app, row).await
}
