//! What each bank takes: form, columns, limits, names, the account that pays. All of it is data that the installation
//! may replace.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::answers::{self, readable};
use super::layout_fault;
use super::payer::{self, Payer};
use super::post;
use super::told::{self, UltimateCreditor};
use super::{BankCatalogueError, CutOff, Encoding, ProfileFault, ReadingMode, ResultLayout, TableLayout};
use crate::Vnd;
use crate::by_name::ByName;
use crate::name::NameStyle;
use crate::payment_file::{AgentAddress, ChargeBearer, ClearingCode, Pain001, Purpose, is_sbv_code};

const PROFILES: &str = include_str!("../../catalogue/bank_profiles.json");

/// Fewest bytes that a limit may ask for: a workbook without a line has about half of it.
const BYTES_MIN: u64 = 20_000;

/// Most lines that a profile may let into a file, several times what the province pays in a month: a file is held in
/// memory whole where it is checked and written, and a million lines of pain.001 are about 600 MB.
const LINES_MAX: u32 = 1_000_000;

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
    /// Most lines in a file, 1 to 1,000,000.
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
    /// Purposes: of an order that pays several months or arrears in one amount (`several_months`); of others by the code of a
    /// benefit, or by the kind of a run (`arrears_only`) where that has none or an order pays several; otherwise `SSBE`, and
    /// `ERPM` for relief.
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

    /// The encoding of its payment files.
    pub fn encoding(&self) -> Encoding {
        match (&self.table, self.format) {
            (Some(table), FileFormat::Csv) => table.encoding,
            _ => Encoding::Utf8,
        }
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

    /// The purpose of an order that a run of this kind pays; `benefit` is its one benefit, if it has no other. What pays
    /// `several_months`, or arrears, in one amount is of that purpose first.
    pub fn purpose(&self, run_kind: &str, benefit: Option<&str>, several_months: bool) -> Option<Purpose> {
        let several = Some(told::SEVERAL_MONTHS).filter(|_| several_months);
        let own = several.and_then(|key| self.purposes.get(key));
        let own = own.or_else(|| benefit.and_then(|benefit| self.purposes.get(benefit)));
        own.or_else(|| self.purposes.get(run_kind)).copied()
    }

    /// Everything that would keep files from being written, or answers from being read.
    pub fn faults(&self) -> Vec<ProfileFault> {
        let mut faults = Vec::new();
        if !(1..=LINES_MAX).contains(&self.max_lines) {
            faults.push(ProfileFault::beyond("/max_lines", 1, LINES_MAX));
        }
        let mut found = |pointer: &str, code| {
            faults.push(ProfileFault::at(pointer, code));
        };
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
            (Some(table), None) => {
                layout_fault::of_table(table, self.encoding(), &mut found);
            }
            (None, Some(_)) => {}
        }
        if let Some(result) = &self.result {
            layout_fault::of_result(result, &mut found);
        }
        answers::faults(&self.answers, &mut found);
        faults
    }
}

/// The profile of every bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankProfiles {
    default: BankProfile,
    post: Option<BankProfile>,
    pub(super) banks: BTreeMap<String, BankProfile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfilesFile {
    #[serde(rename = "version")]
    _version: u32,
    default: Map<String, Value>,
    #[serde(default)]
    post: Option<Map<String, Value>>,
    banks: BTreeMap<String, Map<String, Value>>,
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
            post: file.post.map(whole).transpose()?,
            banks,
        })
    }

    /// The profile of a bank or of the post office ([`Self::POST`]), or the default.
    pub fn of(&self, code: &str) -> &BankProfile {
        let own = if code == Self::POST {
            self.post.as_ref()
        } else {
            self.banks.get(code)
        };
        own.unwrap_or(&self.default)
    }

    /// The name under which the post office's profile stands beside those of banks.
    pub const POST: &str = "POST";

    /// Cash is paid from the accounts of the default, as long as nobody has said otherwise.
    pub fn post_pays_as_default(&mut self) {
        if let Some(post) = &mut self.post {
            post.debtor = self.default.debtor.clone();
            post.debtor_accounts = self.default.debtor_accounts.clone();
        }
    }

    /// The table in which the post office answers: its cash list, filled in.
    pub fn post_result(&self) -> Option<&ResultLayout> {
        self.post.as_ref()?.result.as_ref()
    }

    /// The profile of every bank without one of its own.
    pub const fn default_profile(&self) -> &BankProfile {
        &self.default
    }

    /// The profiles that banks have of their own, by code.
    pub fn own(&self) -> impl Iterator<Item = (&str, &BankProfile)> {
        self.banks.iter().map(|(code, profile)| (code.as_str(), profile))
    }

    /// Puts a profile in the place of a bank's or the post office's, or, without a code, of the default.
    pub fn replace(&mut self, code: Option<&str>, profile: BankProfile) {
        match code {
            Some(Self::POST) => self.post = Some(profile),
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
        let profile = over(&self.default, own)?;
        let mut faults = profile.faults();
        faults.extend(post::of_bank(&profile));
        if faults.is_empty() { Ok(profile) } else { Err(faults) }
    }

    /// Reads the profile of the post office from JSON that names what differs from the one that it has.
    ///
    /// # Errors
    /// As [`Self::read`], and whatever a list of cash can't be.
    pub fn read_post(&self, own: &Value) -> Result<BankProfile, Vec<ProfileFault>> {
        let profile = over(self.of(Self::POST), own)?;
        let mut faults = profile.faults();
        faults.extend(post::of_post(&profile));
        if faults.is_empty() { Ok(profile) } else { Err(faults) }
    }
}

/// A profile with other values in some of its fields.
fn over(base: &BankProfile, own: &Value) -> Result<BankProfile, Vec<ProfileFault>> {
    let Value::Object(own) = own else {
        return Err(vec![ProfileFault::no_object()]);
    };
    let Ok(Value::Object(mut fields)) = serde_json::to_value(base) else {
        return Err(vec![ProfileFault::at("", "unreadable")]);
    };
    fields.extend(own.clone());
    serde_path_to_error::deserialize(ByName(&Value::Object(fields)))
        .map_err(|error| vec![ProfileFault::unreadable(&error)])
}
