//! The streaming writer of pain.001: one pass, one line in memory, the same bytes for the same input.

use std::borrow::Borrow;
use std::convert::Infallible;
use std::fmt::Display;
use std::io::{self, Write};

use sha2::{Digest, Sha256};

use super::manifest::{AccountHashTotal, file_time};
use super::rules::{check_header, first_fault};
use super::{AgentAddress, BankAddress, Fault, FaultCode, FileHeader, Instruction, Pain001, Route, Xml, table};
use crate::Vnd;
use crate::bank::BankProfile;
use crate::money::MoneyError;

/// Bytes gathered before they are hashed and handed on.
const CHUNK: usize = 64 * 1024;

/// The elements that hold the lines, the outermost first.
const AROUND: [&str; 3] = ["Document", "CstmrCdtTrfInitn", "PmtInf"];

/// Why a file was not written. What has reached the output by then is worthless: drop it.
#[derive(Debug, thiserror::Error)]
pub enum WriteError<E> {
    /// The source of the lines failed.
    #[error("reading the lines: {0}")]
    Source(E),
    /// The output failed.
    #[error("writing the file: {0}")]
    Output(#[from] io::Error),
    /// A bank would refuse it.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The profile asks for a table.
    #[error("the profile asks for {0}, which is no message")]
    NoMessage(&'static str),
    /// The sum is beyond [`Vnd::MAX`].
    #[error("the sum of the file: {0}")]
    Sum(#[from] MoneyError),
    /// There were more or fewer lines than the header says.
    #[error("the header says {stated} lines, there are {written}")]
    CountDiffers {
        /// By the header.
        stated: u64,
        /// Written.
        written: u64,
    },
    /// The lines do not add up to what the header says.
    #[error("the header says {stated} đồng, the lines make {written}")]
    SumDiffers {
        /// By the header.
        stated: i64,
        /// Written.
        written: i64,
    },
}

/// What was written, for the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Number of lines.
    pub count: u64,
    /// Sum of the lines.
    pub sum: Vnd,
    /// The total over the accounts.
    pub account_hash_total: AccountHashTotal,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
}

/// Writes a pain.001 in the profile's version. Lines come in the order of their references, each once; every line is
/// checked as [`super::check_instruction`] does; count and sum must be those of the header. Lines that are read one by
/// one are given as they are, those that stand somewhere by reference: none is copied.
pub fn write_pain001<W: Write, L: Borrow<Instruction>, E: Display>(
    out: W,
    header: &FileHeader,
    profile: &BankProfile,
    lines: impl IntoIterator<Item = Result<L, E>>,
) -> Result<Written, WriteError<E>> {
    let mut sink = Sink {
        out,
        hash: Sha256::new(),
        bytes: 0,
    };
    let mut xml = Xml::new();
    let version = begin(&mut xml, header, profile)?;

    let mut accounts = AccountHashTotal::default();
    let (mut count, mut sum, mut last) = (0_u64, Vnd::ZERO, String::new());
    for line in lines {
        let line = line.map_err(WriteError::Source)?;
        let line: &Instruction = line.borrow();
        if let Some(fault) = first_fault(line, profile) {
            return Err(fault.into());
        }
        if line.reference <= last {
            let fault = Fault {
                reference: line.reference.clone(),
                field: "reference",
                code: FaultCode::Duplicate,
            };
            return Err(fault.into());
        }
        write_line(&mut xml, line, profile, version)?;
        add_account(&mut accounts, line);
        count += 1;
        sum = sum.plus(line.amount)?;
        last.clone_from(&line.reference);
        if xml.pending().len() >= CHUNK {
            sink.take(&mut xml)?;
        }
    }
    if count != header.count {
        return Err(WriteError::CountDiffers {
            stated: header.count,
            written: count,
        });
    }
    if sum != header.sum {
        return Err(WriteError::SumDiffers {
            stated: header.sum.dong(),
            written: sum.dong(),
        });
    }
    xml.close(&AROUND)?;
    sink.take(&mut xml)?;
    sink.out.flush()?;
    Ok(Written {
        count,
        sum,
        account_hash_total: accounts,
        bytes: sink.bytes,
        sha256: hex::encode(sink.hash.finalize()),
    })
}

/// What stands before and after the lines of a pain.001. Nothing of the header is in the lines: those of a file can be
/// written before its header is known, and are the same ones between these two.
///
/// # Errors
/// The first fault of the header, or a profile that asks for a table.
pub fn around_lines(header: &FileHeader, profile: &BankProfile) -> Result<(Vec<u8>, Vec<u8>), WriteError<Infallible>> {
    let (mut before, mut after) = (Xml::new(), Xml::new());
    begin(&mut before, header, profile)?;
    after.close(&AROUND)?;
    Ok((before.pending().to_vec(), after.pending().to_vec()))
}

/// Writes everything before the lines, where the header has no fault.
fn begin<E>(xml: &mut Xml, header: &FileHeader, profile: &BankProfile) -> Result<Pain001, WriteError<E>> {
    if let Some(fault) = check_header(header).into_iter().next() {
        return Err(fault.into());
    }
    let Some(version) = profile.format.message() else {
        return Err(WriteError::NoMessage(profile.format.name()));
    };
    write_header(xml, header, profile, version)?;
    Ok(version)
}

/// The size of a line in a file, in bytes; for tables the most it can be.
pub fn line_bytes(line: &Instruction, profile: &BankProfile) -> io::Result<u64> {
    let Some(version) = profile.format.message() else {
        return Ok(profile
            .table
            .as_ref()
            .map_or(0, |layout| table::line_bytes(line, layout)));
    };
    let mut xml = Xml::new();
    write_line(&mut xml, line, profile, version)?;
    Ok(u64::try_from(xml.pending().len()).unwrap_or(u64::MAX))
}

/// Hashes and counts what goes out.
struct Sink<W> {
    out: W,
    hash: Sha256,
    bytes: u64,
}

impl<W: Write> Sink<W> {
    fn take(&mut self, xml: &mut Xml) -> io::Result<()> {
        let piece = xml.pending();
        self.hash.update(piece);
        self.bytes += u64::try_from(piece.len()).unwrap_or(0);
        self.out.write_all(piece)?;
        xml.clear();
        Ok(())
    }
}

/// As [`Instruction::account_key`], without building the text.
fn add_account(accounts: &mut AccountHashTotal, line: &Instruction) {
    let place = match &line.route {
        Route::Bank(bank) => bank.member_id(),
        Route::Post => "post",
    };
    let digest = Sha256::new()
        .chain_update(place)
        .chain_update(":")
        .chain_update(&line.account)
        .finalize();
    accounts.add_digest(digest.into());
}

fn write_header(xml: &mut Xml, header: &FileHeader, profile: &BankProfile, version: Pain001) -> io::Result<()> {
    let (count, sum) = (header.count.to_string(), header.sum.dong().to_string());
    xml.document(version.name())?;
    xml.open(&["CstmrCdtTrfInitn", "GrpHdr"])?;
    xml.leaf("MsgId", &header.message_id)?;
    xml.leaf("CreDtTm", &file_time(header.created_at))?;
    xml.leaf("NbOfTxs", &count)?;
    xml.leaf("CtrlSum", &sum)?;
    xml.nested(&["InitgPty", "Nm"], &header.initiating_party)?;
    xml.close(&["GrpHdr"])?;

    xml.open(&["PmtInf"])?;
    xml.leaf("PmtInfId", &header.payment_information_id)?;
    xml.leaf("PmtMtd", "TRF")?;
    xml.leaf("BtchBookg", if profile.batch_booking { "true" } else { "false" })?;
    xml.leaf("NbOfTxs", &count)?;
    xml.leaf("CtrlSum", &sum)?;
    xml.nested(&["PmtTpInf", "CtgyPurp", "Cd"], "SSBE")?;
    let day = header.execution_date.to_string();
    match version {
        Pain001::V03 => xml.leaf("ReqdExctnDt", &day)?,
        Pain001::V09 => xml.nested(&["ReqdExctnDt", "Dt"], &day)?,
    }
    xml.nested(&["Dbtr", "Nm"], &header.debtor.name)?;
    xml.nested(&["DbtrAcct", "Id", "Othr", "Id"], &header.debtor.account)?;
    write_agent(xml, "DbtrAgt", &header.debtor.bank, profile, version)?;
    xml.leaf("ChrgBr", profile.charge_bearer.code())
}

fn write_line(xml: &mut Xml, line: &Instruction, profile: &BankProfile, version: Pain001) -> io::Result<()> {
    let mut number = [0_u8; 20];
    xml.open(&["CdtTrfTxInf", "PmtId"])?;
    xml.leaf("EndToEndId", &line.reference)?;
    if version == Pain001::V09 {
        xml.leaf(
            "UETR",
            line.uetr.hyphenated().encode_lower(&mut uuid::Uuid::encode_buffer()),
        )?;
    }
    xml.close(&["PmtId"])?;
    xml.open(&["Amt"])?;
    xml.amount("InstdAmt", decimal(line.amount, &mut number))?;
    xml.close(&["Amt"])?;
    if let Route::Bank(bank) = &line.route {
        write_agent(xml, "CdtrAgt", bank, profile, version)?;
    }
    xml.nested(&["Cdtr", "Nm"], &line.name)?;
    xml.nested(&["CdtrAcct", "Id", "Othr", "Id"], &line.account)?;
    if let Some(beneficiary) = &line.beneficiary {
        xml.nested(&["UltmtCdtr", "Nm"], beneficiary)?;
    }
    xml.nested(&["Purp", "Cd"], line.purpose.code())?;
    if !line.remittance.is_empty() {
        xml.nested(&["RmtInf", "Ustrd"], &line.remittance)?;
    }
    xml.close(&["CdtTrfTxInf"])
}

fn write_agent(
    xml: &mut Xml,
    role: &'static str,
    bank: &BankAddress,
    profile: &BankProfile,
    version: Pain001,
) -> io::Result<()> {
    let bic = if profile.agent == AgentAddress::Member {
        None
    } else {
        bank.bic.as_deref()
    };
    xml.open(&[role, "FinInstnId"])?;
    if let Some(bic) = bic {
        xml.leaf(if version == Pain001::V03 { "BIC" } else { "BICFI" }, bic)?;
    }
    if bic.is_none() || profile.agent == AgentAddress::Both {
        // Files without the code that the profile wants are refused before.
        let id = bank.clearing_id(profile.clearing_code);
        xml.nested(&["ClrSysMmbId", "MmbId"], id.unwrap_or_else(|| bank.member_id()))?;
    }
    xml.close(&[role, "FinInstnId"])
}

/// The digits of an amount, without an allocation.
fn decimal(amount: Vnd, buffer: &mut [u8; 20]) -> &str {
    let mut rest = amount.dong().unsigned_abs();
    let mut start = buffer.len();
    for slot in buffer.iter_mut().rev() {
        *slot = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        start -= 1;
        if rest == 0 {
            break;
        }
    }
    buffer
        .get(start..)
        .and_then(|digits| std::str::from_utf8(digits).ok())
        .unwrap_or("0")
}
