//! Files are whole, the same bytes every time, and refused where a bank would refuse them.

use std::collections::BTreeSet;
use std::convert::Infallible;

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::Vnd;
use crate::bank::{BankProfile, BankProfiles, BankTable, FileFormat};
use crate::ids::{Secret, reference, uetr};
use crate::name::bank_name;

pub(super) fn vnd(dong: i64) -> Vnd {
    Vnd::new(dong).unwrap()
}

pub(super) fn line(number: usize, bank: &str, amount: i64) -> Instruction {
    let secret = Secret::new(&[7; 32]).unwrap();
    let key = number.to_string();
    Instruction {
        reference: reference(&secret, "payment_order", &key),
        uetr: uetr(&secret, &key),
        amount: vnd(amount),
        route: Route::Bank(BankTable::embedded().unwrap().by_code(bank).unwrap().address()),
        account: format!("80002051{number:05}"),
        name: bank_name("Nguyễn Thị Hòa", 140),
        beneficiary: number.is_multiple_of(2).then(|| bank_name("Chíu A Phủn", 140)),
        purpose: Purpose::SocialBenefit,
        remittance: "TRO CAP XA HOI THANG 09/2024".to_owned(),
    }
}

pub(super) fn lines(count: usize) -> Vec<Instruction> {
    let mut lines: Vec<_> = (0..count).map(|i| line(i, "AGRIBANK", 500_000)).collect();
    lines.sort_by(|one, other| one.reference.cmp(&other.reference));
    lines
}

pub(super) fn header(lines: &[Instruction]) -> FileHeader {
    let secret = Secret::new(&[7; 32]).unwrap();
    FileHeader {
        message_id: reference(&secret, "message", "1"),
        payment_information_id: reference(&secret, "payment_information", "1"),
        created_at: "2024-09-01T18:30:05.123456Z".parse().unwrap(),
        execution_date: "2024-09-05".parse().unwrap(),
        count: lines.len().try_into().unwrap(),
        sum: Vnd::total(lines.iter().map(|line| line.amount)).unwrap(),
        initiating_party: "SO Y TE QUANG NINH".to_owned(),
        debtor: Debtor {
            name: "SO Y TE QUANG NINH".to_owned(),
            account: "3713010512345".to_owned(),
            bank: BankTable::embedded().unwrap().by_code("CTG").unwrap().address(),
        },
    }
}

pub(super) fn profile(change: impl FnOnce(&mut BankProfile)) -> BankProfile {
    let mut profile = BankProfiles::embedded().unwrap().default_profile().clone();
    change(&mut profile);
    profile
}

fn write(header: &FileHeader, profile: &BankProfile, lines: &[Instruction]) -> Result<(String, Written), String> {
    let mut out = Vec::new();
    let source = lines.iter().map(Ok::<_, Infallible>);
    let written = write_pain001(&mut out, header, profile, source).map_err(|e| e.to_string())?;
    Ok((String::from_utf8(out).unwrap(), written))
}

#[test]
fn a_file_says_what_was_approved() {
    let lines = lines(3);
    let (xml, written) = write(&header(&lines), &profile(|_| {}), &lines).unwrap();
    for part in [
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\">",
        "<CreDtTm>2024-09-02T01:30:05+07:00</CreDtTm><NbOfTxs>3</NbOfTxs><CtrlSum>1500000</CtrlSum>",
        "<PmtTpInf><CtgyPurp><Cd>SSBE</Cd></CtgyPurp></PmtTpInf><ReqdExctnDt><Dt>2024-09-05</Dt></ReqdExctnDt>",
        "<InstdAmt Ccy=\"VND\">500000</InstdAmt>",
        "<CdtrAgt><FinInstnId><BICFI>VBAAVNVX</BICFI></FinInstnId></CdtrAgt><Cdtr><Nm>NGUYEN THI HOA</Nm></Cdtr>",
        "<UltmtCdtr><Nm>CHIU A PHUN</Nm></UltmtCdtr><Purp><Cd>SSBE</Cd></Purp>",
        "<RmtInf><Ustrd>TRO CAP XA HOI THANG 09/2024</Ustrd></RmtInf></CdtTrfTxInf></PmtInf></CstmrCdtTrfInitn></Document>",
    ] {
        assert!(xml.contains(part), "{part} is not in {xml}");
    }
    assert_eq!(
        (written.count, written.sum, written.bytes),
        (3, vnd(1_500_000), xml.len().try_into().unwrap())
    );
    let mut total = AccountHashTotal::default();
    lines.iter().for_each(|line| total.add(&line.account_key()));
    assert_eq!(written.account_hash_total, total);
}

#[test]
fn lines_that_are_read_one_by_one_make_the_file_that_those_at_hand_make() {
    let lines = lines(3);
    let (top, own) = (header(&lines), profile(|_| {}));
    let at_hand = write(&top, &own, &lines).unwrap();
    let mut out = Vec::new();
    let written = write_pain001(&mut out, &top, &own, lines.into_iter().map(Ok::<_, Infallible>)).unwrap();
    assert_eq!((String::from_utf8(out).unwrap(), written), at_hand);
}

#[test]
fn the_older_version_has_its_own_names() {
    let lines = lines(1);
    let old = profile(|p| {
        p.format = FileFormat::Pain001V03;
        p.agent = AgentAddress::Both;
    });
    let (xml, _) = write(&header(&lines), &old, &lines).unwrap();
    assert!(xml.contains("<BIC>VBAAVNVX</BIC><ClrSysMmbId><MmbId>970405</MmbId></ClrSysMmbId>"));
    assert!(xml.contains("<ReqdExctnDt>2024-09-05</ReqdExctnDt>") && !xml.contains("UETR"));
}

#[test]
fn the_hash_total_is_fixed_for_ever() {
    // By Python: sum(int.from_bytes(sha256(k).digest()[:8]) for k in keys) % 10**18
    let mut total = AccountHashTotal::default();
    for key in ["970405:8000205100001", "970436:0011001234567", "post:022050123456"] {
        total.add(key);
    }
    assert_eq!(total.to_string(), "633867393700280407");
}

#[test]
fn a_file_that_does_not_add_up_is_refused() {
    let lines = lines(3);
    let good = header(&lines);
    let plain = profile(|_| {});
    let refuse = |header: &FileHeader, lines: &[Instruction]| write(header, &plain, lines).unwrap_err();
    assert!(refuse(&good, &lines[..2]).contains("says 3 lines, there are 2"));
    let mut dearer = lines.clone();
    dearer[0].amount = vnd(500_001);
    assert!(refuse(&good, &dearer).contains("says 1500000 đồng, the lines make 1500001"));
    let twice = [lines[0].clone(), lines[1].clone(), lines[1].clone()];
    assert!(refuse(&good, &twice).contains("reference: duplicate"));
    assert!(
        refuse(
            &FileHeader {
                count: 0,
                ..good.clone()
            },
            &[]
        )
        .contains("no_lines")
    );
    let late = FileHeader {
        execution_date: "2024-09-01".parse().unwrap(),
        ..good.clone()
    };
    assert!(refuse(&late, &lines).contains("date_in_the_past"));
    let gone = [Err::<Instruction, _>("the database is gone")];
    let failing = write_pain001(Vec::new(), &good, &plain, gone);
    assert!(matches!(failing, Err(WriteError::Source("the database is gone"))));
}

#[test]
fn what_a_schema_lets_through_is_found() {
    type Change = fn(&mut Instruction);
    let cases: [(Change, &str, FaultCode); 14] = [
        (|l| l.amount = Vnd::ZERO, "amount", FaultCode::AmountOutOfRange),
        (|l| l.amount = vnd(-1), "amount", FaultCode::AmountOutOfRange),
        (|l| l.amount = vnd(499_000_001), "amount", FaultCode::AmountOutOfRange),
        (|l| l.reference = "AS/1".into(), "reference", FaultCode::Charset),
        (|l| l.reference = "A".repeat(31), "reference", FaultCode::TooLong),
        (|l| l.reference.clear(), "reference", FaultCode::Missing),
        (|l| l.uetr = Uuid::new_v8([1; 16]), "uetr", FaultCode::NotVersion4),
        (|l| l.account.clear(), "account", FaultCode::Missing),
        (|l| l.account = "1".repeat(35), "account", FaultCode::TooLong),
        (|l| l.name = "Nguyễn Thị Hòa".into(), "name", FaultCode::Charset),
        (|l| l.name = "A".repeat(141), "name", FaultCode::TooLong),
        (|l| l.name = ".".into(), "name", FaultCode::Missing),
        (|l| l.remittance = "a&b".into(), "remittance", FaultCode::Charset),
        (|l| l.route = Route::Post, "route", FaultCode::WrongChannel),
    ];
    let limited = profile(|p| p.max_line_amount = Some(vnd(499_000_000)));
    assert!(check_batch(&lines(4), &limited).is_empty());
    for (change, field, code) in cases {
        let mut bad = line(1, "AGRIBANK", 500_000);
        change(&mut bad);
        let faults = check_instruction(&bad, &limited);
        assert_eq!(
            faults.iter().map(|f| (f.field, f.code)).collect::<Vec<_>>(),
            [(field, code)]
        );
    }
    let twin = [line(1, "AGRIBANK", 1), line(1, "AGRIBANK", 1)];
    assert_eq!(check_batch(&twin, &limited).len(), 2);
    assert_eq!(
        shared_accounts(&twin).into_iter().collect::<Vec<_>>(),
        [("970405:8000205100001".to_owned(), 2)]
    );
}

#[test]
fn files_are_split_by_bank_and_limits() {
    let mut all: Vec<_> = (0..12_001)
        .map(|i| line(i, ["AGRIBANK", "VCB"][i % 2], 1_000))
        .collect();
    all.push(Instruction {
        route: Route::Post,
        ..line(20_000, "VCB", 5)
    });
    let parts = split(all.clone(), BankProfiles::embedded().unwrap()).unwrap();
    let shape: Vec<_> = parts.iter().map(|p| (p.key(), p.instructions.len())).collect();
    let expected = [
        ("AGRIBANK-1", 5000),
        ("AGRIBANK-2", 1001),
        ("VCB-1", 5000),
        ("VCB-2", 1000),
        ("POST-1", 1),
    ];
    assert_eq!(shape, expected.map(|(key, lines)| (key.to_owned(), lines)));
    assert_eq!(Vnd::total(parts.iter().map(|p| p.sum)).unwrap(), vnd(12_001_005));
    all.push(all[0].clone());
    assert!(matches!(
        split(all, BankProfiles::embedded().unwrap()),
        Err(SplitError::Duplicate(_))
    ));
}

#[test]
fn a_manifest_is_stable_text() {
    let manifest = Manifest {
        version: 1,
        file: "AGRIBANK-1.xml".into(),
        format: Pain001::V09.name().into(),
        channel: Some(Channel::BankTransfer),
        bank: Some("AGRIBANK".into()),
        message_id: Some("AS-1".into()),
        payment_information_id: None,
        pay_run: "2024-09".into(),
        run_digest: "00".into(),
        sequence: 1,
        count: Some(2),
        sum: Some(Vnd::MAX),
        account_hash_total: Some("42".into()),
        bytes: 10,
        sha256: "ff".into(),
        created_at: "2024-09-02T01:30:05+07:00".into(),
        execution_date: "2024-09-05".parse().unwrap(),
    };
    let json = manifest.to_json().unwrap();
    assert!(json.starts_with("{\n  \"version\": 1,\n  \"file\": \"AGRIBANK-1.xml\",") && json.ends_with("}\n"));
    assert!(json.contains("\"sum\": 9007199254740991,"));
    assert_eq!(serde_json::from_str::<Manifest>(&json).unwrap(), manifest);
    assert!(json.contains("\"channel\": \"bank_transfer\","));
    // What a file has none of is not told as nothing.
    let list = Manifest {
        count: None,
        sum: None,
        account_hash_total: None,
        ..manifest
    };
    let json = list.to_json().unwrap();
    for figure in ["count", "sum", "account_hash_total"] {
        assert!(!json.contains(&format!("\"{figure}\"")), "{json}");
    }
    assert_eq!(serde_json::from_str::<Manifest>(&json).unwrap(), list);
    assert_eq!(Manifest::file_name("AGRIBANK-1.xml"), "AGRIBANK-1.manifest.json");
    assert_ne!(Manifest::file_name("POST-1.pdf"), Manifest::file_name("POST-1.xlsx"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn splitting_keeps_every_line_within_the_limits(
        order in Just((0..60_usize).collect::<Vec<_>>()).prop_shuffle(),
        max_lines in 1_u32..20,
        max_bytes in 6_000_u64..12_000,
        max_amount in 2_000_i64..9_000,
    ) {
        let json = format!(
            "{{\"version\":1,\"banks\":{{}},\"default\":{}}}",
            serde_json::to_string(&profile(|p| {
                p.max_lines = max_lines;
                p.max_bytes = Some(max_bytes);
                p.max_file_amount = Some(vnd(max_amount));
            })).unwrap()
        );
        let profiles = BankProfiles::parse(&json).unwrap();
        let make = |i: &usize| line(*i, ["AGRIBANK", "VCB", "BID"][i % 3], 1_000 + i64::try_from(*i).unwrap());
        let parts = split(order.iter().map(make).collect(), &profiles).unwrap();
        prop_assert_eq!(&parts, &split((0..60).map(|i| make(&i)).collect(), &profiles).unwrap());
        let mut seen = BTreeSet::new();
        for part in &parts {
            let (xml, _) = write(&header(&part.instructions), profiles.default_profile(), &part.instructions).unwrap();
            prop_assert!(u64::try_from(xml.len()).unwrap() <= max_bytes && part.sum <= vnd(max_amount));
            prop_assert!(part.instructions.len() <= usize::try_from(max_lines).unwrap());
            seen.extend(part.instructions.iter().map(|l| l.reference.clone()));
        }
        prop_assert_eq!(seen.len(), 60);
    }
}

#[test]
fn a_recall_names_the_order_and_the_file_it_stands_in() {
    let lines = lines(1);
    let original = header(&lines);
    let recall = Recall {
        cancellation_id: "AS-RECALL".to_owned(),
        reference: lines[0].reference.clone(),
        uetr: lines[0].uetr,
        amount: lines[0].amount,
        reason: "AC03".to_owned(),
        note: bank_name("Nhập sai số tài khoản", 105),
    };
    let head = RecallHeader {
        message_id: "AS-RECALL".to_owned(),
        created_at: "2024-09-06T02:00:00Z".parse().unwrap(),
    };
    let text = |message| String::from_utf8(write_camt055(&head, &original, message, &recall).unwrap()).unwrap();
    let told = text(Pain001::V09);
    assert_eq!(told, text(Pain001::V09));
    for part in [
        format!(
            "<OrgnlMsgId>{}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>",
            original.message_id
        ),
        format!("<OrgnlUETR>{}</OrgnlUETR>", recall.uetr),
        "<OrgnlInstdAmt Ccy=\"VND\">500000</OrgnlInstdAmt>".to_owned(),
        "<CreDtTm>2024-09-06T09:00:00+07:00</CreDtTm>".to_owned(),
        "<Cd>AC03</Cd></Rsn><AddtlInf>NHAP SAI SO TAI KHOAN</AddtlInf>".to_owned(),
    ] {
        assert!(told.contains(&part), "{part} in {told}");
    }
    assert!(!text(Pain001::V03).contains("OrgnlUETR"), "the file had none");
}

#[test]
fn banks_stand_by_their_code_at_the_state_bank_where_the_profile_wants_it() {
    let own = profile(|p| {
        p.agent = AgentAddress::Member;
        p.clearing_code = ClearingCode::Sbv;
    });
    let mut lines = lines(1);
    let mut header = header(&lines);
    let faults = check_file(&header, &own, Channel::BankTransfer, &lines);
    let mut missing: Vec<&str> = faults.iter().map(|fault| fault.field).collect();
    missing.sort_unstable();
    assert_eq!(
        missing,
        ["bank.sbv_code", "debtor.bank.sbv_code"],
        "no other code stands for it"
    );
    header.debtor.bank.sbv_code = Some("00000002".to_owned());
    let before = lines[0].account_key();
    if let Route::Bank(bank) = &mut lines[0].route {
        bank.sbv_code = Some("00000001".to_owned());
    }
    assert_eq!(check_file(&header, &own, Channel::BankTransfer, &lines), []);
    let (xml, _) = write(&header, &own, &lines).unwrap();
    for (role, code) in [("CdtrAgt", "00000001"), ("DbtrAgt", "00000002")] {
        let part =
            format!("<{role}><FinInstnId><ClrSysMmbId><MmbId>{code}</MmbId></ClrSysMmbId></FinInstnId></{role}>");
        assert!(xml.contains(&part), "{part} is not in {xml}");
    }
    assert_eq!(lines[0].account_key(), before, "manifests hash accounts as ever");
}
