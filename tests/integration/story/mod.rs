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
    let before = files::tree(&story.out);
    let again = story.tell(&place, &[]);
    assert!(again.contains("không có gì thay đổi"), "{again}");
    assert_eq!(files::tree(&story.out), before);
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
    assert!(run::verify(&place), "an invariant does not hold on PostgreSQL");
    other.kill();
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
