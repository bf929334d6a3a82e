//! What a bank says of whole files by their status: kept word for word, and whatever is no clean match waits for two people.

use serde_json::{Value, json};
use service::bank_report::{self, BankReportView};
use service::reconciliation::decide;
use service::{ProblemCode, payment_file};
use uuid::Uuid;

use super::bank::{AMOUNT, BankTown, accept, answer, pain002};
use super::batch_debits::{ROADS, end, names};
use crate::harness::each_engine;

/// A status report without lines: what it says of the group, and of batches.
pub(crate) fn said(id: &str, group: &str, batches: &str) -> Vec<u8> {
    format!(
        "<?xml version=\"1.0\"?><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\"><CstmrPmtStsRpt>\
         <GrpHdr><MsgId>{id}</MsgId><CreDtTm>2024-09-18T09:00:00+07:00</CreDtTm></GrpHdr>\
         <OrgnlGrpInfAndSts>{group}</OrgnlGrpInfAndSts>{batches}</CstmrPmtStsRpt></Document>"
    )
    .into_bytes()
}

/// What it says of the group: its name, what the bank says it had, and a status.
pub(crate) fn group(message: &str, size: &str, status: &str) -> String {
    format!(
        "<OrgnlMsgId>{message}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{size}<GrpSts>{status}</GrpSts>"
    )
}

pub(crate) fn reason(code: &str) -> String {
    format!("<StsRsnInf><Rsn><Cd>{code}</Cd></Rsn></StsRsnInf>")
}

fn of_batch(name: &str, status: &str) -> String {
    format!(
        "<OrgnlPmtInfAndSts><OrgnlPmtInfId>{name}</OrgnlPmtInfId><PmtInfSts>{status}</PmtInfSts></OrgnlPmtInfAndSts>"
    )
}

/// What each statement of a report came to.
fn came_to(report: &BankReportView) -> Vec<Value> {
    let each = report.files.iter().map(|own| {
        json!([
            own.level,
            own.status,
            own.outcome,
            own.finding,
            own.moved,
            own.contradicted
        ])
    });
    each.collect()
}

#[test]
fn whatever_is_no_clean_match_of_a_whole_file_waits_and_moves_nothing() {
    each_engine(async |house| {
        let town = BankTown::open(house, 4).await;
        let run = town.pay("2024-09").await;
        let (_, message) = names(&town, run).await;
        let sum = 4 * AMOUNT;
        let size =
            |count: &str, sum: &str| format!("<OrgnlNbOfTxs>{count}</OrgnlNbOfTxs><OrgnlCtrlSum>{sum}</OrgnlCtrlSum>");
        let duplicate = |code: &str| group(&message, "", "RJCT") + &reason(code);
        let cases = [
            (group(&message, "", "XXXX"), "unknown_status", "pending"),
            (duplicate("DU01"), "duplicate_reason", "duplicate"),
            (duplicate("AM05"), "duplicate_reason", "duplicate"),
            (group("NOBODY", "", "ACSC"), "file_unknown", "unknown_reference"),
            (
                group(&message, &size("4", &(sum - 1).to_string()), "ACSC"),
                "file_differs",
                "amount_differs",
            ),
            (
                group(&message, &size("4", &format!("{sum}.5")), "ACSC"),
                "file_differs",
                "amount_differs",
            ),
            (
                group(&message, &size("3", &sum.to_string()), "RJCT"),
                "file_differs",
                "amount_differs",
            ),
        ];
        for (number, (group, finding, outcome)) in cases.iter().enumerate() {
            let bytes = said(&format!("G{number}"), group, "");
            let report = town.bring(bytes.clone()).await;
            assert_eq!(
                (report.line_count, report.matched, report.suspense),
                (0, 0, 1),
                "{group}"
            );
            let [own] = report.files.as_slice() else {
                panic!("{report:#?}")
            };
            assert_eq!(
                (own.finding.as_deref(), json!(own.outcome)),
                (Some(*finding), json!(outcome)),
                "{group}"
            );
            assert_eq!((own.moved, own.contradicted, own.resolved_at), (0, 0, None));
            assert!(own.finding_text.is_some());
            assert_eq!(town.statuses(run).await, ["extracted"; 4], "{group}");
            let waiting = town.suspense().await;
            let line = waiting.iter().find(|line| line.line.report_id == report.id).unwrap();
            assert_eq!((Some(line.line.id), line.file.as_ref()), (own.line_id, Some(own)));
            // It is no line of the report.
            let lines = bank_report::lines(town.app(), &town.treasury, report.id, None, None, None).await;
            assert_eq!(lines.unwrap().items, []);
            assert_eq!(town.bring(bytes).await, report, "the same file again");
            assert_eq!(town.suspense().await.len(), number + 1);
        }
        // Every word of the bank is kept.
        let kept = town.waiting("unknown_status").await.file.unwrap();
        assert_eq!(
            (kept.message_id.as_ref(), kept.status.as_deref()),
            (Some(&message), Some("XXXX"))
        );
        let odd = town.suspense().await.into_iter().filter_map(|own| own.file?.told_sum);
        let mut odd: Vec<String> = odd.collect();
        odd.sort();
        assert_eq!(odd, [(sum - 1).to_string(), sum.to_string(), format!("{sum}.5")]);
        town.holds().await;

        // A clean match needs nobody.
        let clean = said("G9", &group(&message, &size("4", &format!("{sum}.00")), "ACSC"), "");
        let report = town.bring(clean).await;
        assert_eq!(came_to(&report), [json!(["group", "ACSC", "matched", null, 4, 0])]);
        assert_eq!(report.files[0].own_sum, Some(sum));
        assert_eq!(
            (report.suspense, town.statuses(run).await),
            (0, vec!["settled".to_owned(); 4])
        );
        let file = payment_file::list(town.app(), &town.treasury, run).await.unwrap();
        assert!(file.iter().any(|own| Some(own.id) == report.files[0].payment_file_id));
        town.holds().await;
    });
}

#[test]
fn what_is_said_of_a_whole_file_is_closed_by_two_people_and_moves_nothing() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let (_, message) = names(&town, run).await;
        let refused = said("G", &(group(&message, "", "RJCT") + &reason("DU01")), "");
        let report = town.bring(refused).await;
        let line = town.waiting("duplicate_reason").await.line.id;
        let order = town.orders(run).await.remove(0);
        for wrong in ["accepted_as_paid", "matched_to_order", "amount_explained"] {
            let what = json!({"resolution": wrong, "order_id": order.id, "note": "Đã hỏi ngân hàng"});
            let error = town.propose(line, what).await.unwrap_err();
            assert_eq!(
                (error.code, error.fields[0].pointer.as_str()),
                (ProblemCode::Invalid, "/resolution")
            );
        }
        let note = json!({"resolution": "looked_into", "note": "Tệp gửi lần đầu đã được nhận; bản này là bản gửi lại"});
        let proposed = town.propose(line, note.clone()).await.unwrap();
        let alone = decide(town.app(), &town.treasury, line, accept(proposed.id)).await;
        assert_eq!(alone.unwrap_err().code, ProblemCode::SamePerson);
        assert_eq!(town.suspense().await.len(), 1);
        decide(town.app(), &town.second, line, accept(proposed.id))
            .await
            .unwrap();
        assert_eq!(town.suspense().await, []);
        let report = bank_report::get(town.app(), &town.treasury, report.id).await.unwrap();
        assert_eq!(report.suspense, 0);
        assert!(report.files[0].resolved_at.is_some());
        assert_eq!(town.statuses(run).await, ["extracted"; 2]);

        // A line of an order is not closed like that.
        let mut stray = answer(&order, "ACSC", None);
        (stray.reference, stray.uetr) = ("NOBODY".to_owned(), None);
        town.bring(pain002("S", &[stray])).await;
        let line = town.waiting("unknown_reference").await.line.id;
        let error = town.propose(line, note).await.unwrap_err();
        assert_eq!(
            (error.code, error.fields[0].pointer.as_str()),
            (ProblemCode::Invalid, "/resolution")
        );
        town.holds().await;
    });
}

#[test]
fn what_is_said_of_batches_is_kept_and_judged_like_what_is_said_of_the_group() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let (batch, message) = names(&town, run).await;
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.pay("2024-10").await;
        let (other, _) = names(&town, october).await;
        let bring = async |id: &str, status: &str, batches: &str| {
            let report = town.bring(said(id, &group(&message, "", status), batches)).await;
            came_to(&report)
        };
        let unknown = bring("B1", "PART", &of_batch("NOBODY", "RJCT")).await;
        let expected = [
            json!(["group", "PART", "matched", null, 2, 0]),
            json!(["batch", "RJCT", "unknown_reference", "file_unknown", 0, 0]),
        ];
        assert_eq!(unknown, expected);
        let conflict = bring("B2", "ACTC", &of_batch(&other, "RJCT")).await;
        assert_eq!(
            conflict[1],
            json!(["batch", "RJCT", "unknown_reference", "file_conflict", 0, 0])
        );
        let sum = "<OrgnlCtrlSum>1</OrgnlCtrlSum><PmtInfSts>";
        let smaller = of_batch(&batch, "RJCT").replace("<PmtInfSts>", sum);
        let differs = bring("B3", "ACTC", &smaller).await;
        assert_eq!(
            differs[1],
            json!(["batch", "RJCT", "amount_differs", "file_differs", 0, 0])
        );
        assert_eq!(town.statuses(run).await, ["accepted"; 2]);

        // The batch is nearer to its orders than the group, and its first word stands.
        let twice = of_batch(&batch, "ACSC") + &of_batch(&batch, "ACSC") + &of_batch(&batch, "RJCT");
        let expected = [
            json!(["group", "RJCT", "late", "file_contradicts", 0, 0]),
            json!(["batch", "ACSC", "matched", null, 2, 0]),
            json!(["batch", "ACSC", "duplicate", "duplicate_line", 0, 0]),
            json!(["batch", "RJCT", "late", "file_contradicts", 0, 0]),
        ];
        assert_eq!(bring("B4", "RJCT", &twice).await, expected);
        assert_eq!(town.statuses(run).await, ["settled"; 2]);
        assert_eq!(town.statuses(october).await, ["extracted"; 2]);
        town.holds().await;
    });
}

#[test]
fn an_order_refused_before_contradicts_a_file_that_is_said_to_be_paid() {
    each_engine(async |house| {
        let town = BankTown::open(house, 3).await;
        let run = town.pay("2024-09").await;
        let (_, message) = names(&town, run).await;
        let orders = town.orders(run).await;
        town.bring(pain002("R", &[answer(&orders[1], "RJCT", Some("AC01"))]))
            .await;
        let report = town.bring(said("G", &group(&message, "", "ACSC"), "")).await;
        assert_eq!(
            came_to(&report),
            [json!(["group", "ACSC", "late", "file_contradicts", 2, 1])]
        );
        assert_eq!(town.statuses(run).await, ["settled", "rejected", "settled"]);
        town.holds().await;
    });
}

#[test]
fn reports_of_a_whole_file_end_alike_in_any_order_and_told_twice() {
    let ends = std::sync::Mutex::new(Vec::new());
    for road in ROADS {
        each_engine(async |house| {
            let town = BankTown::open(house, 3).await;
            let run = town.pay("2024-09").await;
            let (_, message) = names(&town, run).await;
            let files = [
                said("X", &group(&message, "", "XXXX"), ""),
                said("D", &(group(&message, "", "RJCT") + &reason("DU01")), ""),
                said("S", &group(&message, "<OrgnlNbOfTxs>3</OrgnlNbOfTxs>", "ACSC"), ""),
            ];
            for number in road {
                town.bring(files[number].clone()).await;
            }
            let once = end(&town, run).await;
            for bytes in files {
                town.bring(bytes).await;
            }
            assert_eq!(end(&town, run).await, once, "{road:?}, all of them again");
            assert_eq!(
                once["reports"],
                json!([["D", 0, 1], ["S", 0, 0], ["X", 0, 1]]),
                "{road:?}"
            );
            assert_eq!(town.statuses(run).await, ["settled"; 3], "{road:?}");
            ends.lock().unwrap().push(once);
        });
    }
    let ends = ends.into_inner().unwrap();
    assert!(ends.iter().all(|end| *end == ends[0]), "{ends:#?}");
}

#[test]
fn an_answer_that_names_no_file_of_ours_and_no_order_waits() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        town.pay("2024-09").await;
        let empty = said(
            "E",
            "<OrgnlMsgId>NOBODY</OrgnlMsgId><OrgnlMsgNmId>pain.001</OrgnlMsgNmId>",
            "",
        );
        let report = town.bring(empty).await;
        assert_eq!(
            came_to(&report),
            [json!(["group", null, "unknown_reference", "file_unknown", 0, 0])]
        );
        let line: Uuid = report.files[0].line_id.unwrap();
        town.resolve(
            line,
            json!({"resolution": "not_ours", "note": "Thông điệp của đơn vị khác"}),
        )
        .await;
        assert_eq!(town.suspense().await, []);
        town.holds().await;
    });
}
