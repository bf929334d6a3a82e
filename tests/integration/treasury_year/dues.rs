//! Nobody gets more for a month than was ever due for it, whatever was made up for and paid again.

use std::collections::BTreeMap;

use sea_orm::QueryResult;
use uuid::Uuid;

use super::town::Town;

/// A stretch of months of a determination, each with so many đồng.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Due {
    determination: Uuid,
    from: i32,
    to: Option<i32>,
    amount: i64,
}

/// An entitlement and its component.
type Right = (Uuid, String);

/// What was due for a month at most: a determination may have been lowered after it was paid, which nobody has to pay
/// back by itself.
fn most(dues: &[Due], month: i32) -> i64 {
    let mut by_determination: BTreeMap<Uuid, i64> = BTreeMap::new();
    let own = dues
        .iter()
        .filter(|due| due.from <= month && due.to.is_none_or(|to| month <= to));
    for due in own {
        *by_determination.entry(due.determination).or_default() += due.amount;
    }
    by_determination.into_values().max().unwrap_or(0)
}

fn right(row: &QueryResult) -> Right {
    (
        row.try_get("", "entitlement").unwrap(),
        row.try_get("", "component").unwrap(),
    )
}

impl Town {
    /// For each right and month, what our books call paid, under way or waiting to be paid again, and what the bank has
    /// paid in the end, is no more than was due.
    pub(super) async fn nobody_gets_more_than_was_due(&self) {
        let dues = self.dues().await;
        let paid = self.paid_in_the_end().await;
        let sql = "SELECT l.entitlement_id AS entitlement, l.component AS component, l.cover_month AS cover_month, \
                   l.amount AS amount, l.status AS status, o.reference AS reference FROM payment_line l \
                   JOIN pay_run r ON r.id = l.pay_run_id JOIN payment_order o ON o.id = l.order_id \
                   WHERE l.kind <> 'relief' AND r.status IN ('released', 'settling', 'closed')";
        let mut months: BTreeMap<(Right, i32), [i64; 2]> = BTreeMap::new();
        for row in self.rows(sql).await {
            let (status, reference): (String, String) = (
                row.try_get("", "status").unwrap(),
                row.try_get("", "reference").unwrap(),
            );
            let amount: i64 = row.try_get("", "amount").unwrap();
            let [ours, theirs] = months
                .entry((right(&row), row.try_get("", "cover_month").unwrap()))
                .or_default();
            if matches!(status.as_str(), "live" | "returned") {
                *ours += amount;
            }
            if paid.contains_key(reference.as_str()) {
                *theirs += amount;
            }
        }
        let back = self.paid_back_of().await;
        for ((right, month), [ours, theirs]) in months {
            // What a person has paid back may be paid again, where it was due after all.
            let back = back.get(&(right.clone(), month)).copied().unwrap_or(0);
            let (ours, theirs) = (ours - back, theirs - back);
            let due = dues.get(&right).map_or(0, |dues| most(dues, month));
            assert!(ours <= due, "{ours} of {due} for {month} of {right:?}");
            assert!(
                theirs <= due,
                "the bank paid {theirs} of {due} for {month} of {right:?}"
            );
        }
    }

    /// What was paid back of each right and month, đồng, by what runs kept back or otherwise.
    async fn paid_back_of(&self) -> BTreeMap<(Right, i32), i64> {
        let sql = "SELECT entitlement_id AS entitlement, component, cover_month, \
                   CAST(SUM(amount) AS BIGINT) AS amount FROM overpayment_recovery \
                   GROUP BY entitlement_id, component, cover_month";
        let rows = self.rows(sql).await;
        rows.iter()
            .map(|row| {
                let month = row.try_get("", "cover_month").unwrap();
                ((right(row), month), row.try_get("", "amount").unwrap())
            })
            .collect()
    }

    /// What every determination there ever was says.
    async fn dues(&self) -> BTreeMap<Right, Vec<Due>> {
        let sql = "SELECT d.entitlement_id AS entitlement, d.id AS determination, p.component AS component, \
                   p.from_month AS from_month, p.to_month AS to_month, p.amount AS amount \
                   FROM determination_period p JOIN determination d ON d.id = p.determination_id WHERE p.amount > 0";
        let mut dues: BTreeMap<Right, Vec<Due>> = BTreeMap::new();
        for row in self.rows(sql).await {
            dues.entry(right(&row)).or_default().push(Due {
                determination: row.try_get("", "determination").unwrap(),
                from: row.try_get("", "from_month").unwrap(),
                to: row.try_get("", "to_month").unwrap(),
                amount: row.try_get("", "amount").unwrap(),
            });
        }
        dues
    }
}

#[test]
fn the_most_of_a_month_is_that_of_one_determination() {
    let due = |determination: u128, from: i32, to: Option<i32>, amount: i64| Due {
        determination: Uuid::from_u128(determination),
        from,
        to,
        amount,
    };
    let dues = [
        due(1, 202_409, None, 500),
        due(2, 202_409, Some(202_410), 300),
        due(2, 202_410, None, 250),
    ];
    let told = [202_408, 202_409, 202_410, 202_411].map(|month| most(&dues, month));
    assert_eq!(told, [0, 500, 550, 500]);
}
