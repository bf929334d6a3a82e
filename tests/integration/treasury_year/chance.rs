//! What happens in a town by chance: which acts, where they are cut, and how its bank behaves.

use domain::bank_simulator::Behaviour;
use proptest::prelude::*;

use super::aside::side;
use super::debts::debt;
use super::hands::hand;
use super::history::Act;
use super::matters::matter;
use super::paperwork::paper;
use super::refusals::refusal;

/// An act, dropped at the await of this number where there is one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) act: Act,
    pub(super) cut: Option<u32>,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => Just(Act::Create),
        2 => Just(Act::Build),
        4 => Just(Act::Submit),
        4 => Just(Act::Approve),
        3 => Just(Act::Second),
        1 => Just(Act::Reject),
        4 => Just(Act::Release),
        8 => (1_u8..24).prop_map(Act::Work),
        4 => (1_u16..150).prop_map(Act::Die),
        4 => Just(Act::Deliver),
        1 => any::<u8>().prop_map(Act::Resend),
        3 => (1_u8..25).prop_map(Act::Days),
        5 => any::<u8>().prop_map(Act::Answer),
        2 => Just(Act::AllAnswers),
        2 => any::<u8>().prop_map(Act::Resolve),
        2 => any::<u8>().prop_map(Act::Evidence),
        2 => any::<u8>().prop_map(Act::Account),
        14 => paper().prop_map(Act::Beside),
        10 => side().prop_map(Act::Aside),
        8 => matter().prop_map(Act::Matter),
        6 => debt().prop_map(Act::Debt),
        6 => refusal().prop_map(Act::Refuse),
        12 => hand().prop_map(Act::Hand),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let cut = prop_oneof![3 => Just(None), 2 => (1_u32..60).prop_map(Some)];
    (act(), cut).prop_map(|(act, cut)| Step { act, cut })
}

/// What happens in a town.
#[derive(Clone, Debug)]
pub(super) struct History {
    /// The seed of its bank.
    seed: u64,
    /// Of all orders, moved with another sum, and of the transfers, answered with another account first; parts per thousand.
    wrong: [u32; 2],
    /// Whole files are given back in one sum, and debited once more.
    twice: bool,
    /// Two people approve every run.
    pub(super) pair: bool,
    pub(super) steps: Vec<Step>,
}

impl History {
    /// How its bank behaves: as badly as it can, and sometimes worse.
    pub(super) fn behaviour(&self) -> Behaviour {
        let [wrong_sums, wrong_accounts] = self.wrong;
        let own = Behaviour {
            seed: self.seed,
            silent: 40,
            wrong_sums,
            wrong_accounts,
            ..Behaviour::worst()
        };
        if !self.twice {
            return own;
        }
        // Where orders of such a file are refused or come back one by one as well, nobody can say which debit paid the
        // others, and no letter of the bank ends that here.
        Behaviour {
            rejects: 0,
            returns: 0,
            late_returns: 0,
            deceased: 0,
            recalls_refused: 1_000,
            batch_only_debit: 700,
            files_debited_twice: 700,
            ..own
        }
    }
}

/// None, or so many that some of a few orders are among them.
fn share() -> impl Strategy<Value = u32> {
    prop_oneof![Just(0), Just(80)]
}

/// Most of a month first, each of its steps cut once and then done, so that there is something to go wrong with.
pub(super) fn history() -> impl Strategy<Value = History> {
    let first = [
        Act::Create,
        Act::Work(24),
        Act::Submit,
        Act::Approve,
        Act::Second,
        Act::Release,
        Act::Work(24),
        Act::Deliver,
        Act::Days(24),
    ];
    let cuts = prop::collection::vec(prop::option::of(1_u32..60), first.len());
    let rest = prop::collection::vec(step(), 4..30);
    let wrong = [share(), share()];
    let twice = prop::bool::weighted(0.4);
    let own = (0_u64..1_000, wrong, twice, any::<bool>(), cuts, rest);
    own.prop_map(move |(seed, wrong, twice, pair, cuts, rest)| {
        let month = first.into_iter().zip(cuts).flat_map(|(act, cut)| {
            let crashed = cut.map(|polls| crash(act, polls));
            crashed.into_iter().chain([Step { act, cut: None }])
        });
        let steps = month.chain(rest).collect();
        History {
            seed,
            wrong,
            twice,
            pair,
            steps,
        }
    })
}

/// An act that is not lived to its end: of work, one job is not.
fn crash(act: Act, polls: u32) -> Step {
    match act {
        Act::Work(_) => Step {
            act: Act::Die(u16::try_from(polls).unwrap()),
            cut: None,
        },
        act => Step { act, cut: Some(polls) },
    }
}
