//! How many lines of a report came to what.

use std::collections::BTreeMap;

use entity::bank_report_line;
use entity::enums::{LineOutcome, ReportStatus};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::view::{BankReportView, find_in_scope, visible};
use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::Error;

impl BankReportView {
    /// Are its lines still being matched?
    pub fn is_open(&self) -> bool {
        self.status == ReportStatus::Received
    }

    /// Did two people set it aside?
    pub fn is_set_aside(&self) -> bool {
        self.status == ReportStatus::SetAside
    }

    /// Is it read to its end, and agrees none of its lines with an order? Only then may two people set it aside.
    pub fn matches_nothing(&self) -> bool {
        self.status == ReportStatus::Reconciled && self.matched == 0
    }
}

/// The lines of a report inside the caller's areas, counted by what came of them.
pub async fn outcomes(app: &App, actor: &Actor, report: Uuid) -> Result<BTreeMap<LineOutcome, i64>, Error> {
    use bank_report_line::Column as C;
    let scope = actor.require(Permission::BankReportRead)?;
    let own = find_in_scope(app, &scope, report).await?;
    let counts: Vec<(LineOutcome, i64)> = bank_report_line::Entity::find()
        .select_only()
        .column(C::Outcome)
        .column_as(C::Id.count(), "lines")
        .filter(C::BankReportId.eq(report))
        .filter(C::Position.lte(own.line_count))
        .filter(visible(&scope))
        .group_by(C::Outcome)
        .into_tuple()
        .all(app.db.read())
        .await?;
    Ok(counts.into_iter().collect())
}
