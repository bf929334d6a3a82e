//! For whom a fund holds money.

use std::collections::BTreeMap;

use entity::enums::FundAccount;
use entity::{fund, posting};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::Error;

/// Money that a fund holds for one subject, đồng.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReservationView {
    /// For whom.
    #[schema(example = "pay_run:0192f3a07c1d7e558b1a3d0c2b1a0f9e")]
    pub subject: String,
    /// Held since submission.
    #[schema(example = 27_000_000_000_i64)]
    pub reserved: i64,
    /// Held since approval.
    #[schema(example = 0)]
    pub committed: i64,
}

/// What a fund holds for submitted and approved runs, by subject.
pub async fn reservations(app: &App, actor: &Actor, fund_id: Uuid) -> Result<Vec<ReservationView>, Error> {
    actor.require_province(Permission::FundRead)?;
    let found = fund::Entity::find_by_id(fund_id).one(app.db.read()).await?;
    found.ok_or_else(Error::not_found)?;
    let rows = posting::Entity::find()
        .filter(posting::Column::FundId.eq(fund_id))
        .filter(posting::Column::Account.is_in([FundAccount::Reserved, FundAccount::Committed]))
        .all(app.db.read())
        .await?;
    let mut held: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for row in rows {
        // A batch is named after its subject and step: `pay_run:<id>:submit:<revision>`.
        let subject: Vec<&str> = row.batch.splitn(3, ':').take(2).collect();
        let (reserved, committed) = held.entry(subject.join(":")).or_default();
        match row.account {
            FundAccount::Reserved => *reserved += row.amount,
            _ => *committed += row.amount,
        }
    }
    let standing = held.into_iter().filter(|(_, amounts)| *amounts != (0, 0));
    let views = standing.map(|(subject, (reserved, committed))| ReservationView {
        subject,
        reserved,
        committed,
    });
    Ok(views.collect())
}
