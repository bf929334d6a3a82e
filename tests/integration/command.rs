//! The program as a command: what it reads, what it prints, and the status it ends with.

use std::fs;
use std::io::Write;
use std::process::{Command, Output, Stdio};

use sea_orm::{ConnectionTrait, Database, Statement};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::Place;

fn ansinh() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ansinh"));
    for name in ["ANSINH_DATA", "ANSINH_CONFIG", "DATABASE_URL", "REDIS_URL"] {
        command.env_remove(name);
    }
    command
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// `ansinh calculate` over these lines on standard input.
fn calculate(lines: &str, jobs: &str) -> Output {
    let mut child = ansinh()
        .args(["calculate", "--from", "2022-06", "--to", "2022-07", "--jobs", jobs])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || input.write_all(lines.as_bytes()).unwrap());
        child.wait_with_output().unwrap()
    })
}

fn case(id: &str, value: &str) -> Value {
    json!({
        "id": id, "jurisdiction": "22", "birth_date": "1990-05-01", "sex": "female", "death_date": null,
        "residences": [{"area": "06652", "from": "2018-01-01", "to": null, "setting": "community"}],
        "evidence": [{"kind": "disability", "value": value, "from": "2022-03-20", "to": null}],
        "claims": [{"benefit": "monthly_allowance", "filed_on": "2022-03-25", "decided_on": "2022-06-05"}],
    })
}

fn ids(output: &Output) -> Vec<Value> {
    let lines = text(&output.stdout).lines();
    lines
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].clone())
        .collect()
}

#[test]
fn calculate_answers_each_line_in_its_place_and_one_bad_line_stops_no_other() {
    let bad = case("b", "enormous");
    let lines = format!("{}\n{bad}\nnot json\n{}\n", case("a", "severe"), case("c", "severe"));
    let output = calculate(&lines, "2");
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert_eq!(ids(&output), [json!("a"), json!("b"), Value::Null, json!("c")]);
    let answers: Vec<Value> = text(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers[0]["months"].as_array().unwrap().len(), 2);
    assert_eq!(answers[0]["months"], answers[3]["months"]);
    for answer in &answers[1..3] {
        assert!(answer["error"].is_object() || answer["error"].is_string(), "{answer}");
    }
}

#[test]
fn calculate_gives_the_same_bytes_from_a_file_and_with_any_number_of_threads() {
    let lines: String = (0..1_000)
        .map(|number| format!("{}\n", case(&number.to_string(), "severe")))
        .collect();
    let one = calculate(&lines, "1");
    assert_eq!(one.status.code(), Some(0));
    assert_eq!(ids(&one).len(), 1_000);
    assert!(calculate(&lines, "3").stdout == one.stdout);
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("people.jsonl");
    fs::write(&file, &lines).unwrap();
    let from_file = ansinh()
        .args(["calculate", "--from", "2022-06", "--to", "2022-07", "--people"])
        .arg(&file)
        .output()
        .unwrap();
    assert!(from_file.stdout == one.stdout);
}

#[test]
fn the_settings_file_fills_the_defaults_and_the_environment_wins_over_it() {
    let folder = TempDir::new().unwrap();
    let (from_file, from_environment) = (folder.path().join("file"), folder.path().join("environment"));
    let config = folder.path().join("ansinh.toml");
    fs::write(
        &config,
        format!("data = {from_file:?}\nsandbox = true\nchunk_people = 100\n"),
    )
    .unwrap();
    let command = |verb: &str| {
        let mut command = ansinh();
        command.arg(verb).arg("--config").arg(&config);
        command
    };
    assert!(command("migrate").output().unwrap().status.success());
    let output = command("doctor").output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(
        text(&output.stdout).contains("its clock can be set"),
        "{}",
        text(&output.stdout)
    );
    assert!(from_file.exists() && !from_environment.exists());
    let mut elsewhere = command("migrate");
    let output = elsewhere.env("ANSINH_DATA", &from_environment).output().unwrap();
    assert!(output.status.success() && from_environment.exists());
}

#[test]
fn a_faulty_settings_file_is_named_with_its_fault_and_no_secret() {
    let folder = TempDir::new().unwrap();
    let config = folder.path().join("ansinh.toml");
    for (content, told) in [
        ("colour = 'red'", "colour"),
        ("chunk_people = 501", "chunk"),
        ("data = 1.5", "data"),
        ("database_url = 'postgres://ansinh:geheim@127.0.0.1/x' 7", "ansinh.toml"),
    ] {
        fs::write(&config, content).unwrap();
        let output = ansinh().arg("doctor").arg("--config").arg(&config).output().unwrap();
        let errors = text(&output.stderr);
        assert!(!output.status.success(), "{content}");
        assert!(
            errors.contains(told) && !errors.contains("geheim"),
            "{content}: {errors}"
        );
    }
}

#[test]
fn who_only_looks_makes_no_database_in_a_folder_that_was_mistyped() {
    let folder = TempDir::new().unwrap();
    let mistyped = folder.path().join("dta");
    for verb in ["verify", "doctor"] {
        let output = ansinh().arg(verb).arg("--data").arg(&mistyped).output().unwrap();
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{verb}: {told}");
        assert!(told.contains("there is no database in the folder"), "{verb}: {told}");
        assert_eq!(text(&output.stdout), "", "{verb}");
        assert!(!mistyped.exists(), "{verb}");
    }
}

#[test]
fn who_only_looks_makes_no_tables_on_a_server() {
    let place = Place::empty("redis://127.0.0.1:1".to_owned());
    for verb in ["verify", "doctor"] {
        let output = place.command(verb).output().unwrap();
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{verb}: {told}");
        assert!(told.contains("DATABASE_URL"), "{verb}: {told}");
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let tables: i64 = runtime.block_on(async {
        let connection = Database::connect(place.database_url()).await.unwrap();
        let count = "SELECT count(*) AS tables FROM information_schema.tables WHERE table_schema = 'public'";
        let statement = Statement::from_string(connection.get_database_backend(), count);
        let row = connection.query_one_raw(statement).await.unwrap().unwrap();
        connection.close().await.unwrap();
        row.try_get("", "tables").unwrap()
    });
    assert_eq!(tables, 0);
}

#[test]
fn a_reader_who_leaves_early_ends_nothing_in_a_panic() {
    let place = Place::embedded();
    for verb in ["migrate", "openapi", "doctor", "verify"] {
        let mut command = place.command(verb);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // Closed before anything is read: what is written then has no reader.
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""), "{verb}");
    }
}

#[test]
fn a_province_of_too_few_people_is_refused_before_anything_is_made() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    for (verb, people, least) in [("demo", "0", "5.."), ("demo", "4", "5.."), ("year", "0", "1..")] {
        let mut command = ansinh();
        command.args([verb, "--people", people, "--data"]).arg(&data);
        let output = command.current_dir(folder.path()).output().unwrap();
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{verb}: {told}");
        assert!(told.contains("--people") && told.contains(least), "{verb}: {told}");
        assert!(!data.exists(), "{verb}");
    }
}
