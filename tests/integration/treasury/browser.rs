//! The desk in a real browser, by the keyboard alone.

use fantoccini::key::Key;
use serde_json::json;
use service::Role;

use super::desk::sha256;
use super::window::Window;
use crate::harness::each_engine;
use crate::overpayment::town::Town;

#[test]
fn from_the_door_to_the_acknowledgement_by_the_keyboard_alone() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let run = town.pay("2024-09").await;
        let key = house.key(Role::Treasury, None).await;
        let treasury = &town.officers[3];
        let files = service::payment_file::list(&house.app, treasury, run).await.unwrap();
        let file = files.iter().find(|file| file.message_id.is_some()).unwrap();
        let (_, bytes) = service::payment_file::content(&house.app, treasury, file.id)
            .await
            .unwrap();
        let hash = sha256(&bytes);

        let window = Window::open().await;
        window.enter(&house.base, &key).await;

        window.shows("table .file").await;
        // The first stop of each page leads past what is the same on all of them.
        window.press([Key::Tab.into()]).await;
        assert_eq!(window.focused("own.className").await, "skip");
        window.press([Key::Enter.into()]).await;
        window.tab_to("own.textContent", &file.name).await;
        window.press([Key::Enter.into()]).await;

        window.shows("#sha256").await;
        let outline = "getComputedStyle(own).outlineStyle";
        window.tab_to("own.id", "sha256").await;
        assert_eq!(window.focused(outline).await, "solid", "one sees where the keyboard is");
        let digits = format!("{}{}", &hash[..8], &hash[56..]);
        window.press(digits.chars().chain([Key::Enter.into()])).await;

        window.shows(".states .s-acknowledged").await;
        let picture = window.client.screenshot().await.unwrap();
        assert!(picture.starts_with(b"\x89PNG"));
        let own = service::payment_file::get(&house.app, treasury, file.id).await.unwrap();
        assert_eq!(json!(own.status), "acknowledged");
        window.close().await;
        town.close().await;
    });
}
