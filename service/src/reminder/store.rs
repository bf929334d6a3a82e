//! Keeping what was found: new ones are raised, known ones go on, those that are found no more end.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::enums::ReminderKind;
use entity::reminder;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::actor::Actor;
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::Error;

/// So many examples are kept with one.
pub(super) const EXAMPLES: usize = 20;

/// How many things it is about, how much money, since when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Detail {
    /// What it is about, as people call it: a month, a run of a month, an invariant.
    pub(super) name: String,
    pub(super) items: i64,
    /// Đồng.
    pub(super) amount: i64,
    /// Since when the oldest is so.
    pub(super) since: Option<NaiveDate>,
    /// The days after which it is reminded of.
    pub(super) after_days: Option<u16>,
    pub(super) examples: Vec<String>,
    /// The month is paid ahead of its time, on the day it is due.
    #[serde(default)]
    pub(super) early: bool,
    /// Some areas, a channel or a fund alone are in no run.
    #[serde(default)]
    pub(super) in_part: bool,
}

/// What was found.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) kind: ReminderKind,
    pub(super) subject: String,
    pub(super) due_on: Option<NaiveDate>,
    pub(super) detail: Detail,
}

/// Keeps everything that was found today of these kinds, and ends what was not.
pub(super) async fn keep(app: &App, txn: &Txn, kinds: &[ReminderKind], found: Vec<Found>) -> Result<(), Error> {
    use reminder::Column as C;
    let today = app.clock.today();
    let open = reminder::Entity::find()
        .filter(C::Kind.is_in(kinds.iter().copied()))
        .filter(C::EndedOn.is_null())
        .order_by_asc(C::Id)
        .lock_exclusive()
        .all(txn.conn())
        .await?;
    let mut open: BTreeMap<(ReminderKind, String), reminder::Model> = open
        .into_iter()
        .map(|row| ((row.kind, row.subject.clone()), row))
        .collect();
    let mut raised = Vec::new();
    for Found {
        kind,
        subject,
        due_on,
        detail,
    } in found
    {
        let detail = serde_json::to_value(&detail)?;
        let Some(known) = open.remove(&(kind, subject.clone())) else {
            raised.push(reminder::Model {
                id: app.ids.next(),
                kind,
                subject,
                raised_on: today,
                due_on,
                seen_on: today,
                ended_on: None,
                detail,
            });
            continue;
        };
        let again = reminder::Model {
            due_on,
            seen_on: today,
            detail,
            ..known.clone()
        };
        if again != known {
            again.into_active_model().reset_all().update(txn.conn()).await?;
        }
    }
    for row in &raised {
        tell(app, txn, "reminder.raise", row);
    }
    for row in open.into_values() {
        let ended = reminder::Model {
            ended_on: Some(today),
            ..row
        };
        tell(app, txn, "reminder.end", &ended);
        ended.into_active_model().reset_all().update(txn.conn()).await?;
    }
    if !raised.is_empty() {
        txn.insert_all::<reminder::Entity>(raised).await?;
    }
    Ok(())
}

fn tell(app: &App, txn: &Txn, what: &'static str, row: &reminder::Model) {
    let detail = json!({"kind": row.kind, "about": row.subject, "due_on": row.due_on, "detail": row.detail});
    txn.audit(Event::new(
        app.clock.now(),
        &Actor::system("reminders"),
        what,
        format!("reminder:{}", row.id.simple()),
        detail,
    ));
}
