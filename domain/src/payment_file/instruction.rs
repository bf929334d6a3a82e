//! What is paid, to whom, and from which account.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Vnd;

/// Versions of pain.001, Customer Credit Transfer Initiation (ISO 20022).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Pain001 {
    /// pain.001.001.03 of 2009: no UETR.
    #[serde(rename = "pain.001.001.03")]
    V03,
    /// pain.001.001.09 of 2019.
    #[serde(rename = "pain.001.001.09")]
    V09,
}

impl Pain001 {
    /// The message's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V03 => "pain.001.001.03",
            Self::V09 => "pain.001.001.09",
        }
    }
}

/// How money reaches people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Into an account at a bank or wallet.
    BankTransfer,
    /// Cash over the counter of the post office.
    PostCash,
}

/// A bank as files address it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BankAddress {
    /// Stable code, see [`crate::bank::Bank::code`].
    pub code: String,
    /// BIN at NAPAS.
    pub bin: Option<String>,
    /// BIC.
    pub bic: Option<String>,
    /// Code at the State Bank (SBV), eight digits, where somebody has said it; see [`ClearingCode`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sbv_code: Option<String>,
}

impl BankAddress {
    /// The bank's member id in clearing: the BIN, else the code.
    pub fn member_id(&self) -> &str {
        self.bin.as_deref().unwrap_or(&self.code)
    }

    /// The bank's member id in this clearing; none where nobody has said it.
    pub fn clearing_id(&self, clearing: ClearingCode) -> Option<&str> {
        match clearing {
            ClearingCode::Bin => Some(self.member_id()),
            ClearingCode::Sbv => self.sbv_code.as_deref(),
        }
    }
}

/// Is it a code of a bank at the State Bank: eight digits?
pub fn is_sbv_code(code: &str) -> bool {
    code.len() == 8 && code.bytes().all(|byte| byte.is_ascii_digit())
}

/// By which code a member id (ClrSysMmbId) names a bank.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClearingCode {
    /// The BIN at NAPAS; the stable code where a bank has none.
    #[default]
    Bin,
    /// The code at the State Bank; a file whose banks have none is refused.
    Sbv,
}

impl ClearingCode {
    /// Is it the BIN?
    pub fn is_bin(&self) -> bool {
        *self == Self::Bin
    }
}

/// How the payee's bank stands in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentAddress {
    /// BICFI where known, else the member id.
    BicElseMember,
    /// The member id (ClrSysMmbId) always.
    Member,
    /// Both where known.
    Both,
}

/// Who bears the charges (ChargeBearerType1Code).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ChargeBearer {
    /// The debtor: people receive the whole amount.
    #[serde(rename = "DEBT")]
    Debtor,
    /// Shared.
    #[serde(rename = "SHAR")]
    Shared,
    /// Following the service level.
    #[serde(rename = "SLEV")]
    ServiceLevel,
}

impl ChargeBearer {
    /// The ISO 20022 code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Debtor => "DEBT",
            Self::Shared => "SHAR",
            Self::ServiceLevel => "SLEV",
        }
    }
}

/// Why an amount is paid (ExternalPurpose1Code, second quarter of 2026). Files say the first of these, or emergency relief,
/// unless the bank's profile names another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Purpose {
    /// Social security benefit: the default.
    #[serde(rename = "SSBE")]
    SocialBenefit,
    /// Unemployment or disability benefit.
    #[serde(rename = "BENE")]
    DisabilityBenefit,
    /// Pension.
    #[serde(rename = "PENS")]
    Pension,
    /// Child benefit.
    #[serde(rename = "BECH")]
    ChildBenefit,
    /// Allowance.
    #[serde(rename = "ALLW")]
    Allowance,
    /// Cash compensation for disability.
    #[serde(rename = "CCHD")]
    DisabilityCash,
    /// Victims of war.
    #[serde(rename = "GWLT")]
    WarVictims,
    /// Emergency relief.
    #[serde(rename = "ERPM")]
    EmergencyRelief,
    /// Aid after a disaster.
    #[serde(rename = "FAND")]
    DisasterAid,
    /// Several months or arrears in one amount.
    #[serde(rename = "SPSP")]
    SeveralMonths,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: &'static [Self] = &[
        Self::SocialBenefit,
        Self::DisabilityBenefit,
        Self::Pension,
        Self::ChildBenefit,
        Self::Allowance,
        Self::DisabilityCash,
        Self::WarVictims,
        Self::EmergencyRelief,
        Self::DisasterAid,
        Self::SeveralMonths,
    ];

    /// The purpose of a code.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|own| own.code() == code)
    }

    /// The ISO 20022 code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SocialBenefit => "SSBE",
            Self::DisabilityBenefit => "BENE",
            Self::Pension => "PENS",
            Self::ChildBenefit => "BECH",
            Self::Allowance => "ALLW",
            Self::DisabilityCash => "CCHD",
            Self::WarVictims => "GWLT",
            Self::EmergencyRelief => "ERPM",
            Self::DisasterAid => "FAND",
            Self::SeveralMonths => "SPSP",
        }
    }
}

/// Where the money of one instruction goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// To a bank.
    Bank(BankAddress),
    /// To the post office, which pays cash.
    Post,
}

impl Route {
    /// The channel.
    pub const fn channel(&self) -> Channel {
        match self {
            Self::Bank(_) => Channel::BankTransfer,
            Self::Post => Channel::PostCash,
        }
    }

    /// The bank's code, for a bank.
    pub fn bank_code(&self) -> Option<&str> {
        match self {
            Self::Bank(bank) => Some(&bank.code),
            Self::Post => None,
        }
    }
}

/// One order to pay, as files carry it. Built from an approved `payment_order`; texts are already in the bank's style.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instruction {
    /// Our reference (EndToEndId), from [`crate::ids::reference`]: unique for ever, the same on every resend.
    pub reference: String,
    /// UETR, from [`crate::ids::uetr`].
    pub uetr: Uuid,
    /// How much; more than zero.
    pub amount: Vnd,
    /// Where to.
    pub route: Route,
    /// Account number; for cash the number of the payee's paper of identity.
    pub account: String,
    /// The account's holder, in the bank's [`crate::name::NameStyle`].
    pub name: String,
    /// The beneficiary, in the same style, when the account is another's and the profile wants it said (UltmtCdtr).
    pub beneficiary: Option<String>,
    /// Why.
    pub purpose: Purpose,
    /// What the payee reads on the statement, in the safe set, at most 140 characters.
    pub remittance: String,
}

impl Instruction {
    /// The account as manifests hash it: `bin:account`, or `post:number` for cash.
    pub fn account_key(&self) -> String {
        match &self.route {
            Route::Bank(bank) => format!("{}:{}", bank.member_id(), self.account),
            Route::Post => format!("post:{}", self.account),
        }
    }
}

/// Whose money it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Debtor {
    /// Name, in the safe set.
    pub name: String,
    /// Account number.
    pub account: String,
    /// Bank of the account.
    pub bank: BankAddress,
}

/// What a file says once. Count and sum are known before the first line and checked after the last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileHeader {
    /// MsgId: unique for ever, from [`crate::ids::reference`].
    pub message_id: String,
    /// PmtInfId: unique for ever.
    pub payment_information_id: String,
    /// When the run was approved; written with the offset +07:00. Never the time of writing.
    pub created_at: DateTime<Utc>,
    /// The day on which the bank pays.
    pub execution_date: NaiveDate,
    /// Number of lines.
    pub count: u64,
    /// Sum of the lines.
    pub sum: Vnd,
    /// Who sends the file, in the safe set.
    pub initiating_party: String,
    /// Whose account is debited.
    pub debtor: Debtor,
}

/// The day a bank can execute: the pay date, or the day of approval if that is later, because banks refuse a date in
/// the past (DT01).
pub fn execution_date(pay_date: NaiveDate, approved_at: DateTime<Utc>) -> NaiveDate {
    pay_date.max(in_vietnam(approved_at).date())
}

/// An instant on the clocks of Vietnam, +07:00 all year.
pub(crate) fn in_vietnam(at: DateTime<Utc>) -> NaiveDateTime {
    let utc = at.naive_utc();
    utc.checked_add_signed(TimeDelta::hours(7)).unwrap_or(utc)
}
