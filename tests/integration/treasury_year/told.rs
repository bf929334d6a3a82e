//! What had an effect: in the histories that are always told, each thing that can be done has one, in every run of the
//! tests.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::aside::Side;
use super::ends::ENDS;
use super::history::Act;
use super::paperwork::Paper;
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
    "Fetch",
    "Sign",
    "Acknowledge",
    "Ask",
    "Misread",
    "SetAside",
    "NoSetAside",
    "SecondDebit",
    "NoSecondDebit",
    "Prepare",
    "Confirm",
    "Reduce",
    "NoReduction",
    "TakeBack",
    "ProfileBack",
    "Repay",
    "Contest",
    "GiveUp",
    "Done",
];

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
    /// Nobody hears of one that is made.
    signatures: i64,
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
            signatures: town
                .number("SELECT COUNT(*) AS number FROM payment_file_signature")
                .await,
            today: town.app.clock.today(),
            answers: town.bank.answers_between(NaiveDate::MIN, NaiveDate::MAX).len(),
        }
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
