//! The desk in a real browser, by the keyboard alone.

use std::process::Command;

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use service::Role;
use tempfile::TempDir;

use super::desk::sha256;
use crate::harness::{Process, each_engine, until};
use crate::overpayment::town::Town;

/// Presses of the tabulator after which a page must have been gone through.
const PATIENCE: usize = 60;

/// A window of headless Chromium, with nobody at its mouse.
struct Window {
    client: Client,
    driver: Process,
    folder: TempDir,
}

impl Window {
    async fn open() -> Self {
        let folder = TempDir::new().unwrap();
        let mut driver = Command::new("chromedriver");
        driver.args(["--port=0", "--allowed-ips=127.0.0.1"]);
        let driver = Process::start(driver);
        let port = until("the driver of Chromium listens (tests/run installs it)", || {
            let log = driver.log();
            let (_, rest) = log.split_once("successfully on port ")?;
            rest.split_once('.').map(|(port, _)| port.to_owned())
        });
        let options = json!({"args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,1000",
            format!("--user-data-dir={}", folder.path().join("profile").display()),
        ]});
        let capabilities = json!({"goog:chromeOptions": options});
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities.as_object().unwrap().clone())
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap();
        Self { client, driver, folder }
    }

    /// Presses keys, one after the other.
    async fn press(&self, keys: impl IntoIterator<Item = char>) {
        let mut actions = KeyActions::new("keyboard".to_owned());
        for key in keys {
            actions = actions
                .then(KeyAction::Down { value: key })
                .then(KeyAction::Up { value: key });
        }
        self.client.perform_actions(actions).await.unwrap();
    }

    /// Something of the element that has the focus.
    async fn focused(&self, what: &str) -> String {
        let script = format!("const own = document.activeElement; return String({what});");
        let value = self.client.execute(&script, Vec::new()).await.unwrap();
        value.as_str().unwrap_or_default().to_owned()
    }

    /// Goes on with the tabulator until this of the focused element is that.
    async fn tab_to(&self, what: &str, wanted: &str) {
        let mut passed = Vec::new();
        for _ in 0..PATIENCE {
            let found = self.focused(what).await;
            if found == wanted {
                return;
            }
            passed.push(found);
            self.press([Key::Tab.into()]).await;
        }
        panic!("the keyboard never comes to {wanted}: {passed:?}");
    }

    /// Waits until the page shows an element.
    async fn shows(&self, css: &str) {
        self.client.wait().for_element(Locator::Css(css)).await.unwrap();
    }

    async fn close(self) {
        self.client.close().await.unwrap();
        self.driver.kill();
        drop(self.folder);
    }
}

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
        window.client.goto(&format!("{}/treasury", house.base)).await.unwrap();
        window.shows("#key").await;
        assert_eq!(window.focused("own.id").await, "key", "the door waits for the key");
        window.press(key.chars().chain([Key::Enter.into()])).await;

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
        std::fs::write(std::env::temp_dir().join("ansinh-treasury-desk.png"), picture).unwrap();
        let own = service::payment_file::get(&house.app, treasury, file.id).await.unwrap();
        assert_eq!(json!(own.status), "acknowledged");
        window.close().await;
        town.close().await;
    });
}
