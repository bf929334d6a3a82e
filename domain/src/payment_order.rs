//! A payment order from approval to the payee's account. "Accepted" is not "paid" and "paid" is not "credited": the
//! states keep these facts apart, and a return can come weeks later. Nothing is taken out of an approved run one by one: what
//! must not leave the house is excluded when its run has been sent back to draft, and its orders are made anew.

mod codes;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use codes::{ReasonKind, StatusMeaning, group_status_meaning, reason_kind, status_meaning};

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// In an approved run, in no file.
    Approved,
    /// In a file.
    Extracted,
    /// In a file whose delivery is unknown: ask or wait, never send it under a new id.
    Unknown,
    /// The bank has taken it.
    Accepted,
    /// Our account is debited: counts as paid, can still come back.
    Settled,
    /// On the payee's account, or cash in hand.
    Credited,
    /// The bank refused it; no money moved, as far as the bank says.
    Rejected,
    /// Paid and come back.
    Returned,
}

/// What happens to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Written into a file.
    Extract,
    /// The delivery of its file timed out.
    LoseDelivery,
    /// The delivery of its file was confirmed after all.
    ConfirmDelivery,
    /// The bank took it.
    Accept,
    /// Debited.
    Settle,
    /// Credited to the payee.
    Credit,
    /// Refused.
    Reject,
    /// Came back.
    Return,
}

/// An event that the state cannot take. Nothing changes; a person looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a payment order that is {from:?} cannot take {event:?}")]
pub struct IllegalTransition {
    /// The state, unchanged.
    pub from: State,
    /// The event refused.
    pub event: Event,
}

impl State {
    /// Every state.
    pub const ALL: &'static [Self] = &[
        Self::Approved,
        Self::Extracted,
        Self::Unknown,
        Self::Accepted,
        Self::Settled,
        Self::Credited,
        Self::Rejected,
        Self::Returned,
    ];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Extracted => "extracted",
            Self::Unknown => "unknown",
            Self::Accepted => "accepted",
            Self::Settled => "settled",
            Self::Credited => "credited",
            Self::Rejected => "rejected",
            Self::Returned => "returned",
        }
    }

    /// The state of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.code() == code)
    }

    /// The label, Vietnamese and English.
    pub const fn label(self) -> (&'static str, &'static str) {
        match self {
            Self::Approved => ("Đã duyệt", "Approved"),
            Self::Extracted => ("Đã xuất tệp", "In a file"),
            Self::Unknown => ("Chưa rõ đã gửi tới ngân hàng", "Delivery unknown"),
            Self::Accepted => ("Ngân hàng đã tiếp nhận", "Accepted by the bank"),
            Self::Settled => ("Đã ghi nợ", "Debited"),
            Self::Credited => ("Người hưởng đã nhận", "Credited to the payee"),
            Self::Rejected => ("Bị từ chối", "Rejected"),
            Self::Returned => ("Bị trả lại", "Returned"),
        }
    }

    /// Has our account been debited and the money not come back?
    pub const fn is_paid(self) -> bool {
        matches!(self, Self::Settled | Self::Credited)
    }

    /// Is the order over without the payee having the money, so that it awaits a reissue?
    pub const fn awaits_reissue(self) -> bool {
        matches!(self, Self::Rejected | Self::Returned)
    }

    /// Can nothing but a return follow?
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Credited | Self::Rejected | Self::Returned)
    }

    /// The state after an event. The same state comes back where the event is old news: reports are read twice and out
    /// of order, and any order of the same bank events ends in the same state. What contradicts the state (a rejection
    /// after the debit, a debit after a rejection, news of an order in no file) is refused for a person to look at.
    ///
    /// A credit told after a return is old news of a bank, which tells of each step; a list of cash tells of an end, and one
    /// that contradicts another is for whoever reads lists to see.
    pub const fn advance(self, event: Event) -> Result<Self, IllegalTransition> {
        use Event as E;
        use State as S;
        let next = match (self, event) {
            (S::Approved, E::Extract) => S::Extracted,

            // Writing the same file again is old news.
            (
                S::Extracted | S::Unknown | S::Accepted | S::Settled | S::Credited | S::Rejected | S::Returned,
                E::Extract,
            ) => self,
            (S::Extracted | S::Unknown, E::LoseDelivery) => S::Unknown,
            (S::Extracted | S::Unknown, E::ConfirmDelivery) => S::Extracted,
            (
                S::Accepted | S::Settled | S::Credited | S::Rejected | S::Returned,
                E::LoseDelivery | E::ConfirmDelivery | E::Accept,
            ) => self,

            (S::Extracted | S::Unknown, E::Accept) => S::Accepted,
            (S::Extracted | S::Unknown | S::Accepted | S::Settled, E::Settle) => S::Settled,
            (S::Credited | S::Returned, E::Settle) => self,
            (S::Extracted | S::Unknown | S::Accepted | S::Settled | S::Credited, E::Credit) => S::Credited,
            (S::Returned, E::Credit) => S::Returned,
            (S::Extracted | S::Unknown | S::Accepted | S::Rejected, E::Reject) => S::Rejected,
            (S::Extracted | S::Unknown | S::Accepted | S::Settled | S::Credited | S::Returned, E::Return) => {
                S::Returned
            }

            (from, event) => return Err(IllegalTransition { from, event }),
        };
        Ok(next)
    }

    /// The state after what two people decide of an order. They are bound by the rules that hold for banks, but for one
    /// thing that a bank can do and its answers cannot undo: it refuses an order and debits it all the same.
    pub const fn decide(self, event: Event) -> Result<Self, IllegalTransition> {
        match (self, event) {
            (Self::Rejected, Event::Settle) => Ok(Self::Settled),
            (Self::Rejected, Event::Credit) => Ok(Self::Credited),
            (Self::Rejected, Event::Return) => Ok(Self::Returned),
            (from, event) => from.advance(event),
        }
    }
}
