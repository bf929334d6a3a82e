//! Lines that name no order, and have the bank's own reference: it tells which payment they are of, with the amount and
//! the day. UETR and our reference come before.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::bank_report::{LineFault, LineKind, Report, ReportLine};
use entity::{pay_run, payment_order, suspense_candidate};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use crate::clock::in_vietnam;
use crate::db::Txn;
use crate::error::Error;
use crate::reconciliation::judge::{Judge, Known};
use crate::reconciliation::load::{IDS, collect};

/// The bank's reference of a line that tells of money and names no order; a credit tells of a return where it has the
/// reason of one.
pub(super) fn key(line: &ReportLine) -> Option<&str> {
    let nameless = line.reference.is_none() && line.uetr.is_none();
    let sound = matches!(line.fault, None | Some(LineFault::ReferenceMissing));
    let moved = match line.kind {
        LineKind::Return | LineKind::Debit => true,
        LineKind::Credit => line.reason.is_some(),
        _ => false,
    };
    if !nameless || !sound || !moved || line.amount.is_none() {
        return None;
    }
    line.bank_reference.as_deref()
}

/// The orders of released runs that have such a reference, each with the day its run left the house.
pub(super) async fn orders(
    txn: &Txn,
    runs: &BTreeMap<Uuid, pay_run::Model>,
    report: &Report,
) -> Result<BTreeMap<String, Vec<(NaiveDate, Known)>>, Error> {
    let wanted: BTreeSet<&str> = report.lines.iter().filter_map(key).collect();
    let wanted: Vec<&str> = wanted.into_iter().collect();
    let mut found = BTreeMap::new();
    for chunk in wanted.chunks(IDS) {
        let which = payment_order::Column::BankReference.is_in(chunk.iter().copied());
        collect(txn, &mut found, which).await?;
    }
    let mut orders: BTreeMap<String, Vec<(NaiveDate, Known)>> = BTreeMap::new();
    for order in found.into_values() {
        let left = runs.get(&order.pay_run_id).and_then(|run| run.released_at);
        if let (Some(left), Some(reference)) = (left, order.bank_reference.clone()) {
            let own = orders.entry(reference).or_default();
            own.push((in_vietnam(left).date_naive(), order));
        }
    }
    Ok(orders)
}

/// Keeps the orders that lines may speak of with the lines.
pub(super) async fn store(txn: &Txn, judge: &Judge) -> Result<(), Error> {
    let rows = judge.candidates.iter().flat_map(|(line, orders)| {
        orders.iter().map(|order| suspense_candidate::Model {
            line_id: *line,
            order_id: *order,
        })
    });
    txn.insert_all::<suspense_candidate::Entity>(rows.collect()).await
}
