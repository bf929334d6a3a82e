//! A waiting line resolved in a real browser, by the keyboard alone, by two people at two windows.

use fantoccini::key::Key;
use serde_json::json;
use service::Role;

use super::resolutions::stray;
use super::window::Window;
use crate::harness::each_engine;
use crate::reconciliation::bank::BankTown;

#[test]
fn two_people_resolve_a_waiting_line_by_the_keyboard_alone() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let run = town.pay("2024-09").await;
        let line = stray(&town, run).await;
        let order = town.orders(run).await.remove(0);
        let page = format!("/treasury/suspense/{line}");
        let enter = || [char::from(Key::Enter)];

        let first = Window::open().await;
        first.enter(&house.base, &house.key(Role::Treasury, None).await).await;
        first.follow("/treasury/suspense").await;
        first.shows(&format!("a[href='{page}']")).await;
        first.follow(&page).await;
        first.shows("#resolution").await;
        // Without the order the form comes back with the reason beside it and the note as it was typed.
        first.tab_to("own.id", "note").await;
        first.press("Khớp tên và số tiền".chars().chain(enter())).await;
        first.shows("#wrong").await;
        // Where it went wrong.
        first.is_put_on("own.id", "resolution").await;
        first.tab_to("own.id", "order").await;
        first.press(order.reference.to_lowercase().chars()).await;
        first.tab_to("own.id", "note").await;
        assert_eq!(first.focused("own.value").await, "Khớp tên và số tiền");
        first.press(enter()).await;
        first.shows("#proposal").await;
        let waiting = town.waiting("unknown_reference").await.proposal.unwrap();
        assert_eq!(waiting.order_id, Some(order.id));

        let second = Window::open().await;
        second.enter(&house.base, &house.key(Role::Treasury, None).await).await;
        second.follow("/treasury/suspense").await;
        second.shows(&format!("a[href='{page}']")).await;
        second.follow(&page).await;
        second.shows("#proposal").await;
        second.tab_to("own.id", "note").await;
        second.press("Đã gọi ngân hàng".chars()).await;
        second.tab_to("own.value", "accept").await;
        let outline = "getComputedStyle(own).outlineStyle";
        assert_eq!(second.focused(outline).await, "solid", "one sees where the keyboard is");
        second.press(enter()).await;
        second.shows(".sheet .empty").await;
        assert_eq!(json!(town.orders(run).await[0].status), "settled");
        assert_eq!(town.suspense().await.len(), 0);
        first.close().await;
        second.close().await;
        town.holds().await;
    });
}
