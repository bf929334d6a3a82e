//! The papers that are served: the notice and the decision, read as people read them.

use serde_json::json;
use service::Role;

use super::road::Road;
use super::town::Town;
use crate::harness::{codes_in, each_engine};

/// The bytes of a paper of a case, the same each time.
async fn bytes(town: &Town<'_>, road: &Road<'_>, name: &str) -> Vec<u8> {
    let call = || {
        let path = format!("{}/{name}", road.path());
        town.house.call("GET", &path).key(&town.caseworker).download()
    };
    let (kind, bytes) = call().await;
    assert_eq!(kind, "application/pdf");
    assert_eq!(call().await.1, bytes, "{name}: the same bytes each time");
    bytes
}

/// The text of a paper as a reader copies it.
async fn printed(town: &Town<'_>, road: &Road<'_>, name: &str) -> String {
    let document = lopdf::Document::load_mem(&bytes(town, road, name).await).unwrap();
    let pages: Vec<u32> = document.get_pages().keys().copied().collect();
    let text = document.extract_text(&pages).unwrap();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(codes_in(&text), [""; 0], "{text}");
    text
}

fn says(paper: &str, all: &[&str]) {
    for said in all {
        assert!(paper.contains(said), "{said} in {paper}");
    }
}

async fn refused(town: &Town<'_>, road: &Road<'_>, name: &str, key: &str, code: &str) {
    let call = town.house.call("GET", &format!("{}/{name}", road.path())).key(key);
    call.send().await.problem(code);
}

#[test]
fn a_notice_tells_each_month_the_cause_and_the_right_to_be_heard() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let run = town.pay("2024-09").await;
        town.now("2024-09-20T02:00:00Z").await;
        town.arrives(run).await;
        town.now("2024-10-02T02:00:00Z").await;
        town.disability_ends(Some("2024-07-31")).await;
        let mut road = Road::of(&town, "detected").await;
        let worker = town.caseworker.clone();
        refused(&town, &road, "notice.pdf", &worker, "conflict").await;
        let case = road.read(&worker).await;
        assert_eq!(
            (&case["papers"], &case["months"][0]["benefit"]),
            (&json!([]), &json!("monthly_allowance"))
        );
        let classify = json!({"cause": "citizen_omission", "recoverable": true,
            "reason": "Không báo việc hết khuyết tật nặng"});
        let case = road.takes(&worker, "classify", classify).await;
        assert_eq!(case["papers"], json!(["notice.pdf"]));
        let paper = printed(&town, &road, "notice.pdf").await;
        says(
            &paper,
            &[
                "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
                "ỦY BAN NHÂN DÂN THÀNH PHỐ HẠ LONG",
                "Hạ Long, ngày 02 tháng 10 năm 2024",
                "THÔNG BÁO",
                "Kính gửi: bà Phạm Thị Lan",
                "bà Phạm Thị Lan, sinh ngày 01/05/1990",
                "08/2024",
                "09/2024",
                "750.000",
                "1.500.000 đồng (Bằng chữ: Một triệu năm trăm nghìn đồng)",
                "Người hưởng không khai báo: Không báo việc hết khuyết tật nặng.",
                "Quyền giải trình",
            ],
        );
        // No law says how long: none is made up.
        assert_eq!(paper.matches("chưa có quy định").count(), 2, "{paper}");

        town.publish_recovery("").await;
        let paper = printed(&town, &road, "notice.pdf").await;
        says(
            &paper,
            &[
                "10 ngày (theo 1/2024/NQ-TH Điều 1)",
                "30 ngày (theo 1/2024/NQ-TH Điều 1)",
            ],
        );
        road.read(&worker).await;
        let notice = json!({"delivered_on": "2024-10-02", "proof": "Ký nhận"});
        road.takes(&worker, "serve-notice", notice).await;
        let paper = printed(&town, &road, "notice.pdf").await;
        says(
            &paper,
            &["giao ngày 02/10/2024", "hạn giải trình đến hết ngày 12/10/2024"],
        );
        refused(&town, &road, "decision.pdf", &worker, "conflict").await;

        // Whatever is found and published later, what was served is printed again as it was.
        let served = bytes(&town, &road, "notice.pdf").await;
        town.publish("9/2024/NQ-TH", &[("recovery.response_days", json!(45), "days")], false)
            .await;
        town.disability_ends(None).await;
        assert_eq!(road.read(&worker).await["status"], "superseded");
        assert!(bytes(&town, &road, "notice.pdf").await == served);

        let outside = house.key(Role::Caseworker, Some("06658@1900-01")).await;
        refused(&town, &road, "notice.pdf", &outside, "not-found").await;
        let treasury = house.key(Role::Treasury, None).await;
        refused(&town, &road, "notice.pdf", &treasury, "forbidden").await;
        town.close().await;
    });
}

#[test]
fn a_decision_tells_the_reasons_the_limits_the_appeal_and_the_plan() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let standard = |amount: i64| [("standard.community", json!(amount), "vnd_per_month")];
        town.publish("3/2024/NQ-TH", &standard(700_000), false).await;
        let run = town.pay("2024-09").await;
        town.now("2024-09-20T02:00:00Z").await;
        town.arrives(run).await;
        town.publish_recovery("").await;
        // The person goes on being paid 900,000 a month, and was paid 1,050,000.
        town.publish("4/2024/NQ-TH", &standard(600_000), true).await;
        let mut road = Road::of(&town, "detected").await;
        road.reach_decision().await;
        assert_eq!(
            road.read(&town.caseworker).await["papers"],
            json!(["notice.pdf", "decision.pdf"])
        );
        let paper = printed(&town, &road, "decision.pdf").await;
        says(
            &paper,
            &[
                "QUYẾT ĐỊNH",
                "Hạ Long, ngày 20 tháng 9 năm 2024",
                "CHỦ TỊCH ỦY BAN NHÂN DÂN THÀNH PHỐ HẠ LONG",
                "Căn cứ 1/2024/NQ-TH Điều 1;",
                "Sau khi xem xét ý kiến giải trình của bà Phạm Thị Lan;",
                "hoàn trả 300.000 đồng (Bằng chữ: Ba trăm nghìn đồng)",
                "1.050.000",
                "900.000",
                "150.000",
                "Đã được báo trước",
                "20% số tiền được chi của tháng (theo 1/2024/NQ-TH Điều 1)",
                "500.000 đồng (theo 1/2024/NQ-TH Điều 1)",
                "30 ngày (theo 1/2024/NQ-TH Điều 1)",
                "hạn khiếu nại đến hết ngày 20/10/2024",
                "Điều 4.",
            ],
        );
        assert!(!paper.contains("PHỤ LỤC"), "{paper}");

        town.now("2024-12-02T02:00:00Z").await;
        road.takes(&town.deciders[0], "make-enforceable", json!(null)).await;
        let worker = town.caseworker.clone();
        let plan = json!({"instalments": [
            {"due_month": "2025-01", "amount": 180_000}, {"due_month": "2025-02", "amount": 120_000}]});
        road.takes(&worker, "plan", plan).await;
        let with_plan = printed(&town, &road, "decision.pdf").await;
        assert!(with_plan.starts_with(&paper), "the signed pages stay: {with_plan}");
        says(
            &with_plan,
            &[
                "PHỤ LỤC: KẾ HOẠCH HOÀN TRẢ (lần 1)",
                "không quá 20% số tiền được chi của tháng",
                "ít nhất 500.000 đồng",
                "01/2025",
                "180.000",
                "02/2025",
                "120.000",
                "Tổng số các kỳ: 300.000 đồng",
            ],
        );
        town.close().await;
    });
}
