//! A simulated bank: its reader against our writer, its answers against our reader, and its ledger against both.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::bank::{BankProfile, BankProfiles, BankTable, FileFormat};
use crate::bank_report::synthetic::AccountVersion;
use crate::bank_report::{Format, LineKind, Options, Report, read};
use crate::ids::{Secret, reference, uetr};
use crate::payment_file::{Debtor, FileHeader, Instruction, Pain001, Purpose, Route, write_pain001};
use crate::payment_order::{Event, ReasonKind, State, group_status_meaning, reason_kind};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A file as our house writes it.
fn written(id: &str, orders: usize, format: Pain001) -> Vec<u8> {
    let secret = Secret::new(&[7; 32]).unwrap();
    let bank = BankTable::embedded().unwrap().current("AGRIBANK").unwrap().address();
    let line = |number: usize| {
        let key = format!("{id}:{number}");
        Instruction {
            reference: reference(&secret, "payment_order", &key),
            uetr: uetr(&secret, &key),
            amount: Vnd::new(500_000 + i64::try_from(number).unwrap()).unwrap(),
            route: Route::Bank(bank.clone()),
            account: format!("80002051{number:05}"),
            name: "PHAM THI LAN".to_owned(),
            beneficiary: None,
            purpose: Purpose::SocialBenefit,
            remittance: "TRO CAP".to_owned(),
        }
    };
    let mut lines: Vec<Instruction> = (0..orders).map(line).collect();
    lines.sort_by(|a, b| a.reference.cmp(&b.reference));
    let header = FileHeader {
        message_id: id.to_owned(),
        payment_information_id: format!("{id}-B"),
        created_at: "2024-08-24T02:00:00Z".parse().unwrap(),
        execution_date: day("2024-09-05"),
        count: u64::try_from(orders).unwrap(),
        sum: lines.iter().map(|line| line.amount).sum(),
        initiating_party: "SO TAI CHINH".to_owned(),
        debtor: Debtor {
            name: "SO TAI CHINH".to_owned(),
            account: "102010000000001".to_owned(),
            bank: bank.clone(),
        },
    };
    let profile = BankProfile {
        format: match format {
            Pain001::V03 => FileFormat::Pain001V03,
            Pain001::V09 => FileFormat::Pain001V09,
        },
        ..BankProfiles::embedded().unwrap().of("AGRIBANK").clone()
    };
    let mut bytes = Vec::new();
    let lines = lines.into_iter().map(Ok::<_, String>);
    write_pain001(&mut bytes, &header, &profile, lines).unwrap();
    bytes
}

fn bank_with(behaviour: Behaviour, orders: usize) -> Simulator {
    let mut bank = Simulator::new(behaviour).unwrap();
    let file = BankFile::read(&written("AS-FILE-1", orders, Pain001::V09)).unwrap();
    assert_eq!(bank.receive(file, day("2024-08-24")), Receipt::Taken);
    let cash = |number: usize| BankOrder {
        reference: format!("AS-CASH-{number}"),
        uetr: None,
        amount: Vnd::new(700_000).unwrap(),
        account: None,
    };
    let list = BankFile::cash(
        "CASH-1".to_owned(),
        day("2024-09-05"),
        (0..orders / 3).map(cash).collect(),
    );
    assert_eq!(bank.receive(list, day("2024-08-24")), Receipt::Taken);
    bank
}

fn everything(bank: &Simulator) -> Vec<AnswerFile> {
    bank.answers_between(day("2024-08-01"), day("2025-12-31"))
}

fn report(file: &AnswerFile) -> Report {
    read(&file.bytes, &Options::default()).unwrap_or_else(|error| panic!("{}: {error}", file.name))
}

/// An answer that contradicts the one before is decided by people, who ask the bank what it did.
pub(super) fn advanced(state: State, event: Event, fate: Fate) -> State {
    if matches!(fate, Fate::RefusedThenDebited | Fate::DebitedThenRefused) {
        return state.decide(event).unwrap_or(state);
    }
    state.advance(event).unwrap()
}

/// Where the orders stand for somebody who reads the answers as they come, and knows nothing else.
fn states(bank: &Simulator, until: NaiveDate) -> BTreeMap<String, State> {
    let entries = bank.ledger(until);
    let mut states: BTreeMap<String, State> = entries
        .iter()
        .map(|own| (own.reference.clone(), State::Extracted))
        .collect();
    let amounts: BTreeMap<&str, Vnd> = entries.iter().map(|own| (own.reference.as_str(), own.amount)).collect();
    let fates: BTreeMap<&str, Fate> = entries.iter().map(|own| (own.reference.as_str(), own.fate)).collect();
    for file in bank.answers_between(day("2024-08-01"), until) {
        let report = report(&file);
        let of_file: Vec<&str> = entries
            .iter()
            .filter(|own| own.file == file.about)
            .map(|own| own.reference.as_str())
            .collect();
        let mut listed = Vec::new();
        for line in &report.lines {
            let Some(event) = line.event() else { continue };
            if line.kind == LineKind::BatchDebit {
                for reference in &of_file {
                    let state = states.get_mut(*reference).unwrap();
                    *state = state.advance(event).unwrap_or(*state);
                }
                continue;
            }
            let reference = line.reference.clone().unwrap();
            let duplicate = line.reason.as_deref().map(reason_kind) == Some(ReasonKind::Duplicate);
            let (Some(state), false) = (states.get_mut(&reference), duplicate) else {
                continue;
            };
            listed.push(reference.clone());
            if line.amount == amounts.get(reference.as_str()).copied() {
                *state = advanced(*state, event, fates[reference.as_str()]);
            }
        }
        let header = &report.header;
        let duplicate = header.group_reason.as_deref().map(reason_kind) == Some(ReasonKind::Duplicate);
        let event = header
            .group_status
            .as_deref()
            .and_then(|own| group_status_meaning(own).event());
        if let (Some(event), false) = (event, duplicate) {
            for reference in of_file.iter().filter(|own| !listed.iter().any(|named| named == *own)) {
                let state = states.get_mut(*reference).unwrap();
                *state = state.advance(event).unwrap_or(*state);
            }
        }
    }
    states
}

fn money(state: State) -> Money {
    match state {
        State::Settled | State::Credited => Money::Paid,
        State::Rejected => Money::NotMoved,
        State::Returned => Money::CameBack,
        _ => Money::InFlight,
    }
}

#[test]
fn the_bank_reads_what_we_write_in_both_versions() {
    for (format, with_uetr) in [(Pain001::V09, true), (Pain001::V03, false)] {
        let file = BankFile::read(&written("AS-FILE-1", 50, format)).unwrap();
        assert_eq!(
            (file.id.as_str(), file.payment_information_id.as_str()),
            ("AS-FILE-1", "AS-FILE-1-B")
        );
        assert_eq!(file.message.as_deref(), Some(format.name()));
        assert_eq!(
            (file.account.as_str(), file.execution_date),
            ("102010000000001", day("2024-09-05"))
        );
        assert_eq!(file.orders.len(), 50);
        assert!(file.orders.iter().all(|order| order.uetr.is_some() == with_uetr));
    }
}

#[test]
fn a_file_that_is_not_what_it_says_is_refused() {
    let good = String::from_utf8(written("AS-FILE-1", 5, Pain001::V09)).unwrap();
    let fault = |text: &str| BankFile::read(text.as_bytes()).unwrap_err();
    assert_eq!(
        fault(&good.replace("<NbOfTxs>5", "<NbOfTxs>6")),
        FileFault::Count("GrpHdr/NbOfTxs")
    );
    let sum = 5 * 500_000 + 10;
    let altered = good.replacen(&format!("<CtrlSum>{sum}"), "<CtrlSum>1", 1);
    assert_eq!(fault(&altered), FileFault::Sum("GrpHdr/CtrlSum"));
    assert_eq!(fault(&good.replace("Ccy=\"VND\"", "Ccy=\"USD\"")), FileFault::Currency);
    assert_eq!(
        fault(&good.replace("pain.001.001.09", "pain.001.001.11")),
        FileFault::Message
    );
    assert!(matches!(fault(&good[..good.len() / 2]), FileFault::Xml(_)));
    assert_eq!(BankFile::read(&[0xff]).unwrap_err(), FileFault::NotUtf8);
    let first = good.split("<EndToEndId>").nth(1).unwrap().split('<').next().unwrap();
    let second = good.split("<EndToEndId>").nth(2).unwrap().split('<').next().unwrap();
    assert_eq!(
        fault(&good.replace(second, first)),
        FileFault::Duplicate(first.to_owned())
    );
}

#[test]
fn a_good_bank_credits_everything_on_the_next_day() {
    let bank = bank_with(Behaviour::good(), 30);
    let names: Vec<(NaiveDate, String)> = everything(&bank).into_iter().map(|own| (own.due, own.name)).collect();
    assert_eq!(
        names,
        [
            (day("2024-08-24"), "receipt-AS-FILE-1-2024-08-24.xml".to_owned()),
            (day("2024-09-06"), "pain002-AS-FILE-1-2024-09-06.xml".to_owned()),
            (day("2024-09-12"), "post-CASH-1-2024-09-12.csv".to_owned()),
        ]
    );
    assert!(
        bank.ledger(day("2024-09-04"))
            .iter()
            .all(|own| own.money == Money::InFlight)
    );
    assert!(
        bank.ledger(day("2024-09-12"))
            .iter()
            .all(|own| (own.money, own.told) == (Money::Paid, Money::Paid))
    );
}

#[test]
fn the_worst_bank_does_everything_and_its_ledger_is_what_its_answers_come_to() {
    let mut fates = BTreeMap::new();
    for seed in 0..6 {
        let behaviour = Behaviour {
            seed,
            ..Behaviour::worst()
        };
        let bank = bank_with(behaviour, 300);
        for until in ["2024-09-08", "2024-09-14", "2024-09-20", "2024-11-30"].map(day) {
            let states = states(&bank, until);
            for entry in bank.ledger(until) {
                *fates.entry(entry.fate).or_insert(0) += 1;
                assert_eq!(money(states[&entry.reference]), entry.told, "{entry:?} until {until}");
            }
        }
        assert!(
            bank.ledger(day("2024-11-30"))
                .iter()
                .all(|own| own.told == own.money && own.money != Money::InFlight)
        );
    }
    assert_eq!(fates.len(), 14, "{fates:?}");
}

#[test]
fn what_was_said_once_is_never_said_differently() {
    let bank = bank_with(
        Behaviour {
            seed: 9,
            ..Behaviour::worst()
        },
        200,
    );
    let all = everything(&bank);
    let json = serde_json::to_string(&bank).unwrap();
    let again: Simulator = serde_json::from_str(&json).unwrap();
    assert_eq!(again, bank);
    let mut by_day = Vec::new();
    let mut today = day("2024-08-01");
    while today < day("2025-12-31") {
        by_day.extend(again.answers(today));
        today = today.succ_opt().unwrap();
    }
    assert_eq!(by_day, all);
    let names: std::collections::BTreeSet<&str> = all.iter().map(|own| own.name.as_str()).collect();
    assert_eq!(names.len(), all.len());
    let other = bank_with(
        Behaviour {
            seed: 10,
            ..Behaviour::worst()
        },
        200,
    );
    assert_ne!(everything(&other), all);
}

#[test]
fn a_file_sent_again_is_refused_as_a_duplicate_and_pays_nothing() {
    let mut bank = bank_with(Behaviour::good(), 10);
    let before = bank.ledger(day("2024-12-31"));
    let file = BankFile::read(&written("AS-FILE-1", 10, Pain001::V09)).unwrap();
    assert_eq!(bank.receive(file, day("2024-09-07")), Receipt::Known);
    bank.resend("AS-FILE-1", day("2024-09-07"));
    let other = BankFile::read(&written("AS-FILE-1", 11, Pain001::V09)).unwrap();
    assert_eq!(bank.receive(other, day("2024-09-07")), Receipt::Clash);
    assert_eq!(bank.ledger(day("2024-12-31")), before);
    let refusals = bank.answers(day("2024-09-07"));
    let report = report(refusals.iter().find(|own| own.name.starts_with("refusal")).unwrap());
    assert_eq!(report.header.group_status.as_deref(), Some("RJCT"));
    assert_eq!(report.header.group_reason.as_deref(), Some("DU01"));
}

#[test]
fn answers_come_in_every_version_and_dress() {
    let mut seen = std::collections::BTreeSet::new();
    for (camt, message) in [
        (AccountVersion::V02, "02"),
        (AccountVersion::V04, "04"),
        (AccountVersion::V08, "08"),
    ] {
        let behaviour = Behaviour {
            camt,
            seed: 3,
            ..Behaviour::worst()
        };
        for file in everything(&bank_with(behaviour, 200)) {
            let report = report(&file);
            if let (Format::Camt053 | Format::Camt054, Some(told)) = (report.header.format, &report.header.message) {
                assert!(told.ends_with(message), "{told}");
            }
            seen.extend(report.header.tolerated.clone());
            assert!(report.lines.iter().all(|line| line.fault.is_none()), "{}", file.name);
        }
    }
    assert_eq!(seen.len(), 3, "{seen:?}");
}

#[test]
fn a_behaviour_is_checked_and_its_presets_make_sense() {
    for name in Behaviour::PRESETS {
        Behaviour::preset(name).unwrap().check().unwrap();
    }
    assert_eq!(
        Behaviour::preset("nice").unwrap_err(),
        BehaviourFault::Preset("nice".to_owned())
    );
    let check = |json: &str| serde_json::from_str::<Behaviour>(json).unwrap().check();
    assert_eq!(check(r#"{"rejects": 1001}"#), Err(BehaviourFault::Share("rejects")));
    assert_eq!(
        check(r#"{"rejects": 600, "returns": 500}"#),
        Err(BehaviourFault::Sum("transfers"))
    );
    assert_eq!(check(r#"{"delay_days": 400}"#), Err(BehaviourFault::Days("delay_days")));
    assert!(serde_json::from_str::<Behaviour>(r#"{"rejekts": 1}"#).is_err());
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in ".{0,400}") {
        let _ = BankFile::read(text.as_bytes());
        let _ = BankFile::read(format!("<Document><CstmrCdtTrfInitn>{text}").as_bytes());
    }

    #[test]
    fn in_the_end_every_dong_is_paid_kept_or_back(seed in any::<u64>(), orders in 1_usize..60) {
        let bank = bank_with(Behaviour { seed, ..Behaviour::worst() }, orders);
        let entries = bank.ledger(day("2025-12-31"));
        prop_assert_eq!(entries.len(), orders + orders / 3);
        for entry in entries {
            prop_assert!(entry.money != Money::InFlight);
            prop_assert_eq!(entry.money, entry.told);
        }
    }
}

#[test]
fn a_message_of_2009_is_answered_in_the_words_of_2009() {
    // Those of TransactionIndividualStatus3Code in pain.002.001.03.
    let known = ["ACTC", "RJCT", "PDNG", "ACCP", "ACSP", "ACSC", "ACWC"];
    let behaviour = Behaviour {
        blocked: 500,
        ..Behaviour::good()
    };
    let mut bank = Simulator::new(behaviour).unwrap();
    let file = BankFile::read(&written("AS-FILE-1", 50, Pain001::V03)).unwrap();
    bank.receive(file, day("2024-08-24"));
    let mut said = BTreeSet::new();
    for answer in everything(&bank) {
        let text = String::from_utf8(answer.bytes).unwrap();
        let statuses = text.split("<TxSts>").skip(1);
        said.extend(statuses.map(|rest| rest.split('<').next().unwrap().to_owned()));
    }
    assert!(said.iter().all(|status| known.contains(&status.as_str())), "{said:?}");
    assert!(said.contains("ACSC") && said.contains("PDNG"), "{said:?}");
}
