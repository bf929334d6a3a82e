//! What happens in random histories.

use proptest::prelude::*;
use uuid::Uuid;

use super::town::LAN;

/// One thing that happens.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    /// A new standard with a past date, which may make a debt.
    Law(i64, bool),
    /// The last standard was published with a wrong amount.
    Correct(i64),
    /// The last standard is repealed from September on, and another put in its place.
    Repeal(i64, bool),
    /// The disability of one of the two ended on the last day of a month, or goes on.
    Evidence(Who, Option<u32>),
    /// So did the disability of one of those whom the carer cares for.
    Cared(bool, Option<u32>),
    /// Another payee of one of the two.
    Payee(Who),
    /// The run of the next month is built and left so.
    Build,
    /// The run of the next month is built anew, signed and released.
    Pay,
    /// The post office answers on a run, on each order as the digits say.
    Answer(usize, u8),
    /// A case takes one of the steps that are possible, of this cause where it is classified.
    Step(usize, usize, Cause),
    /// A case walks on to its plan of instalments.
    Drive(usize, Cause),
}

/// One of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// Who has an allowance.
    Lan,
    /// Who has an allowance and two components of care support.
    Carer,
}

/// The carer.
pub(super) const CARER: Uuid = Uuid::from_u128(0x52);

impl Who {
    /// The id.
    pub(super) const fn id(self) -> Uuid {
        match self {
            Self::Lan => LAN,
            Self::Carer => CARER,
        }
    }
}

/// Why somebody was paid too much, and whether it may have to be paid back.
pub(super) type Cause = (&'static str, bool);

fn who() -> impl Strategy<Value = Who> {
    prop_oneof![Just(Who::Lan), Just(Who::Carer)]
}

/// Most of them may have to be paid back: where nothing is, the road is short.
fn cause() -> impl Strategy<Value = Cause> {
    let causes = prop::sample::select(vec![
        "law",
        "official_error",
        "late_action",
        "citizen_omission",
        "misrepresentation",
        "third_party",
        "death_after_payment",
        "technical",
    ]);
    (causes, prop::bool::weighted(0.85))
}

fn event() -> impl Strategy<Value = Event> {
    let amount = || (500_i64..800).prop_map(|amount| amount * 1_000);
    let ended = || prop::option::of(7_u32..12);
    prop_oneof![
        2 => (amount(), any::<bool>()).prop_map(|(amount, debt)| Event::Law(amount, debt)),
        1 => amount().prop_map(Event::Correct),
        1 => (amount(), any::<bool>()).prop_map(|(amount, debt)| Event::Repeal(amount, debt)),
        2 => (who(), ended()).prop_map(|(who, ended)| Event::Evidence(who, ended)),
        1 => (any::<bool>(), ended()).prop_map(|(first, ended)| Event::Cared(first, ended)),
        1 => who().prop_map(Event::Payee),
        1 => Just(Event::Build),
        4 => Just(Event::Pay),
        4 => (any::<usize>(), any::<u8>()).prop_map(|(run, how)| Event::Answer(run, how)),
        4 => (any::<usize>(), any::<usize>(), cause()).prop_map(|(case, action, cause)| Event::Step(case, action, cause)),
        3 => (any::<usize>(), cause()).prop_map(|(case, cause)| Event::Drive(case, cause)),
    ]
}

/// Standards that fall after they were paid, and a case that is driven on, so that runs have something to keep back.
pub(super) fn history() -> impl Strategy<Value = Vec<Event>> {
    let start = [
        Event::Law(700_000, false),
        Event::Pay,
        Event::Answer(0, 0),
        Event::Law(600_000, true),
    ];
    let on = [Event::Drive(0, ("citizen_omission", true)), Event::Pay];
    (any::<bool>(), prop::collection::vec(event(), 4..14)).prop_map(move |(driven, rest)| {
        let on = on.into_iter().filter(|_| driven);
        start.into_iter().chain(on).chain(rest).collect()
    })
}
