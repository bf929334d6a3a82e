//! What was open when a month was closed.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// What kind of thing is open.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum OpenKind {
    /// A run that is not released.
    Unreleased,
    /// An order with the bank or the post office.
    InFlight,
    /// An order in a file of which nobody knows whether it was delivered.
    Unknown,
    /// An order that came back and waits for a reissue.
    ToReissue,
    /// A bank's line that waits for two people.
    Suspense,
    /// Two legs of the tie that do not agree.
    Difference,
    /// A month that is paid by areas or channels alone: no run for everybody takes it.
    MonthNotCompleted,
    /// What a bank moved more or less than was ordered.
    AmountDifference,
    /// An order with the bank or the post office that has said nothing of how it ended for long: two people may.
    BankSilent,
    /// A file that was sent and that its receiver has not acknowledged.
    FileUnacknowledged,
    /// A file of which nobody knows whether it was delivered.
    FileUnknown,
    /// A recall without the bank's last word.
    RecallUnanswered,
    /// A death that a bank told of and the registry has not looked into.
    DeathReported,
}

/// What was open when a month was closed.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "month_close_item")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub close_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    pub kind: OpenKind,
    pub pay_run_id: Option<Uuid>,
    pub order_id: Option<Uuid>,
    /// The line of a bank's report.
    pub line_id: Option<Uuid>,
    pub reference: Option<String>,
    pub area_id: Option<String>,
    /// In đồng.
    pub amount: i64,
    /// The day since when it is open.
    pub since: Date,
    /// The state of the run, the order or the line.
    pub state: String,
    /// Why: a bank's reason, or what was found of a line.
    pub reason: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
