//! Into which file an instruction goes: by channel and bank, in the order of the references, within the bank's limits,
//! and, where the bank wants that, no account twice. The same set always gives the same files.

use std::collections::BTreeMap;

use super::{Channel, Instruction, table, writer};
use crate::Vnd;
use crate::bank::{BankProfile, BankProfiles, SameAccount};
use crate::money::MoneyError;

/// What a message holds beside its lines, generously.
const ENVELOPE_BYTES: u64 = 4_096;

/// What a file of this profile holds beside its lines.
fn envelope(profile: &BankProfile) -> u64 {
    match profile.format.message() {
        Some(_) => ENVELOPE_BYTES,
        None => table::envelope_bytes(profile),
    }
}

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

impl SplitError {
    /// The reason in Vietnamese.
    pub fn vi(&self) -> String {
        match self {
            Self::LineTooLarge(line) => format!("{line}: riêng dòng này đã vượt giới hạn của một tệp gửi ngân hàng"),
            Self::Duplicate(line) => format!("{line}: mã tham chiếu xuất hiện hai lần"),
            Self::NotSorted(line) => format!("{line}: không theo thứ tự kênh, ngân hàng và mã tham chiếu"),
            Self::Sum(_) => "tổng tiền của một tệp vượt mức cho phép".to_owned(),
            Self::Unwritable(why) => why.clone(),
        }
    }
}

/// Which file a line goes into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    /// The file's number among those of its channel and bank, from 1.
    pub position: u32,
    /// The line is the first of its file.
    pub opens: bool,
}

/// A line to be placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placing<'a> {
    /// How the money reaches the payee.
    pub channel: Channel,
    /// The bank's code, for a bank.
    pub bank_code: Option<&'a str>,
    /// How many lines with smaller references pay into the same account, where the bank takes each account once in a
    /// file; 0 elsewhere.
    pub layer: u32,
    /// Our reference.
    pub reference: &'a str,
    /// How much.
    pub amount: Vnd,
    /// The line's size in the file; counts only where the profile limits bytes.
    pub bytes: u64,
}

/// Places lines one by one, so that a large run never has to be in memory. Feed it in the order of channel, bank code,
/// layer and reference, all by bytes.
#[derive(Clone, Debug, Default)]
pub struct Splitter {
    last: Option<(Channel, Option<String>, u32, String)>,
    position: u32,
    lines: u32,
    bytes: u64,
    sum: Vnd,
}

impl Splitter {
    /// The place of the next line.
    pub fn place(&mut self, line: Placing<'_>, profile: &BankProfile) -> Result<Placement, SplitError> {
        let Placing {
            channel,
            bank_code,
            layer,
            reference,
            amount,
            bytes,
        } = line;
        let envelope = envelope(profile);
        let fits = |bytes: u64, sum: Vnd| {
            profile.max_bytes.is_none_or(|most| bytes <= most) && profile.max_file_amount.is_none_or(|most| sum <= most)
        };
        if profile.max_lines == 0 || !fits(envelope.saturating_add(bytes), amount) {
            return Err(SplitError::LineTooLarge(reference.to_owned()));
        }
        let (mut same_bank, mut same_layer) = (false, false);
        if let Some((last_channel, last_bank, last_layer, last_reference)) = &self.last {
            let bank = (*last_channel, last_bank.as_deref()).cmp(&(channel, bank_code));
            let within = bank.then(last_layer.cmp(&layer));
            match within.then_with(|| last_reference.as_str().cmp(reference)) {
                std::cmp::Ordering::Less => (same_bank, same_layer) = (bank.is_eq(), within.is_eq()),
                std::cmp::Ordering::Equal => return Err(SplitError::Duplicate(reference.to_owned())),
                std::cmp::Ordering::Greater => return Err(SplitError::NotSorted(reference.to_owned())),
            }
        }
        let grown = self.bytes.saturating_add(bytes);
        let sum = self.sum.plus(amount);
        let stays = same_layer && self.lines < profile.max_lines && sum.is_ok_and(|sum| fits(grown, sum));
        if stays {
            self.lines += 1;
            self.bytes = grown;
            self.sum = sum?;
        } else {
            self.position = if same_bank { self.position + 1 } else { 1 };
            (self.lines, self.bytes, self.sum) = (1, envelope.saturating_add(bytes), amount);
        }
        self.last = Some((channel, bank_code.map(str::to_owned), layer, reference.to_owned()));
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
/// next line would break a limit of its bank's profile. Where a bank takes an account once in a file
/// ([`SameAccount::Split`]), the first line of each account goes before all second ones, and so on.
pub fn split(mut instructions: Vec<Instruction>, profiles: &BankProfiles) -> Result<Vec<FilePart>, SplitError> {
    instructions.sort_unstable_by(|one, other| {
        let key = |line: &Instruction| line.route.channel();
        key(one)
            .cmp(&key(other))
            .then_with(|| one.route.bank_code().cmp(&other.route.bank_code()))
            .then_with(|| one.reference.cmp(&other.reference))
    });
    let profile_of = |line: &Instruction| {
        let code = line.route.bank_code();
        profiles.of(code.unwrap_or(BankProfiles::POST))
    };
    let mut layered = layers(instructions, profile_of)?;
    // Stable: the references of a layer keep their order.
    layered.sort_by(|(layer, one), (of_other, other)| {
        let key = |line: &Instruction| line.route.channel();
        key(one)
            .cmp(&key(other))
            .then_with(|| one.route.bank_code().cmp(&other.route.bank_code()))
            .then_with(|| layer.cmp(of_other))
    });
    let mut splitter = Splitter::default();
    let mut parts: Vec<FilePart> = Vec::new();
    for (layer, line) in layered {
        let (channel, bank_code) = (line.route.channel(), line.route.bank_code());
        let profile = profile_of(&line);
        let bytes = match profile.max_bytes {
            Some(_) => writer::line_bytes(&line, profile).map_err(|e| SplitError::Unwritable(e.to_string()))?,
            None => 0,
        };
        let placing = Placing {
            channel,
            bank_code,
            layer,
            reference: &line.reference,
            amount: line.amount,
            bytes,
        };
        let placement = splitter.place(placing, profile)?;
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

/// Sorted lines, each with its layer; one reference twice is found here, since layers would part the two.
fn layers<'p>(
    sorted: Vec<Instruction>,
    profile_of: impl Fn(&Instruction) -> &'p BankProfile,
) -> Result<Vec<(u32, Instruction)>, SplitError> {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let mut layered: Vec<(u32, Instruction)> = Vec::with_capacity(sorted.len());
    for line in sorted {
        let mut layer = 0;
        if line.route.channel() == Channel::BankTransfer && profile_of(&line).same_account == SameAccount::Split {
            let twin = layered.last().is_some_and(|(_, last)| {
                last.reference == line.reference && last.route.bank_code() == line.route.bank_code()
            });
            if twin {
                return Err(SplitError::Duplicate(line.reference));
            }
            let next = seen.entry(line.account_key()).or_insert(0);
            layer = *next;
            *next += 1;
        }
        layered.push((layer, line));
    }
    Ok(layered)
}
