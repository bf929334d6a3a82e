//! A line of a bank over a whole payment file, or the refund of an order the bank refused; append-only.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// What moved over the account.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum BatchEntryKind {
    /// One debit over the file.
    Debit,
    /// One credit over what came back of the file.
    Credit,
    /// The money of one refused order came back.
    Refund,
}

/// A line of a bank over a whole payment file, or the refund of an order the bank refused; append-only.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "batch_entry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub line_id: Uuid,
    pub file_id: Uuid,
    pub kind: BatchEntryKind,
    /// Booked, not only announced.
    pub booked: bool,
    /// In đồng.
    pub amount: i64,
    /// The bank's own reference of it, where its day is known too.
    pub bank_reference: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
