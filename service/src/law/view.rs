//! Reading instruments.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::Month;
use entity::enums::{InstrumentStatus, Issuer};
use entity::instrument;
use sea_orm::{EntityTrait, QueryOrder};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::Error;

/// What repeals an instrument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RepealedBy {
    /// Its id.
    pub id: Uuid,
    /// Its number.
    #[schema(example = "NQ 33/2024/NQ-HĐND")]
    pub number: String,
}

/// An instrument.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InstrumentView {
    /// Id.
    pub id: Uuid,
    /// Its number.
    #[schema(example = "NĐ 20/2021/NĐ-CP")]
    pub number: String,
    /// Title.
    pub title: String,
    /// Central or provincial.
    #[schema(value_type = String)]
    pub issuer: Issuer,
    /// Signed or adopted on.
    pub issued_on: NaiveDate,
    /// In force from.
    pub in_force_from: NaiveDate,
    /// Where it stands.
    #[schema(value_type = String)]
    pub status: InstrumentStatus,
    /// SHA-256 of the official text, where it is attached: `/v1/instruments/{id}/text`.
    pub text_sha256: Option<String>,
    /// The published instrument whose error this one corrects.
    pub corrects: Option<Uuid>,
    /// Why.
    pub correction_reason: Option<String>,
    /// The release its publication made.
    pub release: Option<i32>,
    /// The published instrument that repeals this one, by the law in force.
    pub repealed_by: Option<RepealedBy>,
    /// The last month in which a repealed one is in force; it may lie ahead.
    #[schema(example = "2024-09")]
    pub ended_on: Option<Month>,
    /// The revision that signatures bind to.
    pub revision: i64,
    /// Hash of the body.
    pub body_hash: String,
    /// What was signed last: SHA-256 over the body's hash and its simulation's digest.
    pub signed_digest: Option<String>,
    /// The instrument, as the catalogue's files have it.
    #[schema(value_type = domain::law::Instrument)]
    pub body: Value,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
    /// Version, for If-Match.
    pub version: i64,
}

/// The instruments that are repealed, by number: by which, and their last month in force.
pub(super) type Repeals = BTreeMap<String, (RepealedBy, Month)>;

/// The view of an instrument as the law in force stands to it.
pub(super) async fn view(app: &App, row: instrument::Model) -> Result<InstrumentView, Error> {
    let repeals = match row.status {
        InstrumentStatus::Published => super::release::repeals(app.db.read()).await?,
        _ => Repeals::new(),
    };
    Ok(told(row, &repeals))
}

fn told(row: instrument::Model, repeals: &Repeals) -> InstrumentView {
    // A correction bears the number of what it corrects in its body alone, and shares its end.
    let repealed = (row.status == InstrumentStatus::Published)
        .then(|| repeals.get(row.body["number"].as_str().unwrap_or(&row.number)))
        .flatten()
        .cloned();
    let (repealed_by, ended_on) = repealed.unzip();
    InstrumentView {
        repealed_by,
        ended_on,
        id: row.id,
        number: row.number,
        title: row.title,
        issuer: row.issuer,
        issued_on: row.issued_on,
        in_force_from: row.in_force_from,
        status: row.status,
        text_sha256: row.text_sha256,
        corrects: row.corrects,
        correction_reason: row.correction_reason,
        release: row.release_number,
        revision: row.revision,
        body_hash: row.body_hash,
        signed_digest: row.signed_digest,
        body: row.body,
        updated_at: row.updated_at,
        version: row.version,
    }
}

/// One instrument.
pub async fn get(app: &App, actor: &Actor, id: Uuid) -> Result<InstrumentView, Error> {
    actor.require(Permission::LawRead)?;
    view(app, super::find(app.db.read(), id).await?).await
}

/// Every instrument, by the day it was issued.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<InstrumentView>, Error> {
    actor.require(Permission::LawRead)?;
    let rows = instrument::Entity::find()
        .order_by_asc(instrument::Column::IssuedOn)
        .order_by_asc(instrument::Column::Number)
        .all(app.db.read())
        .await?;
    let repeals = super::release::repeals(app.db.read()).await?;
    Ok(rows.into_iter().map(|row| told(row, &repeals)).collect())
}
