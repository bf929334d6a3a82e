//! The makers of a run: whoever opened it, had its lines built, left something out or took it in again, in this revision
//! or in one before it, for what they did then may stand there still. None of them approves or releases it, with whatever
//! key. The database refuses the same.

use entity::pay_run_maker;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::approval::{self, Part};
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::rows;

/// Notes that the actor has a part in the making of a run. Another system has none: it signs nothing.
pub(super) async fn note(app: &App, txn: &Txn, run: Uuid, actor: &Actor) -> Result<(), Error> {
    let Some(user_id) = actor.user_id else {
        return Ok(());
    };
    let row = pay_run_maker::Model {
        pay_run_id: run,
        user_id,
        at: app.clock.now(),
    };
    rows::insert_new::<pay_run_maker::Entity>(txn, vec![row]).await?;
    Ok(())
}

/// Refuses to let a maker of the run sign it as another, and who has a key from one of its makers, or gave them theirs.
pub(super) async fn require_other(app: &App, txn: &Txn, run: Uuid, person: Uuid) -> Result<(), Error> {
    let makers = pay_run_maker::Entity::find()
        .filter(pay_run_maker::Column::PayRunId.eq(run))
        .all(txn.conn())
        .await?;
    if makers.iter().any(|maker| maker.user_id == person) {
        return Err(Error::because(
            ProblemCode::SamePerson,
            "Người mở, lập hoặc sửa đợt chi trả không được duyệt hay chuyển đợt đó",
            "whoever opened, built or changed the run neither approves nor releases it",
        ));
    }
    let own = Part {
        person,
        at: app.clock.now(),
    };
    let makers: Vec<Part> = makers
        .iter()
        .map(|maker| Part {
            person: maker.user_id,
            at: maker.at,
        })
        .collect();
    approval::require_own_keys(txn.conn(), own, &makers).await
}
