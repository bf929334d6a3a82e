//! Lines are stored once, when it is known what they came to, and as the bank wrote them.

use domain::bank_report::synthetic::Answer;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use service::bank_report::{self, ReportLineView};
use uuid::Uuid;

use super::bank::{BankTown, answer, pain002};
use crate::harness::each_engine;

async fn lines(town: &BankTown<'_>, report: Uuid) -> Vec<ReportLineView> {
    let (mut lines, mut cursor) = (Vec::new(), None);
    loop {
        let (app, treasury) = (town.app(), &town.treasury);
        let page = bank_report::lines(app, treasury, report, None, Some(200), cursor.as_deref())
            .await
            .unwrap();
        lines.extend(page.items);
        match page.next {
            Some(next) => cursor = Some(next),
            None => return lines,
        }
    }
}

#[test]
fn lines_are_there_once_the_report_is_reconciled() {
    each_engine(async |house| {
        let town = BankTown::open(house, 3).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let told: Vec<Answer> = orders.iter().map(|order| answer(order, "ACSC", None)).collect();
        let bytes = pain002("K1", &told);
        let upload = async || {
            bank_report::upload(town.app(), &town.treasury, "answer.xml", bytes.clone())
                .await
                .unwrap()
        };
        let received = upload().await;
        assert_eq!((json!(received.status), received.line_count), (json!("received"), 3));
        assert!(lines(&town, received.id).await.is_empty());
        // A release before this one stored the lines when the report came.
        let conn = town.app().db.owner();
        let early = format!(
            "INSERT INTO bank_report_line (id, bank_report_id, position, status_code, outcome) \
             SELECT id, (SELECT id FROM bank_report), 1, 'ACSC', 'pending' FROM payment_order WHERE reference = '{}'",
            orders[0].reference
        );
        conn.execute_raw(Statement::from_string(conn.get_database_backend(), early))
            .await
            .unwrap();
        town.idle().await;
        let kept = lines(&town, received.id).await;
        assert_eq!(kept.iter().map(|line| line.position).collect::<Vec<_>>(), [1, 2, 3]);
        for (line, order) in kept.iter().zip(&orders) {
            assert_eq!((json!(line.outcome), line.order_id), (json!("matched"), Some(order.id)));
            assert_eq!(line.reference.as_ref(), Some(&order.reference));
            assert_eq!((line.uetr, line.amount), (Some(order.uetr), Some(order.amount)));
        }
        // The same file again is the same report, with the same lines.
        assert_eq!(upload().await.id, received.id);
        town.idle().await;
        assert_eq!(lines(&town, received.id).await, kept);
        town.holds().await;
    });
}

#[test]
fn what_a_bank_wrote_is_kept_as_it_stands_in_a_large_file_too() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let odd = ["NULL", "{}", "\"", "\\", "a\"b\\c,d", "',(?", "x\\", "$1", "ữ 😀"];
        let mut told = vec![answer(&orders[0], "ACSC", None)];
        told.extend((0..6_000).map(|number: usize| {
            Answer {
                reference: format!("{}{number}", odd[number % odd.len()]),
                uetr: None,
                status: odd[(number + 1) % odd.len()].to_owned(),
                reason: Some(odd[(number + 2) % odd.len()].to_owned()),
                account: number
                    .is_multiple_of(2)
                    .then(|| odd[(number + 3) % odd.len()].to_owned()),
                ..answer(&orders[1], "ACSC", None)
            }
        }));
        told.push(answer(&orders[1], "RJCT", Some("AC04")));
        let report = town.bring(pain002("K2", &told)).await;
        assert_eq!((report.line_count, report.matched, report.suspense), (6_002, 2, 6_000));
        let kept = lines(&town, report.id).await;
        assert_eq!(kept.len(), told.len());
        for (line, own) in kept.iter().zip(&told) {
            assert_eq!(line.reference.as_ref(), Some(&own.reference));
            assert_eq!((&line.status, line.reason.as_ref()), (&own.status, own.reason.as_ref()));
            assert_eq!(line.account, own.account);
        }
        let unknown = kept.iter().filter(|line| json!(line.outcome) == "unknown_reference");
        assert_eq!(unknown.count(), 6_000);
        assert_eq!(town.statuses(run).await, ["settled", "rejected"]);
        town.holds().await;
    });
}
