//! A browser at the treasury desk, without its window: it keeps cookies and follows nothing by itself.

use std::cell::RefCell;
use std::collections::BTreeMap;

use domain::Vnd;
use domain::bank_report::synthetic::{Answer as BankAnswer, write_post_results};
use service::payment_order;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::harness::{Answer, House};
use crate::overpayment::town::Town;

/// The boundary of multipart forms.
const BOUNDARY: &str = "----ranh-gioi-cua-bieu-mau";

/// A browser.
pub(crate) struct Browser<'h> {
    house: &'h House,
    cookies: RefCell<BTreeMap<String, String>>,
}

impl<'h> Browser<'h> {
    /// One that has never been here.
    pub(super) fn new(house: &'h House) -> Self {
        Self {
            house,
            cookies: RefCell::default(),
        }
    }

    /// One in which somebody has signed in with this key.
    pub(crate) async fn signed_in(house: &'h House, key: &str) -> Self {
        let browser = Self::new(house);
        let entered = browser.enter(key).await;
        assert_eq!((entered.status, entered.header("location")), (303, "/treasury/files"));
        browser
    }

    /// Opens the door and types a key.
    pub(super) async fn enter(&self, key: &str) -> Answer {
        let door = self.get("/treasury/sign-in").await;
        assert_eq!(door.status, 200);
        self.post("/treasury/sign-in", &[("_seal", &seal(&door)), ("key", key)])
            .await
    }

    /// Goes to a page.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        let call = self.house.call("GET", path).header("Cookie", &self.cookie());
        self.keep(call.send().await)
    }

    /// Asks for the headers of a page alone.
    pub(super) async fn head(&self, path: &str) -> Answer {
        let call = self.house.call("HEAD", path).header("Cookie", &self.cookie());
        self.keep(call.send().await)
    }

    /// Fetches a file.
    pub(super) async fn download(&self, path: &str) -> Vec<u8> {
        let call = self.house.call("GET", path).header("Cookie", &self.cookie());
        call.download().await.1
    }

    /// Sends a form.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        let call = self.house.call("POST", path).header("Cookie", &self.cookie());
        let call = call.body("application/x-www-form-urlencoded", body.finish());
        self.keep(call.send().await)
    }

    /// Sends a form with a file.
    pub(super) async fn upload(&self, seal: Option<&str>, name: &str, content: &[u8]) -> Answer {
        self.upload_as(seal, name, content, &[]).await
    }

    /// Sends a form with a file, to be read as these fields say.
    pub(super) async fn upload_as(
        &self,
        seal: Option<&str>,
        name: &str,
        content: &[u8],
        how: &[(&str, &str)],
    ) -> Answer {
        let mut body = Vec::new();
        let seal = seal.map(|seal| ("_seal", seal));
        for (field, value) in seal.iter().chain(how) {
            let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(head.as_bytes());
        }
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        let call = self
            .house
            .call("POST", "/treasury/reports")
            .header("Cookie", &self.cookie());
        let call = call.body(&format!("multipart/form-data; boundary={BOUNDARY}"), body);
        self.keep(call.send().await)
    }

    fn cookie(&self) -> String {
        let cookies = self.cookies.borrow();
        let pairs: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    fn keep(&self, answer: Answer) -> Answer {
        for cookie in answer.headers("set-cookie") {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.borrow_mut().remove(name);
            } else {
                self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }
}

/// The seal of the last form of a page.
pub(crate) fn seal(page: &Answer) -> String {
    between(&page.text, "name=\"_seal\" value=\"", "\"")
}

/// What stands between two texts, the last time it does.
pub(super) fn between(text: &str, before: &str, after: &str) -> String {
    let (_, rest) = text
        .rsplit_once(before)
        .unwrap_or_else(|| panic!("no {before} in {text}"));
    rest.split_once(after).unwrap().0.to_owned()
}

/// The paths that a page leads to below this one.
pub(super) fn links(page: &Answer, below: &str) -> Vec<String> {
    let pieces = page.text.split("href=\"").skip(1);
    let paths = pieces.map(|piece| piece.split_once('"').unwrap().0.to_owned());
    paths
        .filter(|path| path.strip_prefix(below).is_some_and(|rest| rest.len() == 36))
        .collect()
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// What the post office says of a run: everything was collected; and a line for an order of this reference.
pub(super) async fn results(town: &Town<'_>, run: Uuid, stray: Option<&str>) -> Vec<u8> {
    let app = &town.house.app;
    let orders = payment_order::list(app, &town.officers[3], run, None, None)
        .await
        .unwrap();
    let line = |reference: &str, amount: i64| BankAnswer {
        reference: reference.to_owned(),
        uetr: None,
        amount: Vnd::new(amount).unwrap(),
        status: "paid".to_owned(),
        reason: None,
        account: None,
        bank_reference: None,
    };
    let own = orders.items.iter().map(|order| line(&order.reference, order.amount));
    let answers: Vec<_> = own.chain(stray.map(|reference| line(reference, 1_000))).collect();
    let mut bytes = Vec::new();
    write_post_results(&mut bytes, app.clock.today(), &answers).unwrap();
    bytes
}
