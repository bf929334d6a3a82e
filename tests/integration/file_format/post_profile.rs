//! The post office's profile: its cash list as data, changed by two people as that of a bank.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use domain::bank::BankProfiles;
use domain::bank_report::synthetic::result_xlsx;
use serde_json::{Value, json};
use service::bank_report::Reading;
use service::payment_order::{self, OrderView};
use service::{ProblemCode, Role};
use uuid::Uuid;

use super::office::{AMOUNT, Office, answer, code, disabled};
use crate::harness::each_engine;
use crate::month_close::report::text_of;

/// Somebody who comes for cash.
fn cash(id: u128) -> Value {
    let mut person = disabled(id, ("", ""));
    person["payees"][0]["account"] = json!({"channel": "post_cash", "account_number": format!("0221900000{id:02x}"),
        "holder_name": "Phạm Thị Lan", "post_office": "Bưu cục Hà Phong"});
    person
}

/// What another post office might want.
fn other() -> Value {
    let column = |heading: &str, field: &str| json!({"heading": heading, "field": field, "width": 20});
    json!({
        "max_lines": 1,
        "table": {"sheet": "Chi trả", "columns": [
            column("Mã", "reference"), column("Người nhận", "ascii_name"), column("CCCD", "account"),
            column("Tiền", "amount"), column("Xã", "area"), column("Tình trạng", "blank")]},
        "result": {"sheet": "Chi trả", "statuses": {"Giao xong": "credited", "Trả về": "not_collected"},
            "columns": {"reference": "Mã", "account": "CCCD", "amount": "Tiền", "status": "Tình trạng"}},
        "note": "theo hợp đồng với bưu điện",
    })
}

/// The rows of a list, cells with a bar between them, numbers behind a `#`, and references left out.
fn text(bytes: &[u8], sheet: &str) -> String {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    for row in book.worksheet_range(sheet).unwrap().rows() {
        let shown = row.iter().map(|cell| match cell {
            Data::Empty => String::new(),
            Data::Float(number) => format!("#{number}"),
            Data::String(own) if own.starts_with("AS-") => "AS-...".to_owned(),
            other => other.to_string(),
        });
        text.push_str(&shown.collect::<Vec<_>>().join(" | "));
        text.push('\n');
    }
    text
}

/// The orders of a run, by the papers of those who come.
async fn orders(office: &Office<'_>, run: Uuid) -> Vec<OrderView> {
    let page = payment_order::list(office.app(), &office.treasury, run, Some(200), None).await;
    let mut orders = page.unwrap().items;
    orders.sort_by(|a, b| a.account_number.cmp(&b.account_number));
    orders
}

#[test]
fn the_cash_list_of_the_program_has_its_golden_file_and_no_limit_of_banks() {
    each_engine(async |house| {
        let office = Office::of_people(house, vec![cash(0x51)]).await;
        let run = office.pay("2024-09").await;
        let (_, bytes) = office.file(run, "cash-list-POST-1.xlsx").await;
        assert_eq!(text(&bytes, "Danh sách"), include_str!("golden/cash-list.txt"));
    });
    each_engine(async |house| {
        let office = Office::of_people(house, vec![cash(0x51), cash(0x52), cash(0x53)]).await;
        let limits = json!({"max_lines": 1, "max_file_amount": AMOUNT, "max_line_amount": AMOUNT});
        let changed = house.change_profile("default", "\"0\"", &limits).await;
        assert_eq!(changed.status, 200, "{changed:?}");
        let run = office.pay("2024-09").await;
        let (list, _) = office.file(run, "cash-list-POST-1.xlsx").await;
        assert_eq!(
            (list.order_count, list.sum),
            (3, 3 * AMOUNT),
            "what banks take is not said of cash"
        );
        office.ties().await;
    });
}

#[test]
fn who_comes_for_two_people_sees_by_a_code_whose_money_each_order_is() {
    each_engine(async |house| {
        let mut second = cash(0x52);
        second["payees"][0]["account"] = cash(0x51)["payees"][0]["account"].clone();
        let office = Office::of_people(house, vec![cash(0x51), second]).await;
        // Paid out once to who comes, the money of both is one order, and the list names who comes alone.
        let together = office.pay("2024-09").await;
        let (list, bytes) = office.file(together, "cash-list-POST-1.xlsx").await;
        assert_eq!((list.order_count, list.sum), (1, 2 * AMOUNT));
        assert!(!text(&bytes, "Danh sách").contains("NH-"));

        let limited = json!({"max_line_amount": AMOUNT, "note": "hạn mức một lệnh"});
        let changed = house.change_profile("POST", "\"0\"", &limited).await;
        assert_eq!(changed.status, 200, "{changed:?}");
        let apart = office.pay("2024-10").await;
        let (list, bytes) = office.file(apart, "cash-list-POST-1.xlsx").await;
        assert_eq!((list.order_count, list.sum), (2, 2 * AMOUNT));
        let shown = text(&bytes, "Danh sách");
        let mut codes: Vec<&str> = shown
            .split("Phạm Thị Lan (NH-")
            .skip(1)
            .filter_map(|rest| rest.split_once(')'))
            .map(|(code, _)| code)
            .collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), 2, "{shown}");
        let files = office.files(apart).await;
        let paper = files
            .iter()
            .find(|own| own.name.starts_with("cash-list-POST-1") && own.name.ends_with(".pdf"));
        let (_, bytes) = office.file(apart, &paper.unwrap().name).await;
        let printed = text_of(&bytes).replace([' ', '\n'], "");
        for code in codes {
            assert!(printed.contains(&format!("(NH-{code})")), "{code} in {printed}");
        }
        office.ties().await;
    });
}

#[test]
fn columns_limits_and_words_of_the_post_office_are_what_two_people_say() {
    each_engine(async |house| {
        let office = Office::of_people(house, vec![cash(0x51), cash(0x52)]).await;
        let september = office.pay("2024-09").await;
        let (old, before) = office.file(september, "cash-list-POST-1.xlsx").await;
        let changed = house.change_profile("POST", "\"0\"", &other()).await;
        assert_eq!(
            (changed.status, &changed.json()["version"]),
            (200, &json!(1)),
            "{changed:?}"
        );
        assert_eq!(
            changed.json()["profile"]["format"],
            "xlsx",
            "what was left out stays as it was"
        );

        let october = office.pay("2024-10").await;
        let papers = office.files(october).await;
        let lists = papers.iter().filter(|own| own.name.starts_with("cash-list-POST-"));
        assert_eq!(lists.count(), 4, "a line a list, each with its paper: {papers:?}");
        let (list, bytes) = office.file(october, "cash-list-POST-2.xlsx").await;
        assert_eq!((list.order_count, list.sum), (1, AMOUNT));
        let shown = text(&bytes, "Chi trả");
        assert!(
            shown.contains("Mã | Người nhận | CCCD | Tiền | Xã | Tình trạng\n"),
            "{shown}"
        );
        assert!(shown.contains("AS-... | PHAM THI LAN | 0221900000"), "{shown}");
        assert!(shown.contains(" | #750000 | Phường Hà Phong | "), "{shown}");
        assert!(!shown.contains("Tổng cộng"), "{shown}");

        let own = orders(&office, october).await;
        let mut profiles = BankProfiles::embedded().unwrap().clone();
        let profile = profiles.read_post(&other()).unwrap();
        profiles.replace(Some(BankProfiles::POST), profile);
        let told = [answer(&own[0], "Giao xong", None), answer(&own[1], "Trả về", None)];
        let filled = result_xlsx(profiles.post_result().unwrap(), &told).unwrap();
        let report = office.bring(filled, Reading::default()).await.unwrap();
        assert_eq!(
            (report.mode.as_str(), report.profile.as_deref()),
            ("strict", Some("POST"))
        );
        let states: Vec<String> = orders(&office, october)
            .await
            .iter()
            .map(|order| code(&order.status))
            .collect();
        assert_eq!(states, ["credited", "returned"]);
        // What was sent keeps its bytes.
        let (again, after) = office.file(september, "cash-list-POST-1.xlsx").await;
        assert_eq!((again.sha256, after), (old.sha256, before));
        office.ties().await;
    });
}

#[test]
fn a_run_beyond_the_post_offices_limit_is_not_approved() {
    each_engine(async |house| {
        let office = Office::of_people(house, vec![cash(0x51)]).await;
        let run = office.submitted("2024-09").await;
        for (version, limit) in [(0, "max_line_amount"), (1, "max_file_amount")] {
            let limited = json!({"max_line_amount": null, "max_file_amount": null, limit: AMOUNT - 1});
            let changed = house.change_profile("POST", &format!("\"{version}\""), &limited).await;
            assert_eq!(changed.status, 200, "{changed:?}");
            let refused = office.approve(&run).await.unwrap_err();
            assert_eq!(refused.code, ProblemCode::Conflict, "{limit}: {refused}");
        }
        let open = json!({"max_line_amount": null, "max_file_amount": null});
        house.change_profile("POST", "\"2\"", &open).await;
        office.approve(&run).await.unwrap();
        office.ties().await;
    });
}

#[test]
fn what_a_list_of_cash_cannot_be_is_refused_with_its_place() {
    each_engine(async |house| {
        let mut bad = other();
        bad["max_bytes"] = json!(1_000_000);
        bad["cut_off"] = json!("15:30");
        bad["table"]["columns"][4]["field"] = json!("bic");
        bad["result"]["columns"]["status"] = json!("Kết quả");
        let found = house.change_profile("POST", "\"0\"", &bad).await.problem("invalid");
        let expected = [
            ("/profile/max_bytes", "not_for_post"),
            ("/profile/cut_off", "not_for_post"),
            ("/profile/table/columns/4/field", "not_for_post"),
            ("/profile/result/columns", "not_in_table"),
        ];
        assert_eq!(
            found,
            expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned()))
        );
        let csv = json!({"format": "csv", "table": {"columns": [
            {"heading": "REF", "field": "reference", "width": 30},
            {"heading": "ACC", "field": "account", "width": 20},
            {"heading": "VND", "field": "amount", "width": 15},
            {"heading": "XA", "field": "area", "width": 15}]}});
        let found = house.change_profile("KLB", "\"0\"", &csv).await.problem("invalid");
        let pointer = "/profile/table/columns/3/field".to_owned();
        assert_eq!(found, [(pointer, "for_post_only".to_owned())]);

        // Cash is debited where the default says, as long as nobody says otherwise of it.
        let payer = json!({"debtor": {"name": "SO Y TE", "account": "3713", "bank": "VCB"}});
        house.change_profile("default", "\"0\"", &payer).await;
        let boss = house.key(Role::Administrator, None).await;
        let own = house
            .call("GET", "/v1/bank-profiles/POST")
            .key(&boss)
            .send()
            .await
            .json();
        assert_eq!(
            (&own["name"], &own["version"], &own["profile"]["debtor"]["account"]),
            (&json!("Bưu điện"), &json!(0), &json!("3713"))
        );
        let listed = house.call("GET", "/v1/bank-profiles").key(&boss).send().await.json();
        let items = listed["items"].as_array().unwrap();
        assert_eq!(items.iter().filter(|own| own["bank"] == "POST").count(), 1);
    });
}

#[test]
fn people_stand_in_a_cash_list_by_given_name_in_the_order_of_the_alphabet() {
    each_engine(async |house| {
        let sorted = ["Vũ Thị An", "Lê Ánh", "Trần Văn Dũng", "Bùi Đức", "Phạm Thị Lan"];
        // The other way round, so that no order of ids or papers is that of the names.
        let people = (0x51_u128..).zip(sorted.iter().rev()).map(|(id, name)| {
            let mut person = cash(id);
            person["person"]["full_name"] = json!(name);
            person["payees"][0]["account"]["holder_name"] = json!(name);
            person
        });
        let office = Office::of_people(house, people.collect()).await;
        let run = office.pay("2024-09").await;
        let (_, bytes) = office.file(run, "cash-list-POST-1.xlsx").await;
        let shown = text(&bytes, "Danh sách");
        let places = sorted.map(|name| shown.find(name).unwrap_or_else(|| panic!("{name} in {shown}")));
        assert!(places.is_sorted(), "{shown}");
        office.ties().await;
    });
}
