//! Files with their manifests in, answers out.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;
use std::process::Output;

use domain::bank::BankProfiles;
use domain::bank_report::{NamedLayout, Options, read};
use tempfile::TempDir;

use super::{simulator, text};
use crate::harness::{Place, Process, until};
use crate::story::files::{check_schema, tree};
use crate::story::run::Story;

/// Runs once over folders, on a day of the bank.
pub(super) fn over_folders(inbox: &Path, outbox: &Path, state: &Path, more: &[&str]) -> Output {
    let mut command = simulator();
    command
        .arg("--inbox")
        .arg(inbox)
        .arg("--outbox")
        .arg(outbox)
        .arg("--state")
        .arg(state);
    command.args(["--once"]).args(more).output().unwrap()
}

/// Reads answers of every form, tables by the layouts of the program.
pub(super) fn reading() -> Options {
    let layouts = BankProfiles::embedded().unwrap().own().filter_map(|(bank, profile)| {
        Some(NamedLayout {
            bank: bank.to_owned(),
            layout: profile.result.clone()?,
        })
    });
    Options {
        layouts: layouts.collect(),
        ..Options::default()
    }
}

#[test]
fn what_makes_no_sense_is_named_and_ends_with_2() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (odd, broken, state) = (path("odd.json"), path("broken.json"), path("state.json"));
    let (here, out) = (path("."), path("out"));
    fs::write(&odd, r#"{"rejects": 600, "returns": 500}"#).unwrap();
    fs::write(&broken, r#"{"rejekts": 6}"#).unwrap();
    let folders = ["--inbox", &here, "--outbox", &out, "--once", "--state", &state];
    let with = |more: &[&'static str]| {
        [folders.as_slice(), more]
            .concat()
            .iter()
            .map(|own| (*own).to_owned())
            .collect::<Vec<_>>()
    };
    let own = |more: &[&str]| more.iter().map(|own| (*own).to_owned()).collect::<Vec<_>>();
    for (arguments, told) in [
        (own(&[]), "--api"),
        (own(&["--api", "http://127.0.0.1:1"]), "--key"),
        (
            own(&["--api", "ftp://x", "--key", "k", "--once", "--state", &state]),
            "--api",
        ),
        (own(&["--inbox", &path("."), "--once"]), "--outbox"),
        (
            own(&[
                "--inbox",
                &path("nowhere"),
                "--outbox",
                &path("out"),
                "--once",
                "--state",
                &state,
            ]),
            "--inbox",
        ),
        (with(&["--behaviour", "nice"]), "good, ordinary, bad, worst"),
        (with(&["--date", "2024-02-30"]), "2024-02-30"),
        (with(&["--every", "0"]), "--every"),
        ([with(&[]), own(&["--behaviour", &odd])].concat(), "transfers"),
        ([with(&[]), own(&["--behaviour", &broken])].concat(), "rejekts"),
    ] {
        let output = simulator()
            .args(&arguments)
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
        assert!(
            text(&output.stderr).contains(told),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
    }
}

#[test]
fn the_help_shows_how_to_run_it_beside_the_program() {
    let output = simulator().arg("--help").output().unwrap();
    let help = text(&output.stdout);
    for part in [
        "--api http://127.0.0.1:8080 --key KEY --behaviour ordinary",
        "--acknowledged-only",
        "Exit status 2",
    ] {
        assert!(help.contains(part), "{help}");
    }
}

#[test]
fn over_folders_the_answers_are_the_same_however_often_it_is_stopped() {
    let story = Story::told(&Place::embedded(), &[]);
    let inbox = story.out.join("2024-09");
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    let worst: &[&str] = &["--behaviour", "worst", "--seed", "5"];
    let on = |day: &'static str| [worst, &["--date", day]].concat();
    // One bank is started on many days, the other on the first and the last.
    for day in ["2024-08-21", "2024-09-06", "2024-09-06", "2024-09-11", "2024-10-30"] {
        let output = over_folders(&inbox, &path("many"), &path("many.json"), &on(day));
        assert!(output.status.success(), "{}", text(&output.stderr));
    }
    over_folders(&inbox, &path("few"), &path("few.json"), &on("2024-08-21"));
    let output = over_folders(&inbox, &path("few"), &path("few.json"), &on("2024-10-30"));
    let answers = tree(&path("many"));
    assert!(answers.len() > 10, "{}", text(&output.stdout));
    assert_eq!(answers, tree(&path("few")));
    for (name, bytes) in &answers {
        assert!(read(bytes, &reading()).is_ok(), "{}", name.display());
    }
    assert!(
        text(&output.stdout).contains("the bank's own ledger"),
        "{}",
        text(&output.stdout)
    );

    // The behaviour is the state's.
    let other = over_folders(
        &inbox,
        &path("few"),
        &path("few.json"),
        &["--behaviour", "good", "--date", "2024-10-30"],
    );
    assert_eq!(other.status.code(), Some(2), "{}", text(&other.stderr));
    let same = over_folders(&inbox, &path("few"), &path("few.json"), &["--date", "2024-10-31"]);
    assert!(same.status.success(), "{}", text(&same.stderr));
}

#[test]
fn over_the_folders_of_a_demo_it_says_what_the_demo_was_told() {
    let story = Story::told(&Place::embedded(), &[]);
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    let behaviour = story.answers.join("behaviour.json").display().to_string();
    // The demo ends on this day.
    let more = ["--behaviour", &behaviour, "--date", "2024-10-18"];
    let output = over_folders(&story.out, &path("out"), &path("state.json"), &more);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let by_name = |folder: &Path| -> BTreeMap<OsString, Vec<u8>> {
        let files = tree(folder).into_iter();
        files
            .map(|(path, bytes)| (path.file_name().unwrap().to_owned(), bytes))
            .collect()
    };
    let mut told = by_name(&story.answers);
    told.remove(OsStr::new("behaviour.json")).unwrap();
    let said = by_name(&path("out"));
    assert!(told.keys().eq(said.keys()), "{:?} {:?}", told.keys(), said.keys());
    assert!(told == said, "an answer differs");
}

#[test]
fn a_file_that_is_not_what_its_manifest_says_is_refused_and_the_others_are_taken() {
    let story = Story::told(&Place::embedded(), &[]);
    let inbox = story.out.join("2024-09");
    let altered = tree(&inbox)
        .into_keys()
        .find(|name| name.extension().is_some_and(|own| own == "xml"))
        .unwrap();
    let content = fs::read_to_string(inbox.join(&altered)).unwrap();
    fs::write(
        inbox.join(&altered),
        content.replacen("<InstdAmt Ccy=\"VND\">", "<InstdAmt Ccy=\"VND\">1", 1),
    )
    .unwrap();
    let folder = TempDir::new().unwrap();
    let (out, state) = (folder.path().join("out"), folder.path().join("state.json"));
    let output = over_folders(&inbox, &out, &state, &["--behaviour", "good", "--date", "2024-09-30"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
    assert!(text(&output.stderr).contains("SHA-256"), "{}", text(&output.stderr));
    assert!(!tree(&out).is_empty());
}

#[test]
fn two_simulators_do_not_share_a_state() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    let start = || {
        let mut command = simulator();
        command
            .current_dir(folder.path())
            .args(["--inbox", "in", "--outbox", "out", "--state", "s.json"]);
        command
    };
    let first = Process::start(start());
    let lock = folder.path().join("s.lock");
    until("the first one runs", || {
        folder.path().join("out").exists().then_some(())
    });
    assert!(lock.exists());
    let second = start().arg("--once").output().unwrap();
    assert_eq!(second.status.code(), Some(2), "{second:?}");
    first.kill();
    assert!(start().arg("--once").output().unwrap().status.success());
}

#[test]
fn its_answers_are_valid_by_the_schemas_of_every_version() {
    let story = Story::told(&Place::embedded(), &[]);
    let folder = TempDir::new().unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for camt in ["02", "04", "08"] {
        let path = |name: &str| folder.path().join(format!("{name}-{camt}"));
        let behaviour = path("bank.json");
        let shares = serde_json::json!({
            "rejects": 50, "returns": 50, "deceased": 20, "partial": 50, "wrong_amounts": 50, "lost_answers": 50,
            "blocked": 50, "duplicate_rejects": 50, "refused_then_debited": 50, "debited_then_refused": 50, "unknown_references": 100, "batch_only_debit": 400, "camt": camt,
        });
        fs::write(&behaviour, shares.to_string()).unwrap();
        let named = behaviour.display().to_string();
        let more = ["--behaviour", &named, "--date"];
        for day in ["2024-08-21", "2024-12-31"] {
            let more = [more.as_slice(), &[day]].concat();
            let output = over_folders(&story.out, &path("out"), &path("state"), &more);
            assert!(output.status.success(), "{}", text(&output.stderr));
        }
        let answers = tree(&path("out")).into_keys();
        let messages = answers.filter(|own| own.extension().is_some_and(|own| own == "xml"));
        seen.extend(messages.map(|name| check_schema(&path("out").join(name))));
    }
    let camt = ["053", "054"].map(|kind| ["02", "04", "08"].map(|version| format!("camt.{kind}.001.{version}")));
    let all = camt.into_iter().flatten().chain(["pain.002.001.10".to_owned()]);
    assert!(all.eq(seen.iter().cloned()), "{seen:?}");
}
