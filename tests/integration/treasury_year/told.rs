//! Histories that are told the same way every time, so that each thing that can be done is done with an effect in every run
//! of the tests; and the count of what had one. Histories by chance come after them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::bank_simulator::Behaviour;

use super::aside::Side;
use super::debts::Debt;
use super::ends::ENDS;
use super::history::Act;
use super::matters::Matter;
use super::paperwork::Paper;
use super::refusals::Refusal;
use super::town::Town;

/// Everything that can be done and is done in the told histories, by the name of its act.
const EVERYTHING: &[&str] = &[
    "Create",
    "Build",
    "Submit",
    "Approve",
    "Second",
    "Reject",
    "Release",
    "Work",
    "Die",
    "Deliver",
    "Resend",
    "Days",
    "Answer",
    "AllAnswers",
    "Resolve",
    "Account",
    "Cancel",
    "Exclude",
    "Include",
    "WriteOff",
    "Close",
    "Transfer",
    "Reissue",
    "Send",
    "Look",
    "Judge",
    "Arrears",
    "Part",
    "Relief",
    "Profile",
    "GoesOver",
    "Donated",
    "Strictly",
    "Settle",
    "Fund",
    "Lines",
    "Tiers",
    "Day",
    "Finding",
    "WholeFile",
    "Again",
    "Evidence",
    "Recall",
    "Lower",
    "Step",
    "KeepBack",
    "Silence",
    "NoLine",
    "NoDifference",
    "NoRecall",
    "NoWriteOff",
    "NoLetter",
    "NoDay",
    "NoTransfer",
];

/// More jobs than ever wait.
const ALL: Act = Act::Work(250);

/// How often each act had an effect, over all histories of a run.
#[derive(Debug, Default)]
pub(super) struct Effects {
    acts: BTreeMap<String, u32>,
    /// How often each of the [ends](ENDS) was come to.
    ends: BTreeMap<&'static str, i64>,
}

impl Effects {
    /// An act has left something behind it.
    pub(super) fn note(&mut self, act: Act) {
        let told = format!("{act:?}");
        // An act of a group is named behind it, and its number behind that.
        let mut words = told.split(|own: char| !own.is_alphabetic());
        let name = words.rfind(|word| !word.is_empty()).unwrap_or_default();
        let listed = EVERYTHING.contains(&name);
        assert!(listed, "{name} is not listed");
        *self.acts.entry(name.to_owned()).or_default() += 1;
    }

    /// What a town came to.
    pub(super) fn note_ends(&mut self, ends: Vec<(&'static str, i64)>) {
        for (what, number) in ends {
            *self.ends.entry(what).or_default() += number;
        }
    }

    /// Fails where something never had an effect.
    pub(super) fn everything_was_done(&self) {
        let never: Vec<&&str> = EVERYTHING
            .iter()
            .filter(|name| !self.acts.contains_key(**name))
            .collect();
        assert!(
            never.is_empty(),
            "never had an effect: {never:?}; of the others: {:?}",
            self.acts
        );
        for (what, _) in ENDS {
            assert!(self.ends.get(what).is_some_and(|own| *own > 0), "never: {what}");
        }
    }
}

/// What an act that has an effect changes: every change of ours is in the audit trail, and work is done by jobs.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pulse {
    events: i64,
    jobs: i64,
    reports: i64,
    today: NaiveDate,
    /// What the bank has said, or will say.
    answers: usize,
}

impl Pulse {
    /// How it stands now.
    pub(super) async fn of(town: &Town) -> Self {
        Self {
            events: town.number("SELECT COUNT(*) AS number FROM audit_event").await,
            jobs: town
                .number("SELECT COUNT(*) AS number FROM job WHERE status = 'done'")
                .await,
            reports: town.number("SELECT COUNT(*) AS number FROM bank_report").await,
            today: town.app.clock.today(),
            answers: town.bank.answers_between(NaiveDate::MIN, NaiveDate::MAX).len(),
        }
    }
}

/// A history that is always told.
pub(super) struct Story {
    pub(super) behaviour: Behaviour,
    /// Two people approve every run.
    pub(super) pair: bool,
    pub(super) acts: Vec<Act>,
}

/// Each of them.
pub(super) fn stories() -> [Story; 6] {
    [
        everything_goes_well(),
        everything_comes_back(),
        other_sums_and_deaths(),
        something_is_kept_back(),
        the_bank_contradicts_itself(),
        the_bank_says_nothing(),
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
    acts.extend([ALL, Act::Deliver]);
    acts.extend(each(0..5, |which| Act::Refuse(Refusal::NoRecall(which))));
    acts.extend(each(0..14, |which| Act::Beside(Paper::Recall(which))));
    acts.extend(each(0..8, Act::Resend));
    acts.extend([Act::Days(20), Act::Aside(Side::Strictly(0))]);
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
        Act::Aside(Side::Profile(0)),
        Act::Matter(Matter::Fund),
        Act::Matter(Matter::Lines(0)),
        Act::Matter(Matter::Tiers(0)),
    ]);
    acts.extend(each(3..6, |which| Act::Refuse(Refusal::NoDay(which))));
    acts.extend(each(0..3, |which| Act::Matter(Matter::Day(which))));
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

/// What was paid too much for September is found and decided, and October's run keeps it back and pays the rest.
fn something_is_kept_back() -> Story {
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
    acts.extend(each(0..6, |_| Act::Debt(Debt::Step(0))));
    acts.extend([Act::Days(3), Act::Debt(Debt::Step(0)), Act::Debt(Debt::KeepBack(0))]);
    acts.extend([Act::Days(10), Act::Create, ALL]);
    acts.extend(signed(false));
    acts.extend([Act::Deliver, Act::Days(24), Act::AllAnswers, ALL]);
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

#[test]
fn what_never_had_an_effect_is_named() {
    let mut effects = Effects::default();
    effects.note(Act::Create);
    effects.note(Act::Beside(Paper::Exclude(12)));
    effects.note(Act::Aside(Side::Arrears));
    let named: Vec<&str> = effects.acts.keys().map(String::as_str).collect();
    assert_eq!(named, ["Arrears", "Create", "Exclude"]);
    let missing = std::panic::catch_unwind(|| effects.everything_was_done()).unwrap_err();
    let told = missing.downcast_ref::<String>().unwrap();
    assert!(
        told.contains("\"WholeFile\"") && !told.contains("\"Create\", "),
        "{told}"
    );
}
