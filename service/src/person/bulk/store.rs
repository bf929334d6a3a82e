//! Storing the good rows of a chunk, in one transaction.

use std::collections::{BTreeMap, BTreeSet};

use entity::{household, payee_account, person};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, FieldError};
use crate::person::account;
use crate::person::bulk::RowReport;
use crate::person::bulk::check::{Good, Import};
use crate::person::bulk::rows::Tables;

/// Bind parameters of one look-up, below the limits of both engines.
const LOOKUP: usize = 10_000;

/// What became of a chunk.
#[derive(Default)]
pub(super) struct Stored {
    pub(super) accepted: usize,
    pub(super) unchanged: usize,
    pub(super) refused: Vec<RowReport>,
}

/// What is there already of what a chunk brings.
#[derive(Default)]
pub(super) struct Known {
    ids: BTreeSet<Uuid>,
    citizen_ids: BTreeSet<String>,
    pub(super) households: BTreeSet<Uuid>,
    pub(super) accounts: BTreeMap<String, payee_account::Model>,
}

impl Import<'_> {
    /// Stores the good rows that don't collide with what is there.
    pub(super) async fn store(&self, txn: &Txn, rows: &[Good<'_>]) -> Result<Stored, Error> {
        let mut stored = Stored::default();
        let mut known = Known::of(txn, rows).await?;
        let mut tables = Tables::default();
        for good in rows {
            if good.new.id.is_some_and(|id| known.ids.contains(&id)) {
                stored.unchanged += 1;
                continue;
            }
            let errors = known.collisions(good);
            if errors.is_empty() {
                tables.add(self, good, &mut known)?;
                stored.accepted += 1;
            } else {
                stored.refused.push(RowReport { row: good.row, errors });
            }
        }
        if stored.accepted > 0 {
            let decisions = tables.decisions();
            let detail = json!({ "persons": stored.accepted, "opening": self.opening, "decisions": decisions });
            txn.audit(Event::new(
                self.app.clock.now(),
                self.actor,
                "person.import",
                "person:import",
                detail,
            ));
        }
        tables.insert(txn).await?;
        Ok(stored)
    }
}

impl Known {
    async fn of(txn: &Txn, rows: &[Good<'_>]) -> Result<Self, Error> {
        let mut known = Self::default();
        let citizen_ids: Vec<&str> = rows
            .iter()
            .filter_map(|good| good.new.person.citizen_id.as_deref())
            .collect();
        for chunk in citizen_ids.chunks(LOOKUP) {
            let query = person::Entity::find().select_only().column(person::Column::CitizenId);
            let query = query.filter(person::Column::CitizenId.is_in(chunk.iter().copied()));
            known
                .citizen_ids
                .extend(query.into_tuple::<String>().all(txn.conn()).await?);
        }
        let ids: Vec<Uuid> = rows.iter().filter_map(|good| good.new.id).collect();
        for chunk in ids.chunks(LOOKUP) {
            let query = person::Entity::find().select_only().column(person::Column::Id);
            let query = query.filter(person::Column::Id.is_in(chunk.iter().copied()));
            known.ids.extend(query.into_tuple::<Uuid>().all(txn.conn()).await?);
        }
        let households = rows
            .iter()
            .filter_map(|good| good.new.household.as_ref().map(|of| of.household_id));
        let households: Vec<Uuid> = households.collect::<BTreeSet<_>>().into_iter().collect();
        for chunk in households.chunks(LOOKUP) {
            let query = household::Entity::find().select_only().column(household::Column::Id);
            let query = query.filter(household::Column::Id.is_in(chunk.iter().copied()));
            known
                .households
                .extend(query.into_tuple::<Uuid>().all(txn.conn()).await?);
        }
        let keys = rows
            .iter()
            .flat_map(|good| &good.accounts)
            .map(|account| account.account_key.as_str());
        let keys: Vec<&str> = keys.collect::<BTreeSet<_>>().into_iter().collect();
        for chunk in keys.chunks(LOOKUP) {
            let query = payee_account::Entity::find();
            let query = query.filter(payee_account::Column::AccountKey.is_in(chunk.iter().copied()));
            let found = query.all(txn.conn()).await?;
            known
                .accounts
                .extend(found.into_iter().map(|row| (row.account_key.clone(), row)));
        }
        Ok(known)
    }

    fn collisions(&self, good: &Good<'_>) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if good
            .new
            .person
            .citizen_id
            .as_ref()
            .is_some_and(|id| self.citizen_ids.contains(id))
        {
            let (vi, en) = (
                "Số định danh đã có trong hồ sơ khác",
                "The citizen id belongs to another record",
            );
            errors.push(FieldError::new("/person/citizen_id", "citizen_id_taken", vi, en));
        }
        for (position, wanted) in good.accounts.iter().enumerate() {
            let standing = self.accounts.get(&wanted.account_key);
            if standing.is_some_and(|standing| !account::same_holder(standing, wanted)) {
                errors.push(account::holder_differs(&format!("/payees/{position}/account")));
            }
        }
        errors
    }
}
