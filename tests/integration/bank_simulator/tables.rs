//! Banks that take and answer with tables: over folders by given profiles, over the API by the API's.

use std::fs;
use std::path::Path;

use domain::bank::BankProfiles;
use domain::bank_report::{Format, NamedLayout, Options, read};
use domain::bank_simulator::Behaviour;
use domain::payment_file::Manifest;
use serde_json::json;
use service::{Role, payment_file};
use tempfile::TempDir;
use worker::{Carrier, Worker, WorkerOptions};

use super::api::stands;
use super::{simulator, text};
use crate::harness::{House, each_engine};
use crate::story::files::tree;
use crate::treasury_year::town::Town;

/// A town with a released run: one bank takes CSV, one workbooks, the others messages.
async fn released(house: &House) -> (Town, uuid::Uuid) {
    let town = Town::open(&house.app, 120, Behaviour::good()).await;
    town.takes_tables("AGRIBANK", "KLB").await;
    town.takes_tables("BID", "PGB").await;
    let run = town.create("2024-09".parse().unwrap()).await.unwrap();
    town.drain().await;
    town.sign(run.id).await;
    (town, run.id)
}

/// Puts every file of the run beside its manifest; gives the number of orders in tables.
async fn put_down(town: &Town, run: uuid::Uuid, folder: &Path) -> i64 {
    let treasury = &town.officers.treasury;
    let mut in_tables = 0;
    for file in town.files(run).await {
        let (_, bytes) = payment_file::content(&town.app, treasury, file.id).await.unwrap();
        fs::write(folder.join(&file.name), bytes).unwrap();
        let manifest = payment_file::manifest(&town.app, treasury, file.id).await.unwrap();
        fs::write(
            folder.join(Manifest::file_name(&file.name)),
            manifest.to_json().unwrap(),
        )
        .unwrap();
        if file.name.starts_with("orders-") {
            in_tables += file.order_count;
        }
    }
    in_tables
}

/// The layouts of the two banks, as the office reads their answers.
fn reading() -> Options {
    let profiles = BankProfiles::embedded().unwrap();
    let of = |(bank, like): (&str, &str)| NamedLayout {
        bank: bank.to_owned(),
        layout: profiles.of(like).result.clone().unwrap(),
    };
    Options {
        layouts: [("AGRIBANK", "KLB"), ("BID", "PGB")].into_iter().map(of).collect(),
        ..Options::default()
    }
}

#[test]
fn over_folders_tables_are_read_by_the_given_profiles_and_answered_with_tables() {
    each_engine(async |house| {
        let (town, run) = released(house).await;
        let folder = TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("in")).unwrap();
        let orders = put_down(&town, run, &path("in")).await;
        assert!(orders > 20, "{orders}");
        let embedded = BankProfiles::embedded().unwrap();
        let own = json!({"AGRIBANK": embedded.of("KLB"), "BID": embedded.of("PGB")});
        fs::write(path("profiles.json"), own.to_string()).unwrap();
        fs::write(path("broken.json"), r#"{"BID": {"max_lines": 0}}"#).unwrap();
        let command = |state: &str, profiles: Option<&str>| {
            let mut command = simulator();
            command.arg("--inbox").arg(path("in")).arg("--outbox").arg(path("out"));
            command.arg("--state").arg(path(state));
            command.args(["--once", "--behaviour", "good", "--date", "2024-09-30"]);
            if let Some(profiles) = profiles {
                command.arg("--profiles").arg(path(profiles));
            }
            command
        };
        let broken = command("broken", Some("broken.json")).output().unwrap();
        assert_eq!(broken.status.code(), Some(2), "{broken:?}");
        assert!(text(&broken.stderr).contains("/BID/max_lines"), "{broken:?}");
        let unknown = command("unknown", None).output().unwrap();
        assert_eq!(unknown.status.code(), Some(1), "{unknown:?}");
        assert!(text(&unknown.stderr).contains("--profiles"), "{unknown:?}");
        fs::remove_dir_all(path("out")).unwrap();

        let output = command("state", Some("profiles.json")).output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        let (mut told, mut endings) = (0, std::collections::BTreeSet::new());
        for (name, bytes) in tree(&path("out")) {
            let report = read(&bytes, &reading()).unwrap_or_else(|error| panic!("{}: {error}", name.display()));
            if report.header.format == Format::ResultTable {
                told += i64::try_from(report.lines.len()).unwrap();
                endings.insert(name.extension().unwrap().to_str().unwrap().to_owned());
            }
        }
        assert_eq!(told, orders, "each order of a table has a row of a table");
        assert!(endings.iter().eq(["csv", "xlsx"]), "{endings:?}");
    });
}

#[test]
fn over_the_api_tables_are_read_by_the_profiles_of_the_api_and_every_order_comes_to_its_end() {
    each_engine(async |house| {
        let (town, run) = released(house).await;
        let options = WorkerOptions {
            schedules: false,
            ..WorkerOptions::default()
        };
        let worker = Worker::start(house.app.clone(), Carrier::in_process(), options)
            .await
            .unwrap();
        let key = house.key(Role::Treasury, None).await;
        let folder = TempDir::new().unwrap();
        let mut command = simulator();
        command.args(["--api", &house.base, "--key", &key, "--behaviour", "bad", "--seed", "5"]);
        command
            .args(["--once", "--date", "2024-12-31", "--state"])
            .arg(folder.path());
        let output = tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        let (files, orders) = stands(house, &key, run).await;
        assert!(files.iter().all(|status| status == "acknowledged"), "{files:?}");
        let over = ["settled", "credited", "rejected", "returned"];
        assert!(
            orders.iter().all(|status| over.contains(&status.as_str().unwrap())),
            "{orders:?}"
        );
        let tables = "SELECT COUNT(*) AS number FROM bank_report WHERE format = 'result_table'";
        assert!(town.number(tables).await > 1);
        town.invariants_hold().await;
        worker.stop().await;
    });
}
