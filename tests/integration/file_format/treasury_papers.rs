//! What the treasury reads beside the payment files: its list with totals that tie, and the figures with budget codes.

use calamine::Data;
use domain::payment_file::AccountHashTotal;
use domain::{Vnd, words};
use serde_json::{Value, json};
use service::program::{self, ListPrograms, SetProgramFund};
use service::relief_event::{self, DeclareEvent};
use service::relief_request::{self, SubmitRequest};
use service::{App, Role, access, fund, payment_file};
use uuid::Uuid;

use super::office::{AMOUNT, Office, disabled};
use crate::harness::{cells, each_engine, opens_fund, pays_from, sets_fund_lines};

/// The place of a heading: its row and its column.
fn place(rows: &[Vec<Data>], heading: &str) -> (usize, usize) {
    let found = rows
        .iter()
        .enumerate()
        .find_map(|(at, row)| Some((at, row.iter().position(|cell| *cell == *heading)?)));
    found.unwrap_or_else(|| panic!("{heading} in {rows:?}"))
}

/// A column of the numbered rows, as text.
fn column(rows: &[Vec<Data>], heading: &str) -> Vec<String> {
    let (at, column) = place(rows, heading);
    let numbered = rows[at + 1..].iter().filter(|row| matches!(row[0], Data::Float(_)));
    numbered.map(|row| row[column].to_string()).collect()
}

/// A severely disabled person who cares for a relative: the allowance goes to one account, the support to another.
fn carer() -> Value {
    let mut person = disabled(0x51, ("AGRIBANK", "8000205100001"));
    person["person"]["evidence"].as_array_mut().unwrap().push(json!({
        "kind": "caring_for", "from": "2022-03-20",
        "value": {"birth_date": "1999-09-09", "condition": "particularly_severe", "relation": "own_family"},
    }));
    person["decisions"].as_array_mut().unwrap().push(json!({
        "benefit": "care_support", "number": "13/QĐ", "signed_on": "2022-06-05",
    }));
    person["payees"].as_array_mut().unwrap().push(json!({
        "benefit": "care_support", "relation": "authorised", "from": "2022-06-05",
        "account": {"channel": "bank_transfer", "bank_code": "KLB", "account_number": "0101", "holder_name": "Trần Văn Hùng"},
    }));
    person
}

#[test]
fn the_treasurys_list_has_a_row_for_each_account_and_its_words_are_the_sum_of_its_rows() {
    each_engine(async |house| {
        let office = Office::of_people(house, vec![carer(), disabled(0x52, ("AGRIBANK", "8000205100002"))]).await;
        let run = office.pay("2024-09").await;
        let (file, bytes) = office.file(run, "treasury-list.xlsx").await;
        let rows = cells(&bytes, "I. Danh sách");
        let accounts = column(&rows, "Số tài khoản người hưởng");
        assert_eq!(accounts.len(), 3, "{rows:?}");
        for account in ["8000205100001", "8000205100002", "0101"] {
            assert!(accounts.iter().any(|own| own == account), "{account} in {accounts:?}");
        }
        let amounts: Vec<i64> = column(&rows, "Tổng số")
            .iter()
            .map(|text| text.parse().unwrap())
            .collect();
        let sum: i64 = amounts.iter().sum();
        let sent = office.files(run).await;
        let paid: i64 = sent
            .iter()
            .filter(|own| own.message_id.is_some())
            .map(|own| own.sum)
            .sum();
        assert!(sum > 2 * AMOUNT, "{amounts:?}");
        assert_eq!(sum, paid, "what the list says is what the payment files pay");
        assert_eq!((file.order_count, file.sum), (3, sum));
        let told = format!("Bằng chữ: {}", words::in_words(Vnd::new(sum).unwrap()));
        assert!(rows.iter().any(|row| row[0] == *told.as_str()), "{told} in {rows:?}");

        // Every file has a manifest, and that of the list says what its rows say.
        for own in &sent {
            let manifest = payment_file::manifest(office.app(), &office.treasury, own.id)
                .await
                .unwrap();
            assert_eq!(Some(&manifest.sha256), own.sha256.as_ref());
            assert_eq!(manifest.channel.is_some(), own.message_id.is_some(), "{}", own.name);
            // What prints or sums up other files has no accounts of its own, and the communes' list no payments.
            let kind = json!(own.kind);
            let prints = ["post_paper", "treasury_figures", "change_list"].map(|kind| json!(kind));
            assert_eq!(
                manifest.account_hash_total.is_none(),
                prints.contains(&kind),
                "{}",
                own.name
            );
            assert_eq!(manifest.account_hash_total, own.account_hash_total);
            assert_eq!(
                manifest.count.is_none() && manifest.sum.is_none(),
                kind == "change_list"
            );
            payment_file::signature(office.app(), &office.treasury, own.id)
                .await
                .unwrap();
        }
        let manifest = payment_file::manifest(office.app(), &office.treasury, file.id)
            .await
            .unwrap();
        assert_eq!(
            (manifest.count, manifest.sum.map(|sum| sum.dong())),
            (Some(3), Some(sum))
        );
        assert_eq!(manifest.format, "treasury_list");
        let mut hash = AccountHashTotal::default();
        let banks = domain::bank::BankTable::embedded().unwrap();
        for (bank, account) in column(&rows, "Tên ngân hàng").iter().zip(&accounts) {
            let bank = banks.by_code(bank).unwrap().address();
            hash.add(&format!("{}:{account}", bank.member_id()));
        }
        assert_eq!(manifest.account_hash_total, Some(hash.to_string()));
        office.ties().await;
    });
}

#[test]
fn the_figures_carry_the_budget_codes_that_were_entered_and_mark_several() {
    each_engine(async |house| {
        let office = Office::of_people(house, vec![disabled(0x51, ("AGRIBANK", "8000205100001"))]).await;
        let line = |clause: &str, name: &str| json!({"chapter": "423", "category": "370", "clause": clause, "item": null, "name": name, "amount": 1_000_000});
        let set = async |lines: Vec<Value>| {
            let id = fund::list(office.app(), &office.preparer).await.unwrap().remove(0).id;
            sets_fund_lines(office.app(), id, json!(lines)).await;
        };
        let figures = async |cover: &str| {
            let run = office.pay(cover).await;
            cells(&office.file(run, "treasury-figures.xlsx").await.1, "Nguồn kinh phí")
        };
        let rows = figures("2024-09").await;
        assert_eq!(column(&rows, "Ghi chú"), ["Chưa nhập mục lục ngân sách của nguồn"]);

        set(vec![line("398", "Trợ cấp xã hội hằng tháng")]).await;
        let rows = figures("2024-10").await;
        for (heading, told) in [
            ("Chương", "423"),
            ("Loại", "370"),
            ("Khoản", "398"),
            ("Nội dung", "Trợ cấp xã hội hằng tháng"),
            ("Ghi chú", ""),
        ] {
            assert_eq!(column(&rows, heading), [told], "{heading}");
        }
        // Of several, none is chosen for the treasury.
        set(vec![
            line("398", "Trợ cấp xã hội hằng tháng"),
            line("374", "Mai táng phí"),
        ])
        .await;
        let rows = figures("2024-11").await;
        assert_eq!(column(&rows, "Khoản"), [""]);
        assert_eq!(column(&rows, "Ghi chú"), ["Nguồn có 2 dòng dự toán: chọn dòng để rút"]);
        let (at, clause) = place(&rows, "Khoản");
        let below: Vec<String> = rows[at + 2..at + 4].iter().map(|row| row[clause].to_string()).collect();
        assert_eq!(below, ["398", "374"]);
        office.ties().await;
    });
}

#[test]
fn the_figures_show_what_is_drawn_on_each_line_that_a_program_names() {
    each_engine(async |house| {
        let office = Office::of_people(house, vec![carer()]).await;
        let id = fund::list(office.app(), &office.preparer).await.unwrap().remove(0).id;
        let line = |code: &str| json!({"code": code, "clause": "398", "name": code, "amount": 100_000_000});
        sets_fund_lines(office.app(), id, json!([line("allowance"), line("care")])).await;
        let draws = async |benefit: &str, line: &str| {
            let programs = program::list(office.app(), &office.preparer, ListPrograms::default()).await;
            let mut programs = programs.unwrap().items.into_iter();
            let own = programs.find(|own| own.benefit.as_deref() == Some(benefit)).unwrap();
            let command = SetProgramFund {
                fund_code: own.fund_code.clone(),
                fund_line: Some(line.to_owned()),
                reason: "QĐ 45/QĐ-UBND".to_owned(),
            };
            pays_from(office.app(), own.id, command).await;
        };
        let figures = async |cover: &str| {
            let run = office.pay(cover).await;
            let rows = cells(&office.file(run, "treasury-figures.xlsx").await.1, "Nguồn kinh phí");
            let (at, drawn) = place(&rows, "Số tiền rút");
            let (_, note) = place(&rows, "Ghi chú");
            let sums: Vec<String> = rows[at + 1..at + 4].iter().map(|row| row[drawn].to_string()).collect();
            (sums, rows[at + 1][note].to_string())
        };
        draws("monthly_allowance", "allowance").await;
        let (sums, note) = figures("2024-09").await;
        let rest = sums[0].parse::<i64>().unwrap() - AMOUNT;
        assert!(rest > 0, "{sums:?}");
        assert_eq!(sums[1..], [AMOUNT.to_string(), String::new()]);
        let (thousands, rest_of) = (rest / 1_000, rest % 1_000);
        assert!(note.contains(&format!("Còn {thousands}.{rest_of:03} đồng")), "{note}");

        draws("care_support", "care").await;
        let (sums, note) = figures("2024-10").await;
        assert_eq!(
            sums,
            [(AMOUNT + rest).to_string(), AMOUNT.to_string(), rest.to_string()]
        );
        assert_eq!(note, "Theo từng dòng dự toán dưới đây");
        office.ties().await;
    });
}

/// The run that pays these people of a commune for a lost house.
pub(super) async fn relieved(office: &Office<'_>, app: &App, people: &[u128]) -> Uuid {
    let actor = async |role: Role| {
        let key = office.house.key(role, None).await;
        access::authenticate(app, &key).await.unwrap()
    };
    let (verifier, caseworker) = (actor(Role::ReliefVerifier).await, actor(Role::Caseworker).await);
    let money = json!({"code": "emergency_relief", "fiscal_year": 2024, "source": "provincial", "name": "Cứu trợ",
        "amount": 1_000_000_000});
    opens_fund(app, serde_json::from_value(money).unwrap()).await;
    let storm: DeclareEvent = serde_json::from_value(json!({"code": "bao-so-3", "name": "Bão số 3", "kind": "storm",
        "happened_on": "2024-08-10"}))
    .unwrap();
    let event = relief_event::declare(app, &verifier, storm).await.unwrap().id;
    let claims: Vec<Value> = people
        .iter()
        .map(|id| json!({"person_id": Uuid::from_u128(*id), "loss": "house_lost", "circumstances": {"in_need": true}}))
        .collect();
    let request: SubmitRequest = serde_json::from_value(json!({"relief_event_id": event, "area_id": "06652@1900-01",
        "reference": "1/TTr", "claims": claims}))
    .unwrap();
    let filed = relief_request::submit(app, &caseworker, request).await.unwrap();
    let filed = relief_request::verify(app, &verifier, filed.id, filed.version)
        .await
        .unwrap();
    let paid = relief_request::approve(app, &office.approver, filed.id, filed.version)
        .await
        .unwrap();
    office.work().await;
    paid.pay_run_id.unwrap()
}

#[test]
fn the_treasury_gets_a_list_of_relief_too_and_its_second_part_says_that_it_does_not_apply() {
    each_engine(async |house| {
        let people = vec![
            disabled(0x51, ("AGRIBANK", "8000205100001")),
            disabled(0x52, ("KLB", "8000205100002")),
        ];
        let office = Office::of_people(house, people).await;
        let run = relieved(&office, office.app(), &[0x51, 0x52]).await;
        let (file, bytes) = office.file(run, "treasury-list.xlsx").await;
        let rows = cells(&bytes, "I. Danh sách");
        assert_eq!(column(&rows, "Họ và tên"), ["Phạm Thị Lan", "Phạm Thị Lan"]);
        let mut accounts = column(&rows, "Số tài khoản người hưởng");
        accounts.sort();
        assert_eq!(accounts, ["8000205100001", "8000205100002"]);
        let read = |heading: &str| -> Vec<i64> {
            let own = column(&rows, heading);
            own.iter().map(|text| text.parse().unwrap()).collect()
        };
        let sum: i64 = read("Tổng số").iter().sum();
        assert!(sum > 0);
        assert_eq!(read("Chi một lần"), read("Tổng số"), "relief is paid once");
        let sent = office.files(run).await;
        let paid: i64 = sent
            .iter()
            .filter(|own| own.message_id.is_some())
            .map(|own| own.sum)
            .sum();
        assert_eq!((file.order_count, file.sum), (2, sum));
        assert_eq!(sum, paid, "what the list says is what the payment files pay");
        for told in [
            "BẢNG THANH TOÁN CHO ĐỐI TƯỢNG THỤ HƯỞNG TRỢ GIÚP XÃ HỘI KHẨN CẤP THÁNG 08/2024".to_owned(),
            "Đơn vị: Sở quản lý trợ giúp xã hội tỉnh Quảng Ninh. Phần I: danh sách chi trả".to_owned(),
            format!("Bằng chữ: {}", words::in_words(Vnd::new(sum).unwrap())),
        ] {
            assert!(rows.iter().any(|row| row[0] == *told.as_str()), "{told} in {rows:?}");
        }
        let changes = cells(&bytes, "II. Thay đổi");
        let told = changes
            .iter()
            .filter(|row| row[0].to_string().contains("không áp dụng"));
        assert_eq!(told.count(), 1, "{changes:?}");
        assert_eq!(column(&changes, "Họ và tên"), [""; 0]);
        assert!(!sent.iter().any(|own| own.name == "change-list.xlsx"));
        let manifest = payment_file::manifest(office.app(), &office.treasury, file.id)
            .await
            .unwrap();
        assert_eq!(manifest.sum.map(|sum| sum.dong()), Some(sum));
        office.ties().await;
    });
}

#[test]
fn lists_name_the_unit_of_the_installation_that_planned_them() {
    each_engine(async |house| {
        let office = Office::open(house, &[("AGRIBANK", "8000205100001")]).await;
        let app = App {
            unit: "Phòng Văn hóa - Xã hội".to_owned(),
            ..office.app().clone()
        };
        let run = relieved(&office, &app, &[0x51]).await;
        // Whoever writes the file, it names the unit that it was approved with.
        let rows = cells(&office.file(run, "treasury-list.xlsx").await.1, "I. Danh sách");
        let told = "Đơn vị: Phòng Văn hóa - Xã hội. Phần I: danh sách chi trả";
        assert!(rows.iter().any(|row| row[0] == *told), "{told} in {rows:?}");
        let regular = office.pay("2024-09").await;
        let rows = cells(&office.file(regular, "treasury-list.xlsx").await.1, "I. Danh sách");
        let told = "Đơn vị: Sở quản lý trợ giúp xã hội tỉnh Quảng Ninh. Phần I: danh sách chi trả";
        assert!(rows.iter().any(|row| row[0] == *told), "{told} in {rows:?}");
        // Which run's list it is: a month may have several.
        let run = "Đợt chi: hằng tháng, tháng 09/2024, số 1. Ngày chi: ";
        assert!(
            rows.iter().any(|row| row[0].to_string().starts_with(run)),
            "{run} in {rows:?}"
        );
        office.ties().await;
    });
}
