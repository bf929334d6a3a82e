//! One person's act on one revision of a subject, bound to its digest.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The act of an approval act.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Prepared and submitted.
    Make,
    /// Verified.
    Check,
    /// Approved.
    Approve,
    /// Released the money.
    Release,
}

/// One person's act on one revision of a subject, bound to its digest.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "approval_act")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// `<table>:<id as 32 lower-case hexadecimal digits>`.
    pub subject: String,
    pub revision: i64,
    pub act: Act,
    pub user_id: Uuid,
    /// Digest of the content acted upon.
    pub digest: String,
    pub at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "user_id", to = "id")]
    pub user_account: BelongsTo<super::user_account::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
