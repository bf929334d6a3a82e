//! What a release makes of a case file; append-only, the newest wins.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// What a release makes of a case file; append-only, the newest wins.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "determination")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub entitlement_id: Uuid,
    pub sequence: i32,
    pub first_release: i32,
    pub evidence_rev: i64,
    /// Taken over from the predecessor, not computed.
    pub opening: bool,
    pub content_hash: String,
    pub recorded_at: DateTimeUtc,
    pub superseded_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
