//! Orders are prepared when a run is submitted, seen when it is approved, and gone when it is sent back.

use std::io::Cursor;
use std::sync::Mutex;

use calamine::{Reader, Xlsx};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use service::{Role, access, payment_file};
use sha2::{Digest, Sha256};

use super::desk::Desk;
use crate::harness::{House, each_engine};
use crate::overpayment::town::{LAN, Town};

pub(super) async fn count(house: &House, from: &str) -> i64 {
    let db = house.app.db.owner();
    let sql = format!("SELECT COUNT(*) AS number FROM {from}");
    let row = db
        .query_one_raw(Statement::from_string(db.get_database_backend(), sql))
        .await
        .unwrap();
    row.unwrap().try_get("", "number").unwrap()
}

pub(super) async fn change(house: &House, sql: &str) {
    house.app.db.owner().execute_unprepared(sql).await.unwrap();
}

/// Reference and amount of each order of a run, in the order of their references.
async fn orders(desk: &Desk<'_>, run: uuid::Uuid) -> Vec<(Value, Value)> {
    let page = desk.get(&format!("/v1/pay-runs/{run}/orders")).await;
    let items = page["items"].as_array().unwrap().iter();
    let mut orders: Vec<_> = items
        .map(|own| (own["reference"].clone(), own["amount"].clone()))
        .collect();
    orders.sort_by_key(|(reference, _)| reference.to_string());
    orders
}

#[test]
fn what_is_prepared_is_seen_by_nobody_and_stands_once_it_is_approved() {
    each_engine(async |house| {
        let town = Town::with_fund(house, 10_000_000).await;
        let desk = Desk::of(&town).await;
        let run = town.build("2024-09").await.id;
        desk.takes(&desk.preparer, run, "submit", None).await;
        assert_eq!(count(house, "payment_order").await, 2);
        assert_eq!(count(house, "pay_run_plan").await, 1);
        assert_eq!(count(house, "payment_order_history").await, 0);
        assert_eq!(count(house, "payment_file").await, 0);
        assert!(orders(&desk, run).await.is_empty());
        let treasury = house.key(Role::Treasury, None).await;
        let path = format!("/v1/payment-orders?person_id={LAN}");
        let found = house.call("GET", &path).key(&treasury).send().await.json();
        assert_eq!(found["items"], json!([]));
        let order = town.lines(run).await[0].order_id.unwrap();
        let path = format!("/v1/payment-orders/{order}");
        let hidden = house.call("GET", &path).key(&treasury).send().await;
        assert_eq!(hidden.status, 404, "{hidden:?}");
        town.holds().await;

        desk.takes(&desk.approver, run, "approve", None).await;
        assert_eq!(orders(&desk, run).await.len(), 2);
        let shown = house.call("GET", &path).key(&treasury).send().await.json();
        let events = shown["events"].as_array().unwrap();
        assert_eq!(events.len(), 1);
        assert_eq!(events[0]["to_status"], json!("approved"));
        town.holds().await;
        desk.takes(&desk.releaser, run, "release", None).await;
        town.arrives(run).await;
        town.close().await;
    });
}

#[test]
fn a_submission_that_is_sent_back_or_cancelled_leaves_no_order_behind() {
    each_engine(async |house| {
        let town = Town::with_fund(house, 10_000_000).await;
        let desk = Desk::of(&town).await;
        let run = town.build("2024-09").await.id;
        let why = || Some(json!({"reason": "Sai số tài khoản"}));
        for last in ["reject", "cancel"] {
            desk.takes(&desk.preparer, run, "submit", None).await;
            assert_eq!(count(house, "payment_order").await, 2);
            desk.takes(&desk.approver, run, last, why()).await;
            for table in [
                "payment_order",
                "pay_run_plan",
                "payment_file",
                "payment_order_history",
                "prepared_list",
            ] {
                assert_eq!(count(house, table).await, 0, "{table} after {last}");
            }
            town.holds().await;
        }
    });
}

#[test]
fn prepared_orders_that_somebody_changed_are_made_anew() {
    each_engine(async |house| {
        let town = Town::with_fund(house, 10_000_000).await;
        let desk = Desk::of(&town).await;
        let run = town.build("2024-09").await.id;
        let why = || Some(json!({"reason": "Lập lại"}));
        let mut known = Vec::new();
        for fault in [
            "",
            "DELETE FROM payment_order WHERE id = (SELECT MIN(CAST(id AS TEXT)) FROM payment_order)",
            "UPDATE payment_order SET file_id = id",
            "UPDATE payment_order SET line_count = 7",
            "DELETE FROM payment_order",
            "DELETE FROM pay_run_plan",
        ] {
            desk.takes(&desk.preparer, run, "submit", None).await;
            if !fault.is_empty() {
                let fault = if house.app.db.is_sqlite() {
                    fault.replace(
                        "(SELECT MIN(CAST(id AS TEXT)) FROM payment_order)",
                        "(SELECT MIN(id) FROM payment_order)",
                    )
                } else {
                    fault.replace(
                        "id = (SELECT MIN(CAST(id AS TEXT)) ",
                        "CAST(id AS TEXT) = (SELECT MIN(CAST(id AS TEXT)) ",
                    )
                };
                change(house, &fault).await;
            }
            desk.takes(&desk.approver, run, "approve", None).await;
            let made = orders(&desk, run).await;
            assert_eq!(made.len(), 2, "{fault}");
            if known.is_empty() {
                known.clone_from(&made);
            }
            assert_eq!(made, known, "{fault}");
            town.holds().await;
            if fault != "DELETE FROM pay_run_plan" {
                desk.takes(&desk.releaser, run, "reject", why()).await;
            }
        }
        desk.takes(&desk.releaser, run, "release", None).await;
        town.arrives(run).await;
        town.close().await;
    });
}

#[test]
fn an_account_changed_after_the_approval_is_not_released() {
    each_engine(async |house| {
        let town = Town::with_fund(house, 10_000_000).await;
        let desk = Desk::of(&town).await;
        let run = desk.approved().await;
        let redirect = "UPDATE payee_account SET holder_name = 'Kẻ Gian' WHERE account_number = '022190001234'";
        change(house, redirect).await;
        let path = format!("/v1/pay-runs/{run}");
        let release = format!("{path}/release");
        let refused = desk.tries(&desk.releaser, ("POST", &release), &path, None).await;
        assert_eq!(refused.status, 409, "{refused:?}");
        refused.problem("content-changed");
        assert_eq!(json!(town.run(run).await.status), "approved");
    });
}

/// Every cell of every workbook of a run, and the hash of each paper.
pub(super) async fn lists(house: &House, run: uuid::Uuid) -> Vec<String> {
    let key = house.key(Role::Treasury, None).await;
    let treasury = access::authenticate(&house.app, &key).await.unwrap();
    let mut cells = Vec::new();
    for file in payment_file::list(&house.app, &treasury, run).await.unwrap() {
        let (_, bytes) = payment_file::content(&house.app, &treasury, file.id).await.unwrap();
        if !file.name.ends_with(".xlsx") {
            cells.push(format!("{} {}", file.name, hex::encode(Sha256::digest(&bytes))));
            continue;
        }
        let mut book = Xlsx::new(Cursor::new(bytes)).unwrap();
        for name in book.sheet_names() {
            let sheet = book.worksheet_range(&name).unwrap();
            let own = sheet
                .used_cells()
                .map(|(row, column, cell)| format!("{name} {row} {column} {cell}"));
            cells.extend(own);
        }
    }
    cells
}

#[test]
fn lists_are_prepared_used_once_and_never_where_somebody_changed_them() {
    let said = Mutex::new(Vec::new());
    each_engine(async |house| {
        let town = Town::with_fund(house, 10_000_000).await;
        let desk = Desk::of(&town).await;
        let run = town.build("2024-09").await.id;
        desk.takes(&desk.preparer, run, "submit", None).await;
        assert_eq!(count(house, "prepared_list").await, 4, "one part each");
        desk.takes(&desk.approver, run, "approve", None).await;
        assert_eq!(count(house, "prepared_list").await, 4);
        if house.app.db.is_sqlite() {
            // Each list in the other's place, whole and well formed.
            let of = |kind: &str| format!("(SELECT id FROM payment_file WHERE kind = '{kind}')");
            let (treasury, changes) = (of("treasury_list"), of("change_list"));
            for (to, from) in [("x'00'", &*treasury), (&treasury, &changes), (&changes, "x'00'")] {
                let sql = format!("UPDATE prepared_list SET file_id = {to} WHERE file_id = {from}");
                change(house, &sql).await;
            }
        }
        desk.takes(&desk.releaser, run, "release", None).await;
        assert_eq!(count(house, "prepared_list").await, 0);
        let cells = lists(house, run).await;
        assert!(cells.iter().any(|cell| cell.contains("Tổng cộng")), "{cells:?}");
        said.lock().unwrap().push(cells);
        town.arrives(run).await;
        town.close().await;
    });
    let said = said.into_inner().unwrap();
    assert!(said.windows(2).all(|pair| pair[0] == pair[1]), "{said:?}");
}
