//! Why a person's money differs from the month before, as the treasury, the communes and the preview say it.

use serde_json::{Value, json};
use service::{Actor, Role, access, pay_run, payment_file, person};
use uuid::Uuid;

use super::office::{Office, disabled};
use crate::harness::{House, each_engine, opens_fund, texts};
use crate::overpayment::town::{LAN, Town};
use crate::reconciliation::bank::of;

/// Somebody with these facts instead of a disability, and a name to be found by.
fn other(id: u128, account: &str, (name, birth): (&str, &str), evidence: Value) -> Value {
    let mut person = disabled(id, ("AGRIBANK", account));
    person["person"]["full_name"] = json!(name);
    person["person"]["birth_date"] = json!(birth);
    person["person"]["evidence"] = evidence;
    person
}

pub(super) fn named(id: u128, account: &str, name: &str) -> Value {
    let mut person = disabled(id, ("AGRIBANK", account));
    person["person"]["full_name"] = json!(name);
    person
}

pub(super) async fn actor(house: &House, role: Role) -> Actor {
    let key = house.key(role, None).await;
    access::authenticate(&house.app, &key).await.unwrap()
}

/// What happens to the people in September.
async fn september(house: &House) {
    let app = &house.app;
    let caseworker = actor(house, Role::Caseworker).await;
    let decider = actor(house, Role::DecisionMaker).await;
    let get = async |id: u128| person::get(app, &caseworker, Uuid::from_u128(id)).await.unwrap();

    for (id, value, to) in [
        (0x51, "particularly_severe", None),
        (0x54, "severe", Some("2024-09-15")),
    ] {
        let own = get(id).await;
        let command = of(json!({"value": value, "from": "2022-03-20", "to": to}));
        person::correct_evidence(app, &caseworker, own.id, own.evidence[0].id, own.version, command)
            .await
            .unwrap();
    }
    dies(house, &caseworker, (0x52, "Bà Mất")).await;
    let own = get(0x53).await;
    person::leave_province(app, &caseworker, own.id, own.version, of(json!({"to": "2024-09-18"})))
        .await
        .unwrap();
    let account = json!({"channel": "bank_transfer", "bank_code": "KLB", "account_number": "0199",
        "holder_name": "Trần Văn Hùng"});
    guarded(house, (&caseworker, &decider), 0x56, account).await;
}

/// Somebody dies on 12/9.
pub(super) async fn dies(house: &House, caseworker: &Actor, (id, name): (u128, &str)) {
    let own = person::get(&house.app, caseworker, Uuid::from_u128(id)).await.unwrap();
    let died = of(json!({"full_name": name, "birth_date": "1990-05-01", "sex": "female", "death_date": "2024-09-12"}));
    person::update(&house.app, caseworker, own.id, own.version, died)
        .await
        .unwrap();
}

/// A guardian receives somebody's money on this account from 10/9 on.
pub(super) async fn guarded(house: &House, (caseworker, decider): (&Actor, &Actor), id: u128, account: Value) {
    let app = &house.app;
    let own = person::get(app, caseworker, Uuid::from_u128(id)).await.unwrap();
    let command = of(json!({"relation": "guardian", "from": "2024-09-10", "account": account}));
    let own = person::propose_payee(app, caseworker, own.id, own.version, command)
        .await
        .unwrap();
    let payees = person::list_payees(app, caseworker, own.id).await.unwrap();
    let proposed = payees.iter().find(|payee| json!(payee.status) == "proposed").unwrap();
    person::confirm_payee(app, decider, own.id, proposed.id, own.version)
        .await
        .unwrap();
}

#[test]
fn each_change_is_told_by_what_caused_it_and_never_by_the_law_alone() {
    each_engine(async |house| {
        let people = vec![
            named(0x51, "8000205100001", "Bà Nặng Hơn"),
            named(0x52, "8000205100002", "Bà Mất"),
            named(0x53, "8000205100003", "Bà Chuyển Đi"),
            named(0x54, "8000205100004", "Bà Hết Hạn"),
            other(
                0x55,
                "8000205100005",
                ("Cụ Tám Mươi", "1944-10-10"),
                json!([
                    {"kind": "poverty", "value": "poor", "from": "2020-01-01"},
                    {"kind": "no_supporter", "value": true, "from": "2020-01-01"},
                ]),
            ),
            named(0x56, "8000205100006", "Bà Đổi Tài Khoản"),
            other(
                0x57,
                "8000205100007",
                ("Em Mười Sáu", "2008-09-14"),
                json!([{"kind": "no_caregiver", "value": true, "from": "2015-01-01"}]),
            ),
            named(0x58, "8000205100008", "Bà Như Cũ"),
        ];
        let office = Office::of_people(house, people).await;
        // A degree that was always graver is owed since 2022.
        for year in [2022, 2023] {
            let money = json!({"code": "social_assistance", "fiscal_year": year, "source": "provincial",
                "name": "Trợ cấp", "amount": 1_000_000_000});
            opens_fund(office.app(), of(money)).await;
        }
        office.pay("2024-09").await;
        house
            .app
            .set_clock("2024-09-20T02:00:00Z".parse().unwrap())
            .await
            .unwrap();
        september(house).await;
        office.work().await;
        let run = office.pay("2024-10").await;

        let list = texts(&office.file(run, "treasury-list.xlsx").await.1, "II. Thay đổi");
        let communes = texts(&office.file(run, "change-list.xlsx").await.1, "Biến động");
        let told = |name: &str| -> String {
            let own = list.iter().find(|row| row[1] == name);
            let own = own
                .unwrap_or_else(|| panic!("{name} in {list:?}"))
                .last()
                .unwrap()
                .clone();
            let other = communes.iter().find(|row| row[1] == name).unwrap();
            assert_eq!(other.last(), Some(&own), "both lists say the same");
            own
        };
        for (name, part) in [
            (
                "Bà Nặng Hơn",
                "do thay đổi hồ sơ trong nhóm 5.6: Người khuyết tật đặc biệt nặng và nặng",
            ),
            ("Bà Mất", "Thôi hưởng trợ cấp: người hưởng mất ngày 12/09/2024"),
            (
                "Bà Chuyển Đi",
                "Thôi hưởng trợ cấp: chuyển khỏi tỉnh, ngày cuối cư trú 18/09/2024",
            ),
            ("Bà Hết Hạn", "hết hiệu lực ngày 15/09/2024"),
            ("Cụ Tám Mươi", "do đủ 80 tuổi ngày 10/10/2024"),
            (
                "Em Mười Sáu",
                "Thôi hưởng trợ cấp: hết tuổi hưởng, đủ 16 tuổi ngày 14/09/2024",
            ),
            (
                "Bà Đổi Tài Khoản",
                "Đổi tài khoản nhận: từ AGRIBANK 8000205100006 (Phạm Thị Lan) sang KLB 0199 (Trần Văn Hùng)",
            ),
        ] {
            let told = told(name);
            assert!(told.contains(part), "{name}: {told}");
            assert!(!told.contains("theo NĐ") && !told.contains("theo NQ"), "{name}: {told}");
        }
        assert!(!list.iter().any(|row| row[1] == "Bà Như Cũ"), "nothing of hers changed");

        let preview = pay_run::preview(office.app(), &office.preparer, run).await.unwrap();
        let mut counted: Vec<(String, String, i64)> = preview
            .changes
            .iter()
            .map(|own| (own.change.clone(), own.reason.clone(), own.people))
            .collect();
        counted.sort();
        let expected = [
            ("account", "other_account"),
            ("gone", "age"),
            ("gone", "died"),
            ("gone", "evidence_ended"),
            ("gone", "left_province"),
            ("raised", "age"),
            ("raised", "evidence"),
        ];
        let expected = expected.map(|(change, reason)| (change.to_owned(), reason.to_owned(), 1));
        assert_eq!(counted, expected);
        assert_eq!(preview.unchanged, 2);
        office.ties().await;
    });
}

#[test]
fn a_rise_by_law_names_the_provision_that_raised_it_and_what_is_held_is_not_called_an_end() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let run = town.pay("2024-09").await;
        town.arrives(run).await;
        town.now("2024-09-20T02:00:00Z").await;
        let rise = [("standard.community", json!(600_000), "vnd_per_month")];
        town.publish("1/2024/NQ-TH", &rise, false).await;
        let run = town.build("2024-10").await;
        let left_out = of(json!({"person_id": LAN, "reason": "Chờ xác minh"}));
        pay_run::exclude(&house.app, &town.officers[0], run.id, run.version, left_out)
            .await
            .unwrap();
        town.idle().await;
        town.sign(run.id).await;
        let (app, treasury) = (&house.app, &town.officers[3]);
        let files = payment_file::list(app, treasury, run.id).await.unwrap();
        let list = files.iter().find(|file| file.name == "treasury-list.xlsx").unwrap();
        let (_, bytes) = payment_file::content(app, treasury, list.id).await.unwrap();
        let rows = texts(&bytes, "II. Thay đổi");
        let told: Vec<&String> = rows.iter().filter_map(|row| row.last()).collect();
        let says = |text: &str| told.iter().filter(|own| own.contains(text)).count();
        assert_eq!(
            says("Tăng mức trợ cấp từ 750.000 lên 900.000 đồng theo 1/2024/NQ-TH Điều 1"),
            1,
            "{told:?}"
        );
        assert_eq!(says("Chưa chi: người lập danh sách để lại"), 1, "{told:?}");
        assert_eq!(says("Thôi hưởng"), 0, "{told:?}");
        town.close().await;
    });
}
