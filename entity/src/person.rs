//! A person known to the registry.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The sex of a person.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    Female,
    Male,
}

/// A person known to the registry.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "person")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Twelve digits.
    #[sea_orm(unique)]
    pub citizen_id: Option<String>,
    /// In NFC.
    pub full_name: String,
    /// The name in lower case without marks.
    pub search_key: String,
    pub birth_date: Date,
    pub birth_year_only: bool,
    pub sex: Sex,
    pub death_date: Option<Date>,
    /// Commune of present residence.
    pub area_id: String,
    /// Shown only to those with a special permission.
    pub protected: bool,
    /// Grows with every change of evidence, residence or claim.
    pub evidence_rev: i64,
    pub version: i64,
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
