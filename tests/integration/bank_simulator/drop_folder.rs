//! The bank as the reader of `ANSINH_DROP_FOLDER`: it acknowledges what it takes, and may lose a file or acknowledge
//! another one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;

use domain::bank_simulator::Behaviour;
use serde_json::json;
use service::delivery::{self, DeliveryView, DropFolder, Transport};
use service::payment_file::{self, FileView};
use service::{App, Code};
use tempfile::TempDir;

use super::folders::over_folders;
use super::text;
use crate::harness::{House, each_engine};
use crate::story::files::tree;
use crate::treasury_year::town::Town;

/// A town whose files are handed over through a drop folder, and a bank that reads it.
struct Shared {
    town: Town,
    run: uuid::Uuid,
    folder: TempDir,
    bank: TempDir,
}

impl Shared {
    async fn open(house: &House) -> Self {
        let folder = TempDir::new().unwrap();
        let road: Arc<dyn Transport> = Arc::new(DropFolder::open(folder.path()).unwrap());
        let app = App {
            delivery: Some(road),
            ..house.app.clone()
        };
        let town = Town::open(&app, 120, Behaviour::good()).await;
        let run = town.create("2024-09".parse().unwrap()).await.unwrap();
        town.drain().await;
        town.sign(run.id).await;
        Self {
            town,
            run: run.id,
            folder,
            bank: TempDir::new().unwrap(),
        }
    }

    /// The bank looks once; `behaviour` is what differs from a good one.
    fn look(&self, behaviour: &serde_json::Value) -> Output {
        let path = |name: &str| self.bank.path().join(name);
        fs::write(path("bank.json"), behaviour.to_string()).unwrap();
        let named = path("bank.json").display().to_string();
        let more = ["--behaviour", &named, "--date", "2024-09-30"];
        let output = over_folders(self.folder.path(), &path("out"), &path("state.json"), &more);
        assert!(output.status.success(), "{}", text(&output.stderr));
        output
    }

    /// The answers of the bank.
    fn answers(&self) -> usize {
        tree(&self.bank.path().join("out")).len()
    }

    /// The last delivery of a file.
    async fn last(&self, file: &FileView) -> DeliveryView {
        let treasury = &self.town.officers.treasury;
        let all = delivery::of_file(&self.town.app, treasury, file.id).await.unwrap();
        all.into_iter().next_back().unwrap()
    }

    /// Somebody asks where a file has got to; the states of its delivery and its own.
    async fn asked(&self, file: &FileView) -> (String, Option<String>, String) {
        let (app, treasury) = (&self.town.app, &self.town.officers.treasury);
        let last = self.last(file).await;
        let last = delivery::check(app, treasury, last.id).await.unwrap();
        let own = payment_file::get(app, treasury, file.id).await.unwrap();
        (last.status.code(), last.error, own.status.code())
    }

    /// Where a file lies, and its acknowledgement.
    async fn places(&self, file: &FileView) -> (PathBuf, PathBuf) {
        let name = self.last(file).await.target_name;
        let at = |name: &str| self.folder.path().join(name);
        (at(&name), at(&format!("{name}.ack")))
    }
}

fn acknowledged() -> (String, Option<String>, String) {
    ("acknowledged".to_owned(), None, "acknowledged".to_owned())
}

#[test]
fn what_the_bank_takes_from_the_drop_folder_is_acknowledged() {
    each_engine(async |house| {
        let shared = Shared::open(house).await;
        shared.look(&json!({}));
        assert!(shared.answers() > 0);
        let files = shared.town.files(shared.run).await;
        assert!(files.len() > 2, "{files:?}");
        for file in &files {
            let (_, acknowledgement) = shared.places(file).await;
            let told = fs::read_to_string(acknowledgement).unwrap();
            assert!(told.starts_with(file.sha256.as_deref().unwrap()), "{told}");
            assert_eq!(shared.asked(file).await, acknowledged(), "{}", file.name);
        }
        // Taken away, it is written again.
        let (_, acknowledgement) = shared.places(&files[0]).await;
        fs::remove_file(&acknowledgement).unwrap();
        shared.look(&json!({}));
        assert!(acknowledgement.exists());
        shared.town.invariants_hold().await;
    });
}

/// The file with its time, as somebody who copies it there once more leaves it.
fn put_down_anew(place: &Path) {
    let bytes = fs::read(place).unwrap();
    fs::remove_file(place).unwrap();
    fs::write(place, bytes).unwrap();
}

#[test]
fn a_file_that_was_lost_is_neither_acknowledged_nor_answered_until_it_is_put_down_anew() {
    each_engine(async |house| {
        let shared = Shared::open(house).await;
        let loses = json!({"lost_deliveries": 1000});
        for _ in 0..2 {
            let output = shared.look(&loses);
            assert!(
                text(&output.stdout).contains("deliveries lost"),
                "{}",
                text(&output.stdout)
            );
        }
        assert_eq!(shared.answers(), 0);
        let files = shared.town.files(shared.run).await;
        for file in &files {
            let (place, acknowledgement) = shared.places(file).await;
            assert!(!acknowledgement.exists());
            let (status, _, _) = shared.asked(file).await;
            assert_eq!(status, "sent");
            put_down_anew(&place);
        }
        shared.look(&loses);
        assert!(shared.answers() > 0);
        for file in &files {
            assert_eq!(shared.asked(file).await, acknowledged(), "{}", file.name);
        }
    });
}

#[test]
fn another_hash_acknowledged_stops_the_delivery_until_a_person_has_looked() {
    each_engine(async |house| {
        let shared = Shared::open(house).await;
        let lies = json!({"wrong_acknowledgements": 1000});
        shared.look(&lies);
        let files = shared.town.files(shared.run).await;
        let file = &files[0];
        let (status, error, own) = shared.asked(file).await;
        assert_eq!(
            (status.as_str(), error.as_deref(), own.as_str()),
            ("failed", Some("wrong_acknowledgement"), "delivered")
        );
        // A person asks the bank, and takes the wrong word away; the bank says the right one, and the file goes out again
        // with the same bytes.
        let (_, acknowledgement) = shared.places(file).await;
        fs::remove_file(&acknowledgement).unwrap();
        shared.look(&lies);
        let told = fs::read_to_string(&acknowledgement).unwrap();
        assert!(told.starts_with(file.sha256.as_deref().unwrap()), "{told}");
        delivery::deliver(&shared.town.app, &shared.town.officers.treasury, file.id)
            .await
            .unwrap();
        shared.town.drain().await;
        assert_eq!(shared.asked(file).await, acknowledged());
        assert_eq!(shared.last(file).await.attempt, 2);
        shared.town.invariants_hold().await;
    });
}
