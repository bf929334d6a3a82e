//! What a pay run keeps back of a line for an overpayment case.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The state of a deduction.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum DeductionStatus {
    /// In a run that is not released: the instalment is still due.
    Draft,
    /// The run was released: it is kept back.
    Taken,
    /// The rest of the line arrived.
    Settled,
    /// The line was rejected or returned: the instalment is due again.
    GivenBack,
}

/// What a pay run keeps back of a line for an overpayment case.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "overpayment_deduction")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub pay_run_id: Uuid,
    pub line_id: Uuid,
    /// The order that pays the rest of the line.
    pub order_id: Uuid,
    pub case_id: Uuid,
    /// The version of the case it was reckoned from.
    pub case_version: i64,
    /// In đồng, above 0 and below the line's amount.
    pub amount: i64,
    pub status: DeductionStatus,
}

impl ActiveModelBehavior for ActiveModel {}
