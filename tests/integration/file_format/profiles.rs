//! Profiles replaced by the installation.

use serde_json::{Value, json};
use service::{ProblemCode, Role, verify};

use super::office::Office;
use crate::harness::each_engine;

/// A table as a bank might ask for.
fn csv() -> Value {
    json!({
        "format": "csv", "max_lines": 1, "max_name": 30,
        "table": {"delimiter": "|", "line_break": "lf", "columns": [
            {"heading": "REF", "field": "reference", "width": 30},
            {"heading": "ACC", "field": "account", "width": 20},
            {"heading": "NAME", "field": "ascii_name", "width": 30},
            {"heading": "VND", "field": "amount", "width": 15}]},
        "debtor": {"name": "SO Y TE", "account": "3713", "bank": "VCB"},
        "note": "theo công văn của ngân hàng",
    })
}

#[test]
fn a_new_profile_holds_for_new_files_and_old_files_keep_their_bytes() {
    each_engine(async |house| {
        let office = Office::open(house, &[("AGRIBANK", "8000205100001"), ("AGRIBANK", "8000205100002")]).await;
        let september = office.pay("2024-09").await;
        let (old, before) = office.file(september, "pain001-AGRIBANK-1.xml").await;
        let boss = house.key(Role::Administrator, None).await;
        let get = async |path: &str| house.call("GET", path).key(&boss).send().await;
        let read = get("/v1/bank-profiles/AGRIBANK").await.json();
        assert_eq!((&read["version"], &read["replaced"]), (&json!(0), &json!(false)));
        let answer = house.change_profile("AGRIBANK", "\"0\"", &csv()).await;
        assert_eq!(
            (answer.status, &answer.json()["version"]),
            (200, &json!(1)),
            "{answer:?}"
        );
        assert_eq!(
            answer.json()["profile"]["charge_bearer"],
            "DEBT",
            "what was left out is the default's"
        );
        house.change_profile("AGRIBANK", "\"0\"", &csv()).await.problem("stale");

        let october = office.pay("2024-10").await;
        let (first, bytes) = office.file(october, "orders-AGRIBANK-1.csv").await;
        let (second, _) = office.file(october, "orders-AGRIBANK-2.csv").await;
        assert_eq!((first.order_count, second.order_count), (1, 1), "one line a file");
        let text = String::from_utf8(bytes).unwrap();
        assert!(
            text.starts_with("REF|ACC|NAME|VND\nAS-") && text.ends_with("|PHAM THI LAN|750000\n"),
            "{text}"
        );
        let (again, after) = office.file(september, "pain001-AGRIBANK-1.xml").await;
        assert_eq!((again.sha256, after), (old.sha256, before));
        let files = verify::all(office.app()).await.unwrap();
        assert!(files.iter().all(verify::Check::holds), "files are what was sent");

        let listed = get("/v1/bank-profiles").await.json();
        let own = listed["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|item| item["bank"] == "AGRIBANK")
            .unwrap();
        assert_eq!((&own["version"], &own["replaced"]), (&json!(1), &json!(true)));
        let trail = get("/v1/audit-events?action=bank_profile.put").await.json();
        let told = trail["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|event| event["action"] == "bank_profile.put")
            .unwrap();
        assert_eq!(
            told["detail"]["debtor_changed"], true,
            "who pays has changed, and the trail says so"
        );
    });
}

#[test]
fn a_profile_with_faults_is_refused_with_their_places() {
    each_engine(async |house| {
        let boss = house.key(Role::Administrator, None).await;
        let mut bad = csv();
        bad["max_lines"] = json!(0);
        bad["table"]["columns"][3]["heading"] = json!("REF");
        let found = house.change_profile("KLB", "\"0\"", &bad).await.problem("invalid");
        let expected = [
            ("/profile/max_lines", "range"),
            ("/profile/table/columns/3/heading", "twice"),
        ];
        assert_eq!(
            found,
            expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned()))
        );
        let misspelt = house.change_profile("KLB", "\"0\"", &json!({"max_lnies": 5})).await;
        assert_eq!(misspelt.status, 422, "{misspelt:?}");
        assert_eq!(house.change_profile("NOBANK", "\"0\"", &csv()).await.status, 404);
        // OceanBank is MBV today.
        assert_eq!(house.change_profile("OCEANBANK", "\"0\"", &csv()).await.status, 404);
        let default = house
            .change_profile("default", "\"0\"", &json!({"max_lines": 10}))
            .await;
        assert_eq!(
            (default.status, &default.json()["profile"]["max_lines"]),
            (200, &json!(10))
        );
        let listed = house
            .call("GET", "/v1/bank-profiles/VCB")
            .key(&boss)
            .send()
            .await
            .json();
        assert_eq!(
            listed["profile"]["max_lines"], 5000,
            "a bank's own profile stands on its own"
        );
        let other = house
            .call("GET", "/v1/bank-profiles/ACB")
            .key(&boss)
            .send()
            .await
            .json();
        assert_eq!(other["profile"]["max_lines"], 10);
    });
}

#[test]
fn a_run_that_a_bank_would_refuse_is_not_approved() {
    each_engine(async |house| {
        let office = Office::open(house, &[("AGRIBANK", "8000205100001")]).await;
        let run = office.submitted("2024-09").await;
        for (version, limit) in [(0, "max_line_amount"), (1, "max_file_amount")] {
            let limited = json!({limit: 749_999, "note": "hạn mức"});
            house
                .change_profile("AGRIBANK", &format!("\"{version}\""), &limited)
                .await;
            let refused = office.approve(&run).await.unwrap_err();
            assert_eq!(refused.code, ProblemCode::Conflict, "{limit}: {refused}");
        }
        house
            .change_profile("AGRIBANK", "\"2\"", &json!({"note": "không hạn mức"}))
            .await;
        office.approve(&run).await.unwrap();
    });
}

#[test]
fn money_of_a_fund_is_debited_where_the_profile_says_for_that_fund() {
    each_engine(async |house| {
        let office = Office::open(house, &[("AGRIBANK", "8000205100001")]).await;
        let account = async |cover: &str| {
            let (_, bytes) = office.file(office.pay(cover).await, "pain001-AGRIBANK-1.xml").await;
            let text = String::from_utf8(bytes).unwrap();
            let (_, rest) = text.split_once("<DbtrAcct><Id><Othr><Id>").unwrap();
            rest.split('<').next().unwrap().to_owned()
        };
        let usual = account("2024-09").await;
        let other = json!({"name": "QUY CUU TRO", "account": "3761", "bank": "VCB"});
        let donations = json!({"debtor_accounts": {"donations": other}});
        let put = async |version: &str, profile: &Value| {
            let answer = house.change_profile("AGRIBANK", version, profile).await;
            assert_eq!(answer.status, 200, "{answer:?}");
        };
        put("\"0\"", &donations).await;
        assert_eq!(account("2024-10").await, usual, "it is another fund's");
        put("\"1\"", &json!({"debtor_accounts": {"social_assistance": other}})).await;
        assert_eq!(account("2024-11").await, "3761");
        let wrong = json!({"debtor_accounts": {"donations": {"name": "", "account": "37 61", "bank": "NOBANK"}}});
        let found = house
            .change_profile("AGRIBANK", "\"2\"", &wrong)
            .await
            .problem("invalid");
        let expected = ["name", "account", "bank"].map(|name| format!("/profile/debtor_accounts/donations/{name}"));
        assert_eq!(
            found.into_iter().map(|(pointer, _)| pointer).collect::<Vec<_>>(),
            expected
        );
        office.ties().await;
    });
}
