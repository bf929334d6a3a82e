//! What brought a difference to light: a release of law alone, or a change of evidence.

use std::collections::BTreeMap;

use domain::determination::determine;
use entity::determination;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::app::App;
use crate::db::Txn;
use crate::entitlement::periods;
use crate::error::Error;
use crate::law;
use crate::person::case_file;

/// What brought a difference to light.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// This release, with nothing else changed.
    Release(i32),
    /// The evidence of this revision.
    Evidence(i64),
}

impl Origin {
    pub(super) fn event(self) -> String {
        match self {
            Self::Release(number) => format!("release:{number}"),
            Self::Evidence(revision) => format!("evidence:{revision}"),
        }
    }
}

/// The origin of some current determinations; of each, the person.
pub(super) async fn origins(
    app: &App,
    txn: &Txn,
    determinations: &BTreeMap<Uuid, Uuid>,
) -> Result<BTreeMap<Uuid, Origin>, Error> {
    let ids: Vec<Uuid> = determinations.keys().copied().collect();
    let mut origins = BTreeMap::new();
    for chunk in ids.chunks(5_000) {
        let now = determination::Entity::find()
            .filter(determination::Column::Id.is_in(chunk.iter().copied()))
            .all(txn.conn())
            .await?;
        let before = determination::Entity::find()
            .filter(determination::Column::EntitlementId.is_in(now.iter().map(|row| row.entitlement_id)))
            .all(txn.conn())
            .await?;
        let before: BTreeMap<(Uuid, i32), determination::Model> = before
            .into_iter()
            .map(|row| ((row.entitlement_id, row.sequence), row))
            .collect();
        for row in now {
            let previous = before.get(&(row.entitlement_id, row.sequence - 1));
            let person = determinations.get(&row.id).copied().unwrap_or_default();
            let by_law = match previous {
                Some(previous) => is_law_alone(app, txn, person, previous, &row).await?,
                None => false,
            };
            let origin = if by_law {
                Origin::Release(row.first_release)
            } else {
                Origin::Evidence(row.evidence_rev)
            };
            origins.insert(row.id, origin);
        }
    }
    Ok(origins)
}

/// Would the evidence as it now stands have given the earlier determination under the earlier law? Evidence that
/// changed in between without touching the right does not make a debt out of a change of law.
async fn is_law_alone(
    app: &App,
    txn: &Txn,
    person: Uuid,
    previous: &determination::Model,
    row: &determination::Model,
) -> Result<bool, Error> {
    if previous.first_release == row.first_release {
        return Ok(false);
    }
    if previous.evidence_rev == row.evidence_rev {
        return Ok(true);
    }
    let release = law::release(app, previous.first_release).await?;
    let loaded = case_file::load_one(txn.conn(), person).await?;
    let under_earlier_law = periods::rows(&determine(&loaded.case_file, &release));
    let same = |rows: &periods::Rows| periods::content_hash(rows) == previous.content_hash;
    Ok(under_earlier_law.iter().any(|(_, rows)| same(rows)))
}
