//! What each bank takes: form, columns, limits, names, the account that pays. All of it is data that the installation
//! may replace.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::answers::{self, readable};
use super::payer::{self, Payer};
use super::told::{self, UltimateCreditor};
use super::{BankCatalogueError, ColumnField, CutOff, ProfileFault, ReadingMode, ResultLayout, TableLayout};
use crate::Vnd;
use crate::name::NameStyle;
use crate::payment_file::{AgentAddress, ChargeBearer, ClearingCode, Pain001, Purpose, is_sbv_code};

const PROFILES: &str = include_str!("../../catalogue/bank_profiles.json");

/// Fewest bytes that a limit may ask for: a workbook without a line has about half of it.
const BYTES_MIN: u64 = 20_000;

/// The form of a payment file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FileFormat {
    /// pain.001.001.03 of 2009.
    #[serde(rename = "pain.001.001.03")]
    Pain001V03,
    /// pain.001.001.09 of 2019.
    #[serde(rename = "pain.001.001.09")]
    Pain001V09,
    /// A workbook of Office Open XML.
    #[serde(rename = "xlsx")]
    Xlsx,
    /// Comma-separated values (RFC 4180), in the layout's encoding.
    #[serde(rename = "csv")]
    Csv,
}

impl FileFormat {
    /// The stable name, as manifests have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pain001V03 => Pain001::V03.name(),
            Self::Pain001V09 => Pain001::V09.name(),
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
        }
    }

    /// The version, for a message of ISO 20022.
    pub const fn message(self) -> Option<Pain001> {
        match self {
            Self::Pain001V03 => Some(Pain001::V03),
            Self::Pain001V09 => Some(Pain001::V09),
            Self::Xlsx | Self::Csv => None,
        }
    }

    /// How the names of such files end.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Pain001V03 | Self::Pain001V09 => "xml",
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
        }
    }
}

/// What to do with several orders on one account, as where a guardian receives for two people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SameAccount {
    /// All lines of a run to one account are one order.
    #[default]
    Merge,
    /// Each beneficiary's lines are an order of their own, and an account never stands twice in a file: the second order
    /// goes into another one.
    Split,
}

/// What a bank takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BankProfile {
    /// The form it reads.
    pub format: FileFormat,
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
    /// By which code a member id names a bank.
    #[serde(default, skip_serializing_if = "ClearingCode::is_bin")]
    pub clearing_code: ClearingCode,
    /// The bank's own code at the State Bank, eight digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sbv_code: Option<String>,
    /// Who bears the charges.
    pub charge_bearer: ChargeBearer,
    /// One debit for the whole batch.
    pub batch_booking: bool,
    /// Several orders on one account.
    #[serde(default)]
    pub same_account: SameAccount,
    /// The columns, for `xlsx` and `csv`.
    #[serde(default)]
    pub table: Option<TableLayout>,
    /// The table it answers with, if it answers with one.
    #[serde(default)]
    pub result: Option<ResultLayout>,
    /// The account that pays through this bank's files.
    pub debtor: Payer,
    /// The account that pays instead what is drawn on a fund, by the code of the fund: a donation is not debited where the
    /// province's budget is.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub debtor_accounts: BTreeMap<String, Payer>,
    /// What is said of the beneficiary where the account is another's.
    #[serde(default, skip_serializing_if = "UltimateCreditor::is_none")]
    pub ultimate_creditor: UltimateCreditor,
    /// Purposes by the code of a benefit, or by the kind of a run (`arrears_only`) where that has none or an order pays
    /// several; otherwise `SSBE`, and `ERPM` for relief.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub purposes: BTreeMap<String, Purpose>,
    /// From this time of day on the bank executes the day after; the calendar's time if none.
    #[serde(default)]
    pub cut_off: Option<CutOff>,
    /// The messages it answers with: names of ISO 20022 (`pain.002.001.10`), or whole namespaces of a national profile of
    /// them. Everything that is read, if nothing is said.
    #[serde(default = "readable")]
    pub answers: Vec<String>,
    /// How its answers are read where whoever brings one does not say.
    #[serde(default)]
    pub reading: ReadingMode,
    /// Where the values come from.
    pub note: String,
}

impl BankProfile {
    /// A name as the bank wants it.
    pub fn name(&self, name: &str) -> String {
        self.name_style.render(name, self.max_name)
    }

    /// The account that pays what is drawn on a fund.
    pub fn debtor_of(&self, fund: &str) -> &Payer {
        self.debtor_accounts.get(fund).unwrap_or(&self.debtor)
    }

    /// Is it paid from this account, whatever the fund?
    pub fn pays_from(&self, account: &str) -> bool {
        let mut payers = std::iter::once(&self.debtor).chain(self.debtor_accounts.values());
        payers.any(|payer| payer.account == account)
    }

    /// Does another profile name the same accounts to pay from?
    pub fn pays_as(&self, other: &Self) -> bool {
        (&self.debtor, &self.debtor_accounts) == (&other.debtor, &other.debtor_accounts)
    }

    /// The purpose of an order that a run of this kind pays; `benefit` is its one benefit, if it has no other.
    pub fn purpose(&self, run_kind: &str, benefit: Option<&str>) -> Option<Purpose> {
        let own = benefit.and_then(|benefit| self.purposes.get(benefit));
        own.or_else(|| self.purposes.get(run_kind)).copied()
    }

    /// Everything that would keep files from being written, or answers from being read.
    pub fn faults(&self) -> Vec<ProfileFault> {
        let mut faults = Vec::new();
        let mut found = |pointer: &str, code| {
            faults.push(ProfileFault::at(pointer, code));
        };
        if self.max_lines == 0 {
            found("/max_lines", "range");
        }
        if self.max_bytes.is_some_and(|most| most < BYTES_MIN) {
            found("/max_bytes", "range");
        }
        for (pointer, limit) in [
            ("/max_file_amount", self.max_file_amount),
            ("/max_line_amount", self.max_line_amount),
        ] {
            if limit.is_some_and(|most| most <= Vnd::ZERO) {
                found(pointer, "range");
            }
        }
        if !(1..=140).contains(&self.max_name) {
            found("/max_name", "range");
        }
        if self.sbv_code.as_deref().is_some_and(|code| !is_sbv_code(code)) {
            found("/sbv_code", "sbv_code");
        }
        self.debtor.faults("/debtor", &mut found);
        payer::of_funds(&self.debtor_accounts, &mut found);
        told::faults(&self.purposes, &mut found);
        match (&self.table, self.format.message()) {
            (None, None) => found("/table", "missing"),
            (Some(_), Some(_)) => found("/table", "not_for_messages"),
            (Some(table), None) => table_faults(table, &mut found),
            (None, Some(_)) => {}
        }
        if let Some(result) = &self.result {
            result_faults(result, &mut found);
        }
        answers::faults(&self.answers, &mut found);
        faults
    }
}

fn table_faults(table: &TableLayout, found: &mut impl FnMut(&str, &'static str)) {
    let of = |field| table.columns.iter().any(|column| column.field == field);
    if !of(ColumnField::Amount) || !of(ColumnField::Account) {
        found("/table/columns", "missing");
    }
    // Without our reference no answer could ever be matched.
    if !of(ColumnField::Reference) && !of(ColumnField::Remittance) {
        found("/table/columns", "reference_missing");
    }
    if table.columns.len() > 100 || table.header_rows.len() > 100 {
        found("/table/columns", "too_many");
    }
    let mut headings = BTreeSet::new();
    for (place, column) in table.columns.iter().enumerate() {
        let pointer = format!("/table/columns/{place}/heading");
        if column.heading.trim().is_empty() || column.heading.chars().count() > 100 {
            found(&pointer, "length");
        } else if !headings.insert(column.heading.trim()) {
            found(&pointer, "twice");
        }
        if !(1..=255).contains(&column.width) {
            found(&format!("/table/columns/{place}/width"), "range");
        }
    }
    // What Excel allows in the name of a sheet.
    let sheet = &table.sheet;
    let forbidden = ['[', ']', ':', '*', '?', '/', '\\', '\''];
    if sheet.trim().is_empty() || sheet.chars().count() > 31 || sheet.contains(forbidden) {
        found("/table/sheet", "sheet_name");
    }
}

fn result_faults(result: &ResultLayout, found: &mut impl FnMut(&str, &'static str)) {
    if result.columns.needed().any(|heading| heading.trim().is_empty()) {
        found("/result/columns", "missing");
    }
    let columns = &result.columns;
    let own = [&columns.reference, &columns.account, &columns.amount, &columns.status];
    if own.iter().collect::<BTreeSet<_>>().len() < own.len() {
        found("/result/columns", "twice");
    }
    if result.statuses.is_empty() {
        found("/result/statuses", "missing");
    }
    let alike: BTreeSet<String> = result
        .statuses
        .keys()
        .map(|word| crate::name::search_key(word))
        .collect();
    if alike.len() < result.statuses.len() || result.statuses.keys().any(|word| word.trim().is_empty()) {
        found("/result/statuses", "twice");
    }
    if result.thousands.is_some_and(|sign| !matches!(sign, '.' | ',' | ' ')) {
        found("/result/thousands", "sign");
    }
}

/// The profile of every bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankProfiles {
    default: BankProfile,
    post: Option<ResultLayout>,
    pub(super) banks: BTreeMap<String, BankProfile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfilesFile {
    #[serde(rename = "version")]
    _version: u32,
    default: Map<String, Value>,
    #[serde(default)]
    post: Option<PostProfile>,
    banks: BTreeMap<String, Map<String, Value>>,
}

/// What the post office answers with.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PostProfile {
    result: ResultLayout,
    #[serde(rename = "note")]
    _note: String,
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
        let whole = |own: Map<String, Value>| {
            let mut fields = file.default.clone();
            fields.extend(own);
            serde_json::from_value(Value::Object(fields)).map_err(refused)
        };
        let default = whole(Map::new())?;
        let mut banks = BTreeMap::new();
        for (code, own) in file.banks {
            banks.insert(code, whole(own)?);
        }
        Ok(Self {
            default,
            post: file.post.map(|post| post.result),
            banks,
        })
    }

    /// The profile of a bank, or the default.
    pub fn of(&self, code: &str) -> &BankProfile {
        self.banks.get(code).unwrap_or(&self.default)
    }

    /// The name under which the post office's table stands beside those of banks.
    pub const POST: &str = "POST";

    /// The table in which the post office answers: its cash list, filled in.
    pub const fn post_result(&self) -> Option<&ResultLayout> {
        self.post.as_ref()
    }

    /// The profile of every bank without one of its own.
    pub const fn default_profile(&self) -> &BankProfile {
        &self.default
    }

    /// The profiles that banks have of their own, by code.
    pub fn own(&self) -> impl Iterator<Item = (&str, &BankProfile)> {
        self.banks.iter().map(|(code, profile)| (code.as_str(), profile))
    }

    /// Puts a profile in the place of a bank's, or, without a code, of the default.
    pub fn replace(&mut self, code: Option<&str>, profile: BankProfile) {
        match code {
            Some(code) => {
                self.banks.insert(code.to_owned(), profile);
            }
            None => self.default = profile,
        }
    }

    /// Reads the profile of a bank from JSON that names what differs from the default.
    ///
    /// # Errors
    /// The place that cannot be read, or everything that is wrong with the profile.
    pub fn read(&self, own: &Value) -> Result<BankProfile, Vec<ProfileFault>> {
        let Value::Object(own) = own else {
            return Err(vec![ProfileFault::no_object()]);
        };
        let Ok(Value::Object(mut fields)) = serde_json::to_value(&self.default) else {
            return Err(vec![ProfileFault::at("", "unreadable")]);
        };
        fields.extend(own.clone());
        let profile: BankProfile = serde_path_to_error::deserialize(Value::Object(fields))
            .map_err(|error| vec![ProfileFault::unreadable(&error)])?;
        let faults = profile.faults();
        if faults.is_empty() { Ok(profile) } else { Err(faults) }
    }
}
