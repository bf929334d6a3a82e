//! What was approved is what goes out: orders and files altered after the approval are not released; lists prepared before it
//! are used only where they would be written the same.

use std::sync::Mutex;

use sea_orm::{ConnectionTrait, QueryResult, Statement, TransactionTrait};
use serde_json::json;
use service::{ProblemCode, pay_run, verify};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::desk::Desk;
use super::prepared::{change, count, lists};
use crate::harness::{House, each_engine};
use crate::overpayment::town::{LAN, Town};
use crate::reconciliation::bank::BankTown;

async fn row(house: &House, sql: &str) -> QueryResult {
    let db = house.app.db.owner();
    let asked = Statement::from_string(db.get_database_backend(), sql);
    db.query_one_raw(asked).await.unwrap().unwrap()
}

/// The faults that `verify` finds with what was approved.
async fn faults(house: &House) -> Vec<String> {
    let checks = verify::all(&house.app).await.unwrap();
    let mut own = checks
        .into_iter()
        .filter(|check| check.name == "pay runs: orders and files are those that were approved");
    own.next().unwrap().faults
}

const REFUSALS: &str = "audit_event WHERE action = 'pay_run.refuse_altered'";

#[test]
fn orders_and_files_altered_after_the_approval_are_not_released() {
    each_engine(async |house| {
        let town = Town::with_fund(house, 10_000_000).await;
        let desk = Desk::of(&town).await;
        let run = town.build("2024-09").await.id;
        let path = format!("/v1/pay-runs/{run}");
        let release = format!("{path}/release");
        let (gone, kept) = ("DELETE FROM pay_run_plan", "UPDATE pay_run_plan SET approved = 'other'");
        house.unguarded("payment_order", "payment_order_keeps_columns").await;
        house.unguarded("payment_file", "payment_file_keeps_ids").await;
        let own = "WHERE account_number = '022190001234'";
        let alterations = [
            format!("UPDATE payment_order SET amount = amount + 1 {own}"),
            format!("UPDATE payment_order SET account_number = '022190009999' {own}"),
            format!("UPDATE payment_order SET holder_name = 'Kẻ Gian' {own}"),
            format!("UPDATE payment_order SET bank_code = 'AGRIBANK' {own}"),
            format!("UPDATE payment_order SET file_id = id {own}"),
            format!("DELETE FROM payment_order {own}"),
            "UPDATE payment_file SET sum = sum + 1 WHERE kind = 'post_list'".to_owned(),
            "UPDATE payment_file SET batch_id = batch_id || '-X' WHERE kind = 'post_list'".to_owned(),
            "UPDATE payment_file SET batch_id = NULL".to_owned(),
            gone.to_owned(),
            kept.to_owned(),
        ];
        for (number, alteration) in (1..).zip(alterations) {
            desk.takes(&desk.preparer, run, "submit", None).await;
            desk.takes(&desk.approver, run, "approve", None).await;
            assert_eq!(faults(house).await, Vec::<String>::new());
            if [gone, kept].contains(&alteration.as_str()) {
                let refused = house.app.db.owner().execute_unprepared(&alteration).await;
                assert!(refused.is_err(), "the seal of an approval: {alteration}");
                for guard in ["stays", "keeps_approved", "is_approved_update"] {
                    if (guard == "stays") == (alteration == gone) {
                        house.unguarded("pay_run_plan", &format!("pay_run_plan_{guard}")).await;
                    }
                }
            }
            change(house, &alteration).await;
            let refused = desk.tries(&desk.releaser, ("POST", &release), &path, None).await;
            assert_eq!(refused.status, 409, "{alteration}: {refused:?}");
            refused.problem("content-changed");
            assert_eq!(json!(town.run(run).await.status), "approved", "{alteration}");
            assert_eq!(count(house, REFUSALS).await, number, "{alteration}");
            assert_eq!(faults(house).await.len(), 1, "{alteration}");
            let why = json!({"reason": "Lệnh chi bị sửa"});
            desk.takes(&desk.releaser, run, "reject", Some(why)).await;
        }
        desk.takes(&desk.preparer, run, "submit", None).await;
        desk.takes(&desk.approver, run, "approve", None).await;
        desk.takes(&desk.releaser, run, "release", None).await;
        town.arrives(run).await;
        // Where orders stand moves on; whom they paid does not.
        assert_eq!(faults(house).await, Vec::<String>::new());
        let name = |name: &str| format!("UPDATE payment_order SET holder_name = '{name}' {own}");
        change(house, &name("Kẻ Gian")).await;
        assert_eq!(faults(house).await.len(), 1);
        change(house, &name("Phạm Thị Lan")).await;
        town.close().await;
    });
}

/// Changes an order as soon as its run is released, as only who owns the database can.
async fn alters_at_release(house: &House, alteration: &str) {
    if house.app.db.is_sqlite() {
        let trigger = format!(
            "CREATE TRIGGER alters AFTER UPDATE OF status ON pay_run WHEN NEW.status = 'released' BEGIN {alteration}; END"
        );
        return change(house, &trigger).await;
    }
    let function = format!(
        "CREATE FUNCTION alters() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {alteration}; RETURN NEW; END $$"
    );
    change(house, &function).await;
    let trigger = "CREATE TRIGGER alters AFTER UPDATE OF status ON pay_run FOR EACH ROW \
                   WHEN (NEW.status = 'released') EXECUTE FUNCTION alters()";
    change(house, trigger).await;
}

/// Another name on the same account: neither sums nor totals over accounts tell.
const ANOTHER_NAME: &str = "UPDATE payment_order SET holder_name = 'Kẻ Gian' WHERE account_number = '022190001234'";

#[test]
fn a_prepared_file_says_what_was_approved_whatever_becomes_of_its_orders() {
    each_engine(async |house| {
        let town = Town::with_fund(house, 10_000_000).await;
        let desk = Desk::of(&town).await;
        let run = desk.approved().await;
        house.unguarded("payment_order", "payment_order_keeps_columns").await;
        alters_at_release(house, ANOTHER_NAME).await;
        desk.takes(&desk.releaser, run, "release", None).await;
        let cells = lists(house, run).await;
        let saying = |name: &str| cells.iter().filter(|cell| cell.contains(name)).count();
        assert!(saying("Phạm Thị Lan") > 0, "{cells:?}");
        assert_eq!(saying("Kẻ Gian"), 0, "{cells:?}");
        assert_eq!(faults(house).await.len(), 1);
    });
}

#[test]
fn a_prepared_message_says_what_was_approved_and_is_the_message_written_anew() {
    let said = Mutex::new(Vec::new());
    each_engine(async |house| {
        let town = BankTown::open(house, 3).await;
        let app = town.app();
        town.now("2024-09-05T02:00:00Z").await;
        let run = town.build("2024-09").await;
        let version = async || pay_run::get(app, &town.preparer, run).await.unwrap().version;
        pay_run::submit(app, &town.preparer, run, version().await)
            .await
            .unwrap();
        town.idle().await;
        assert_eq!(count(house, "prepared_list").await, 3, "two lists and a message");
        pay_run::approve(app, &town.approver, run, version().await)
            .await
            .unwrap();
        // One engine writes the message from the orders, the other has them altered and uses what is prepared.
        if house.app.db.is_sqlite() {
            change(house, "DELETE FROM prepared_list").await;
        } else {
            house.unguarded("payment_order", "payment_order_keeps_columns").await;
            alters_at_release(
                house,
                "UPDATE payment_order SET name = 'KE GIAN', holder_name = 'Kẻ Gian'",
            )
            .await;
        }
        pay_run::release(app, &town.releaser, run, version().await)
            .await
            .unwrap();
        town.idle().await;
        assert_eq!(count(house, "prepared_list").await, 0);
        said.lock().unwrap().push(lists(house, run).await);
        let altered = usize::from(!house.app.db.is_sqlite());
        assert_eq!(faults(house).await.len(), altered);
    });
    let said = said.into_inner().unwrap();
    assert!(said.windows(2).all(|pair| pair[0] == pair[1]), "{said:?}");
}

#[test]
fn no_file_is_written_from_orders_altered_after_the_release() {
    each_engine(async |house| {
        let town = Town::with_fund(house, 10_000_000).await;
        let desk = Desk::of(&town).await;
        let run = desk.approved().await;
        house.unguarded("payment_order", "payment_order_keeps_columns").await;
        alters_at_release(house, ANOTHER_NAME).await;
        // What is prepared needs the orders no more.
        change(house, "DELETE FROM prepared_list").await;
        let path = format!("/v1/pay-runs/{run}");
        let release = format!("{path}/release");
        let released = desk.tries(&desk.releaser, ("POST", &release), &path, None).await;
        assert_eq!(released.status, 200, "{released:?}");
        let dead = "job WHERE kind = 'build_payment_file' AND status = 'dead'";
        while count(house, dead).await == 0 {
            tokio::task::yield_now().await;
        }
        let told = row(house, "SELECT last_error FROM job WHERE status = 'dead'").await;
        let told: String = told.try_get("", "last_error").unwrap();
        assert!(told.contains("the orders of the file cash-list"), "{told}");
        let written = "payment_file WHERE kind IN ('post_list', 'post_paper') AND sha256 IS NOT NULL";
        assert_eq!(count(house, written).await, 0);
    });
}

#[test]
fn a_refusal_stands_in_the_audit_trail_and_nothing_else_of_it() {
    each_engine(async |house| {
        let town = Town::with_fund(house, 10_000_000).await;
        let run = town.build("2024-09").await.id;
        town.submit(run).await.unwrap();
        town.idle().await;
        let holder = |name: &str| {
            format!("UPDATE payee_account SET holder_name = '{name}' WHERE account_number = '022190001234'")
        };
        change(house, &holder("Kẻ Gian")).await;
        let refused = town.approve(run).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::ContentChanged);
        assert_eq!(count(house, REFUSALS).await, 1);
        assert_eq!(
            count(house, "approval_act WHERE act = 'approve' AND subject LIKE 'pay_run:%'").await,
            0
        );
        change(house, &holder("Phạm Thị Lan")).await;
        town.approve(run).await.unwrap();
        town.release(run).await.unwrap();
        assert_eq!(count(house, REFUSALS).await, 1);
        town.close().await;
    });
}

/// Bytes as a literal of the engine.
fn blob(house: &House, bytes: &[u8]) -> String {
    let digits = hex::encode(bytes);
    if house.app.db.is_sqlite() {
        format!("X'{digits}'")
    } else {
        format!("decode('{digits}', 'hex')")
    }
}

/// An id as a literal of the engine.
fn id(house: &House, id: Uuid) -> String {
    if house.app.db.is_sqlite() {
        format!("X'{}'", id.simple())
    } else {
        format!("CAST('{id}' AS uuid)")
    }
}

/// The prepared treasury list of the one run of an installation.
struct Kept<'h> {
    house: &'h House,
    run: Uuid,
    revision: i64,
    digest: String,
    file: Uuid,
    terms: String,
    bytes: Vec<u8>,
}

/// How lists are kept now.
const LAYOUT: u32 = 7;
/// The rows of the prepared treasury list.
const OF_TREASURY: &str = "WHERE file_id = (SELECT id FROM payment_file WHERE kind = 'treasury_list')";

impl<'h> Kept<'h> {
    async fn of(house: &'h House, run: Uuid) -> Self {
        let signed = row(house, "SELECT revision, digest FROM pay_run").await;
        let file = "SELECT id, COALESCE(terms, '') AS terms FROM payment_file WHERE kind = 'treasury_list'";
        let file = row(house, file).await;
        let list = row(house, &format!("SELECT seal, bytes FROM prepared_list {OF_TREASURY}")).await;
        let own = Self {
            house,
            run,
            revision: signed.try_get("", "revision").unwrap(),
            digest: signed.try_get("", "digest").unwrap(),
            file: file.try_get("", "id").unwrap(),
            terms: file.try_get("", "terms").unwrap(),
            bytes: list.try_get("", "bytes").unwrap(),
        };
        let seal: Uuid = list.try_get("", "seal").unwrap();
        assert_eq!(
            own.seal(LAYOUT, &own.bytes),
            seal,
            "the test knows how lists are sealed"
        );
        own
    }

    fn seal(&self, layout: u32, bytes: &[u8]) -> Uuid {
        let hash = hex::encode(Sha256::digest(bytes));
        let (run, revision, digest, terms) = (self.run.simple(), self.revision, &self.digest, &self.terms);
        let file = self.file.simple();
        let key = format!("{layout}:{run}:{revision}:{digest}:{file}:{hash}:{terms}");
        domain::ids::uuid8(self.house.app.secret.ids(), "prepared_list", &key)
    }

    /// Puts these parts under a seal in its place.
    async fn replace(&self, seal: Uuid, parts: &[&[u8]]) {
        change(self.house, &format!("DELETE FROM prepared_list {OF_TREASURY}")).await;
        for (part, bytes) in (0..).zip(parts) {
            let (seal, bytes) = (id(self.house, seal), blob(self.house, bytes));
            let sql = format!(
                "INSERT INTO prepared_list (pay_run_id, file_id, part, seal, bytes) \
                 SELECT pay_run_id, id, {part}, {seal}, {bytes} FROM payment_file WHERE kind = 'treasury_list'"
            );
            change(self.house, &sql).await;
        }
    }
}

/// What both lists say where the prepared treasury list was replaced before the release.
fn said(replace: impl AsyncFn(&Kept<'_>)) -> Vec<Vec<String>> {
    let said = Mutex::new(Vec::new());
    each_engine(async |house| {
        let town = Town::with_fund(house, 10_000_000).await;
        let run = town.build("2024-09").await.id;
        town.submit(run).await.unwrap();
        town.idle().await;
        town.approve(run).await.unwrap();
        replace(&Kept::of(house, run).await).await;
        town.release(run).await.unwrap();
        assert_eq!(count(house, "prepared_list").await, 0);
        let own = lists(house, run).await;
        said.lock().unwrap().push(own);
        town.close().await;
    });
    said.into_inner().unwrap()
}

#[test]
fn prepared_lists_that_cannot_be_read_are_written_anew() {
    let untouched = said(async |_| ());
    let unreadable = said(async |kept| {
        kept.replace(kept.seal(LAYOUT, b"no list"), &[b"no list".as_slice()])
            .await
    });
    let older = said(async |kept| {
        kept.replace(kept.seal(LAYOUT - 1, &kept.bytes), &[kept.bytes.as_slice()])
            .await
    });
    let empty = said(async |kept| kept.replace(kept.seal(LAYOUT, b""), &[b"".as_slice(); 4]).await);
    let none = said(async |kept| change(kept.house, "DELETE FROM prepared_list").await);
    for other in [unreadable, older, empty, none] {
        assert_eq!(other, untouched);
    }
}

#[test]
fn prepared_lists_are_written_anew_where_another_run_pays_otherwise_by_then() {
    each_engine(async |house| {
        let town = Town::with_fund(house, 10_000_000).await;
        let desk = Desk::of(&town).await;
        let september = town.build("2024-09").await.id;
        let october = town.build("2024-10").await.id;
        desk.takes(&desk.preparer, october, "submit", None).await;
        assert_eq!(count(house, "prepared_list").await, 4);
        let why = json!({"person_id": LAN, "reason": "Chờ xác minh nơi cư trú"});
        desk.takes(&desk.preparer, september, "exclusions", Some(why)).await;
        desk.takes(&desk.approver, october, "approve", None).await;
        assert_eq!(count(house, "prepared_list").await, 4);
        desk.takes(&desk.releaser, october, "release", None).await;
        let told = "Chi tiếp từ tháng này, tháng trước chưa chi: người lập danh sách để lại";
        let cells = lists(house, october).await;
        let telling = cells.iter().filter(|cell| cell.contains(told));
        assert_eq!(telling.count(), 2, "in either list: {cells:?}");
    });
}

#[test]
fn prepared_lists_are_written_anew_where_an_area_is_called_otherwise_by_then() {
    each_engine(async |house| {
        let town = Town::with_fund(house, 10_000_000).await;
        let run = town.build("2024-09").await.id;
        town.submit(run).await.unwrap();
        town.idle().await;
        change(house, "UPDATE area SET name = 'Phường Đổi Tên' WHERE id LIKE '06652@%'").await;
        town.approve(run).await.unwrap();
        town.release(run).await.unwrap();
        let cells = lists(house, run).await;
        assert!(cells.iter().any(|cell| cell.ends_with("Phường Đổi Tên")), "{cells:?}");
        town.close().await;
    });
}

/// Asks until another transaction of this database waits for an advisory lock.
async fn somebody_waits(house: &House) {
    let sql = "SELECT COUNT(*) AS told FROM pg_locks WHERE locktype = 'advisory' AND NOT granted \
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    for _ in 0..100_000 {
        if row(house, sql).await.try_get::<i64>("", "told").unwrap() > 0 {
            return;
        }
    }
    panic!("nobody writes a prepared list");
}

#[test]
fn who_approves_does_not_wait_for_lists_that_are_being_kept() {
    each_engine(async |house| {
        let town = Town::with_fund(house, 10_000_000).await;
        let run = town.build("2024-09").await.id;
        // The embedded engine has one writer: nobody writes a list beside an approval there.
        if house.app.db.is_sqlite() {
            town.submit(run).await.unwrap();
            town.approve(run).await.unwrap();
        } else {
            for sql in [
                "CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN PERFORM pg_advisory_xact_lock(45); RETURN NEW; END $$",
                "CREATE TRIGGER slowly BEFORE INSERT ON prepared_list FOR EACH ROW EXECUTE FUNCTION slowly()",
            ] {
                change(house, sql).await;
            }
            #[expect(clippy::disallowed_methods, reason = "nothing is written: it holds a lock")]
            let slow = house.app.db.owner().begin().await.unwrap();
            slow.execute_unprepared("SELECT pg_advisory_xact_lock(45)")
                .await
                .unwrap();
            town.submit(run).await.unwrap();
            somebody_waits(house).await;
            change(
                house,
                &format!("SELECT id FROM pay_run WHERE id = '{run}' FOR UPDATE NOWAIT"),
            )
            .await;
            town.approve(run).await.unwrap();
            slow.commit().await.unwrap();
        }
        town.idle().await;
        assert_eq!(count(house, "prepared_list").await, 4);
        town.release(run).await.unwrap();
        town.arrives(run).await;
        town.close().await;
    });
}
