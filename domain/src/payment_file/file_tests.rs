//! Files of every form: one golden file each, the rules called for each, limits kept, signatures that hold.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::path::Path;

use calamine::{Data, Reader, Xlsx};
use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::tests::{header, line, lines, profile, vnd};
use super::*;
use crate::Vnd;
use crate::bank::{BankProfile, BankProfiles, FileFormat, SameAccount};
use crate::ids::Secret;

pub(super) fn of(bank: &str) -> &'static BankProfile {
    BankProfiles::embedded().unwrap().of(bank)
}

/// Three lines to a bank, as its profile wants them; two of them into one account where that may be.
pub(super) fn of_bank(bank: &str) -> Vec<Instruction> {
    let own = of(bank);
    let mut lines: Vec<Instruction> = (0..3)
        .map(|number| line(number, bank, 500_000 + i64::try_from(number).unwrap()))
        .collect();
    lines.sort_by(|one, other| one.reference.cmp(&other.reference));
    for one in &mut lines {
        one.name = own.name(&one.name);
        one.remittance = format!("{} {}", one.remittance, one.reference);
    }
    if own.same_account == SameAccount::Merge {
        lines[1].account = lines[0].account.clone();
    }
    lines
}

fn written(bank: &str) -> (Vec<u8>, Written) {
    let lines = of_bank(bank);
    write_file(&header(&lines), of(bank), &lines).unwrap()
}

/// Every cell of a workbook, a row a line.
fn cells(bytes: &[u8]) -> String {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    for sheet in book.sheet_names() {
        text.push_str(&format!("[{sheet}]\n"));
        for row in book.worksheet_range(&sheet).unwrap().rows() {
            let shown = row.iter().map(|cell| match cell {
                Data::Empty => String::new(),
                Data::Float(number) => format!("#{number}"),
                other => other.to_string(),
            });
            text.push_str(&shown.collect::<Vec<_>>().join(" | "));
            text.push('\n');
        }
    }
    text
}

/// Compares with the file that is kept; writes it where `ANSINH_WRITE_GOLDEN` is set.
pub(super) fn is_golden(name: &str, bytes: &[u8]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/payment_file/golden")
        .join(name);
    if std::env::var_os("ANSINH_WRITE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
    }
    let kept = std::fs::read(&path).unwrap_or_default();
    assert!(kept == bytes, "{name}:\n{}", String::from_utf8_lossy(bytes));
}

#[test]
fn each_form_has_its_golden_file() {
    for (bank, name) in [
        ("AGRIBANK", "pain.001.001.09.xml"),
        ("MOMO", "pain.001.001.03.xml"),
        ("KLB", "klb.csv"),
    ] {
        is_golden(name, &written(bank).0);
    }
    let (bytes, _) = written("PGB");
    is_golden("pgb.xlsx.txt", cells(&bytes).as_bytes());
    assert_eq!(bytes, written("PGB").0, "a workbook has the same bytes each time");
}

#[test]
fn a_table_says_what_the_message_would_say() {
    for bank in ["KLB", "PGB"] {
        let lines = of_bank(bank);
        let (bytes, written) = write_file(&header(&lines), of(bank), &lines).unwrap();
        let message = BankProfile {
            format: FileFormat::Pain001V09,
            table: None,
            ..of(bank).clone()
        };
        let (_, other) = write_file(&header(&lines), &message, &lines).unwrap();
        assert_eq!((written.count, written.sum), (other.count, other.sum));
        assert_eq!(written.account_hash_total, other.account_hash_total);
        assert_eq!(written.bytes, u64::try_from(bytes.len()).unwrap());
    }
}

#[test]
fn a_spreadsheet_takes_no_text_for_a_formula() {
    let mut own = of("KLB").clone();
    own.name_style = crate::name::NameStyle::Vietnamese;
    let mut lines = of_bank("KLB");
    lines[0].name = "=HYPERLINK(\"http://x\")A".to_owned();
    lines[1].remittance = "+A1".to_owned();
    lines[2].name = "@SUM Đỗ".to_owned();
    let table = own.table.as_mut().unwrap();
    table.header_rows.push("-{count}".to_owned());
    let (bytes, _) = write_file(&header(&lines), &own, &lines).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut seen = 0;
    for record in reader.records() {
        for cell in &record.unwrap() {
            let cell = cell.trim_start_matches('\u{feff}');
            assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
            seen += usize::from(cell.starts_with('\''));
        }
    }
    assert_eq!(seen, 4);
    own.format = FileFormat::Xlsx;
    let (bytes, _) = write_file(&header(&lines), &own, &lines).unwrap();
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(&bytes[..])).unwrap();
    assert!(book.worksheet_formula("data").unwrap().is_empty());
    assert!(
        cells(&bytes).contains("=HYPERLINK"),
        "the text stands as it is, as text"
    );
}

#[test]
fn no_form_is_written_against_a_rule() {
    type Change = fn(&mut FileHeader, &mut BankProfile, &mut Vec<Instruction>);
    let cases: [(Change, &str, FaultCode); 18] = [
        (|_, _, l| l[0].amount = Vnd::ZERO, "amount", FaultCode::AmountOutOfRange),
        (
            |_, p, _| p.max_line_amount = Some(vnd(1)),
            "amount",
            FaultCode::AmountOutOfRange,
        ),
        (|_, _, l| l[1] = l[0].clone(), "reference", FaultCode::Duplicate),
        (|_, _, l| l[1].uetr = l[0].uetr, "uetr", FaultCode::Duplicate),
        (
            |_, _, l| l[0].uetr = uuid::Uuid::new_v8([1; 16]),
            "uetr",
            FaultCode::NotVersion4,
        ),
        (|_, _, l| l.reverse(), "reference", FaultCode::NotSorted),
        (|_, _, l| l[0].account = "1 2".into(), "account", FaultCode::Charset),
        (
            |_, _, l| l[0].remittance = "a&b".into(),
            "remittance",
            FaultCode::Charset,
        ),
        (|_, _, l| l[0].route = Route::Post, "route", FaultCode::WrongChannel),
        (|h, _, _| h.count += 1, "count", FaultCode::Differs),
        (|h, _, _| h.sum = vnd(1), "sum", FaultCode::Differs),
        (
            |h, _, _| h.execution_date = "2024-09-01".parse().unwrap(),
            "execution_date",
            FaultCode::DateInThePast,
        ),
        (
            |h, _, _| h.execution_date = "2042-09-05".parse().unwrap(),
            "execution_date",
            FaultCode::DateTooFar,
        ),
        (|h, _, _| h.message_id = "a b".into(), "message_id", FaultCode::Charset),
        (|_, p, _| p.max_lines = 2, "count", FaultCode::TooLarge),
        (|_, p, _| p.max_file_amount = Some(vnd(1)), "sum", FaultCode::TooLarge),
        (|_, p, _| p.max_bytes = Some(100), "bytes", FaultCode::TooLarge),
        (
            |_, p, l| {
                p.same_account = SameAccount::Split;
                l[1].account = l[0].account.clone();
            },
            "account",
            FaultCode::SharedAccount,
        ),
    ];
    for bank in ["AGRIBANK", "MOMO", "KLB", "PGB"] {
        for (change, field, code) in cases {
            let mut lines = of_bank(bank);
            let (mut own, mut top) = (of(bank).clone(), header(&lines));
            change(&mut top, &mut own, &mut lines);
            match write_file(&top, &own, &lines) {
                Err(FileError::Faults(faults)) => {
                    assert!(
                        faults.iter().any(|f| (f.field, f.code) == (field, code)),
                        "{bank} {field}: {faults:?}"
                    );
                }
                other => panic!("{bank} {field}: {:?}", other.map(|(_, written)| written)),
            }
        }
    }
    let none = check_file(
        &FileHeader {
            count: 0,
            sum: Vnd::ZERO,
            ..header(&[])
        },
        of("KLB"),
        Channel::BankTransfer,
        &[],
    );
    assert_eq!(none.iter().map(|f| f.code).collect::<Vec<_>>(), [FaultCode::NoLines]);
}

#[test]
fn a_file_is_executed_on_the_day_that_the_calendar_says_and_in_no_other_age() {
    // It is approved on the 2nd of September 2024, in Vietnam.
    let on = |day: &str| {
        let top = FileHeader {
            execution_date: day.parse().unwrap(),
            ..header(&lines(1))
        };
        let faults = check_header(&top).into_iter();
        faults.map(|fault| (fault.field, fault.code)).collect::<Vec<_>>()
    };
    for day in ["2024-09-02", "2024-09-07", "2024-09-08", "2025-09-02", "2025-11-26"] {
        assert!(on(day).is_empty(), "{day}");
    }
    assert_eq!(on("2024-09-01"), [("execution_date", FaultCode::DateInThePast)]);
    assert_eq!(on("2025-11-27"), [("execution_date", FaultCode::DateTooFar)]);
}

#[test]
fn what_stands_twice_is_told_where_it_stands_again_whatever_the_order() {
    let [a, b] = <[Instruction; 2]>::try_from(lines(2)).unwrap();
    let mixed = [b.clone(), a.clone(), b.clone(), b.clone()];
    let faults = check_file(&header(&mixed), of("AGRIBANK"), Channel::BankTransfer, &mixed);
    let found: Vec<_> = faults.iter().map(|f| (f.reference.as_str(), f.field, f.code)).collect();
    let (a, b) = (a.reference.as_str(), b.reference.as_str());
    assert_eq!(
        found,
        [
            (a, "reference", FaultCode::NotSorted),
            (b, "reference", FaultCode::Duplicate),
            (b, "uetr", FaultCode::Duplicate),
            (b, "reference", FaultCode::Duplicate),
            (b, "uetr", FaultCode::Duplicate),
        ]
    );
}

#[test]
fn a_list_of_cash_keeps_the_same_rules() {
    let mut cash = lines(3);
    cash.iter_mut().for_each(|line| line.route = Route::Post);
    let own = profile(|p| {
        p.max_lines = 1;
        p.max_line_amount = Some(vnd(1));
    });
    assert_eq!(check_file(&header(&cash), &own, Channel::PostCash, &cash), []);
    cash[0].route = line(0, "VCB", 1).route;
    cash[1].amount = Vnd::ZERO;
    let faults = check_file(&header(&lines(3)), &own, Channel::PostCash, &cash);
    let codes: BTreeSet<FaultCode> = faults.iter().map(|f| f.code).collect();
    assert_eq!(
        codes,
        [FaultCode::AmountOutOfRange, FaultCode::WrongChannel, FaultCode::Differs].into()
    );
}

#[test]
fn what_was_signed_is_what_the_manifest_says() {
    let signer = Ed25519::of(&Secret::new(&[7; 32]).unwrap());
    let value = serde_json::json!({"b": [1, {"y": "é\n", "x": null}], "a": 9_007_199_254_740_991_i64, "€": true});
    let text = canonical_json(&value).unwrap();
    assert_eq!(
        text,
        "{\"a\":9007199254740991,\"b\":[1,{\"x\":null,\"y\":\"é\\n\"}],\"€\":true}"
    );
    let (early, late) = (DateTime::<Utc>::UNIX_EPOCH, DateTime::<Utc>::MAX_UTC);
    let signature = signer.sign(text.as_bytes(), early).unwrap();
    assert!(verify_ed25519(&signer.public_key(), text.as_bytes(), &signature));
    assert!(!verify_ed25519(
        &signer.public_key(),
        text.replace("91", "90").as_bytes(),
        &signature
    ));
    assert!(!verify_ed25519(&signer.public_key(), text.as_bytes(), &[0; 64]));
    let other = Ed25519::of(&Secret::new(&[8; 32]).unwrap());
    assert!(!verify_ed25519(&other.public_key(), text.as_bytes(), &signature));
    assert_eq!(
        signer.sign(text.as_bytes(), late),
        Ok(signature),
        "no randomness, no time"
    );
    assert_eq!((signer.algorithm(), signer.key_id().len()), ("Ed25519", 16));
    assert_eq!(format!("{signer:?}"), "Ed25519(..)");
}

fn profiles(bank: &str, change: impl FnOnce(&mut BankProfile)) -> BankProfiles {
    let mut own = of(bank).clone();
    change(&mut own);
    let mut profiles = BankProfiles::embedded().unwrap().clone();
    profiles.replace(Some(bank), own);
    profiles
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn an_account_never_stands_twice_in_a_file_where_the_bank_refuses_that(
        accounts in proptest::collection::vec(0_u8..6, 1..40),
        max_lines in 1_u32..9,
        backwards in any::<bool>(),
    ) {
        let mut all: Vec<Instruction> = accounts.iter().enumerate().map(|(number, account)| Instruction {
            account: format!("9000{account}"),
            ..line(number, "KLB", 1_000)
        }).collect();
        let profiles = profiles("KLB", |p| p.max_lines = max_lines);
        let parts = split(all.clone(), &profiles).unwrap();
        if backwards {
            all.reverse();
        }
        prop_assert_eq!(&parts, &split(all.clone(), &profiles).unwrap());
        let mut keys = BTreeSet::new();
        let mut seen = 0;
        for part in &parts {
            prop_assert!(keys.insert(part.key()));
            prop_assert!(shared_accounts(&part.instructions).is_empty());
            prop_assert!(write_file(&header(&part.instructions), profiles.of("KLB"), &part.instructions).is_ok());
            seen += part.instructions.len();
        }
        prop_assert_eq!(seen, all.len());
        all.push(all[0].clone());
        prop_assert!(matches!(split(all, &profiles), Err(SplitError::Duplicate(_))));
    }

    #[test]
    fn tables_stay_below_the_bytes_of_their_bank(count in 1_usize..120, max_bytes in 20_000_u64..40_000) {
        for bank in ["KLB", "PGB"] {
            let profiles = profiles(bank, |p| p.max_bytes = Some(max_bytes));
            let all = (0..count).map(|number| line(number, bank, 1_000)).collect();
            for part in split(all, &profiles).unwrap() {
                let written = write_file(&header(&part.instructions), profiles.of(bank), &part.instructions);
                prop_assert!(written.is_ok(), "{}", written.unwrap_err());
            }
        }
    }
}
