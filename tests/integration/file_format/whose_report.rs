//! Whose a report is: told by its batches, its orders, or its headings; and what another bank's orders come to.

use domain::Vnd;
use domain::bank::{BankProfiles, ResultLayout};
use domain::bank_report::synthetic::{Answer, AnswerHeader, BatchDebit, Style, write_account_report, write_result_csv};
use serde_json::{json, to_value};
use service::bank_report::Reading;

use super::office::{AMOUNT, Office, answer, code};
use crate::harness::each_engine;

fn table() -> ResultLayout {
    BankProfiles::embedded().unwrap().of("KLB").result.clone().unwrap()
}

fn csv(answers: &[Answer]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_result_csv(&mut bytes, &table(), answers).unwrap();
    bytes
}

#[test]
fn a_debit_over_a_batch_is_read_by_the_profile_of_the_bank_that_had_the_file() {
    each_engine(async |house| {
        let office = Office::open(house, &[("AGRIBANK", "8000205100001"), ("VCB", "0071000123456")]).await;
        let own = json!({"answers": ["camt.054.001.08"], "max_name": 70, "note": "theo hợp đồng"});
        assert_eq!(house.change_profile("AGRIBANK", "\"0\"", &own).await.status, 200);
        let run = office.pay("2024-09").await;
        let (_, bytes) = office.file(run, "pain001-AGRIBANK-1.xml").await;
        let text = String::from_utf8(bytes).unwrap();
        let (_, rest) = text.split_once("<PmtInfId>").unwrap();
        let (batch, _) = rest.split_once("</PmtInfId>").unwrap();
        let header = AnswerHeader {
            message_id: "D1".to_owned(),
            created_at: "2024-09-18T02:00:00Z".parse().unwrap(),
            original_message_id: String::new(),
            original_message: "pain.001.001.09".to_owned(),
            payment_information_id: batch.to_owned(),
            group_status: None,
            account: "102010000000001".to_owned(),
            one_debit: true,
        };
        let debit = BatchDebit {
            count: 1,
            back: false,
            sum: Vnd::new(AMOUNT).unwrap(),
        };
        let mut bytes = Vec::new();
        write_account_report(&mut bytes, &header, &[], &[debit], &Style::default()).unwrap();
        let report = office.bring(bytes, Reading::default()).await.unwrap();
        assert_eq!(
            (
                report.bank.as_deref(),
                report.profile.as_deref(),
                report.profile_version
            ),
            (Some("AGRIBANK"), Some("AGRIBANK"), Some(1)),
            "no line names an order, and the batch is known"
        );
        office.ties().await;
    });
}

#[test]
fn of_banks_with_one_table_the_orders_tell_which_and_another_bank_settles_nothing() {
    each_engine(async |house| {
        let office = Office::open(
            house,
            &[("KLB", "0101"), ("VCB", "0071000123456"), ("VCB", "0071000123457")],
        )
        .await;
        let same = to_value(BankProfiles::embedded().unwrap().of("KLB")).unwrap();
        let changed = house.change_profile("VCB", "\"0\"", &same).await;
        assert_eq!(changed.status, 200, "{changed:?}");
        let run = office.pay("2024-09").await;
        let orders = office.orders(run, "VCB").await;

        let report = office
            .bring(csv(&[answer(&orders[0], "Thành công", None)]), Reading::default())
            .await
            .unwrap();
        assert_eq!((report.bank.as_deref(), report.matched), (Some("VCB"), 1));
        // Where nobody can say which of them, it is neither's.
        let mut stray = answer(&orders[1], "Thành công", None);
        stray.reference = "AS-00000000000000000000000000".to_owned();
        let report = office.bring(csv(&[stray]), Reading::default()).await.unwrap();
        assert_eq!((report.bank, report.mode.as_str()), (None, "strict"));

        let said = Reading {
            bank: Some("KLB".to_owned()),
            mode: None,
        };
        let told = csv(&[answer(&orders[1], "Thành công", None)]);
        let report = office.bring(told, said).await.unwrap();
        assert_eq!(
            (report.bank.as_deref(), report.matched, report.suspense),
            (Some("KLB"), 0, 1)
        );
        let line = office.lines(report.id).await.remove(0);
        assert_eq!(
            (code(&line.outcome), line.finding.as_deref()),
            ("pending".to_owned(), Some("bank_differs"))
        );
        let words = line.finding_text.unwrap();
        for words in [words.vi, words.en] {
            assert!(words.contains("KLB") && words.contains("VCB"), "{words}");
        }
        let after = office.orders(run, "VCB").await;
        let states: Vec<String> = after.iter().map(|order| code(&order.status)).collect();
        assert_eq!(states, ["credited", "extracted"]);
        office.ties().await;
    });
}
