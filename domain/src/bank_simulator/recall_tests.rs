//! A bank that is asked to recall: what it reads of our request, and what it makes of it.

use super::*;
use crate::bank::BankTable;
use crate::bank_report::{LineKind, Options, read};
use crate::ids::{Secret, uetr};
use crate::payment_file::{Debtor, FileHeader, Pain001, Recall, RecallHeader, write_camt055};

const FILE: &str = "AS-FILE-1";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn order(number: u32) -> BankOrder {
    let secret = Secret::new(&[7; 32]).unwrap();
    BankOrder {
        reference: format!("AS-ORDER-{number}"),
        uetr: Some(uetr(&secret, &number.to_string())),
        amount: Vnd::new(500_000).unwrap(),
        account: Some("8000205100001".to_owned()),
    }
}

fn bank(behaviour: Behaviour) -> Simulator {
    let mut bank = Simulator::new(behaviour).unwrap();
    let file = BankFile {
        id: FILE.to_owned(),
        message: Some("pain.001.001.09".to_owned()),
        payment_information_id: format!("{FILE}-B"),
        account: "102010000000001".to_owned(),
        execution_date: day("2024-09-05"),
        orders: (0..3).map(order).collect(),
        table: None,
    };
    assert_eq!(bank.receive(file, day("2024-08-24")), Receipt::Taken);
    bank
}

/// A request as our house writes it.
fn written(id: &str, own: &BankOrder) -> Vec<u8> {
    let address = BankTable::embedded().unwrap().current("AGRIBANK").unwrap().address();
    let original = FileHeader {
        message_id: FILE.to_owned(),
        payment_information_id: format!("{FILE}-B"),
        created_at: "2024-08-24T02:00:00Z".parse().unwrap(),
        execution_date: day("2024-09-05"),
        count: 3,
        sum: Vnd::new(1_500_000).unwrap(),
        initiating_party: "SO TAI CHINH".to_owned(),
        debtor: Debtor {
            name: "SO TAI CHINH".to_owned(),
            account: "102010000000001".to_owned(),
            bank: address,
        },
    };
    let header = RecallHeader {
        message_id: id.to_owned(),
        created_at: "2024-09-10T02:00:00Z".parse().unwrap(),
    };
    let recalled = Recall {
        cancellation_id: id.to_owned(),
        reference: own.reference.clone(),
        uetr: own.uetr.unwrap(),
        amount: own.amount,
        reason: "AC03".to_owned(),
        note: "SAI SO TAI KHOAN".to_owned(),
    };
    write_camt055(&header, &original, Pain001::V09, &recalled).unwrap()
}

fn ask(bank: &mut Simulator, id: &str, own: &BankOrder) -> Option<Receipt> {
    let request = RecallRequest::read(&written(id, own)).unwrap();
    let on = request.made_on;
    bank.recall(request, on)
}

/// The status and reason of each answer to a recall, and the day it came.
fn told(bank: &Simulator) -> Vec<(NaiveDate, String, Option<String>)> {
    let answers = bank.answers_between(day("2024-01-01"), day("2025-12-31"));
    let read = answers
        .iter()
        .map(|own| (own.due, read(&own.bytes, &Options::default()).unwrap()));
    let lines = read.flat_map(|(due, report)| report.lines.into_iter().map(move |line| (due, line)));
    lines
        .filter(|(_, line)| line.kind == LineKind::Recall)
        .map(|(due, line)| (due, line.status, line.reason))
        .collect()
}

fn money(bank: &Simulator, until: &str) -> Vec<Money> {
    bank.ledger(day(until)).into_iter().map(|entry| entry.money).collect()
}

#[test]
fn it_reads_our_request_and_nothing_else() {
    let own = order(1);
    let request = RecallRequest::read(&written("R1", &own)).unwrap();
    let expected = RecallRequest {
        id: "R1".to_owned(),
        made_on: day("2024-09-10"),
        file: FILE.to_owned(),
        reference: own.reference.clone(),
        uetr: own.uetr,
        amount: own.amount,
    };
    assert_eq!(request, expected);
    let text = String::from_utf8(written("R1", &own)).unwrap();
    let with = |from: &str, to: &str| RecallRequest::read(text.replace(from, to).as_bytes());
    assert_eq!(with("camt.055.001.09", "camt.055.001.08"), Err(FileFault::Recall));
    assert_eq!(with("Ccy=\"VND\"", "Ccy=\"USD\""), Err(FileFault::Currency));
    let nameless = with("OrgnlEndToEndId", "OrgnlInstrId");
    assert_eq!(nameless, Err(FileFault::Field("OrgnlEndToEndId")));
    assert!(RecallRequest::read(b"\xff").is_err());
}

#[test]
fn what_it_grants_comes_back_once_and_what_it_refuses_stays() {
    let mut bank = bank(Behaviour::good());
    let own = order(0);
    assert_eq!(ask(&mut bank, "R1", &own), Some(Receipt::Taken));
    assert_eq!(ask(&mut bank, "R1", &own), Some(Receipt::Known));
    assert_eq!(ask(&mut bank, "R1", &order(1)), Some(Receipt::Clash));
    let granted = (day("2024-09-11"), "ACCR".to_owned(), None);
    assert_eq!(told(&bank), std::slice::from_ref(&granted));
    assert_eq!(money(&bank, "2024-09-13"), [Money::Paid; 3]);
    assert_eq!(money(&bank, "2024-09-14"), [Money::CameBack, Money::Paid, Money::Paid]);
    let back = bank.answers(day("2024-09-14")).remove(0);
    let line = read(&back.bytes, &Options::default()).unwrap().lines.remove(0);
    assert_eq!(
        (line.kind, line.reference, line.reason.as_deref(), line.amount),
        (
            LineKind::Return,
            Some(own.reference.clone()),
            Some("FOCR"),
            Some(own.amount)
        )
    );
    // Asked once more, there is nothing left to give back; nor is there of an order it never had.
    ask(&mut bank, "R2", &own);
    ask(&mut bank, "R3", &order(9));
    let refused = |reason: &str| (day("2024-09-11"), "RJCR".to_owned(), Some(reason.to_owned()));
    assert_eq!(told(&bank), [granted, refused("ARDT"), refused("NOOR")]);
    assert_eq!(money(&bank, "2025-01-01"), [Money::CameBack, Money::Paid, Money::Paid]);

    let mut hard = self::bank(Behaviour {
        recalls_refused: 1_000,
        recall_days: 4,
        ..Behaviour::good()
    });
    ask(&mut hard, "R1", &own);
    let answers = told(&hard);
    assert_eq!((answers[0].0, answers[0].1.as_str()), (day("2024-09-14"), "RJCR"));
    assert!(["CUST", "AM04", "LEGL", "NOAS"].contains(&answers[0].2.as_deref().unwrap()));
    assert_eq!(money(&hard, "2025-01-01"), [Money::Paid; 3]);
}

#[test]
fn money_that_comes_back_anyway_comes_back_once() {
    let late = Behaviour {
        late_returns: 1_000,
        ..Behaviour::good()
    };
    let mut bank = bank(late.clone());
    ask(&mut bank, "R1", &order(0));
    assert_eq!(told(&bank)[0].1, "ACCR");
    let plain = self::bank(late);
    let returns = |own: &Simulator| {
        let answers = own.answers_between(day("2024-01-01"), day("2025-12-31"));
        answers
            .iter()
            .filter(|answer| answer.name.starts_with("camt054"))
            .count()
    };
    assert_eq!(returns(&bank), returns(&plain));
}

#[test]
fn a_request_waits_for_its_file_and_a_state_from_before_is_read() {
    let mut empty = Simulator::new(Behaviour::good()).unwrap();
    assert_eq!(ask(&mut empty, "R1", &order(0)), None);
    assert!(!empty.knows_recall("R1"));
    let mut state = serde_json::to_value(bank(Behaviour::good())).unwrap();
    state.as_object_mut().unwrap().remove("recalls");
    let mut read: Simulator = serde_json::from_value(state).unwrap();
    assert_eq!(read, bank(Behaviour::good()));
    assert_eq!(ask(&mut read, "R1", &order(0)), Some(Receipt::Taken));
    assert!(read.knows_recall("R1"));
}
