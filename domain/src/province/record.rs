//! What the generator says about one person.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::case_file::{Benefit, CaseFile};

/// One person of the synthetic province, with everything the registry keeps about them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntheticPerson {
    /// The place in the province, from 0.
    pub index: usize,
    /// The permanent id, of version 8, from seed and index.
    pub id: Uuid,
    /// Twelve digits that agree with sex and year of birth (LAW: NĐ 137/2015 Art 13); a few people have none.
    pub citizen_id: Option<String>,
    /// The full name, NFC.
    pub full_name: String,
    /// Residences, evidence and claims; its id is the person's.
    pub case_file: CaseFile,
    /// The household, the same for all its members.
    pub household: Household,
    /// What the person is in the household.
    pub relation: Relation,
    /// The facility the person lives in, if any.
    pub facility: Option<&'static str>,
    /// One decision for each claim that is not pending.
    pub decisions: Vec<Decision>,
    /// Where the money goes.
    pub payee: PayeeAccount,
}

/// A household and those of its members who are beneficiaries or carers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Household {
    /// The permanent id, of version 8.
    pub id: Uuid,
    /// The code of the commune.
    pub area: String,
    /// The address, in Vietnamese.
    pub address: String,
    /// Its members, this person among them.
    pub members: Vec<Member>,
}

/// A member of a household.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// The person's id.
    pub person: Uuid,
    /// What the person is in the household.
    pub relation: Relation,
}

/// What a person is in the household.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// Head of the household.
    Head,
    /// Husband or wife of the head.
    Spouse,
    /// Son or daughter of the head.
    Child,
    /// Father or mother of the head.
    Parent,
    /// Brother or sister of the head.
    Sibling,
    /// Grandchild of the head.
    Grandchild,
    /// Taken in from outside the family.
    TakenIn,
    /// Resident of a facility.
    Resident,
}

impl Relation {
    /// The code in tables.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Spouse => "spouse",
            Self::Child => "child",
            Self::Parent => "parent",
            Self::Sibling => "sibling",
            Self::Grandchild => "grandchild",
            Self::TakenIn => "taken_in",
            Self::Resident => "resident",
        }
    }
}

/// A decision on one claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Which benefit was decided.
    pub benefit: Benefit,
    /// The number, such as `1234/QĐ-UBND`.
    pub number: String,
    /// The day it was signed.
    pub signed_on: NaiveDate,
}

/// Where a person's money goes; guardians, carers and facilities have one for several people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayeeAccount {
    /// The same for all whose money goes there.
    pub id: Uuid,
    /// Bank or post office.
    pub destination: Destination,
    /// Whose account it is, or who collects the cash; NFC.
    pub holder_name: String,
    /// What the holder is to the person.
    pub relation: PayeeRelation,
}

/// A bank account or a post office that pays cash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// By transfer.
    BankTransfer {
        /// The bank's code as VietQR knows it, such as `AGRIBANK`.
        bank: &'static str,
        /// The account number, digits.
        account: String,
    },
    /// In cash.
    PostCash {
        /// The post office, in Vietnamese.
        post_office: String,
    },
}

impl Destination {
    /// The channel.
    pub const fn channel(&self) -> Channel {
        match self {
            Self::BankTransfer { .. } => Channel::BankTransfer,
            Self::PostCash { .. } => Channel::PostCash,
        }
    }
}

/// How money travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// To a bank account.
    BankTransfer,
    /// Cash at a post office.
    PostCash,
}

impl Channel {
    /// The code in tables.
    pub const fn code(self) -> &'static str {
        match self {
            Self::BankTransfer => "bank_transfer",
            Self::PostCash => "post_cash",
        }
    }
}

/// What the holder of an account is to the person whose money goes there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PayeeRelation {
    /// The person.
    Own,
    /// The guardian of a child.
    Guardian,
    /// Authorised in writing.
    Authorised,
    /// The carer.
    Carer,
    /// The facility where the person lives.
    Facility,
}

impl PayeeRelation {
    /// The code in tables.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Guardian => "guardian",
            Self::Authorised => "authorised",
            Self::Carer => "carer",
            Self::Facility => "facility",
        }
    }
}
