//! The bank as a client of the API.

use domain::bank_simulator::Behaviour;
use serde_json::{Value, json};
use service::Role;
use service::reconciliation::{decide_silence, propose_silence};
use tempfile::TempDir;
use worker::{Carrier, Worker, WorkerOptions};

use super::{simulator, text};
use crate::harness::{House, Process, each_engine, until_seen};
use crate::reconciliation::bank::{BankTown, accept, of};
use crate::treasury_year::town::Town;

/// A town with a released run, its bank still to come.
pub(super) async fn released(house: &House) -> (Town, uuid::Uuid) {
    let town = Town::open(&house.app, 120, Behaviour::good()).await;
    let run = town.create("2024-09".parse().unwrap()).await.unwrap();
    town.drain().await;
    town.sign(run.id).await;
    (town, run.id)
}

/// What of a run's files is acknowledged, and how its orders stand.
pub(super) async fn stands(house: &House, key: &str, run: uuid::Uuid) -> (Vec<Value>, Vec<Value>) {
    let all = async |path: String| {
        let (mut items, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = house
                .call("GET", &format!("{path}{cursor}"))
                .key(key)
                .send()
                .await
                .json();
            items.extend(page["items"].as_array().unwrap().clone());
            match page["next"].as_str() {
                Some(next) => cursor = format!("?cursor={next}"),
                None => return items,
            }
        }
    };
    let files = all(format!("/v1/pay-runs/{run}/files"))
        .await
        .into_iter()
        .filter(|file| !file["message_id"].is_null());
    let orders = all(format!("/v1/pay-runs/{run}/orders")).await;
    (
        files.map(|file| file["status"].clone()).collect(),
        orders.into_iter().map(|order| order["status"].clone()).collect(),
    )
}

#[test]
fn over_the_api_it_takes_acknowledges_and_answers_and_a_kill_in_between_repeats_nothing() {
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
        let command = |day: &str| {
            let mut command = simulator();
            command.args([
                "--api",
                &house.base,
                "--key",
                &key,
                "--behaviour",
                "bad",
                "--seed",
                "3",
                "--date",
                day,
            ]);
            command.arg("--state").arg(folder.path().join("state.json"));
            command
        };
        // It runs beside the program until it is killed; what it has sent by then is anybody's guess.
        let beside = tokio::task::spawn_blocking({
            let mut command = command("2024-09-06");
            command.args(["--every", "1"]);
            move || Process::start(command)
        });
        let beside = beside.await.unwrap();
        until_seen("it sends something", async || {
            let reports = town.number("SELECT COUNT(*) AS number FROM bank_report").await;
            (reports > 0).then_some(())
        })
        .await;
        beside.kill();
        let once = async |day: &str| {
            let mut command = command(day);
            command.arg("--once");
            tokio::task::spawn_blocking(move || command.output().unwrap())
                .await
                .unwrap()
        };
        let output = once("2024-12-31").await;
        assert!(output.status.success(), "{}", text(&output.stderr));
        let (files, orders) = stands(house, &key, run).await;
        assert!(files.iter().all(|status| status == "acknowledged"), "{files:?}");
        let over = ["settled", "credited", "rejected", "returned"];
        assert!(
            orders.iter().all(|status| over.contains(&status.as_str().unwrap())),
            "{orders:?}"
        );

        // Every report came once, and nothing more is to come.
        let twice = "SELECT COUNT(*) AS number FROM (SELECT file_name FROM bank_report GROUP BY file_name \
                     HAVING COUNT(*) > 1) AS odd";
        assert_eq!(town.number(twice).await, 0);
        let reports = town.number("SELECT COUNT(*) AS number FROM bank_report").await;
        let output = once("2024-12-31").await;
        assert!(
            text(&output.stdout).contains("answers sent"),
            "{}",
            text(&output.stdout)
        );
        assert_eq!(town.number("SELECT COUNT(*) AS number FROM bank_report").await, reports);
        town.invariants_hold().await;
        worker.stop().await;
    });
}

#[test]
fn it_leaves_acknowledging_to_a_person_where_it_is_told_to() {
    each_engine(async |house| {
        let (town, run) = released(house).await;
        let key = house.key(Role::Treasury, None).await;
        let folder = TempDir::new().unwrap();
        let once = async || {
            let mut command = simulator();
            command.args([
                "--api",
                &house.base,
                "--key",
                &key,
                "--once",
                "--acknowledged-only",
                "--date",
                "2024-08-20",
            ]);
            command.arg("--state").arg(folder.path());
            tokio::task::spawn_blocking(move || command.output().unwrap())
                .await
                .unwrap()
        };
        let output = once().await;
        assert!(text(&output.stdout).contains("payment files taken"), "{output:?}");
        assert_eq!(town.number("SELECT COUNT(*) AS number FROM bank_report").await, 0);
        let file = town
            .files(run)
            .await
            .into_iter()
            .find(|file| file.bank_code.is_some())
            .unwrap();
        let path = format!("/v1/payment-files/{}", file.id);
        let content = house.call("GET", &format!("{path}/content")).key(&key).send().await;
        assert_eq!(content.status, 200, "{content:?}");
        let path = format!("{path}/acknowledge");
        let call = house
            .call("POST", &path)
            .key(&key)
            .once("ack")
            .if_match(&format!("\"{}\"", file.version));
        assert_eq!(call.json(&json!({"sha256": file.sha256})).send().await.status, 200);
        let worker = Worker::start(house.app.clone(), Carrier::in_process(), WorkerOptions::default())
            .await
            .unwrap();
        let output = once().await;
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert_eq!(
            town.number("SELECT COUNT(*) AS number FROM bank_report").await,
            1,
            "the receipt of one file"
        );
        worker.stop().await;
    });
}

#[test]
fn a_file_that_was_withdrawn_is_left_and_the_look_goes_well() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let order = town.orders(run).await[0].id;
        town.fetch(run).await;
        town.now("2024-09-14T02:00:00Z").await;
        let why = json!({"outcome": "not_executed", "letter": "CV 215/NHNo-QN ngày 12/09/2024",
            "note": "Ngân hàng trả lời không thực hiện"});
        let said = propose_silence(town.app(), &town.treasury, order, of(why))
            .await
            .unwrap();
        decide_silence(town.app(), &town.approver, order, accept(said.id))
            .await
            .unwrap();
        let key = house.key(Role::Treasury, None).await;
        let folder = TempDir::new().unwrap();
        let mut command = simulator();
        command.args(["--api", &house.base, "--key", &key]);
        command.args(["--once", "--date", "2024-09-14"]);
        command.arg("--state").arg(folder.path());
        let output = tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert_eq!(stands(house, &key, run).await.0, ["built"]);
    });
}

#[test]
fn a_key_of_another_role_is_refused_with_2_and_an_api_that_is_gone_with_1() {
    each_engine(async |house| {
        let key = house.key(Role::Caseworker, None).await;
        let folder = TempDir::new().unwrap();
        let once = async |base: &str, key: &str| {
            let mut command = simulator();
            command
                .args(["--api", base, "--key", key, "--once"])
                .arg("--state")
                .arg(folder.path());
            tokio::task::spawn_blocking(move || command.output().unwrap())
                .await
                .unwrap()
        };
        let output = once(&house.base, &key).await;
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(text(&output.stderr).contains("treasury"), "{output:?}");
        assert_eq!(once(&house.base, "nobody").await.status.code(), Some(2));
        let gone = once("http://127.0.0.1:9", &key).await;
        assert_eq!(gone.status.code(), Some(1), "{gone:?}");
    });
}

#[test]
fn who_may_read_files_but_not_answer_for_the_whole_province_takes_none() {
    each_engine(async |house| {
        let (_town, run) = released(house).await;
        let auditor = house.key(Role::Auditor, None).await;
        let clerk = house.key(Role::Treasury, Some("06652@1900-01")).await;
        for (key, role) in [(&auditor, "auditor"), (&clerk, "treasury")] {
            let folder = TempDir::new().unwrap();
            let state = folder.path().join("state.json");
            let mut command = simulator();
            command.args(["--api", &house.base, "--key", key, "--once", "--date", "2024-09-06"]);
            command.arg("--state").arg(&state);
            let output = tokio::task::spawn_blocking(move || command.output().unwrap());
            let output = output.await.unwrap();
            assert_eq!(output.status.code(), Some(2), "{output:?}");
            let told = text(&output.stderr);
            assert!(
                told.contains("vai trò treasury, toàn tỉnh") && told.contains(&format!("({role})")),
                "{told}"
            );
            assert!(!state.exists(), "{role}: it has kept something");
        }
        let key = house.key(Role::Treasury, None).await;
        assert!(!stands(house, &key, run).await.0.contains(&json!("acknowledged")));
    });
}

#[test]
fn an_answer_that_was_brought_before_to_be_read_strictly_is_the_report_it_became() {
    each_engine(async |house| {
        let (town, _) = released(house).await;
        let key = house.key(Role::Treasury, None).await;
        let folder = TempDir::new().unwrap();
        let reports = "SELECT COUNT(*) AS number FROM bank_report";
        let mut brought = Vec::new();
        // A good bank's first answers are a bad bank's too; what a bad one says is read leniently.
        for behaviour in ["good", "bad"] {
            let mut command = simulator();
            command.args(["--api", &house.base, "--key", &key, "--behaviour", behaviour]);
            command.args(["--seed", "3", "--date", "2024-09-06", "--once"]);
            command.arg("--state").arg(folder.path().join(behaviour));
            let output = tokio::task::spawn_blocking(move || command.output().unwrap());
            let output = output.await.unwrap();
            assert!(output.status.success(), "{behaviour}: {}", text(&output.stderr));
            brought.push(town.number(reports).await);
        }
        assert!(brought[0] > 0, "{brought:?}");
        let twice = "SELECT COUNT(*) - COUNT(DISTINCT sha256) AS number FROM bank_report";
        assert_eq!(town.number(twice).await, 0);
    });
}
