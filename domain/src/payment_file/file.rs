//! One file, whole: checked by every rule, written in the form of its bank's profile, and measured.

use std::convert::Infallible;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    AccountHashTotal, BankAddress, Channel, Debtor, Fault, FaultCode, FileHeader, Instruction, TableError, WriteError,
    Written, check_file, table, write_pain001,
};
use crate::bank::{Bank, BankCatalogueError, BankProfile, BankTable, Payer};

/// With what a file was planned: enough to write the same bytes again whatever becomes of profiles and of the table of
/// banks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileTerms {
    /// The profile.
    pub profile: BankProfile,
    /// Version of the profile; 0 is the one in the program.
    pub version: i64,
    /// The payees' bank; none for cash.
    pub bank: Option<BankAddress>,
    /// Whose account is debited.
    pub debtor: Debtor,
    /// The day on which the bank is asked to execute, by its own cut-off; that of the run if none.
    #[serde(default)]
    pub execution_date: Option<NaiveDate>,
}

impl FileTerms {
    /// The terms of a profile for a bank.
    ///
    /// # Errors
    /// The table of banks cannot be read. A debtor's bank that is not in it stands by its code alone.
    pub fn of(profile: &BankProfile, version: i64, bank: Option<BankAddress>) -> Result<Self, BankCatalogueError> {
        let bank = bank.map(|bank| BankAddress {
            sbv_code: profile.sbv_code.clone().or(bank.sbv_code),
            ..bank
        });
        Ok(Self {
            profile: profile.clone(),
            version,
            bank,
            debtor: debtor(&profile.debtor)?,
            execution_date: None,
        })
    }

    /// The same terms, paid from the account of a fund where the profile names one for it.
    ///
    /// # Errors
    /// The table of banks cannot be read.
    pub fn paid_from(self, fund: &str) -> Result<Self, BankCatalogueError> {
        let debtor = debtor(self.profile.debtor_of(fund))?;
        Ok(Self { debtor, ..self })
    }

    /// The same terms with the day on which the bank is asked to execute.
    #[must_use]
    pub fn on(self, execution_date: Option<NaiveDate>) -> Self {
        Self { execution_date, ..self }
    }
}

/// Whose account is debited, as files address it.
fn debtor(payer: &Payer) -> Result<Debtor, BankCatalogueError> {
    let bank = BankTable::embedded()?.current(&payer.bank).map_or_else(
        || BankAddress {
            code: payer.bank.clone(),
            bin: None,
            bic: None,
            sbv_code: None,
        },
        Bank::address,
    );
    Ok(Debtor {
        name: payer.name.clone(),
        account: payer.account.clone(),
        bank: BankAddress {
            sbv_code: payer.sbv_code.clone().or(bank.sbv_code),
            ..bank
        },
    })
}

/// Why a file was not written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// A bank would refuse it; the first of these faults says why.
    #[error("{} faults, the first: {}", .0.len(), .0.first().map_or_else(String::new, ToString::to_string))]
    Faults(Vec<Fault>),
    /// The message could not be written.
    #[error(transparent)]
    Message(#[from] WriteError<Infallible>),
    /// The table could not be written.
    #[error(transparent)]
    Table(#[from] TableError),
}

/// Bytes of a line of pain.001, about: room made at once is not made again and again.
const ROOM: usize = 600;

/// Writes a bank's file in the form of its profile, if no rule is broken ([`check_file`]); lines come in the order of
/// their references.
///
/// # Errors
/// Everything that is wrong with the file, or what failed in writing it.
pub fn write_file(
    header: &FileHeader,
    profile: &BankProfile,
    lines: &[Instruction],
) -> Result<(Vec<u8>, Written), FileError> {
    let faults = check_file(header, profile, Channel::BankTransfer, lines);
    if !faults.is_empty() {
        return Err(FileError::Faults(faults));
    }
    let (bytes, written) = match &profile.table {
        Some(layout) if profile.format.message().is_none() => {
            let bytes = table::write(header, profile.format, layout, lines)?;
            let mut accounts = AccountHashTotal::default();
            lines.iter().for_each(|line| accounts.add(&line.account_key()));
            let written = Written {
                count: header.count,
                sum: header.sum,
                account_hash_total: accounts,
                bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
                sha256: hex::encode(Sha256::digest(&bytes)),
            };
            (bytes, written)
        }
        _ => {
            let mut bytes = Vec::with_capacity(lines.len().saturating_mul(ROOM));
            let source = lines.iter().map(Ok::<_, Infallible>);
            let written = write_pain001(&mut bytes, header, profile, source)?;
            (bytes, written)
        }
    };
    require_size(header, profile, written.bytes)?;
    Ok((bytes, written))
}

/// A file is no larger than its bank takes.
///
/// # Errors
/// [`FaultCode::TooLarge`] where it is.
pub fn require_size(header: &FileHeader, profile: &BankProfile, bytes: u64) -> Result<(), FileError> {
    if profile.max_bytes.is_none_or(|most| bytes <= most) {
        return Ok(());
    }
    Err(FileError::Faults(vec![Fault {
        reference: header.message_id.clone(),
        field: "bytes",
        code: FaultCode::TooLarge,
    }]))
}
