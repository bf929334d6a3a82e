//! The audit trail.

use entity::{audit_event, audit_head};
use sea_orm::{EntityTrait, QueryOrder};

use crate::app::App;
use crate::audit::{GENESIS, hash};
use crate::error::Error;
use crate::verify::Check;

/// Each event's hash covers the one before, numbers have no gap, and the head is the last.
pub(super) async fn chain(app: &App) -> Result<Check, Error> {
    let mut check = Check::new("audit: the chain of events is unbroken");
    let events = audit_event::Entity::find()
        .order_by_asc(audit_event::Column::Seq)
        .all(app.db.read())
        .await?;
    let (mut seq, mut previous) = (0, GENESIS.to_owned());
    for event in events {
        seq += 1;
        let holds = event.seq == seq && event.prev_hash == previous && hash(&event) == event.hash;
        check.look(holds, || {
            format!("event {} does not follow from the one before", event.seq)
        });
        previous = event.hash;
    }
    let head = audit_head::Entity::find_by_id(1).one(app.db.read()).await?;
    let holds = head
        .as_ref()
        .is_some_and(|head| head.seq == seq && head.hash == previous);
    check.look(holds, || format!("the head of the chain is not event {seq}"));
    Ok(check)
}
