//! A report that brings back what was kept back for a case, beside a run that is not released and keeps back for the same
//! case.

use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use service::ProblemCode;
use uuid::Uuid;

use super::deduct::recovering;
use super::town::Town;
use crate::harness::{House, each_engine};
use crate::reconciliation::lock_order::{beside, run_in_hand};

/// November has kept something back and left the house, and December, approved, is to keep back the rest of the same case.
async fn two_months(house: &House) -> (Town<'_>, Uuid, Uuid) {
    let town = recovering(house).await;
    let november = town.pay("2024-11").await;
    let december = town.build("2024-12").await.id;
    town.submit(december).await.unwrap();
    town.approve(december).await.unwrap();
    (town, november, december)
}

/// November's money of the person of the tests comes back, and with it what was kept back of it.
async fn comes_back(town: &Town<'_>, november: Uuid) {
    let own = town.lines(november).await[0].order_id;
    town.answers(november, |order| (Some(order.id) == own).then_some("returned"))
        .await;
    let lines = town.lines(november).await;
    assert_eq!(json!(lines[0].deductions[0].status), "given_back");
    // Who gives way to another transaction is run again: nobody had to.
    let conn = town.house.app.db.owner();
    let sql = "SELECT MAX(attempts) AS told FROM job WHERE kind = 'reconcile_report'";
    let asked = Statement::from_string(conn.get_database_backend(), sql);
    let row = conn.query_one_raw(asked).await.unwrap().unwrap();
    assert_eq!(row.try_get::<i32>("", "told").unwrap(), 1);
}

#[test]
fn a_report_has_no_line_of_a_case_in_hand_when_it_waits_for_a_run_of_the_case() {
    each_engine(async |house| {
        // The embedded engine has one writer: nobody waits for a second lock there.
        if house.app.db.is_sqlite() {
            return;
        }
        let (town, november, december) = two_months(house).await;
        let of_november = |table: &str| format!("SELECT id FROM {table} WHERE pay_run_id = '{november}' FOR UPDATE");
        let (orders, lines) = (of_november("payment_order"), of_november("payment_line"));
        let rest = [
            orders.as_str(),
            lines.as_str(),
            "SELECT id FROM overpayment_case FOR UPDATE",
        ];
        beside(&house.app, &run_in_hand(december), &rest, comes_back(&town, november)).await;
        // What December keeps back still fits: what people signed of it stands.
        assert_eq!(json!(town.run(december).await.status), "approved");
        town.close().await;
    });
}

#[test]
fn a_release_and_a_report_of_the_same_case_end_one_after_the_other() {
    each_engine(async |house| {
        let (town, november, december) = two_months(house).await;
        let (released, ()) = futures::join!(town.release(december), comes_back(&town, november));
        match released {
            Ok(_) => {}
            // The report was first.
            Err(error) => assert!(
                matches!(
                    error.code,
                    ProblemCode::IllegalTransition | ProblemCode::Stale | ProblemCode::ContentChanged
                ),
                "{error}"
            ),
        }
        town.close().await;
    });
}

#[test]
fn a_run_is_made_while_a_report_brings_back_what_it_is_to_keep_back() {
    each_engine(async |house| {
        let town = recovering(house).await;
        let november = town.pay("2024-11").await;
        let (december, ()) = futures::join!(town.build("2024-12"), comes_back(&town, november));
        // Whichever was first: it is signed as it stands, or built again.
        if town.submit(december.id).await.is_err() {
            town.rebuild(december.id).await;
            town.submit(december.id).await.unwrap();
        }
        town.close().await;
    });
}
