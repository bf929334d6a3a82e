//! Whose payments are held because of a finding.

use std::collections::BTreeMap;

use entity::enums::{FindingKind, FindingStatus};
use entity::registry_finding;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::error::Error;
use crate::person::PersonRange;

/// Why a payment is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// The person is said to have died.
    Person,
    /// The holder of the account is said, or known, to have died.
    Payee,
}

/// The findings that hold payments of a range of people.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holds(BTreeMap<Uuid, Vec<(FindingKind, Uuid)>>);

impl Holds {
    /// Those that are open, and those that confirm that a payee has died.
    pub(crate) async fn load(conn: &impl ConnectionTrait, people: PersonRange) -> Result<Self, Error> {
        use registry_finding::Column as C;
        let payee_died = Condition::all()
            .add(C::Kind.eq(FindingKind::PayeeReportedDeceased))
            .add(C::Status.eq(FindingStatus::Confirmed));
        let rows: Vec<(Uuid, FindingKind, Uuid)> = registry_finding::Entity::find()
            .select_only()
            .columns([C::PersonId, C::Kind, C::PayeeAccountId])
            .filter(C::PersonId.between(people.first, people.last))
            .filter(Condition::any().add(C::Status.eq(FindingStatus::Open)).add(payee_died))
            .into_tuple()
            .all(conn)
            .await?;
        let mut by_person: BTreeMap<Uuid, Vec<(FindingKind, Uuid)>> = BTreeMap::new();
        for (person, kind, account) in rows {
            by_person.entry(person).or_default().push((kind, account));
        }
        Ok(Self(by_person))
    }

    /// Why a payment of this person to this account is held.
    pub(crate) fn of(&self, person: Uuid, account: Uuid) -> Option<Hold> {
        let own = self.0.get(&person)?;
        if own.iter().any(|(kind, _)| *kind == FindingKind::ReportedDeceased) {
            return Some(Hold::Person);
        }
        own.iter().any(|(_, of)| *of == account).then_some(Hold::Payee)
    }
}
