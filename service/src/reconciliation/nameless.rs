//! Lines without a reference, as post offices and some banks answer: an order is known by its account and its amount.

use std::collections::{BTreeMap, BTreeSet};

use domain::bank::BankProfiles;
use domain::bank_report::{LineKind, Report, ReportLine};
use entity::enums::Channel;
use entity::{pay_run, payment_order};
use sea_orm::ColumnTrait;
use sea_orm::sea_query::ExprTrait;
use uuid::Uuid;

use crate::clock::in_vietnam;
use crate::db::Txn;
use crate::error::Error;
use crate::reconciliation::by_bank;
use crate::reconciliation::judge::Nameless;
use crate::reconciliation::load::{IDS, collect};

/// The account and amount of a line without a reference.
fn nameless_key(line: &ReportLine) -> Option<(String, i64)> {
    let nameless = line.reference.is_none() && line.uetr.is_none() && line.fault.is_none();
    if line.kind != LineKind::ResultRow || !nameless {
        return None;
    }
    Some((line.account.clone()?, line.amount?.dong()))
}

/// The orders that lines without a reference may speak of: by the bank's own reference, and for lines of a result table
/// those by account and amount that have left the house, be they over: the same money goes to the same account month after
/// month. Where several lines have one account and amount, nobody can say which is which: the key then has its orders
/// twice, so that it never means just one.
pub(super) async fn nameless(
    txn: &Txn,
    runs: &BTreeMap<Uuid, pay_run::Model>,
    report: &Report,
) -> Result<Nameless, Error> {
    use payment_order::Column as C;
    let mut nameless = Nameless {
        by_bank: by_bank::orders(txn, runs, report).await?,
        ..Nameless::default()
    };
    let mut wanted: BTreeMap<(String, i64), usize> = BTreeMap::new();
    for key in report.lines.iter().filter_map(nameless_key) {
        *wanted.entry(key).or_insert(0) += 1;
    }
    let (Some(bank), false) = (&report.header.layout, wanted.is_empty()) else {
        return Ok(nameless);
    };
    let accounts: BTreeSet<&String> = wanted.keys().map(|(account, _)| account).collect();
    let accounts: Vec<String> = accounts.into_iter().cloned().collect();
    let of_bank = || match bank.as_str() {
        BankProfiles::POST => C::Channel.eq(Channel::PostCash),
        bank => C::BankCode.eq(bank),
    };
    let mut found = BTreeMap::new();
    for chunk in accounts.chunks(IDS) {
        let which = C::AccountNumber.is_in(chunk.iter().cloned()).and(of_bank());
        collect(txn, &mut found, which).await?;
    }
    for order in found.into_values() {
        let key = (order.account.clone(), order.amount);
        let left = runs.get(&order.pay_run_id).and_then(|run| run.released_at);
        if let (Some(lines), Some(left)) = (wanted.get(&key), left) {
            let own = nameless.by_account.entry(key).or_default();
            let order = (in_vietnam(left).date_naive(), order);
            own.extend(std::iter::repeat_n(order, (*lines).min(2)));
        }
    }
    Ok(nameless)
}
