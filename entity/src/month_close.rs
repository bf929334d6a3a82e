//! The close of a month: a snapshot signed by two people.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The state of a month's close.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum CloseStatus {
    /// By one person.
    Prepared,
    /// Confirmed by another; it stays for ever.
    Closed,
}

/// The close of a month: a snapshot signed by two people.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "month_close")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The cover month of its runs.
    #[sea_orm(unique)]
    pub month: i32,
    pub status: CloseStatus,
    /// Grows with each preparation; signatures bind to it.
    pub revision: i64,
    pub digest: String,
    pub note: String,
    /// Do runs, files and banks agree?
    pub ties: bool,
    /// The sums.
    #[sea_orm(column_type = "JsonBinary")]
    pub tie: Json,
    pub prepared_by: Uuid,
    pub prepared_at: DateTimeUtc,
    pub closed_by: Option<Uuid>,
    pub closed_at: Option<DateTimeUtc>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}
