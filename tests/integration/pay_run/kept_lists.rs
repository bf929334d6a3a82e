//! Lists prepared before an approval are used only where they would be written the same.

use std::sync::Mutex;

use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::desk::Desk;
use super::prepared::{change, count, lists};
use super::sealed::row;
use crate::harness::{House, each_engine};
use crate::overpayment::town::{LAN, Town};

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
const LAYOUT: u32 = 8;
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
