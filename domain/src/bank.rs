//! Banks and wallets of Vietnam, and what each takes. The table is data (`catalogue/banks.csv`, from the public package
//! vietnam-qr-pay 1.5.1, MIT), and so are the profiles (`catalogue/bank_profiles.json`).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::Vnd;
use crate::name::NameStyle;
use crate::payment_file::{AgentAddress, BankAddress, ChargeBearer, Pain001};

const TABLE: &str = include_str!("../catalogue/banks.csv");
const PROFILES: &str = include_str!("../catalogue/bank_profiles.json");

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
                deprecated: row.deprecated == "yes",
                vietqr_status: row.vietqr_status,
            };
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

    /// Every bank in the order of its code's bytes.
    pub fn iter(&self) -> impl Iterator<Item = &Bank> {
        self.banks.values()
    }
}

/// Smaller comes first.
fn precedence(bank: &Bank) -> (bool, i32, &str, &str) {
    (bank.deprecated, -bank.vietqr_status, &bank.code, &bank.short_name)
}

/// What a bank takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BankProfile {
    /// The message it reads.
    pub format: Pain001,
    /// Most lines in a file.
    pub max_lines: u32,
    /// Most bytes in a file; no limit if none.
    pub max_bytes: Option<u64>,
    /// Most đồng in a file; no limit if none.
    pub max_file_amount: Option<Vnd>,
    /// Most đồng in a line; no limit if none.
    pub max_line_amount: Option<Vnd>,
    /// How it wants names.
    pub name_style: NameStyle,
    /// Longest name, in characters.
    pub max_name: usize,
    /// How the payee's bank is addressed.
    pub agent: AgentAddress,
    /// Who bears the charges.
    pub charge_bearer: ChargeBearer,
    /// One debit for the whole batch.
    pub batch_booking: bool,
    /// Where the values come from.
    pub note: String,
}

impl BankProfile {
    /// A name as the bank wants it.
    pub fn name(&self, name: &str) -> String {
        self.name_style.render(name, self.max_name)
    }
}

/// The profile of every bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankProfiles {
    default: BankProfile,
    banks: BTreeMap<String, BankProfile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfilesFile {
    #[serde(rename = "version")]
    _version: u32,
    default: serde_json::Map<String, serde_json::Value>,
    banks: BTreeMap<String, serde_json::Map<String, serde_json::Value>>,
}

static PROFILES_EMBEDDED: LazyLock<Result<BankProfiles, BankCatalogueError>> =
    LazyLock::new(|| BankProfiles::parse(PROFILES));

impl BankProfiles {
    /// The profiles in the program.
    pub fn embedded() -> Result<&'static Self, BankCatalogueError> {
        PROFILES_EMBEDDED.as_ref().map_err(Clone::clone)
    }

    /// Reads profiles: a bank's entry names only what differs from the default.
    pub fn parse(text: &str) -> Result<Self, BankCatalogueError> {
        let refused = |e: serde_json::Error| BankCatalogueError::Profiles(e.to_string());
        let file: ProfilesFile = serde_json::from_str(text).map_err(refused)?;
        let whole = |own: serde_json::Map<String, serde_json::Value>| {
            let mut fields = file.default.clone();
            fields.extend(own);
            serde_json::from_value(serde_json::Value::Object(fields)).map_err(refused)
        };
        let default = whole(serde_json::Map::new())?;
        let mut banks = BTreeMap::new();
        for (code, own) in file.banks {
            banks.insert(code, whole(own)?);
        }
        Ok(Self { default, banks })
    }

    /// The profile of a bank, or the default.
    pub fn of(&self, code: &str) -> &BankProfile {
        self.banks.get(code).unwrap_or(&self.default)
    }

    /// The profile of every bank without one of its own.
    pub const fn default_profile(&self) -> &BankProfile {
        &self.default
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_resolves_every_duplicate_the_same_way() {
        let table = BankTable::embedded().unwrap();
        assert_eq!(table.iter().count(), 61);
        for (bin, code) in [
            ("970406", "VIKKI"),
            ("970414", "MBV"),
            ("970449", "LPB"),
            ("970405", "AGRIBANK"),
        ] {
            assert_eq!(table.by_bin(bin).unwrap().code, code);
        }
        assert_eq!(table.by_code("LPB").unwrap().short_name, "LPBank");
        assert_eq!(table.current("OCEANBANK").unwrap().code, "MBV");
        assert_eq!(table.current("BIDC").unwrap().bin, None);
        assert!(table.by_bin("000000").is_none());

        let mut lines: Vec<&str> = TABLE.lines().collect();
        lines[1..].reverse();
        let reversed = BankTable::parse(&lines.join("\n")).unwrap();
        assert!(table.iter().eq(reversed.iter()) && table.bins == reversed.bins);
    }

    #[test]
    fn a_bic_of_another_country_is_not_used() {
        let table = BankTable::embedded().unwrap();
        assert_eq!(table.by_code("MBV").unwrap().usable_bic(), None);
        assert_eq!(table.by_code("BID").unwrap().usable_bic(), Some("BIDVVNVX"));
    }

    #[test]
    fn profiles_name_only_what_differs() {
        let profiles = BankProfiles::embedded().unwrap();
        assert_eq!(profiles.of("ACB").max_lines, 5000);
        assert_eq!(profiles.of("AGRIBANK").max_name, 70);
        assert_eq!(profiles.of("AGRIBANK").format, Pain001::V09);
        assert_eq!(profiles.of("MOMO").format, Pain001::V03);
        let table = BankTable::embedded().unwrap();
        assert!(profiles.banks.keys().all(|code| table.by_code(code).is_some()));
        let misspelt = PROFILES.replace("\"max_name\": 70", "\"max_nmae\": 70");
        assert!(matches!(
            BankProfiles::parse(&misspelt),
            Err(BankCatalogueError::Profiles(_))
        ));
    }
}
