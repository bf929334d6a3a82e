//! A report and the end of a delivery that write the history of the same orders at the same time.

use sea_orm::{ConnectionTrait, Statement};
use service::{ProblemCode, payment_file};
use tokio::sync::Notify;
use uuid::Uuid;

use super::bank::BankTown;
use super::lock_order::somebody_waits;
use crate::harness::each_engine;

/// The numbers of the steps of an order, and what each made of it.
async fn history(town: &BankTown<'_>, order: Uuid) -> Vec<(i32, String)> {
    let conn = town.app().db.owner();
    let backend = conn.get_database_backend();
    let sql = "SELECT sequence, to_status FROM payment_order_history WHERE order_id = $1 ORDER BY sequence";
    let ask = Statement::from_sql_and_values(backend, sql, [order.into()]);
    let rows = conn.query_all_raw(ask).await.unwrap();
    let steps = rows.iter().map(|row| {
        let (number, to) = (row.try_get("", "sequence"), row.try_get("", "to_status"));
        (number.unwrap(), to.unwrap())
    });
    steps.collect()
}

#[test]
fn a_receipt_waits_for_the_report_that_has_the_run_in_hand() {
    each_engine(async |house| {
        // The embedded engine has one writer: nobody writes beside it.
        if house.app.db.is_sqlite() {
            return;
        }
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let app = town.app();
        let order = town.orders(run).await[0].id;
        let files = payment_file::list(app, &town.treasury, run).await.unwrap();
        let file = files
            .iter()
            .find(|own| own.execution_date.is_some() && own.order_count > 0)
            .unwrap();
        let (id, version) = (file.id, file.version);
        let sha256 = file.sha256.clone().unwrap();
        payment_file::content(app, &town.treasury, id).await.unwrap();
        let read = history(&town, order).await.len();
        // The delivery of the file was lost: its receipt will move the orders.
        let lost = "UPDATE payment_order SET status = 'unknown' WHERE status = 'extracted'";
        app.db.owner().execute_unprepared(lost).await.unwrap();
        let locked = Notify::new();
        let report = app.db.write(async |txn| {
            let conn = txn.conn();
            let backend = conn.get_database_backend();
            let sql = format!("SELECT id FROM pay_run WHERE id = '{run}' FOR UPDATE");
            conn.query_all_raw(Statement::from_string(backend, sql)).await?;
            locked.notify_one();
            somebody_waits(app).await;
            let next = format!(
                "INSERT INTO payment_order_event (order_id, sequence, from_status, to_status, reason, source, at) \
                 VALUES ('{order}', {}, 'unknown', 'accepted', NULL, 'bank_report:{}', now())",
                read + 1,
                order.simple()
            );
            conn.execute_unprepared(&next).await?;
            let taken = format!("UPDATE payment_order SET status = 'accepted' WHERE id = '{order}'");
            conn.execute_unprepared(&taken).await?;
            Ok(())
        });
        let receipt = async {
            locked.notified().await;
            payment_file::acknowledge(app, &town.treasury, id, version, &sha256)
                .await
                .unwrap();
        };
        let (report, ()) = futures::join!(report, receipt);
        report.unwrap();
        let steps = history(&town, order).await;
        assert_eq!(steps.len(), read + 1, "what the bank took needs no receipt: {steps:?}");
        assert_eq!(town.statuses(run).await, ["accepted", "extracted"]);
    });
}

#[test]
fn who_writes_the_same_step_of_an_order_may_come_again() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let run = town.pay("2024-09").await;
        let order = town.orders(run).await[0].id;
        let step = async || {
            let written = town.app().db.write(async |txn| {
                let backend = txn.conn().get_database_backend();
                let sql = "INSERT INTO payment_order_event \
                           (order_id, sequence, from_status, to_status, reason, source, at) \
                           SELECT id, 3, 'extracted', 'accepted', NULL, 'bank_report:1', $2 FROM payment_order WHERE id = $1";
                let values = [order.into(), town.app().clock.now().into()];
                let step = Statement::from_sql_and_values(backend, sql, values);
                txn.conn().execute_raw(step).await?;
                Ok(())
            });
            written.await
        };
        step().await.unwrap();
        let read = history(&town, order).await.len();
        let refused = step().await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::Unavailable, "{refused}");
        assert!(refused.is_retryable(), "its job is not dead");
        assert_eq!(history(&town, order).await.len(), read);
        town.holds().await;
    });
}
