//! What a statement says of the whole of itself is kept beside the sums of its lines.

use domain::bank_report::{Format, LineFault, LineKind, Report};
use entity::statement_total;
use uuid::Uuid;

use crate::db::Txn;
use crate::error::Error;

/// Keeps the totals of a statement that has any.
pub(super) async fn keep(txn: &Txn, report_id: Uuid, report: &Report) -> Result<(), Error> {
    let totals = report.header.totals;
    let Some(totals) = totals.filter(|own| report.header.format == Format::Camt053 && own.says_something()) else {
        return Ok(());
    };
    let (mut debits, mut credits) = (0_i64, 0_i64);
    let booked = report.lines.iter().filter(|line| line.status == "BOOK");
    // What does not say where it goes is neither; the sums of the bank then differ.
    for line in booked.filter(|line| line.fault != Some(LineFault::Direction)) {
        let amount = line.amount.map_or(0, domain::Vnd::dong);
        match line.kind {
            LineKind::Debit | LineKind::BatchDebit => debits = debits.saturating_add(amount),
            _ => credits = credits.saturating_add(amount),
        }
    }
    let row = statement_total::Model {
        bank_report_id: report_id,
        debits: totals.debits,
        credits: totals.credits,
        growth: totals.growth(),
        listed_debits: debits,
        listed_credits: credits,
    };
    txn.insert_all::<statement_total::Entity>(vec![row]).await
}
