//! The request to a bank, or to the post office, to stop or send back an order.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::enums::ProposalStatus;

/// Why an order is recalled (ExternalCancellationReason1Code).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "UPPERCASE")]
#[serde(rename_all = "UPPERCASE")]
pub enum RecallReason {
    /// Sent twice.
    Dupl,
    /// The customer asks.
    Cust,
    /// Wrong amount.
    Am09,
    /// Wrong account.
    Ac03,
    /// A technical fault.
    Tech,
    /// Fraud.
    Frad,
}

/// What a bank or the post office answers to a recall.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum RecallAnswer {
    /// It looks into it.
    Pending,
    /// Nothing was paid; or the money comes back, and its entry is waited for.
    Accepted,
    /// The money stays where it is.
    Refused,
}

/// The request to a bank, or to the post office, to stop or send back an order.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "recall")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub order_id: Uuid,
    /// Its number among the recalls of the order, from 1.
    pub sequence: i32,
    pub reason: RecallReason,
    /// What the first person says.
    pub note: String,
    pub status: ProposalStatus,
    pub proposed_by: Uuid,
    pub proposed_at: DateTimeUtc,
    pub decided_by: Option<Uuid>,
    pub decided_at: Option<DateTimeUtc>,
    /// What the second person says.
    pub decision_note: Option<String>,
    /// The id of the message (camt.055) once it was approved.
    #[sea_orm(unique)]
    pub message_id: Option<String>,
    pub answer: Option<RecallAnswer>,
    /// The reason's code; of an answer by letter, the number and date of that letter.
    pub answer_reason: Option<String>,
    pub answered_at: Option<DateTimeUtc>,
    /// The day on which the letter that asks for it was sent.
    pub letter_sent_on: Option<Date>,
    /// The number of that letter.
    pub letter_number: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
