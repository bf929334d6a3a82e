//! The areas and successors of the catalogue, as rows.
//!
//! An area that a reform left as it was keeps its row, and with it its id; one that changed its name, kind, type or parent
//! ends the day before and begins anew under another id, even where the code stays.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use entity::enums::{AreaLevel, AreaType, Coverage};
use entity::{area, area_successor};
use sea_orm::EntityTrait;
use sea_orm::sea_query::OnConflict;

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
        area_successor::Entity::insert_many(chunk.iter().cloned().map(area_successor::ActiveModel::from))
            .on_conflict(
                OnConflict::columns([area_successor::Column::OldId, area_successor::Column::NewId])
                    .do_nothing()
                    .to_owned(),
            )
            .exec_without_returning(txn.conn())
            .await?;
    }
    Ok(())
}

#[derive(serde::Deserialize, Clone)]
struct Unit { code: String, name: String, level: String, parent_code: String, #[serde(rename = "type")] kind: String, urban_rural: String }

fn units(text: &str) -> Vec<Unit> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().filter_map(Result::ok).collect()
}

fn rows() -> Result<(Vec<area::Model>, Vec<area_successor::Model>), Error> {
    let d = |y, m| NaiveDate::from_ymd_opt(y, m, 1).unwrap_or_default();
    let epochs = [
        (d(1900, 1), units(include_str!("/work/shared/data/admin_units_2023.csv"))),
        (d(2024, 11), units(include_str!("/work/shared/data/admin_units_2025-01.csv"))),
        (d(2025, 7), units(include_str!("/work/shared/data/admin_units_2025.csv"))),
    ];
    let mut all: Vec<area::Model> = Vec::new();
    let mut live: BTreeMap<String, area::Model> = BTreeMap::new();
    let mut successors: BTreeMap<(String, String), (bool, bool)> = BTreeMap::new();
    for (from, table) in epochs {
        let before = live.clone();
        let mut now: BTreeMap<String, area::Model> = BTreeMap::new();
        let mut table = table;
        table.sort_by_key(|u| match u.level.as_str() { "province" => 0, "district" => 1, _ => 2 });
        for u in table {
            let parent_id = now.get(&u.parent_code).map(|p| p.id.clone());
            let row = area::Model {
                id: format!("{}@{}", u.code, from.format("%Y-%m")),
                code: u.code.clone(), name: u.name, kind: u.kind,
                level: match u.level.as_str() { "province" => AreaLevel::Province, "district" => AreaLevel::District, _ => AreaLevel::Commune },
                area_type: match u.urban_rural.as_str() { "urban" => Some(AreaType::Urban), "rural" => Some(AreaType::Rural), "special" => Some(AreaType::Special), _ => None },
                parent_id, valid_from: from, valid_to: None,
            };
            match before.get(&u.code) {
                Some(old) if (&old.name, &old.kind, old.level, old.area_type, &old.parent_id) == (&row.name, &row.kind, row.level, row.area_type, &row.parent_id) => { now.insert(u.code, old.clone()); }
                _ => { now.insert(u.code, row); }
            }
        }
        let kept: BTreeSet<&String> = now.values().map(|r| &r.id).collect();
        for old in before.values() {
            if !kept.contains(&old.id) {
                let mut ended = old.clone();
                ended.valid_to = from.pred_opt();
                all.push(ended);
                if from == d(2024, 11) && now.contains_key(&old.code) {
                    successors.insert((old.id.clone(), now[&old.code].id.clone()), (true, true));
                }
            }
        }
        let file = if from == d(2024, 11) { include_str!("/work/shared/data/admin_units_successors_2024-11.csv") } else { include_str!("/work/shared/data/admin_units_successors.csv") };
        if from > d(1900, 1) {
            for r in csv::Reader::from_reader(file.as_bytes()).deserialize::<BTreeMap<String, String>>().filter_map(Result::ok) {
                if let (Some(o), Some(n)) = (before.get(&r["old_code"]), now.get(&r["new_code"])) {
                    if o.id != n.id {
                        let whole = r.get("coverage").is_none_or(|c| c == "whole");
                        let default = r.get("default_successor").is_none_or(|c| c == "yes");
                        successors.insert((o.id.clone(), n.id.clone()), (whole, default));
                    }
                }
            }
        }
        live = now;
    }
    all.extend(live.into_values());
    all.sort_by(|a, b| a.id.cmp(&b.id));
    Ok((all, successors.into_iter().map(|((old_id, new_id), (w, is_default))| area_successor::Model { old_id, new_id, coverage: if w { Coverage::Whole } else { Coverage::Partial }, is_default }).collect()))
}
