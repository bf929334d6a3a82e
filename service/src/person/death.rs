//! A death, recorded from what others report.

use chrono::NaiveDate;
use entity::person;
use sea_orm::{EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use crate::actor::{Actor, Scope};
use crate::app::App;
use crate::db::Txn;
use crate::error::Error;
use crate::person::amend::{self, Touches};

/// Records the day of a person's death, and the reassessment that follows from it. A day that is on record already is
/// left alone if it is the same, and refused if it is another: that takes a correction of the person.
pub(crate) async fn record_death(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    scope: &Scope,
    (person_id, day): (Uuid, NaiveDate),
) -> Result<(), Error> {
    let before = person::Entity::find_by_id(person_id)
        .filter(amend::within(scope))
        .lock_exclusive()
        .one(txn.conn())
        .await?
        .ok_or_else(Error::not_found)?;
    if before.death_date == Some(day) {
        return Ok(());
    }
    if before.death_date.is_some() || day < before.birth_date || day > app.clock.today() {
        return Err(Error::field(
            "/death_date",
            "date_bounds",
            "Ngày mất phải sau ngày sinh, không ở tương lai và không khác ngày đã ghi nhận",
            "a death is after the birth, not in the future, and not on another day than the one on record",
        ));
    }
    let after = person::Model {
        death_date: Some(day),
        ..before
    };
    let detail = json!({"fields": ["death_date"], "death_date": day});
    amend::close(app, txn, actor, after, Touches::Right, ("person.record_death", detail)).await?;
    // What was approved for the account of the one who died goes to the heirs, if to anybody.
    crate::pay_run::void_misdirected(app, txn, crate::pay_run::Because::Death, person_id).await
}
