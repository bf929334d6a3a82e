//! Answers as tables.

use domain::bank::{BankProfiles, ResultLayout};
use domain::bank_report::synthetic::{result_xlsx, write_result_csv};
use service::bank_report::{self, Reading, ReadingMode};
use service::{ProblemCode, payment_file};

use super::office::{AMOUNT, Office, answer, code};
use crate::harness::each_engine;
use crate::reconciliation::batch_debits::notification_head;

/// How a bank lays out its answers.
pub(super) fn layout(bank: &str) -> ResultLayout {
    BankProfiles::embedded().unwrap().of(bank).result.clone().unwrap()
}

fn lenient() -> Reading {
    Reading::in_mode(ReadingMode::Lenient)
}

/// As a bank's answer is read where nobody says how.
fn strict() -> Reading {
    Reading::default()
}

#[test]
fn a_bank_that_takes_csv_answers_with_csv_and_each_line_finds_its_end() {
    each_engine(async |house| {
        let accounts = ["0101", "0102", "0103", "0104", "0105"].map(|number| ("KLB", number));
        let office = Office::open(house, &accounts).await;
        let run = office.pay("2024-09").await;
        let (file, bytes) = office.file(run, "orders-KLB-1.csv").await;
        assert_eq!((file.order_count, file.sum), (5, 5 * AMOUNT));
        let orders = office.orders(run, "KLB").await;
        let text = String::from_utf8(bytes).unwrap();
        assert!(
            text.starts_with('\u{feff}') && text.contains("PHAM THI LAN;0101;970452;750000;"),
            "{text}"
        );
        assert!(orders.iter().all(|order| text.contains(&order.reference)));

        let mut nameless = answer(&orders[3], "Thành công", None);
        nameless.reference = String::new();
        let mut stray = answer(&orders[4], "Thành công", None);
        stray.reference = "AS-00000000000000000000000000".to_owned();
        let mut elsewhere = answer(&orders[4], "Thành công", None);
        elsewhere.account = Some("9999".to_owned());
        let answers = [
            answer(&orders[0], "Thành công", None),
            answer(&orders[1], "Từ chối", Some("Chủ tài khoản đã mất")),
            answer(&orders[2], "Đang tra soát", None),
            nameless,
            stray,
            elsewhere,
        ];
        let mut csv = Vec::new();
        write_result_csv(&mut csv, &layout("KLB"), &answers).unwrap();
        let report = office.bring(csv.clone(), strict()).await.unwrap();
        assert_eq!(
            (code(&report.format), report.mode.as_str()),
            ("result_table".to_owned(), "strict")
        );
        let lines = office.lines(report.id).await;
        let came: Vec<(String, Option<&str>)> = lines
            .iter()
            .map(|line| (code(&line.outcome), line.finding.as_deref()))
            .collect();
        let expected = [
            ("matched", None),
            ("matched", Some("person_deceased")),
            ("pending", Some("unknown_status")),
            ("matched", None),
            ("unknown_reference", Some("unknown_reference")),
            ("pending", Some("account_differs")),
        ];
        assert_eq!(came, expected.map(|(outcome, finding)| (outcome.to_owned(), finding)));
        assert_eq!(lines[2].status, "Đang tra soát", "kept as it stands");
        let after = office.orders(run, "KLB").await;
        let states: Vec<String> = after.iter().map(|order| code(&order.status)).collect();
        assert_eq!(states, ["credited", "rejected", "extracted", "credited", "extracted"]);
        assert_eq!(after[1].reason.as_deref(), Some("MD07"));
        // The same bytes again, and the same lines in other bytes, change nothing.
        let otherwise = office.bring(csv.clone(), lenient()).await.unwrap_err();
        assert_eq!(otherwise.code, ProblemCode::ReportReadOtherwise);
        assert_eq!(office.bring(csv, strict()).await.unwrap().id, report.id);
        let mut again = Vec::new();
        write_result_csv(&mut again, &layout("KLB"), &answers[..2]).unwrap();
        office.bring(again, strict()).await.unwrap();
        let states: Vec<String> = office
            .orders(run, "KLB")
            .await
            .iter()
            .map(|order| code(&order.status))
            .collect();
        assert_eq!(states, ["credited", "rejected", "extracted", "credited", "extracted"]);
        office.ties().await;
    });
}

#[test]
fn what_lenient_reading_tolerates_is_shown_and_strict_reading_stores_nothing() {
    each_engine(async |house| {
        let office = Office::open(house, &[("PGB", "0201"), ("KLB", "0101")]).await;
        let run = office.pay("2024-09").await;
        let orders = office.orders(run, "PGB").await;
        let bytes = result_xlsx(&layout("PGB"), &[answer(&orders[0], "THANH CONG", None)]).unwrap();
        let refused = office.bring(bytes.clone(), strict()).await.unwrap_err();
        assert_eq!(
            (refused.code, refused.fields[0].code.as_str()),
            (ProblemCode::UnreadableBankFile, "report_not_strict")
        );
        let other = Reading {
            bank: Some("AGRIBANK".to_owned()),
            ..lenient()
        };
        let refused = office.bring(bytes.clone(), other).await.unwrap_err();
        assert_eq!(refused.fields[0].code, "no_result_table");
        let nobody = Reading {
            bank: Some("NOPE".to_owned()),
            ..lenient()
        };
        let refused = office.bring(bytes.clone(), nobody).await.unwrap_err();
        let fault = &refused.fields[0];
        assert_eq!(fault.code, "unknown_bank");
        assert!(fault.message.vi.contains("NOPE") && fault.message.en.contains("NOPE"));
        let report = office.bring(bytes, lenient()).await.unwrap();
        assert_eq!(
            (report.mode.as_str(), report.tolerated),
            ("lenient", vec!["status_spelling".to_owned()])
        );
        assert_eq!(code(&office.orders(run, "PGB").await[0].status), "credited");
        office.ties().await;
    });
}

#[test]
fn lines_without_a_reference_are_left_to_a_person_where_two_months_are_open() {
    each_engine(async |house| {
        let office = Office::open(house, &[("KLB", "0101"), ("KLB", "0102")]).await;
        let september = office.pay("2024-09").await;
        let october = office.pay("2024-10").await;
        let orders = office.orders(september, "KLB").await;
        let mut nameless = [
            answer(&orders[0], "Thành công", None),
            answer(&orders[1], "Thành công", None),
        ];
        nameless.iter_mut().for_each(|answer| answer.reference = String::new());
        let mut csv = Vec::new();
        write_result_csv(&mut csv, &layout("KLB"), &nameless).unwrap();
        let report = office.bring(csv, strict()).await.unwrap();
        assert_eq!((report.matched, report.suspense), (0, 2));
        let findings: Vec<_> = office
            .lines(report.id)
            .await
            .into_iter()
            .map(|line| line.finding.unwrap())
            .collect();
        assert_eq!(findings, ["ambiguous_account", "ambiguous_account"]);
        for run in [september, october] {
            let states: Vec<String> = office
                .orders(run, "KLB")
                .await
                .iter()
                .map(|order| code(&order.status))
                .collect();
            assert_eq!(states, ["extracted", "extracted"]);
        }
        office.ties().await;
    });
}

/// One debit over a file, by the name of its message.
fn debit(message: &str, sum: i64) -> Vec<u8> {
    format!(
        "<?xml version=\"1.0\"?><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\">\
         <BkToCstmrDbtCdtNtfctn>{}<Ntry>\
         <Amt Ccy=\"VND\">{sum}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>\
         <NtryDtls><Btch><MsgId>{message}</MsgId></Btch></NtryDtls></Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>",
        notification_head("D")
    )
    .into_bytes()
}

#[test]
fn a_table_without_references_ties_the_debit_of_its_file() {
    each_engine(async |house| {
        let office = Office::open(house, &[("KLB", "0101"), ("KLB", "0102"), ("KLB", "0103")]).await;
        let run = office.pay("2024-09").await;
        let (file, _) = office.file(run, "orders-KLB-1.csv").await;
        let manifest = payment_file::manifest(office.app(), &office.treasury, file.id)
            .await
            .unwrap();
        let early = debit(&manifest.message_id.unwrap(), 2 * AMOUNT);
        let open = office.bring(early, strict()).await.unwrap();
        assert_eq!((open.matched, open.suspense), (0, 1));
        let mut refused = answer(
            &office.orders(run, "KLB").await[2],
            "Từ chối",
            Some("Tài khoản không tồn tại"),
        );
        refused.reference = String::new();
        let mut csv = Vec::new();
        write_result_csv(&mut csv, &layout("KLB"), &[refused]).unwrap();
        let report = office.bring(csv, strict()).await.unwrap();
        assert_eq!((report.matched, report.suspense), (1, 0));
        let orders = office.orders(run, "KLB").await;
        let states: Vec<String> = orders.iter().map(|order| code(&order.status)).collect();
        assert_eq!(states, ["settled", "settled", "rejected"]);
        let tied = bank_report::get(office.app(), &office.treasury, open.id).await.unwrap();
        assert_eq!((tied.matched, tied.suspense), (1, 0));
        office.ties().await;
    });
}

#[test]
fn a_table_with_a_wrong_heading_is_refused_in_words_that_name_it() {
    each_engine(async |house| {
        let office = Office::open(house, &[("KLB", "0101")]).await;
        let run = office.pay("2024-09").await;
        let orders = office.orders(run, "KLB").await;
        let mut csv = Vec::new();
        write_result_csv(&mut csv, &layout("KLB"), &[answer(&orders[0], "Thành công", None)]).unwrap();
        let csv = String::from_utf8(csv).unwrap().replace("Trạng thái", "Tình trạng lệnh");
        let refused = office.bring(csv.into_bytes(), strict()).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::UnreadableBankFile);
        assert_eq!(refused.fields[0].code, "report_column_missing");
        let told = refused.detail.unwrap();
        for words in [&told.vi, &told.en] {
            for heading in ["“Trạng thái”", "“Tình trạng lệnh”", "“Mã lệnh”"] {
                assert!(words.contains(heading), "{heading} in {words}");
            }
        }
    });
}
