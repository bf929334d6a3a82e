//! A program of assistance.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The kind of a program.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ProgramKind {
    MonthlyCash,
    OneOffCash,
    Relief,
    FacilityCare,
    Service,
}

/// The state of a program.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ProgramStatus {
    Draft,
    Active,
    Closed,
}

/// A program of assistance.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "program")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(unique)]
    pub code: String,
    pub name_vi: String,
    pub name_en: String,
    pub kind: ProgramKind,
    pub benefit: Option<String>,
    pub legal_basis: String,
    pub responsible_unit: String,
    pub fund_code: String,
    pub from_date: Date,
    /// Last day.
    pub to_date: Option<Date>,
    pub status: ProgramStatus,
    pub version: i64,
    /// The code of the line of the fund's estimate that it draws on; none: the fund as a whole.
    pub fund_line: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
