//! Who signed a run, as people read it.

use chrono::{DateTime, Utc};
use entity::enums::Act;
use entity::{approval_act, user_account};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::Error;

/// One person's signature on the digest of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunAct {
    /// What the person did.
    pub act: Act,
    /// The person's name.
    pub name: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The digest that was signed.
    pub digest: String,
}

/// The signatures on a run as it is now, the first one first; none while it is a draft.
pub async fn acts(app: &App, actor: &Actor, run: Uuid) -> Result<Vec<RunAct>, Error> {
    actor.require_province(Permission::PayRunRead)?;
    let own = super::find(app.db.read(), run).await?;
    let rows = approval_act::Entity::find()
        .filter(approval_act::Column::Subject.eq(super::subject(run)))
        .filter(approval_act::Column::Revision.eq(own.revision))
        .order_by_asc(approval_act::Column::At)
        .order_by_asc(approval_act::Column::Id)
        .find_also_related(user_account::Entity)
        .all(app.db.read())
        .await?;
    let acts = rows.into_iter().map(|(row, person)| RunAct {
        act: row.act,
        name: person.map(|person| person.name).unwrap_or_default(),
        at: row.at,
        digest: row.digest,
    });
    Ok(acts.collect())
}
