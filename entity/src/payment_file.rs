//! A file given to the treasury, a bank or the post.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The kind of a payment file.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    Pain001,
    TreasuryList,
    PostList,
    ChangeList,
    PostPaper,
    /// A bank's file as a table, CSV or XLSX.
    PaymentTable,
    /// Figures for the treasury's withdrawal form.
    TreasuryFigures,
}

/// The state of a payment file.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum FileStatus {
    Pending,
    Built,
    Delivered,
    Acknowledged,
    Unknown,
}

/// A file given to the treasury, a bank or the post.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "payment_file")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub pay_run_id: Uuid,
    pub name: String,
    pub kind: FileKind,
    pub bank_code: Option<String>,
    #[sea_orm(unique)]
    pub message_id: Option<String>,
    pub order_count: i64,
    pub sum: i64,
    /// The total over the accounts, decimal digits; empty where the file has no accounts.
    pub account_hash_total: String,
    pub sha256: Option<String>,
    pub size: Option<i64>,
    pub status: FileStatus,
    pub acknowledged_by: Option<Uuid>,
    pub acknowledged_at: Option<DateTimeUtc>,
    pub position: i32,
    pub version: i64,
    pub created_at: DateTimeUtc,
    /// What it was planned with, as JSON text: the profile of its bank, or the figures; none for other lists and for
    /// files planned before that was kept.
    pub terms: Option<String>,
    /// Over the orders of the file as they were approved; none for other lists and for files approved before it was kept.
    pub seal: Option<String>,
    /// PmtInfId of the one batch of a file that orders payments; none for other lists, and for files approved before it
    /// was kept: theirs is derived.
    #[sea_orm(unique)]
    pub batch_id: Option<String>,
    #[sea_orm(belongs_to, from = "pay_run_id", to = "id")]
    pub pay_run: BelongsTo<super::pay_run::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
