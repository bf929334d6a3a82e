//! A step in the life of an overpayment case; append-only.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::overpayment_case::CaseStatus;

/// A step in the life of an overpayment case; append-only.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "overpayment_event")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_id: Uuid,
    /// The version of the case that the step made.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i64,
    /// What was done, as the operation is named.
    pub action: String,
    pub from_status: Option<CaseStatus>,
    pub to_status: CaseStatus,
    pub reason: Option<String>,
    /// Who, as the audit trail names them.
    pub actor: String,
    pub user_id: Option<Uuid>,
    #[sea_orm(column_type = "JsonBinary")]
    pub detail: Json,
    pub at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
