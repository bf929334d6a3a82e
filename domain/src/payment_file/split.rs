//! Into which file an instruction goes: by channel and bank, in the order of the references, within the bank's limits.
//! The same set always gives the same files.

use super::{Channel, Instruction, writer};
use crate::Vnd;
use crate::bank::{BankProfile, BankProfiles};
use crate::money::MoneyError;

/// What a file holds beside its lines, generously.
const ENVELOPE_BYTES: u64 = 4_096;

/// Why instructions cannot be split into files.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SplitError {
    /// One line is beyond what a file of this bank may hold.
    #[error("{0}: the line alone is beyond the limits of a file of its bank")]
    LineTooLarge(String),
    /// One reference twice.
    #[error("{0}: the reference stands twice")]
    Duplicate(String),
    /// The lines were not in the order of channel, bank and reference.
    #[error("{0}: not in the order of channel, bank and reference")]
    NotSorted(String),
    /// The sum of a file is beyond [`Vnd::MAX`].
    #[error("the sum of a file: {0}")]
    Sum(#[from] MoneyError),
    /// The size of a line could not be found.
    #[error("{0}")]
    Unwritable(String),
}

/// Which file a line goes into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    /// The file's number among those of its channel and bank, from 1.
    pub position: u32,
    /// The line is the first of its file.
    pub opens: bool,
}

/// Places lines one by one, so that a large run never has to be in memory. Feed it in the order of channel, bank code
/// and reference, all by bytes.
#[derive(Clone, Debug, Default)]
pub struct Splitter {
    last: Option<(Channel, Option<String>, String)>,
    position: u32,
    lines: u32,
    bytes: u64,
    sum: Vnd,
}

impl Splitter {
    /// The place of the next line; `bytes` is its size in the file and counts only where the profile limits bytes.
    pub fn place(
        &mut self,
        channel: Channel,
        bank_code: Option<&str>,
        reference: &str,
        amount: Vnd,
        bytes: u64,
        profile: &BankProfile,
    ) -> Result<Placement, SplitError> {
        let fits = |bytes: u64, sum: Vnd| {
            profile.max_bytes.is_none_or(|most| bytes <= most) && profile.max_file_amount.is_none_or(|most| sum <= most)
        };
        if profile.max_lines == 0 || !fits(ENVELOPE_BYTES.saturating_add(bytes), amount) {
            return Err(SplitError::LineTooLarge(reference.to_owned()));
        }
        let same_group = match &self.last {
            Some((last_channel, last_bank, last_reference)) => {
                let group = (*last_channel, last_bank.as_deref()).cmp(&(channel, bank_code));
                match group.then_with(|| last_reference.as_str().cmp(reference)) {
                    std::cmp::Ordering::Less => group.is_eq(),
                    std::cmp::Ordering::Equal => return Err(SplitError::Duplicate(reference.to_owned())),
                    std::cmp::Ordering::Greater => return Err(SplitError::NotSorted(reference.to_owned())),
                }
            }
            None => false,
        };
        let grown = self.bytes.saturating_add(bytes);
        let sum = self.sum.plus(amount);
        let stays = same_group && self.lines < profile.max_lines && sum.is_ok_and(|sum| fits(grown, sum));
        if stays {
            self.lines += 1;
            self.bytes = grown;
            self.sum = sum?;
        } else {
            self.position = if same_group { self.position + 1 } else { 1 };
            (self.lines, self.bytes, self.sum) = (1, ENVELOPE_BYTES.saturating_add(bytes), amount);
        }
        self.last = Some((channel, bank_code.map(str::to_owned), reference.to_owned()));
        Ok(Placement {
            position: self.position,
            opens: !stays,
        })
    }
}

/// The lines of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePart {
    /// How the money reaches people.
    pub channel: Channel,
    /// The bank's code, for a bank.
    pub bank_code: Option<String>,
    /// The file's number among those of its channel and bank, from 1.
    pub position: u32,
    /// Sum of the lines.
    pub sum: Vnd,
    /// The lines in the order of their references.
    pub instructions: Vec<Instruction>,
}

impl FilePart {
    /// The part's name within its run, for ids and file names: `AGRIBANK-1`, `POST-1`.
    pub fn key(&self) -> String {
        format!("{}-{}", self.bank_code.as_deref().unwrap_or("POST"), self.position)
    }
}

/// Splits instructions, in any order, into files: sorted by channel, bank code and reference; a file ends where the
/// next line would break a limit of its bank's profile.
pub fn split(mut instructions: Vec<Instruction>, profiles: &BankProfiles) -> Result<Vec<FilePart>, SplitError> {
    instructions.sort_unstable_by(|one, other| {
        let key = |line: &Instruction| line.route.channel();
        key(one)
            .cmp(&key(other))
            .then_with(|| one.route.bank_code().cmp(&other.route.bank_code()))
            .then_with(|| one.reference.cmp(&other.reference))
    });
    let mut splitter = Splitter::default();
    let mut parts: Vec<FilePart> = Vec::new();
    for line in instructions {
        let (channel, bank_code) = (line.route.channel(), line.route.bank_code());
        let profile = bank_code.map_or(profiles.default_profile(), |code| profiles.of(code));
        let bytes = match profile.max_bytes {
            Some(_) => writer::line_bytes(&line, profile).map_err(|e| SplitError::Unwritable(e.to_string()))?,
            None => 0,
        };
        let placement = splitter.place(channel, bank_code, &line.reference, line.amount, bytes, profile)?;
        match parts.last_mut() {
            Some(part) if !placement.opens => {
                part.sum = part.sum.plus(line.amount)?;
                part.instructions.push(line);
            }
            _ => parts.push(FilePart {
                channel,
                bank_code: bank_code.map(str::to_owned),
                position: placement.position,
                sum: line.amount,
                instructions: vec![line],
            }),
        }
    }
    Ok(parts)
}
