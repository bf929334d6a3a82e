//! The audit trail: append-only, each event's hash covering the one before, chained in the transaction of the change.

use chrono::{DateTime, SecondsFormat, Utc};
use entity::{audit_event, audit_head};
use sea_orm::ActiveValue::Set;
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait, QuerySelect};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::actor::Actor;
use crate::error::Error;

/// One thing somebody did.
#[derive(Clone, Debug)]
pub struct Event {
    at: DateTime<Utc>,
    actor: String,
    user_id: Option<Uuid>,
    action: &'static str,
    subject: String,
    detail: Value,
}

impl Event {
    /// `actor` did `action` (such as `pay_run.approve`) to `subject` (such as `pay_run:<id>`).
    pub fn new(
        at: DateTime<Utc>,
        actor: &Actor,
        action: &'static str,
        subject: impl Into<String>,
        detail: Value,
    ) -> Self {
        Self {
            at,
            actor: actor.name.clone(),
            user_id: actor.user_id,
            action,
            subject: subject.into(),
            detail,
        }
    }
}

/// The hash before the first event.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The hash of an event: SHA-256 over the previous hash and the event as JSON with sorted keys.
pub fn hash(event: &audit_event::Model) -> String {
    let content = json!({
        "seq": event.seq,
        "at": event.at.to_rfc3339_opts(SecondsFormat::Micros, true),
        "actor": event.actor,
        "user_id": event.user_id,
        "action": event.action,
        "subject": event.subject,
        "detail": event.detail,
    });
    let mut hash = Sha256::new();
    hash.update(event.prev_hash.as_bytes());
    hash.update(content.to_string().as_bytes());
    hex::encode(hash.finalize())
}

/// The number of the last event; 0 before the first.
pub(crate) async fn head(conn: &impl ConnectionTrait) -> Result<i64, Error> {
    let head = audit_head::Entity::find_by_id(1).one(conn).await?;
    Ok(head.map_or(0, |head| head.seq))
}

/// Appends the events of a transaction to the chain. The head is locked here, last, and once.
pub(crate) async fn chain(transaction: &DatabaseTransaction, events: Vec<Event>) -> Result<(), Error> {
    if events.is_empty() {
        return Ok(());
    }
    let head = audit_head::Entity::find_by_id(1)
        .lock_exclusive()
        .one(transaction)
        .await?;
    let (mut seq, mut prev_hash) = head.map_or_else(|| (0, GENESIS.to_owned()), |head| (head.seq, head.hash));
    let mut rows = Vec::with_capacity(events.len());
    for event in events {
        seq += 1;
        let mut row = audit_event::Model {
            seq,
            at: event.at,
            actor: event.actor,
            user_id: event.user_id,
            action: event.action.to_owned(),
            subject: event.subject,
            detail: event.detail,
            prev_hash,
            hash: String::new(),
        };
        row.hash = hash(&row);
        prev_hash = row.hash.clone();
        rows.push(row);
    }
    for chunk in rows.chunks(500) {
        let models = chunk.iter().cloned().map(audit_event::ActiveModel::from);
        audit_event::Entity::insert_many(models)
            .exec_without_returning(transaction)
            .await?;
    }
    audit_head::Entity::update(audit_head::ActiveModel {
        id: Set(1),
        seq: Set(seq),
        hash: Set(prev_hash),
    })
    .exec(transaction)
    .await?;
    Ok(())
}
