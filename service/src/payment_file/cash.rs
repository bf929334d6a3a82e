//! The orders that the post office pays in cash: its list as a workbook and as a paper are written from the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use domain::name::{place_key, sort_key};
use entity::{area, pay_run, payment_file};
use sea_orm::{EntityTrait, QuerySelect};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::payment_file::order::{self, FileOrder};

/// Orders of cash, each with the name of its area, by area and reference.
pub(super) struct Cash {
    pub(super) orders: Vec<(String, FileOrder)>,
    /// SHA-256 over the orders, hexadecimal.
    pub(super) hash: String,
    /// SHA-256 over what areas are called, hexadecimal.
    pub(super) areas: String,
    /// The places of the orders as people look them up, once somebody has asked.
    places: OnceLock<Vec<usize>>,
}

impl Cash {
    /// Of an approved list, as it was approved.
    ///
    /// # Errors
    /// `content-changed` where one of the orders is not what was approved.
    pub(super) async fn approved(app: &App, run: &pay_run::Model, list: &payment_file::Model) -> Result<Self, Error> {
        Self::of(app, order::approved(app, run, list).await?).await
    }

    /// Of a list that is planned.
    pub(super) async fn planned(app: &App, list: Uuid) -> Result<Self, Error> {
        Self::of(app, order::of_file(app, list).await?).await
    }

    async fn of(app: &App, (orders, hash): (Vec<FileOrder>, String)) -> Result<Self, Error> {
        let areas = area_names(app).await?;
        let named = orders.into_iter().map(|order| {
            let area = areas.get(&order.area_id).cloned().unwrap_or_default();
            (area, order)
        });
        let mut orders: Vec<(String, FileOrder)> = named.collect();
        orders.sort_by(|(area, order), (other_area, other)| {
            (area, &order.reference).cmp(&(other_area, &other.reference))
        });
        Ok(Self {
            orders,
            hash,
            areas: hashed(&areas)?,
            places: OnceLock::new(),
        })
    }

    /// As people look them up: by area, given name and the rest of the name, in the order of the alphabet. Only who writes
    /// the list anew needs to know, and its workbook and its paper are sorted once.
    pub(super) fn looked_up(&self) -> Vec<&(String, FileOrder)> {
        let places = self.places.get_or_init(|| self.sorted());
        places.iter().filter_map(|place| self.orders.get(*place)).collect()
    }

    fn sorted(&self) -> Vec<usize> {
        let areas: BTreeSet<&str> = self.orders.iter().map(|(area, _)| area.as_str()).collect();
        let keys: BTreeMap<&str, String> = areas.into_iter().map(|area| (area, place_key(area))).collect();
        let mut orders: Vec<(usize, &(String, FileOrder))> = self.orders.iter().enumerate().collect();
        orders.sort_by_cached_key(|own| {
            let (area, order) = own.1;
            let key = keys.get(area.as_str());
            (key, area, sort_key(&order.holder_name), &order.reference)
        });
        orders.into_iter().map(|(place, _)| place).collect()
    }
}

/// Who comes for an order, as lists of cash name that person. Where several orders wait for one who comes for several people,
/// each says whose money it is, by the code that banks have too: others read the list along.
pub(super) fn receiver(name: String, order: &FileOrder) -> String {
    match &order.beneficiary_code {
        Some(code) => format!("{name} ({code})"),
        None => name,
    }
}

/// SHA-256 over what areas are called now, hexadecimal.
pub(super) async fn areas(app: &App) -> Result<String, Error> {
    hashed(&area_names(app).await?)
}

fn hashed(names: &BTreeMap<String, String>) -> Result<String, Error> {
    Ok(hex::encode(Sha256::digest(serde_json::to_vec(names)?)))
}

async fn area_names(app: &App) -> Result<BTreeMap<String, String>, Error> {
    let rows: Vec<(String, String)> = area::Entity::find()
        .select_only()
        .columns([area::Column::Id, area::Column::Name])
        .into_tuple()
        .all(app.db.read())
        .await?;
    Ok(rows.into_iter().collect())
}
