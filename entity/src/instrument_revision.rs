//! A body that an instrument had: every revision is kept.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// A body that an instrument had: every revision is kept.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "instrument_revision")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub instrument_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub revision: i64,
    #[sea_orm(column_type = "JsonBinary")]
    pub body: Json,
    pub body_hash: String,
    /// Who wrote it; empty for the built-in catalogue.
    pub drafted_by: Option<Uuid>,
    pub at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "instrument_id", to = "id")]
    pub instrument: BelongsTo<super::instrument::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
