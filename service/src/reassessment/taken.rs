//! Which months are taken: what falls due up to them is paid or becomes arrears. Each benefit has its own last month, since
//! the runs of a month may draw on several funds, one after the other, and one of them may lack the money.

use std::collections::{BTreeMap, BTreeSet};

use domain::Month;
use domain::case_file::Benefit;
use entity::enums::PayRunKind;
use entity::{entitlement, held_payment, installation, pay_run, payment_line};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::Value;
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::pay_run::{RELEASED, partial_runs, whole_runs};

/// The last cover month that is taken, by benefit: of the newest released regular run for everybody that pays it, or the
/// predecessor's. A run of some areas or one channel takes its month of nobody but those whom it pays or holds
/// ([`Taken::ahead`]).
#[derive(Clone, Debug)]
pub(crate) struct Taken {
    /// Of runs that pay every benefit, or the predecessor.
    every: Month,
    /// Of runs that pay some.
    of: BTreeMap<String, Month>,
}

impl Taken {
    /// As the released runs have it.
    pub(crate) async fn load(conn: &impl ConnectionTrait, first_month: Month) -> Result<Self, Error> {
        let runs: Vec<(i32, Option<Value>)> = pay_run::Entity::find()
            .select_only()
            .columns([pay_run::Column::CoverMonth, pay_run::Column::Benefits])
            .filter(pay_run::Column::Kind.eq(PayRunKind::Regular))
            .filter(whole_runs())
            .filter(pay_run::Column::Status.is_in(RELEASED))
            .into_tuple()
            .all(conn)
            .await?;
        let mut taken = Self {
            every: first_month.previous(),
            of: BTreeMap::new(),
        };
        // A month below the first is the predecessor's, whatever was paid of it since.
        let mut newest: Option<Month> = None;
        for (month, benefits) in runs {
            let month = Month::from_yyyymm(month).map_err(Error::internal)?;
            let Some(benefits) = benefits else {
                newest = newest.max(Some(month));
                continue;
            };
            for benefit in serde_json::from_value::<Vec<String>>(benefits)? {
                let own = taken.of.entry(benefit).or_insert(month);
                *own = month.max(*own);
            }
        }
        taken.every = newest.unwrap_or(taken.every);
        Ok(taken)
    }

    /// The last month taken of a benefit.
    pub(crate) fn of(&self, benefit: &str) -> Month {
        self.of.get(benefit).map_or(self.every, |own| self.every.max(*own))
    }

    /// The last month that was taken of any.
    pub(crate) fn newest(&self) -> Month {
        self.of.values().fold(self.every, |newest, own| newest.max(*own))
    }

    /// The one month that all benefits have in common, where they do.
    fn uniform(&self) -> Option<Month> {
        let newest = self.newest();
        let mut all = Benefit::ALL.iter().map(|benefit| benefit.code());
        all.all(|benefit| self.of(benefit) == newest).then_some(newest)
    }

    /// Months beyond the last one that is taken of all, which released runs of some areas or one channel have taken of these
    /// entitlements: they paid something of them, or held it. What falls due in such a month and was not paid is owed, as it
    /// is after a run for everybody: what was held, and what came back and is not paid again.
    pub(crate) async fn ahead(
        &self,
        conn: &impl ConnectionTrait,
        ids: &[Uuid],
    ) -> Result<BTreeMap<Uuid, BTreeSet<Month>>, Error> {
        let mut ahead: BTreeMap<Uuid, BTreeSet<Month>> = BTreeMap::new();
        let runs = self.runs_ahead(conn).await?;
        if runs.is_empty() {
            return Ok(ahead);
        }
        for chunk in ids.chunks(5_000) {
            // By the entitlement alone: such a run may have more lines than all of these have.
            let mut rows: Vec<(Uuid, Uuid)> = payment_line::Entity::find()
                .select_only()
                .columns([payment_line::Column::EntitlementId, payment_line::Column::PayRunId])
                .distinct()
                .filter(payment_line::Column::EntitlementId.is_in(chunk.iter().copied()))
                .into_tuple()
                .all(conn)
                .await?;
            let held: Vec<(Uuid, Uuid)> = held_payment::Entity::find()
                .select_only()
                .columns([held_payment::Column::EntitlementId, held_payment::Column::PayRunId])
                .distinct()
                .filter(held_payment::Column::PayRunId.is_in(runs.keys().copied()))
                .filter(held_payment::Column::EntitlementId.is_in(chunk.iter().copied()))
                .into_tuple()
                .all(conn)
                .await?;
            rows.extend(held);
            for (entitlement, run) in rows {
                if let Some(month) = runs.get(&run) {
                    ahead.entry(entitlement).or_default().insert(*month);
                }
            }
        }
        Ok(ahead)
    }

    /// The released runs of some areas or one channel of months beyond the one that is taken of all, by id.
    async fn runs_ahead(&self, conn: &impl ConnectionTrait) -> Result<BTreeMap<Uuid, Month>, Error> {
        let rows: Vec<(Uuid, i32)> = pay_run::Entity::find()
            .select_only()
            .columns([pay_run::Column::Id, pay_run::Column::CoverMonth])
            .filter(pay_run::Column::Kind.eq(PayRunKind::Regular))
            .filter(pay_run::Column::CoverMonth.gt(self.every.yyyymm()))
            .filter(pay_run::Column::Status.is_in(RELEASED))
            .filter(partial_runs())
            .into_tuple()
            .all(conn)
            .await?;
        let runs = rows.into_iter().map(|(id, month)| {
            let month = Month::from_yyyymm(month).map_err(Error::internal)?;
            Ok((id, month))
        });
        runs.collect()
    }

    /// The last month taken of each of these entitlements.
    pub(crate) async fn by_entitlement(
        &self,
        conn: &impl ConnectionTrait,
        ids: &[Uuid],
    ) -> Result<BTreeMap<Uuid, Month>, Error> {
        if let Some(month) = self.uniform() {
            return Ok(ids.iter().map(|id| (*id, month)).collect());
        }
        let mut months = BTreeMap::new();
        for chunk in ids.chunks(5_000) {
            let rows: Vec<(Uuid, String)> = entitlement::Entity::find()
                .select_only()
                .columns([entitlement::Column::Id, entitlement::Column::Benefit])
                .filter(entitlement::Column::Id.is_in(chunk.iter().copied()))
                .into_tuple()
                .all(conn)
                .await?;
            months.extend(rows.into_iter().map(|(id, benefit)| (id, self.of(&benefit))));
        }
        Ok(months)
    }
}

/// What is taken, once the first month is known.
pub(crate) async fn taken(app: &App) -> Result<Option<Taken>, Error> {
    match app.first_month().await? {
        Some(first_month) => Taken::load(app.db.read(), first_month).await.map(Some),
        None => Ok(None),
    }
}

/// The last cover month that is taken of any benefit, once the first month is known.
pub async fn last_taken(app: &App) -> Result<Option<Month>, Error> {
    Ok(taken(app).await?.map(|taken| taken.newest()))
}

/// The first month that this installation pays, once it is known.
pub(crate) async fn first_month(conn: &impl ConnectionTrait) -> Result<Option<Month>, Error> {
    let row = installation::Entity::find_by_id(1).one(conn).await?;
    let number = row.and_then(|row| row.first_month);
    number
        .map(|number| Month::from_yyyymm(number).map_err(Error::internal))
        .transpose()
}

/// The last cover month that is taken of one benefit, as a number such as 202409; 0 before the first month is known.
pub(crate) async fn last_taken_of(conn: &impl ConnectionTrait, benefit: &str) -> Result<i32, Error> {
    let Some(first_month) = first_month(conn).await? else {
        return Ok(0);
    };
    Ok(Taken::load(conn, first_month).await?.of(benefit).yyyymm())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_benefit_has_its_own_last_month() {
        let month = |text: &str| text.parse::<Month>().unwrap();
        let taken = Taken {
            every: month("2024-09"),
            of: BTreeMap::from([
                ("social_pension".to_owned(), month("2024-11")),
                ("funeral".to_owned(), month("2024-08")),
            ]),
        };
        assert_eq!(taken.of("social_pension"), month("2024-11"));
        assert_eq!(
            taken.of("funeral"),
            month("2024-09"),
            "a run of all benefits paid it since"
        );
        assert_eq!(taken.of("care_support"), month("2024-09"));
        assert_eq!((taken.newest(), taken.uniform()), (month("2024-11"), None));
    }
}
