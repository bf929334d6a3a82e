//! Who receives a person's money.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The relation of a payee.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum PayeeRelation {
    /// The person.
    Oneself,
    Guardian,
    Authorised,
    Carer,
    Facility,
    Heir,
}

/// The state of a payee.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum PayeeStatus {
    /// Waits for a second person.
    Proposed,
    Active,
    /// Another follows: in force until its last day.
    Ended,
}

/// Who receives a person's money.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "payee")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub person_id: Uuid,
    /// Empty for every benefit.
    pub benefit: Option<String>,
    pub payee_account_id: Uuid,
    pub relation: PayeeRelation,
    pub from_date: Date,
    /// Last day.
    pub to_date: Option<Date>,
    pub status: PayeeStatus,
    pub recorded_at: DateTimeUtc,
    pub superseded_at: Option<DateTimeUtc>,
    /// The credential of another system that proposed it; none where a person did, or where it was taken over.
    pub proposing_client: Option<Uuid>,
    #[sea_orm(belongs_to, from = "person_id", to = "id")]
    pub person: BelongsTo<super::person::Entity>,
    #[sea_orm(belongs_to, from = "payee_account_id", to = "id")]
    pub payee_account: BelongsTo<super::payee_account::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
