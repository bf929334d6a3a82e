//! Money that was paid back, or given back again after an appeal; append-only.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// How money was paid back.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum RecoveryKind {
    /// Paid in by the person.
    Repayment,
    /// Given back to the person.
    Refund,
    /// Kept back by a pay run; below 0: due again because the line came back.
    Deduction,
}

/// Money that was paid back, or given back again after an appeal; append-only.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "overpayment_recovery")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub case_id: Uuid,
    pub entitlement_id: Uuid,
    pub component: String,
    pub cover_month: i32,
    pub kind: RecoveryKind,
    /// In đồng; below 0 for a refund and for a deduction that was undone.
    pub amount: i64,
    /// The part of it that the ledger carries: what this installation had paid, not its predecessor.
    pub posted: i64,
    pub received_on: Date,
    /// The number of the receipt, or the pay run.
    pub reference: String,
    pub created_at: DateTimeUtc,
    /// The deduction of a pay run, where it is one.
    pub deduction_id: Option<Uuid>,
    /// The fiscal year whose fund it is posted in, where that is not the year of its cover month.
    pub fiscal_year: Option<i32>,
    /// The code of the fund that it is posted in: the one that had paid it.
    pub fund_code: String,
}

impl ActiveModelBehavior for ActiveModel {}
