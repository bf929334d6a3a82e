//! A request that may be sent again: its answer is stored in the transaction of its effect, and given again.
//!
//! [`begin`] opens the one transaction of the request and claims the key in it. Every verb called with
//! [`Once::app`] reads and writes inside that transaction; [`Once::finish`] stores the answer and commits all of it.
//! Whatever goes wrong before leaves nothing behind, the key included. A second request with the key waits for the
//! first and gets its answer, byte for byte. Keys are never pruned.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::idempotency_key::{ActiveModel, Column, Entity, Model};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use crate::app::App;
use crate::db::Db;
use crate::error::{Error, ProblemCode};

/// What a request is recognised by.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The credential that sends it.
    pub client_id: Uuid,
    /// Method and path pattern.
    pub operation: String,
    /// The caller's key.
    pub key: String,
    /// SHA-256 over method, path and body, as hex: the same key with another one is refused.
    pub fingerprint: String,
}

/// An answer as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Media type of the body.
    pub content_type: String,
    /// Other headers that belong to it, such as `location` and `etag`.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: String,
}

/// How a request begins.
#[derive(Debug)]
pub enum Begun {
    /// It is the first: do it.
    First(Box<Once>),
    /// It was done: answer as before.
    Again(Answer),
}

/// The one transaction of a request.
#[derive(Debug)]
pub struct Once {
    app: App,
    claim: Claim,
}

/// Claims the key, or finds the answer given to it. Waits while another request with the key is running.
///
/// # Errors
/// `idempotency-in-progress` where the other one runs for longer than `patience` (PostgreSQL; on SQLite one write waits
/// for the other), `idempotency-key-reused` where it has other content.
pub async fn begin(app: &App, claim: Claim, patience: Duration) -> Result<Begun, Error> {
    let db = app.db.opened().await?;
    let now = app.clock.now();
    if claim_key(&db, &claim, now, patience).await? {
        return Ok(Begun::First(Box::new(Once {
            app: App { db, ..app.clone() },
            claim,
        })));
    }
    let row = find(&claim)
        .one(db.read())
        .await?
        .ok_or_else(|| Error::new(ProblemCode::IdempotencyInProgress))?;
    if row.fingerprint == claim.fingerprint {
        answer(row).map(Begun::Again)
    } else {
        Err(reused())
    }
}

/// The answer given to a request, where it was given one: for work that is idempotent by its content and too long for
/// an open transaction, such as an upload. [`store`] keeps its answer when it is done.
pub async fn answered(app: &App, claim: &Claim) -> Result<Option<Answer>, Error> {
    match find(claim).one(app.db.read()).await? {
        Some(row) if row.fingerprint == claim.fingerprint => answer(row).map(Some),
        Some(_) => Err(reused()),
        None => Ok(None),
    }
}

/// Keeps an answer; where another request with the key was faster, that one's answer counts.
pub async fn store(app: &App, claim: Claim, given: &Answer, patience: Duration) -> Result<Answer, Error> {
    match begin(app, claim, patience).await? {
        Begun::First(once) => {
            once.finish(given).await?;
            Ok(given.clone())
        }
        Begun::Again(earlier) => Ok(earlier),
    }
}

impl Once {
    /// The installation as this request sees it. Nothing may keep a clone of it beyond the request.
    pub const fn app(&self) -> &App {
        &self.app
    }

    /// Leaves nothing of the request behind, but that it was refused where the audit trail is to know.
    pub async fn give_up(self) {
        self.app.db.give_up_opened().await;
    }

    /// Stores the answer and commits everything.
    pub async fn finish(self, answer: &Answer) -> Result<(), Error> {
        let Self { app, claim } = self;
        let change = ActiveModel {
            client_id: Set(claim.client_id),
            operation: Set(claim.operation),
            key: Set(claim.key),
            status: Set(i32::from(answer.status)),
            body: Set(answer.body.clone()),
            content_type: Set(answer.content_type.clone()),
            headers: Set(json!(answer.headers)),
            ..Default::default()
        };
        app.db.write(async |txn| Ok(change.update(txn.conn()).await?)).await?;
        app.db.commit_opened().await
    }
}

/// Inserts the row of the key; `false` where it stands already. PostgreSQL waits here for an open transaction that holds
/// the key, SQLite where the transaction begins.
async fn claim_key(db: &Db, claim: &Claim, now: DateTime<Utc>, patience: Duration) -> Result<bool, Error> {
    let row = Model {
        client_id: claim.client_id,
        operation: claim.operation.clone(),
        key: claim.key.clone(),
        fingerprint: claim.fingerprint.clone(),
        status: 0,
        body: String::new(),
        content_type: String::new(),
        headers: json!({}),
        created_at: now,
    };
    let primary = [Column::ClientId, Column::Operation, Column::Key];
    db.write(async |txn| {
        let wait_for = |millis: u128| format!("SET LOCAL lock_timeout = '{millis}ms'");
        if !db.is_sqlite() {
            txn.conn().execute_unprepared(&wait_for(patience.as_millis())).await?;
        }
        let inserted = Entity::insert(row.into_active_model().reset_all())
            .on_conflict(OnConflict::columns(primary).do_nothing().to_owned())
            .exec_without_returning(txn.conn())
            .await
            .map_err(waited_too_long)?;
        if !db.is_sqlite() {
            txn.conn().execute_unprepared(&wait_for(0)).await?;
        }
        Ok(inserted == 1)
    })
    .await
}

fn find(claim: &Claim) -> sea_orm::Select<Entity> {
    Entity::find()
        .filter(Column::ClientId.eq(claim.client_id))
        .filter(Column::Operation.eq(&claim.operation))
        .filter(Column::Key.eq(&claim.key))
}

fn answer(row: Model) -> Result<Answer, Error> {
    Ok(Answer {
        status: u16::try_from(row.status).map_err(Error::internal)?,
        content_type: row.content_type,
        headers: serde_json::from_value(row.headers)?,
        body: row.body,
    })
}

fn waited_too_long(error: sea_orm::DbErr) -> Error {
    // 55P03: lock_not_available.
    if error.to_string().contains("lock timeout") {
        Error {
            source: Some(Box::new(error)),
            ..Error::new(ProblemCode::IdempotencyInProgress)
        }
    } else {
        error.into()
    }
}

fn reused() -> Error {
    Error::because(
        ProblemCode::IdempotencyKeyReused,
        "Idempotency-Key này đã dùng cho một yêu cầu có nội dung khác",
        "This Idempotency-Key was used for a request with other content",
    )
}
