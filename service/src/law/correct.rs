//! Correcting an error in what was published, the catalogue included: a new release in which the corrected body stands
//! in the place of the old one. The old releases keep what they said.

use domain::law;
use entity::enums::InstrumentStatus;
use entity::instrument;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, FieldError, ProblemCode};
use crate::law::view::{InstrumentView, view};

/// A correction.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Correct {
    /// What was wrong and how it came to light.
    #[schema(example = "Mức chuẩn bị nhập nhầm; đối chiếu với toàn văn nghị quyết")]
    pub reason: String,
    /// The whole instrument as it should read, under its own number.
    #[schema(value_type = law::Instrument)]
    pub body: Value,
}

/// Drafts the correction of a published instrument. It is checked, simulated, approved and published like any draft.
pub async fn correct(app: &App, actor: &Actor, id: Uuid, command: Correct) -> Result<InstrumentView, Error> {
    actor.require_province(Permission::LawDraft)?;
    let drafter = actor.person()?;
    let own = super::draft::read(&command.body).map_err(|error| below(error, "/body"))?;
    let reason = command.reason.trim().to_owned();
    if reason.is_empty() {
        let (vi, en) = ("Phải nêu lý do đính chính.", "A correction has a reason.");
        return Err(Error::field("/reason", "empty", vi, en));
    }
    let body = serde_json::to_value(&own)?;
    let at = app.clock.now();
    let row = app
        .db
        .write(async |txn| {
            let original = super::for_update(txn, id).await?;
            if original.status != InstrumentStatus::Published || original.corrects.is_some() {
                return Err(Error::because(
                    ProblemCode::IllegalTransition,
                    "Chỉ đính chính văn bản gốc đã ban hành",
                    "only a published instrument is corrected, and not a correction",
                ));
            }
            let standing = standing(txn.conn(), &original).await?;
            let changes = law::compare(&super::release::body(&standing)?, &own);
            refuse(&own, &super::release::body(&original)?, changes.is_empty())?;
            let nth = instrument::Entity::find()
                .filter(instrument::Column::Corrects.eq(id))
                .count(txn.conn())
                .await?
                + 1;
            let row = instrument::Model {
                id: app.ids.next(),
                number: format!("{} (đính chính {nth})", own.number),
                title: own.title.clone(),
                issuer: super::install::issuer(own.issuer),
                issued_on: own.issued_on,
                in_force_from: own.in_force_from,
                status: InstrumentStatus::Draft,
                body_hash: super::draft::hash(&body),
                body: body.clone(),
                revision: 1,
                version: 1,
                catalogue_order: None,
                release_number: None,
                drafted_by: Some(drafter),
                created_at: at,
                updated_at: at,
                text_sha256: original.text_sha256.clone(),
                corrects: Some(id),
                correction_reason: Some(reason.clone()),
                signed_digest: None,
                base_release: Some(super::release::newest(txn.conn()).await?),
                corrected_hash: Some(standing.body_hash.clone()),
            };
            txn.insert_all::<instrument::Entity>(vec![row.clone()]).await?;
            super::history::keep(txn, &row).await?;
            let pointers: Vec<&String> = changes.iter().map(|change| &change.pointer).collect();
            let detail = json!({"correction": row.id, "reason": reason, "clauses": pointers, "body_hash": row.body_hash,
                "corrected_hash": standing.body_hash});
            txn.audit(Event::new(at, actor, "instrument.correct", super::subject(id), detail));
            Ok(row)
        })
        .await?;
    view(app, row).await
}

/// The body that stands in an instrument's place now: its own, or that of its last published correction.
pub(super) async fn standing(
    conn: &impl ConnectionTrait,
    original: &instrument::Model,
) -> Result<instrument::Model, Error> {
    use sea_orm::QueryOrder;
    let last = instrument::Entity::find()
        .filter(instrument::Column::Corrects.eq(original.id))
        .filter(instrument::Column::ReleaseNumber.is_not_null())
        .order_by_desc(instrument::Column::ReleaseNumber)
        .one(conn)
        .await?;
    Ok(last.unwrap_or_else(|| original.clone()))
}

fn refuse(own: &law::Instrument, original: &law::Instrument, unchanged: bool) -> Result<(), Error> {
    if own.number != original.number {
        return Err(Error::field(
            "/body/number",
            "other_instrument",
            format!("Đính chính giữ số hiệu {}.", original.number),
            format!("A correction keeps the number {}.", original.number),
        ));
    }
    if unchanged {
        let (vi, en) = ("Không có gì thay đổi.", "Nothing is changed.");
        return Err(Error::field("/body", "unchanged", vi, en));
    }
    Ok(())
}

fn below(error: Error, pointer: &str) -> Error {
    let fields = error.fields.into_iter().map(|field| FieldError {
        pointer: format!("{pointer}{}", field.pointer),
        ..field
    });
    Error {
        fields: fields.collect(),
        ..error
    }
}

/// Tells the trail of the corrected instrument that a correction came into force.
pub(super) fn told(app: &App, txn: &Txn, actor: &Actor, row: &instrument::Model, number: i32) {
    if let Some(corrected) = row.corrects {
        let detail = json!({"correction": row.id, "release": number, "reason": row.correction_reason});
        let subject = super::subject(corrected);
        txn.audit(Event::new(
            app.clock.now(),
            actor,
            "instrument.corrected",
            subject,
            detail,
        ));
    }
}
