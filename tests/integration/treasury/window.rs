//! A window of headless Chromium, used by the keyboard alone and cut off from every other machine.

use std::process::Command;

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::Mutex;

use crate::harness::{self, Process, until};

/// Presses of the tabulator after which a page must have been gone through.
const PATIENCE: usize = 60;

/// Where a window puts what it downloads, in its folder.
const DOWNLOADS: &str = "downloads";

/// A name under which this machine is found, as an office would call it.
pub(super) const OFFICE: &str = "an-sinh.example";

/// No other name is found, and no address is called but this machine's: a page that needs anything from elsewhere is not
/// whole.
const CUT_OFF: &str = "--host-resolver-rules=MAP an-sinh.example 127.0.0.1 , MAP * ~NOTFOUND , EXCLUDE 127.0.0.1";

/// Frames that a page draws while it waits for what must come: some minutes of them.
const FRAMES: usize = 20_000;

/// How long a script of a test may take, ms.
const SCRIPT: u64 = 600_000;

/// Held while a window opens: Chromium gives up a start that takes a minute, and several at once are slow.
static OPENING: Mutex<()> = Mutex::const_new(());

/// A window of headless Chromium, with nobody at its mouse.
pub(super) struct Window {
    /// Chromium.
    pub(super) client: Client,
    driver: Process,
    folder: TempDir,
}

impl Window {
    pub(super) async fn open() -> Self {
        let _opening = OPENING.lock().await;
        let folder = TempDir::new().unwrap();
        let mut driver = Command::new("chromedriver");
        driver.args(["--port=0", "--allowed-ips=127.0.0.1"]);
        let driver = Process::start(driver);
        let port = until("the driver of Chromium listens (tests/run installs it)", || {
            let log = driver.log();
            let (_, rest) = log.split_once("successfully on port ")?;
            rest.split_once('.').map(|(port, _)| port.to_owned())
        });
        let downloads = folder.path().join(DOWNLOADS);
        std::fs::create_dir(&downloads).unwrap();
        let options = json!({"args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,1000",
            CUT_OFF,
            format!("--user-data-dir={}", folder.path().join("profile").display()),
        ], "prefs": {
            "download.default_directory": downloads.display().to_string(), "download.prompt_for_download": false,
        }});
        let capabilities = json!({"goog:chromeOptions": options, "timeouts": {"script": SCRIPT}});
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities.as_object().unwrap().clone())
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap();
        Self { client, driver, folder }
    }

    /// Presses keys, one after the other.
    pub(super) async fn press(&self, keys: impl IntoIterator<Item = char>) {
        let mut actions = KeyActions::new("keyboard".to_owned());
        for key in keys {
            actions = actions
                .then(KeyAction::Down { value: key })
                .then(KeyAction::Up { value: key });
        }
        self.client.perform_actions(actions).await.unwrap();
    }

    /// Something of the element that has the focus.
    pub(super) async fn focused(&self, what: &str) -> String {
        let script = format!("const own = document.activeElement; return String({what});");
        let value = self.client.execute(&script, Vec::new()).await.unwrap();
        value.as_str().unwrap_or_default().to_owned()
    }

    /// Something that stands on the page.
    pub(super) async fn reads(&self, what: &str) -> String {
        let script = format!("return String({what});");
        let value = self.client.execute(&script, Vec::new()).await.unwrap();
        value.as_str().unwrap_or_default().to_owned()
    }

    /// Waits for a download of this name to be whole; gives its bytes.
    pub(super) async fn downloaded(&self, name: &str) -> Vec<u8> {
        let path = self.folder.path().join(DOWNLOADS).join(name);
        for _ in 0..FRAMES {
            // It gets its name once all of it is there.
            if let Ok(bytes) = std::fs::read(&path)
                && !bytes.is_empty()
            {
                return bytes;
            }
            self.draws().await;
        }
        panic!("{name} is never downloaded");
    }

    /// Waits until the page has drawn once more.
    async fn draws(&self) {
        let frame = "const done = arguments[0]; requestAnimationFrame(() => done(true));";
        self.client.execute_async(frame, Vec::new()).await.unwrap();
    }

    /// Waits until this of the focused element is that: a page puts the keyboard somewhere when it first draws, which may
    /// be after it is loaded.
    pub(super) async fn is_put_on(&self, what: &str, wanted: &str) {
        let mut found = String::new();
        for _ in 0..FRAMES {
            found = self.focused(what).await;
            if found == wanted {
                return;
            }
            self.draws().await;
        }
        panic!("the keyboard is on {found}, not on {wanted}");
    }

    /// A file of this name and these bytes is chosen in a field.
    pub(super) async fn chooses(&self, css: &str, name: &str, bytes: &[u8]) {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let field = self.client.find(Locator::Css(css)).await.unwrap();
        field.send_keys(path.to_str().unwrap()).await.unwrap();
    }

    /// Goes on with the tabulator until this of the focused element is that.
    pub(super) async fn tab_to(&self, what: &str, wanted: &str) {
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

    /// Signs in at the door of the desk with a key.
    pub(super) async fn enter(&self, base: &str, key: &str) {
        self.client.goto(&format!("{base}/treasury")).await.unwrap();
        self.shows("#key").await;
        // The door waits for the key.
        self.is_put_on("own.id", "key").await;
        self.press(key.chars().chain([Key::Enter.into()])).await;
        self.shows("header nav").await;
    }

    /// Goes to the link of a path and follows it.
    pub(super) async fn follow(&self, path: &str) {
        self.tab_to("own.getAttribute('href')", path).await;
        self.press([Key::Enter.into()]).await;
    }

    /// Waits until the page shows an element.
    pub(super) async fn shows(&self, css: &str) {
        let wait = self.client.wait().at_most(harness::PATIENCE);
        let shown = wait.for_element(Locator::Css(css)).await;
        shown.unwrap_or_else(|error| panic!("{css} is never shown: {error}"));
    }

    /// Fails where the page asked anybody but the one it came from for something, or tried to.
    pub(super) async fn asks_nobody_else(&self) {
        let others = "performance.getEntriesByType('resource').map((own) => own.name)\
                      .filter((own) => new URL(own).origin !== location.origin).join(' ')";
        assert_eq!(self.reads(others).await, "", "the page needs others");
    }

    /// Closes it, on a page that needed nobody else.
    pub(super) async fn close(self) {
        self.asks_nobody_else().await;
        self.client.close().await.unwrap();
        self.driver.kill();
        drop(self.folder);
    }
}
