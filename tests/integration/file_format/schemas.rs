//! Answers that are not as the schema of their message has them, and the ids by which our files are known.

use std::collections::BTreeSet;

use service::ProblemCode;
use service::bank_report::{Reading, ReadingMode};

use super::office::{Office, answer};
use crate::harness::each_engine;
use crate::reconciliation::bank::pain002;

#[test]
fn a_message_without_its_id_is_read_leniently_alone_and_the_tolerance_is_told() {
    each_engine(async |house| {
        let office = Office::open(house, &[("AGRIBANK", "8000205100001")]).await;
        let run = office.pay("2024-09").await;
        let order = office.orders(run, "AGRIBANK").await.remove(0);
        let text = String::from_utf8(pain002("S1", &[answer(&order, "ACSC", None)])).unwrap();
        assert!(text.contains("<MsgId>S1</MsgId>"), "{text}");
        let nameless = text.replace("<MsgId>S1</MsgId>", "").into_bytes();

        let refused = office.bring(nameless.clone(), Reading::default()).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::UnreadableBankFile, "{refused}");
        let told = &refused.fields[0];
        assert_eq!(told.code, "report_not_strict");
        for (words, place) in [(&told.message.vi, "ở dòng "), (&told.message.en, "at line ")] {
            assert!(
                words.contains("CstmrPmtStsRpt/GrpHdr/MsgId") && words.contains(place),
                "{words}"
            );
        }

        let leniently = Reading::in_mode(ReadingMode::Lenient);
        let report = office.bring(nameless, leniently).await.unwrap();
        assert_eq!(
            (report.mode.as_str(), report.tolerated, report.message_id),
            ("lenient", vec!["element_missing".to_owned()], None)
        );
        assert_eq!((report.matched, report.suspense), (1, 0));
        let [fault] = report.schema_faults.as_slice() else {
            panic!("{:?}", report.schema_faults)
        };
        assert_eq!(
            (fault.code.as_str(), fault.element.as_str()),
            ("element_missing", "CstmrPmtStsRpt/GrpHdr/MsgId")
        );
        let place = format!("line {}, byte {}", fault.line, fault.offset);
        assert!(told.message.en.contains(&place), "{place}: {}", told.message.en);
        office.ties().await;
    });
}

#[test]
fn whatever_is_not_as_the_schema_has_it_is_told_in_both_languages_and_read_leniently() {
    each_engine(async |house| {
        let office = Office::open(house, &[("AGRIBANK", "8000205100001")]).await;
        let run = office.pay("2024-09").await;
        let order = office.orders(run, "AGRIBANK").await.remove(0);
        let text = String::from_utf8(pain002("S1", &[answer(&order, "ACSC", None)])).unwrap();
        let amount = "<InstdAmt Ccy=\"VND\">";
        assert!(text.contains(amount) && text.contains("<MsgId>S1</MsgId>"), "{text}");
        let line = "CstmrPmtStsRpt/OrgnlPmtInfAndSts/TxInfAndSts";
        let head = "CstmrPmtStsRpt/GrpHdr/MsgId";
        for (from, to, code, element, vi, en) in [
            (
                "<TxSts>ACSC</TxSts>",
                "<TxSts>ACSC</TxSts><StsId>S</StsId>",
                "element_misplaced",
                format!("{line}/StsId"),
                "sai thứ tự",
                "order of the schema",
            ),
            (
                "<TxSts>ACSC</TxSts>",
                "<TxSts>ACSC</TxSts><StsRsnInf><Rsn><Cd>G000</Cd><Prtry>G</Prtry></Rsn></StsRsnInf>",
                "element_excluded",
                format!("{line}/StsRsnInf/Rsn/Prtry"),
                "chỉ cho chọn một",
                "one at a time",
            ),
            (
                "<MsgId>S1</MsgId>",
                "<MsgId lang=\"vi\">S1</MsgId>",
                "attribute_unknown",
                format!("{head}/@lang"),
                "Có thuộc tính không có trong lược đồ",
                "An attribute that the schema of the message does not have",
            ),
            (
                amount,
                "<InstdAmt>",
                "attribute_missing",
                format!("{line}/OrgnlTxRef/Amt/InstdAmt/@Ccy"),
                "Thiếu thuộc tính",
                "An attribute that the schema of the message asks for",
            ),
            (
                "<MsgId>S1</MsgId>",
                "<MsgId>S1-0123456789-0123456789-0123456789-</MsgId>",
                "value_invalid",
                head.to_owned(),
                "không đúng kiểu",
                "not of the type",
            ),
        ] {
            let odd = text.replacen(from, to, 1).into_bytes();
            let refused = office.bring(odd.clone(), Reading::default()).await.unwrap_err();
            assert_eq!(refused.code, ProblemCode::UnreadableBankFile, "{refused}");
            let told = &refused.fields[0];
            assert_eq!(told.code, "report_not_strict");
            for (words, own, place) in [(&told.message.vi, vi, "ở dòng "), (&told.message.en, en, "at line ")] {
                let named = words.contains(own) && words.contains(&element) && words.contains(place);
                assert!(named, "{code}: {words}");
            }

            let report = office.bring(odd, Reading::in_mode(ReadingMode::Lenient)).await.unwrap();
            assert_eq!(report.tolerated, [code]);
            let found: Vec<&str> = report.schema_faults.iter().map(|own| own.element.as_str()).collect();
            assert_eq!(found, [element.as_str()], "{code}");
        }
        office.ties().await;
    });
}

#[test]
fn a_file_keeps_the_ids_of_its_message_and_of_its_batch() {
    each_engine(async |house| {
        let office = Office::open(house, &[("AGRIBANK", "8000205100001"), ("VCB", "0071000123456")]).await;
        let mut ids = BTreeSet::new();
        for month in ["2024-09", "2024-10"] {
            let run = office.pay(month).await;
            for name in ["pain001-AGRIBANK-1.xml", "pain001-VCB-1.xml"] {
                let (file, bytes) = office.file(run, name).await;
                let text = String::from_utf8(bytes).unwrap();
                let (message, batch) = (file.message_id.unwrap(), file.batch_id.unwrap());
                assert!(text.contains(&format!("<MsgId>{message}</MsgId>")), "{text}");
                assert!(text.contains(&format!("<PmtInfId>{batch}</PmtInfId>")), "{text}");
                ids.extend([message, batch]);
            }
            let files = office.files(run).await;
            assert!(
                files
                    .iter()
                    .all(|own| own.message_id.is_some() == own.batch_id.is_some())
            );
        }
        assert_eq!(ids.len(), 8, "no id is any other's");
    });
}
