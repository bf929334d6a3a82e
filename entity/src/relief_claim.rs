//! One household's or victim's claim in a request.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The kind of a relief claim.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ReliefClaimKind {
    Death,
    Missing,
    SevereInjury,
    HouseLost,
    Relocation,
    HouseDamaged,
    Hunger,
}

/// The state of a relief claim.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ReliefClaimStatus {
    Proposed,
    Verified,
    Approved,
    Rejected,
    Paid,
    /// A finding of the registry held it when the rest was paid, or its account was no longer who may receive it: it may
    /// be filed again.
    Held,
}

/// One household's or victim's claim in a request.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "relief_claim")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub relief_request_id: Uuid,
    pub person_id: Option<Uuid>,
    pub household_id: Option<Uuid>,
    pub victim_name: String,
    pub citizen_id: Option<String>,
    pub kind: ReliefClaimKind,
    #[sea_orm(column_type = "JsonBinary")]
    pub circumstances: Json,
    /// By law, in đồng.
    pub amount: i64,
    pub rice_grams: i64,
    /// Decided on top of the law, in đồng.
    pub top_up: i64,
    pub provision: String,
    pub payee_account_id: Option<Uuid>,
    pub duplicate_of: Option<Uuid>,
    pub status: ReliefClaimStatus,
    pub note: Option<String>,
    /// The line of an earlier claim whose money came back and is given out again by this one.
    pub replaces_line_id: Option<Uuid>,
    #[sea_orm(belongs_to, from = "relief_request_id", to = "id")]
    pub relief_request: BelongsTo<super::relief_request::Entity>,
    #[sea_orm(belongs_to, from = "person_id", to = "id")]
    pub person: BelongsTo<Option<super::person::Entity>>,
    #[sea_orm(belongs_to, from = "household_id", to = "id")]
    pub household: BelongsTo<Option<super::household::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
