//! The program, killed where a person's deed or a file is on its way: at the release of a run, between a file's arrival in
//! the drop folder and the note of it, and at the close of a month.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use tempfile::TempDir;

use super::database::Session;
use super::stall::{Stall, Work};
use super::state::State;
use super::{EMBEDDED, REMOTE, assert_undisturbed, kill_the_program, written};
use crate::harness::{Place, Process, until};
use crate::story::files::tree;
use crate::story::run::{Story, verify};
use crate::year::{account, play, well, year};

/// The end of a story whose files leave by a drop folder, and what lies there.
struct Delivered {
    written: BTreeMap<PathBuf, Vec<u8>>,
    state: State,
    lying: BTreeMap<PathBuf, Vec<u8>>,
}

/// The same that nobody disturbed.
static DELIVERED: LazyLock<Delivered> = LazyLock::new(|| {
    let place = Place::embedded().delivering();
    let story = Story::told(&place, &[]);
    Delivered::of(&place, &Session::open(&place), &story)
});

impl Delivered {
    fn of(place: &Place, session: &Session, story: &Story) -> Self {
        Self {
            written: written(story),
            state: State::of(session),
            lying: tree(&place.drop_folder()),
        }
    }
}

/// What lies there whole: a part of a file whose sender died is no file yet.
pub(super) fn whole(lying: &BTreeMap<PathBuf, Vec<u8>>) -> impl Iterator<Item = (&Path, &Vec<u8>)> {
    let hidden = |path: &Path| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with('.') || name.ends_with(".part")
    };
    let own = lying.iter().map(|(path, bytes)| (path.as_path(), bytes));
    own.filter(move |(path, _)| !hidden(path))
}

/// Everything that was sent lies there once, with the bytes it always has; of what did not arrive this is known. No money
/// is elsewhere for it.
#[track_caller]
fn assert_delivered(place: &Place, session: &Session, story: &Story) {
    let (own, undisturbed) = (Delivered::of(place, session, story), &*DELIVERED);
    assert!(own.written == undisturbed.written, "files or answers differ");
    let money = ["pay runs", "lines", "held payments", "orders", "postings", "balances"];
    undisturbed
        .state
        .assert_same_in(&own.state, |part| money.contains(&part));
    for (path, bytes) in whole(&own.lying) {
        let first = undisturbed.lying.get(path);
        assert!(first == Some(bytes), "{} is not what was to be sent", path.display());
    }
    let again = session.count("delivery WHERE attempt <> 1");
    assert_eq!(again, 0, "a file was sent again by itself");
    // One that began and did not arrive is unknown, or failed where a later look found nothing.
    let known = "status IN ('sent', 'unknown', 'acknowledged') OR (status = 'failed' AND error = 'absent')";
    let doubt = format!("SELECT target_name || ' ' || status AS \"row\" FROM delivery WHERE NOT ({known})");
    assert_eq!(session.rows(&doubt), [""; 0], "nobody knows what became of a file");
    let failed = session.rows("SELECT target_name AS \"row\" FROM delivery WHERE status = 'failed'");
    for name in failed {
        assert!(
            !own.lying.contains_key(Path::new(&name)),
            "{name} lies there, and is told to have failed"
        );
    }
    for name in session.rows("SELECT target_name AS \"row\" FROM delivery WHERE status = 'sent'") {
        assert!(own.lying.contains_key(Path::new(&name)), "{name} was never sent");
    }
    assert!(verify(place), "an invariant does not hold");
}

/// The names of deliveries that began, and lie in the folder already although nothing is noted of them.
fn arrived(place: &Place, session: &Session) -> Vec<String> {
    let began = "SELECT target_name AS \"row\" FROM delivery WHERE status = 'queued' AND began_at IS NOT NULL";
    let lying = tree(&place.drop_folder());
    let mut names = session.rows(began);
    names.retain(|name| lying.contains_key(Path::new(name)));
    names
}

/// What arrived before the kill is found where it lies.
#[track_caller]
fn assert_found(session: &Session, arrived: &[String]) {
    assert!(!arrived.is_empty(), "nothing had arrived");
    let sent = session.rows("SELECT target_name AS \"row\" FROM delivery WHERE status = 'sent'");
    for name in arrived {
        assert!(sent.contains(name), "{name} lies there, and is not known to be sent");
    }
}

#[test]
fn the_embedded_program_killed_in_the_middle_of_a_release_releases_once() {
    kill_the_program(Work::Release);
}

#[test]
fn a_program_on_servers_killed_in_the_middle_of_a_release_releases_once() {
    let place = Place::servers();
    let session = Session::open(&place);
    let stall = Stall::set(&session, Work::Release);
    let worker = place.worker();
    let story = Story::untold();
    let telling = story.begin(&place, REMOTE);
    stall.reached();
    telling.kill();
    assert!(stall.in_the_middle());
    stall.lift();
    story.tell(&place, REMOTE);
    worker.kill();
    assert_undisturbed(&place, &session, &story);
}

#[test]
fn the_embedded_program_killed_between_the_arrival_of_a_file_and_its_note_sends_nothing_twice() {
    let place = Place::embedded().delivering();
    place.migrate();
    let session = Session::open(&place);
    let stall = Stall::set(&session, Work::Delivery);
    let story = Story::untold();
    let telling = story.begin(&place, EMBEDDED);
    stall.reached();
    until("a file lies there", || {
        (!arrived(&place, &session).is_empty()).then_some(())
    });
    telling.kill();
    assert!(stall.in_the_middle());
    let there = arrived(&place, &session);
    stall.lift();
    story.tell(&place, EMBEDDED);
    assert_found(&session, &there);
    assert_delivered(&place, &session, &story);
}

#[test]
fn workers_killed_between_the_arrival_of_a_file_and_its_note_send_nothing_twice() {
    let place = Place::servers().delivering();
    let session = Session::open(&place);
    let stall = Stall::set(&session, Work::Delivery);
    let workers = [place.worker(), place.worker()];
    let story = Story::untold();
    let telling = story.begin(&place, REMOTE);
    stall.reached();
    until("a file lies there", || {
        (!arrived(&place, &session).is_empty()).then_some(())
    });
    for worker in workers {
        worker.kill();
    }
    assert!(stall.in_the_middle());
    let there = arrived(&place, &session);
    stall.lift();
    let heir = place.worker();
    telling.ends_well();
    heir.kill();
    assert_found(&session, &there);
    assert_delivered(&place, &session, &story);
}

/// Few months: the first close of them is disturbed.
const MONTHS: &[&str] = &["--months", "2"];

/// The account of months whose closes nobody disturbed.
static CLOSED: LazyLock<String> = LazyLock::new(|| {
    let (place, folder) = (Place::embedded(), TempDir::new().unwrap());
    account(&well(&play(&place, &folder, MONTHS))).to_owned()
});

/// Kills the program in the middle of the second signature under a month, and plays on.
fn kill_the_close(place: &Place) {
    place.migrate();
    let (session, folder) = (Session::open(place), TempDir::new().unwrap());
    let stall = Stall::set(&session, Work::Close);
    let playing = Process::start(year(place, &folder, MONTHS));
    stall.reached();
    playing.kill();
    assert!(stall.in_the_middle());
    stall.lift();
    let printed = well(&play(place, &folder, MONTHS));
    assert_eq!(account(&printed), *CLOSED);
    assert_eq!(session.count("month_close WHERE status = 'closed'"), 2);
    let confirmed = "audit_event WHERE action = 'month_close.confirm'";
    assert_eq!(session.count(confirmed), 2, "each once");
    assert!(verify(place), "an invariant does not hold");
}

#[test]
fn the_embedded_program_killed_in_the_middle_of_a_close_closes_the_month_once() {
    kill_the_close(&Place::embedded());
}

#[test]
fn a_program_on_servers_killed_in_the_middle_of_a_close_closes_the_month_once() {
    kill_the_close(&Place::servers());
}
