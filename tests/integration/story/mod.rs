//! The main job as a new user meets it: the program itself, run from outside.

pub(crate) mod files;
pub(crate) mod run;

use run::Story;

use crate::harness::Place;

/// People in the province of these tests.
const PEOPLE: &str = "600";

#[test]
fn the_story_ends_well_and_a_second_run_changes_nothing() {
    let place = Place::embedded();
    let story = Story::told(&place, &[]);
    assert!(story.out.join("2024-10/explanation.txt").exists());
    assert!(story.out.join("2024-10/simulation.xlsx").exists());
    let papers = files::speak_in_words(&story.out, |_| true);
    assert!(papers > 10, "{papers}");
    let all = || (files::tree(&story.out), files::tree(&story.answers));
    let before = all();
    let again = story.tell(&place, &[]);
    assert!(again.contains("không có gì thay đổi"), "{again}");
    assert_eq!(all(), before);
    assert!(run::verify(&place), "an invariant does not hold");
}

#[test]
fn one_seed_gives_one_set_of_bytes_on_either_engine_and_with_any_workers() {
    let embedded = Story::told(&Place::embedded(), &[]);
    let place = Place::servers();
    let (victim, other) = (place.worker(), place.worker());
    // One worker is killed in the middle; the other goes on.
    let remote = std::thread::scope(|scope| {
        scope.spawn(|| run::kill_when_busy(&place, victim));
        Story::told(&place, &["--remote-worker"])
    });
    assert_eq!(files::tree(&embedded.out), files::tree(&remote.out));
    assert_eq!(files::tree(&embedded.answers), files::tree(&remote.answers));
    // What its schedule asks for would go on while somebody looks.
    other.kill();
    assert!(run::verify(&place), "an invariant does not hold on PostgreSQL");
}

#[test]
fn banks_answer_every_order_and_what_they_refuse_return_and_report_has_its_consequences() {
    let place = Place::embedded();
    Story::told(&place, &[]);
    let count = |of: &str| run::number(&place, &format!("SELECT COUNT(*) AS number FROM {of}"));
    assert_eq!(
        count("payment_order WHERE status NOT IN ('settled', 'credited', 'rejected', 'returned')"),
        0,
        "orders without an answer"
    );
    for (what, of) in [
        (
            "relief that arrived",
            "payment_order AS own JOIN pay_run AS run ON run.id = own.pay_run_id \
          WHERE run.kind = 'relief' AND own.status IN ('settled', 'credited')",
        ),
        ("refusals", "payment_order WHERE status = 'rejected'"),
        (
            "returns",
            "payment_order WHERE status = 'returned' AND reason LIKE 'AC%'",
        ),
        (
            "returns after five weeks",
            "bank_report WHERE file_name LIKE 'camt054-%-2024-10-10.xml' AND line_count > 0",
        ),
        (
            "cash nobody came for",
            "payment_order WHERE status = 'returned' AND reason = 'not_collected'",
        ),
        ("deaths told to the registry", "registry_finding WHERE status = 'open'"),
        (
            "payments held for a death",
            "held_payment AS held JOIN pay_run AS run ON run.id = held.pay_run_id \
          WHERE run.cover_month = 202410 AND held.reason IN ('reported_deceased', 'payee_reported_deceased')",
        ),
        (
            "money paid again in October",
            "payment_line AS line JOIN pay_run AS run ON run.id = line.pay_run_id \
          WHERE run.cover_month = 202410 AND line.kind = 'reissue' AND line.status = 'live'",
        ),
    ] {
        assert!(count(of) > 0, "no {what}");
    }
}

#[test]
fn payment_files_are_valid_and_their_totals_are_those_of_their_manifests() {
    let story = Story::told(&Place::embedded(), &[]);
    let messages = files::messages(&story.out);
    assert!(messages.len() > 2, "{messages:?}");
    for message in messages {
        assert_eq!(files::check_schema(&message), "pain.001.001.09");
        files::check_manifest(&message);
    }
}

#[test]
fn verify_finds_one_altered_dong() {
    let place = Place::embedded();
    Story::told(&place, &[]);
    let refused = run::alter(&place, "UPDATE payment_line SET amount = amount + 1");
    assert!(refused.is_err(), "the database lets a line be edited");
    for trigger in run::triggers(&place, "payment_line") {
        run::alter(&place, &format!("DROP TRIGGER {trigger}")).unwrap();
    }
    let one = "UPDATE payment_line SET amount = amount + 1 WHERE rowid = (SELECT min(rowid) FROM payment_line)";
    run::alter(&place, one).unwrap();
    assert!(!run::verify(&place), "verify misses an altered line");
}
