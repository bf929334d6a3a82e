//! What a bank's report says of a whole payment file, or of a batch in it; append-only.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::bank_report_line::LineOutcome;

/// What a bank's report says of a whole payment file, or of a batch in it; append-only.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "bank_report_file")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub bank_report_id: Uuid,
    /// Its place among what the report says of files: 1 is the group, then come the batches as they stand.
    pub number: i32,
    /// Of one batch (PmtInf), not of the group.
    pub of_batch: bool,
    /// MsgId of our message, as the bank repeats it.
    pub message_id: Option<String>,
    /// PmtInfId of our batch, as the bank repeats it.
    pub batch: Option<String>,
    /// The status, as it stands.
    pub status: Option<String>,
    /// The reason's code, as it stands.
    pub reason: Option<String>,
    /// What the bank says in words.
    pub note: Option<String>,
    /// How many orders the bank says that it had, as it stands.
    pub told_count: Option<String>,
    /// The sum the bank says that it had, as it stands.
    pub told_sum: Option<String>,
    /// The file it speaks of, if there is one.
    pub file_id: Option<Uuid>,
    /// How many orders the file has.
    pub own_count: Option<i64>,
    /// The sum of the file, đồng.
    pub own_sum: Option<i64>,
    pub outcome: LineOutcome,
    /// How many orders it moved.
    pub moved: i64,
    /// How many orders it contradicts; they stay as they are.
    pub contradicted: i64,
    /// Why people have to look at it.
    pub finding: Option<String>,
    /// The line in suspense that stands for it, where people have to look.
    pub line_id: Option<Uuid>,
}

impl ActiveModelBehavior for ActiveModel {}
