//! A person in a household between dates.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// A person in a household between dates.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "household_member")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub household_id: Uuid,
    pub person_id: Uuid,
    /// Relation to the head of the household.
    pub relation: String,
    pub from_date: Date,
    /// Last day.
    pub to_date: Option<Date>,
    #[sea_orm(belongs_to, from = "household_id", to = "id")]
    pub household: BelongsTo<super::household::Entity>,
    #[sea_orm(belongs_to, from = "person_id", to = "id")]
    pub person: BelongsTo<super::person::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
