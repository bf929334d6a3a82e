//! Every outcome of a line ends in the list, and two people resolve each.

use domain::Vnd;
use domain::bank_report::synthetic::Answer;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use service::reconciliation::decide;
use service::{ProblemCode, bank_report, pay_run};

use super::bank::{AMOUNT, BankTown, accept, answer, camt054, pain002, refuse};
use crate::harness::each_engine;

/// Eight orders and a file in which everything goes wrong that can.
async fn misbehave(town: &BankTown<'_>) -> uuid::Uuid {
    let run = town.pay("2024-09").await;
    let orders = town.orders(run).await;
    town.bring(pain002("A1", &[answer(&orders[5], "ACSC", None)])).await;
    let with = |at: usize, amount: i64, status: &str| Answer {
        amount: Vnd::new(amount).unwrap(),
        ..answer(&orders[at], status, None)
    };
    let lines = [
        answer(&orders[0], "ACSC", None),
        with(1, AMOUNT + 1, "ACSC"),
        Answer {
            reference: "NOBODY".to_owned(),
            uetr: None,
            ..answer(&orders[2], "ACSC", None)
        },
        answer(&orders[3], "ACSC", None),
        answer(&orders[3], "ACSC", None),
        answer(&orders[4], "BLCK", None),
        answer(&orders[5], "RJCT", Some("AC01")),
        answer(&orders[0], "ACCC", None),
    ];
    let first = town.bring(pain002("A2", &lines)).await;
    assert_eq!((first.line_count, first.matched, first.suspense), (8, 3, 5));
    let entries = [
        with(6, AMOUNT - 50_000, "BOOK"),
        answer(&orders[7], "BOOK", Some("AC04")),
    ];
    let second = town.bring(camt054("A3", &entries)).await;
    assert_eq!((second.line_count, second.matched, second.suspense), (2, 1, 1));
    run
}

#[test]
fn each_outcome_ends_in_the_list_and_is_resolved_by_two_people() {
    each_engine(async |house| {
        let town = BankTown::open(house, 8).await;
        let run = misbehave(&town).await;
        let expected = [
            "credited",
            "extracted",
            "extracted",
            "settled",
            "extracted",
            "settled",
            "extracted",
            "returned",
        ];
        assert_eq!(town.statuses(run).await, expected);
        let mut outcomes: Vec<(String, String)> = town
            .suspense()
            .await
            .into_iter()
            .map(|own| {
                (
                    own.line.finding.unwrap(),
                    json!(own.line.outcome).as_str().unwrap().to_owned(),
                )
            })
            .collect();
        outcomes.sort();
        let expected = [
            ("amount_differs", "amount_differs"),
            ("blocked", "pending"),
            ("duplicate_line", "duplicate"),
            ("late_answer", "late"),
            ("partial", "partial"),
            ("unknown_reference", "unknown_reference"),
        ];
        assert_eq!(
            outcomes,
            expected.map(|(one, other)| (one.to_owned(), other.to_owned()))
        );
        town.holds().await;

        let orders = town.orders(run).await;
        let differs = town.waiting("amount_differs").await.line.id;
        town.resolve(
            differs,
            json!({"resolution": "amount_explained", "note": "Ngân hàng cộng phí 1 đồng"}),
        )
        .await;
        let unknown = town.waiting("unknown_reference").await.line.id;
        let nameless = json!({"resolution": "matched_to_order", "note": "Khớp tên và số tiền"});
        let nameless = town.propose(unknown, nameless).await.unwrap_err();
        assert_eq!(
            (nameless.code, nameless.fields[0].pointer.as_str()),
            (ProblemCode::Invalid, "/order_id")
        );
        let named = json!({"resolution": "matched_to_order", "order_id": orders[2].id, "note": "Khớp tên và số tiền"});
        town.resolve(unknown, named).await;
        let twice = town.waiting("duplicate_line").await.line.id;
        town.resolve(twice, json!({"resolution": "not_ours", "note": "Dòng lặp"}))
            .await;
        let late = town.waiting("late_answer").await.line.id;
        town.resolve(
            late,
            json!({"resolution": "accepted_as_returned", "note": "Tiền đã về ngày 19"}),
        )
        .await;
        let partial = town.waiting("partial").await.line.id;
        town.resolve(
            partial,
            json!({"resolution": "bank_resends", "note": "Ngân hàng hủy bút toán"}),
        )
        .await;
        // A later answer ends the order that the bank held: its line needs nobody.
        town.bring(pain002("A4", &[answer(&orders[4], "ACCC", None)])).await;
        assert_eq!(town.suspense().await.len(), 0);

        let expected = [
            "credited",
            "settled",
            "settled",
            "settled",
            "credited",
            "returned",
            "extracted",
            "returned",
        ];
        assert_eq!(town.statuses(run).await, expected);
        let fund = town.fund().await;
        assert_eq!(
            (fund.in_transit, fund.paid, fund.to_reissue),
            (AMOUNT, 5 * AMOUNT, 2 * AMOUNT)
        );
        // The fee of one đồng is nobody's in silence: the bank owes it until it is settled.
        assert_eq!((fund.short_moved, fund.over_moved, fund.written_off), (0, 1, 0));
        for report in bank_report::list(town.app(), &town.treasury, None, None)
            .await
            .unwrap()
            .items
        {
            assert_eq!(report.suspense, 0, "{report:?}");
        }
        town.holds().await;
        town.bring(pain002("A5", &[answer(&orders[6], "ACSC", None)])).await;
        let run = pay_run::get(town.app(), &town.preparer, run).await.unwrap();
        assert_eq!(json!(run.status), "closed");
        town.holds().await;
    });
}

#[test]
fn nobody_resolves_a_line_alone() {
    each_engine(async |house| {
        let town = BankTown::open(house, 8).await;
        let run = misbehave(&town).await;
        let app = town.app();
        let line = town.waiting("amount_differs").await.line.id;
        let what = json!({"resolution": "amount_explained", "note": "Ngân hàng cộng phí 1 đồng"});
        let proposed = town.propose(line, what.clone()).await.unwrap();
        assert_eq!(town.waiting("amount_differs").await.proposal, Some(proposed.clone()));
        let again = town.propose(line, what.clone()).await.unwrap_err();
        assert_eq!(again.code, ProblemCode::AlreadyExists);
        let alone = decide(app, &town.treasury, line, accept(proposed.id))
            .await
            .unwrap_err();
        assert_eq!(alone.code, ProblemCode::SamePerson);
        let quiet = decide(app, &town.second, line, {
            let mut quiet = accept(proposed.id);
            quiet.note = "  ".to_owned();
            quiet
        });
        assert_eq!(quiet.await.unwrap_err().code, ProblemCode::Invalid);
        // The database refuses it too, whoever asks.
        let conn = app.db.owner();
        for update in [
            "UPDATE suspense_resolution SET status = 'accepted', decided_by = proposed_by",
            "UPDATE bank_report_line SET resolved_at = (SELECT received_at FROM bank_report LIMIT 1) WHERE note = 'amount_differs'",
            "DELETE FROM suspense_resolution",
        ] {
            let refused = conn
                .execute_raw(Statement::from_string(conn.get_database_backend(), update))
                .await;
            assert!(refused.is_err(), "{update}");
        }
        // Refused, nothing moves, and something else may be proposed.
        decide(app, &town.second, line, refuse(proposed.id)).await.unwrap();
        assert_eq!(town.statuses(run).await[1], "extracted");
        let over = decide(app, &town.second, line, accept(proposed.id)).await.unwrap_err();
        assert_eq!(over.code, ProblemCode::IllegalTransition);
        town.resolve(line, what.clone()).await;
        assert_eq!(town.statuses(run).await[1], "settled");
        let closed = town.propose(line, what).await.unwrap_err();
        assert_eq!(closed.code, ProblemCode::IllegalTransition);
        town.holds().await;
    });
}

#[test]
fn people_are_held_to_the_rules_of_banks() {
    each_engine(async |house| {
        let town = BankTown::open(house, 8).await;
        let run = misbehave(&town).await;
        let orders = town.orders(run).await;
        let unknown = town.waiting("unknown_reference").await.line.id;
        // The money of this order came back: nobody pays it by a note.
        let dead = json!({"resolution": "accepted_as_paid", "order_id": orders[7].id, "note": "thử"});
        let refused = town.propose(unknown, dead).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::IllegalTransition);
        assert_eq!(town.statuses(run).await[7], "returned");
        let late = town.waiting("late_answer").await.line.id;
        let other = json!({"resolution": "accepted_as_paid", "order_id": orders[1].id, "note": "thử"});
        let other = town.propose(late, other).await.unwrap_err();
        assert_eq!(other.fields[0].code, "other_order");
        // The line says that the bank refused what it had debited: it can't hold as it stands.
        let as_it_stands = json!({"resolution": "amount_explained", "note": "thử"});
        let refused = town.propose(late, as_it_stands).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::IllegalTransition);
        let partial = town.waiting("partial").await.line.id;
        let proposed = town.propose(partial, json!({"resolution": "accepted_as_paid", "note": "thử"}));
        let proposed = proposed.await.unwrap();
        // Meanwhile the bank sends the money back.
        town.bring(camt054("B1", &[answer(&orders[6], "BOOK", Some("AC04"))]))
            .await;
        decide(town.app(), &town.second, partial, accept(proposed.id))
            .await
            .unwrap();
        assert_eq!(town.statuses(run).await[6], "returned", "a return is the end");
        town.holds().await;
    });
}

#[test]
fn what_a_bank_says_of_an_order_before_its_release_waits_for_people() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let app = town.app();
        let run = town.build("2024-09").await;
        let version = async || pay_run::get(app, &town.preparer, run).await.unwrap().version;
        pay_run::submit(app, &town.preparer, run, version().await)
            .await
            .unwrap();
        pay_run::approve(app, &town.approver, run, version().await)
            .await
            .unwrap();
        town.idle().await;
        let order = town.orders(run).await.remove(0);
        let report = town.bring(pain002("A1", &[answer(&order, "ACSC", None)])).await;
        assert_eq!((report.matched, report.suspense), (0, 1));
        town.waiting("not_sent").await;
        assert_eq!(town.statuses(run).await, ["approved"]);
        assert_eq!(town.stands().await, [0, 0, 0], "nothing counts as sent or paid");
    });
}
