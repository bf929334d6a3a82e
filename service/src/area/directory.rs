//! All areas in memory: a few hundred rows, read once for an operation that has several codes to look up.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use entity::enums::AreaLevel;
use entity::{area, area_successor};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::error::{Error, FieldError};

/// Every area, and the default successor of each abolished one.
#[derive(Clone, Debug)]
pub struct Directory {
    by_id: BTreeMap<String, area::Model>,
    by_code: BTreeMap<String, Vec<String>>,
    successors: BTreeMap<String, String>,
}

impl Directory {
    /// Reads them.
    pub async fn load(conn: &impl ConnectionTrait) -> Result<Self, Error> {
        let rows = area::Entity::find().all(conn).await?;
        let defaults = area_successor::Entity::find()
            .filter(area_successor::Column::IsDefault.eq(true))
            .all(conn)
            .await?;
        let mut by_code: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in &rows {
            by_code.entry(row.code.clone()).or_default().push(row.id.clone());
        }
        Ok(Self {
            by_id: rows.into_iter().map(|row| (row.id.clone(), row)).collect(),
            by_code,
            successors: defaults.into_iter().map(|row| (row.old_id, row.new_id)).collect(),
        })
    }

    /// The area of an id.
    pub fn get(&self, id: &str) -> Option<&area::Model> {
        self.by_id.get(id)
    }

    /// The area that has this code on this day.
    pub fn on(&self, code: &str, day: NaiveDate) -> Option<&area::Model> {
        let ids = self.by_code.get(code)?;
        ids.iter()
            .filter_map(|id| self.by_id.get(id))
            .find(|row| is_valid(row, day))
    }

    /// The commune-level area that has this code on this day: where people live.
    pub fn commune(&self, code: &str, day: NaiveDate) -> Option<&area::Model> {
        self.on(code, day).filter(|row| row.level == AreaLevel::Commune)
    }

    /// Where somebody who lived in `code` from `from` on lives `today`, if nobody moved: an abolished area goes on in its
    /// default successor.
    pub fn present(&self, code: &str, from: NaiveDate, today: NaiveDate) -> Option<&area::Model> {
        let mut row = self.commune(code, from)?;
        // Each step goes to a later epoch; the bound only guards against a circle in the table.
        for _ in 0..16 {
            if row.valid_to.is_none_or(|to| to >= today) {
                break;
            }
            match self.successors.get(&row.id).and_then(|id| self.by_id.get(id)) {
                Some(next) => row = next,
                None => break,
            }
        }
        Some(row)
    }

    /// The ids a filter means: an area id, or a code in all its epochs, each with everything below it.
    pub fn matching(&self, filter: &str) -> Result<BTreeSet<String>, Error> {
        let mut ids: BTreeSet<String> = match self.by_code.get(filter) {
            Some(ids) => ids.iter().cloned().collect(),
            None => self.by_id.get(filter).map(|row| row.id.clone()).into_iter().collect(),
        };
        if ids.is_empty() {
            return Err(Error::invalid(vec![unknown("/area")]));
        }
        for _ in 0..2 {
            let children = self
                .by_id
                .values()
                .filter(|row| row.parent_id.as_ref().is_some_and(|id| ids.contains(id)));
            let children: Vec<String> = children.map(|row| row.id.clone()).collect();
            ids.extend(children);
        }
        Ok(ids)
    }
}

/// Does the area exist on that day?
fn is_valid(row: &area::Model, day: NaiveDate) -> bool {
    row.valid_from <= day && row.valid_to.is_none_or(|to| day <= to)
}

/// The fault of naming an area that does not exist, or not on that day.
pub(crate) fn unknown(pointer: impl Into<String>) -> FieldError {
    FieldError::new(
        pointer,
        "unknown_area",
        "Không có địa bàn cấp xã này vào ngày đó",
        "There is no such commune-level area on that day",
    )
}
