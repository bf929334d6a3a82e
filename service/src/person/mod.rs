//! The registry of people: who they are, where they live, what is known of them, and who receives their money.

mod account;
mod amend;
pub mod bulk;
pub mod case_file;
mod check;
mod create;
mod death;
mod evidence;
mod payee;
mod read;
mod residence;
pub mod synthetic;
mod update;
mod value;
mod view;

pub use account::{AccountView, NewAccount};
pub use create::{CreatePerson, create};
pub use evidence::{
    AddEvidence, CorrectEvidence, EndEvidence, add_evidence, correct_evidence, end_evidence, evidence_history,
    retract_evidence,
};
pub(crate) use payee::subject as payee_subject;
pub use payee::{PayeeView, ProposePayee, confirm_payee, list_payees, propose_payee, reject_payee};
pub use read::{ListPersons, get, list};
pub use residence::{CorrectResidence, LeaveProvince, Move, correct_residence, leave_province, move_person};
pub use update::{UpdatePerson, update};
pub use view::{EvidenceRecord, EvidenceView, NewEvidence, NewResidence, PersonSummary, PersonView, ResidenceView};

pub(crate) use amend::{claims_changed, find as find_in_scope, within as within_scope};
pub(crate) use death::record_death;

use std::collections::BTreeSet;

use sea_orm::sea_query::{Query, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::Error;

/// People by id, both ends included; ids compare by bytes on both engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRange {
    /// First person.
    pub first: Uuid,
    /// Last person.
    pub last: Uuid,
}

impl PersonRange {
    /// Everybody.
    pub const ALL: Self = Self {
        first: Uuid::nil(),
        last: Uuid::max(),
    };

    /// One person.
    pub const fn one(id: Uuid) -> Self {
        Self { first: id, last: id }
    }
}

/// People to work on: everybody of a range, or these alone, by id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum People {
    /// Everybody of a range.
    Range(PersonRange),
    /// These alone.
    Only(Vec<Uuid>),
}

impl People {
    /// The highest id among them.
    pub fn last(&self) -> Uuid {
        match self {
            Self::Range(range) => range.last,
            Self::Only(ids) => ids.last().copied().unwrap_or_default(),
        }
    }

    /// Is the person of this column one of them?
    pub fn hold(&self, column: impl ColumnTrait) -> SimpleExpr {
        match self {
            Self::Range(range) => column.between(range.first, range.last),
            Self::Only(ids) => column.is_in(ids.iter().copied()),
        }
    }
}

impl From<PersonRange> for People {
    fn from(range: PersonRange) -> Self {
        Self::Range(range)
    }
}

/// The ids of protected people, for queries that leave them out.
pub(crate) fn protected() -> SelectStatement {
    Query::select()
        .column(entity::person::Column::Id)
        .from(entity::person::Entity)
        .and_where(entity::person::Column::Protected.eq(true))
        .to_owned()
}

/// The areas in which somebody of the registry lives.
pub(crate) async fn areas(conn: &impl ConnectionTrait) -> Result<BTreeSet<String>, Error> {
    let areas: Vec<String> = entity::person::Entity::find()
        .select_only()
        .column(entity::person::Column::AreaId)
        .distinct()
        .into_tuple()
        .all(conn)
        .await?;
    Ok(areas.into_iter().collect())
}

/// The ids of everybody in the registry, in order.
pub(crate) async fn everybody(conn: &impl ConnectionTrait) -> Result<Vec<Uuid>, Error> {
    let mut people: Vec<Uuid> = entity::person::Entity::find()
        .select_only()
        .column(entity::person::Column::Id)
        .into_tuple()
        .all(conn)
        .await?;
    people.sort_unstable();
    Ok(people)
}
