//! The tables that banks take and answer with: columns, encodings and words, all of them data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::payment_order::Event;

/// What a column of a payment table shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnField {
    /// The line's number in the file, from 1.
    Number,
    /// Our reference.
    Reference,
    /// UETR.
    Uetr,
    /// Account number of the payee.
    Account,
    /// The account's holder, in the profile's name style.
    Name,
    /// The same name in upper case without marks.
    AsciiName,
    /// The beneficiary, where the account is another's and the profile wants that said (`ultimate_creditor`).
    Beneficiary,
    /// Code of the payee's bank.
    Bank,
    /// BIN of the payee's bank at NAPAS; its code where it has none.
    Bin,
    /// BIC of the payee's bank.
    Bic,
    /// Đồng, as a whole number.
    Amount,
    /// `VND`.
    Currency,
    /// What the payee reads on the statement; it holds our reference.
    Remittance,
    /// Purpose by ISO 20022 (`SSBE`).
    Purpose,
    /// The day on which the bank pays, `2024-09-05`.
    ExecutionDate,
    /// The account to debit.
    DebtorAccount,
    /// MsgId of the file.
    MessageId,
    /// The commune whose post office pays; of a cash list alone.
    Area,
    /// Left empty.
    Blank,
}

/// A column of a payment table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// What stands over it.
    pub heading: String,
    /// What it shows.
    pub field: ColumnField,
    /// Its width in a workbook, in characters.
    pub width: u16,
}

/// How a text file is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// UTF-8.
    #[default]
    Utf8,
    /// UTF-8 behind a byte-order mark, without which Excel takes it for another encoding.
    Utf8Bom,
    /// UTF-16, the low byte first, behind a byte-order mark: what spreadsheets call Unicode text.
    #[serde(rename = "utf16le")]
    Utf16Le,
    /// The code page of Vietnamese Windows. What has no letter in it is refused.
    Windows1258,
}

/// What stands between the cells of a CSV.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Delimiter {
    /// `,` as in RFC 4180.
    #[default]
    #[serde(rename = ",")]
    Comma,
    /// `;` as Excel writes it where the decimal sign is a comma.
    #[serde(rename = ";")]
    Semicolon,
    /// A tab.
    #[serde(rename = "\t")]
    Tab,
    /// `|`.
    #[serde(rename = "|")]
    Bar,
}

impl Delimiter {
    /// Every delimiter.
    pub const ALL: &'static [Self] = &[Self::Comma, Self::Semicolon, Self::Tab, Self::Bar];

    /// The byte.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Bar => b'|',
        }
    }
}

/// What ends the lines of a CSV.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineBreak {
    /// CR LF, as in RFC 4180.
    #[default]
    Crlf,
    /// LF.
    Lf,
}

/// The table in which a bank takes orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableLayout {
    /// Name of the sheet in a workbook.
    #[serde(default = "sheet")]
    pub sheet: String,
    /// Rows above the headings, one text each; `{count}`, `{sum}`, `{message_id}`, `{execution_date}`,
    /// `{debtor_name}` and `{debtor_account}` are filled in.
    #[serde(default)]
    pub header_rows: Vec<String>,
    /// The columns from the left.
    pub columns: Vec<Column>,
    /// A last row with the sum below the amounts.
    #[serde(default)]
    pub total_row: bool,
    /// Of a CSV.
    #[serde(default)]
    pub encoding: Encoding,
    /// Of a CSV.
    #[serde(default)]
    pub delimiter: Delimiter,
    /// Of a CSV.
    #[serde(default)]
    pub line_break: LineBreak,
}

fn sheet() -> String {
    "data".to_owned()
}

/// What a word of a result means for the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResultMeaning {
    /// Taken and being worked on.
    Accepted,
    /// Our account is debited.
    Settled,
    /// On the payee's account.
    Credited,
    /// Refused; no money moved.
    Rejected,
    /// Paid and come back.
    Returned,
    /// Nobody came for the cash; it comes back.
    NotCollected,
}

impl ResultMeaning {
    /// The order's event.
    pub const fn event(self) -> Event {
        match self {
            Self::Accepted => Event::Accept,
            Self::Settled => Event::Settle,
            Self::Credited => Event::Credit,
            Self::Rejected => Event::Reject,
            Self::Returned | Self::NotCollected => Event::Return,
        }
    }

    /// Did the payee not get the money?
    pub const fn failed(self) -> bool {
        matches!(self, Self::Rejected | Self::Returned | Self::NotCollected)
    }
}

/// Under which headings a result table says what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResultColumns {
    /// Our reference, alone or inside a text ([`ResultLayout::reference_in_text`]).
    pub reference: String,
    /// Account number of the payee.
    pub account: String,
    /// Đồng.
    pub amount: String,
    /// The status word.
    pub status: String,
    /// Why not.
    #[serde(default)]
    pub reason: Option<String>,
    /// The bank's own reference; may stand in the column of reasons, where the line went well.
    #[serde(default)]
    pub bank_reference: Option<String>,
    /// The day, `2024-09-05` or `05/09/2024`.
    #[serde(default)]
    pub date: Option<String>,
}

impl ResultColumns {
    /// The headings that must be there.
    pub fn needed(&self) -> impl Iterator<Item = &str> {
        [&self.reference, &self.account, &self.amount, &self.status]
            .into_iter()
            .chain([&self.reason, &self.bank_reference, &self.date].into_iter().flatten())
            .map(String::as_str)
    }
}

/// The table in which a bank answers, CSV or XLSX.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResultLayout {
    /// Name of the sheet in a workbook; the first one if none.
    #[serde(default)]
    pub sheet: Option<String>,
    /// Headings.
    pub columns: ResultColumns,
    /// Our reference stands somewhere inside its column, as in the content of a transfer.
    #[serde(default)]
    pub reference_in_text: bool,
    /// A row with neither a status nor a date is not answered yet, and is no line: the table is our own list, filled in.
    #[serde(default)]
    pub blank_is_unanswered: bool,
    /// What each status word means; other words are kept as they stand, for a person.
    pub statuses: BTreeMap<String, ResultMeaning>,
    /// ISO 20022 codes of reasons that the bank says in words; other reasons are kept as they stand.
    #[serde(default)]
    pub reasons: BTreeMap<String, String>,
    /// What stands between the thousands of an amount: `.`, `,` or a space; nothing if none.
    #[serde(default)]
    pub thousands: Option<char>,
    /// Of a CSV.
    #[serde(default)]
    pub delimiter: Delimiter,
    /// Of a CSV.
    #[serde(default)]
    pub encoding: Encoding,
    /// Rows of totals and signatures may stand below the lines: strict reading takes them for what they are.
    #[serde(default, skip_serializing_if = "is_not")]
    pub footer: bool,
    /// A CSV may begin with a byte-order mark, as a spreadsheet saves it; strict reading takes it with or without.
    #[serde(default, skip_serializing_if = "is_not")]
    pub bom: bool,
}

/// What is left out of a profile where it does not hold.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde calls")]
const fn is_not(own: &bool) -> bool {
    !*own
}

impl ResultLayout {
    /// The event of a status word, exactly as the layout writes it.
    pub fn event(&self, word: &str) -> Option<Event> {
        self.statuses.get(word).map(|meaning| meaning.event())
    }

    /// The layout's own spelling of a status word that differs in case, marks or spaces alone; none where several do.
    pub fn spelling(&self, word: &str) -> Option<&str> {
        let key = crate::name::search_key(word);
        let mut alike = self.statuses.keys().filter(|own| crate::name::search_key(own) == key);
        match (alike.next(), alike.next()) {
            (Some(own), None) => Some(own),
            _ => None,
        }
    }
}
