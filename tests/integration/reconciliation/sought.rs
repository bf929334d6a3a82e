//! The lines that wait, by the run, the bank and the outcome that are asked for.

use domain::Vnd;
use domain::bank_report::synthetic::{Answer, write_post_results};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use service::reconciliation::{search_suspense, suspense_runs};
use service::{ProblemCode, Role};
use uuid::Uuid;

use super::bank::{AMOUNT, BankTown, answer, of, pain002};
use super::batch_debits::{batch, entry, names};
use super::whole_files::refusal;
use crate::harness::each_engine;

/// The findings of the lines that fit, in the order of the alphabet.
async fn found(town: &BankTown<'_>, filter: Value) -> Vec<String> {
    let page = search_suspense(town.app(), &town.treasury, of(filter)).await.unwrap();
    let mut findings: Vec<String> = page.items.into_iter().map(|own| own.line.finding.unwrap()).collect();
    findings.sort();
    findings
}

/// Two runs: of September, orders wait of which the bank says something odd, and one that nobody knows; of October, a file
/// that was debited and is refused. The post office tells of an order that nobody knows either.
async fn puzzled(town: &BankTown<'_>) -> [Uuid; 2] {
    let september = town.pay("2024-09").await;
    let orders = town.orders(september).await;
    let unknown = Answer {
        reference: "NOBODY".to_owned(),
        uetr: None,
        ..answer(&orders[2], "ACSC", None)
    };
    let differs = Answer {
        amount: Vnd::new(AMOUNT + 1).unwrap(),
        ..answer(&orders[1], "ACSC", None)
    };
    town.bring(pain002("A1", &[answer(&orders[0], "BLCK", None), differs, unknown]))
        .await;
    town.now("2024-10-05T02:00:00Z").await;
    let october = town.pay("2024-10").await;
    let (name, message) = names(town, october).await;
    town.bring(entry("D", "DBIT", 4 * AMOUNT, &batch(&name))).await;
    town.bring(refusal("G", &message, "TM01")).await;
    let stray = Answer {
        reference: "AS00000000000000000000".to_owned(),
        uetr: None,
        account: None,
        ..answer(&orders[2], "paid", None)
    };
    let mut bytes = Vec::new();
    write_post_results(&mut bytes, "2024-10-05".parse().unwrap(), &[stray]).unwrap();
    town.bring(bytes).await;
    [september, october]
}

#[test]
fn lines_that_wait_are_found_by_run_bank_and_outcome() {
    each_engine(async |house| {
        let town = BankTown::open(house, 4).await;
        let [september, october] = puzzled(&town).await;
        let all = [
            "amount_differs",
            "blocked",
            "file_contradicts",
            "unknown_reference",
            "unknown_reference",
        ];
        let cases: [(Value, &[&str]); 11] = [
            (json!({}), &all),
            (json!({"pay_run_id": september}), &all[..2]),
            (json!({"pay_run_id": october}), &all[2..3]),
            (json!({"pay_run_id": Uuid::from_u128(7)}), &[]),
            (json!({"bank": "AGRIBANK"}), &all[..4]),
            (json!({"bank": "POST"}), &all[4..]),
            (json!({"bank": "NO_SUCH_BANK"}), &[]),
            (json!({"outcome": "unknown_reference"}), &all[3..]),
            (json!({"bank": "AGRIBANK", "outcome": "unknown_reference"}), &all[3..4]),
            (json!({"pay_run_id": september, "outcome": "pending"}), &all[1..2]),
            (json!({"pay_run_id": october, "outcome": "pending"}), &[]),
        ];
        for (filter, expected) in cases {
            assert_eq!(found(&town, filter.clone()).await, expected, "{filter}");
        }
        let runs = suspense_runs(town.app(), &town.treasury).await.unwrap();
        let named: Vec<(Uuid, String)> = runs.into_iter().map(|(id, name)| (id, name.vi)).collect();
        let expected = [
            (october, "hằng tháng, tháng 10/2024, số 1".to_owned()),
            (september, "hằng tháng, tháng 09/2024, số 1".to_owned()),
        ];
        assert_eq!(named, expected);

        // A report of no one bank is told by what its lines speak of.
        let silent = "UPDATE bank_report SET bank = NULL";
        town.app().db.owner().execute_unprepared(silent).await.unwrap();
        assert_eq!(found(&town, json!({"bank": "AGRIBANK"})).await, all[..3]);
        assert_eq!(found(&town, json!({"bank": "POST"})).await, Vec::<String>::new());

        // What was sent to a bank, and what it sent, is that of the bank that took it over.
        let db = town.app().db.owner();
        house.unguarded("payment_order", "payment_order_keeps_columns").await;
        let old = "UPDATE payment_order SET bank_code = 'OCEANBANK'";
        db.execute_unprepared(old).await.unwrap();
        for bank in ["MBV", "OCEANBANK"] {
            assert_eq!(found(&town, json!({"bank": bank})).await, all[..2], "{bank}");
        }
        let old = "UPDATE bank_report SET bank = 'OCEANBANK' WHERE format <> 'post_result'";
        db.execute_unprepared(old).await.unwrap();
        for bank in ["MBV", "OCEANBANK"] {
            assert_eq!(found(&town, json!({"bank": bank})).await, all[..4], "{bank}");
        }
    });
}

#[test]
fn a_cursor_of_the_waiting_lines_fits_its_own_filters_alone() {
    each_engine(async |house| {
        let town = BankTown::open(house, 4).await;
        puzzled(&town).await;
        let app = town.app();
        let first = json!({"bank": "AGRIBANK", "limit": 3});
        let page = search_suspense(app, &town.treasury, of(first)).await.unwrap();
        let next = page.next.unwrap();
        let rest = json!({"bank": "AGRIBANK", "limit": 3, "cursor": next.as_str()});
        let rest = search_suspense(app, &town.treasury, of(rest)).await.unwrap();
        assert_eq!((page.items.len(), rest.items.len(), rest.next), (3, 1, None));
        assert!(page.items.iter().all(|own| own.line.id != rest.items[0].line.id));
        for other in [
            json!({"cursor": next.as_str()}),
            json!({"bank": "POST", "cursor": next.as_str()}),
        ] {
            let refused = search_suspense(app, &town.treasury, of(other)).await.unwrap_err();
            assert_eq!(refused.code, ProblemCode::InvalidCursor);
        }

        let key = house.key(Role::Treasury, None).await;
        let get = async |query: &str| {
            let path = format!("/v1/reconciliation/suspense?{query}");
            house.call("GET", &path).key(&key).send().await
        };
        let answered = get("bank=AGRIBANK&outcome=unknown_reference").await;
        assert_eq!(answered.status, 200, "{answered:?}");
        assert_eq!(answered.json()["items"].as_array().unwrap().len(), 1);
        get("colour=red").await.problem("unknown-filter");
        assert_eq!(get("outcome=green").await.status, 400);
    });
}
