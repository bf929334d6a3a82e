//! Who may receive a person's money on the day of payment.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::case_file::Benefit;
use entity::enums::{Channel, PayeeRelation, PayeeStatus};
use entity::{payee, payee_account};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::error::Error;
use crate::pay_run::line::Held;
use crate::person::People;

/// Who may receive what, for some people.
pub(crate) struct Payees(BTreeMap<Uuid, Vec<(Option<String>, PayeeRelation, Uuid)>>);

/// The channel of each account, where a run asks for one.
#[derive(Debug, Default)]
pub(super) struct Channels(BTreeMap<Uuid, Channel>);

impl Channels {
    /// The channels of everybody's accounts.
    pub(super) async fn load(conn: &impl ConnectionTrait, payees: &Payees) -> Result<Self, Error> {
        let accounts: Vec<Uuid> = payees.accounts().into_iter().collect();
        let mut channels = BTreeMap::new();
        for chunk in accounts.chunks(5_000) {
            let rows: Vec<(Uuid, Channel)> = payee_account::Entity::find()
                .select_only()
                .columns([payee_account::Column::Id, payee_account::Column::Channel])
                .filter(payee_account::Column::Id.is_in(chunk.iter().copied()))
                .into_tuple()
                .all(conn)
                .await?;
            channels.extend(rows);
        }
        Ok(Self(channels))
    }

    /// The channel of an account.
    pub(super) fn of(&self, account: Uuid) -> Option<Channel> {
        self.0.get(&account).copied()
    }
}

impl Payees {
    /// The payees in force on the day of payment. One whom another follows later is in force until then: the last day
    /// says so, not the status.
    pub(crate) async fn load(
        conn: &impl ConnectionTrait,
        people: impl Into<People>,
        on: NaiveDate,
    ) -> Result<Self, Error> {
        let people = people.into();
        let rows: Vec<(Uuid, Option<String>, PayeeRelation, Uuid, NaiveDate)> = payee::Entity::find()
            .select_only()
            .columns([
                payee::Column::PersonId,
                payee::Column::Benefit,
                payee::Column::Relation,
                payee::Column::PayeeAccountId,
                payee::Column::FromDate,
            ])
            .filter(people.hold(payee::Column::PersonId))
            .filter(payee::Column::Status.is_in([PayeeStatus::Active, PayeeStatus::Ended]))
            .filter(payee::Column::SupersededAt.is_null())
            .filter(payee::Column::FromDate.lte(on))
            .filter(
                Condition::any()
                    .add(payee::Column::ToDate.is_null())
                    .add(payee::Column::ToDate.gte(on)),
            )
            .into_tuple()
            .all(conn)
            .await?;
        let mut rows = rows;
        // The newest named payee first; ids break ties, so that every machine chooses alike.
        rows.sort_by(|a, b| (a.0, b.4, a.3).cmp(&(b.0, a.4, b.3)));
        let mut by_person: BTreeMap<Uuid, Vec<_>> = BTreeMap::new();
        for (person_id, benefit, relation, account, _) in rows {
            by_person
                .entry(person_id)
                .or_default()
                .push((benefit, relation, account));
        }
        Ok(Self(by_person))
    }

    /// The same for people who are few among all.
    pub(crate) async fn of(conn: &impl ConnectionTrait, people: &[Uuid], on: NaiveDate) -> Result<Self, Error> {
        let mut all = Self(BTreeMap::new());
        for chunk in people.chunks(5_000) {
            all.0
                .extend(Self::load(conn, People::Only(chunk.to_vec()), on).await?.0);
        }
        Ok(all)
    }

    /// The accounts that are named of a person, whatever for.
    pub(super) fn of_person(&self, person_id: Uuid) -> impl Iterator<Item = Uuid> {
        self.0.get(&person_id).into_iter().flatten().map(|own| own.2)
    }

    /// Every account that somebody may be paid through.
    pub(super) fn accounts(&self) -> BTreeSet<Uuid> {
        self.0.values().flatten().map(|own| own.2).collect()
    }

    /// The account for a benefit: one named for it before one named for all. What is paid for no benefit, as relief is,
    /// goes to who is named for all. A dead person's own account is none.
    pub(crate) fn account(&self, person_id: Uuid, benefit: Option<&str>, dead: bool) -> Result<Uuid, Held> {
        let named = self.0.get(&person_id).map(Vec::as_slice).unwrap_or_default();
        let heir = |relation: &PayeeRelation| *relation == PayeeRelation::Heir;
        let fits = |own: &&(Option<String>, PayeeRelation, Uuid)| {
            own.0.as_deref().is_none_or(|of| benefit == Some(of)) && if dead { heir(&own.1) } else { !heir(&own.1) }
        };
        let mut fitting: Vec<_> = named.iter().filter(fits).collect();
        fitting.sort_by_key(|own| own.0.is_none());
        let account = fitting.first().map(|own| own.2);
        account.ok_or(if dead || benefit == Some(Benefit::Funeral.code()) {
            Held::NoHeir
        } else {
            Held::NoPayee
        })
    }
}
