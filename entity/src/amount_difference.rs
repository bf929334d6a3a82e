//! What a bank moved more or less than an order says.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::bank_report::ReportFormat;
use crate::enums::FundAccount;

/// Where the difference of an order stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum DifferenceStatus {
    /// Waits for the bank, or for two people.
    Open,
    /// The bank moved what it owed.
    MadeGood,
    /// Two people wrote it off.
    WrittenOff,
    /// A later line, or the return of the order, took its place.
    Replaced,
    /// The line told the same money once more, or the rest of it: nothing is open.
    Noted,
    /// Of before differences were booked: no đồng was ever posted for it.
    Unbooked,
}

/// What a bank moved more or less than an order says; one open at a time for each order.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "amount_difference")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub order_id: Uuid,
    /// The line of a bank's report that told it; none for a return of the ordered amount that met an open difference.
    pub line_id: Option<Uuid>,
    /// In what kind of report.
    pub format: Option<ReportFormat>,
    /// Did the line tell of money that came back?
    pub returned: bool,
    /// What the line says was moved, in đồng.
    pub moved: i64,
    /// In đồng: above nothing, what the bank took too much or gave back too little; below, what it moved too little or gave
    /// back too much.
    pub amount: i64,
    /// The account of the fund that it stands against.
    pub contra: FundAccount,
    pub fund_code: String,
    pub status: DifferenceStatus,
    pub opened_at: DateTimeUtc,
    pub changed_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
