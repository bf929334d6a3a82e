//! The states of orders, between the table and the rules.

use domain::payment_order::State;
use entity::enums::{FundAccount, OrderStatus};

/// The state of a status.
pub(crate) const fn state(status: OrderStatus) -> State {
    match status {
        OrderStatus::Approved => State::Approved,
        OrderStatus::Extracted => State::Extracted,
        OrderStatus::Accepted => State::Accepted,
        OrderStatus::Settled => State::Settled,
        OrderStatus::Credited => State::Credited,
        OrderStatus::Rejected => State::Rejected,
        OrderStatus::Returned => State::Returned,
        OrderStatus::Unknown => State::Unknown,
    }
}

/// The status of a state.
pub(super) const fn status(state: State) -> OrderStatus {
    match state {
        State::Approved => OrderStatus::Approved,
        State::Extracted => OrderStatus::Extracted,
        State::Unknown => OrderStatus::Unknown,
        State::Accepted => OrderStatus::Accepted,
        State::Settled => OrderStatus::Settled,
        State::Credited => OrderStatus::Credited,
        State::Rejected => OrderStatus::Rejected,
        State::Returned => OrderStatus::Returned,
    }
}

/// The account of the fund in which the money of an order that left the house stands.
pub(super) const fn account(state: State) -> FundAccount {
    if state.is_paid() {
        FundAccount::Paid
    } else if state.awaits_reissue() {
        FundAccount::ToReissue
    } else {
        FundAccount::InTransit
    }
}
