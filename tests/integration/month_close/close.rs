//! Two people close a month that ties, or that says what is open.

use domain::Vnd;
use domain::bank_report::synthetic::{Style, write_account_report};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use service::month_close::{self, CloseMonth};
use service::reconciliation::{ListAgeing, ageing};
use service::{ProblemCode, Role};

use crate::harness::each_engine;
use crate::reconciliation::bank::{AMOUNT, BankTown, answer, camt054, header, month, of, pain002};

fn note() -> CloseMonth {
    CloseMonth {
        note: "Đã đối chiếu".to_owned(),
    }
}

/// Where the money stands: `[standing, đồng]`.
fn standings(view: &month_close::MonthCloseView) -> Value {
    let sums = view.standings.iter().map(|own| json!([own.standing, own.amount]));
    Value::Array(sums.collect())
}

#[test]
fn a_month_that_ties_is_closed_by_two_people_once() {
    each_engine(async |house| {
        let town = BankTown::open(house, 3).await;
        let (app, september) = (town.app(), month("2024-09"));
        let none = month_close::tie(app, &town.preparer, september).await.unwrap_err();
        assert_eq!(none.code, ProblemCode::NotFound);
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let told: Vec<_> = orders.iter().map(|order| answer(order, "ACCC", None)).collect();
        town.bring(pain002("A1", &told[..2])).await;

        let prepared = month_close::close(app, &town.preparer, september, note())
            .await
            .unwrap();
        assert_eq!((json!(prepared.status), prepared.revision), (json!("prepared"), 1));
        // An answer comes in between: what was prepared is no longer so.
        town.bring(pain002("A2", &told)).await;
        let changed = month_close::confirm(app, &town.approver, september, prepared.version).await;
        assert_eq!(changed.unwrap_err().code, ProblemCode::ContentChanged);
        let prepared = month_close::close(app, &town.preparer, september, note())
            .await
            .unwrap();
        assert_eq!(prepared.revision, 2);
        let stale = month_close::confirm(app, &town.approver, september, prepared.version - 1).await;
        assert_eq!(stale.unwrap_err().code, ProblemCode::Stale);

        let closed = month_close::confirm(app, &town.approver, september, prepared.version)
            .await
            .unwrap();
        assert_eq!((json!(closed.status), closed.ties), (json!("closed"), true));
        assert_eq!((closed.gross, closed.net), (3 * AMOUNT, 3 * AMOUNT));
        assert_eq!(standings(&closed), json!([["credited", 3 * AMOUNT]]));
        assert_eq!((closed.open.len(), closed.corrections.len()), (0, 0));
        assert_eq!(closed.prepared_by, town.preparer.user_id.unwrap());
        assert_eq!(closed.closed_by, town.approver.user_id);
        for again in [
            month_close::close(app, &town.preparer, september, note()).await,
            month_close::confirm(app, &town.approver, september, closed.version).await,
        ] {
            assert_eq!(again.unwrap_err().code, ProblemCode::IllegalTransition);
        }
        assert_eq!(month_close::list(app, &town.treasury).await.unwrap(), [closed]);
        town.holds().await;
    });
}

#[test]
fn one_person_with_two_keys_closes_nothing_and_the_snapshot_stays() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let app = town.app();
        town.pay("2024-09").await;
        let keys = house.keys(&[Role::Preparer, Role::Approver]).await;
        let post = |key: &str, path: &str, tag: &str| {
            let call = house.call("POST", path).key(key).once(path).if_match(tag);
            let call = if path.ends_with("confirm") {
                call
            } else {
                call.json(&json!({"note": ""}))
            };
            call.send()
        };
        let prepared = post(&keys[0], "/v1/month-closes/2024-09", "").await;
        assert_eq!(prepared.status, 200, "{prepared:?}");
        let tag = prepared.header("etag").to_owned();
        post(&keys[1], "/v1/month-closes/2024-09/confirm", &tag)
            .await
            .problem("same-person");
        let conn = app.db.owner();
        let run = async |sql: &str| {
            conn.execute_raw(Statement::from_string(conn.get_database_backend(), sql))
                .await
                .map(|done| done.rows_affected())
        };
        let unsigned = "UPDATE month_close SET status = 'closed', closed_by = (SELECT id FROM user_account
            WHERE id <> prepared_by LIMIT 1), closed_at = prepared_at";
        assert!(run(unsigned).await.is_err(), "nobody else signed");
        let key = house.key(Role::Approver, None).await;
        let closed = post(&key, "/v1/month-closes/2024-09/confirm", &tag).await;
        assert_eq!(closed.status, 200, "{closed:?}");
        for sql in [
            "UPDATE month_close SET note = 'khác'",
            "DELETE FROM month_close",
            "UPDATE month_close_order SET amount = amount + 1",
            "DELETE FROM month_close_item",
            "INSERT INTO month_close_order (close_id, order_id, standing, amount) SELECT close_id, close_id, 'credited', 1
                FROM month_close_order LIMIT 1",
        ] {
            assert!(run(sql).await.is_err(), "{sql}");
        }
        town.holds().await;
    });
}

#[test]
fn what_is_open_is_listed_with_its_age_and_why_and_stops_no_close() {
    each_engine(async |house| {
        let (town, orders) = BankTown::half_answered(house).await;
        let app = town.app();
        let closed = town.close_month("2024-09").await;
        assert!(closed.ties);
        assert_eq!(
            (closed.settlement_due.to_string().as_str(), closed.days_late),
            ("2024-09-20", 0)
        );
        let expected = json!([["in_flight", 2 * AMOUNT], ["credited", AMOUNT], ["to_reissue", AMOUNT]]);
        assert_eq!(standings(&closed), expected);
        let open = month_close::open_items(app, &town.preparer, month("2024-09"), None, None)
            .await
            .unwrap();
        let told = |items: &[month_close::OpenItemView]| {
            let each = items.iter().map(|own| {
                let kind = json!(own.item.kind).as_str().unwrap().to_owned();
                let reason = own.item.reason.clone();
                (kind, own.item.reference.clone(), own.item.amount, own.age_days, reason)
            });
            let mut each: Vec<_> = each.collect();
            each.sort();
            each
        };
        let item = |kind: &str, at: usize, days: i64, reason: Option<&str>| {
            let reference = Some(orders[at].reference.clone());
            (kind.to_owned(), reference, AMOUNT, days, reason.map(ToOwned::to_owned))
        };
        let mut expected = vec![
            item("in_flight", 2, 15, None),
            item("in_flight", 3, 15, None),
            item("to_reissue", 1, 8, Some("AC04")),
            item("suspense", 2, 8, Some("blocked")),
        ];
        expected.sort();
        assert_eq!(told(&open.items), expected);
        // The ageing list says the same, and only what is older where asked; of what is so long after its day that two
        // people may say what became of it, it says that.
        for own in expected.iter_mut().filter(|(kind, ..)| kind == "in_flight") {
            own.0 = "bank_silent".to_owned();
        }
        expected.sort();
        let aged = async |days: Option<u32>| {
            let filter: ListAgeing = of(json!({"older_than_days": days}));
            told(&ageing(app, &town.treasury, filter).await.unwrap().items)
        };
        assert_eq!(aged(None).await, expected);
        expected.retain(|(.., days, _)| *days > 8);
        assert_eq!(aged(Some(8)).await, expected);
        assert_eq!(aged(Some(15)).await, []);
        town.holds().await;
    });
}

#[test]
fn the_tie_names_what_does_not_agree() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let app = town.app();
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        town.bring(camt054("A1", &[answer(&orders[0], "BOOK", None)])).await;
        let tie = month_close::tie(app, &town.preparer, month("2024-09")).await.unwrap();
        assert!(tie.ties);
        let [file] = tie.sums.files.as_slice() else {
            panic!("{:?}", tie.sums.files)
        };
        assert_eq!(
            (file.lines, file.ordered, file.filed),
            (2 * AMOUNT, 2 * AMOUNT, 2 * AMOUNT)
        );
        assert_eq!((file.paid, file.came_back, file.unanswered), (AMOUNT, 0, AMOUNT));
        // Somebody with the database in hand makes an order paid.
        let conn = app.db.owner();
        let forged = format!(
            "UPDATE payment_order SET status = 'credited' WHERE reference = '{}'",
            orders[1].reference
        );
        conn.execute_unprepared(&forged).await.unwrap();
        let tie = month_close::tie(app, &town.preparer, month("2024-09")).await.unwrap();
        let told: Vec<_> = tie
            .sums
            .differences
            .iter()
            .map(|own| (own.legs.as_str(), &own.subject))
            .collect();
        assert_eq!(told, [("orders_answers", &orders[1].reference)]);
        assert!(!tie.ties);
        let closed = town.close_month("2024-09").await;
        assert!(!closed.ties && closed.open.iter().any(|sum| json!(sum.kind) == "difference"));
    });
}

#[test]
fn a_month_that_does_not_tie_is_confirmed_on_another_day_than_it_was_prepared() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let (app, september) = (town.app(), month("2024-09"));
        town.now("2024-09-05T02:00:00Z").await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let paid: Vec<_> = orders.iter().map(|order| answer(order, "BOOK", None)).collect();
        town.now("2024-09-06T02:00:00Z").await;
        town.bring(camt054("A1", &paid)).await;
        // A statement that says it took both, and names one of them.
        let style = Style {
            statement: true,
            debits: Some(Vnd::new(2 * AMOUNT).unwrap()),
            ..Style::default()
        };
        let mut bytes = Vec::new();
        write_account_report(&mut bytes, &header("A2"), &paid[..1], &[], &style).unwrap();
        town.bring(bytes).await;

        town.now("2024-09-20T02:00:00Z").await;
        let prepared = month_close::close(app, &town.preparer, september, note())
            .await
            .unwrap();
        assert!(!prepared.ties);
        town.now("2024-09-21T02:00:00Z").await;
        let closed = month_close::confirm(app, &town.approver, september, prepared.version)
            .await
            .unwrap();
        assert_eq!((closed.ties, closed.digest), (false, prepared.digest));
        // Open since the run left the house, on whichever day it is looked at.
        let open = month_close::open_items(app, &town.preparer, september, None, None)
            .await
            .unwrap();
        let mut told: Vec<_> = open
            .items
            .iter()
            .map(|own| {
                let item = &own.item;
                let (kind, since) = (json!(item.kind), item.since.to_string());
                (kind, item.reference.clone().unwrap(), since, own.age_days)
            })
            .collect();
        let since = |subject: &str| (json!("difference"), subject.to_owned(), "2024-09-05".to_owned(), 16);
        let mut expected = [since(&orders[1].reference), since("answer.xml")];
        expected.sort_by(|a, b| a.1.cmp(&b.1));
        told.sort_by(|a, b| a.1.cmp(&b.1));
        assert_eq!(told, expected);
    });
}
