//! Payment files: what a bank is told to pay. One model, [`Instruction`]; a streaming writer for pain.001 and one for
//! tables by the bank's profile; the rules a schema does not check; the manifest that goes by another road, and its
//! signature; and the splitting into files, always the same way.

mod acknowledgement;
#[cfg(test)]
mod encoding_tests;
mod file;
#[cfg(test)]
mod file_tests;
mod instruction;
mod manifest;
mod recall;
mod rules;
mod signature;
mod split;
mod table;
#[cfg(test)]
mod tests;
mod writer;
mod xml;

pub use acknowledgement::acknowledged_hash;
pub use file::{FileError, FileTerms, require_size, write_file};
pub use instruction::{
    AgentAddress, BankAddress, Channel, ChargeBearer, ClearingCode, Debtor, FileHeader, Instruction, Pain001, Purpose,
    Route, execution_date, is_sbv_code,
};
pub use manifest::{AccountHashTotal, Manifest};
pub use recall::{CAMT055, Recall, RecallHeader, write_camt055};
pub use rules::{
    FARTHEST_DAYS, Fault, FaultCode, check_batch, check_file, check_header, check_instruction, shared_accounts,
};
pub use signature::{Ed25519, SignatureError, Signer, canonical_json, verify_ed25519};
pub use split::{FilePart, Placement, Placing, SplitError, Splitter, split};
pub use table::TableError;
pub use writer::{WriteError, Written, around_lines, line_bytes, write_pain001};

pub(crate) use instruction::in_vietnam;
pub(crate) use manifest::file_time;
pub(crate) use xml::Xml;
