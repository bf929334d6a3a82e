//! An installation for the tests, and what they ask of it.

use chrono::{NaiveDate, TimeZone, Utc};
use serde_json::{Value, json};
use service::access::{CreateClient, CreateUser, NewGrant};
use service::installation::{FirstStart, Opening, open};
use service::person::{CreatePerson, PersonView};
use service::{Actor, App, Error, ProblemCode, Role, access, person, reference};
use std::path::Path;
use tempfile::TempDir;

pub(crate) struct House {
    pub(crate) app: App,
    _folder: TempDir,
}

impl House {
    pub(crate) async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let app = start(folder.path()).await;
        reference::seed(&app).await.unwrap();
        Self { app, _folder: folder }
    }

    pub(crate) async fn actor(&self, name: &str, role: Role, area_id: Option<&str>) -> Actor {
        let installer = Actor::system("test");
        let user = access::create_user(
            &self.app,
            &installer,
            CreateUser {
                name: name.into(),
                staff_number: None,
            },
        )
        .await
        .unwrap();
        let grants = vec![NewGrant {
            role,
            area_id: area_id.map(str::to_owned),
        }];
        let command = CreateClient {
            name: name.into(),
            user_id: Some(user.id),
            grants,
        };
        let created = access::create_client(&self.app, &installer, command).await.unwrap();
        access::authenticate(&self.app, &created.key).await.unwrap()
    }

    pub(crate) fn at(&self, year: i32, month: u32, day: u32) {
        self.app
            .clock
            .set(Utc.with_ymd_and_hms(year, month, day, 2, 0, 0).unwrap());
    }
}

pub(crate) async fn start(folder: &Path) -> App {
    let first = FirstStart {
        now: Utc.with_ymd_and_hms(2024, 8, 20, 2, 0, 0).unwrap(),
        secret: vec![7; 32],
        seed: 1,
    };
    let opening = Opening {
        database_url: None,
        folder,
        sandbox: true,
        first_start: Some(first),
    };
    open(opening).await.unwrap()
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn lan() -> Value {
    json!({
        "citizen_id": "022190001234", "full_name": "Phạm Thị  Lan", "birth_date": "1990-05-01", "sex": "female",
        "residences": [{ "area": "06652", "from": "2018-01-01", "setting": "community" }],
        "evidence": [{ "kind": "disability", "value": "severe", "from": "2022-03-20" }],
    })
}

pub(crate) fn read<T: serde::de::DeserializeOwned>(content: Value) -> T {
    serde_json::from_value(content).unwrap()
}

pub(crate) async fn create(app: &App, actor: &Actor, content: Value) -> Result<PersonView, Error> {
    person::create(app, actor, read::<CreatePerson>(content)).await
}

pub(crate) fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> ProblemCode {
    result.unwrap_err().code
}

pub(crate) fn faults<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<(String, String)> {
    result
        .unwrap_err()
        .fields
        .into_iter()
        .map(|fault| (fault.pointer, fault.code))
        .collect()
}

pub(crate) fn fault(pointer: &str, code: &str) -> (String, String) {
    (pointer.to_owned(), code.to_owned())
}
