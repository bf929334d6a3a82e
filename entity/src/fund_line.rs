//! A line of a fund's estimate under the codes of the state budget.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// A line of a fund's estimate under the codes of the state budget.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "fund_line")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub fund_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    /// Chương.
    pub chapter: Option<String>,
    /// Loại.
    pub category: Option<String>,
    /// Khoản.
    pub clause: Option<String>,
    /// Mục, tiểu mục.
    pub item: Option<String>,
    pub name: String,
    /// Đồng.
    pub amount: i64,
    /// By which programs name it, unique within the fund; none: nothing draws on it by name.
    pub code: Option<String>,
    /// What two people set it by; none for those of before two were needed.
    pub proposal_id: Option<Uuid>,
    #[sea_orm(belongs_to, from = "fund_id", to = "id")]
    pub fund: BelongsTo<super::fund::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
