//! Why somebody gets what they get: the explanation, the comparison, and the papers that are printed from them.

use serde_json::{Value, json};
use service::person;

use crate::harness::{House, codes_in, each_engine};
use crate::overpayment::newcomer::carer;
use crate::overpayment::town::{LAN, Town};

/// The paper that a later fact rests on.
const CERTIFICATE: &str = "Giấy xác nhận khuyết tật số 15/2024";

/// Where the allowance of the person of the tests is found.
async fn allowance(town: &Town<'_>) -> String {
    right(town, "monthly_allowance").await
}

/// Where a right of the person of the tests is found.
async fn right(town: &Town<'_>, benefit: &str) -> String {
    let path = format!("/v1/persons/{LAN}/entitlements");
    let listed = get(town, &path).await;
    let mut own = listed["items"].as_array().unwrap().iter();
    let right = own.find(|one| one["benefit"] == benefit).unwrap();
    format!("/v1/entitlements/{}", right["id"].as_str().unwrap())
}

async fn get(town: &Town<'_>, path: &str) -> Value {
    let answer = town.house.call("GET", path).key(&town.caseworker).send().await;
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    answer.json()
}

/// The text of a PDF as a reader copies it.
async fn printed(town: &Town<'_>, path: &str) -> String {
    let call = || town.house.call("GET", path).key(&town.caseworker).download();
    let (kind, bytes) = call().await;
    assert_eq!(kind, "application/pdf");
    assert_eq!(call().await.1, bytes, "{path}: the same bytes each time");
    let document = lopdf::Document::load_mem(&bytes).unwrap();
    let pages: Vec<u32> = document.get_pages().keys().copied().collect();
    let text = document.extract_text(&pages).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The disability is found to be particularly severe since September 2024, on a paper.
async fn grows_worse(town: &Town<'_>) {
    let (app, caseworker) = (&town.house.app, &town.officers[4]);
    let own = person::get(app, caseworker, LAN).await.unwrap();
    let ends = json!({"to": "2024-08-31", "change": "circumstances"});
    let own = person::end_evidence(
        app,
        caseworker,
        LAN,
        own.evidence[0].id,
        own.version,
        serde_json::from_value(ends).unwrap(),
    )
    .await
    .unwrap();
    let begins = json!({"kind": "disability", "value": "particularly_severe", "from": "2024-09-01",
        "document": CERTIFICATE, "change": "circumstances"});
    person::add_evidence(
        app,
        caseworker,
        LAN,
        own.version,
        serde_json::from_value(begins).unwrap(),
    )
    .await
    .unwrap();
    town.idle().await;
}

/// Each period and its reasons say the same amount, and the sum of what its reasons pay is that amount.
fn agrees(told: &Value) {
    for period in told["periods"].as_array().unwrap() {
        let reasons = period["reasons"].as_array().unwrap();
        assert!(!reasons.is_empty(), "no reason for {period}");
        for reason in reasons {
            let paid: i64 = reason["paid"]
                .as_array()
                .unwrap()
                .iter()
                .map(|own| own["amount"].as_i64().unwrap())
                .sum();
            assert_eq!(paid, period["amount"].as_i64().unwrap(), "{period}");
        }
    }
}

#[test]
fn an_entitlement_is_explained_down_to_article_value_fact_and_paper() {
    each_engine(async |house: &House| {
        let town = Town::open(house).await;
        town.now("2024-09-05T02:00:00Z").await;
        grows_worse(&town).await;
        let told = get(&town, &format!("{}/explanation", allowance(&town).await)).await;
        assert_eq!(told["explained"], true);
        agrees(&told);
        let periods = told["periods"].as_array().unwrap();
        let worse = periods.iter().find(|own| own["from"] == "2024-09").unwrap();
        assert_eq!(worse["amount"], 1_000_000, "particularly severe: 2.0 x 500,000");
        let reason = &worse["reasons"][0];
        let fact = reason["facts"]
            .as_array()
            .unwrap()
            .iter()
            .find(|fact| fact["kind"] == "disability")
            .unwrap();
        assert_eq!(fact["document"], CERTIFICATE);
        assert_eq!(fact["said"]["vi"], "đặc biệt nặng");
        let values: Vec<&str> = reason["values"]
            .as_array()
            .unwrap()
            .iter()
            .map(|value| value["provision"]["vi"].as_str().unwrap())
            .collect();
        assert!(
            values
                .iter()
                .any(|cited| cited.starts_with("khoản ") || cited.starts_with("Điều ")),
            "{values:?}"
        );
        let (vi, en) = (told["vi"].as_str().unwrap(), told["en"].as_str().unwrap());
        assert!(
            vi.contains("1.000.000 đồng/tháng") && vi.contains(CERTIFICATE) && vi.contains("Điều 6 NĐ 20/2021"),
            "{vi}"
        );
        assert!(
            en.contains("NĐ 20/2021 Art 6(1)") && en.contains("particularly severe"),
            "{en}"
        );
        assert!(vi.contains("hệ số 2,0") && en.contains("coefficient 2.0"), "{vi}{en}");
        town.close().await;
    });
}

#[test]
fn a_comparison_names_the_record_that_changed_what_is_due() {
    each_engine(async |house: &House| {
        let town = Town::open(house).await;
        town.now("2024-09-05T02:00:00Z").await;
        grows_worse(&town).await;
        let own = allowance(&town).await;
        let listed = get(&town, &format!("{own}/determinations")).await;
        let numbers: Vec<i64> = listed["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|own| own["sequence"].as_i64().unwrap())
            .collect();
        let newest = numbers[0];
        assert!(newest >= 2 && numbers.is_sorted_by(|a, b| a > b), "{numbers:?}");
        let told = get(&town, &format!("{own}/comparison?before=1&after={newest}")).await;
        assert_eq!(told["cause"], "records", "{told}");
        assert_eq!(told["law"], json!([]));
        let added = told["records"]
            .as_array()
            .unwrap()
            .iter()
            .find(|record| record["change"] == "added" && record["document"] == CERTIFICATE)
            .unwrap_or_else(|| panic!("{told}"));
        assert_eq!(added["nature"], "circumstances");
        let first = &told["changes"][0];
        assert_eq!(first["from"], "2024-09");
        assert_eq!(
            (&first["before"]["amount"], &first["after"]["amount"]),
            (&json!(750_000), &json!(1_000_000))
        );
        assert_eq!(first["difference"], 250_000);

        let answer = house.call("GET", &format!("{own}/comparison?before=2&after=1"));
        let answer = answer.key(&town.caseworker).send().await;
        answer.problem("invalid-request");
        let answer = house.call("GET", &format!("{own}/comparison?after=99"));
        answer.key(&town.caseworker).send().await.problem("not-found");
        town.close().await;
    });
}

#[test]
fn a_comparison_names_the_instrument_that_changed_what_is_due() {
    each_engine(async |house: &House| {
        let town = Town::open(house).await;
        town.now("2024-09-05T02:00:00Z").await;
        town.publish(
            "9/2024/NQ-KT",
            &[("standard.community", json!(600_000), "vnd_per_month")],
            false,
        )
        .await;
        let own = allowance(&town).await;
        let told = get(&town, &format!("{own}/comparison")).await;
        assert_eq!(told["cause"], "law", "{told}");
        assert_eq!(told["records"], json!([]));
        let [law] = told["law"].as_array().unwrap().as_slice() else {
            panic!("{told}")
        };
        assert_eq!(law["instrument"], "9/2024/NQ-KT");
        assert_eq!(law["provisions"].as_array().unwrap().len(), 1, "its one article");
        let first = &told["changes"][0];
        assert_eq!(
            (&first["from"], &first["difference"]),
            (&json!("2024-08"), &json!(150_000)),
            "1.5 x 100,000"
        );
        let notice = printed(&town, &format!("{own}/change-notice.pdf")).await;
        for said in [
            "THÔNG BÁO",
            "Kính gửi: bà Phạm Thị Lan",
            "Ủy ban nhân dân thành phố Hạ Long thông báo",
            "750.000",
            "900.000",
            "150.000",
            "9/2024/NQ-KT",
        ] {
            assert!(notice.contains(said), "{said} in {notice}");
        }
        town.close().await;
    });
}

#[test]
fn a_decision_is_printed_as_an_official_paper_with_the_amounts_of_the_trace() {
    each_engine(async |house: &House| {
        let town = Town::open(house).await;
        let own = allowance(&town).await;
        let paper = printed(&town, &format!("{own}/decision.pdf")).await;
        for said in [
            "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
            "Độc lập - Tự do - Hạnh phúc",
            "ỦY BAN NHÂN DÂN THÀNH PHỐ HẠ LONG",
            "Số: 12/QĐ",
            "Hạ Long, ngày 05 tháng 6 năm 2022",
            "QUYẾT ĐỊNH",
            "Điều 1.",
            "Điều 2.",
            "Điều 3.",
            "bà Phạm Thị Lan, sinh ngày 01/05/1990, cư trú tại Phường Hà Phong",
            "675.000",
            "hệ số 1,5 x 450.000",
            "(Bằng chữ: Sáu trăm bảy mươi lăm nghìn đồng)",
            "Nơi nhận:",
            "CHỦ TỊCH",
        ] {
            assert!(paper.contains(said), "{said} in {paper}");
        }
        assert!(
            !paper.contains("750.000"),
            "what later law brought is not of the day it was signed: {paper}"
        );

        town.now("2024-09-05T02:00:00Z").await;
        grows_worse(&town).await;
        let paper = printed(&town, &format!("{own}/decision.pdf")).await;
        for said in [
            "Về việc điều chỉnh mức hưởng trợ cấp xã hội hằng tháng",
            "Hạ Long, ngày 05 tháng 9 năm 2024",
            "hệ số 2,0 x 500.000",
            "(Bằng chữ: Một triệu đồng)",
            CERTIFICATE,
        ] {
            assert!(paper.contains(said), "{said} in {paper}");
        }
        assert!(!paper.contains("675.000"), "what is not adjusted is left out: {paper}");
        let first = printed(&town, &format!("{own}/decision.pdf?sequence=1")).await;
        assert!(first.contains("Số: 12/QĐ") && first.contains("675.000"), "{first}");
        town.close().await;
    });
}

#[test]
fn a_paper_says_in_words_whom_somebody_cares_for() {
    each_engine(async |house: &House| {
        let town = Town::of_newcomers(house, 1_000_000_000, vec![carer(LAN, "022190001234", "06652")]).await;
        let own = right(&town, "care_support").await;
        let cared = "người sinh 10/02/1955, khuyết tật đặc biệt nặng, người trong gia đình";
        let told = get(&town, &format!("{own}/explanation")).await;
        let paper = printed(&town, &format!("{own}/decision.pdf")).await;
        for text in [told["vi"].as_str().unwrap(), &paper] {
            assert!(text.contains(cared), "{text}");
            assert_eq!(codes_in(text), [""; 0], "{text}");
        }
        town.close().await;
    });
}
