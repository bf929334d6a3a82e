//! Reports that an earlier release reconciled. It kept neither the days of lines nor the bank's references of entries over
//! whole files: where those are asked for, the report is read again. One of today is only where another may tell its entries
//! of single orders again.

use std::collections::BTreeMap;

use domain::bank_report::ReportLine;
use entity::bank_report;
use sea_orm::EntityTrait;
use uuid::Uuid;

use crate::db::Txn;
use crate::error::Error;

/// The lines of a report as the bank wrote them, by their places.
pub(super) async fn lines(txn: &Txn, report: Uuid) -> Result<BTreeMap<i32, ReportLine>, Error> {
    let stored = bank_report::Entity::find_by_id(report).one(txn.conn()).await?;
    let parsed = crate::bank_report::read_again(stored.ok_or_else(Error::not_found)?).await?;
    let lines = parsed.lines.into_iter();
    Ok(lines.map(|line| (line.position.cast_signed(), line)).collect())
}
