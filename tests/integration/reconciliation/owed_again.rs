//! Arrears whose payment came back and was cancelled are owed again, as often as that happens.

use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use service::ProblemCode;
use service::job::{self, JobState};
use service::pay_run::{self, LineView};
use service::payment_order::{OrderView, decide_cancellation, propose_cancellation};
use uuid::Uuid;

use super::bank::{AMOUNT, BankTown, accept, answer, camt054, of, pain002, person, refuse};
use super::batch_debits::{batch, entry, names};
use super::debited_again::{self, debit, decide};
use super::returns::come_back;
use crate::harness::each_engine;

/// Two people decide that what came back of the first order of a run is not paid again by itself.
async fn cancel(town: &BankTown<'_>, run: Uuid) {
    let (app, order) = (town.app(), town.orders(run).await[0].id);
    let why = json!({"note": "Chi lại từ đầu"});
    let proposed = propose_cancellation(app, &town.preparer, order, of(why)).await.unwrap();
    decide_cancellation(app, &town.approver, order, accept(proposed.id))
        .await
        .unwrap();
    town.idle().await;
    assert_eq!(dead(town).await, 0, "what is owed was reckoned");
}

/// Jobs that gave up.
async fn dead(town: &BankTown<'_>) -> i64 {
    let counts = job::open_counts(town.app()).await.unwrap();
    let own = counts.iter().filter(|((_, state), _)| *state == JobState::Dead);
    own.map(|(_, count)| count).sum()
}

/// Everything of a run arrives, and its first order comes back.
async fn first_comes_back(town: &BankTown<'_>, run: Uuid, name: &str, reason: &str) {
    let orders: Vec<OrderView> = town.orders(run).await;
    let told: Vec<_> = orders.iter().map(|order| answer(order, "ACCC", None)).collect();
    town.bring(pain002(&format!("{name}P"), &told)).await;
    let back = [answer(&orders[0], "BOOK", Some(reason))];
    town.bring(camt054(&format!("{name}R"), &back)).await;
    assert_eq!(town.statuses(run).await[0], "returned");
}

/// Kind, month and amount of each line of the first person in a run, by month.
async fn lines(town: &BankTown<'_>, run: Uuid) -> Vec<(String, i32, i64)> {
    let told = |line: &LineView| {
        let kind = json!(line.kind).as_str().unwrap().to_owned();
        (kind, line.cover_month.yyyymm(), line.amount)
    };
    let mut lines: Vec<_> = town.lines(run, person(0)).await.iter().map(told).collect();
    lines.sort_by_key(|(_, month, _)| *month);
    lines
}

/// So much of each of these months, all of one kind but the last, which is the run's own.
fn expected(kind: &str, months: &[i32]) -> Vec<(String, i32, i64)> {
    let last = months.len() - 1;
    let kind = |place: usize| if place == last { "regular" } else { kind }.to_owned();
    let lines = months.iter().enumerate();
    lines.map(|(place, month)| (kind(place), *month, AMOUNT)).collect()
}

#[test]
fn arrears_that_come_back_and_are_cancelled_are_owed_every_time() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let mut run = come_back(&town, "AC04").await;
        let mut months = vec![202_409];
        for (cover, month, now) in [
            ("2024-10", 202_410, "2024-10-25T02:00:00Z"),
            ("2024-11", 202_411, "2024-11-25T02:00:00Z"),
        ] {
            cancel(&town, run).await;
            run = town.build(cover).await;
            months.push(month);
            assert_eq!(lines(&town, run).await, expected("arrears", &months));
            town.sign(run).await;
            first_comes_back(&town, run, cover, "AC04").await;
            town.holds().await;
            town.now(now).await;
        }
        cancel(&town, run).await;
        let fund = town.fund().await;
        assert_eq!((fund.to_reissue, fund.in_transit, fund.paid), (0, 0, 3 * AMOUNT));
        town.holds().await;
    });
}

#[test]
fn arrears_that_were_paid_again_and_came_back_once_more_are_owed_again() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let september = come_back(&town, "AC04").await;
        cancel(&town, september).await;
        let october = town.pay("2024-10").await;
        assert_eq!(lines(&town, october).await, expected("arrears", &[202_409, 202_410]));
        // The account was not at fault: it is paid again by itself.
        first_comes_back(&town, october, "O", "AM04").await;
        town.now("2024-10-25T02:00:00Z").await;
        let november = town.pay("2024-11").await;
        let months = [202_409, 202_410, 202_411];
        assert_eq!(lines(&town, november).await, expected("reissue", &months));
        first_comes_back(&town, november, "N", "AC04").await;
        town.now("2024-12-02T02:00:00Z").await;
        cancel(&town, november).await;
        let december = town.build("2024-12").await;
        let months = [202_409, 202_410, 202_411, 202_412];
        assert_eq!(lines(&town, december).await, expected("arrears", &months));
        town.sign(december).await;
        assert_eq!(town.fund().await.to_reissue, 0);
        town.holds().await;
    });
}

#[test]
fn one_whose_rows_refuse_it_keeps_nobody_else_from_what_is_owed() {
    each_engine(async |house| {
        let town = BankTown::open(house, 3).await;
        let app = town.app();
        let run = town.build("2024-09").await;
        // As an older release left it: arrears of the first person that count as made up for, and no line that does.
        let conn = app.db.owner();
        let taken = "INSERT INTO arrears (id, entitlement_id, person_id, component, cover_month, determination_id, amount, \
                     group_code, provision, kind, status, created_at) SELECT line.id, line.entitlement_id, line.person_id, \
                     line.component, line.cover_month, line.determination_id, line.amount, line.group_code, line.provision, \
                     'arrears', 'taken', run.created_at FROM payment_line AS line JOIN pay_run AS run \
                     ON run.id = line.pay_run_id WHERE line.person_id = $1";
        let taken = Statement::from_sql_and_values(conn.get_database_backend(), taken, [person(0).into()]);
        assert_eq!(conn.execute_raw(taken).await.unwrap().rows_affected(), 1);
        for number in [0, 1] {
            let version = pay_run::get(app, &town.preparer, run).await.unwrap().version;
            let why = json!({"person_id": person(number), "reason": "Chờ xác minh nơi cư trú"});
            pay_run::exclude(app, &town.preparer, run, version, of(why))
                .await
                .unwrap();
        }
        town.sign(run).await;
        assert_eq!(dead(&town).await, 1, "people are told of the one");
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        let own = town.lines(october, person(1)).await;
        let mut own: Vec<i32> = own.iter().map(|line| line.cover_month.yyyymm()).collect();
        own.sort_unstable();
        assert_eq!(own, [202_409, 202_410], "the other's month is owed all the same");
        assert_eq!(lines(&town, october).await, expected("arrears", &[202_410]));
    });
}

#[test]
fn what_may_have_been_debited_since_it_came_back_is_not_cancelled_before_people_have_looked() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let (app, (run, order)) = (town.app(), debited_again::come_back(&town).await);
        let propose = async || {
            let why = json!({"note": "Chi lại từ đầu"});
            propose_cancellation(app, &town.preparer, order.id, of(why)).await
        };
        let first = propose().await.unwrap();
        town.bring(debit("X", &order)).await;
        town.waiting("debited_again").await;
        let refused = decide_cancellation(app, &town.approver, order.id, accept(first.id)).await;
        assert_eq!(refused.unwrap_err().code, ProblemCode::IllegalTransition);
        decide_cancellation(app, &town.approver, order.id, refuse(first.id))
            .await
            .unwrap();
        assert_eq!(propose().await.unwrap_err().code, ProblemCode::IllegalTransition);
        town.holds().await;

        decide(&town, "debited_again", "bank_resends").await;
        cancel(&town, run).await;
        assert_eq!(json!(town.lines(run, person(0)).await[0].status), "cancelled");
        town.holds().await;
    });
}

#[test]
fn what_a_second_debit_of_its_file_may_have_paid_is_not_cancelled_before_people_have_looked() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let (name, _) = names(&town, run).await;
        for (id, direction) in [("D1", "DBIT"), ("C", "CRDT"), ("D2", "DBIT")] {
            town.bring(entry(id, direction, 2 * AMOUNT, &batch(&name))).await;
        }
        assert_eq!(town.statuses(run).await, ["returned"; 2]);
        town.waiting("duplicate_line").await;
        let (order, why) = (town.orders(run).await[0].id, json!({"note": "Chi lại từ đầu"}));
        let refused = propose_cancellation(town.app(), &town.preparer, order, of(why)).await;
        assert_eq!(refused.unwrap_err().code, ProblemCode::IllegalTransition);
        town.holds().await;
    });
}
