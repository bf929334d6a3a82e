//! Banks of tables: their reader against our writer, and their answers against our reader.

use std::collections::BTreeMap;

use super::tests::advanced;
use super::*;
use crate::bank::{BankProfile, BankProfiles, BankTable, ColumnField};
use crate::bank_report::{LineKind, NamedLayout, Options, Report, read};
use crate::ids::{Secret, reference, uetr};
use crate::payment_file::{Debtor, FileHeader, Instruction, Purpose, Route, write_file};
use crate::payment_order::{ReasonKind, State, reason_kind};

const BANKS: [&str; 2] = ["KLB", "PGB"];

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn profile(bank: &str) -> &'static BankProfile {
    BankProfiles::embedded().unwrap().of(bank)
}

/// A file as our house writes it for a bank of tables.
fn written(bank: &str, orders: usize) -> Vec<u8> {
    let secret = Secret::new(&[7; 32]).unwrap();
    let address = BankTable::embedded().unwrap().current(bank).unwrap().address();
    let line = |number: usize| {
        let key = format!("{bank}:{number}");
        let reference = reference(&secret, "payment_order", &key);
        Instruction {
            uetr: uetr(&secret, &key),
            amount: Vnd::new(500_000 + i64::try_from(number).unwrap()).unwrap(),
            route: Route::Bank(address.clone()),
            account: format!("0002051{number:05}"),
            name: "PHAM THI LAN".to_owned(),
            beneficiary: None,
            purpose: Purpose::SocialBenefit,
            remittance: format!("TRO CAP XA HOI THANG 09/2024 {reference} NH-0123456789"),
            reference,
        }
    };
    let mut lines: Vec<Instruction> = (0..orders).map(line).collect();
    lines.sort_by(|a, b| a.reference.cmp(&b.reference));
    let header = FileHeader {
        message_id: format!("AS-{bank}"),
        payment_information_id: "B".to_owned(),
        created_at: "2024-08-24T02:00:00Z".parse().unwrap(),
        execution_date: day("2024-09-05"),
        count: u64::try_from(orders).unwrap(),
        sum: lines.iter().map(|line| line.amount).sum(),
        initiating_party: "SO TAI CHINH".to_owned(),
        debtor: Debtor {
            name: "SO TAI CHINH".to_owned(),
            account: "102010000000001".to_owned(),
            bank: address,
        },
    };
    write_file(&header, profile(bank), &lines).unwrap().0
}

fn taken(bank: &str, bytes: &[u8]) -> Result<BankFile, FileFault> {
    let head = TableHead {
        id: format!("AS-{bank}"),
        execution_date: day("2024-09-05"),
    };
    BankFile::read_table(bytes, head, profile(bank))
}

fn options() -> Options {
    let of = |bank: &&str| NamedLayout {
        bank: (*bank).to_owned(),
        layout: profile(bank).result.clone().unwrap(),
    };
    Options {
        layouts: BANKS.iter().map(of).collect(),
        ..Options::default()
    }
}

fn report(file: &AnswerFile) -> Report {
    read(&file.bytes, &options()).unwrap_or_else(|error| panic!("{}: {error}", file.name))
}

/// Where the orders stand for somebody who reads the answers as they come.
fn states(bank: &Simulator, until: NaiveDate) -> BTreeMap<String, State> {
    let entries = bank.ledger(until);
    let amounts: BTreeMap<&str, Vnd> = entries.iter().map(|own| (own.reference.as_str(), own.amount)).collect();
    let fates: BTreeMap<&str, Fate> = entries.iter().map(|own| (own.reference.as_str(), own.fate)).collect();
    let mut states: BTreeMap<String, State> = entries
        .iter()
        .map(|own| (own.reference.clone(), State::Extracted))
        .collect();
    for file in bank.answers_between(day("2024-08-01"), until) {
        for line in &report(&file).lines {
            assert_eq!(line.kind, LineKind::ResultRow, "{}", file.name);
            let duplicate = line.reason.as_deref().map(reason_kind) == Some(ReasonKind::Duplicate);
            let (Some(event), Some(reference), false) = (line.event(), &line.reference, duplicate) else {
                continue;
            };
            if line.amount == amounts.get(reference.as_str()).copied() {
                let state = states.get_mut(reference).unwrap();
                *state = advanced(*state, event, fates[reference.as_str()]);
            }
        }
    }
    states
}

#[test]
fn a_bank_reads_the_tables_that_we_write() {
    for bank in BANKS {
        let file = taken(bank, &written(bank, 7)).unwrap();
        assert_eq!(file.orders.len(), 7, "{bank}");
        assert!(!file.is_cash());
        let sum: i64 = file.orders.iter().map(|order| order.amount.dong()).sum();
        assert_eq!(sum, 7 * 500_000 + 21);
        for order in &file.orders {
            assert!(order.reference.starts_with("AS-"), "{order:?}");
            assert!(order.account.as_ref().unwrap().starts_with("0002051"), "{order:?}");
        }
    }
}

#[test]
fn a_table_that_is_not_right_is_refused() {
    assert_eq!(taken("KLB", b"no table").unwrap_err(), FileFault::Table);
    assert_eq!(taken("PGB", b"no workbook").unwrap_err(), FileFault::Table);
    let good = String::from_utf8(written("KLB", 3)).unwrap();
    let file = taken("KLB", good.as_bytes()).unwrap();
    let (first, second) = (&file.orders[0].reference, &file.orders[1].reference);
    let twice = good.replace(second.as_str(), first);
    assert_eq!(
        taken("KLB", twice.as_bytes()).unwrap_err(),
        FileFault::Duplicate(first.clone())
    );
    let amount = file.orders[0].amount.dong();
    for odd in ["0", "", "1.5"] {
        let altered = good.replace(&amount.to_string(), odd);
        assert_eq!(
            taken("KLB", altered.as_bytes()).unwrap_err(),
            FileFault::Field("amount"),
            "{odd}"
        );
    }
    let headless = good.replace("Mã lệnh", "Mã");
    assert_eq!(taken("KLB", headless.as_bytes()).unwrap_err(), FileFault::Table);
    assert!(profile("PGB").table.as_ref().unwrap().total_row);
    assert!(
        profile("PGB")
            .table
            .as_ref()
            .unwrap()
            .columns
            .iter()
            .all(|own| own.field != ColumnField::Reference),
        "the reference is found in the content"
    );
}

#[test]
fn the_worst_bank_of_tables_does_everything_and_its_ledger_is_what_its_tables_come_to() {
    for bank in BANKS {
        let (mut fates, mut twice) = (std::collections::BTreeSet::new(), false);
        for seed in 0..6 {
            let mut office = Simulator::new(Behaviour {
                seed,
                ..Behaviour::worst()
            })
            .unwrap();
            let file = taken(bank, &written(bank, 200)).unwrap();
            assert_eq!(office.receive(file.clone(), day("2024-08-24")), Receipt::Taken);
            assert_eq!(office.receive(file, day("2024-08-25")), Receipt::Known);
            office.resend(&format!("AS-{bank}"), day("2024-09-10"));
            for until in ["2024-09-08", "2024-09-14", "2024-09-20", "2024-11-30"].map(day) {
                let states = states(&office, until);
                for entry in office.ledger(until) {
                    fates.insert(entry.fate);
                    let money = match states[&entry.reference] {
                        State::Settled | State::Credited => Money::Paid,
                        State::Rejected => Money::NotMoved,
                        State::Returned => Money::CameBack,
                        _ => Money::InFlight,
                    };
                    assert_eq!(money, entry.told, "{bank}: {entry:?} until {until}");
                }
            }
            let answers = office.answers_between(day("2024-08-01"), day("2025-12-31"));
            assert_eq!(answers, office.answers_between(day("2024-08-01"), day("2025-12-31")));
            let ending = format!(".{}", profile(bank).format.extension());
            assert!(answers.iter().all(|own| own.name.ends_with(&ending)));
            assert!(answers.iter().any(|own| own.name.starts_with("refusal")));
            twice |= answers.iter().any(|own| own.name.starts_with("again"));
        }
        assert!(twice, "{bank} never sends an answer again");
        assert_eq!(fates.len(), 13, "all but cash that nobody came for: {fates:?}");
    }
}

#[test]
fn the_state_of_a_bank_of_tables_is_its_json() {
    let mut office = Simulator::new(Behaviour::worst()).unwrap();
    office.receive(taken("PGB", &written("PGB", 20)).unwrap(), day("2024-08-24"));
    let json = serde_json::to_string(&office).unwrap();
    assert_eq!(serde_json::from_str::<Simulator>(&json).unwrap(), office);
}
