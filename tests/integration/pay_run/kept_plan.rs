//! What was approved of a run is kept with it, and its orders leave with it and not before.

use sea_orm::ConnectionTrait;
use serde_json::json;

use super::desk::Desk;
use super::prepared::count;
use crate::harness::{House, each_engine};
use crate::overpayment::town::Town;

/// The database refuses each of these to whoever owns it, by this rule.
async fn refuses(house: &House, rule: &str, statements: &[&str]) {
    for sql in statements {
        let told = house
            .app
            .db
            .owner()
            .execute_unprepared(sql)
            .await
            .unwrap_err()
            .to_string();
        assert!(told.contains("refused ") && told.contains(rule), "{sql}: {told}");
    }
}

#[test]
fn what_was_approved_of_a_run_is_neither_deleted_nor_changed() {
    each_engine(async |house| {
        let town = Town::with_fund(house, 10_000_000).await;
        let desk = Desk::of(&town).await;
        let run = town.build("2024-09").await.id;
        let why = || Some(json!({"reason": "Lập lại"}));
        let changes = [
            "UPDATE pay_run_plan SET revision = revision + 1",
            "UPDATE pay_run_plan SET orders = 'other'",
            "UPDATE pay_run_plan SET files = '[]'",
        ];
        desk.takes(&desk.preparer, run, "submit", None).await;
        refuses(house, "not_approved", &["UPDATE pay_run_plan SET approved = 'other'"]).await;
        refuses(house, "immutable", &changes).await;
        desk.takes(&desk.approver, run, "approve", None).await;
        refuses(house, "not_draft", &["DELETE FROM pay_run_plan"]).await;
        refuses(house, "immutable", &changes).await;
        refuses(house, "immutable", &["UPDATE pay_run_plan SET approved = NULL"]).await;
        assert_eq!(count(house, "pay_run_plan").await, 1);
        // Who may send it back does.
        desk.takes(&desk.releaser, run, "reject", why()).await;
        assert_eq!(count(house, "pay_run_plan").await, 0);
        desk.takes(&desk.preparer, run, "submit", None).await;
        desk.takes(&desk.approver, run, "approve", None).await;
        desk.takes(&desk.releaser, run, "release", None).await;
        refuses(house, "not_draft", &["DELETE FROM pay_run_plan"]).await;
        if !house.app.db.is_sqlite() {
            refuses(house, "not_draft", &["TRUNCATE pay_run_plan"]).await;
        }
        town.arrives(run).await;
        refuses(house, "not_draft", &["DELETE FROM pay_run_plan"]).await;
        assert_eq!(count(house, "pay_run_plan").await, 1);
        town.close().await;
    });
}

#[test]
fn an_approved_run_that_is_cancelled_loses_what_was_approved() {
    each_engine(async |house| {
        let town = Town::with_fund(house, 10_000_000).await;
        let desk = Desk::of(&town).await;
        let run = desk.approved().await;
        let why = json!({"reason": "Lập lại"});
        desk.takes(&desk.approver, run, "cancel", Some(why)).await;
        for table in ["payment_order", "pay_run_plan", "payment_file", "payment_line"] {
            assert_eq!(count(house, table).await, 0, "{table}");
        }
        town.holds().await;
        town.close().await;
    });
}

#[test]
fn no_order_leaves_before_its_run_is_released() {
    each_engine(async |house| {
        let town = Town::with_fund(house, 10_000_000).await;
        let desk = Desk::of(&town).await;
        let run = town.build("2024-09").await.id;
        let moves = [
            "UPDATE payment_order SET status = 'extracted'",
            "UPDATE payment_order SET status = 'settled' WHERE account_number = '022190001234'",
            "UPDATE payment_order SET status = 'returned', version = version + 1",
            "INSERT INTO pay_run_step (pay_run_id, sequence, from_status, to_status, source, at) \
             SELECT id, 9, 'approved', 'extracted', 'nobody', created_at FROM pay_run",
        ];
        desk.takes(&desk.preparer, run, "submit", None).await;
        refuses(house, "not_approved", &moves).await;
        desk.takes(&desk.approver, run, "approve", None).await;
        refuses(house, "not_approved", &moves).await;
        // Nothing keeps it from being sent back, approved again and released.
        let why = json!({"reason": "Lập lại"});
        desk.takes(&desk.releaser, run, "reject", Some(why)).await;
        desk.takes(&desk.preparer, run, "submit", None).await;
        desk.takes(&desk.approver, run, "approve", None).await;
        desk.takes(&desk.releaser, run, "release", None).await;
        assert_eq!(count(house, "payment_order WHERE status <> 'approved'").await, 2);
        town.arrives(run).await;
        town.close().await;
    });
}

#[test]
fn what_left_the_house_is_changed_by_nobody() {
    each_engine(async |house| {
        let town = Town::with_fund(house, 10_000_000).await;
        let desk = Desk::of(&town).await;
        let run = desk.approved().await;
        desk.takes(&desk.releaser, run, "release", None).await;
        let changes = [
            "UPDATE payment_order SET amount = amount + 1",
            "UPDATE payment_order SET status = 'settled', account_number = '022190009999'",
            "UPDATE payment_line SET amount = amount + 1",
            "UPDATE payment_line SET status = 'returned', order_id = id",
        ];
        refuses(house, "immutable", &changes).await;
        let back = ["UPDATE payment_line SET status = 'draft'"];
        refuses(house, "not_draft", &back).await;
        let gone = ["UPDATE payment_line SET status = 'cancelled'"];
        refuses(house, "not_approved", &gone).await;
        assert_eq!(count(house, "payment_line WHERE status <> 'live'").await, 0);
        if !house.app.db.is_sqlite() {
            // A guard before the change would have a release lock, and log, each row of its own.
            let before = "pg_trigger WHERE tgrelid IN ('payment_line'::regclass, 'payment_order'::regclass) \
                          AND NOT tgisinternal AND tgtype = 1 + 2 + 16";
            assert_eq!(count(house, before).await, 0);
        }
        town.arrives(run).await;
        town.close().await;
    });
}
