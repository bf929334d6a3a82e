//! What banks' answers say about people, until somebody of the registry has looked into it.
//!
//! A bank that refuses an order because its account holder has died (MD07) says something about a person, not about a
//! payment. It is a finding, never a fact: the person's further payments are held until a caseworker confirms the death,
//! which is then on record and ends them, or dismisses it. Where the account is not the person's own, the holder who
//! died is the payee, and payments to that account alone are held, until another payee is named. Relief is held alike.

mod decide;
mod hold;
mod list;
mod open;

pub use decide::{ConfirmFinding, DismissFinding, confirm, dismiss};
pub use list::{ListFindings, RegistryFindingView, list};

pub(crate) use hold::{Hold, Holds};
pub(crate) use open::{News, news, open_of};

use uuid::Uuid;

/// The subject of a finding in the audit trail.
pub(crate) fn subject(id: Uuid) -> String {
    format!("registry_finding:{}", id.simple())
}
