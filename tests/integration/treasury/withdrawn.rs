//! The file of an order that was never executed: it leaves the house no more, and before it left nobody says so.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use sea_orm::ConnectionTrait;
use serde_json::json;
use service::delivery::{self, Transport, Waiting};
use service::payment_file::{self, FileView};
use service::reconciliation::{SilenceView, ageing, decide_silence, propose_silence};
use service::{App, Code, Error, ProblemCode, Role, access, job};
use tempfile::TempDir;
use uuid::Uuid;

use super::desk::Browser;
use super::resolutions::told;
use super::road::{Fate, Road};
use crate::harness::each_engine;
use crate::reconciliation::bank::{BankTown, accept, answer, of, pain002};

/// Ten days after the 4th of September 2024, on which the banks were to execute the run of that month.
pub(super) const LONG_AFTER: &str = "2024-09-14T02:00:00Z";

/// The installation as a process sees it whose files leave by this road.
pub(super) fn by(town: &BankTown<'_>, road: &Arc<Road>) -> App {
    let road: Arc<dyn Transport> = Arc::<Road>::clone(road);
    App {
        delivery: Some(road),
        ..town.app().clone()
    }
}

/// The files of a run of some kinds.
pub(super) async fn files(town: &BankTown<'_>, run: Uuid, kinds: &[&str]) -> Vec<FileView> {
    let mut files = payment_file::list(town.app(), &town.treasury, run).await.unwrap();
    files.retain(|file| kinds.contains(&file.kind.code().as_str()));
    files
}

/// One person says, by the letter of its bank, that an order was never executed.
pub(super) async fn never_executed(town: &BankTown<'_>, order: Uuid) -> Result<SilenceView, Error> {
    let why = json!({"outcome": "not_executed", "letter": "CV 215/NHNo-QN ngày 12/09/2024",
        "note": "Ngân hàng trả lời không thực hiện"});
    propose_silence(town.app(), &town.treasury, order, of(why)).await
}

/// The second person says it too.
pub(super) async fn agreed(town: &BankTown<'_>, said: &SilenceView) -> Result<SilenceView, Error> {
    decide_silence(town.app(), &town.approver, said.order_id, accept(said.id)).await
}

pub(super) fn refused<T: std::fmt::Debug>(done: Result<T, Error>, words: &str) {
    let error = done.unwrap_err();
    assert_eq!(error.code, ProblemCode::IllegalTransition, "{error:?}");
    assert!(format!("{error:?}").contains(words), "{words} is missing: {error:?}");
}

/// What waits to be tried once more is tried at once.
pub(super) async fn try_again(app: &App) {
    let later = "UPDATE job SET run_at = '2000-01-01 00:00:00+00:00' WHERE status = 'queued'";
    app.db.owner().execute_unprepared(later).await.unwrap();
    job::drain(app, job::KINDS).await.unwrap();
}

/// The one attempt to send a file failed, for this reason.
pub(super) async fn failed(town: &BankTown<'_>, file: Uuid, why: &str) {
    let attempts = delivery::of_file(town.app(), &town.treasury, file).await.unwrap();
    let attempts = attempts.iter().map(|own| (json!(own.status), own.error.as_deref()));
    let attempts: Vec<_> = attempts.collect();
    assert_eq!(attempts, [(json!("failed"), Some(why))]);
}

/// What lies in a folder.
fn lies_there(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

/// Somebody takes away what lies in a folder.
fn clear(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
}

/// The files in a list of the desk.
async fn listed(app: &App, town: &BankTown<'_>, which: Waiting) -> Vec<Uuid> {
    let page = delivery::desk(app, &town.treasury, which, None, None).await.unwrap();
    page.items.iter().map(|own| own.file.id).collect()
}

#[test]
fn nobody_says_that_an_order_was_never_executed_whose_file_has_not_left() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let order = town.orders(run).await[0].id;
        let file = files(&town, run, &["pain001"]).await.remove(0);
        town.now(LONG_AFTER).await;
        refused(never_executed(&town, order).await, "Chưa ai của kho bạc tải tệp");
        // It is to leave, and its target can't be reached.
        let folder = TempDir::new().unwrap();
        let app = by(&town, &Road::to(folder.path(), Fate::CannotLeave));
        delivery::deliver(&app, &town.treasury, file.id).await.unwrap();
        job::drain(&app, job::KINDS).await.unwrap();
        refused(never_executed(&town, order).await, "queued");
        assert_eq!(town.statuses(run).await, ["extracted", "extracted"]);
        // It leaves: by now its bank may have it.
        try_again(&by(&town, &Road::to(folder.path(), Fate::Arrives))).await;
        let said = never_executed(&town, order).await.unwrap();
        agreed(&town, &said).await.unwrap();
        assert_eq!(town.statuses(run).await, ["rejected", "extracted"]);
        town.holds().await;
    });
}

#[test]
fn a_file_that_goes_out_between_the_two_people_is_waited_for() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let run = town.pay("2024-09").await;
        let order = town.orders(run).await[0].id;
        let file = files(&town, run, &["pain001"]).await.remove(0);
        town.fetch(run).await;
        town.now(LONG_AFTER).await;
        let said = never_executed(&town, order).await.unwrap();
        let folder = TempDir::new().unwrap();
        let app = by(&town, &Road::to(folder.path(), Fate::MustNotLeave));
        delivery::deliver(&app, &town.treasury, file.id).await.unwrap();
        refused(agreed(&town, &said).await, "queued");
        assert_eq!(town.statuses(run).await, ["extracted"]);
        // An earlier release did not ask: what waits to leave when two people have said so does not leave.
        let past = "UPDATE bank_silence SET status = 'accepted', decided_at = proposed_at, decision_note = 'Đã xem', \
                    decided_by = (SELECT id FROM user_account WHERE id <> bank_silence.proposed_by LIMIT 1)";
        app.db.owner().execute_unprepared(past).await.unwrap();
        job::drain(&app, job::KINDS).await.unwrap();
        failed(&town, file.id, "withdrawn").await;
        assert_eq!(lies_there(folder.path()), 0);
    });
}

#[test]
fn the_file_of_what_was_never_executed_goes_out_no_more() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let order = town.orders(run).await[0].id;
        let file = files(&town, run, &["pain001"]).await.remove(0);
        let folder = TempDir::new().unwrap();
        let lost = by(&town, &Road::blind(folder.path(), Fate::ArrivesWithAnError));
        let sent = delivery::deliver(&lost, &town.treasury, file.id).await.unwrap();
        job::drain(&lost, job::KINDS).await.unwrap();
        town.now(LONG_AFTER).await;
        // Nobody knows whether it arrived: it is looked for first, and is not there.
        refused(never_executed(&town, order).await, "unknown");
        clear(folder.path());
        let app = by(&town, &Road::to(folder.path(), Fate::MustNotLeave));
        let looked = delivery::check(&app, &town.treasury, sent.id).await.unwrap();
        assert_eq!(json!(looked.status), json!("failed"));
        assert!(listed(&app, &town, Waiting::Open).await.contains(&file.id));
        // So it went nowhere, and can be sent still; until somebody has fetched it to hand it over.
        refused(never_executed(&town, order).await, "Chưa ai của kho bạc tải tệp");
        town.fetch(run).await;
        let said = never_executed(&town, order).await.unwrap();
        agreed(&town, &said).await.unwrap();
        assert_eq!(town.statuses(run).await, ["rejected", "unknown"]);

        // It is paid again by another order, and the first one reaches no bank.
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        assert!(town.kinds(october).await.contains(&json!("reissue")));
        town.sign(october).await;
        let gone = "đã được rút";
        refused(delivery::deliver(&app, &town.treasury, file.id).await, gone);
        for actor in [&town.treasury, &town.releaser] {
            refused(payment_file::content(&app, actor, file.id).await, gone);
        }
        let own = payment_file::get(&app, &town.treasury, file.id).await.unwrap();
        assert!(own.withdrawn);
        let hash = own.sha256.unwrap();
        let held = payment_file::acknowledge(&app, &town.treasury, file.id, own.version, &hash).await;
        refused(held, gone);
        let auditor = house.key(Role::Auditor, None).await;
        let auditor = access::authenticate(&app, &auditor).await.unwrap();
        assert!(payment_file::content(&app, &auditor, file.id).await.is_ok());
        assert_eq!(lies_there(folder.path()), 0);
        town.holds().await;
    });
}

#[test]
fn the_desk_shows_a_withdrawn_file_as_withdrawn_and_nobody_waits_for_it() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let run = town.pay("2024-09").await;
        let order = town.orders(run).await[0].id;
        let file = files(&town, run, &["pain001"]).await.remove(0);
        let folder = TempDir::new().unwrap();
        let app = by(&town, &Road::to(folder.path(), Fate::Arrives));
        delivery::deliver(&app, &town.treasury, file.id).await.unwrap();
        job::drain(&app, job::KINDS).await.unwrap();
        town.now(LONG_AFTER).await;
        let waits = async || {
            let page = ageing(town.app(), &town.treasury, of(json!({}))).await.unwrap();
            page.items.iter().any(|own| own.item.subject_id == Some(file.id))
        };
        assert!(waits().await);
        let said = never_executed(&town, order).await.unwrap();
        agreed(&town, &said).await.unwrap();
        assert!(!waits().await, "nobody acknowledges it any more");

        assert_eq!(listed(&app, &town, Waiting::Withdrawn).await, [file.id]);
        assert!(!listed(&app, &town, Waiting::Open).await.contains(&file.id));
        let own = delivery::desk_file(&app, &town.treasury, file.id).await.unwrap();
        assert!(!own.can_be_acknowledged && !own.can_be_delivered && !own.can_be_fetched);
        let clerk = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let list = clerk.get("/treasury/files?withdrawn=1").await;
        told(&list, 200, &[&file.name, "đã rút, không giao nữa"]);
        let path = format!("/treasury/files/{}", file.id);
        let page = clerk.get(&path).await;
        told(&page, 200, &["Tệp đã rút", "hãy xóa bản đã tải"]);
        for act in ["content", "acknowledge", "deliver"] {
            assert!(!page.text.contains(&format!("{path}/{act}\"")), "{act}: {}", page.text);
        }
        told(&clerk.get(&format!("{path}/content")).await, 409, &["đã được rút"]);
        town.holds().await;
    });
}

#[test]
fn that_a_withdrawn_file_has_arrived_is_true_all_the_same() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let run = town.pay("2024-09").await;
        let order = town.orders(run).await[0].id;
        let file = files(&town, run, &["pain001"]).await.remove(0);
        let folder = TempDir::new().unwrap();
        let app = by(&town, &Road::to(folder.path(), Fate::Arrives));
        let sent = delivery::deliver(&app, &town.treasury, file.id).await.unwrap();
        job::drain(&app, job::KINDS).await.unwrap();
        town.now(LONG_AFTER).await;
        let said = never_executed(&town, order).await.unwrap();
        agreed(&town, &said).await.unwrap();
        let word = folder.path().join(format!("{}.ack", sent.target_name));
        fs::write(word, &sent.sha256).unwrap();
        let heard = delivery::check(&app, &town.treasury, sent.id).await.unwrap();
        assert_eq!(json!(heard.status), json!("acknowledged"));
        let own = payment_file::get(&app, &town.treasury, file.id).await.unwrap();
        assert_eq!((own.withdrawn, json!(own.status)), (true, json!("acknowledged")));
        assert_eq!(town.statuses(run).await, ["rejected"]);
        town.holds().await;
    });
}

#[test]
fn the_desk_says_how_the_other_orders_of_a_withdrawn_file_end() {
    each_engine(async |house| {
        let town = BankTown::open(house, 3).await;
        let run = town.pay("2024-09").await;
        let order = town.orders(run).await[0].id;
        let file = files(&town, run, &["pain001"]).await.remove(0);
        town.fetch(run).await;
        town.now(LONG_AFTER).await;
        let said = never_executed(&town, order).await.unwrap();
        agreed(&town, &said).await.unwrap();
        let clerk = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let path = format!("/treasury/files/{}", file.id);
        let left = "Trong tệp còn 2 lệnh chi chưa có kết quả";
        told(
            &clerk.get(&path).await,
            200,
            &["Tệp đã rút", left, "href=\"/treasury/silences\""],
        );
        // Each of them ends by the letter.
        for other in &town.orders(run).await[1..] {
            let said = never_executed(&town, other.id).await.unwrap();
            agreed(&town, &said).await.unwrap();
        }
        let page = clerk.get(&path).await;
        assert!(!page.text.contains("Trong tệp còn"), "{}", page.text);
        town.holds().await;
    });
}

#[test]
fn a_file_of_which_an_order_was_answered_is_not_sent_again() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let run = town.pay("2024-09").await;
        let order = town.orders(run).await.remove(0);
        let file = files(&town, run, &["pain001"]).await.remove(0);
        let folder = TempDir::new().unwrap();
        let lost = by(&town, &Road::blind(folder.path(), Fate::ArrivesWithAnError));
        let sent = delivery::deliver(&lost, &town.treasury, file.id).await.unwrap();
        job::drain(&lost, job::KINDS).await.unwrap();
        // The bank takes it away before anybody looks.
        clear(folder.path());
        let app = by(&town, &Road::to(folder.path(), Fate::MustNotLeave));
        let looked = delivery::check(&app, &town.treasury, sent.id).await.unwrap();
        assert_eq!(looked.error.as_deref(), Some("absent"));
        let own = delivery::desk_file(&app, &town.treasury, file.id).await.unwrap();
        assert!(own.can_be_delivered && !own.is_answered);

        town.bring(pain002("A1", &[answer(&order, "RJCT", Some("AC04"))])).await;
        assert_eq!(town.statuses(run).await, ["rejected"]);
        let again = delivery::deliver(&app, &town.treasury, file.id).await;
        refused(again, "nơi nhận đã có tệp này");
        let own = delivery::desk_file(&app, &town.treasury, file.id).await.unwrap();
        assert!(own.is_answered && !own.can_be_delivered && own.can_be_fetched);
        let clerk = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let page = clerk.get(&format!("/treasury/files/{}", file.id)).await;
        told(&page, 200, &["Không gửi, không chuyển tệp đi lần nữa"]);
        // Its bank has it: who compares it may still say so.
        let hash = own.file.sha256.unwrap();
        payment_file::acknowledge(&app, &town.treasury, file.id, own.file.version, &hash)
            .await
            .unwrap();
        assert_eq!(town.statuses(run).await, ["rejected"]);
        assert_eq!(lies_there(folder.path()), 0);
        town.holds().await;
    });
}

#[test]
fn a_file_that_waits_to_leave_stays_once_its_bank_has_answered_what_somebody_brought_there() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let run = town.pay("2024-09").await;
        let order = town.orders(run).await.remove(0);
        let file = files(&town, run, &["pain001"]).await.remove(0);
        let folder = TempDir::new().unwrap();
        let closed = by(&town, &Road::to(folder.path(), Fate::CannotLeave));
        delivery::deliver(&closed, &town.treasury, file.id).await.unwrap();
        job::drain(&closed, job::KINDS).await.unwrap();
        town.fetch(run).await;
        town.bring(pain002("A1", &[answer(&order, "RJCT", Some("AC04"))])).await;
        try_again(&by(&town, &Road::to(folder.path(), Fate::MustNotLeave))).await;
        failed(&town, file.id, "answered").await;
        town.holds().await;
    });
}
