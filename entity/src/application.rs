//! A request for a benefit.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The state of an application.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ApplicationStatus {
    Pending,
    Granted,
    Refused,
    Withdrawn,
}

/// A request for a benefit.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "application")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub person_id: Uuid,
    pub benefit: String,
    pub filed_on: Date,
    pub status: ApplicationStatus,
    pub version: i64,
    pub created_at: DateTimeUtc,
    /// The credential of another system that filed it; none where a person did, or where it was taken over.
    pub filing_client: Option<Uuid>,
    #[sea_orm(belongs_to, from = "person_id", to = "id")]
    pub person: BelongsTo<super::person::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
