//! A bank that refuses an order and debits it all the same: nothing is paid twice by itself, and two people account for
//! every đồng, whichever they were told first.

use domain::Vnd;
use domain::bank_report::synthetic::Answer;
use sea_orm::ConnectionTrait;
use serde_json::json;
use service::{month_close, pay_run};
use uuid::Uuid;

use super::bank::{AMOUNT, BankTown, answer, camt054, month, pain002, person};
use super::batch_debits::ROADS;
use crate::harness::each_engine;

/// The months for which the first person has a line in a run.
pub(super) async fn months(town: &BankTown<'_>, run: Uuid) -> Vec<i32> {
    let lines = town.lines(run, person(0)).await;
    let mut months: Vec<i32> = lines.iter().map(|line| line.cover_month.yyyymm()).collect();
    months.sort_unstable();
    months
}

pub(super) async fn reasons(town: &BankTown<'_>, run: Uuid) -> Vec<String> {
    town.held(run).await.into_iter().map(|own| own.reason).collect()
}

/// Two people find every line that contradicts another to say this.
async fn decide_late_lines(town: &BankTown<'_>, resolution: &str) {
    for row in town.suspense().await {
        if row.line.finding.as_deref() == Some("late_answer") {
            let what = json!({"resolution": resolution, "note": "Đã đối chiếu sao kê tài khoản"});
            town.resolve(row.line.id, what).await;
        }
    }
}

/// In transit, paid, to be paid again, moved too little, moved too much, đồng.
pub(super) async fn stands(town: &BankTown<'_>) -> [i64; 5] {
    let fund = town.fund().await;
    [
        fund.in_transit,
        fund.paid,
        fund.to_reissue,
        fund.short_moved,
        fund.over_moved,
    ]
}

#[test]
fn a_refusal_and_its_debits_in_every_order_pay_once_and_end_alike() {
    for road in ROADS {
        for (resolution, status) in [("accepted_as_paid", "settled"), ("accepted_as_returned", "returned")] {
            each_engine(async |house| {
                let town = BankTown::open(house, 2).await;
                let run = town.pay("2024-09").await;
                let orders = town.orders(run).await;
                town.bring(pain002("A", &[answer(&orders[1], "ACCC", None)])).await;
                let own = &orders[0];
                let files = [
                    pain002("R", &[answer(own, "RJCT", Some("AM04"))]),
                    pain002("S", &[answer(own, "ACSC", None)]),
                    camt054("D", &[answer(own, "BOOK", None)]),
                ];
                for number in road {
                    town.bring(files[number].clone()).await;
                }
                assert!(!town.suspense().await.is_empty(), "{road:?}");
                town.holds().await;
                // Before two people have looked, the next run pays nothing of September.
                town.now("2024-09-25T02:00:00Z").await;
                let october = town.build("2024-10").await;
                assert_eq!(months(&town, october).await, [202_410], "{road:?}");
                let refused = town.statuses(run).await[0] == "rejected";
                assert_eq!(refused, road[0] == 0, "{road:?}");
                let held: &[&str] = if refused { &["line_open"] } else { &[] };
                assert_eq!(reasons(&town, october).await, held, "{road:?}");

                // They find one thing, and it is so whichever the bank told first.
                decide_late_lines(&town, resolution).await;
                assert_eq!(town.suspense().await, [], "{road:?}");
                assert_eq!(town.statuses(run).await[0], status, "{road:?}");
                let paid = status == "settled";
                let expected = if paid {
                    [0, 2 * AMOUNT, 0, 0, 0]
                } else {
                    [0, AMOUNT, AMOUNT, 0, 0]
                };
                assert_eq!(stands(&town).await, expected, "{road:?}");
                let line = if paid { "live" } else { "returned" };
                assert_eq!(json!(town.lines(run, person(0)).await[0].status), line, "{road:?}");
                town.holds().await;
                if paid {
                    town.rebuild(october).await;
                    assert_eq!(months(&town, october).await, [202_410], "{road:?}");
                    assert_eq!(reasons(&town, october).await, Vec::<String>::new(), "{road:?}");
                    town.sign(october).await;
                    town.holds().await;
                }
                let tie = month_close::tie(town.app(), &town.preparer, month("2024-09"))
                    .await
                    .unwrap();
                assert!(tie.ties, "{road:?}: {:?}", tie.sums.differences);
            });
        }
    }
}

#[test]
fn an_approved_run_that_pays_it_again_goes_back_to_draft_when_the_debit_shows() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        town.bring(pain002("R", &[answer(&orders[0], "RJCT", Some("AM04"))]))
            .await;
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        assert_eq!(months(&town, october).await, [202_409, 202_410]);
        let app = town.app();
        let version = async || pay_run::get(app, &town.preparer, october).await.unwrap().version;
        pay_run::submit(app, &town.preparer, october, version().await)
            .await
            .unwrap();
        pay_run::approve(app, &town.approver, october, version().await)
            .await
            .unwrap();

        town.bring(camt054("D", &[answer(&orders[0], "BOOK", None)])).await;
        let voided = pay_run::get(app, &town.preparer, october).await.unwrap();
        assert_eq!(
            (json!(voided.status), json!(voided.build)),
            (json!("draft"), json!("pending"))
        );
        assert_eq!(town.fund().await.to_reissue, AMOUNT, "what was reserved waits again");
        town.rebuild(october).await;
        assert_eq!(months(&town, october).await, [202_410]);
        assert_eq!(reasons(&town, october).await, ["line_open"]);
        town.holds().await;

        // Nobody with the database in hand makes it paid.
        let forged = "UPDATE payment_line SET status = 'live' WHERE status = 'returned'";
        assert!(app.db.owner().execute_unprepared(forged).await.is_err());

        // The bank gave it back under another name: it is paid again, to the account that was not at fault.
        decide_late_lines(&town, "accepted_as_returned").await;
        town.rebuild(october).await;
        assert_eq!(months(&town, october).await, [202_409, 202_410]);
        town.sign(october).await;
        assert_eq!(town.fund().await.to_reissue, 0);
        town.holds().await;
    });
}

#[test]
fn a_debit_that_shows_after_it_was_paid_again_is_owed_by_the_bank() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let told = [
            answer(&orders[0], "RJCT", Some("AM04")),
            answer(&orders[1], "ACCC", None),
        ];
        town.bring(pain002("R", &told)).await;
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.pay("2024-10").await;
        assert_eq!(months(&town, october).await, [202_409, 202_410]);
        let before = town.fund().await;

        town.bring(camt054("D", &[answer(&orders[0], "BOOK", None)])).await;
        decide_late_lines(&town, "accepted_as_paid").await;
        // The order is done with; what the bank took for it is open in whole, and no line is live twice.
        assert_eq!(town.statuses(run).await[0], "rejected");
        assert_eq!(json!(town.lines(run, person(0)).await[0].status), "reissued");
        let fund = town.fund().await;
        assert_eq!((fund.over_moved, fund.paid), (AMOUNT, before.paid));
        town.holds().await;
        let tie = month_close::tie(town.app(), &town.preparer, month("2024-09"))
            .await
            .unwrap();
        assert!(tie.ties, "{:?}", tie.sums.differences);
        // A status tells the same once more.
        town.bring(pain002("S", &[answer(&orders[0], "ACSC", None)])).await;
        decide_late_lines(&town, "accepted_as_paid").await;
        assert_eq!(town.fund().await.over_moved, AMOUNT);
        town.holds().await;

        // The bank gives it back.
        town.bring(camt054("C", &[answer(&orders[0], "BOOK", Some("AM04"))]))
            .await;
        decide_late_lines(&town, "accepted_as_returned").await;
        assert_eq!(town.suspense().await, []);
        assert_eq!(town.fund().await.over_moved, 0);
        town.holds().await;
        let tie = month_close::tie(town.app(), &town.preparer, month("2024-09"))
            .await
            .unwrap();
        assert!(tie.ties, "{:?}", tie.sums.differences);
    });
}

#[test]
fn a_part_that_was_moved_before_the_refusal_holds_the_order_back_too() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let run = town.pay("2024-09").await;
        let order = town.orders(run).await.remove(0);
        let part = Answer {
            amount: Vnd::new(400_000).unwrap(),
            ..answer(&order, "BOOK", None)
        };
        town.bring(camt054("P", &[part])).await;
        town.bring(pain002("R", &[answer(&order, "RJCT", Some("AM04"))])).await;
        assert_eq!(town.statuses(run).await, ["rejected"]);
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        assert_eq!(months(&town, october).await, [202_410]);
        assert_eq!(reasons(&town, october).await, ["line_open"]);

        let line = town.waiting("partial").await.line.id;
        let paid = json!({"resolution": "accepted_as_paid", "note": "Ngân hàng đã chuyển một phần"});
        town.resolve(line, paid).await;
        assert_eq!(town.statuses(run).await, ["settled"]);
        let short = AMOUNT - 400_000;
        assert_eq!(stands(&town).await, [0, AMOUNT - short, 0, short, 0]);
        town.holds().await;
        town.rebuild(october).await;
        assert_eq!(months(&town, october).await, [202_410]);
        assert_eq!(reasons(&town, october).await, Vec::<String>::new());
    });
}
