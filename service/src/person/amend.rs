//! Changing a person: locked inside the scope at the version that was read, and closed with a new revision, the
//! reassessment and the audit event in the same transaction.

use entity::person;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::actor::{Actor, Scope};
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::reassessment;

/// The person inside the scope; 404 otherwise.
pub(crate) async fn find(conn: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<person::Model, Error> {
    let query = person::Entity::find_by_id(id).filter(within(scope));
    query.one(conn).await?.ok_or_else(Error::not_found)
}

/// The condition that keeps a query of people inside a scope.
pub(crate) fn within(scope: &Scope) -> sea_orm::Condition {
    scope.condition(Expr::col((person::Entity, person::Column::AreaId)))
}

/// Locks a person inside the scope for a change of the version that was read.
pub(crate) async fn open(txn: &Txn, scope: &Scope, id: Uuid, expected_version: i64) -> Result<person::Model, Error> {
    let query = person::Entity::find_by_id(id).filter(within(scope)).lock_exclusive();
    let row = query.one(txn.conn()).await?.ok_or_else(Error::not_found)?;
    if row.version == expected_version {
        Ok(row)
    } else {
        Err(Error::new(ProblemCode::Stale))
    }
}

/// What a change can touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Touches {
    /// What the person is owed: the evidence has a new revision and the person is reassessed.
    Right,
    /// Nothing that is determined.
    RecordOnly,
}

/// Stores a changed person with its next version, and everything that follows from it.
pub(crate) async fn close(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    mut row: person::Model,
    touches: Touches,
    (action, detail): (&'static str, Value),
) -> Result<person::Model, Error> {
    row.version += 1;
    if touches == Touches::Right {
        row.evidence_rev += 1;
    }
    let change = row.clone().into_active_model().reset_all();
    person::Entity::update(change).exec(txn.conn()).await?;
    if touches == Touches::Right {
        reassessment::queue_person(txn, app, row.id, row.evidence_rev).await?;
    }
    let mut detail = detail;
    if let Value::Object(fields) = &mut detail {
        fields.insert("evidence_rev".to_owned(), json!(row.evidence_rev));
    }
    txn.audit(Event::new(app.clock.now(), actor, action, subject(row.id), detail));
    Ok(row)
}

/// What follows for a person from a decision: the claims of the case file changed.
pub(crate) async fn claims_changed(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    person_id: Uuid,
    event: (&'static str, Value),
) -> Result<person::Model, Error> {
    let found = person::Entity::find_by_id(person_id)
        .lock_exclusive()
        .one(txn.conn())
        .await?;
    close(
        app,
        txn,
        actor,
        found.ok_or_else(Error::not_found)?,
        Touches::Right,
        event,
    )
    .await
}

/// How the audit trail names a person.
pub(crate) fn subject(id: Uuid) -> String {
    format!("person:{}", id.simple())
}
