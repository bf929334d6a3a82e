//! Our books beside those of the bank.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::bank_simulator::{Fate, Money};
use service::{fund, verify};
use uuid::Uuid;

use super::matters::RESERVED;
use super::town::{FUNDS, Town};

/// What our books must say of an order where the answers so far say this.
fn states(told: Money) -> &'static [&'static str] {
    match told {
        Money::InFlight => &["extracted", "accepted", "unknown"],
        Money::Paid => &["settled", "credited"],
        Money::NotMoved => &["rejected"],
        Money::CameBack => &["returned"],
    }
}

/// Does the bank say that it refused what it debits?
const fn is_contrary(fate: Fate) -> bool {
    matches!(fate, Fate::RefusedThenDebited | Fate::DebitedThenRefused)
}

impl Town {
    /// Every order stands where the answers that are due say, the accounts of the funds are the sums of it, and every
    /// invariant holds. Every answer due until `day` has been brought in.
    pub(crate) async fn books_agree(&self, day: NaiveDate) {
        let ledger = self.bank.ledger(day);
        let orders = self.stands().await;
        let kept_back = self.kept_back().await;
        let owed = self.owed_by_the_bank().await;
        let left = self.left_by_second_debits().await;
        let (mut paid, mut in_flight, mut back) = (0, 0, 0);
        for entry in &ledger {
            let (status, amount) = orders
                .get(&entry.reference)
                .unwrap_or_else(|| panic!("nobody sent {entry:?}"));
            // What a bank refused and debited all the same stays refused where it was paid again: the bank owes it.
            let told = match entry.fate {
                fate if is_contrary(fate) && owed.contains(&entry.reference) => Money::NotMoved,
                // Two people may have said what the bank never does.
                Fate::Silent if !states(Money::InFlight).contains(&status.as_str()) => entry.money,
                // So does what came back with its file and was paid otherwise before its bank took it once more.
                _ if left.contains(&entry.reference) => Money::CameBack,
                _ => entry.told,
            };
            assert!(states(told).contains(&status.as_str()), "{status}: {entry:?} on {day}");
            assert_eq!(*amount, entry.amount.dong(), "{entry:?}");
            // Lines are posted in full, whatever was kept back of their order.
            let amount = amount + kept_back.get(&entry.reference).copied().unwrap_or(0);
            match told {
                Money::InFlight => in_flight += amount,
                Money::Paid => paid += amount,
                Money::NotMoved | Money::CameBack => back += amount,
            }
        }
        let of_lines = self.released_lines().await;
        assert_eq!(of_lines.values().sum::<i64>(), paid + in_flight + back, "{of_lines:?}");
        let of = |status: &str| of_lines.get(status).copied().unwrap_or(0);
        assert_eq!(of("live"), paid + in_flight);
        // Of what came back, two people may have decided that it is not paid again by itself.
        assert_eq!(of("returned") + of("reissued") + of("cancelled"), back);
        let funds = fund::list(&self.app, &self.officers.preparer).await.unwrap();
        let sum = |account: fn(&fund::FundView) -> i64| funds.iter().map(account).sum::<i64>();
        assert_eq!(
            (
                sum(|own| own.paid) + self.differing("paid").await + self.paid_back().await,
                sum(|own| own.in_transit)
            ),
            (paid, in_flight),
            "on {day}"
        );
        // What a run that waits for its signatures pays again is reserved from what came back.
        let again = "SELECT CAST(SUM(payment_line.amount) AS BIGINT) AS number FROM payment_line \
                     JOIN pay_run ON pay_run.id = payment_line.pay_run_id \
                     WHERE payment_line.kind = 'reissue' AND pay_run.status IN ('submitted', 'approved')";
        assert_eq!(sum(|own| own.to_reissue), of("returned") - self.number(again).await);
        let whole = |own: &fund::FundView| {
            let moving = own.available + own.reserved + own.committed + own.in_transit + own.paid + own.to_reissue;
            moving + own.short_moved + own.over_moved + own.written_off
        };
        assert_eq!(sum(whole), self.given().await);
        self.invariants_hold().await;
    }

    /// What the funds were given, đồng: at the founding, with each small fund, and by differences; without what was taken
    /// from them again and what people paid back, which both return to the source.
    async fn given(&self) -> i64 {
        let again = self.to_source("fund_reduction").await + self.paid_back().await;
        FUNDS + RESERVED * self.reserves().await + self.differing("source").await - again
    }

    /// What people paid back of overpayments, đồng, as it left the paid accounts.
    async fn paid_back(&self) -> i64 {
        self.to_source("overpayment_case").await
    }

    /// What steps of a kind gave to the source, đồng.
    async fn to_source(&self, step: &str) -> i64 {
        let sql = format!(
            "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS number FROM posting \
             WHERE account = 'source' AND batch LIKE '{step}:%'"
        );
        self.number(&sql).await
    }

    /// The references of a query's column `reference`.
    async fn references(&self, sql: &str) -> BTreeSet<String> {
        let rows = self.rows(sql).await;
        rows.iter().map(|row| row.try_get("", "reference").unwrap()).collect()
    }

    /// The orders that two people left out of what a second debit of their file pays: they were paid again, or are not to be.
    async fn left_by_second_debits(&self) -> BTreeSet<String> {
        let sql = "SELECT o.reference AS reference FROM suspense_resolution_order p \
                   JOIN payment_order o ON o.id = p.order_id WHERE NOT p.paid AND o.status = 'returned'";
        self.references(sql).await
    }

    /// The orders that came back with the whole of their file.
    async fn back_with_their_files(&self) -> BTreeSet<String> {
        let sql = "SELECT DISTINCT o.reference AS reference FROM payment_order o \
                   JOIN batch_entry e ON e.file_id = o.file_id WHERE e.kind = 'credit' AND o.status = 'returned'";
        self.references(sql).await
    }

    /// The refused orders whose whole sum is booked against their bank.
    async fn owed_by_the_bank(&self) -> BTreeSet<String> {
        let sql = "SELECT o.reference AS reference FROM amount_difference d \
                   JOIN payment_order o ON o.id = d.order_id WHERE d.amount = o.amount AND o.status = 'rejected'";
        self.references(sql).await
    }

    /// What the bank pays in the end, by reference, đồng; without what it says it has refused and debits all the same, and
    /// what it gave back with a whole file and takes once more: who is paid again meanwhile is paid twice by the bank's fault
    /// alone, and it owes the first.
    pub(super) async fn paid_in_the_end(&self) -> BTreeMap<String, i64> {
        let orders = self.stands().await;
        let refused = |reference: &str| orders.get(reference).is_some_and(|(status, _)| status == "rejected");
        let back = self.back_with_their_files().await;
        let ledger = self.bank.ledger(NaiveDate::MAX).into_iter();
        ledger
            .filter(|entry| entry.money == Money::Paid)
            .filter(|entry| !(is_contrary(entry.fate) && refused(&entry.reference)))
            .filter(|entry| !back.contains(&entry.reference))
            .map(|entry| (entry.reference, entry.amount.dong()))
            .collect()
    }

    /// What runs kept back of each order, by its reference, đồng.
    async fn kept_back(&self) -> BTreeMap<String, i64> {
        let sql = "SELECT o.reference AS reference, CAST(SUM(d.amount) AS BIGINT) AS amount \
                   FROM overpayment_deduction d JOIN payment_order o ON o.id = d.order_id \
                   WHERE d.status <> 'draft' GROUP BY o.reference";
        let rows = self.rows(sql).await;
        rows.iter()
            .map(|row| {
                (
                    row.try_get("", "reference").unwrap(),
                    row.try_get("", "amount").unwrap(),
                )
            })
            .collect()
    }

    /// What differences hold against an account of the funds, đồng: what was moved too little of paid orders, or taken from
    /// the source beside what it gave.
    async fn differing(&self, contra: &str) -> i64 {
        let sql = format!(
            "SELECT CAST(COALESCE(SUM(ABS(amount)), 0) AS BIGINT) AS number FROM amount_difference \
             WHERE contra = '{contra}' AND (status = 'open' OR (status = 'written_off' AND amount < 0))"
        );
        self.number(&sql).await
    }

    /// Every invariant of the installation holds.
    pub(crate) async fn invariants_hold(&self) {
        for check in verify::all(&self.app).await.unwrap() {
            assert!(check.holds(), "{}: {:?}", check.name, check.faults);
        }
    }

    /// Status and amount of every order that has left the house, by reference.
    pub(crate) async fn stands(&self) -> BTreeMap<String, (String, i64)> {
        let sql = "SELECT reference, status, amount FROM payment_order WHERE status NOT IN ('approved', 'cancelled')";
        let rows = self.rows(sql).await;
        rows.iter()
            .map(|row| {
                let text = |column: &str| row.try_get::<String>("", column).unwrap();
                (text("reference"), (text("status"), row.try_get("", "amount").unwrap()))
            })
            .collect()
    }

    /// The sums of the lines of released runs, by status.
    async fn released_lines(&self) -> BTreeMap<String, i64> {
        let sql = "SELECT l.status AS status, CAST(SUM(l.amount) AS BIGINT) AS amount FROM payment_line l \
                   JOIN pay_run r ON r.id = l.pay_run_id WHERE r.status IN ('released', 'settling', 'closed') \
                   GROUP BY l.status";
        let rows = self.rows(sql).await;
        rows.iter()
            .map(|row| (row.try_get("", "status").unwrap(), row.try_get("", "amount").unwrap()))
            .collect()
    }

    /// Whatever happens: postings balance by step and fund, funds hold what they held, nobody is paid twice for a month
    /// by us or by the bank, and every line that left the house has its order and its file.
    pub(crate) async fn nothing_is_lost(&self) {
        for (what, sql) in [
            (
                "steps that do not balance",
                "SELECT COUNT(*) AS number FROM (SELECT batch, fund_id FROM posting GROUP BY batch, fund_id \
                 HAVING SUM(amount) <> 0) AS odd",
            ),
            (
                "months that are live twice",
                "SELECT COUNT(*) AS number FROM (SELECT l.entitlement_id FROM payment_line l WHERE l.status = 'live' \
                 AND l.kind IN ('regular', 'reissue') AND NOT EXISTS (SELECT 1 FROM payment_line a \
                 WHERE a.entitlement_id = l.entitlement_id AND a.component = l.component \
                 AND a.cover_month = l.cover_month AND a.kind = 'arrears') \
                 GROUP BY l.entitlement_id, l.component, l.cover_month HAVING COUNT(*) > 1) AS odd",
            ),
            (
                "released lines without an order in a file",
                "SELECT COUNT(*) AS number FROM payment_line l JOIN pay_run r ON r.id = l.pay_run_id \
                 LEFT JOIN payment_order o ON o.id = l.order_id \
                 WHERE r.status IN ('released', 'settling', 'closed') \
                 AND (o.id IS NULL OR o.file_id IS NULL OR o.status = 'approved')",
            ),
            (
                "files that are acknowledged and held by nobody",
                "SELECT COUNT(*) AS number FROM payment_file f WHERE f.status = 'acknowledged' \
                 AND NOT EXISTS (SELECT 1 FROM payment_file_fetch h WHERE h.file_id = f.id) \
                 AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.file_id = f.id AND d.began_at IS NOT NULL)",
            ),
            (
                "orders of released runs that are not the sum of their lines",
                "SELECT COUNT(*) AS number FROM payment_order o JOIN pay_run r ON r.id = o.pay_run_id \
                 WHERE r.status IN ('released', 'settling', 'closed') AND o.amount + \
                 (SELECT COALESCE(SUM(d.amount), 0) FROM overpayment_deduction d \
                 WHERE d.order_id = o.id AND d.status <> 'draft') <> \
                 (SELECT COALESCE(SUM(l.amount), 0) FROM payment_line l WHERE l.order_id = o.id)",
            ),
            (
                "balances that are not their postings",
                "SELECT COUNT(*) AS number FROM fund_balance b WHERE b.amount <> (SELECT COALESCE(SUM(p.amount), 0) \
                 FROM posting p WHERE p.fund_id = b.fund_id AND p.account = b.account)",
            ),
        ] {
            assert_eq!(self.number(sql).await, 0, "{what}");
        }
        let held = "SELECT CAST(SUM(amount) AS BIGINT) AS number FROM fund_balance WHERE account <> 'source'";
        assert_eq!(
            self.number(held).await,
            self.given().await,
            "the funds hold more or less than they were given"
        );
        self.nobody_is_paid_twice_by_the_bank().await;
        self.nobody_gets_more_than_was_due().await;
    }

    /// In the bank's own books, whatever ours may say.
    async fn nobody_is_paid_twice_by_the_bank(&self) {
        let paid = self.paid_in_the_end().await;
        let sql = "SELECT l.entitlement_id AS entitlement, l.component AS component, l.cover_month AS cover_month, \
                   o.reference AS reference FROM payment_line l JOIN payment_order o ON o.id = l.order_id \
                   WHERE l.kind IN ('regular', 'reissue') AND o.status NOT IN ('approved', 'cancelled') \
                   AND NOT EXISTS (SELECT 1 FROM payment_line a WHERE a.entitlement_id = l.entitlement_id \
                   AND a.component = l.component AND a.cover_month = l.cover_month AND a.kind = 'arrears')";
        let mut months: BTreeMap<(Uuid, String, i32), Vec<String>> = BTreeMap::new();
        for row in self.rows(sql).await {
            let reference: String = row.try_get("", "reference").unwrap();
            if paid.contains_key(reference.as_str()) {
                let key = (
                    row.try_get("", "entitlement").unwrap(),
                    row.try_get("", "component").unwrap(),
                    row.try_get("", "cover_month").unwrap(),
                );
                months.entry(key).or_default().push(reference);
            }
        }
        for (month, orders) in months {
            assert_eq!(orders.len(), 1, "{month:?} is paid by {orders:?}");
        }
        // Relief rests on a claim of its own each time it is filed: a person has lost one house in one storm.
        let relief = "SELECT l.person_id AS person, o.reference AS reference FROM payment_line l \
                      JOIN payment_order o ON o.id = l.order_id WHERE l.kind = 'relief'";
        let mut given: BTreeSet<Uuid> = BTreeSet::new();
        for row in self.rows(relief).await {
            let (person, reference): (Uuid, String) = (
                row.try_get("", "person").unwrap(),
                row.try_get("", "reference").unwrap(),
            );
            if paid.contains_key(reference.as_str()) {
                assert!(
                    given.insert(person),
                    "{person} is given relief twice, by {reference} too"
                );
            }
        }
    }
}
