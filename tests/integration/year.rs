//! `ansinh year` as somebody runs it: months played to their close, and the account of every đồng.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::harness::{Place, Process, read_aloud, until};
use crate::story::files::{speak_in_words, tree};
use crate::story::run::{alter, number, triggers, verify};

/// People in the province.
const PEOPLE: &str = "120";

/// The command that plays a year.
pub(crate) fn year(place: &Place, folder: &TempDir, more: &[&str]) -> Command {
    let mut command = place.command("year");
    command.args(["--people", PEOPLE, "--seed", "7", "--out"]);
    command.arg(folder.path()).args(more);
    command
}

/// Plays a year and gives how it ended.
pub(crate) fn play(place: &Place, folder: &TempDir, more: &[&str]) -> Output {
    year(place, folder, more).output().unwrap()
}

/// What it printed, where it ended well.
pub(crate) fn well(output: &Output) -> String {
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}\n{told}");
    printed
}

/// The numbers of the row of this name.
fn row(printed: &str, name: &str) -> Vec<i64> {
    let line = printed.lines().find(|line| line.starts_with(name));
    let line = line.unwrap_or_else(|| panic!("no row {name} in {printed}"));
    let cells = line.strip_prefix(name).unwrap().split_whitespace();
    cells.map_while(|cell| cell.replace('.', "").parse().ok()).collect()
}

/// Is it a report of a closed month, or what was open then?
fn is_report(path: &Path) -> bool {
    let name = path.file_name().unwrap().to_string_lossy();
    name.starts_with("month-close-") || name.starts_with("ageing-")
}

/// The account, without the months before it.
pub(crate) fn account(printed: &str) -> &str {
    let place = printed.find("Nguồn").unwrap();
    &printed[place..]
}

/// The numbers in the line that begins so.
fn amounts(printed: &str, begins: &str) -> Vec<i64> {
    let line = printed.lines().find(|line| line.starts_with(begins));
    let line = line.unwrap_or_else(|| panic!("no line {begins} in {printed}"));
    let words = line.split_whitespace();
    words.filter_map(|word| word.replace('.', "").parse().ok()).collect()
}

/// What the year holds must be what was printed.
fn agrees(place: &Place, printed: &str) {
    assert!(printed.contains("Mọi đồng đều có chỗ"), "{printed}");
    assert!(printed.contains("Đã khóa sổ 12/12 tháng"), "{printed}");
    let closed = "SELECT COUNT(*) AS number FROM month_close WHERE status = 'closed'";
    assert_eq!(number(place, closed), 12);
    assert_eq!(printed.lines().filter(|line| line.ends_with(" khớp")).count(), 12);
    // Given, left, reserved, committed, in transit, paid, to be paid again, moved otherwise than ordered, and all of it.
    let all = row(printed, "Tất cả");
    let held = "SELECT CAST(SUM(amount) AS BIGINT) AS number FROM fund_balance WHERE account";
    let sum = |which: &str| number(place, &format!("{held} {which}"));
    assert_eq!(all[0], -sum("= 'source'"));
    assert_eq!(all[5], sum("= 'paid'"));
    assert_eq!(all[6], sum("= 'to_reissue'"));
    assert_eq!((all[8], all[8]), (all[0], sum("<> 'source'")));
    assert_eq!(all[1..8].iter().sum::<i64>(), all[8]);
    for fund in ["social_assistance 2025", "donations 2025", "emergency_relief 2024"] {
        let own = row(printed, fund);
        assert!(own[5] + own[6] > 0, "{fund} paid nothing: {printed}");
        assert_eq!(own[0], own[8], "{fund}");
    }
    // What the banks moved by their own books is what was paid, with what two people settled of wrong sums.
    let (banks, books) = (amounts(printed, "Sổ của ngân hàng"), amounts(printed, "Sổ của ta"));
    assert_eq!((books[0], books.iter().sum()), (all[5], banks[1]), "{printed}");
    assert!(verify(place), "an invariant does not hold");
}

/// Every listed way was walked, and nothing is left open on any.
fn everything_happened(place: &Place, folder: &TempDir) {
    for (what, sql) in [
        (
            "runs that two approved",
            "SELECT COUNT(*) AS number FROM pay_run WHERE kind = 'regular' AND approvals = 2 AND status <> 'cancelled'",
        ),
        ("relief", "SELECT COUNT(*) AS number FROM pay_run WHERE kind = 'relief'"),
        (
            "recalls that banks answered",
            "SELECT COUNT(*) AS number FROM recall WHERE answer IS NOT NULL",
        ),
        (
            "money paid again",
            "SELECT COUNT(*) AS number FROM payment_line WHERE kind = 'reissue' AND status = 'live'",
        ),
        (
            "accounts that were corrected",
            "SELECT COUNT(*) AS number FROM payment_order AS new_order JOIN payment_order AS old_order \
             ON old_order.id = new_order.reissue_of WHERE new_order.account_number <> old_order.account_number",
        ),
        (
            "months paid before Tết",
            "SELECT COUNT(*) - 1 AS number FROM pay_run WHERE kind = 'regular' AND fund_code = 'social_assistance' \
             AND pay_date = '2025-01-06' AND cover_month IN (202501, 202502)",
        ),
        (
            "corrections of closed months",
            "SELECT COUNT(*) AS number FROM month_close_correction",
        ),
        (
            "a law that changed",
            "SELECT COUNT(*) AS number FROM payment_line WHERE cover_month = 202410 AND amount = 700000",
        ),
        (
            "files refused as sent twice",
            "SELECT COUNT(*) AS number FROM bank_report WHERE file_name LIKE 'refusal%'",
        ),
        (
            "files of which nobody knew whether they arrived",
            "SELECT COUNT(*) AS number FROM audit_event WHERE action = 'delivery.unknown'",
        ),
        (
            "files that never arrived",
            "SELECT COUNT(*) AS number FROM delivery WHERE error = 'absent'",
        ),
        (
            "files acknowledged with another hash",
            "SELECT COUNT(*) AS number FROM delivery WHERE error = 'wrong_acknowledgement'",
        ),
        (
            "sums that the bank made good",
            "SELECT COUNT(*) AS number FROM amount_difference WHERE status = 'made_good'",
        ),
        (
            "sums that the fund bears",
            "SELECT COUNT(*) AS number FROM amount_difference WHERE status = 'written_off'",
        ),
        (
            "orders that were debited twice",
            "SELECT COUNT(*) AS number FROM suspense_resolution s JOIN bank_report_line l ON l.id = s.line_id \
             WHERE s.kind = 'accepted_as_paid' AND s.status = 'accepted' AND l.status_code = 'BOOK' \
             AND l.reason_code IN ('AM05', 'NARR')",
        ),
        (
            "files that were debited twice",
            "SELECT COUNT(*) AS number FROM batch_entry WHERE kind = 'credit' AND booked",
        ),
        (
            "files that two people found paid by a second debit",
            "SELECT COUNT(*) AS number FROM suspense_resolution_order WHERE paid",
        ),
        (
            "answers that name another account",
            "SELECT COUNT(*) AS number FROM bank_report_line WHERE note = 'account_differs' AND resolved_at IS NOT NULL",
        ),
        (
            "orders that were never executed, whose files were withdrawn",
            "SELECT COUNT(*) AS number FROM bank_silence WHERE outcome = 'not_executed' AND status = 'accepted'",
        ),
        (
            "lines of nobody's",
            "SELECT COUNT(*) AS number FROM suspense_resolution WHERE kind = 'not_ours' AND status = 'accepted'",
        ),
    ] {
        assert!(number(place, sql) > 0, "no {what}");
    }
    let verbs = "SELECT COUNT(DISTINCT kind) AS number FROM suspense_resolution WHERE status = 'accepted'";
    assert!(number(place, verbs) >= 3, "people said the same to everything");
    let lost = tree(&folder.path().join("drop-notes")).into_keys();
    let lost = lost.filter(|note| note.extension().is_some_and(|own| own == "lost"));
    assert!(lost.count() > 0, "no file that a bank lost");
    for (what, sql) in [
        (
            "differences",
            "SELECT COUNT(*) AS number FROM amount_difference WHERE status = 'open'",
        ),
        (
            "files",
            "SELECT COUNT(*) AS number FROM payment_file WHERE kind IN ('pain001', 'payment_table', 'post_list') \
             AND sha256 IS NOT NULL AND status <> 'acknowledged'",
        ),
        (
            "orders",
            "SELECT COUNT(*) AS number FROM payment_order WHERE status IN ('extracted', 'unknown', 'accepted')",
        ),
    ] {
        assert_eq!(number(place, sql), 0, "{what} are open");
    }
    let waiting = "SELECT COUNT(*) AS number FROM bank_report_line WHERE note IS NOT NULL AND resolved_at IS NULL";
    assert_eq!(number(place, waiting), 0);
}

/// An order that no bank has, and the bank's own that is then nobody's, are named.
fn another_order_is_named(place: &Place, folder: &TempDir) {
    let renamed = "UPDATE payment_order SET reference = reference || 'X' \
                   WHERE reference = (SELECT MAX(reference) FROM payment_order WHERE status = 'credited')";
    alter(place, renamed).unwrap();
    let output = play(place, folder, &[]);
    assert_eq!(output.status.code(), Some(1));
    let printed = String::from_utf8_lossy(&output.stdout);
    for told in ["no bank has it", "nobody ordered it"] {
        assert!(printed.contains(told), "{told}: {printed}");
    }
}

#[test]
fn a_year_is_played_to_the_last_dong_and_an_altered_one_is_named() {
    let (place, folder) = (Place::embedded(), TempDir::new().unwrap());
    let printed = well(&play(&place, &folder, &[]));
    agrees(&place, &printed);
    everything_happened(&place, &folder);
    for part in ["2024-09/social_assistance", "2025-02/donations", "answers"] {
        assert!(!tree(&folder.path().join(part)).is_empty(), "{part}");
    }
    // Of each closed month its report as a workbook and as a paper, and what was open then.
    for month in ["2024-09", "2025-08"] {
        let files = tree(&folder.path().join(month)).into_keys();
        let reports: Vec<_> = files.filter(|path| path.components().count() == 1).collect();
        let named = |name: &str| reports.iter().any(|own| own.to_string_lossy().starts_with(name));
        assert!(
            reports.len() == 3 && named("month-close-") && named("ageing-"),
            "{reports:?}"
        );
    }

    assert_eq!(speak_in_words(folder.path(), is_report), 36);

    // Again it plays nothing, and counts the same.
    let before = tree(folder.path());
    let again = well(&play(&place, &folder, &[]));
    assert!(again.contains("played already"), "{again}");
    assert_eq!(account(&again), account(&printed));
    assert!(before == tree(folder.path()), "files changed");
    let other = play(&place, &folder, &["--calm"]);
    assert!(!other.status.success(), "another year on the same data");
    let told = String::from_utf8_lossy(&other.stderr);
    let held = format!("`ansinh year --people {PEOPLE} --months 12 --seed 7`");
    assert!(told.contains(&held), "{told}");

    for trigger in triggers(&place, "payment_order") {
        alter(&place, &format!("DROP TRIGGER {trigger}")).unwrap();
    }
    another_order_is_named(&place, &folder);
    for trigger in triggers(&place, "posting") {
        alter(&place, &format!("DROP TRIGGER {trigger}")).unwrap();
    }
    let one = "UPDATE posting SET amount = amount + 1 WHERE rowid = (SELECT max(rowid) FROM posting)";
    alter(&place, one).unwrap();
    let output = play(&place, &folder, &[]);
    assert_eq!(output.status.code(), Some(1));
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(
        printed.contains("Không phải mọi đồng đều có chỗ") && printed.contains("bút toán không cân"),
        "{printed}"
    );
}

#[test]
fn one_seed_gives_one_year_on_either_engine_and_however_often_it_is_stopped() {
    let folders = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (embedded, servers) = (Place::embedded(), Place::servers());
    let few = ["--months", "2"];
    // Killed in its second month, it goes on where it was.
    let beside = Process::start(year(&embedded, &folders.0, &few));
    until("the first month is closed", || {
        let closed = beside.log().lines().any(|line| line.ends_with(" khớp"));
        closed.then_some(())
    });
    beside.kill();
    let one = well(&play(&embedded, &folders.0, &few));
    let other = well(&play(&servers, &folders.1, &few));
    assert!(one.contains("Đã khóa sổ 2/2 tháng"), "{one}");
    assert_eq!(account(&one), account(&other));
    // What two people sign is the same to the last byte, with the digest that it bears.
    let (own, theirs) = (tree(folders.0.path()), tree(folders.1.path()));
    let reports = own.iter().filter(|(path, _)| is_report(path));
    let reports: Vec<_> = reports.collect();
    assert_eq!(reports.len(), 6);
    for (path, bytes) in reports {
        assert_eq!(
            read_aloud(path, bytes),
            read_aloud(path, &theirs[path]),
            "{}",
            path.display()
        );
        assert!(*bytes == theirs[path], "{}", path.display());
    }
    assert!(verify(&servers), "an invariant does not hold on PostgreSQL");
}

#[test]
fn a_year_is_played_on_servers() {
    let (place, folder) = (Place::servers(), TempDir::new().unwrap());
    let printed = well(&play(&place, &folder, &[]));
    agrees(&place, &printed);
    everything_happened(&place, &folder);
    alter(&place, "ALTER TABLE payment_order DISABLE TRIGGER USER").unwrap();
    another_order_is_named(&place, &folder);
}
