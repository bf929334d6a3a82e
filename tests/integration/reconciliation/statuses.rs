//! What answers say of single orders and of those they do not list, from the bank and from the post office.

use domain::Vnd;
use domain::bank_report::synthetic::{Answer, write_post_results};
use domain::payment_order::{ReasonKind, reason_kind};
use serde_json::json;
use service::{ProblemCode, Role, access, bank_report, pay_run};

use super::bank::{AMOUNT, BankTown, answer, camt054, pain002, person};
use super::batch_debits::names;
use super::group_statuses::{group, said};
use crate::harness::each_engine;

/// A status report with a group status and lines.
fn partly(id: &str, message: &str, status: &str, answers: &[Answer]) -> Vec<u8> {
    let text = String::from_utf8(pain002(id, answers)).unwrap();
    let named = "<OrgnlMsgId>M1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>";
    assert!(text.contains(named), "{text}");
    text.replace(named, &group(message, "", status)).into_bytes()
}

async fn status(town: &BankTown<'_>, run: uuid::Uuid) -> serde_json::Value {
    json!(pay_run::get(town.app(), &town.preparer, run).await.unwrap().status)
}

#[test]
fn part_lists_what_was_refused_and_the_others_are_taken_not_paid() {
    each_engine(async |house| {
        let town = BankTown::open(house, 3).await;
        let run = town.pay("2024-09").await;
        let (_, message) = names(&town, run).await;
        let orders = town.orders(run).await;
        let refused = [answer(&orders[1], "RJCT", Some("AC01"))];
        let report = town.bring(partly("P", &message, "PART", &refused)).await;
        assert_eq!((report.line_count, report.matched, report.suspense), (1, 1, 0));
        assert_eq!((report.files[0].moved, report.files[0].contradicted), (2, 0));
        // A file has orders of many areas: who sees one area sees the line alone.
        let key = house.key(Role::Auditor, Some("06652@1900-01")).await;
        let auditor = access::authenticate(town.app(), &key).await.unwrap();
        let seen = bank_report::get(town.app(), &auditor, report.id).await.unwrap();
        assert_eq!((seen.line_count, seen.files), (1, Vec::new()));
        assert_eq!(town.statuses(run).await, ["accepted", "rejected", "accepted"]);
        assert_eq!(status(&town, run).await, "settling");
        let fund = town.fund().await;
        assert_eq!((fund.in_transit, fund.paid, fund.to_reissue), (2 * AMOUNT, 0, AMOUNT));
        // The rest is debited, which the bank says of the orders left.
        let paid = [answer(&orders[0], "ACSC", None), answer(&orders[2], "ACSC", None)];
        town.bring(partly("P2", &message, "PART", &paid)).await;
        assert_eq!(town.statuses(run).await, ["settled", "rejected", "settled"]);
        assert_eq!(status(&town, run).await, "closed");
        let fund = town.fund().await;
        assert_eq!((fund.in_transit, fund.paid, fund.to_reissue), (0, 2 * AMOUNT, AMOUNT));
        assert_eq!(town.suspense().await, []);
        town.holds().await;
    });
}

#[test]
fn a_report_says_nothing_of_the_orders_it_is_silent_about() {
    each_engine(async |house| {
        let town = BankTown::open(house, 3).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let report = town.bring(pain002("S", &[answer(&orders[0], "ACCC", None)])).await;
        assert_eq!((report.line_count, report.matched, report.suspense), (1, 1, 0));
        assert_eq!(town.statuses(run).await, ["credited", "extracted", "extracted"]);
        assert_eq!(status(&town, run).await, "settling");
        // The status of the group alone closes the others.
        let (_, message) = names(&town, run).await;
        town.bring(said("G", &group(&message, "", "ACSC"), "")).await;
        assert_eq!(town.statuses(run).await, ["credited", "settled", "settled"]);
        assert_eq!(status(&town, run).await, "closed");
        assert_eq!(town.suspense().await, []);
        town.holds().await;
    });
}

#[test]
fn a_refusal_as_duplicate_or_after_the_debit_moves_nothing_and_nothing_is_sent_again() {
    each_engine(async |house| {
        let town = BankTown::open(house, 3).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        town.bring(pain002("A1", &[answer(&orders[0], "ACSC", None)])).await;
        assert_eq!(reason_kind("DU04"), ReasonKind::Duplicate);
        let told = [
            answer(&orders[0], "RJCT", Some("AC01")),
            answer(&orders[1], "RJCT", Some("DU04")),
            answer(&orders[2], "BLCK", None),
        ];
        let report = town.bring(pain002("A2", &told)).await;
        assert_eq!((report.matched, report.suspense), (0, 3));
        assert_eq!(town.statuses(run).await, ["settled", "extracted", "extracted"]);
        for (finding, outcome) in [
            ("late_answer", "late"),
            ("duplicate_reason", "duplicate"),
            ("blocked", "pending"),
        ] {
            assert_eq!(json!(town.waiting(finding).await.line.outcome), outcome);
        }
        assert_eq!(town.fund().await.to_reissue, 0);
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        for number in 0..3 {
            let lines = town.lines(october, person(number)).await;
            assert_eq!((lines.len(), lines[0].cover_month.yyyymm()), (1, 202_410));
        }
        town.holds().await;
    });
}

#[test]
fn wrong_unknown_and_doubled_lines_stop_no_other_and_a_return_comes_after_the_run_is_closed() {
    each_engine(async |house| {
        let town = BankTown::open(house, 6).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let mut told: Vec<Answer> = orders.iter().map(|order| answer(order, "ACSC", None)).collect();
        told[0].amount = Vnd::new(AMOUNT - 1).unwrap();
        told.push(Answer {
            reference: "NOBODY".to_owned(),
            uetr: None,
            ..told[1].clone()
        });
        told.push(told[2].clone());
        let first = town.bring(pain002("A1", &told)).await;
        assert_eq!((first.line_count, first.matched, first.suspense), (8, 5, 3));
        town.bring(camt054("A2", &[answer(&orders[3], "BOOK", Some("AC04"))]))
            .await;
        let expected = ["extracted", "settled", "settled", "returned", "settled", "settled"];
        assert_eq!(town.statuses(run).await, expected);
        for (finding, outcome) in [
            ("amount_differs", "amount_differs"),
            ("unknown_reference", "unknown_reference"),
            ("duplicate_line", "duplicate"),
        ] {
            assert_eq!(json!(town.waiting(finding).await.line.outcome), outcome);
        }
        let fund = town.fund().await;
        assert_eq!(
            (fund.in_transit, fund.paid, fund.to_reissue),
            (AMOUNT, 4 * AMOUNT, AMOUNT)
        );
        assert_eq!(status(&town, run).await, "settling");
        town.bring(pain002("A3", &[answer(&orders[0], "ACCC", None)])).await;
        assert_eq!(status(&town, run).await, "closed");
        town.bring(camt054("A4", &[answer(&orders[1], "BOOK", Some("AC06"))]))
            .await;
        assert_eq!(town.fund().await.to_reissue, 2 * AMOUNT);
        assert_eq!(status(&town, run).await, "closed");
        town.holds().await;
    });
}

#[test]
fn cash_that_was_not_collected_is_paid_again_and_its_money_is_counted_once() {
    each_engine(async |house| {
        let town = BankTown::open_at_post(house, 3).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let results = ["not_collected", "paid", "not_collected"];
        let told: Vec<Answer> = orders
            .iter()
            .zip(results)
            .map(|(order, result)| answer(order, result, None))
            .collect();
        let mut bytes = Vec::new();
        write_post_results(&mut bytes, "2024-09-18".parse().unwrap(), &told).unwrap();
        let report = town.bring(bytes).await;
        assert_eq!(
            (json!(report.format), report.matched, report.suspense),
            (json!("post_result"), 3, 0)
        );
        assert_eq!(town.statuses(run).await, ["returned", "credited", "returned"]);
        assert_eq!(town.orders(run).await[0].reason.as_deref(), Some("not_collected"));
        assert_eq!(status(&town, run).await, "closed");
        let fund = town.fund().await;
        assert_eq!((fund.in_transit, fund.paid, fund.to_reissue), (0, AMOUNT, 2 * AMOUNT));

        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        let mut count = Vec::new();
        for number in 0..3 {
            count.push(town.lines(october, person(number)).await.len());
        }
        count.sort_unstable();
        assert_eq!(count, [1, 2, 2], "September is paid again to who did not collect it");
        town.sign(october).await;
        let fund = town.fund().await;
        assert_eq!((fund.in_transit, fund.paid, fund.to_reissue), (5 * AMOUNT, AMOUNT, 0));
        town.holds().await;
    });
}

#[test]
fn a_truncated_or_foreign_file_stores_nothing() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let run = town.pay("2024-09").await;
        let whole = pain002("A1", &[answer(&town.orders(run).await[0], "ACSC", None)]);
        let files: [(Vec<u8>, &str); 4] = [
            (whole[..whole.len() - 40].to_vec(), "report_truncated"),
            (b"PK\x03\x04 no report".to_vec(), "report_not_recognised"),
            (Vec::new(), "report_empty"),
            (
                b"<Document xmlns=\"urn:x\"><Other/></Document>".to_vec(),
                "report_unknown_message",
            ),
        ];
        for (bytes, code) in files {
            let error = bank_report::upload(town.app(), &town.treasury, "answer.xml", bytes)
                .await
                .unwrap_err();
            assert_eq!(
                (error.code, error.fields[0].code.as_str()),
                (ProblemCode::UnreadableBankFile, code)
            );
            let told = error.detail.unwrap();
            assert!(
                !told.vi.contains("report_") && !told.en.contains("report_"),
                "{told:?}: words, no code"
            );
        }
        town.idle().await;
        let listed = bank_report::list(town.app(), &town.treasury, None, None).await.unwrap();
        assert_eq!(listed.items, []);
        assert_eq!(town.statuses(run).await, ["extracted"]);
        town.holds().await;
    });
}
