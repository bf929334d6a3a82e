//! The areas of the catalogue in their epochs, and their successors, as rows.
//!
//! An area that a reform left as it was keeps its row, and with it its id; one that changed its name, kind, type or parent
//! ends the day before and begins anew under another id, even where the code stays. The table of 2023 is open to the
//! past. Mergers of 2023-2024: NQ 1199/NQ-UBTVQH15, from 1/11/2024; the reform of 2025: NQ 1679/NQ-UBTVQH15, from 1/7/2025.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::enums::{AreaLevel, AreaType, Coverage};
use entity::{area, area_successor};
use sea_orm::EntityTrait;
use sea_orm::sea_query::OnConflict;
use serde::Deserialize;

use crate::db::Txn;
use crate::error::Error;

/// Brings in the areas and successors that are missing.
pub(crate) async fn seed(txn: &Txn) -> Result<(), Error> {
    let (areas, successors) = rows()?;
    for chunk in areas.chunks(500) {
        area::Entity::insert_many(chunk.iter().cloned().map(area::ActiveModel::from))
            .on_conflict(OnConflict::column(area::Column::Id).do_nothing().to_owned())
            .exec_without_returning(txn.conn())
            .await?;
    }
    for chunk in successors.chunks(500) {
        let once = [area_successor::Column::OldId, area_successor::Column::NewId];
        area_successor::Entity::insert_many(chunk.iter().cloned().map(area_successor::ActiveModel::from))
            .on_conflict(OnConflict::columns(once).do_nothing().to_owned())
            .exec_without_returning(txn.conn())
            .await?;
    }
    Ok(())
}

/// The areas from one reform to the next, with what became of those before.
struct Epoch {
    first_day: (i32, u32),
    areas: &'static str,
    successors: &'static str,
}

const EPOCHS: [Epoch; 3] = [
    Epoch {
        first_day: (1900, 1),
        areas: include_str!("../../../domain/catalogue/areas/admin_units_2023.csv"),
        successors: "",
    },
    Epoch {
        first_day: (2024, 11),
        areas: include_str!("../../../domain/catalogue/areas/admin_units_2025-01.csv"),
        successors: include_str!("../../../domain/catalogue/areas/admin_units_successors_2024-11.csv"),
    },
    Epoch {
        first_day: (2025, 7),
        areas: include_str!("../../../domain/catalogue/areas/admin_units_2025.csv"),
        successors: include_str!("../../../domain/catalogue/areas/admin_units_successors.csv"),
    },
];

#[derive(Deserialize)]
struct Unit {
    code: String,
    name: String,
    level: AreaLevel,
    parent_code: String,
    #[serde(rename = "type")]
    kind: String,
    urban_rural: String,
}

impl Unit {
    /// A special zone (đặc khu) is neither urban nor rural until the province decides.
    fn area_type(&self) -> Option<AreaType> {
        match self.urban_rural.as_str() {
            "urban" => Some(AreaType::Urban),
            "rural" => Some(AreaType::Rural),
            "unspecified" => Some(AreaType::Special),
            _ => None,
        }
    }
}

/// One line of what became of an abolished area; where the file does not say otherwise, all of it went there.
#[derive(Deserialize)]
struct Step {
    old_code: String,
    new_code: String,
    #[serde(default)]
    coverage: Option<Coverage>,
    #[serde(default)]
    default_successor: Option<String>,
}

type ByCode = BTreeMap<String, area::Model>;

fn rows() -> Result<(Vec<area::Model>, Vec<area_successor::Model>), Error> {
    let mut ended = Vec::new();
    let mut successors = BTreeMap::new();
    let mut live = ByCode::new();
    for epoch in &EPOCHS {
        let (year, month) = epoch.first_day;
        let from =
            NaiveDate::from_ymd_opt(year, month, 1).ok_or_else(|| Error::internal("epoch without a first day"))?;
        let next = following(&live, epoch.areas, from)?;
        for old in live
            .values()
            .filter(|old| next.get(&old.code).is_none_or(|new| new.id != old.id))
        {
            ended.push(area::Model {
                valid_to: from.pred_opt(),
                ..old.clone()
            });
        }
        for row in followers(&live, &next, epoch.successors)? {
            successors.insert((row.old_id.clone(), row.new_id.clone()), row);
        }
        live = next;
    }
    ended.extend(live.into_values());
    ended.sort_by(|a, b| a.id.cmp(&b.id));
    Ok((ended, successors.into_values().collect()))
}

/// The areas of the next epoch by code; parents come before their children.
fn following(live: &ByCode, table: &str, from: NaiveDate) -> Result<ByCode, Error> {
    let mut units: Vec<Unit> = read(table)?;
    units.sort_by(|a, b| (a.level, &a.code).cmp(&(b.level, &b.code)));
    let mut next = ByCode::new();
    for unit in units {
        let new = area::Model {
            id: format!("{}@{}", unit.code, from.format("%Y-%m")),
            area_type: unit.area_type(),
            code: unit.code,
            name: unit.name,
            level: unit.level,
            kind: unit.kind,
            parent_id: next.get(&unit.parent_code).map(|parent| parent.id.clone()),
            valid_from: from,
            valid_to: None,
        };
        let same = |old: &&area::Model| {
            (&old.name, old.level, &old.kind, old.area_type, &old.parent_id)
                == (&new.name, new.level, &new.kind, new.area_type, &new.parent_id)
        };
        let row = live.get(&new.code).filter(same).cloned().unwrap_or(new);
        next.insert(row.code.clone(), row);
    }
    Ok(next)
}

/// What the areas that ended became: as the file says, and where it is silent the area of the same code.
fn followers(live: &ByCode, next: &ByCode, file: &str) -> Result<Vec<area_successor::Model>, Error> {
    let mut rows = Vec::new();
    let mut told: BTreeMap<String, ()> = BTreeMap::new();
    for step in read::<Step>(file)? {
        let (Some(old), Some(new)) = (live.get(&step.old_code), next.get(&step.new_code)) else {
            continue;
        };
        told.insert(old.code.clone(), ());
        if old.id != new.id {
            rows.push(area_successor::Model {
                old_id: old.id.clone(),
                new_id: new.id.clone(),
                coverage: step.coverage.unwrap_or(Coverage::Whole),
                is_default: step.default_successor.is_none_or(|told| told == "yes"),
            });
        }
    }
    for old in live.values().filter(|old| !told.contains_key(&old.code)) {
        if let Some(new) = next.get(&old.code).filter(|new| new.id != old.id) {
            rows.push(area_successor::Model {
                old_id: old.id.clone(),
                new_id: new.id.clone(),
                coverage: Coverage::Whole,
                is_default: true,
            });
        }
    }
    Ok(rows)
}

fn read<T: for<'de> Deserialize<'de>>(table: &str) -> Result<Vec<T>, Error> {
    csv::Reader::from_reader(table.as_bytes())
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_abolished_commune_has_one_default_successor_and_every_day_its_areas() {
        let (areas, successors) = rows().unwrap();
        let communes = |year, month| {
            let day = NaiveDate::from_ymd_opt(year, month, 15).unwrap();
            let valid =
                |row: &&area::Model| crate::area::directory::is_valid(row, day) && row.level == AreaLevel::Commune;
            areas.iter().filter(valid).count()
        };
        assert_eq!(
            (communes(2010, 1), communes(2024, 12), communes(2025, 8)),
            (177, 171, 54)
        );
        for row in areas
            .iter()
            .filter(|row| row.level == AreaLevel::Commune && row.valid_to.is_some())
        {
            let defaults = successors
                .iter()
                .filter(|step| step.old_id == row.id && step.is_default)
                .count();
            assert_eq!(defaults, 1, "{}", row.id);
        }
    }
}
