//! Histories that are told the same way every time, so that each thing that can be done is done with an effect in every run
//! of the tests. Histories by chance come after them.

use domain::bank_simulator::Behaviour;

use super::aside::Side;
use super::debts::Debt;
use super::hands::Hand;
use super::history::Act;
use super::matters::Matter;
use super::paperwork::Paper;
use super::refusals::Refusal;

/// More jobs than ever wait.
const ALL: Act = Act::Work(250);

/// A history that is always told.
pub(super) struct Story {
    pub(super) behaviour: Behaviour,
    /// Two people approve every run.
    pub(super) pair: bool,
    pub(super) acts: Vec<Act>,
}

/// Each of them.
pub(super) fn stories() -> [Story; 8] {
    [
        everything_goes_well(),
        everything_comes_back(),
        other_sums_and_deaths(),
        something_is_kept_back(),
        something_is_forgiven(),
        the_bank_contradicts_itself(),
        the_bank_says_nothing(),
        the_bank_debits_files_twice(),
    ]
}

/// A run from its draft to the bank, by so many approvers.
fn signed(pair: bool) -> Vec<Act> {
    let second = pair.then_some(Act::Second);
    let mut acts = vec![Act::Submit, Act::Approve];
    acts.extend(second);
    acts.extend([Act::Release, ALL]);
    acts
}

/// One act with each of these numbers.
fn each(numbers: std::ops::Range<u8>, act: impl Fn(u8) -> Act) -> impl Iterator<Item = Act> {
    numbers.map(act)
}

/// The bank pays everything, the road out of the house is the only thing that is not to be trusted, and people change
/// their minds.
fn everything_goes_well() -> Story {
    let mut acts = vec![
        // A program goes over to the donations and back, before anything is paid.
        Act::Aside(Side::GoesOver(0)),
        Act::Aside(Side::Donated(0)),
        ALL,
        Act::Beside(Paper::Cancel),
        Act::Aside(Side::GoesOver(0)),
        Act::Create,
        Act::Die(100),
        ALL,
        Act::Beside(Paper::Exclude(0)),
        Act::Beside(Paper::Include(0)),
        Act::Submit,
        Act::Approve,
        Act::Reject,
        Act::Build,
        ALL,
        // What is left out of the run waits for one of arrears alone.
        Act::Beside(Paper::Exclude(1)),
    ];
    acts.extend(signed(true));
    // Of three parcels one is lost: somebody looks, and sends it again.
    acts.extend(each(0..16, |which| Act::Beside(Paper::Look(which))));
    acts.extend(each(0..16, |which| Act::Beside(Paper::Send(which))));
    acts.push(ALL);
    // One is fetched and signed before all of them are handed on.
    acts.extend([Hand::Fetch(0), Hand::Sign(0), Hand::Acknowledge(0)].map(Act::Hand));
    acts.push(Act::Deliver);
    acts.extend(each(0..5, |which| Act::Refuse(Refusal::NoRecall(which))));
    acts.extend(each(0..14, |which| Act::Beside(Paper::Recall(which))));
    acts.extend(each(0..8, Act::Resend));
    acts.push(Act::Days(20));
    // Two answers are read as another bank's first.
    acts.extend([Hand::Misread(0), Hand::Misread(20)].map(Act::Hand));
    acts.extend([ALL, Act::Refuse(Refusal::NoSetAside(0))]);
    acts.extend(each(0..2, |_| Act::Hand(Hand::SetAside(0))));
    acts.push(Act::Aside(Side::Strictly(0)));
    acts.extend(each(0..4, Act::Answer));
    acts.extend([
        ALL,
        Act::AllAnswers,
        ALL,
        Act::Matter(Matter::WholeFile(0)),
        Act::Days(12),
        Act::AllAnswers,
        ALL,
        Act::Beside(Paper::Close(0)),
        Act::Aside(Side::Arrears),
        ALL,
        Act::Beside(Paper::Cancel),
        Act::Aside(Side::Part(0)),
        ALL,
        Act::Beside(Paper::Cancel),
        Act::Refuse(Refusal::NoTransfer(0)),
        Act::Beside(Paper::Transfer(0)),
        Act::Refuse(Refusal::NoReduction(0)),
        Act::Matter(Matter::Reduce(0)),
        Act::Hand(Hand::Ask(0)),
        Act::Aside(Side::ProfileBack(0)),
        Act::Aside(Side::Profile(0)),
        Act::Matter(Matter::Fund),
        Act::Matter(Matter::Lines(0)),
        Act::Matter(Matter::Tiers(0)),
    ]);
    acts.extend(each(3..6, |which| Act::Refuse(Refusal::NoDay(which))));
    acts.extend(each(0..3, |which| Act::Matter(Matter::Day(which))));
    acts.extend(each(10..13, |which| Act::Matter(Matter::TakeBack(which))));
    acts.extend(each(0..14, Act::Evidence));
    acts.push(ALL);
    acts.extend(each(0..2, Act::Account));
    acts.push(ALL);
    Story {
        behaviour: Behaviour::good(),
        pair: true,
        acts,
    }
}

/// No money stays where it was sent: it is written off, filed for again, and paid again to other accounts.
fn everything_comes_back() -> Story {
    let mut acts = vec![Act::Create, ALL];
    acts.extend(signed(false));
    acts.push(Act::Aside(Side::Relief(7)));
    acts.extend(each(0..7, |which| Act::Aside(Side::Relief(which))));
    acts.extend([
        ALL,
        Act::Deliver,
        Act::Days(24),
        Act::Days(24),
        Act::AllAnswers,
        ALL,
        Act::Refuse(Refusal::NoLine(0)),
        Act::Refuse(Refusal::NoLine(1)),
        Act::Beside(Paper::Judge(0)),
        Act::Beside(Paper::Judge(1)),
        Act::Refuse(Refusal::NoWriteOff(0)),
        Act::Beside(Paper::WriteOff(0)),
        ALL,
    ]);
    acts.extend(each(0..7, |which| Act::Matter(Matter::Again(which))));
    acts.push(ALL);
    acts.extend(each(0..14, Act::Account));
    acts.extend([ALL, Act::Beside(Paper::Reissue), ALL, Act::Beside(Paper::Cancel), ALL]);
    Story {
        behaviour: Behaviour {
            returns: 1_000,
            not_collected: 1_000,
            unknown_references: 1_000,
            ..Behaviour::good()
        },
        pair: false,
        acts,
    }
}

/// The bank moves other sums than were ordered, and tells of deaths.
fn other_sums_and_deaths() -> Story {
    let mut acts = vec![Act::Create, ALL];
    acts.extend(signed(false));
    acts.extend([Act::Deliver, Act::Days(24), Act::Days(24), Act::AllAnswers, ALL]);
    acts.extend(each(0..12, |_| Act::Resolve(0)));
    acts.extend([
        ALL,
        Act::Refuse(Refusal::NoDifference(0)),
        Act::Matter(Matter::Settle(0)),
        Act::Matter(Matter::Finding(0)),
        ALL,
        Act::Matter(Matter::Finding(1)),
        ALL,
    ]);
    Story {
        behaviour: Behaviour {
            wrong_sums: 300,
            deceased: 300,
            ..Behaviour::good()
        },
        pair: false,
        acts,
    }
}

/// September is paid, and something of it turns out to be too much.
fn overpaid() -> Vec<Act> {
    let mut acts = vec![Act::Create, ALL];
    acts.extend(signed(false));
    // 13/9: the cash is handed over too.
    acts.extend([
        Act::Deliver,
        Act::Days(24),
        Act::AllAnswers,
        ALL,
        Act::Debt(Debt::Lower),
        ALL,
    ]);
    acts
}

/// What was paid too much is decided, and two people agree that it is not asked back.
fn something_is_forgiven() -> Story {
    let mut acts = overpaid();
    acts.extend(each(0..5, |_| Act::Debt(Debt::Step(0))));
    acts.push(Act::Debt(Debt::GiveUp(0)));
    Story {
        behaviour: Behaviour::good(),
        pair: false,
        acts,
    }
}

/// What was paid too much for September is found and decided, and October's run keeps it back and pays the rest.
fn something_is_kept_back() -> Story {
    let mut acts = overpaid();
    acts.extend(each(0..6, |_| Act::Debt(Debt::Step(0))));
    // A third of it is paid back in cash, and the rest is kept back.
    acts.extend([Act::Days(3), Act::Debt(Debt::Step(0)), Act::Debt(Debt::Repay(0))]);
    // An appeal against it changes nothing.
    acts.extend([Debt::Contest(0), Debt::Contest(0), Debt::KeepBack(0)].map(Act::Debt));
    acts.extend([Act::Days(10), Act::Create, ALL]);
    acts.extend(signed(false));
    acts.extend([Act::Deliver, Act::Days(24), Act::AllAnswers, ALL]);
    acts.push(Act::Debt(Debt::Done(0)));
    acts.extend([Hand::Prepare(0), Hand::Confirm(0)].map(Act::Hand));
    Story {
        behaviour: Behaviour::good(),
        pair: false,
        acts,
    }
}

/// The bank refuses what it debits. What is paid again before the debit shows is booked against it; of what waits two people
/// find that it is paid.
fn the_bank_contradicts_itself() -> Story {
    let mut acts = vec![Act::Create, ALL];
    acts.extend(signed(false));
    // 6/9: the refusals are there, the debits are not.
    acts.extend([Act::Deliver, Act::Days(17), Act::AllAnswers, ALL]);
    acts.extend([Act::Beside(Paper::Reissue), ALL, Act::Beside(Paper::Exclude(0))]);
    acts.extend(signed(false));
    acts.extend([Act::Days(3), Act::AllAnswers, ALL]);
    acts.extend(each(0..14, |_| Act::Resolve(0)));
    acts.push(ALL);
    Story {
        behaviour: Behaviour {
            refused_then_debited: 700,
            debited_then_refused: 300,
            ..Behaviour::good()
        },
        pair: false,
        acts,
    }
}

/// The bank answers nothing. Two people say by its letter what became of them; what was not carried out is paid again.
fn the_bank_says_nothing() -> Story {
    let mut acts = vec![Act::Create, ALL];
    acts.extend(signed(false));
    // 17/9: twelve days after the execution.
    acts.extend([Act::Deliver, Act::Days(24), Act::Days(4), Act::AllAnswers, ALL]);
    acts.push(Act::Refuse(Refusal::NoLetter(0)));
    acts.extend(each(0..14, |_| Act::Matter(Matter::Silence(0))));
    acts.extend([ALL, Act::Beside(Paper::Reissue), ALL]);
    Story {
        behaviour: Behaviour {
            silent: 1_000,
            ..Behaviour::good()
        },
        pair: false,
        acts,
    }
}

/// The bank gives every file back in one sum and debits it once more. What is paid again in between is left out of what two
/// people take the second debit for.
fn the_bank_debits_files_twice() -> Story {
    let mut acts = vec![Act::Create, ALL];
    acts.extend(signed(false));
    // 7/9: each file is debited; 9/9: it is back.
    acts.extend([Act::Deliver, Act::Days(18), Act::AllAnswers, ALL]);
    acts.extend([Act::Days(2), Act::AllAnswers, ALL]);
    // The bank says nothing of why: whoever brings another account is paid again.
    acts.extend(each(0..9, Act::Account));
    acts.extend([ALL, Act::Beside(Paper::Reissue), ALL]);
    acts.extend(signed(false));
    // 13/9: it is debited once more.
    acts.extend([Act::Days(4), Act::AllAnswers, ALL]);
    acts.push(Act::Refuse(Refusal::NoSecondDebit(0)));
    acts.extend(each(0..8, |_| Act::Hand(Hand::SecondDebit(0))));
    acts.push(ALL);
    Story {
        behaviour: Behaviour {
            batch_only_debit: 1_000,
            files_debited_twice: 1_000,
            ..Behaviour::good()
        },
        pair: false,
        acts,
    }
}
