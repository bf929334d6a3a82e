//! This installation: one row.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// This installation: one row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "installation")]
pub struct Model {
    /// Always 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    /// Key of every identifier that stands in a payment file.
    #[sea_orm(column_type = "Blob")]
    pub secret: Vec<u8>,
    pub created_at: DateTimeUtc,
    /// First cover month this system pays; earlier months were settled by its predecessor.
    pub first_month: Option<i32>,
    /// Whether the clock may be set over the API.
    pub sandbox: bool,
    /// The time the sandbox shows.
    pub sandbox_now: Option<DateTimeUtc>,
    /// Natural key of the synthetic province loaded here.
    pub seed_key: Option<String>,
    /// Last finished step of the demonstration.
    pub demo_step: i32,
}

impl ActiveModelBehavior for ActiveModel {}
