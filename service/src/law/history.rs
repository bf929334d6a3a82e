//! Every revision of an instrument's body, kept as it was.

use entity::{instrument, instrument_revision};
use sea_orm::{ConnectionTrait, EntityTrait};
use uuid::Uuid;

use crate::db::Txn;
use crate::error::Error;
use crate::rows;

/// Keeps the revision that the row stands at; once is enough.
pub(super) async fn keep(txn: &Txn, row: &instrument::Model) -> Result<(), Error> {
    let revision = instrument_revision::Model {
        instrument_id: row.id,
        revision: row.revision,
        body: row.body.clone(),
        body_hash: row.body_hash.clone(),
        drafted_by: row.drafted_by,
        at: row.updated_at,
    };
    rows::insert_new::<instrument_revision::Entity>(txn, vec![revision]).await?;
    Ok(())
}

/// The body of a revision; the present one is in the row of the instrument.
pub(super) async fn body(
    conn: &impl ConnectionTrait,
    row: &instrument::Model,
    revision: i64,
) -> Result<serde_json::Value, Error> {
    if revision == row.revision {
        return Ok(row.body.clone());
    }
    let key: (Uuid, i64) = (row.id, revision);
    let kept = instrument_revision::Entity::find_by_id(key).one(conn).await?;
    kept.map(|kept| kept.body).ok_or_else(Error::not_found)
}
