//! Orders that their bank says nothing of, at the desk: one person proposes by the bank's letter, another decides.

use fantoccini::key::Key;
use service::Role;

use super::desk::{Browser, links, seal};
use super::recall_delivery::both;
use super::resolutions::{decide, proposal, told};
use super::window::Window;
use crate::harness::{Answer, House, each_engine};
use crate::reconciliation::bank::{AMOUNT, BankTown, answer, pain002};

/// Ten days after the 4th of September 2024, on which the bank was to execute.
const LONG_AFTER: &str = "2024-09-14T02:00:00Z";

const LETTER: &str = "CV 215/NHNo-QN ngày 12/09/2024";

/// The bank has answered of the second of two orders.
async fn half_answered(house: &House) -> (BankTown<'_>, uuid::Uuid) {
    let town = BankTown::open(house, 2).await;
    let run = town.pay("2024-09").await;
    let orders = town.orders(run).await;
    town.bring(pain002("A1", &[answer(&orders[1], "ACCC", None)])).await;
    (town, run)
}

/// Proposes as the form of the page does.
async fn propose(clerk: &Browser<'_>, page: &str, outcome: &str, letter: &str, note: &str) -> Answer {
    let own = seal(&clerk.get(page).await);
    let fields = [
        ("_seal", own.as_str()),
        ("outcome", outcome),
        ("letter", letter),
        ("note", note),
    ];
    clerk.post(&format!("{page}/propose"), &fields).await
}

#[test]
fn a_clerk_proposes_by_the_letter() {
    each_engine(async |house| {
        let (town, run) = half_answered(house).await;
        let order = town.orders(run).await.remove(0);
        let page = format!("/treasury/silences/{}", order.id);
        town.now("2024-09-13T02:00:00Z").await;
        let clerk = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        told(
            &clerk.get("/treasury/silences").await,
            200,
            &["Không có lệnh chi nào quá hạn mà chưa có kết quả"],
        );
        let early = clerk.get(&page).await;
        told(&early, 200, &[&order.reference, "không cần hai người xác nhận"]);
        assert!(!early.text.contains("/propose\""), "{}", early.text);

        town.now(LONG_AFTER).await;
        let clerk = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let colleague = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let list = clerk.get("/treasury/silences").await;
        told(&list, 200, &[&order.reference, "750.000", "Đề nghị"]);
        assert_eq!(links(&list, "/treasury/silences/"), std::slice::from_ref(&page));
        let ageing = clerk.get("/treasury/ageing").await;
        assert_eq!(links(&ageing, "/treasury/silences/"), std::slice::from_ref(&page));

        let note = "Ngân hàng xác nhận không ghi nợ";
        told(
            &propose(&clerk, &page, "perhaps", LETTER, note).await,
            422,
            &["lựa chọn", LETTER, note],
        );
        let unwritten = propose(&clerk, &page, "not_executed", " ", note).await;
        told(&unwritten, 422, &["Số, ngày văn bản phải có từ 1 đến 200 ký tự", note]);
        let stranger = clerk
            .post(&format!("{page}/propose"), &[("outcome", "paid"), ("letter", LETTER)])
            .await;
        told(&stranger, 403, &["Biểu mẫu không còn hiệu lực"]);
        let proposed = propose(&clerk, &page, "not_executed", LETTER, note).await;
        assert_eq!((proposed.status, proposed.header("location")), (303, page.as_str()));
        let own = clerk.get(&page).await;
        told(
            &own,
            200,
            &["Bạn là người đề nghị", "một người duyệt khác", LETTER, note],
        );
        assert!(!own.text.contains("/decide\""), "{}", own.text);
        let other = colleague.get(&page).await;
        told(&other, 200, &["đang chờ một người duyệt quyết định", LETTER]);
        assert!(
            !other.text.contains("/decide\""),
            "who does not approve has no form: {}",
            other.text
        );
        town.holds().await;
    });
}

#[test]
fn an_approver_decides_what_was_proposed_by_the_letter() {
    each_engine(async |house| {
        let (town, run) = half_answered(house).await;
        let order = town.orders(run).await.remove(0);
        let page = format!("/treasury/silences/{}", order.id);
        town.now(LONG_AFTER).await;
        let clerk = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let colleague = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let head = Browser::signed_in(house, &both(house).await).await;
        let note = "Ngân hàng xác nhận không ghi nợ";
        let proposed = propose(&clerk, &page, "not_executed", LETTER, note).await;
        assert_eq!(proposed.status, 303, "{}", proposed.text);
        let shown = head.get(&page).await;
        told(&shown, 200, &["Không thực hiện", LETTER, note, "/decide\""]);
        let id = proposal(&shown);
        let refused = decide(&colleague, &page, &id, "accept", "Đồng ý").await;
        assert_eq!(refused.status, 403, "{}", refused.text);
        assert_eq!(town.fund().await.to_reissue, 0, "one person moves nothing");
        told(
            &decide(&head, &page, &id, "accept", " ").await,
            422,
            &["Ghi chú phải có"],
        );
        let accepted = decide(&head, &page, &id, "accept", "Đã xem văn bản").await;
        assert_eq!(
            (accepted.status, accepted.header("location")),
            (303, "/treasury/silences")
        );
        assert_eq!(town.statuses(run).await, ["rejected", "credited"]);
        assert_eq!(town.fund().await.to_reissue, AMOUNT);
        let list = head.get("/treasury/silences").await;
        assert!(!list.text.contains(&order.reference), "{}", list.text);
        told(&head.get(&page).await, 200, &["không cần hai người xác nhận"]);
        let late = decide(&head, &page, &id, "refuse", "Đổi ý").await;
        told(&late, 409, &["không còn chờ"]);
        let nobody = format!("/treasury/silences/{}", uuid::Uuid::from_u128(7));
        told(&head.get(&nobody).await, 404, &["Không tìm thấy"]);
        town.holds().await;
    });
}

#[test]
fn a_proposal_that_its_bank_overtook_stays_on_the_list_until_it_is_refused() {
    each_engine(async |house| {
        let (town, run) = half_answered(house).await;
        let order = town.orders(run).await.remove(0);
        let page = format!("/treasury/silences/{}", order.id);
        town.now(LONG_AFTER).await;
        let clerk = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let head = Browser::signed_in(house, &both(house).await).await;
        let proposed = propose(&clerk, &page, "not_executed", LETTER, "Theo văn bản").await;
        assert_eq!(proposed.status, 303, "{}", proposed.text);
        town.bring(pain002("A2", &[answer(&order, "ACCC", None)])).await;
        let list = head.get("/treasury/silences").await;
        told(&list, 200, &[&order.reference, "Chờ quyết định"]);
        let id = proposal(&head.get(&page).await);
        let late = decide(&head, &page, &id, "accept", "Đồng ý").await;
        told(&late, 409, &["không ở trong tình trạng đã gửi đi và chờ kết quả"]);
        assert_eq!(
            decide(&head, &page, &id, "refuse", "Ngân hàng đã báo").await.status,
            303
        );
        told(&head.get("/treasury/silences").await, 200, &["Không có lệnh chi nào"]);
        assert_eq!(town.statuses(run).await, ["credited", "credited"]);
        town.holds().await;
    });
}

#[test]
fn two_people_end_a_silence_by_the_keyboard_alone() {
    each_engine(async |house| {
        let (town, run) = half_answered(house).await;
        let page = format!("/treasury/silences/{}", town.orders(run).await[0].id);
        town.now(LONG_AFTER).await;
        let enter = || [char::from(Key::Enter)];

        let first = Window::open().await;
        first.enter(&house.base, &house.key(Role::Treasury, None).await).await;
        first.follow("/treasury/silences").await;
        first.shows(&format!("a[href='{page}']")).await;
        first.follow(&page).await;
        first.shows("#outcome").await;
        first.tab_to("own.id", "letter").await;
        first.press(LETTER.chars()).await;
        first.tab_to("own.id", "note").await;
        first.press("Lệnh bị treo".chars().chain(enter())).await;
        first.shows("#proposal").await;

        let second = Window::open().await;
        second.enter(&house.base, &both(house).await).await;
        second.follow("/treasury/silences").await;
        second.shows(&format!("a[href='{page}']")).await;
        second.follow(&page).await;
        second.shows("#proposal").await;
        second.tab_to("own.id", "note").await;
        second.press("Đã xem văn bản".chars()).await;
        second.tab_to("own.value", "accept").await;
        second.press(enter()).await;
        second.shows("#silent .empty").await;
        assert_eq!(town.statuses(run).await, ["rejected", "credited"]);
        first.close().await;
        second.close().await;
        town.holds().await;
    });
}
