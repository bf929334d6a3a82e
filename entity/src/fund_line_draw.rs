//! What a run draws on a line of a fund's estimate for one benefit, from submission on.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// What a run draws on a line of a fund's estimate for one benefit, from submission on.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "fund_line_draw")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub pay_run_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub fund_id: Uuid,
    /// The code of the benefit; `relief` where the run pays relief.
    #[sea_orm(primary_key, auto_increment = false)]
    pub benefit: String,
    /// The code of the line, as the benefit's program named it at submission.
    pub line_code: String,
    /// Đồng: the lines of the run less what is kept back of them and less what is cancelled since. What is paid again was
    /// drawn when it was paid first, but for what was kept back of it then.
    pub amount: i64,
    /// What its lines came to at submission, those that are paid again too, đồng.
    pub gross: i64,
    /// What is kept back of them, đồng.
    pub deducted: i64,
    #[sea_orm(belongs_to, from = "fund_id", to = "id")]
    pub fund: BelongsTo<super::fund::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
