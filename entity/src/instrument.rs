//! A legal instrument: a resolution, decree or decision, as data.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The issuer of an instrument.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Issuer {
    Central,
    Provincial,
}

/// The state of an instrument.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum InstrumentStatus {
    Draft,
    Checked,
    Simulated,
    Submitted,
    Published,
    Withdrawn,
}

/// A legal instrument: a resolution, decree or decision, as data.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "instrument")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(unique)]
    pub number: String,
    pub title: String,
    pub issuer: Issuer,
    pub issued_on: Date,
    pub in_force_from: Date,
    pub status: InstrumentStatus,
    /// The instrument itself, in the shape of the catalogue files.
    #[sea_orm(column_type = "JsonBinary")]
    pub body: Json,
    /// Digest of the body; an approval binds to it.
    pub body_hash: String,
    /// Grows with every change of the body.
    pub revision: i64,
    pub version: i64,
    /// Place in the built-in catalogue; empty for one drafted here.
    pub catalogue_order: Option<i32>,
    pub release_number: Option<i32>,
    pub drafted_by: Option<Uuid>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    /// The official text, in `legal_text`.
    pub text_sha256: Option<String>,
    /// The published instrument whose error this one corrects: from its release on, this body stands in that one's place.
    pub corrects: Option<Uuid>,
    pub correction_reason: Option<String>,
    /// Digest of the body and of what its simulation showed, as signed last; publication needs the approval of this very
    /// digest.
    pub signed_digest: Option<String>,
    /// The newest release when it was written; empty for the built-in catalogue.
    pub base_release: Option<i32>,
    /// Digest of the body that stood when it was corrected.
    pub corrected_hash: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
