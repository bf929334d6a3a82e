//! What a bank says of a whole file: refusals of it, debits told twice, and news that comes beside them.

use domain::bank_report::synthetic::{Answer, AnswerHeader, write_pain002};
use serde_json::json;
use service::pay_run;
use service::registry_finding::{self, ListFindings};

use super::bank::{AMOUNT, BankTown, answer, camt054, of, pain002, person};
use super::batch_debits::{ROADS, batch, end, entry, names, paid};
use super::group_statuses::{group, said};
use crate::harness::each_engine;

/// The whole file is refused, and no line listed.
pub(super) fn refusal(id: &str, message: &str, reason: &str) -> Vec<u8> {
    let header = AnswerHeader {
        message_id: id.to_owned(),
        created_at: "2024-09-18T02:00:00Z".parse().unwrap(),
        original_message_id: message.to_owned(),
        original_message: "pain.001.001.09".to_owned(),
        payment_information_id: "P1".to_owned(),
        group_status: Some("RJCT".to_owned()),
        account: "102010000000001".to_owned(),
        one_debit: false,
    };
    let mut bytes = Vec::new();
    write_pain002(&mut bytes, &header, &[]).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let status = "<GrpSts>RJCT</GrpSts>";
    assert!(text.contains(status), "{text}");
    let told = format!("{status}<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>");
    text.replace(status, &told).into_bytes()
}

#[test]
fn a_refusal_of_the_whole_file_moves_nothing_that_was_paid() {
    each_engine(async |house| {
        let town = BankTown::open(house, 4).await;
        let run = town.pay("2024-09").await;
        let (name, message) = names(&town, run).await;
        town.bring(entry("D", "DBIT", 4 * AMOUNT, &batch(&name))).await;
        // The second copy of the file comes too late for the bank.
        town.bring(refusal("G", &message, "TM01")).await;
        let expected = json!({
            "orders": [["settled", null], ["settled", null], ["settled", null], ["settled", null]],
            "waiting": [["file_contradicts", "late", null, null]],
            "reports": [["D", 1, 0], ["G", 0, 1]],
            "fund": [0, 4 * AMOUNT, 0],
        });
        assert_eq!(end(&town, run).await, expected);
        let refused = town.waiting("file_contradicts").await.file.unwrap();
        assert_eq!((refused.moved, refused.contradicted), (0, 4));
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        for number in 0..4 {
            let lines = town.lines(october, person(number)).await;
            assert_eq!(
                (lines.len(), lines[0].cover_month.yyyymm()),
                (1, 202_410),
                "nobody is paid twice"
            );
        }
        town.holds().await;
    });
}

#[test]
fn a_refusal_of_the_whole_file_takes_back_nothing_that_was_taken_line_by_line() {
    each_engine(async |house| {
        let town = BankTown::open(house, 3).await;
        let run = town.pay("2024-09").await;
        let (_, message) = names(&town, run).await;
        let orders = town.orders(run).await;
        // The first copy of the file is taken, two of its orders by lines of their own.
        let told = [answer(&orders[0], "ACSP", None), answer(&orders[1], "ACTC", None)];
        town.bring(pain002("S", &told)).await;
        town.bring(refusal("G", &message, "AM04")).await;
        assert_eq!(town.statuses(run).await, ["accepted", "accepted", "rejected"]);
        let refused = town.waiting("file_contradicts").await.file.unwrap();
        assert_eq!((refused.moved, refused.contradicted), (1, 2));
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        for (number, lines) in [(0, 1), (1, 1), (2, 2)] {
            assert_eq!(town.lines(october, person(number)).await.len(), lines, "{number}");
        }
        // What the first copy pays is told as ever.
        let told = [answer(&orders[0], "ACCC", None), answer(&orders[1], "ACCC", None)];
        town.bring(pain002("P", &told)).await;
        assert_eq!(town.statuses(run).await, ["credited", "credited", "rejected"]);
        town.holds().await;
    });
}

#[test]
fn a_file_that_was_taken_as_a_whole_may_be_refused_as_a_whole() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let (_, message) = names(&town, run).await;
        town.bring(said("T", &group(&message, "", "ACTC"), "")).await;
        assert_eq!(town.statuses(run).await, ["accepted"; 2]);
        town.bring(refusal("G", &message, "AM04")).await;
        assert_eq!(town.statuses(run).await, ["rejected"; 2]);
        assert_eq!(town.suspense().await, []);
        town.holds().await;
    });
}

#[test]
fn what_a_debit_may_have_paid_is_not_paid_again_before_the_refund_is_there() {
    each_engine(async |house| {
        let town = BankTown::open(house, 4).await;
        let run = town.pay("2024-09").await;
        let (name, message) = names(&town, run).await;
        town.bring(refusal("G", &message, "TM01")).await;
        assert_eq!(town.statuses(run).await, ["rejected"; 4]);
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        assert_eq!(town.lines(october, person(0)).await.len(), 2, "September is paid again");

        // The file is debited after all: the run that pays it again waits.
        town.bring(entry("D", "DBIT", 4 * AMOUNT, &batch(&name))).await;
        town.waiting("batch_refund_due").await;
        let voided = pay_run::get(town.app(), &town.preparer, october).await.unwrap();
        assert_eq!(
            (json!(voided.status), json!(voided.build)),
            (json!("draft"), json!("pending"))
        );
        town.rebuild(october).await;
        let held: Vec<_> = town.held(october).await.into_iter().map(|own| own.reason).collect();
        assert_eq!(held, ["batch_debit_open"; 4]);
        for number in 0..4 {
            let lines = town.lines(october, person(number)).await;
            assert_eq!((lines.len(), lines[0].cover_month.yyyymm()), (1, 202_410));
        }

        town.bring(entry("C", "CRDT", 4 * AMOUNT, &batch(&name))).await;
        assert_eq!(town.suspense().await, []);
        town.rebuild(october).await;
        assert!(town.held(october).await.is_empty());
        assert_eq!(town.lines(october, person(3)).await.len(), 2);
        town.sign(october).await;
        assert_eq!(town.fund().await.to_reissue, 0);
        town.holds().await;
    });
}

#[test]
fn a_second_debit_of_a_file_in_one_report_waits_for_people() {
    each_engine(async |house| {
        let town = BankTown::open(house, 4).await;
        let run = town.pay("2024-09").await;
        let (name, _) = names(&town, run).await;
        let text = String::from_utf8(entry("D", "DBIT", 4 * AMOUNT, &batch(&name))).unwrap();
        let (from, to) = (text.find("<Ntry>").unwrap(), text.find("</Ntfctn>").unwrap());
        let twice = format!("{}{}{}", &text[..to], &text[from..to], &text[to..]);
        let report = town.bring(twice.into_bytes()).await;
        assert_eq!((report.line_count, report.matched, report.suspense), (2, 1, 1));
        let second = town.waiting("duplicate_line").await;
        assert_eq!(
            (second.line.position, json!(second.line.outcome)),
            (2, json!("duplicate"))
        );
        assert_eq!(town.statuses(run).await, ["settled"; 4]);
        // What comes later changes nothing about it.
        let orders = town.orders(run).await;
        town.bring(pain002("S", &[answer(&orders[0], "ACCC", None)])).await;
        assert_eq!(town.waiting("duplicate_line").await.line.position, 2);
        assert_eq!(town.suspense().await.len(), 1);
        town.holds().await;
    });
}

#[test]
fn news_of_a_death_is_kept_whatever_the_order_of_files() {
    let ends = std::sync::Mutex::new(Vec::new());
    for road in ROADS {
        each_engine(async |house| {
            let town = BankTown::open(house, 4).await;
            let run = town.pay("2024-09").await;
            let (name, _) = names(&town, run).await;
            let dead = town.orders(run).await.remove(3);
            let files = [
                entry("D", "DBIT", 4 * AMOUNT, &batch(&name)),
                pain002("R", &[answer(&dead, "RJCT", Some("MD07"))]),
                camt054("F", &[answer(&dead, "BOOK", Some("MD07"))]),
            ];
            for number in road {
                town.bring(files[number].clone()).await;
            }
            let filter: ListFindings = of(json!({"status": "open"}));
            let open = registry_finding::list(town.app(), &town.caseworker, filter)
                .await
                .unwrap()
                .items;
            let whose: Vec<_> = open.iter().map(|own| own.person_id).collect();
            assert_eq!(whose, [person(3)], "{road:?}");
            let end = end(&town, run).await;
            assert_eq!(end["orders"][3], json!(["returned", "MD07"]), "{road:?}");
            let findings: Vec<_> = end["waiting"]
                .as_array()
                .unwrap()
                .iter()
                .map(|own| own[0].clone())
                .collect();
            assert_eq!(findings, ["person_deceased", "person_deceased"], "{road:?}");
            ends.lock().unwrap().push(end);

            // Looked into, both lines are closed.
            let alive = json!({"note": "Đã gặp trực tiếp"});
            registry_finding::dismiss(town.app(), &town.caseworker, open[0].id, open[0].version, of(alive))
                .await
                .unwrap();
            assert_eq!(town.suspense().await, [], "{road:?}");
            town.holds().await;
        });
    }
    let ends = ends.into_inner().unwrap();
    assert!(ends.iter().all(|end| *end == ends[0]), "{ends:#?}");
}

#[test]
fn news_of_a_death_that_contradicts_the_bank_is_news_all_the_same() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        town.bring(pain002("A1", &[answer(&orders[0], "ACCC", None)])).await;
        town.bring(pain002("A2", &[answer(&orders[0], "RJCT", Some("MD07"))]))
            .await;
        town.waiting("late_answer").await;
        let filter: ListFindings = of(json!({"status": "open"}));
        let open = registry_finding::list(town.app(), &town.caseworker, filter)
            .await
            .unwrap()
            .items;
        assert_eq!(open.iter().map(|own| own.person_id).collect::<Vec<_>>(), [person(0)]);
        town.holds().await;
    });
}

#[test]
fn what_may_be_decided_of_an_order_settled_by_its_file_may_be_proposed() {
    each_engine(async |house| {
        let town = BankTown::open(house, 4).await;
        let (run, _) = paid(&town).await;
        let (name, _) = names(&town, run).await;
        let order = town.orders(run).await.remove(3);
        town.bring(entry("D", "DBIT", 4 * AMOUNT, &batch(&name))).await;
        let garbled = Answer {
            reference: "NOBODY".to_owned(),
            uetr: None,
            ..answer(&order, "RJCT", Some("AC01"))
        };
        town.bring(pain002("R", &[garbled])).await;
        let line = town.waiting("unknown_reference").await.line.id;
        let what = json!({"resolution": "matched_to_order", "order_id": order.id, "note": "Khớp tài khoản và số tiền"});
        town.resolve(line, what).await;
        assert_eq!(town.statuses(run).await, ["settled", "settled", "settled", "rejected"]);
        town.waiting("batch_refund_due").await;
        town.holds().await;
    });
}
