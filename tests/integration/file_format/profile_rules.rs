//! How a bank works, as its profile says: its cut-off, the messages it answers with, how strictly they are read.

use domain::bank_report::synthetic::{
    Answer, AnswerHeader, Dress, Style, write_account_report, write_pain002, write_status_report,
};
use serde_json::{Value, json};
use service::bank_profile::{self, ProposeProfile};
use service::bank_report::{Reading, ReadingMode};
use service::pay_run::{self, CreatePayRun, PayRunView};
use service::{Error, ProblemCode, Role, access, payment_file};
use uuid::Uuid;

use super::office::{Office, answer, disabled};
use super::treasury_papers::relieved;
use crate::harness::each_engine;

const PAIN002: &str = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10";
const CAMT054: &str = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08";
const NATIONAL: &str = "http://bank.example/xsd/pain.002.001.10.vn.01.xsd";

/// A bank's answer about a file, or about orders alone.
fn header(id: &str, file: &str) -> AnswerHeader {
    AnswerHeader {
        message_id: id.to_owned(),
        created_at: "2024-09-18T02:00:00Z".parse().unwrap(),
        original_message_id: file.to_owned(),
        original_message: "pain.001.001.09".to_owned(),
        payment_information_id: "P1".to_owned(),
        group_status: None,
        account: "102010000000001".to_owned(),
        one_debit: false,
    }
}

fn status(id: &str, file: &str, answers: &[Answer]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_pain002(&mut bytes, &header(id, file), answers).unwrap();
    bytes
}

/// The same in the namespace of a national profile.
fn national(id: &str, file: &str, answers: &[Answer]) -> Vec<u8> {
    let style = Style {
        dress: Dress::National,
        ..Style::default()
    };
    let mut bytes = Vec::new();
    write_status_report(&mut bytes, &header(id, file), answers, &style).unwrap();
    bytes
}

fn debit(id: &str, answers: &[Answer]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_account_report(&mut bytes, &header(id, ""), answers, &[], &Style::default()).unwrap();
    bytes
}

fn lenient() -> Reading {
    Reading::in_mode(ReadingMode::Lenient)
}

/// Code and words of a refused report.
fn told(error: &Error) -> (&str, &str, &str) {
    assert_eq!(error.code, ProblemCode::UnreadableBankFile, "{error}");
    let own = &error.fields[0];
    (own.code.as_str(), own.message.vi.as_str(), own.message.en.as_str())
}

async fn run(office: &Office<'_>, id: Uuid) -> PayRunView {
    pay_run::get(office.app(), &office.preparer, id).await.unwrap()
}

/// The days on which the banks of a run are asked to execute.
async fn days(office: &Office<'_>, run: Uuid) -> Vec<(String, String, String)> {
    let preview = pay_run::preview(office.app(), &office.preparer, run).await.unwrap();
    let own = preview.execution.into_iter();
    own.map(|day| (day.bank, day.cut_off, day.execution_date.to_string()))
        .collect()
}

/// The day of a file, as its record, its manifest and its bytes say.
async fn day_of(office: &Office<'_>, run: Uuid, name: &str) -> (String, Vec<u8>) {
    let (file, bytes) = office.file(run, name).await;
    let day = file.execution_date.unwrap();
    let manifest = payment_file::manifest(office.app(), &office.treasury, file.id)
        .await
        .unwrap();
    assert_eq!(manifest.execution_date, day, "{name}");
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(
        text.contains(&format!("<ReqdExctnDt><Dt>{day}</Dt></ReqdExctnDt>")),
        "{name}: {text}"
    );
    (day.to_string(), bytes)
}

#[test]
fn files_follow_the_cut_off_of_their_bank_and_never_move_again() {
    each_engine(async |house| {
        let office = Office::open(house, &[("AGRIBANK", "8000205100001"), ("VCB", "0071000123456")]).await;
        let early = json!({"cut_off": "07:30", "max_name": 70, "note": "theo hợp đồng"});
        assert_eq!(house.change_profile("AGRIBANK", "\"0\"", &early).await.status, 200);
        // It is eight in the morning of the day on which the run is paid.
        let command = CreatePayRun::regular("2024-09".parse().unwrap(), "2024-08-20".parse().unwrap());
        let id = pay_run::create(office.app(), &office.preparer, command)
            .await
            .unwrap()
            .id;
        office.work().await;
        let expected = [("AGRIBANK", "07:30", "2024-08-21"), ("VCB", "15:30", "2024-08-20")]
            .map(|(bank, cut_off, day)| (bank.to_owned(), cut_off.to_owned(), day.to_owned()));
        assert_eq!(days(&office, id).await, expected, "if it were approved now");

        let draft = run(&office, id).await;
        let submitted = pay_run::submit(office.app(), &office.preparer, id, draft.version)
            .await
            .unwrap();
        let approved = office.approve(&submitted).await.unwrap();
        assert_eq!(approved.execution_date.to_string(), "2024-08-20", "by the calendar");
        pay_run::release(office.app(), &office.releaser, id, approved.version)
            .await
            .unwrap();
        office.work().await;
        let first = day_of(&office, id, "pain001-AGRIBANK-1.xml").await;
        assert_eq!(first.0, "2024-08-21", "the bank's morning is over");
        assert_eq!(day_of(&office, id, "pain001-VCB-1.xml").await.0, "2024-08-20");

        // Another cut-off does not move what was approved.
        let late = json!({"cut_off": "23:00", "max_name": 70, "note": "theo phụ lục"});
        assert_eq!(house.change_profile("AGRIBANK", "\"1\"", &late).await.status, 200);
        assert_eq!(day_of(&office, id, "pain001-AGRIBANK-1.xml").await, first);
        assert_eq!(days(&office, id).await, expected);
        office.ties().await;
    });
}

#[test]
fn relief_that_is_approved_on_a_rest_day_or_late_asks_for_the_next_day_on_which_banks_execute() {
    for (approved_at, day) in [
        // On a Saturday, and after the cut-off of a Monday.
        ("2024-08-24T02:00:00Z", "2024-08-26"),
        ("2024-08-26T10:00:00Z", "2024-08-27"),
        // On the National Day; of the day after it nobody knows yet.
        ("2024-09-02T02:00:00Z", "2024-09-04"),
        // In time.
        ("2024-08-26T02:00:00Z", "2024-08-26"),
    ] {
        each_engine(async |house| {
            let people = vec![
                disabled(0x51, ("AGRIBANK", "8000205100001")),
                disabled(0x52, ("VCB", "0071000123456")),
            ];
            let office = Office::of_people(house, people).await;
            let own = json!({"cut_off": "15:00", "max_name": 70, "note": "theo hợp đồng"});
            assert_eq!(house.change_profile("AGRIBANK", "\"0\"", &own).await.status, 200);
            house.app.set_clock(approved_at.parse().unwrap()).await.unwrap();
            let id = relieved(&office, office.app(), &[0x51, 0x52]).await;
            assert_eq!(run(&office, id).await.execution_date.to_string(), day, "{approved_at}");
            // The bank with a cut-off of its own, and the one without.
            for name in ["pain001-AGRIBANK-1.xml", "pain001-VCB-1.xml"] {
                assert_eq!(day_of(&office, id, name).await.0, day, "{name} of {approved_at}");
            }
            office.ties().await;
        });
    }
}

#[test]
fn a_release_goes_by_the_cut_off_that_the_bank_has_by_then() {
    each_engine(async |house| {
        let office = Office::open(house, &[("AGRIBANK", "8000205100001"), ("VCB", "0071000123456")]).await;
        let command = CreatePayRun::regular("2024-09".parse().unwrap(), "2024-08-20".parse().unwrap());
        let id = pay_run::create(office.app(), &office.preparer, command)
            .await
            .unwrap()
            .id;
        office.work().await;
        let draft = run(&office, id).await;
        let submitted = pay_run::submit(office.app(), &office.preparer, id, draft.version)
            .await
            .unwrap();
        let approved = office.approve(&submitted).await.unwrap();
        assert_eq!(approved.execution_date.to_string(), "2024-08-20");
        // It is eight in the morning, and from today on one of the two banks takes nothing after half past seven.
        let early = json!({"cut_off": "07:30", "max_name": 70, "note": "theo phụ lục"});
        assert_eq!(house.change_profile("AGRIBANK", "\"0\"", &early).await.status, 200);
        let refused = pay_run::release(office.app(), &office.releaser, id, approved.version)
            .await
            .unwrap_err();
        assert_eq!(refused.code, ProblemCode::IllegalTransition);
        let told: Vec<_> = refused
            .fields
            .iter()
            .map(|own| (own.pointer.as_str(), own.code.as_str()))
            .collect();
        assert_eq!(told, [("/files/pain001-AGRIBANK-1.xml", "cut_off_passed")], "{refused}");
        office.ties().await;
    });
}

#[test]
fn what_is_no_time_of_day_or_of_another_type_is_refused_with_its_field_in_both_languages() {
    each_engine(async |house| {
        let key = house.key(Role::Administrator, None).await;
        let boss = access::authenticate(&house.app, &key).await.unwrap();
        let refused = async |profile: Value| {
            let command = ProposeProfile {
                profile,
                note: "thử".to_owned(),
            };
            let error = bank_profile::propose(&house.app, &boss, "AGRIBANK", 0, command)
                .await
                .unwrap_err();
            assert_eq!((error.code, error.fields.len()), (ProblemCode::Invalid, 1), "{error}");
            let own = error.fields.into_iter().next().unwrap();
            (own.pointer, own.code, own.message.vi, own.message.en)
        };
        for rubbish in [json!("25:99"), json!("9:00"), json!("15:30:00"), json!("chiều")] {
            let (pointer, code, vi, en) = refused(json!({"cut_off": rubbish, "note": "thử"})).await;
            assert_eq!((pointer.as_str(), code.as_str()), ("/profile/cut_off", "wrong_value"));
            assert!(vi.contains("/profile/cut_off: cần giờ trong ngày dạng HH:MM"), "{vi}");
            assert!(en.contains("/profile/cut_off: expected a time of day as HH:MM"), "{en}");
        }
        let (pointer, code, vi, en) = refused(json!({"max_lines": "nhiều", "note": "thử"})).await;
        assert_eq!((pointer.as_str(), code.as_str()), ("/profile/max_lines", "wrong_type"));
        assert!(vi.contains("cần số nguyên từ 0 đến 4294967295"), "{vi}");
        assert!(en.contains("expected a whole number from 0 to 4294967295"), "{en}");
        let (pointer, code, ..) = refused(json!({"answers": ["pain.002.001.99"], "note": "thử"})).await;
        assert_eq!(
            (pointer.as_str(), code.as_str()),
            ("/profile/answers/0", "unknown_message")
        );
    });
}

#[test]
fn a_message_that_the_profile_does_not_list_is_refused_unless_somebody_asks_to_be_lenient() {
    each_engine(async |house| {
        let office = Office::open(house, &[("AGRIBANK", "8000205100001"), ("VCB", "0071000123456")]).await;
        let run = office.pay("2024-09").await;
        let own = json!({"answers": ["pain.002.001.10"], "max_name": 70, "note": "theo hợp đồng"});
        assert_eq!(house.change_profile("AGRIBANK", "\"0\"", &own).await.status, 200);
        let (file, _) = office.file(run, "pain001-AGRIBANK-1.xml").await;
        let file = file.message_id.unwrap();
        let order = office.orders(run, "AGRIBANK").await.remove(0);

        // Listed: read strictly, by the bank's own profile.
        let listed = status("A1", &file, &[answer(&order, "ACSP", None)]);
        let report = office.bring(listed, Reading::default()).await.unwrap();
        assert_eq!(
            (
                report.mode.as_str(),
                report.bank.as_deref(),
                report.profile.as_deref(),
                report.profile_version
            ),
            ("strict", Some("AGRIBANK"), Some("AGRIBANK"), Some(1))
        );
        assert_eq!((report.namespace.as_deref(), report.matched), (Some(PAIN002), 1));

        // Not listed: the lines say whose it is.
        let unlisted = debit("D1", &[answer(&order, "BOOK", None)]);
        let refused = office.bring(unlisted.clone(), Reading::default()).await.unwrap_err();
        let (code, vi, en) = told(&refused);
        assert_eq!(code, "report_namespace_unlisted");
        for words in [vi, en] {
            assert!(words.contains(CAMT054) && words.contains("AGRIBANK"), "{words}");
        }
        let report = office.bring(unlisted, lenient()).await.unwrap();
        assert_eq!(
            (report.mode.as_str(), report.tolerated, report.namespace.as_deref()),
            ("lenient", vec!["unlisted_namespace".to_owned()], Some(CAMT054))
        );
        assert_eq!(report.matched, 1);

        // Another bank takes it: the list of one is not that of the other.
        let other = office.orders(run, "VCB").await.remove(0);
        let report = office
            .bring(debit("D2", &[answer(&other, "BOOK", None)]), Reading::default())
            .await
            .unwrap();
        assert_eq!((report.bank.as_deref(), report.profile_version), (Some("VCB"), Some(0)));
        // What speaks of both is read by the strictest of the two, however far down it speaks of it.
        let strays = (0..250).map(|number| Answer {
            reference: format!("AS-{number:026}"),
            uetr: None,
            ..answer(&other, "BOOK", None)
        });
        let both = strays.chain([answer(&other, "BOOK", None), answer(&order, "BOOK", None)]);
        let both = debit("D3", &both.collect::<Vec<_>>());
        let refused = office.bring(both.clone(), Reading::default()).await.unwrap_err();
        let (code, _, en) = told(&refused);
        assert!(
            code == "report_namespace_unlisted" && en.contains("AGRIBANK"),
            "{refused}"
        );
        let report = office.bring(both, lenient()).await.unwrap();
        assert_eq!((report.bank, report.profile.as_deref()), (None, Some("AGRIBANK")));
        office.ties().await;
    });
}

#[test]
fn a_national_namespace_is_listed_whole_and_a_profile_may_be_lenient_by_itself() {
    each_engine(async |house| {
        let office = Office::open(house, &[("AGRIBANK", "8000205100001")]).await;
        let run = office.pay("2024-09").await;
        let (file, _) = office.file(run, "pain001-AGRIBANK-1.xml").await;
        let file = file.message_id.unwrap();
        let order = office.orders(run, "AGRIBANK").await.remove(0);
        let first = national("N1", &file, &[answer(&order, "ACSP", None)]);
        let refused = office.bring(first.clone(), Reading::default()).await.unwrap_err();
        assert!(told(&refused).2.contains(NATIONAL), "{refused}");

        let lists = json!({"answers": [NATIONAL], "max_name": 70, "note": "mẫu riêng"});
        assert_eq!(house.change_profile("AGRIBANK", "\"0\"", &lists).await.status, 200);
        let report = office.bring(first, Reading::default()).await.unwrap();
        assert_eq!(
            (report.mode.as_str(), report.tolerated.len(), report.matched),
            ("strict", 0, 1)
        );

        let lenient = json!({"reading": "lenient", "max_name": 70, "note": "đang chuyển phiên bản"});
        assert_eq!(house.change_profile("AGRIBANK", "\"1\"", &lenient).await.status, 200);
        let second = national("N2", &file, &[answer(&order, "ACSC", None)]);
        let strictly = Reading::in_mode(ReadingMode::Strict);
        let refused = office.bring(second.clone(), strictly).await.unwrap_err();
        assert_eq!(told(&refused).0, "report_namespace_unlisted", "what is asked for wins");
        let report = office.bring(second, Reading::default()).await.unwrap();
        assert_eq!(
            (report.mode.as_str(), report.tolerated),
            ("lenient", vec!["foreign_namespace".to_owned()])
        );
        // A mark before the message is named among what strict reading does not take.
        let marked = [
            b"\xef\xbb\xbf".as_slice(),
            &status("A3", &file, &[answer(&order, "ACCC", None)]),
        ]
        .concat();
        let strictly = Reading::in_mode(ReadingMode::Strict);
        let refused = office.bring(marked, strictly).await.unwrap_err();
        let (code, vi, _) = told(&refused);
        assert!(code == "report_not_strict" && vi.contains("Dấu thứ tự byte"), "{vi}");

        // A message may be said to be of a bank; there has to be one.
        let of = |bank: &str| Reading {
            bank: Some(bank.to_owned()),
            mode: None,
        };
        let third = status("A4", &file, &[answer(&order, "ACCC", None)]);
        let refused = office.bring(third.clone(), of("NOBANK")).await.unwrap_err();
        assert_eq!(refused.fields[0].code, "unknown_bank");
        let refused = office.bring(third.clone(), of("POST")).await.unwrap_err();
        assert_eq!(
            (refused.code, refused.fields[0].code.as_str()),
            (ProblemCode::Invalid, "no_message_of_the_post_office")
        );
        let report = office.bring(third, of("VCB")).await.unwrap();
        assert_eq!((report.bank.as_deref(), report.mode.as_str()), (Some("VCB"), "strict"));
        assert_eq!((report.matched, report.suspense), (0, 1), "the order is another bank's");
        office.ties().await;
    });
}
