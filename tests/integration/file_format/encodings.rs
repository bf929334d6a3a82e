//! Banks that take and answer with text in an encoding of their own.

use domain::bank::{BankProfiles, Encoding, ResultLayout};
use domain::bank_report::synthetic::write_result_csv;
use serde_json::{Value, json};
use service::ProblemCode;
use service::bank_report::Reading;

use super::office::{Office, answer, code, disabled};
use crate::harness::each_engine;

/// A bank that wants names with their marks, in this encoding, and answers in it.
fn wants(encoding: Encoding) -> Value {
    let mut own = serde_json::to_value(BankProfiles::embedded().unwrap().of("KLB")).unwrap();
    own["name_style"] = json!("vietnamese");
    own["table"]["encoding"] = json!(encoding);
    own["result"]["encoding"] = json!(encoding);
    own
}

#[test]
fn orders_and_answers_are_in_the_encoding_of_the_banks_profile() {
    each_engine(async |house| {
        let office = Office::open(house, &[("KLB", "0101"), ("KLB", "0102")]).await;
        let cases: [(&str, Encoding, &[u8]); 2] = [
            ("2024-09", Encoding::Windows1258, b";Pha\xf2m Thi\xf2 Lan;0101;"),
            ("2024-10", Encoding::Utf16Le, b"\xff\xfeD\0A\0N\0H\0"),
        ];
        for (version, (cover, encoding, shows)) in cases.into_iter().enumerate() {
            let changed = house
                .change_profile("KLB", &format!("\"{version}\""), &wants(encoding))
                .await;
            assert_eq!(changed.status, 200, "{changed:?}");
            let run = office.pay(cover).await;
            let (_, bytes) = office.file(run, "orders-KLB-1.csv").await;
            assert!(
                bytes.windows(shows.len()).any(|own| own == shows),
                "{encoding:?}: {bytes:?}"
            );
            let text = encoding.read(&bytes).unwrap();
            let orders = office.orders(run, "KLB").await;
            for order in &orders {
                assert!(text.contains(&order.reference), "{text}");
                assert!(
                    text.contains(&format!("Phạm Thị Lan;{};", order.account_number)),
                    "{text}"
                );
            }
            let layout = ResultLayout {
                encoding,
                ..BankProfiles::embedded().unwrap().of("KLB").result.clone().unwrap()
            };
            let mut csv = Vec::new();
            let told = [
                answer(&orders[0], "Thành công", None),
                answer(&orders[1], "Đang xử lý", None),
            ];
            write_result_csv(&mut csv, &layout, &told).unwrap();
            assert!(std::str::from_utf8(&csv).is_err());
            let report = office.bring(csv, Reading::default()).await.unwrap();
            assert_eq!((report.mode.as_str(), report.tolerated), ("strict", vec![]));
            let after = office.orders(run, "KLB").await;
            let states: Vec<String> = after.iter().map(|order| code(&order.status)).collect();
            assert_eq!(states, ["credited", "accepted"], "{encoding:?}");
        }
        office.ties().await;
    });
}

#[test]
fn a_run_with_a_name_that_the_bank_could_not_read_is_not_approved() {
    each_engine(async |house| {
        let mut other = disabled(0x52, ("KLB", "0102"));
        other["person"]["full_name"] = json!("Phạm Thị Łucja");
        other["payees"][0]["account"]["holder_name"] = json!("Phạm Thị Łucja");
        let office = Office::of_people(house, vec![disabled(0x51, ("KLB", "0101")), other]).await;
        let put = async |version: &str, encoding: Encoding| {
            let changed = house.change_profile("KLB", version, &wants(encoding)).await;
            assert_eq!(changed.status, 200, "{changed:?}");
        };
        put("\"0\"", Encoding::Windows1258).await;
        let run = office.submitted("2024-09").await;
        let refused = office.approve(&run).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::Conflict, "{refused}");
        let codes: Vec<&str> = refused.fields.iter().map(|field| field.code.as_str()).collect();
        assert_eq!(codes, ["not_in_encoding"], "{refused}");
        put("\"1\"", Encoding::Utf16Le).await;
        office.approve(&run).await.unwrap();
        office.ties().await;
    });
}

#[test]
fn a_profile_says_nothing_that_its_encoding_has_not() {
    each_engine(async |house| {
        let mut own = wants(Encoding::Windows1258);
        own["table"]["columns"][0]["heading"] = json!("Số Ł");
        own["result"]["statuses"]["Ł"] = json!("credited");
        let found = house.change_profile("KLB", "\"0\"", &own).await.problem("invalid");
        let expected = ["/profile/table/columns/0/heading", "/profile/result/statuses"];
        assert_eq!(
            found,
            expected.map(|pointer| (pointer.to_owned(), "not_in_encoding".to_owned()))
        );
    });
}
