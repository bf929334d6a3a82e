//! A fact about a person: when it holds, and when it was known.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The change of an evidence.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum EvidenceChange {
    /// The record was wrong.
    Correction,
    /// Life changed.
    Circumstances,
}

/// A fact about a person: when it holds, and when it was known.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "evidence")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub person_id: Uuid,
    pub kind: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub value: Json,
    pub from_date: Date,
    /// Last day.
    pub to_date: Option<Date>,
    pub change: EvidenceChange,
    pub document: Option<String>,
    pub recorded_at: DateTimeUtc,
    pub superseded_at: Option<DateTimeUtc>,
    #[sea_orm(belongs_to, from = "person_id", to = "id")]
    pub person: BelongsTo<super::person::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
