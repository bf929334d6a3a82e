//! Money that came back: paid again on another account, or cancelled by two people.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use service::pay_run::CreatePayRun;
use service::payment_order::{cancellations, decide_cancellation, propose_cancellation};
use service::{ProblemCode, Role, pay_run, person as people};

use super::bank::{AMOUNT, BankTown, accept, answer, camt054, month, of, pain002, person, refuse};
use crate::harness::each_engine;

/// September paid; the first order came back for a reason, the others arrived.
pub(super) async fn come_back(town: &BankTown<'_>, reason: &str) -> uuid::Uuid {
    let run = town.pay("2024-09").await;
    let orders = town.orders(run).await;
    let told: Vec<_> = orders.iter().map(|order| answer(order, "ACCC", None)).collect();
    town.bring(pain002("A1", &told)).await;
    town.bring(camt054("A2", &[answer(&orders[0], "BOOK", Some(reason))]))
        .await;
    town.now("2024-09-25T02:00:00Z").await;
    run
}

async fn new_account(town: &BankTown<'_>) {
    let app = town.app();
    let own = people::get(app, &town.caseworker, person(0)).await.unwrap();
    let command = json!({"relation": "oneself", "from": "2024-09-20", "account": {
        "channel": "bank_transfer", "bank_code": "AGRIBANK", "account_number": "8011205999999",
        "holder_name": "Phạm Thị Lan"}});
    let own = people::propose_payee(app, &town.caseworker, person(0), own.version, of(command))
        .await
        .unwrap();
    // Proposed, it changes nothing yet.
    let october = town.build("2024-10").await;
    assert_eq!(reasons(town, october).await, ["returned_ac04"]);
    let payees = people::list_payees(app, &town.caseworker, person(0)).await.unwrap();
    let proposed = payees.iter().find(|payee| json!(payee.status) == "proposed").unwrap();
    people::confirm_payee(app, &town.decider, person(0), proposed.id, own.version)
        .await
        .unwrap();
    town.idle().await;
    town.rebuild(october).await;
}

async fn reasons(town: &BankTown<'_>, run: uuid::Uuid) -> Vec<String> {
    town.held(run).await.into_iter().map(|own| own.reason).collect()
}

fn of_months(lines: &[service::pay_run::LineView]) -> Vec<(Value, i32, i64)> {
    let mut months: Vec<_> = lines
        .iter()
        .map(|line| (json!(line.kind), line.cover_month.yyyymm(), line.amount))
        .collect();
    months.sort_by_key(|(_, month, _)| *month);
    months
}

#[test]
fn who_keeps_the_registry_of_a_commune_finds_what_came_back_and_what_is_held_there() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        come_back(&town, "AC04").await;
        let october = town.build("2024-10").await;
        let own = house.key(Role::Caseworker, Some("06652@1900-01")).await;
        let other = house.key(Role::Caseworker, Some("06658@1900-01")).await;
        let (returned, held) = (
            "/v1/payment-orders?status=returned".to_owned(),
            format!("/v1/pay-runs/{october}/held"),
        );
        let get = async |key: &str, path: &str| -> Vec<Value> {
            let answer = house.call("GET", path).key(key).send().await;
            assert_eq!(answer.status, 200, "{path}: {answer:?}");
            answer.json()["items"].as_array().unwrap().clone()
        };
        let runs = get(&own, "/v1/pay-runs").await;
        let listed = runs.iter().find(|run| run["id"] == json!(october));
        let one = async |key: &str| {
            house
                .call("GET", &format!("/v1/pay-runs/{october}"))
                .key(key)
                .send()
                .await
        };
        let read = one(&own).await;
        assert_eq!(read.status, 200, "{read:?}");
        assert_eq!(Some(&read.json()), listed, "the one is told as it is in the list");
        let clerk = house.key(Role::Treasury, None).await;
        assert_eq!(one(&clerk).await.status, 200);
        let administrator = house.key(Role::Administrator, None).await;
        one(&administrator).await.problem("forbidden");
        let back = get(&own, &returned).await;
        assert_eq!((back.len(), &back[0]["reason"]), (1, &json!("AC04")));
        let order = format!("/v1/payment-orders/{}", back[0]["id"].as_str().unwrap());
        let detail = house.call("GET", &order).key(&own).send().await.json();
        assert_eq!(detail["lines"][0]["person_id"], json!(person(0)), "whose account it is");
        let waits = get(&own, &held).await;
        assert_eq!(
            (&waits[0]["person_id"], &waits[0]["reason"]),
            (&json!(person(0)), &json!("returned_ac04"))
        );
        assert_eq!(
            waits[0]["reason_text"]["vi"],
            "ngân hàng trả về (AC04), chờ sửa tài khoản"
        );
        for path in [&returned, &held] {
            assert_eq!(
                get(&other, path).await,
                Vec::<Value>::new(),
                "{path}: not in another commune"
            );
        }
        // Protected people stand in no list.
        let protect = "UPDATE person SET protected = TRUE";
        town.app().db.owner().execute_unprepared(protect).await.unwrap();
        for path in [&returned, &held] {
            assert_eq!(get(&own, path).await, Vec::<Value>::new(), "{path}");
        }
        let hidden = house.call("GET", &order).key(&own).send().await;
        assert_eq!(hidden.status, 404, "{hidden:?}");
        let auditor = house.key(Role::Auditor, None).await;
        // Nor do the sums of runs tell of them, in a commune or anywhere.
        let told = async |key: &str| -> Vec<(i64, i64)> {
            let runs = get(key, "/v1/pay-runs").await;
            let number = |run: &Value, name: &str| run[name].as_i64().unwrap();
            let told = runs.iter().map(|run| (number(run, "line_count"), number(run, "total")));
            told.collect()
        };
        let everywhere = house.key(Role::Caseworker, None).await;
        for key in [&own, &everywhere] {
            assert_eq!(told(key).await, [(0, 0); 2]);
            let read = one(key).await.json();
            assert_eq!((&read["line_count"], &read["total"]), (&json!(0), &json!(0)));
        }
        let whole = told(&auditor).await;
        assert!(whole.iter().all(|(lines, total)| *lines > 0 && *total > 0), "{whole:?}");
        assert_eq!(get(&auditor, &returned).await.len(), 1);
    });
}

#[test]
fn a_return_for_the_account_is_paid_again_on_a_confirmed_new_one_alone() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let september = come_back(&town, "AC04").await;
        new_account(&town).await;
        let runs = pay_run::list(town.app(), &town.preparer, None, None).await.unwrap();
        let october = runs.items[0].id;
        assert_eq!(reasons(&town, october).await, Vec::<String>::new());
        let lines = town.lines(october, person(0)).await;
        let expected = [(json!("reissue"), 202_409, AMOUNT), (json!("regular"), 202_410, AMOUNT)];
        assert_eq!(of_months(&lines), expected);
        town.sign(october).await;
        let orders = town.orders(october).await;
        let own: Vec<_> = orders
            .iter()
            .filter(|order| order.account_number == "8011205999999")
            .collect();
        assert_eq!((own.len(), own[0].amount), (1, 2 * AMOUNT));
        let old = town.orders(september).await[0].id;
        let linked: Vec<_> = orders.iter().filter_map(|order| order.reissue_of).collect();
        assert_eq!((own[0].reissue_of, linked), (Some(old), vec![old]));
        assert_eq!(town.fund().await.to_reissue, 0);
        town.holds().await;
    });
}

#[test]
fn what_was_not_the_accounts_fault_is_paid_again_on_the_same() {
    each_engine(async |house| {
        let town = BankTown::open(house, 3).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let told = [
            answer(&orders[0], "RJCT", Some("AM04")),
            answer(&orders[1], "RJCT", Some("BE01")),
            answer(&orders[2], "RJCT", Some("TM01")),
        ];
        town.bring(pain002("A1", &told)).await;
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        assert_eq!(reasons(&town, october).await, ["returned_be01"]);
        for number in [0, 2] {
            let expected = [(json!("reissue"), 202_409, AMOUNT), (json!("regular"), 202_410, AMOUNT)];
            assert_eq!(of_months(&town.lines(october, person(number)).await), expected);
        }
        town.sign(october).await;
        town.holds().await;
    });
}

#[test]
fn a_return_is_cancelled_by_two_people_and_what_is_owed_is_reckoned_anew() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = come_back(&town, "AC04").await;
        let app = town.app();
        let order = town.orders(run).await[0].id;
        let arrived = town.orders(run).await[1].id;
        let why = json!({"note": "Sai người nhận, chi lại từ đầu"});
        let nothing = propose_cancellation(app, &town.preparer, arrived, of(why.clone())).await;
        assert_eq!(nothing.unwrap_err().code, ProblemCode::IllegalTransition);
        let before = town.fund().await;
        let first = propose_cancellation(app, &town.preparer, order, of(why.clone()))
            .await
            .unwrap();
        assert_eq!(first.amount, AMOUNT);
        let alone = decide_cancellation(app, &town.preparer, order, accept(first.id)).await;
        assert_eq!(alone.unwrap_err().code, ProblemCode::Forbidden);
        decide_cancellation(app, &town.approver, order, refuse(first.id))
            .await
            .unwrap();
        assert_eq!(town.fund().await.to_reissue, AMOUNT, "refused: nothing moves");

        // A run that would pay it again waits for its signatures.
        let october = town.build("2024-10").await;
        assert_eq!(reasons(&town, october).await, ["returned_ac04"]);
        let again = propose_cancellation(app, &town.preparer, order, of(why)).await.unwrap();
        decide_cancellation(app, &town.approver, order, accept(again.id))
            .await
            .unwrap();
        let fund = town.fund().await;
        assert_eq!((fund.to_reissue, fund.available), (0, before.available + AMOUNT));
        assert_eq!(town.statuses(run).await[0], "returned", "what the bank did stays done");
        assert_eq!(json!(town.lines(run, person(0)).await[0].status), "cancelled");
        assert_eq!(cancellations(app, &town.preparer, order).await.unwrap().len(), 2);
        town.idle().await;

        // The person still has a right to September: it is arrears now, and no return of an account any more.
        town.rebuild(october).await;
        assert_eq!(reasons(&town, october).await, Vec::<String>::new());
        let expected = [(json!("arrears"), 202_409, AMOUNT), (json!("regular"), 202_410, AMOUNT)];
        assert_eq!(of_months(&town.lines(october, person(0)).await), expected);
        town.sign(october).await;
        town.holds().await;
        // The bank gives it back once more: that is money of its own, and people look at it.
        let orders = town.orders(run).await;
        let late = town
            .bring(camt054("A9", &[answer(&orders[0], "BOOK", Some("AC04"))]))
            .await;
        assert_eq!((late.matched, late.suspense), (0, 1));
        town.waiting("returned_again").await;
        town.holds().await;
    });
}

#[test]
fn a_run_that_is_being_built_while_a_return_is_cancelled_is_built_again() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        // On the same account it may be paid again.
        let run = come_back(&town, "AM04").await;
        let app = town.app();
        let order = town.orders(run).await[0].id;
        let why = json!({"note": "Sai người nhận, chi lại từ đầu"});
        let proposed = propose_cancellation(app, &town.preparer, order, of(why)).await.unwrap();
        let command = CreatePayRun::regular(month("2024-10"), month("2024-10").first_day());
        let october = pay_run::create(app, &town.preparer, command).await.unwrap();
        assert_eq!(json!(october.build), "running");
        decide_cancellation(app, &town.approver, order, accept(proposed.id))
            .await
            .unwrap();
        let voided = pay_run::get(app, &town.preparer, october.id).await.unwrap();
        assert_eq!(
            (json!(voided.status), json!(voided.build)),
            (json!("draft"), json!("pending")),
            "what was read before is not stored after"
        );
        town.idle().await;
        assert_eq!(town.lines(october.id, person(0)).await.len(), 0);
        town.rebuild(october.id).await;
        let expected = [(json!("arrears"), 202_409, AMOUNT), (json!("regular"), 202_410, AMOUNT)];
        assert_eq!(of_months(&town.lines(october.id, person(0)).await), expected);
        town.sign(october.id).await;
        town.holds().await;
    });
}

#[test]
fn what_waits_no_longer_is_not_released_as_a_reissue() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        come_back(&town, "AM04").await;
        let app = town.app();
        let october = town.build("2024-10").await;
        assert_eq!(town.lines(october, person(0)).await.len(), 2);
        let version = async || pay_run::get(app, &town.preparer, october).await.unwrap().version;
        pay_run::submit(app, &town.preparer, october, version().await)
            .await
            .unwrap();
        pay_run::approve(app, &town.approver, october, version().await)
            .await
            .unwrap();
        // Whatever paid it again behind the run's back.
        let replaced = "UPDATE payment_line SET status = 'reissued' WHERE status = 'returned'";
        app.db.owner().execute_unprepared(replaced).await.unwrap();
        let refused = pay_run::release(app, &town.releaser, october, version().await).await;
        assert_eq!(refused.unwrap_err().code, ProblemCode::ContentChanged);
    });
}
