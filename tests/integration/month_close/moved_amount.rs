//! What banks moved more or less than was ordered, in the paper of a closed month.

use domain::Vnd;
use serde_json::json;
use service::month_close;
use service::reconciliation::{decide_settlement, differences, propose_settlement};

use super::report::text_of;
use crate::harness::{each_engine, texts};
use crate::reconciliation::bank::{AMOUNT, BankTown, accept, answer, camt054, month, of};

/// Two people of the treasury take what waits of a line for good.
async fn take(town: &BankTown<'_>) {
    let line = town.waiting("partial").await.line.id;
    town.resolve(
        line,
        json!({"resolution": "accepted_as_paid", "note": "Đã gọi ngân hàng"}),
    )
    .await;
}

/// Two people of the treasury settle what is open of an order.
async fn settle(town: &BankTown<'_>, reference: &str) {
    let app = town.app();
    let all = differences(app, &town.treasury).await.unwrap();
    let own = all.iter().find(|own| own.reference == reference).unwrap().id;
    let what = of(json!({"settlement": "made_good", "note": "Ngân hàng đã chuyển bù"}));
    let proposed = propose_settlement(app, &town.treasury, own, what).await.unwrap();
    decide_settlement(app, &town.second, own, accept(proposed.id))
        .await
        .unwrap();
}

#[test]
fn the_paper_of_a_month_lists_what_banks_moved_otherwise_as_it_stood() {
    each_engine(async |house| {
        let town = BankTown::open(house, 3).await;
        let app = town.app();
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        for (order, (name, short)) in orders.iter().zip([("A1", 1_234), ("A2", 5_678)]) {
            let mut line = answer(order, "BOOK", None);
            line.amount = Vnd::new(AMOUNT - short).unwrap();
            town.bring(camt054(name, &[line])).await;
            take(&town).await;
        }
        settle(&town, &orders[0].reference).await;
        town.close_month("2024-09").await;

        let before = month_close::paper(app, &town.treasury, month("2024-09")).await.unwrap();
        let text = text_of(&before.1);
        let list = text
            .split_once("VIII. Ngân hàng, bưu điện chi lệch số tiền so với lệnh chi")
            .unwrap_or_else(|| panic!("no list in {text}"))
            .1;
        // What stands in a cell may be broken over two lines, but for a reference, which is read aloud and compared.
        for order in &orders[..2] {
            assert!(
                list.contains(&order.reference),
                "{} is broken in {list}",
                order.reference
            );
        }
        let list = list.replace(' ', "");
        for part in [
            "750.000",
            "748.766",
            "-1.234",
            "744.322",
            "-5.678",
            "Đãđượcbù",
            "Chờxửlý",
        ] {
            assert!(list.contains(part), "{part} in {list}");
        }
        assert!(!list.contains(&orders[2].reference), "{list}");
        let people = list.matches("Cánbộtreasury").count();
        assert_eq!(people, 2, "who settled one, and nobody the other: {list}");
        let (_, bytes) = month_close::workbook(app, &town.treasury, month("2024-09"))
            .await
            .unwrap();
        let rows = texts(&bytes, "Lệch số tiền");
        let of = |reference: &str| rows.iter().find(|row| row[0] == reference).map(|row| row[4..].to_vec());
        let settled = ["-1234", "Đã được bù", "Cán bộ treasury, Cán bộ treasury"];
        assert_eq!(of(&orders[0].reference).unwrap(), settled, "{rows:?}");
        assert_eq!(
            of(&orders[1].reference).unwrap(),
            ["-5678", "Chờ xử lý", ""],
            "{rows:?}"
        );
        assert_eq!(of(&orders[2].reference), None, "{rows:?}");
        // A close stays as it was signed, whatever is settled afterwards.
        settle(&town, &orders[1].reference).await;
        assert_eq!(
            month_close::paper(app, &town.treasury, month("2024-09")).await.unwrap(),
            before
        );
        town.holds().await;
    });
}
