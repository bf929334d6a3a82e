//! An immutable legal release: all law published up to an instrument.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// An immutable legal release: all law published up to an instrument.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "release")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    #[sea_orm(unique)]
    pub instrument_id: Uuid,
    pub published_at: DateTimeUtc,
    pub published_by: Option<Uuid>,
    /// First month whose amounts may differ from the release before.
    pub reach_back_month: i32,
    pub digest: String,
    #[sea_orm(belongs_to, from = "instrument_id", to = "id")]
    pub instrument: BelongsTo<super::instrument::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
