//! Banks and wallets of Vietnam, and what each takes. The table is data (`catalogue/banks.csv`, from the public package
//! vietnam-qr-pay 1.5.1, MIT), and so are the profiles (`catalogue/bank_profiles.json`).

mod answers;
mod cut_off;
mod encoding;
mod fault;
mod layout;
mod layout_fault;
mod payer;
mod post;
mod profile;
#[cfg(test)]
mod tests;
mod told;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::payment_file::{BankAddress, is_sbv_code};

pub use answers::{READABLE, ReadingMode};
pub use cut_off::CutOff;
pub use encoding::NotInEncoding;
pub use fault::{Expected, ProfileFault};
pub use layout::{
    Column, ColumnField, Delimiter, Encoding, LineBreak, ResultColumns, ResultLayout, ResultMeaning, TableLayout,
};
pub use payer::Payer;
pub use profile::{BankProfile, BankProfiles, FileFormat, SameAccount};
pub use told::UltimateCreditor;

pub(crate) use answers::{ISO, last_part, lists};

const TABLE: &str = include_str!("../catalogue/banks.csv");

/// A bank or wallet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bank {
    /// Stable short code, that of VietQR (`AGRIBANK`, `VCB`).
    pub code: String,
    /// BIN at NAPAS, six digits; one bank has none.
    pub bin: Option<String>,
    /// Name people know.
    pub short_name: String,
    /// Registered name.
    pub name: String,
    /// BIC as listed, for information; see [`Bank::usable_bic`].
    pub bic: Option<String>,
    /// Code at the State Bank, eight digits; the table in the program knows none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sbv_code: Option<String>,
    /// Merged or renamed: no new account should name it.
    pub deprecated: bool,
    /// Rank in VietQR: 1 transfers, 0 reads only, -1 not linked.
    pub vietqr_status: i32,
}

impl Bank {
    /// The BIC, if it is one of a bank in Vietnam; a list can hold a wrong one.
    pub fn usable_bic(&self) -> Option<&str> {
        self.bic
            .as_deref()
            .filter(|bic| matches!(bic.len(), 8 | 11) && bic.get(4..6) == Some("VN"))
    }

    /// How files address the bank.
    pub fn address(&self) -> BankAddress {
        BankAddress {
            code: self.code.clone(),
            bin: self.bin.clone(),
            bic: self.usable_bic().map(str::to_owned),
            sbv_code: self.sbv_code.clone(),
        }
    }
}

/// A fault in the embedded catalogue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BankCatalogueError {
    /// The table cannot be read.
    #[error("catalogue/banks.csv: {0}")]
    Table(String),
    /// The profiles cannot be read.
    #[error("catalogue/bank_profiles.json: {0}")]
    Profiles(String),
}

/// Every bank, by code and by BIN.
#[derive(Clone, Debug)]
pub struct BankTable {
    banks: BTreeMap<String, Bank>,
    bins: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Row {
    bin: String,
    short_name: String,
    full_name: String,
    swift_bic: String,
    vietqr_code: String,
    vietqr_status: i32,
    deprecated: String,
    /// A column that a table may have.
    #[serde(default)]
    sbv_code: String,
}

static EMBEDDED: LazyLock<Result<BankTable, BankCatalogueError>> = LazyLock::new(|| BankTable::parse(TABLE));

impl BankTable {
    /// The table in the program.
    pub fn embedded() -> Result<&'static Self, BankCatalogueError> {
        EMBEDDED.as_ref().map_err(Clone::clone)
    }

    /// Reads a table. Where a code or a BIN stands twice the live row wins over the deprecated one, then the higher
    /// VietQR rank, then the first code in byte order; the order of the rows does not matter.
    pub fn parse(text: &str) -> Result<Self, BankCatalogueError> {
        let mut banks: BTreeMap<String, Bank> = BTreeMap::new();
        for row in csv::Reader::from_reader(text.as_bytes()).deserialize() {
            let row: Row = row.map_err(|e| BankCatalogueError::Table(e.to_string()))?;
            let some = |text: String| (!text.is_empty()).then_some(text);
            let bank = Bank {
                code: row.vietqr_code,
                bin: some(row.bin),
                short_name: row.short_name,
                name: row.full_name,
                bic: some(row.swift_bic),
                sbv_code: some(row.sbv_code),
                deprecated: row.deprecated == "yes",
                vietqr_status: row.vietqr_status,
            };
            if let Some(code) = bank.sbv_code.as_deref().filter(|code| !is_sbv_code(code)) {
                return Err(BankCatalogueError::Table(format!(
                    "{}: {code} is no code at the State Bank",
                    bank.code
                )));
            }
            match banks.get(&bank.code) {
                Some(other) if precedence(other) <= precedence(&bank) => {}
                _ => {
                    banks.insert(bank.code.clone(), bank);
                }
            }
        }
        let mut bins: BTreeMap<String, String> = BTreeMap::new();
        for bank in banks.values() {
            let Some(bin) = &bank.bin else { continue };
            let better = match bins.get(bin).and_then(|code| banks.get(code)) {
                Some(other) => precedence(bank) < precedence(other),
                None => true,
            };
            if better {
                bins.insert(bin.clone(), bank.code.clone());
            }
        }
        Ok(Self { banks, bins })
    }

    /// The bank of a code, deprecated ones too.
    pub fn by_code(&self, code: &str) -> Option<&Bank> {
        self.banks.get(code)
    }

    /// The one bank a BIN means today.
    pub fn by_bin(&self, bin: &str) -> Option<&Bank> {
        self.bins.get(bin).and_then(|code| self.banks.get(code))
    }

    /// The bank that pays for a code today: for a renamed or merged bank the one that took over its BIN.
    pub fn current(&self, code: &str) -> Option<&Bank> {
        let bank = self.by_code(code)?;
        Some(bank.bin.as_deref().and_then(|bin| self.by_bin(bin)).unwrap_or(bank))
    }

    /// Every code of the bank that pays for this one today, in the order of their bytes: its own, and those of the
    /// banks that it took over. A code of no bank stands for itself.
    pub fn codes_of<'c>(&'c self, code: &'c str) -> Vec<&'c str> {
        let Some(today) = self.current(code) else {
            return vec![code];
        };
        let same = |own: &str| self.current(own).is_some_and(|bank| bank.code == today.code);
        let codes = self.banks.keys().map(String::as_str);
        codes.filter(|own| same(own)).collect()
    }

    /// Every bank in the order of its code's bytes.
    pub fn iter(&self) -> impl Iterator<Item = &Bank> {
        self.banks.values()
    }
}

/// Smaller comes first.
fn precedence(bank: &Bank) -> (bool, i32, &str, &str) {
    (bank.deprecated, -bank.vietqr_status, &bank.code, &bank.short_name)
}
