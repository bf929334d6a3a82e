//! Transactions that wait for each other, and what becomes of who has to give way.

use std::sync::Arc;

use futures::future::join_all;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use service::fund::{self, Account, Move};
use service::{App, Error, ProblemCode};
use tokio::sync::Barrier;

use crate::harness::{House, each_engine, opens_fund};
use crate::overpayment::town::Town;

async fn two_years(house: &House) -> Town<'_> {
    let town = Town::open(house).await;
    let next = json!({"code": "social_assistance", "fiscal_year": 2025, "source": "provincial", "name": "Trợ cấp",
        "amount": 1_000});
    opens_fund(&house.app, serde_json::from_value(next).unwrap()).await;
    town
}

#[test]
fn postings_to_two_years_in_either_order_never_wait_in_a_circle() {
    each_engine(async |house| {
        let town = two_years(house).await;
        let app = &house.app;
        let step = |fiscal_year: i32, from: Account, to: Account| Move {
            fiscal_year,
            from,
            to,
            amount: 1,
        };
        let done = join_all((0..64).map(async |number: i32| {
            let years = if number % 2 == 0 { [2024, 2025] } else { [2025, 2024] };
            app.db
                .write(async |txn| {
                    for (way, from, to) in [
                        ("there", Account::Source, Account::Available),
                        ("back", Account::Available, Account::Source),
                    ] {
                        for year in years {
                            let batch = format!("tests:{number}:{year}:{way}");
                            fund::post(app, txn, "social_assistance", &batch, &[step(year, from, to)]).await?;
                        }
                    }
                    Ok(())
                })
                .await
        }))
        .await;
        for one in done {
            one.unwrap();
        }
        town.close().await;
    });
}

/// Locks the fund of a year, meets the other, and locks the fund of the other year.
async fn in_a_circle(app: &App, both: Arc<Barrier>, years: [i32; 2]) -> Result<(), Error> {
    app.db
        .write(async |txn| {
            for year in years {
                let sql = format!("SELECT id FROM fund WHERE fiscal_year = {year} FOR UPDATE");
                let lock = Statement::from_string(txn.conn().get_database_backend(), sql);
                txn.conn().query_all_raw(lock).await?;
                if year == years[0] {
                    both.wait().await;
                }
            }
            Ok(())
        })
        .await
}

#[test]
fn who_gives_way_to_another_transaction_may_come_again() {
    each_engine(async |house| {
        // The embedded engine has one writer: nobody waits for a second lock there.
        if house.app.db.is_sqlite() {
            return;
        }
        let town = two_years(house).await;
        let both = Arc::new(Barrier::new(2));
        let (one, other) = futures::join!(
            in_a_circle(&house.app, Arc::clone(&both), [2024, 2025]),
            in_a_circle(&house.app, both, [2025, 2024])
        );
        let mut refused: Vec<Error> = [one, other].into_iter().filter_map(Result::err).collect();
        assert_eq!(refused.len(), 1, "one of the two goes on");
        let refused = refused.remove(0);
        assert_eq!(refused.code, ProblemCode::Unavailable, "{refused}");
        assert!(refused.is_retryable());
        town.close().await;
    });
}
