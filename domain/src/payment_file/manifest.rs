//! The control block of a file, sent by another road than the file itself, so that the bank and the treasury can see
//! that they hold what was approved.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Channel;
use crate::Vnd;

/// 10^18: hash totals are taken modulo this, so that eighteen digits hold them.
const MODULUS: u64 = 1_000_000_000_000_000_000;

/// The sum over a file's accounts of the first 8 bytes, big-endian, of SHA-256(account key), modulo 10^18. Adding an
/// account, taking one away or changing a digit changes it; the order of the lines does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountHashTotal(u64);

impl AccountHashTotal {
    /// Adds an account by its key, see [`super::Instruction::account_key`].
    pub fn add(&mut self, account_key: &str) {
        self.add_digest(Sha256::digest(account_key.as_bytes()).into());
    }

    /// Adds an account by the SHA-256 of its key.
    pub(super) fn add_digest(&mut self, digest: [u8; 32]) {
        let [a, b, c, d, e, f, g, h, ..] = digest;
        let sum = (u128::from(self.0) + u128::from(u64::from_be_bytes([a, b, c, d, e, f, g, h]))) % u128::from(MODULUS);
        self.0 = u64::try_from(sum).unwrap_or(0);
    }
}

impl std::fmt::Display for AccountHashTotal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The control block of one file. Its JSON is the same bytes for the same content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this layout: 1.
    pub version: u32,
    /// Name of the file.
    pub file: String,
    /// `pain.001.001.09`, `csv`, `xlsx`, or the kind of list.
    pub format: String,
    /// How the money reaches people; none for lists, which order nothing.
    pub channel: Option<Channel>,
    /// The bank's code, for a bank.
    pub bank: Option<String>,
    /// MsgId of the file, if it is a message.
    pub message_id: Option<String>,
    /// PmtInfId of the file, if it is a message.
    pub payment_information_id: Option<String>,
    /// The pay run.
    pub pay_run: String,
    /// The run's digest in hex, see [`crate::digest`].
    pub run_digest: String,
    /// The file's number among those of its run, from 1.
    pub sequence: u32,
    /// Number of lines; left out of a file that lists no payments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Sum of the lines, đồng; left out of a file that lists no payments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sum: Option<Vnd>,
    /// The total over the accounts, decimal digits; left out of a file without accounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_hash_total: Option<String>,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
    /// When the run was approved, with the offset +07:00.
    pub created_at: String,
    /// The day on which the bank pays.
    pub execution_date: chrono::NaiveDate,
}

impl Manifest {
    /// The manifest in these bytes, as whoever receives a file reads it.
    pub fn read(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }

    /// The JSON, fields in the order above, ended by a line break.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// The bytes that are signed: the JSON of RFC 8785, without spaces or line breaks.
    pub fn signed_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        super::canonical_json(&serde_json::to_value(self)?).map(String::into_bytes)
    }

    /// The manifest's own name: `AS-1.xml` has `AS-1.manifest.json`. A paper keeps its ending, for it stands beside a
    /// workbook of the same name: `AS-1.pdf` has `AS-1.pdf.manifest.json`.
    pub fn file_name(file: &str) -> String {
        let stem = match file.rsplit_once('.') {
            Some((stem, ending)) if ending != "pdf" => stem,
            _ => file,
        };
        format!("{stem}.manifest.json")
    }
}

/// An approval time as files show it: `2024-09-05T08:30:00+07:00`.
pub(crate) fn file_time(at: chrono::DateTime<chrono::Utc>) -> String {
    super::in_vietnam(at).format("%Y-%m-%dT%H:%M:%S+07:00").to_string()
}
