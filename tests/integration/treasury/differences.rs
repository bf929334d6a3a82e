//! What a bank moved more or less than was ordered, at the desk: one clerk proposes what comes of it, another decides.

use fantoccini::key::Key;
use serde_json::json;
use service::Role;

use super::desk::links;
use super::resolutions::{decide, proposal, told, two_clerks};
use super::window::Window;
use crate::harness::{House, each_engine};
use crate::reconciliation::bank::{AMOUNT, BankTown, answer, pain002};

/// A bank took 10.000 đồng more than one order says, and two people took its line for good.
async fn took_too_much(house: &House) -> BankTown<'_> {
    let town = BankTown::open(house, 1).await;
    let run = town.pay("2024-09").await;
    let mut line = answer(&town.orders(run).await[0], "ACSC", None);
    line.amount = domain::Vnd::new(AMOUNT + 10_000).unwrap();
    town.bring(pain002("A1", &[line])).await;
    let line = town.waiting("amount_differs").await.line.id;
    town.resolve(
        line,
        json!({"resolution": "amount_explained", "note": "Đã gọi ngân hàng"}),
    )
    .await;
    town
}

#[test]
fn one_clerk_proposes_what_comes_of_a_difference_and_another_decides() {
    each_engine(async |house| {
        let town = took_too_much(house).await;
        let (one, other) = two_clerks(house).await;
        let list = one.get("/treasury/differences").await;
        told(&list, 200, &["750.000", "760.000", "10.000", "Chờ xử lý", "Đề nghị"]);
        let [page]: [String; 1] = links(&list, "/treasury/differences/").try_into().unwrap();
        let ageing = one.get("/treasury/ageing").await;
        let ways = ageing.text.matches("href=\"/treasury/differences\"").count();
        assert_eq!(
            ways, 2,
            "the way of every page, and the one of what is open: {}",
            ageing.text
        );

        let propose = async |settlement: &str, note: &str| {
            let own = super::desk::seal(&one.get(&page).await);
            let fields = [("_seal", own.as_str()), ("settlement", settlement), ("note", note)];
            one.post(&format!("{page}/propose"), &fields).await
        };
        let note = "Ngân hàng không hoàn lại";
        told(&propose("forgotten", note).await, 422, &["lựa chọn", note]);
        told(
            &propose("written_off", " ").await,
            422,
            &["Ghi chú phải có từ 1 đến 1000 ký tự"],
        );
        let stranger = one
            .post(
                &format!("{page}/propose"),
                &[("settlement", "written_off"), ("note", note)],
            )
            .await;
        told(&stranger, 403, &["Biểu mẫu không còn hiệu lực"]);
        let proposed = propose("written_off", note).await;
        assert_eq!((proposed.status, proposed.header("location")), (303, page.as_str()));
        let own = one.get(&page).await;
        told(&own, 200, &["Bạn là người đề nghị", note]);
        assert!(!own.text.contains("/decide\""), "{}", own.text);

        let shown = other.get(&page).await;
        told(&shown, 200, &["Xóa chênh lệch", note, "/decide\""]);
        let id = proposal(&shown);
        let alone = decide(&one, &page, &id, "accept", "Tự duyệt").await;
        told(&alone, 403, &["người khác nhau"]);
        assert_eq!(town.fund().await.over_moved, 10_000, "one person settles nothing");
        let accepted = decide(&other, &page, &id, "accept", "Đồng ý").await;
        assert_eq!(
            (accepted.status, accepted.header("location")),
            (303, "/treasury/differences")
        );
        assert_eq!(
            (town.fund().await.over_moved, town.fund().await.written_off),
            (0, 10_000)
        );
        let list = other.get("/treasury/differences").await;
        told(
            &list,
            200,
            &[
                "Không còn chênh lệch nào chờ xử lý",
                "Đã xóa chênh lệch",
                "Cán bộ treasury, Cán bộ treasury",
            ],
        );
        told(&other.get(&page).await, 200, &["không còn chờ xử lý", note, "Đồng ý"]);
        let late = decide(&other, &page, &id, "refuse", "Đổi ý").await;
        told(&late, 409, &["không còn chờ"]);
        let nobody = format!("/treasury/differences/{}", uuid::Uuid::from_u128(7));
        told(&other.get(&nobody).await, 404, &["Không tìm thấy"]);
        town.holds().await;
    });
}

#[test]
fn two_people_settle_a_difference_by_the_keyboard_alone() {
    each_engine(async |house| {
        let town = took_too_much(house).await;
        let reader = super::desk::Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let list = reader.get("/treasury/differences").await;
        let [page]: [String; 1] = links(&list, "/treasury/differences/").try_into().unwrap();
        let enter = || [char::from(Key::Enter)];

        let first = Window::open().await;
        first.enter(&house.base, &house.key(Role::Treasury, None).await).await;
        first.follow("/treasury/differences").await;
        first.shows(&format!("a[href='{page}']")).await;
        first.follow(&page).await;
        first.shows("#settlement").await;
        first.tab_to("own.id", "note").await;
        first.press("Ngân hàng đã hoàn lại".chars().chain(enter())).await;
        first.shows("#proposal").await;

        let second = Window::open().await;
        second.enter(&house.base, &house.key(Role::Treasury, None).await).await;
        second.follow("/treasury/differences").await;
        second.shows(&format!("a[href='{page}']")).await;
        second.follow(&page).await;
        second.shows("#proposal").await;
        second.tab_to("own.id", "note").await;
        second.press("Đã xem sao kê".chars()).await;
        second.tab_to("own.value", "accept").await;
        second.press(enter()).await;
        second.shows("#open .empty").await;
        assert_eq!(town.fund().await.over_moved, 0);
        first.close().await;
        second.close().await;
        town.holds().await;
    });
}
