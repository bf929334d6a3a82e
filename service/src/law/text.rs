//! The official text of an instrument: a PDF, stored once by its SHA-256.

use entity::enums::InstrumentStatus;
use entity::{instrument, legal_text};
use sea_orm::EntityTrait;
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::error::{Error, ProblemCode};
use crate::law::view::{InstrumentView, view};
use crate::rows;

/// The largest text, in bytes.
const LARGEST_TEXT: usize = 32 * 1024 * 1024;

/// Attaches the text. A draft then names its hash, which is a new revision; a published instrument keeps its body and
/// takes the text once, of the hash it names if it names one.
pub async fn attach_text(
    app: &App,
    actor: &Actor,
    id: Uuid,
    version: i64,
    content: Vec<u8>,
) -> Result<InstrumentView, Error> {
    actor.require_province(Permission::LawDraft)?;
    let drafter = actor.person()?;
    if content.len() > LARGEST_TEXT {
        return Err(Error::new(ProblemCode::TooLarge));
    }
    if !content.starts_with(b"%PDF-") {
        let (vi, en) = ("Tệp không phải PDF.", "The file is not a PDF.");
        return Err(Error::field("", "not_a_pdf", vi, en));
    }
    let sha256 = hex::encode(Sha256::digest(&content));
    let at = app.clock.now();
    let text = legal_text::Model {
        sha256: sha256.clone(),
        size: i64::try_from(content.len()).map_err(Error::internal)?,
        content,
        stored_at: at,
    };
    let open = [
        InstrumentStatus::Draft,
        InstrumentStatus::Checked,
        InstrumentStatus::Simulated,
        InstrumentStatus::Published,
    ];
    let row = app
        .db
        .write(async |txn| {
            let row = super::for_update(txn, id).await?;
            super::expect(&row, version, &open)?;
            if row.text_sha256.as_ref() == Some(&sha256) {
                return Ok(row);
            }
            let named = row.body["text_hash"].as_str();
            let other = row.text_sha256.is_some() || named.is_some_and(|named| !named.eq_ignore_ascii_case(&sha256));
            if row.status == InstrumentStatus::Published && other {
                return Err(Error::because(
                    ProblemCode::Conflict,
                    "Văn bản đã ban hành gắn với một toàn văn khác",
                    "the published instrument stands by another text",
                ));
            }
            rows::insert_new::<legal_text::Entity>(txn, vec![text.clone()]).await?;
            let changed = with_text(row, &sha256, drafter);
            super::history::keep(txn, &changed).await?;
            let detail = json!({"sha256": sha256, "size": text.size, "revision": changed.revision});
            txn.audit(Event::new(at, actor, "instrument.text", super::subject(id), detail));
            super::approve::save(app, txn, changed).await
        })
        .await?;
    view(app, row).await
}

fn with_text(row: instrument::Model, sha256: &str, drafter: Uuid) -> instrument::Model {
    if row.status == InstrumentStatus::Published {
        return instrument::Model {
            text_sha256: Some(sha256.to_owned()),
            ..row
        };
    }
    let mut body = row.body.clone();
    if let Some(fields) = body.as_object_mut() {
        fields.insert("text_hash".to_owned(), sha256.into());
    }
    instrument::Model {
        text_sha256: Some(sha256.to_owned()),
        status: InstrumentStatus::Draft,
        body_hash: super::draft::hash(&body),
        body,
        revision: row.revision + 1,
        drafted_by: Some(drafter),
        ..row
    }
}

/// The text of an instrument with its SHA-256.
pub async fn text(app: &App, actor: &Actor, id: Uuid) -> Result<(String, Vec<u8>), Error> {
    actor.require(Permission::LawRead)?;
    let row = super::find(app.db.read(), id).await?;
    let sha256 = row.text_sha256.ok_or_else(Error::not_found)?;
    let text = legal_text::Entity::find_by_id(sha256)
        .one(app.db.read())
        .await?
        .ok_or_else(Error::not_found)?;
    Ok((text.sha256, text.content))
}
