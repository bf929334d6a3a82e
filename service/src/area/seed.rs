//! The areas of the domain's table in their epochs, and their successors, as rows.

use domain::area::{Area, Level, Succession, table};
use domain::case_file;
use entity::enums::{AreaLevel, AreaType, Coverage};
use entity::{area, area_successor};

use crate::db::Txn;
use crate::error::Error;
use crate::rows;

/// Brings in the areas and successors that are missing.
pub(crate) async fn seed(txn: &Txn) -> Result<(), Error> {
    let areas = table().areas().iter().map(row).collect();
    rows::insert_new::<area::Entity>(txn, areas).await?;
    let successions = table().successions().iter().map(step).collect();
    rows::insert_new::<area_successor::Entity>(txn, successions).await?;
    Ok(())
}

fn row(area: &Area) -> area::Model {
    area::Model {
        id: area.id.clone(),
        code: area.code.clone(),
        name: area.name.clone(),
        level: match area.level {
            Level::Province => AreaLevel::Province,
            Level::District => AreaLevel::District,
            Level::Commune => AreaLevel::Commune,
        },
        kind: area.kind.clone(),
        area_type: area.area_type.map(|area_type| match area_type {
            case_file::AreaType::Urban => AreaType::Urban,
            case_file::AreaType::Rural => AreaType::Rural,
            case_file::AreaType::Special => AreaType::Special,
        }),
        parent_id: area.parent_id.clone(),
        valid_from: area.valid_from,
        valid_to: area.valid_to,
    }
}

fn step(succession: &Succession) -> area_successor::Model {
    area_successor::Model {
        old_id: succession.old_id.clone(),
        new_id: succession.new_id.clone(),
        coverage: if succession.whole {
            Coverage::Whole
        } else {
            Coverage::Partial
        },
        is_default: succession.is_default,
    }
}
