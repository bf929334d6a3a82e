//! Who changes a run and moves money locks the run first: nobody waits for a run with a line or a fund in hand, nor for a
//! fund with one in hand that comes later.

use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use service::pay_run::{self, CreatePayRun};
use service::payment_order::{decide_cancellation, propose_cancellation};
use service::program::{self, ListPrograms, SetProgramFund};
use service::reconciliation;
use service::registry_finding::{self, ListFindings};
use service::{App, bank_report};
use tokio::sync::Notify;
use uuid::Uuid;

use super::bank::{BankTown, accept, answer, month, of, pain002};
use super::returns::come_back;
use crate::harness::{each_engine, opens_fund, pays_from};

/// Every fund, as who can't say yet which one he needs.
const FUNDS: &str = "SELECT id FROM fund FOR UPDATE";

/// Asks until another transaction of this database waits for a lock.
pub(super) async fn somebody_waits(app: &App) {
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
    panic!("nobody waits");
}

/// Another transaction has `first` in hand when `other` begins, and asks for the `rest` once that waits for it.
pub(crate) async fn beside(app: &App, first: &str, rest: &[&str], other: impl Future<Output = ()>) {
    let locked = Notify::new();
    let step = app.db.write(async |txn| {
        txn.conn().execute_unprepared(first).await?;
        locked.notify_one();
        somebody_waits(app).await;
        for sql in rest {
            txn.conn().execute_unprepared(sql).await?;
        }
        Ok(())
    });
    let other = async {
        locked.notified().await;
        other.await;
    };
    let (step, ()) = futures::join!(step, other);
    step.unwrap();
}

/// A run, as each step of an officer has it in hand.
pub(crate) fn run_in_hand(run: Uuid) -> String {
    format!("SELECT id FROM pay_run WHERE id = '{run}' FOR UPDATE")
}

/// A town of two people where transactions wait for each other's rows: the embedded engine has one writer, and nobody
/// waits for a second lock there.
fn where_writers_meet(test: impl AsyncFn(&BankTown<'_>)) {
    each_engine(async |house| {
        if house.app.db.is_sqlite() {
            return;
        }
        let town = BankTown::open(house, 2).await;
        test(&town).await;
    });
}

/// What was begun is carried through, and every invariant holds.
async fn ends_well(town: &BankTown<'_>) {
    town.idle().await;
    town.holds().await;
}

/// September is paid, and its banks may answer.
async fn september(town: &BankTown<'_>) -> Uuid {
    let run = town.pay("2024-09").await;
    town.now("2024-09-25T02:00:00Z").await;
    run
}

/// The bank tells that the holder of the first account of a run has died.
async fn a_death_is_told(town: &BankTown<'_>, run: Uuid) {
    let orders = town.orders(run).await;
    let told = town
        .bring(pain002("A1", &[answer(&orders[0], "RJCT", Some("MD07"))]))
        .await;
    assert_eq!((told.matched, told.suspense), (1, 1));
}

/// One person proposes to cancel what came back of the first order of a run: the order, and the proposal.
async fn cancellation(town: &BankTown<'_>, run: Uuid) -> (Uuid, Uuid) {
    let order = town.orders(run).await[0].id;
    let why = json!({"note": "Sai người nhận, chi lại từ đầu"});
    let proposed = propose_cancellation(town.app(), &town.preparer, order, of(why))
        .await
        .unwrap();
    (order, proposed.id)
}

/// Another accepts it.
async fn cancel(town: &BankTown<'_>, (order, proposal): (Uuid, Uuid)) {
    decide_cancellation(town.app(), &town.approver, order, accept(proposal))
        .await
        .unwrap();
}

#[test]
fn a_cancelled_return_waits_for_a_run_with_no_fund_in_hand() {
    where_writers_meet(async |town| {
        let run = come_back(town, "AM04").await;
        let october = town.build("2024-10").await;
        let proposed = cancellation(town, run).await;
        beside(town.app(), &run_in_hand(october), &[FUNDS], cancel(town, proposed)).await;
        ends_well(town).await;
    });
}

#[test]
fn a_report_waits_for_a_run_with_no_fund_in_hand() {
    where_writers_meet(async |town| {
        let run = september(town).await;
        let october = town.build("2024-10").await;
        beside(town.app(), &run_in_hand(october), &[FUNDS], a_death_is_told(town, run)).await;
        ends_well(town).await;
    });
}

#[test]
fn a_report_waits_for_a_run_with_no_order_and_no_line_in_hand() {
    where_writers_meet(async |town| {
        let run = september(town).await;
        let october = town.build("2024-10").await;
        let orders = format!("SELECT id FROM payment_order WHERE pay_run_id = '{run}' ORDER BY id FOR UPDATE");
        let lines = format!("SELECT id FROM payment_line WHERE pay_run_id = '{run}' ORDER BY id FOR UPDATE");
        let told = a_death_is_told(town, run);
        beside(town.app(), &run_in_hand(october), &[&orders, &lines, FUNDS], told).await;
        ends_well(town).await;
    });
}

#[test]
fn a_report_waits_for_a_run_with_no_finding_in_hand() {
    where_writers_meet(async |town| {
        let run = september(town).await;
        a_death_is_told(town, run).await;
        let october = town.build("2024-10").await;
        // The bank tells the same again, and that the other has died too.
        let orders = town.orders(run).await;
        let both: Vec<_> = orders.iter().map(|order| answer(order, "RJCT", Some("MD07"))).collect();
        // Who looks into a finding has the drafts in hand, and then the finding.
        let findings = "SELECT id FROM registry_finding ORDER BY id FOR UPDATE";
        beside(town.app(), &run_in_hand(october), &[findings], async {
            let told = town.bring(pain002("A2", &both)).await;
            assert_eq!(json!(told.status), "reconciled", "{told:?}");
        })
        .await;
        ends_well(town).await;
    });
}

#[test]
fn a_resolution_waits_for_a_run_with_no_line_in_hand() {
    where_writers_meet(async |town| {
        let run = september(town).await;
        let mut stray = answer(&town.orders(run).await[0], "ACSC", None);
        stray.reference = "AS-00000000000000000000000000".to_owned();
        stray.uetr = None;
        town.bring(pain002("A1", &[stray])).await;
        let line = town.waiting("unknown_reference").await.line.id;
        let october = town.build("2024-10").await;
        let order = town.orders(run).await[0].id;
        let what = json!({"resolution": "matched_to_order", "order_id": order, "note": "Đã gọi ngân hàng"});
        let proposed = town.propose(line, what).await.unwrap();
        // Who looks into a finding has the drafts in hand, and then the lines that told of it.
        let lines = "SELECT id FROM bank_report_line ORDER BY id FOR UPDATE";
        beside(town.app(), &run_in_hand(october), &[lines], async {
            reconciliation::decide(town.app(), &town.second, line, accept(proposed.id))
                .await
                .unwrap();
        })
        .await;
        ends_well(town).await;
    });
}

#[test]
fn a_report_that_tells_a_death_again_waits_for_whoever_looks_into_it() {
    where_writers_meet(async |town| {
        let app = town.app();
        let run = town.pay("2024-09").await;
        town.now("2024-09-20T02:00:00Z").await;
        let told = answer(&town.orders(run).await[0], "RJCT", Some("MD07"));
        town.bring(pain002("A1", std::slice::from_ref(&told))).await;
        let filter: ListFindings = of(json!({"status": "open"}));
        let open = registry_finding::list(app, &town.caseworker, filter).await.unwrap();
        let finding = open.items[0].id;
        let again = bank_report::upload(app, &town.treasury, "again.xml", pain002("A2", &[told]))
            .await
            .unwrap();
        // A caseworker has the finding in hand when the report is read, and dismisses it.
        let look = format!("SELECT id FROM registry_finding WHERE id = '{finding}' FOR UPDATE");
        let dismiss = format!(
            "UPDATE registry_finding SET status = 'dismissed', note = 'nhầm', decided_by = '{}', decided_at = now(), \
             version = version + 1 WHERE id = '{finding}'",
            town.caseworker.user_id.unwrap()
        );
        beside(app, &look, &[&dismiss], town.idle()).await;
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
    let first = "SELECT id FROM fund WHERE code = 'social_assistance' FOR UPDATE";
    let all = "SELECT id FROM fund ORDER BY code DESC, id FOR UPDATE";
    beside(app, first, &[all], other).await;
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
    where_writers_meet(async |town| {
        let run = come_back(town, "AM04").await;
        let october = october_from_donations(town).await;
        let proposed = cancellation(town, run).await;
        beside_funds(town.app(), cancel(town, proposed)).await;
        assert_eq!(status(town, october).await, "draft");
        ends_well(town).await;
    });
}

#[test]
fn a_report_that_voids_a_run_of_another_fund_locks_both_funds_at_once() {
    where_writers_meet(async |town| {
        let run = september(town).await;
        let october = october_from_donations(town).await;
        beside_funds(town.app(), a_death_is_told(town, run)).await;
        assert_eq!(status(town, october).await, "draft");
        ends_well(town).await;
    });
}
