//! Who changes a run and moves money locks the run first: nobody waits for a run with a fund in hand, nor for a fund with
//! one in hand that comes later.

use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use service::pay_run::{self, CreatePayRun};
use service::payment_order::{decide_cancellation, propose_cancellation};
use service::program::{self, ListPrograms, SetProgramFund};
use service::registry_finding::{self, ListFindings};
use service::{App, bank_report};
use tokio::sync::Notify;
use uuid::Uuid;

use super::bank::{BankTown, accept, answer, month, of, pain002};
use super::returns::come_back;
use crate::harness::{each_engine, opens_fund, pays_from};

/// Asks until another transaction of this database waits for a lock.
async fn somebody_waits(app: &App) {
    let conn = app.db.owner();
    let sql = "SELECT COUNT(*) AS told FROM pg_stat_activity \
               WHERE datname = current_database() AND wait_event_type = 'Lock'";
    for _ in 0..100_000 {
        let ask = Statement::from_string(conn.get_database_backend(), sql);
        let row = conn.query_one_raw(ask).await.unwrap().unwrap();
        if row.try_get::<i64>("", "told").unwrap() > 0 {
            return;
        }
    }
    panic!("nobody waits for the run");
}

/// A step of an officer has locked the run when `other` begins, and locks the funds once that waits for the run.
async fn beside(app: &App, run: Uuid, other: impl Future<Output = ()>) {
    let locked = Notify::new();
    let step = app.db.write(async |txn| {
        let backend = txn.conn().get_database_backend();
        let sql = format!("SELECT id FROM pay_run WHERE id = '{run}' FOR UPDATE");
        txn.conn().query_all_raw(Statement::from_string(backend, sql)).await?;
        locked.notify_one();
        somebody_waits(app).await;
        let sql = "SELECT id FROM fund FOR UPDATE";
        txn.conn().query_all_raw(Statement::from_string(backend, sql)).await?;
        Ok(())
    });
    let other = async {
        locked.notified().await;
        other.await;
    };
    let (step, ()) = futures::join!(step, other);
    step.unwrap();
}

#[test]
fn a_cancelled_return_waits_for_a_run_with_no_fund_in_hand() {
    each_engine(async |house| {
        // The embedded engine has one writer: nobody waits for a second lock there.
        if house.app.db.is_sqlite() {
            return;
        }
        let town = BankTown::open(house, 2).await;
        let run = come_back(&town, "AM04").await;
        let app = town.app();
        let october = town.build("2024-10").await;
        let order = town.orders(run).await[0].id;
        let why = json!({"note": "Sai người nhận, chi lại từ đầu"});
        let proposed = propose_cancellation(app, &town.preparer, order, of(why)).await.unwrap();
        beside(app, october, async {
            decide_cancellation(app, &town.approver, order, accept(proposed.id))
                .await
                .unwrap();
        })
        .await;
        town.idle().await;
        town.holds().await;
    });
}

#[test]
fn a_report_waits_for_a_run_with_no_fund_in_hand() {
    each_engine(async |house| {
        if house.app.db.is_sqlite() {
            return;
        }
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        let orders = town.orders(run).await;
        beside(town.app(), october, async {
            let told = town
                .bring(pain002("A1", &[answer(&orders[0], "RJCT", Some("MD07"))]))
                .await;
            assert_eq!((told.matched, told.suspense), (1, 1));
        })
        .await;
        town.holds().await;
    });
}

#[test]
fn a_report_that_tells_a_death_again_waits_for_whoever_looks_into_it() {
    each_engine(async |house| {
        if house.app.db.is_sqlite() {
            return;
        }
        let town = BankTown::open(house, 2).await;
        let app = town.app();
        let run = town.pay("2024-09").await;
        town.now("2024-09-20T02:00:00Z").await;
        let told = answer(&town.orders(run).await[0], "RJCT", Some("MD07"));
        town.bring(pain002("A1", std::slice::from_ref(&told))).await;
        let filter: ListFindings = of(json!({"status": "open"}));
        let open = registry_finding::list(app, &town.caseworker, filter)
            .await
            .unwrap()
            .items;
        let again = bank_report::upload(app, &town.treasury, "again.xml", pain002("A2", &[told]))
            .await
            .unwrap();
        // A caseworker has the finding in hand when the report is read, and dismisses it.
        let held = Notify::new();
        let look = app.db.write(async |txn| {
            let backend = txn.conn().get_database_backend();
            let sql = format!("SELECT id FROM registry_finding WHERE id = '{}' FOR UPDATE", open[0].id);
            txn.conn().query_all_raw(Statement::from_string(backend, sql)).await?;
            held.notify_one();
            somebody_waits(app).await;
            let sql = format!(
                "UPDATE registry_finding SET status = 'dismissed', note = 'nhầm', decided_by = '{}', decided_at = now(), \
                 version = version + 1 WHERE id = '{}'",
                town.caseworker.person()?,
                open[0].id
            );
            txn.conn().execute_unprepared(&sql).await?;
            Ok(())
        });
        let report = async {
            held.notified().await;
            town.idle().await;
        };
        let (look, ()) = futures::join!(look, report);
        look.unwrap();
        let again = bank_report::get(app, &town.treasury, again.id).await.unwrap();
        assert_eq!(
            (again.matched, again.suspense),
            (1, 0),
            "nobody is left to close its line"
        );
    });
}

/// Somebody posts to all funds, and has the first of them in hand when `other` begins.
async fn beside_funds(app: &App, other: impl Future<Output = ()>) {
    let locked = Notify::new();
    let step = app.db.write(async |txn| {
        let backend = txn.conn().get_database_backend();
        let first = "SELECT id FROM fund WHERE code = 'social_assistance' FOR UPDATE";
        txn.conn().query_all_raw(Statement::from_string(backend, first)).await?;
        locked.notify_one();
        somebody_waits(app).await;
        let all = "SELECT id FROM fund ORDER BY code DESC, id FOR UPDATE";
        txn.conn().query_all_raw(Statement::from_string(backend, all)).await?;
        Ok(())
    });
    let other = async {
        locked.notified().await;
        other.await;
    };
    let (step, ()) = futures::join!(step, other);
    step.unwrap();
}

/// From October on the allowance is paid from donations: that month's run, approved.
async fn october_from_donations(town: &BankTown<'_>) -> Uuid {
    let app = town.app();
    let money = json!({"code": "donations", "fiscal_year": 2024, "source": "donation", "name": "Đóng góp",
        "amount": 100_000_000});
    opens_fund(app, of(money)).await;
    let programs = program::list(app, &town.preparer, ListPrograms::default())
        .await
        .unwrap();
    let mut programs = programs.items.into_iter();
    let allowance = programs.find(|own| own.code == "monthly_allowance").unwrap();
    let command = SetProgramFund {
        fund_code: "donations".to_owned(),
        fund_line: None,
        reason: "QĐ 45/QĐ-UBND".to_owned(),
    };
    pays_from(app, allowance.id, command).await;
    let october = CreatePayRun::regular(month("2024-10"), month("2024-10").first_day()).on_fund("donations");
    let run = pay_run::create(app, &town.preparer, october).await.unwrap().id;
    town.idle().await;
    let version = async || pay_run::get(app, &town.preparer, run).await.unwrap().version;
    pay_run::submit(app, &town.preparer, run, version().await)
        .await
        .unwrap();
    pay_run::approve(app, &town.approver, run, version().await)
        .await
        .unwrap();
    run
}

/// How a run stands.
async fn status(town: &BankTown<'_>, run: Uuid) -> serde_json::Value {
    let run = pay_run::get(town.app(), &town.preparer, run).await.unwrap();
    json!(run.status)
}

#[test]
fn a_cancelled_return_that_voids_a_run_of_another_fund_locks_both_funds_at_once() {
    each_engine(async |house| {
        if house.app.db.is_sqlite() {
            return;
        }
        let town = BankTown::open(house, 2).await;
        let run = come_back(&town, "AM04").await;
        let app = town.app();
        let october = october_from_donations(&town).await;
        let order = town.orders(run).await[0].id;
        let why = json!({"note": "Sai người nhận, chi lại từ đầu"});
        let proposed = propose_cancellation(app, &town.preparer, order, of(why)).await.unwrap();
        beside_funds(app, async {
            decide_cancellation(app, &town.approver, order, accept(proposed.id))
                .await
                .unwrap();
        })
        .await;
        assert_eq!(status(&town, october).await, "draft");
        town.idle().await;
        town.holds().await;
    });
}

#[test]
fn a_report_that_voids_a_run_of_another_fund_locks_both_funds_at_once() {
    each_engine(async |house| {
        if house.app.db.is_sqlite() {
            return;
        }
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        town.now("2024-09-25T02:00:00Z").await;
        let october = october_from_donations(&town).await;
        let orders = town.orders(run).await;
        beside_funds(town.app(), async {
            let told = town
                .bring(pain002("A1", &[answer(&orders[0], "RJCT", Some("MD07"))]))
                .await;
            assert_eq!((told.matched, told.suspense), (1, 1));
        })
        .await;
        assert_eq!(status(&town, october).await, "draft");
        town.holds().await;
    });
}
