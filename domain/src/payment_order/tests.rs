//! Laws of the states.

use proptest::prelude::*;

use super::*;

const EVENTS: [Event; 8] = [
    Event::Extract,
    Event::LoseDelivery,
    Event::ConfirmDelivery,
    Event::Accept,
    Event::Settle,
    Event::Credit,
    Event::Reject,
    Event::Return,
];

fn rank(state: State) -> u8 {
    match state {
        State::Approved => 0,
        // Delivery can be confirmed after it was lost.
        State::Extracted | State::Unknown => 1,
        State::Accepted => 2,
        State::Settled => 3,
        State::Credited => 4,
        State::Rejected | State::Returned => 5,
    }
}

fn run(from: State, events: &[Event]) -> State {
    events
        .iter()
        .fold(from, |state, event| state.advance(*event).unwrap_or(state))
}

#[test]
fn the_usual_road_and_a_late_return() {
    let mut state = State::Approved;
    for (event, next) in [
        (Event::Extract, State::Extracted),
        (Event::Accept, State::Accepted),
        (Event::Settle, State::Settled),
        (Event::Credit, State::Credited),
        (Event::Return, State::Returned),
    ] {
        state = state.advance(event).unwrap();
        assert_eq!(state, next);
    }
    assert!(state.awaits_reissue() && !state.is_paid());
}

#[test]
fn what_contradicts_the_state_is_for_a_person() {
    for (from, event) in [
        (State::Settled, Event::Reject),
        (State::Credited, Event::Reject),
        (State::Rejected, Event::Settle),
        (State::Rejected, Event::Return),
        (State::Returned, Event::Reject),
        (State::Approved, Event::Settle),
    ] {
        assert_eq!(from.advance(event), Err(IllegalTransition { from, event }));
    }
}

#[test]
fn two_people_may_find_that_what_was_refused_was_debited() {
    for (event, end) in [
        (Event::Settle, State::Settled),
        (Event::Credit, State::Credited),
        (Event::Return, State::Returned),
    ] {
        assert_eq!(State::Rejected.decide(event), Ok(end));
    }
    for (from, event) in [
        (State::Settled, Event::Reject),
        (State::Credited, Event::Reject),
        (State::Returned, Event::Reject),
        (State::Approved, Event::Settle),
    ] {
        assert_eq!(from.decide(event), Err(IllegalTransition { from, event }));
    }
}

#[test]
fn an_unknown_delivery_waits_for_news() {
    let lost = run(State::Approved, &[Event::Extract, Event::LoseDelivery]);
    assert_eq!(lost, State::Unknown);
    assert_eq!(lost.advance(Event::ConfirmDelivery), Ok(State::Extracted));
    assert_eq!(lost.advance(Event::Settle), Ok(State::Settled));
    assert_eq!(State::Accepted.advance(Event::LoseDelivery), Ok(State::Accepted));
}

#[test]
fn codes_mean_what_the_lists_say() {
    assert_eq!(status_meaning("ACSC").event(), Some(Event::Settle));
    assert_eq!(status_meaning("ACCC").event(), Some(Event::Credit));
    assert_eq!(status_meaning("ACWP").event(), Some(Event::Accept));
    assert_eq!(status_meaning("BLCK").event(), None);
    assert_eq!(status_meaning("PART"), StatusMeaning::Unknown);
    assert_eq!(group_status_meaning("PART"), StatusMeaning::InProgress);
    assert_eq!(status_meaning("rjct"), StatusMeaning::Unknown);
    assert_eq!(reason_kind("MD07"), ReasonKind::PersonDeceased);
    assert_eq!(reason_kind("DU04"), ReasonKind::Duplicate);
    assert_eq!(reason_kind("ZZ99"), ReasonKind::Other);
}

/// ExternalPaymentTransactionStatus1Code of the second quarter of 2026, all 25.
const TRANSACTIONS: [(&str, StatusMeaning); 25] = {
    use StatusMeaning::{Credited, Exception, Failed, InProgress, Settled, Unknown};
    [
        ("RCVD", InProgress),
        ("PDNG", InProgress),
        ("ACTC", InProgress),
        ("ACCP", InProgress),
        ("ACFC", InProgress),
        ("ACSP", InProgress),
        ("ACWC", InProgress),
        ("ACWP", InProgress),
        ("ACSC", Settled),
        ("ACCC", Credited),
        ("RJCT", Failed),
        ("CANC", Failed),
        ("BLCK", Exception),
        // Cheques, cash, several signatures, requests to pay, checks of names: nothing that our transfers go through.
        ("ACIS", Unknown),
        ("CPUC", Unknown),
        ("PATC", Unknown),
        ("PRES", Unknown),
        ("ACPD", Unknown),
        ("RCVC", Unknown),
        ("RVNA", Unknown),
        ("RVNM", Unknown),
        ("RVMC", Unknown),
        ("ACFW", Unknown),
        ("RVNC", Unknown),
        ("RVCM", Unknown),
    ]
};

/// ExternalPaymentGroupStatus1Code of the second quarter of 2026, all 13.
const GROUPS: [(&str, StatusMeaning); 13] = {
    use StatusMeaning::{Credited, Failed, InProgress, Settled, Unknown};
    [
        ("RCVD", InProgress),
        ("PDNG", InProgress),
        ("ACTC", InProgress),
        ("ACCP", InProgress),
        ("ACSP", InProgress),
        ("ACWC", InProgress),
        ("PART", InProgress),
        ("ACSC", Settled),
        ("ACCC", Credited),
        ("RJCT", Failed),
        ("RCVC", Unknown),
        ("RVCM", Unknown),
        ("RVNC", Unknown),
    ]
};

#[test]
fn every_code_of_the_lists_has_its_meaning() {
    for (code, meaning) in TRANSACTIONS {
        assert_eq!(status_meaning(code), meaning, "{code}");
        let event = match meaning {
            StatusMeaning::InProgress => Some(Event::Accept),
            StatusMeaning::Settled => Some(Event::Settle),
            StatusMeaning::Credited => Some(Event::Credit),
            StatusMeaning::Failed => Some(Event::Reject),
            StatusMeaning::Exception | StatusMeaning::Unknown => None,
        };
        assert_eq!(meaning.event(), event, "{code}");
    }
    for (code, meaning) in GROUPS {
        assert_eq!(group_status_meaning(code), meaning, "{code}");
    }
    let codes: std::collections::BTreeSet<&str> = TRANSACTIONS.iter().map(|(code, _)| *code).collect();
    assert_eq!(codes.len(), 25);
    // A status of transactions alone says nothing of a group.
    for code in ["CANC", "BLCK", "ACFC", "ACWP", "XXXX", ""] {
        assert_eq!(group_status_meaning(code), StatusMeaning::Unknown, "{code}");
    }
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    proptest::collection::vec(proptest::sample::select(EVENTS.to_vec()), 0..20)
}

proptest! {
    #[test]
    fn states_only_go_forward(history in events()) {
        let mut state = State::Approved;
        for event in history {
            let next = state.advance(event).unwrap_or(state);
            prop_assert!(rank(next) >= rank(state), "{state:?} {event:?} {next:?}");
            prop_assert!(state != State::Rejected || next == State::Rejected);
            prop_assert!(!(state.is_paid() && next == State::Rejected));
            // Twice is once.
            prop_assert_eq!(next.advance(event).unwrap_or(next), next);
            state = next;
        }
    }

    #[test]
    fn the_order_of_bank_reports_does_not_matter(
        (one, other) in proptest::sample::subsequence(vec![Event::Accept, Event::Settle, Event::Credit, Event::Return], 0..=4)
            .prop_flat_map(|events| (Just(events.clone()).prop_shuffle(), Just(events).prop_shuffle()))
    ) {
        for from in [State::Extracted, State::Unknown] {
            prop_assert_eq!(run(from, &one), run(from, &other));
        }
    }

    #[test]
    fn a_refusal_and_a_debit_end_alike_in_any_order_once_two_people_decide(
        events in Just(vec![Event::Accept, Event::Reject, Event::Settle, Event::Credit]).prop_shuffle(),
        verdict in proptest::sample::select(vec![(Event::Settle, true), (Event::Return, false)]),
        lost in any::<bool>(),
    ) {
        let (decision, paid) = verdict;
        let mut state = if lost { State::Unknown } else { State::Extracted };
        let mut waiting = 0;
        for event in events {
            match state.advance(event) {
                Ok(next) => state = next,
                Err(_) => waiting += 1,
            }
        }
        // Whichever the bank told first, something waits for people, and the order is over without them.
        prop_assert!(waiting > 0);
        prop_assert!(state.is_final() || state == State::Settled, "{state:?}");
        let decided = state.decide(decision);
        prop_assert!(decided.is_ok(), "{state:?} {decision:?}");
        let decided = decided.unwrap_or(state);
        prop_assert_eq!(decided.is_paid(), paid);
        // The same decision of a second line changes nothing more.
        prop_assert_eq!(decided.decide(decision), Ok(decided));
    }

    #[test]
    fn people_can_do_what_banks_can_and_end_a_refusal(history in events()) {
        let mut state = State::Approved;
        for event in history {
            if let Ok(next) = state.advance(event) {
                prop_assert_eq!(state.decide(event), Ok(next));
                state = next;
            } else if state != State::Rejected {
                prop_assert!(state.decide(event).is_err(), "{state:?} {event:?}");
            }
        }
    }

    #[test]
    fn a_rejection_and_a_payment_never_pass_unseen(mut history in events(), paid in 0_usize..3, first in any::<bool>()) {
        let paid = [Event::Settle, Event::Credit, Event::Return][paid];
        history.insert(0, Event::Extract);
        history.extend(if first { [paid, Event::Reject] } else { [Event::Reject, paid] });
        let mut state = State::Approved;
        let mut refused = false;
        for event in history {
            match state.advance(event) {
                Ok(next) => state = next,
                Err(_) => refused = true,
            }
        }
        prop_assert!(refused);
    }
}
