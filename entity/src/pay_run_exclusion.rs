//! What a person left out of a run, and why.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::enums::LineKind;

/// What a person left out of a run, and why.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "pay_run_exclusion")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub pay_run_id: Uuid,
    pub person_id: Uuid,
    /// Of one line, with component, month and kind; none: everything of the person.
    pub entitlement_id: Option<Uuid>,
    pub component: Option<String>,
    pub cover_month: Option<i32>,
    pub kind: Option<LineKind>,
    pub area_id: String,
    pub reason: String,
    pub excluded_by: Uuid,
    pub excluded_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "pay_run_id", to = "id")]
    pub pay_run: BelongsTo<super::pay_run::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
