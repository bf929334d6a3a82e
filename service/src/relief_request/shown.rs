//! People of a relief run as the treasury's list shows them: by the names that were approved, kept with the run.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike;
use entity::{pay_run, pay_run_person, person, relief_claim, relief_request};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::db::Txn;
use crate::error::Error;

/// People read by one statement.
const AT_ONCE: usize = 500;

/// Keeps with the run whom its claims pay. Relief has no month before it.
pub(super) async fn keep(
    txn: &Txn,
    claims: &[relief_claim::Model],
    request: &relief_request::Model,
    run: &pay_run::Model,
) -> Result<(), Error> {
    let ids: BTreeSet<Uuid> = claims.iter().filter_map(|claim| claim.person_id).collect();
    let ids: Vec<Uuid> = ids.into_iter().collect();
    let mut known: BTreeMap<Uuid, person::Model> = BTreeMap::new();
    for some in ids.chunks(AT_ONCE) {
        let rows = person::Entity::find()
            .filter(person::Column::Id.is_in(some.iter().copied()))
            .all(txn.conn())
            .await?;
        known.extend(rows.into_iter().map(|own| (own.id, own)));
    }
    let mut shown: BTreeMap<Uuid, pay_run_person::Model> = BTreeMap::new();
    for claim in claims {
        // As in the lines: a victim without a person stands under the claim.
        let person_id = claim.person_id.unwrap_or(claim.id);
        let own = known.get(&person_id);
        shown.entry(person_id).or_insert_with(|| pay_run_person::Model {
            pay_run_id: run.id,
            person_id,
            full_name: claim.victim_name.clone(),
            citizen_id: claim.citizen_id.clone().unwrap_or_default(),
            birth_year: own.map_or(0, |own| own.birth_date.year()),
            area_id: request.area_id.clone(),
            protected: own.is_some_and(|own| own.protected),
            amount_before: 0,
        });
    }
    txn.insert_all::<pay_run_person::Entity>(shown.into_values().collect())
        .await
}
