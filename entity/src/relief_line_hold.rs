//! What a request for relief holds of a line of its fund's estimate, from its filing until it is paid or turned down.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// What a request for relief holds of a line of its fund's estimate, from its filing until it is paid or turned down.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "relief_line_hold")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub relief_request_id: Uuid,
    pub fund_id: Uuid,
    /// The code of the line, as a program of relief named it when the request was filed.
    pub line_code: String,
    /// Đồng, above 0.
    pub amount: i64,
    #[sea_orm(belongs_to, from = "fund_id", to = "id")]
    pub fund: BelongsTo<super::fund::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
