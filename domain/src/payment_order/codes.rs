//! What the codes of ISO 20022 mean for an order (external code sets, second quarter of 2026).

use serde::{Deserialize, Serialize};

use super::Event;

/// What a status says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusMeaning {
    /// Taken and being worked on.
    InProgress,
    /// Our account is debited.
    Settled,
    /// The payee's account is credited.
    Credited,
    /// Refused.
    Failed,
    /// Stopped at the bank: a person looks.
    Exception,
    /// A code we do not know: kept as it is, for a person.
    Unknown,
}

impl StatusMeaning {
    /// The order's event; none where only a person can say.
    pub const fn event(self) -> Option<Event> {
        match self {
            Self::InProgress => Some(Event::Accept),
            Self::Settled => Some(Event::Settle),
            Self::Credited => Some(Event::Credit),
            Self::Failed => Some(Event::Reject),
            Self::Exception | Self::Unknown => None,
        }
    }
}

/// The meaning of a transaction's status (ExternalPaymentTransactionStatus1Code). ACSC is the debtor's side, only ACCC
/// the creditor's. PART is a status of groups and means nothing here.
pub fn status_meaning(code: &str) -> StatusMeaning {
    match code {
        "RCVD" | "PDNG" | "ACTC" | "ACCP" | "ACFC" | "ACSP" | "ACWC" | "ACWP" => StatusMeaning::InProgress,
        "ACSC" => StatusMeaning::Settled,
        "ACCC" => StatusMeaning::Credited,
        "RJCT" | "CANC" => StatusMeaning::Failed,
        "BLCK" => StatusMeaning::Exception,
        _ => StatusMeaning::Unknown,
    }
}

/// The meaning of a group's or batch's status for the lines it does not list. PART lists the lines that failed; the
/// others are taken, not final.
pub fn group_status_meaning(code: &str) -> StatusMeaning {
    match code {
        "PART" => StatusMeaning::InProgress,
        // Not in the list of group statuses.
        "CANC" | "BLCK" | "ACFC" | "ACWP" => StatusMeaning::Unknown,
        code => status_meaning(code),
    }
}

/// What has to be done about a refusal or return.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonKind {
    /// Put the account right.
    FixAccount,
    /// The account is blocked.
    AccountBlocked,
    /// The payee has died: eligibility has to know.
    PersonDeceased,
    /// Money or limits of ours.
    Money,
    /// A fault in our file.
    Ours,
    /// Seen before: look for the first one, never send again by itself.
    Duplicate,
    /// May be sent again, the same under the same id.
    Retry,
    /// Said in words.
    Text,
    /// Another code.
    Other,
}

impl ReasonKind {
    /// The label, Vietnamese and English.
    pub const fn label(self) -> (&'static str, &'static str) {
        match self {
            Self::FixAccount => ("Sửa thông tin tài khoản", "Fix the account"),
            Self::AccountBlocked => ("Tài khoản bị khóa", "Account blocked"),
            Self::PersonDeceased => ("Chủ tài khoản đã mất", "Account holder deceased"),
            Self::Money => ("Số tiền hoặc hạn mức", "Money or limits"),
            Self::Ours => ("Lỗi trong tệp của đơn vị", "Fault in our file"),
            Self::Duplicate => ("Trùng lệnh", "Duplicate"),
            Self::Retry => ("Có thể gửi lại", "May be sent again"),
            Self::Text => ("Lý do bằng lời", "Reason in words"),
            Self::Other => ("Lý do khác", "Other reason"),
        }
    }
}

/// The kind of a reason code (ExternalStatusReason1Code, ExternalReturnReason1Code).
pub fn reason_kind(code: &str) -> ReasonKind {
    match code {
        "AC01" | "AC03" | "AC04" | "AC14" | "RC01" | "BE01" | "BE06" | "BE22" | "AG01" => ReasonKind::FixAccount,
        "AC06" | "NOCM" => ReasonKind::AccountBlocked,
        "MD07" => ReasonKind::PersonDeceased,
        "AM02" | "AM04" | "AM14" => ReasonKind::Money,
        "AM10" | "AM18" | "AM19" | "FF01" | "TD03" | "DT01" | "CH03" => ReasonKind::Ours,
        "AM05" | "DU01" | "DU02" | "DU03" | "DU04" | "DUPL" => ReasonKind::Duplicate,
        "AB05" | "AB08" | "FF10" | "TM01" | "NOAS" => ReasonKind::Retry,
        "NARR" | "MS03" => ReasonKind::Text,
        _ => ReasonKind::Other,
    }
}
