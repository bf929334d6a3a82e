//! In which version and dress a bank writes its messages.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use crate::Vnd;
use crate::payment_file::Xml;

/// Versions of pain.002.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum StatusVersion {
    /// pain.002.001.03 of 2009: no UETR.
    #[serde(rename = "pain.002.001.03")]
    V03,
    /// pain.002.001.10 of 2019.
    #[default]
    #[serde(rename = "pain.002.001.10")]
    V10,
}

impl StatusVersion {
    /// The message's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V03 => "pain.002.001.03",
            Self::V10 => "pain.002.001.10",
        }
    }

    pub(super) fn knows_uetr(self) -> bool {
        self == Self::V10
    }
}

/// Versions of camt.053 and camt.054.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum AccountVersion {
    /// 2009: no UETR, the amount of a line inside its details.
    #[serde(rename = "02")]
    V02,
    /// 2013: no UETR.
    #[serde(rename = "04")]
    V04,
    /// 2019.
    #[default]
    #[serde(rename = "08")]
    V08,
}

impl AccountVersion {
    const fn number(self) -> &'static str {
        match self {
            Self::V02 => "02",
            Self::V04 => "04",
            Self::V08 => "08",
        }
    }
}

/// How a bank names the message it writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dress {
    /// By the namespace of ISO 20022.
    #[default]
    Iso,
    /// By that of a national profile, as the Swiss banks do.
    National,
    /// Not at all.
    Bare,
    /// By that of ISO 20022, behind a byte-order mark.
    Marked,
}

/// In which style a bank writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Version of pain.002.
    pub status: StatusVersion,
    /// Version of camt.
    pub account: AccountVersion,
    /// A statement (camt.053), not a notification (camt.054).
    pub statement: bool,
    /// How the message is named.
    pub dress: Dress,
    /// pain.002: why the whole file has its status.
    pub group_reason: Option<String>,
    /// camt.053: what it says it took in all; it has no summary if none.
    pub debits: Option<Vnd>,
}

impl Style {
    /// Declaration and root of a message.
    pub(super) fn begin<W: Write>(&self, out: &mut W, xml: &mut Xml, message: &str) -> io::Result<()> {
        match self.dress {
            Dress::Iso => xml.document(message),
            Dress::National => xml.document_in(Some(&format!("http://bank.example/xsd/{message}.vn.01.xsd"))),
            Dress::Bare => xml.document_in(None),
            Dress::Marked => {
                out.write_all("\u{feff}".as_bytes())?;
                xml.document(message)
            }
        }
    }

    /// The message's element and the part below it that holds the entries.
    pub(super) const fn account_parts(&self) -> (&'static str, &'static str) {
        if self.statement {
            ("BkToCstmrStmt", "Stmt")
        } else {
            ("BkToCstmrDbtCdtNtfctn", "Ntfctn")
        }
    }

    pub(super) fn account_message(&self) -> String {
        let kind = if self.statement { "053" } else { "054" };
        format!("camt.{kind}.001.{}", self.account.number())
    }
}

/// One debit over a whole batch, without its lines; or one credit, where it is given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchDebit {
    /// What was taken from our account, or given back.
    pub sum: Vnd,
    /// Is it given back?
    pub back: bool,
    /// For how many orders.
    pub count: usize,
}
