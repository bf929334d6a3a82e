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
