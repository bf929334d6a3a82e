//! Areas: the province's administrative units with their dates, and what became of the abolished ones.

mod directory;
mod list;
mod seed;

pub use directory::Directory;
pub(crate) use directory::unknown;
pub use list::{AreaView, ListAreas, list};
pub(crate) use seed::seed;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use entity::area;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::error::Error;

/// Each of these areas with everything that is or was below it. An area abolished before `today` holds nothing: a reform
/// ends the grants in it, and a person grants its successors.
pub(crate) async fn below(
    conn: &impl ConnectionTrait,
    tops: &BTreeSet<&str>,
    today: NaiveDate,
) -> Result<BTreeMap<String, BTreeSet<String>>, Error> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    if tops.is_empty() {
        return Ok(found);
    }
    let rows = area::Entity::find()
        .filter(area::Column::Id.is_in(tops.iter().copied()))
        .all(conn)
        .await?;
    for top in rows.into_iter().filter(|row| row.valid_to.is_none_or(|to| to >= today)) {
        found.insert(top.id.clone(), BTreeSet::from([top.id]));
    }
    // Three levels: province, district, commune.
    for _ in 0..2 {
        let known: BTreeSet<String> = found.values().flatten().cloned().collect();
        let rows = area::Entity::find()
            .filter(area::Column::ParentId.is_in(known))
            .all(conn)
            .await?;
        for areas in found.values_mut() {
            let children = rows
                .iter()
                .filter(|row| row.parent_id.as_ref().is_some_and(|parent| areas.contains(parent)));
            let ids: Vec<String> = children.map(|row| row.id.clone()).collect();
            areas.extend(ids);
        }
    }
    Ok(found)
}
