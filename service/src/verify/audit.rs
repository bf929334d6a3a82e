//! The audit trail.

use entity::{audit_event, audit_head};
use sea_orm::{EntityTrait, QueryOrder};

use crate::app::App;
use crate::audit::{GENESIS, hash};
use crate::error::Error;
use crate::verify::Check;

/// Each event's hash covers the one before, numbers have no gap, and the head is the last. Who writes meanwhile moves the
/// head on: the chain leads through where it stood before, and not beyond where it stands afterwards.
pub(super) async fn chain(app: &App) -> Result<Check, Error> {
    let mut check = Check::new("audit: the chain of events is unbroken");
    let before = head(app).await?;
    let events = audit_event::Entity::find()
        .order_by_asc(audit_event::Column::Seq)
        .all(app.db.read())
        .await?;
    let after = head(app).await?;
    let (mut seq, mut previous) = (0, GENESIS.to_owned());
    let mut passed = is_at(before.as_ref(), seq, &previous);
    for event in events {
        seq += 1;
        let holds = event.seq == seq && event.prev_hash == previous && hash(&event) == event.hash;
        check.look(holds, || {
            format!("event {} does not follow from the one before", event.seq)
        });
        previous = event.hash;
        passed |= is_at(before.as_ref(), seq, &previous);
    }
    let after = after.as_ref();
    let ends = is_at(after, seq, &previous) || after.is_some_and(|head| head.seq > seq);
    check.look(passed && ends, || format!("the head of the chain is not event {seq}"));
    Ok(check)
}

async fn head(app: &App) -> Result<Option<audit_head::Model>, Error> {
    Ok(audit_head::Entity::find_by_id(1).one(app.db.read()).await?)
}

/// Does the head stand at this event?
fn is_at(head: Option<&audit_head::Model>, seq: i64, hash: &str) -> bool {
    head.is_some_and(|head| head.seq == seq && head.hash == hash)
}
