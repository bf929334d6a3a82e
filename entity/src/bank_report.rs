//! A status file received from a bank or the post.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The format of a bank report.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ReportFormat {
    Pain002,
    Camt053,
    Camt054,
    PostResult,
    /// The answer to a recall.
    Camt029,
    /// A bank's result table.
    ResultTable,
}

/// The state of a bank report.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ReportStatus {
    Received,
    Reconciled,
    Failed,
    /// It was read as another bank's, or in another mode than it should have been, and moved nothing: two people set it
    /// aside, and its bytes may be read anew.
    SetAside,
}

/// A status file received from a bank or the post.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "bank_report")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Of its bytes; one report of these is not set aside.
    pub sha256: String,
    pub file_name: String,
    pub format: ReportFormat,
    pub message_id: Option<String>,
    pub received_at: DateTimeUtc,
    pub received_by: Option<Uuid>,
    pub status: ReportStatus,
    pub line_count: i64,
    pub matched: i64,
    pub suspense: i64,
    #[sea_orm(column_type = "Blob")]
    pub content: Vec<u8>,
    /// The layout a table was read by, as JSON text.
    pub layout: Option<String>,
    /// Codes of what was tolerated, separated by commas; behind one that has a place in the file stand its line, byte and
    /// element, separated by spaces.
    pub tolerated: Option<String>,
    /// Was whatever needs tolerance refused?
    pub strict: bool,
    /// The bank that it came from, `POST` for the post office; none where it did not say, or spoke of several.
    pub bank: Option<String>,
    /// The profile by which it was read: a bank's own, `default` or `POST`; none for reports of before that was kept.
    pub profile: Option<String>,
    /// The namespace of a message, as it stands.
    pub namespace: Option<String>,
    /// The version of the profile.
    pub profile_version: Option<i64>,
    /// Are the days of its lines kept with them, and the bank's references of entries over whole files? Not by earlier
    /// releases.
    pub marks_kept: bool,
}

impl ActiveModelBehavior for ActiveModel {}
