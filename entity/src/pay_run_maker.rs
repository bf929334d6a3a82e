//! Who had a part in making a pay run: opened it, had its lines built, left something out or took it in again.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Who had a part in making a pay run.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "pay_run_maker")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub pay_run_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// Since when.
    pub at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "pay_run_id", to = "id")]
    pub pay_run: BelongsTo<super::pay_run::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
