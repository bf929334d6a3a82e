//! A waiting line at the desk: one clerk proposes, another decides.

use serde_json::json;
use service::Role;
use uuid::Uuid;

use super::desk::{Browser, between, links, seal};
use crate::harness::{Answer, House, each_engine};
use crate::reconciliation::bank::{BankTown, answer, pain002};

/// A report with a line that names no order of ours: the line.
pub(super) async fn stray(town: &BankTown<'_>, run: Uuid) -> Uuid {
    let mut nameless = answer(&town.orders(run).await[0], "ACSC", None);
    nameless.reference = "AS-00000000000000000000000000".to_owned();
    nameless.uetr = None;
    town.bring(pain002("A1", &[nameless])).await;
    town.waiting("unknown_reference").await.line.id
}

pub(super) async fn two_clerks(house: &House) -> (Browser<'_>, Browser<'_>) {
    (
        Browser::signed_in(house, &house.key(Role::Treasury, None).await).await,
        Browser::signed_in(house, &house.key(Role::Treasury, None).await).await,
    )
}

#[track_caller]
pub(super) fn told(page: &Answer, status: u16, texts: &[&str]) {
    assert_eq!(page.status, status, "{}", page.text);
    for text in texts {
        assert!(page.text.contains(text), "{text} is missing: {}", page.text);
    }
}

/// Proposes as the form of the page does.
pub(super) async fn propose(clerk: &Browser<'_>, page: &str, resolution: &str, order: &str, note: &str) -> Answer {
    let own = seal(&clerk.get(page).await);
    let fields = [
        ("_seal", own.as_str()),
        ("resolution", resolution),
        ("order", order),
        ("note", note),
    ];
    clerk.post(&format!("{page}/propose"), &fields).await
}

/// Decides as the form of the page does.
pub(super) async fn decide(clerk: &Browser<'_>, page: &str, proposal: &str, decision: &str, note: &str) -> Answer {
    let own = seal(&clerk.get(page).await);
    let fields = [
        ("_seal", own.as_str()),
        ("proposal", proposal),
        ("decision", decision),
        ("note", note),
    ];
    clerk.post(&format!("{page}/decide"), &fields).await
}

/// The proposal that a page asks to decide.
pub(super) fn proposal(page: &Answer) -> String {
    between(&page.text, "name=\"proposal\" value=\"", "\"")
}

#[test]
fn one_clerk_proposes_another_decides_and_the_order_follows() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let line = stray(&town, run).await;
        let order = town.orders(run).await.remove(0);
        let (one, other) = two_clerks(house).await;
        let page = format!("/treasury/suspense/{line}");
        let list = one.get("/treasury/suspense").await;
        assert_eq!(links(&list, "/treasury/suspense/"), std::slice::from_ref(&page));

        // What is wrong is told beside the form, which keeps what was typed.
        let note = "Khớp tên và số tiền";
        let without = propose(&one, &page, "matched_to_order", "", note).await;
        told(&without, 422, &["Cần chọn lệnh chi", note, "name=\"resolution\""]);
        let unknown = propose(&one, &page, "matched_to_order", "AS-KHONG-CO", note).await;
        told(&unknown, 422, &["Không có lệnh chi nào mang mã AS-KHONG-CO"]);
        let needless = propose(&one, &page, "not_ours", &order.reference, note).await;
        told(&needless, 422, &["Cách xử lý này không gắn với lệnh chi nào"]);
        told(&propose(&one, &page, "as_i_like", "", note).await, 422, &["lựa chọn"]);
        let silent = propose(&one, &page, "not_ours", "", " ").await;
        told(&silent, 422, &["Ghi chú phải có từ 1 đến 1000 ký tự"]);
        let stranger = one
            .post(&format!("{page}/propose"), &[("resolution", "not_ours")])
            .await;
        told(&stranger, 403, &["Biểu mẫu không còn hiệu lực"]);

        let reference = order.reference.to_lowercase();
        let proposed = propose(&one, &page, "matched_to_order", &reference, note).await;
        assert_eq!((proposed.status, proposed.header("location")), (303, page.as_str()));
        let own = one.get(&page).await;
        told(&own, 200, &["Bạn là người đề nghị", note]);
        assert!(!own.text.contains("/decide\""), "{}", own.text);
        let twice = propose(&other, &page, "not_ours", "", "Không phải của tỉnh").await;
        assert_eq!(twice.status, 409, "{}", twice.text);

        let shown = other.get(&page).await;
        told(&shown, 200, &["Gắn với một lệnh chi", note, "/decide\""]);
        let id = proposal(&shown);
        let self_decided = decide(&one, &page, &id, "accept", "Tự duyệt").await;
        told(&self_decided, 403, &["người khác nhau", note]);
        let silent = decide(&other, &page, &id, "accept", "").await;
        told(&silent, 422, &["Ghi chú phải có từ 1 đến 1000 ký tự", "/decide\""]);
        let refused = decide(&other, &page, &id, "refuse", "Chưa đủ căn cứ").await;
        assert_eq!(
            (refused.status, refused.header("location")),
            (303, "/treasury/suspense")
        );
        assert_eq!(json!(town.orders(run).await[0].status), "extracted");

        propose(&one, &page, "matched_to_order", &reference, note).await;
        let id = proposal(&other.get(&page).await);
        let accepted = decide(&other, &page, &id, "accept", "Đã gọi ngân hàng").await;
        assert_eq!(accepted.status, 303, "{}", accepted.text);
        assert_eq!(json!(town.orders(run).await[0].status), "settled");
        told(
            &other.get("/treasury/suspense").await,
            200,
            &["Không còn dòng nào chờ xử lý"],
        );
        let late = decide(&other, &page, &id, "refuse", "Đổi ý").await;
        told(&late, 409, &["Dòng này đã xử lý xong"]);
        told(
            &other.get(&format!("/treasury/suspense/{run}")).await,
            404,
            &["Không tìm thấy"],
        );
        town.holds().await;
    });
}
