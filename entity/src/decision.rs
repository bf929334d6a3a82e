//! A signed decision on an application.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The outcome of a decision.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum DecisionOutcome {
    Granted,
    Refused,
}

/// A signed decision on an application.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "decision")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Empty for one taken over from paper.
    pub application_id: Option<Uuid>,
    pub person_id: Uuid,
    pub benefit: String,
    pub number: String,
    pub signed_on: Date,
    pub outcome: DecisionOutcome,
    pub note: Option<String>,
    pub recorded_at: DateTimeUtc,
    pub superseded_at: Option<DateTimeUtc>,
    #[sea_orm(belongs_to, from = "application_id", to = "id")]
    pub application: BelongsTo<Option<super::application::Entity>>,
    #[sea_orm(belongs_to, from = "person_id", to = "id")]
    pub person: BelongsTo<super::person::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
