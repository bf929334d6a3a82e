//! A payment file with its manifest, looked at as a bank does before it takes anything.

use std::path::PathBuf;

use chrono::NaiveDate;
use domain::Vnd;
use domain::bank::{BankProfiles, FileFormat};
use domain::bank_simulator::{BankFile, TableHead};
use domain::payment_file::{Channel, Manifest};
use sha2::{Digest, Sha256};

/// A file that is what its manifest says.
pub(crate) struct Parcel {
    /// Its id at the API, where it came from there.
    pub(super) id: Option<String>,
    /// Its place, where it lies in a folder.
    pub(super) place: Option<PathBuf>,
    /// When it was put down there.
    pub(super) put_down: Option<String>,
    /// Its name.
    pub(super) name: String,
    /// SHA-256 of its bytes.
    pub(super) sha256: String,
    /// What the bank reads in it.
    pub(crate) file: BankFile,
    /// The day it was made, by its manifest.
    pub(crate) made_on: NaiveDate,
    bank: String,
    sum: i64,
}

/// One row of what a person sees.
pub(super) struct ParcelRow {
    pub(super) name: String,
    pub(super) bank: String,
    pub(super) orders: usize,
    pub(super) sum: i64,
}

/// Why a file is not taken, in both languages.
pub(crate) type Refusal = (String, String);

impl Parcel {
    /// Looks at a file: hash, size, count and sum are those of the manifest, which came by another road.
    /// A table is read by the profile of its bank.
    pub(crate) fn check(
        id: Option<String>,
        manifest: &Manifest,
        bytes: &[u8],
        profiles: &BankProfiles,
    ) -> Result<Self, Refusal> {
        let differs = |what: &str| {
            (
                format!("{what} khác với tệp kê khai"),
                format!("{what} is not that of the manifest"),
            )
        };
        let sha256 = hex::encode(Sha256::digest(bytes));
        if sha256 != manifest.sha256 {
            return Err(differs("SHA-256"));
        }
        if u64::try_from(bytes.len()).ok() != Some(manifest.bytes) {
            return Err(differs("bytes"));
        }
        let file = match manifest.channel {
            Some(Channel::PostCash) => cash_list(manifest, bytes, profiles)?,
            Some(Channel::BankTransfer) if is_table(&manifest.format) => table(manifest, bytes, profiles)?,
            Some(Channel::BankTransfer) => {
                BankFile::read(bytes).map_err(|fault| (fault.to_string(), fault.to_string()))?
            }
            None => {
                return Err((
                    "tệp không phải lệnh chi".to_owned(),
                    "the file orders no payments".to_owned(),
                ));
            }
        };
        if u64::try_from(file.orders.len()).ok() != manifest.count {
            return Err(differs("count"));
        }
        let made_on = manifest.created_at.get(..10).and_then(|day| day.parse().ok());
        let sum: i64 = file.orders.iter().map(|order| order.amount.dong()).sum();
        if Some(sum) != manifest.sum.map(Vnd::dong) {
            return Err(differs("sum"));
        }
        Ok(Self {
            id,
            place: None,
            put_down: None,
            name: manifest.file.clone(),
            sha256,
            file,
            made_on: made_on.unwrap_or(manifest.execution_date),
            bank: manifest.bank.clone().unwrap_or_else(|| "bưu điện".to_owned()),
            sum,
        })
    }

    /// What a person sees of it.
    pub(super) fn row(self) -> ParcelRow {
        ParcelRow {
            name: self.name,
            bank: self.bank,
            orders: self.file.orders.len(),
            sum: self.sum,
        }
    }
}

/// Is a file of this form a table, to be read by its bank's profile?
pub(super) fn is_table(format: &str) -> bool {
    [FileFormat::Csv, FileFormat::Xlsx]
        .iter()
        .any(|own| own.name() == format)
}

fn cash_list(manifest: &Manifest, bytes: &[u8], profiles: &BankProfiles) -> Result<BankFile, Refusal> {
    // A list bears no id of its own: run and name are unique for ever, and short names are easier on the eye.
    let head = TableHead {
        id: format!("CASH-{}", manifest.sha256.get(..16).unwrap_or(&manifest.sha256)),
        execution_date: manifest.execution_date,
    };
    BankFile::read_cash_list_of(bytes, head, profiles.of(BankProfiles::POST))
        .map_err(|fault| (fault.to_string(), fault.to_string()))
}

fn table(manifest: &Manifest, bytes: &[u8], profiles: &BankProfiles) -> Result<BankFile, Refusal> {
    let (Some(bank), Some(id)) = (&manifest.bank, &manifest.message_id) else {
        return Err((
            "tệp kê khai không nêu ngân hàng hoặc mã tệp".to_owned(),
            "the manifest names no bank or no id of the file".to_owned(),
        ));
    };
    let profile = profiles.of(bank);
    if profile.format.name() != manifest.format {
        return Err((
            format!(
                "mẫu của {bank} là {}, tệp là {}",
                profile.format.name(),
                manifest.format
            ),
            format!(
                "the profile of {bank} takes {}, the file is {}: give the right one by --profiles",
                profile.format.name(),
                manifest.format
            ),
        ));
    }
    let head = TableHead {
        id: id.clone(),
        execution_date: manifest.execution_date,
    };
    BankFile::read_table(bytes, head, profile).map_err(|fault| (fault.to_string(), fault.to_string()))
}
