//! Whose payments are held because of a finding.

use std::collections::BTreeMap;

use entity::enums::{FindingKind, FindingStatus};
use entity::registry_finding;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::error::Error;
use crate::pay_run::HeldReason;
use crate::person::PersonRange;

/// Why a payment is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// The person is said to have died.
    Person,
    /// The holder of the account is said, or known, to have died.
    Payee,
    /// The person has died, and the account was the person's own.
    OwnAccount,
}

impl Hold {
    /// The reason that lists of what is held have for every kind of run.
    pub(crate) const fn reason(self) -> HeldReason {
        match self {
            Self::Person => HeldReason::PersonDeceased,
            Self::Payee => HeldReason::PayeeDeceased,
            Self::OwnAccount => HeldReason::NoHeir,
        }
    }
}

/// The findings that hold payments of a range of people.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holds(BTreeMap<Uuid, Vec<Found>>);

#[derive(Clone, Copy, Debug)]
struct Found {
    kind: FindingKind,
    account: Uuid,
    open: bool,
}

impl Holds {
    /// Those that are open, and those that confirm a death.
    pub(crate) async fn load(conn: &impl ConnectionTrait, people: PersonRange) -> Result<Self, Error> {
        use registry_finding::Column as C;
        let rows: Vec<(Uuid, FindingKind, Uuid, FindingStatus)> = registry_finding::Entity::find()
            .select_only()
            .columns([C::PersonId, C::Kind, C::PayeeAccountId, C::Status])
            .filter(C::PersonId.between(people.first, people.last))
            .filter(C::Status.is_in([FindingStatus::Open, FindingStatus::Confirmed]))
            .into_tuple()
            .all(conn)
            .await?;
        let mut by_person: BTreeMap<Uuid, Vec<Found>> = BTreeMap::new();
        for (person, kind, account, status) in rows {
            by_person.entry(person).or_default().push(Found {
                kind,
                account,
                open: status == FindingStatus::Open,
            });
        }
        Ok(Self(by_person))
    }

    /// Why a payment of this person to this account is held.
    pub(crate) fn of(&self, person: Uuid, account: Uuid) -> Option<Hold> {
        let own = self.0.get(&person)?;
        let any = |fits: &dyn Fn(&Found) -> bool| own.iter().any(fits);
        if any(&|found| found.kind == FindingKind::ReportedDeceased && found.open) {
            Some(Hold::Person)
        } else if any(&|found| found.kind == FindingKind::PayeeReportedDeceased && found.account == account) {
            Some(Hold::Payee)
        } else {
            any(&|found| found.account == account).then_some(Hold::OwnAccount)
        }
    }
}
