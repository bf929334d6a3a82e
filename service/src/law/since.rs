//! What was published since a draft was written: a clause changed meanwhile is not laid over in silence, and a
//! correction corrects the body that stands.

use std::collections::BTreeMap;

use domain::law::{self, Finding, Instrument};
use entity::enums::InstrumentStatus;
use entity::instrument;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::error::{Error, ProblemCode};

/// The clauses of a draft that instruments published since it was written changed too, unless it names them among
/// those it amends. A correction stands in the place of its original, so that it lies over nobody.
pub(super) async fn changed(conn: &impl ConnectionTrait, row: &instrument::Model) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    if row.corrects.is_some() {
        return Ok(findings);
    }
    let own = super::release::body(row)?;
    let published = instrument::Entity::find()
        .filter(instrument::Column::ReleaseNumber.is_not_null())
        .filter(instrument::Column::Id.ne(row.id))
        .order_by_asc(instrument::Column::ReleaseNumber)
        .all(conn)
        .await?;
    let mut standing: BTreeMap<Uuid, Instrument> = BTreeMap::new();
    for other in &published {
        let said = super::release::body(other)?;
        let before = standing.insert(other.corrects.unwrap_or(other.id), said.clone());
        if came_since(row, other) {
            let id = other.id.to_string();
            findings.extend(law::changed_since(&own, &said, before.as_ref(), &id));
        }
    }
    Ok(findings)
}

/// Whether an instrument was published after the draft was written. The files of the catalogue were written in sight of
/// each other.
fn came_since(row: &instrument::Model, other: &instrument::Model) -> bool {
    match row.base_release {
        Some(base) => other.release_number.is_some_and(|number| number > base),
        None => !law::catalogue().iter().any(|own| own.number == other.number),
    }
}

/// Refuses a correction of a body in whose place another stands by now.
pub(super) async fn refuse_stale(conn: &impl ConnectionTrait, row: &instrument::Model) -> Result<(), Error> {
    let (Some(corrected), Some(hash)) = (row.corrects, &row.corrected_hash) else {
        return Ok(());
    };
    let original = super::find(conn, corrected).await?;
    let standing = super::correct::standing(conn, &original).await?;
    if standing.body_hash == *hash || standing.id == row.id {
        return Ok(());
    }
    Err(Error::because(
        ProblemCode::Stale,
        "Nội dung được đính chính đã được một đính chính khác thay thế; hãy rút dự thảo này và đính chính lại",
        "another correction has replaced the body that this one corrects; withdraw it and correct anew",
    ))
}

/// Refuses the publication of a submitted instrument that was overtaken since.
pub(super) async fn refuse(conn: &impl ConnectionTrait, row: &instrument::Model) -> Result<(), Error> {
    if row.status != InstrumentStatus::Submitted {
        return Ok(());
    }
    refuse_stale(conn, row).await?;
    let found = changed(conn, row).await?;
    if found.is_empty() {
        return Ok(());
    }
    Err(Error {
        fields: found.iter().map(super::check::field).collect(),
        ..Error::new(ProblemCode::InstrumentFaulty)
    })
}
