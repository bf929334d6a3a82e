//! Bytes that are stored already, as those of another bank or read in another mode: refused with what differs.

use serde_json::json;
use service::bank_report::{self, Reading, ReadingMode};
use service::{ProblemCode, Role};

use super::bank::{BankTown, answer, camt054};
use super::set_aside::{as_of, brought, paid};
use crate::harness::each_engine;

#[test]
fn the_same_bytes_read_otherwise_are_refused_and_both_readings_are_named() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let (run, orders) = paid(&town).await;
        let bytes = camt054("D1", &[answer(&orders[0], "BOOK", None)]);
        let stored = brought(&town, &bytes, as_of("VCB")).await.unwrap();
        assert_eq!((stored.matched, stored.suspense), (0, 1), "the order is another bank's");
        for same in [Reading::default(), as_of("VCB"), Reading::in_mode(ReadingMode::Strict)] {
            assert_eq!(brought(&town, &bytes, same).await.unwrap().id, stored.id);
        }
        let other = Reading {
            bank: Some("AGRIBANK".to_owned()),
            mode: Some(ReadingMode::Lenient),
        };
        let told = brought(&town, &bytes, other).await.unwrap_err();
        assert_eq!(told.code, ProblemCode::ReportReadOtherwise);
        let detail = told.detail.unwrap();
        for words in [&detail.vi, &detail.en] {
            assert!(words.contains(&stored.id.to_string()), "{words}");
        }
        let found: Vec<(&str, &str)> = told
            .fields
            .iter()
            .map(|field| (field.pointer.as_str(), field.code.as_str()))
            .collect();
        assert_eq!(found, [("/bank", "other_bank"), ("/mode", "other_mode")]);
        for words in [&told.fields[0].message.vi, &told.fields[0].message.en] {
            assert!(words.contains("VCB") && words.contains("AGRIBANK"), "{words}");
        }
        assert!(told.fields[1].message.vi.contains("đọc chặt") && told.fields[1].message.vi.contains("đọc rộng"));
        assert_eq!(town.statuses(run).await, ["extracted", "extracted"]);
        assert_eq!(
            bank_report::get(town.app(), &town.treasury, stored.id).await.unwrap(),
            stored
        );
        town.holds().await;
    });
}

#[test]
fn over_http_the_wrong_bank_is_told_and_set_right() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let (run, orders) = paid(&town).await;
        let bytes = camt054("D1", &[answer(&orders[0], "BOOK", None)]);
        let one = house.key(Role::Treasury, None).await;
        let other = house.key(Role::Treasury, None).await;
        let upload = async |bank: &str, once: &str| {
            let path = format!("/v1/bank-reports?file_name=camt054.xml&bank={bank}");
            let call = house.call("POST", &path).key(&one).once(once);
            let sent = call.body("application/octet-stream", bytes.clone()).send().await;
            town.idle().await;
            sent
        };
        let first = upload("VCB", "u1").await;
        assert_eq!(first.status, 202, "{first:?}");
        let location = first.header("location").to_owned();
        let refused = upload("AGRIBANK", "u2").await;
        assert_eq!(refused.status, 409);
        assert_eq!(
            refused.problem("report-read-otherwise"),
            [("/bank".to_owned(), "other_bank".to_owned())]
        );
        let id = location.rsplit('/').next().unwrap();
        assert!(refused.json()["detail"].as_str().unwrap().contains(id), "{refused:?}");

        let path = format!("{location}/set-aside");
        let note = json!({"note": "Chọn nhầm ngân hàng khi nạp tệp"});
        let proposed = house.call("POST", &path).key(&one).once("p").json(&note).send().await;
        assert_eq!(proposed.status, 200, "{proposed:?}");
        let verdict = json!({"proposal_id": proposed.json()["id"], "decision": "accept", "note": "Đúng là nhầm"});
        let decide = house.call("POST", &format!("{path}/decide")).once("d");
        let alone = decide.key(&one).json(&verdict).send().await;
        alone.problem("same-person");
        let decide = house.call("POST", &format!("{path}/decide")).once("d");
        let decided = decide.key(&other).json(&verdict).send().await;
        assert_eq!((decided.status, &decided.json()["status"]), (200, &json!("accepted")));
        let all = house.call("GET", &path).key(&other).send().await.json();
        assert_eq!(all["items"], json!([decided.json()]));

        let anew = upload("AGRIBANK", "u3").await;
        assert_eq!(anew.status, 202, "{anew:?}");
        assert_ne!(anew.header("location"), location);
        assert_eq!(town.statuses(run).await, ["settled"]);
        town.holds().await;
    });
}
