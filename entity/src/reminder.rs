//! What somebody has to look at, as the program found it on a day.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// What a reminder is about.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ReminderKind {
    /// The list of a month is open and not submitted.
    ListCloses,
    /// A month was paid and is not closed.
    SettlementDue,
    /// Orders of a run that nobody has answered for days.
    OrdersUnanswered,
    /// Orders of a run that a bank took and has not posted to the payee for days (ACWP).
    OrdersNotPosted,
    /// Orders of a run that a bank has said nothing of for so long that two people may say what became of them.
    OrdersSilent,
    /// Files of a run whose day has come, and that nobody has fetched.
    FilesNotFetched,
    /// An invariant of the installation does not hold.
    InvariantBroken,
}

/// What somebody has to look at, as the program found it on a day.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "reminder")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: ReminderKind,
    /// What it is about: a month, a run, an invariant.
    pub subject: String,
    /// The day on which it was found first.
    pub raised_on: Date,
    pub due_on: Option<Date>,
    /// The last day on which it was found.
    pub seen_on: Date,
    /// The day on which it was found no more.
    pub ended_on: Option<Date>,
    /// How many, how much, since when, and some examples.
    #[sea_orm(column_type = "JsonBinary")]
    pub detail: Json,
}

impl ActiveModelBehavior for ActiveModel {}
