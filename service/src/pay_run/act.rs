//! Who signed a run, as people read it.

use chrono::{DateTime, Utc};
use entity::enums::Act;
use entity::{approval_act, user_account};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
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

/// The signatures on a run as it is now: maker, checkers and approvers, releaser; none while it is a draft.
pub async fn acts(app: &App, actor: &Actor, run: Uuid) -> Result<Vec<RunAct>, Error> {
    actor.require_province(Permission::PayRunRead)?;
    let own = super::find(app.db.read(), run).await?;
    let mut rows = approval_act::Entity::find()
        .filter(approval_act::Column::Subject.eq(super::subject(run)))
        .filter(approval_act::Column::Revision.eq(own.revision))
        .find_also_related(user_account::Entity)
        .all(app.db.read())
        .await?;
    rows.sort_by_cached_key(|(row, person)| place(row, person.as_ref()));
    let acts = rows.into_iter().map(|(row, person)| RunAct {
        act: row.act,
        name: person.map(|person| person.name).unwrap_or_default(),
        at: row.at,
        digest: row.digest,
    });
    Ok(acts.collect())
}

/// Where a signature stands: a run of relief is signed by all of its people in one instant, and the ids of signatures say
/// nothing of their order.
type Place = (Act, DateTime<Utc>, String, Option<String>, Uuid);

fn place(row: &approval_act::Model, person: Option<&user_account::Model>) -> Place {
    let name = person.map(|own| domain::name::sort_key(&own.name)).unwrap_or_default();
    let number = person.and_then(|own| own.staff_number.clone());
    (row.act, row.at, name, number, row.user_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(act: Act, at: &str, name: &str) -> (approval_act::Model, user_account::Model) {
        let at: DateTime<Utc> = at.parse().unwrap();
        // Ids that stand the other way round.
        let user_id = Uuid::from_u128(u128::MAX - u128::from(name.chars().map(u32::from).sum::<u32>()));
        let row = approval_act::Model {
            id: user_id,
            subject: String::new(),
            revision: 1,
            act,
            user_id,
            digest: String::new(),
            at,
        };
        let person = user_account::Model {
            id: user_id,
            name: name.to_owned(),
            created_at: at,
            disabled_at: None,
            staff_number: None,
        };
        (row, person)
    }

    #[test]
    fn signers_stand_by_what_they_did_then_by_time_then_by_name() {
        let (day, next) = ("2024-09-07T01:00:00Z", "2024-09-08T01:00:00Z");
        let right = [
            signed(Act::Make, day, "Vũ Thị Hạnh"),
            signed(Act::Check, day, "Trần Thị Lệ"),
            signed(Act::Approve, day, "Lý A Ánh"),
            signed(Act::Approve, day, "Bùi Đức"),
            signed(Act::Approve, next, "An Ân"),
            signed(Act::Release, day, "Ngô An"),
        ];
        let mut signed: Vec<_> = right.iter().rev().collect();
        signed.sort_by_cached_key(|(row, person)| place(row, Some(person)));
        let names = |all: &[&(approval_act::Model, user_account::Model)]| -> Vec<String> {
            all.iter().map(|(_, person)| person.name.clone()).collect()
        };
        assert_eq!(names(&signed), names(&right.iter().collect::<Vec<_>>()));
    }
}
