//! Entitlements by the set: a chunk of people at a time, never one by one.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::case_file::Benefit;
use entity::{determination, determination_period, entitlement};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, RelationDef};
use uuid::Uuid;

use crate::db::Txn;
use crate::entitlement::periods::Rows;
use crate::error::{Error, ProblemCode};
use crate::job::run::Chunk;
use crate::person::{People, PersonRange};
use crate::rows;

/// Sorted people cut into chunks of a job run.
pub fn chunks(people: &[Uuid], size: usize) -> Result<Vec<Chunk>, Error> {
    let ranges = people.chunks(size).filter_map(|chunk| {
        let range = PersonRange {
            first: *chunk.first()?,
            last: *chunk.last()?,
        };
        Some((chunk.len(), range))
    });
    ranges
        .map(|(units, range)| {
            Ok(Chunk {
                units: i64::try_from(units).map_err(Error::internal)?,
                payload: serde_json::to_value(range)?,
            })
        })
        .collect()
}

/// Chunks of these people and nobody between them.
pub fn chunks_of(people: &[Uuid], size: usize) -> Result<Vec<Chunk>, Error> {
    people
        .chunks(size)
        .map(|chunk| {
            Ok(Chunk {
                units: i64::try_from(chunk.len()).map_err(Error::internal)?,
                payload: serde_json::to_value(People::Only(chunk.to_vec()))?,
            })
        })
        .collect()
}

/// The determination an entitlement stands on now.
#[derive(Clone, Debug)]
pub struct Current {
    /// The entitlement.
    pub entitlement_id: Uuid,
    /// The determination.
    pub determination_id: Uuid,
    /// Its number within the entitlement, from 1.
    pub sequence: i32,
    /// The hash of its periods.
    pub content_hash: String,
}

/// The current determinations of a range of people, by person and benefit code.
pub async fn current(conn: &impl ConnectionTrait, people: &People) -> Result<BTreeMap<(Uuid, String), Current>, Error> {
    let rows: Vec<(Uuid, String, Uuid, Uuid, i32, String)> = entitlement::Entity::find()
        .select_only()
        .columns([
            entitlement::Column::PersonId,
            entitlement::Column::Benefit,
            entitlement::Column::Id,
        ])
        .column(determination::Column::Id)
        .column(determination::Column::Sequence)
        .column(determination::Column::ContentHash)
        .join(JoinType::InnerJoin, to_determination())
        .filter(people.hold(entitlement::Column::PersonId))
        .filter(determination::Column::SupersededAt.is_null())
        .into_tuple()
        .all(conn)
        .await?;
    let keyed = rows.into_iter().map(
        |(person_id, benefit, entitlement_id, determination_id, sequence, content_hash)| {
            (
                (person_id, benefit),
                Current {
                    entitlement_id,
                    determination_id,
                    sequence,
                    content_hash,
                },
            )
        },
    );
    Ok(keyed.collect())
}

fn to_determination() -> RelationDef {
    entitlement::Entity::belongs_to(determination::Entity)
        .from(entitlement::Column::Id)
        .to(determination::Column::EntitlementId)
        .into()
}

/// The current determination of some entitlements: entitlement, person, determination.
pub async fn heads(conn: &impl ConnectionTrait, entitlements: &[Uuid]) -> Result<Vec<(Uuid, Uuid, Uuid)>, Error> {
    let mut heads = Vec::with_capacity(entitlements.len());
    for chunk in entitlements.chunks(5_000) {
        let rows: Vec<(Uuid, Uuid, Uuid)> = entitlement::Entity::find()
            .select_only()
            .columns([entitlement::Column::Id, entitlement::Column::PersonId])
            .column(determination::Column::Id)
            .join(JoinType::InnerJoin, to_determination())
            .filter(entitlement::Column::Id.is_in(chunk.iter().copied()))
            .filter(determination::Column::SupersededAt.is_null())
            .into_tuple()
            .all(conn)
            .await?;
        heads.extend(rows);
    }
    Ok(heads)
}

/// Locks the current determinations of some entitlements, by their ids: whoever determines these people waits. Gives the
/// ids, sorted; an entitlement that was determined anew while this waited has none among them.
pub(crate) async fn lock_standing(txn: &Txn, entitlements: &[Uuid]) -> Result<Vec<Uuid>, Error> {
    let mut standing = Vec::with_capacity(entitlements.len());
    for chunk in entitlements.chunks(5_000) {
        let ids: Vec<Uuid> = determination::Entity::find()
            .select_only()
            .column(determination::Column::Id)
            .filter(determination::Column::EntitlementId.is_in(chunk.iter().copied()))
            .filter(determination::Column::SupersededAt.is_null())
            .order_by_asc(determination::Column::Id)
            .lock(LockType::NoKeyUpdate)
            .into_tuple()
            .all(txn.conn())
            .await?;
        standing.extend(ids);
    }
    standing.sort_unstable();
    Ok(standing)
}

/// The periods of some determinations, by determination, in their order.
pub async fn periods(conn: &impl ConnectionTrait, ids: &[Uuid]) -> Result<BTreeMap<Uuid, Rows>, Error> {
    let mut by_id: BTreeMap<Uuid, Rows> = BTreeMap::new();
    for chunk in ids.chunks(5_000) {
        let rows = determination_period::Entity::find()
            .filter(determination_period::Column::DeterminationId.is_in(chunk.iter().copied()))
            .order_by_asc(determination_period::Column::DeterminationId)
            .order_by_asc(determination_period::Column::Position)
            .all(conn)
            .await?;
        for row in rows {
            by_id.entry(row.determination_id).or_default().push(row);
        }
    }
    Ok(by_id)
}

/// The determinations with which entitlements were taken over from the predecessor, by entitlement.
pub async fn openings(conn: &impl ConnectionTrait, entitlements: &[Uuid]) -> Result<BTreeMap<Uuid, Uuid>, Error> {
    let mut by_entitlement = BTreeMap::new();
    for chunk in entitlements.chunks(5_000) {
        let rows: Vec<(Uuid, Uuid)> = determination::Entity::find()
            .select_only()
            .columns([determination::Column::EntitlementId, determination::Column::Id])
            .filter(determination::Column::EntitlementId.is_in(chunk.iter().copied()))
            .filter(determination::Column::Opening.eq(true))
            .into_tuple()
            .all(conn)
            .await?;
        by_entitlement.extend(rows);
    }
    Ok(by_entitlement)
}

/// A determination to be stored, because it differs from the current one.
#[derive(Clone, Debug)]
pub struct New {
    /// Whose.
    pub person_id: Uuid,
    /// The entitlement; it is made if it is new.
    pub entitlement_id: Uuid,
    /// Which benefit.
    pub benefit: Benefit,
    /// The determination it replaces.
    pub replaces: Option<Uuid>,
    /// Its own id.
    pub determination_id: Uuid,
    /// Its number within the entitlement.
    pub sequence: i32,
    /// The release it was determined under.
    pub release: i32,
    /// The state of the evidence it was determined on.
    pub evidence_rev: i64,
    /// Is it the takeover from the predecessor?
    pub opening: bool,
    /// The hash of its periods.
    pub content_hash: String,
    /// Its periods.
    pub rows: Rows,
}

/// Stores determinations and supersedes those they replace.
pub async fn store(txn: &Txn, determinations: Vec<New>, at: DateTime<Utc>) -> Result<(), Error> {
    let replaced: Vec<Uuid> = determinations.iter().filter_map(|new| new.replaces).collect();
    let mut superseded = 0;
    for chunk in replaced.chunks(5_000) {
        superseded += determination::Entity::update_many()
            .col_expr(determination::Column::SupersededAt, Expr::value(at))
            .filter(determination::Column::Id.is_in(chunk.iter().copied()))
            .filter(determination::Column::SupersededAt.is_null())
            .exec(txn.conn())
            .await?
            .rows_affected;
    }
    if usize::try_from(superseded) != Ok(replaced.len()) {
        return Err(meanwhile());
    }
    let mut entitlements = Vec::new();
    let mut heads = Vec::with_capacity(determinations.len());
    let mut periods = Vec::with_capacity(determinations.len() * 3);
    for new in determinations {
        if new.sequence == 1 {
            entitlements.push(entitlement::Model {
                id: new.entitlement_id,
                person_id: new.person_id,
                benefit: new.benefit.code().to_owned(),
            });
        }
        heads.push(determination::Model {
            id: new.determination_id,
            entitlement_id: new.entitlement_id,
            sequence: new.sequence,
            first_release: new.release,
            evidence_rev: new.evidence_rev,
            opening: new.opening,
            content_hash: new.content_hash,
            recorded_at: at,
            superseded_at: None,
        });
        let id = new.determination_id;
        periods.extend(new.rows.into_iter().map(|row| determination_period::Model {
            determination_id: id,
            ..row
        }));
    }
    rows::insert_new::<entitlement::Entity>(txn, entitlements).await?;
    match txn.insert_all::<determination::Entity>(heads).await {
        Err(error) if error.code == ProblemCode::AlreadyExists => return Err(meanwhile()),
        done => done?,
    }
    txn.insert_all::<determination_period::Entity>(periods).await
}

/// Two jobs determined one person at the same time; the slower one looks again.
fn meanwhile() -> Error {
    Error::because(
        ProblemCode::Unavailable,
        "Người này vừa được tính lại ở nơi khác",
        "the person was determined elsewhere meanwhile",
    )
}
