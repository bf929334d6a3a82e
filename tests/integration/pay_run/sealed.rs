//! What was approved is what goes out: orders and files altered after the approval are not released, and what is prepared
//! says what was approved.

use std::sync::Mutex;

use sea_orm::{ConnectionTrait, QueryResult, Statement};
use serde_json::json;
use service::{ProblemCode, pay_run, verify};

use super::desk::Desk;
use super::prepared::{change, count, lists};
use crate::harness::{House, each_engine};
use crate::overpayment::town::Town;
use crate::reconciliation::bank::BankTown;

pub(super) async fn row(house: &House, sql: &str) -> QueryResult {
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
        let own = lists(house, run).await;
        said.lock().unwrap().push(own);
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
