//! Lines that close without two people: their order's own later answer, or a look into the registry, settled them.

use std::collections::{BTreeMap, BTreeSet};

use entity::enums::LineOutcome;
use entity::{bank_report, bank_report_line};
use sea_orm::sea_query::{Condition, Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::audit::Event;
use crate::bank_report::Finding;
use crate::db::Txn;
use crate::error::Error;
use crate::reconciliation::judge::Judge;
use crate::reconciliation::load::IDS;

/// So many orders are looked up one by one.
const FEW: usize = 500;

/// Lines that came to what they are when they were read, and not by what people or a later answer made of them.
pub(crate) fn as_read() -> Condition {
    use bank_report_line::Column as C;
    Condition::any()
        .add(C::ResolvedAt.is_null())
        // The registry looks into the death, and changes nothing of what the line says of its order.
        .add(C::Note.eq(Finding::PersonDeceased.code()))
}

/// Closes what only said that the bank did not know yet, of orders that have ended since.
pub(super) async fn close_answered(app: &App, txn: &Txn, actor: &Actor, judge: &Judge) -> Result<(), Error> {
    let ended = judge
        .moved()
        .filter(|(_, order)| order.state.is_paid() || order.state.awaits_reissue());
    let ended: Vec<Uuid> = ended.map(|(_, order)| order.id).collect();
    let open = waiting(txn, &ended, &[Finding::Blocked, Finding::UnknownStatus]).await?;
    close(app, txn, actor, None, open).await
}

/// Closes the lines that say of an order that its account holder has died: the registry has looked into it.
pub(crate) async fn close_looked_into(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    person: Uuid,
    order: Uuid,
) -> Result<(), Error> {
    let open = waiting(txn, &[order], &[Finding::PersonDeceased]).await?;
    close(app, txn, actor, Some(person), open).await
}

async fn waiting(txn: &Txn, orders: &[Uuid], findings: &[Finding]) -> Result<Vec<bank_report_line::Model>, Error> {
    use bank_report_line::Column as C;
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    let codes = findings.iter().map(|finding| finding.code());
    let open = bank_report_line::Entity::find()
        .filter(C::ResolvedAt.is_null())
        .filter(C::Note.is_not_null())
        .filter(C::Note.is_in(codes));
    if orders.len() <= FEW {
        let own = open.filter(C::OrderId.is_in(orders.iter().copied()));
        return Ok(own.all(txn.conn()).await?);
    }
    // A whole file ended: few lines wait, and looking each of its orders up would read every line it ever had.
    let mut open = open.filter(C::OrderId.is_not_null()).all(txn.conn()).await?;
    let orders: BTreeSet<Uuid> = orders.iter().copied().collect();
    open.retain(|line| line.order_id.is_some_and(|order| orders.contains(&order)));
    Ok(open)
}

async fn close(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    person: Option<Uuid>,
    lines: Vec<bank_report_line::Model>,
) -> Result<(), Error> {
    use bank_report_line::Column as C;
    if lines.is_empty() {
        return Ok(());
    }
    let at = app.clock.now();
    let ids: Vec<Uuid> = lines.iter().map(|line| line.id).collect();
    for chunk in ids.chunks(IDS) {
        bank_report_line::Entity::update_many()
            .col_expr(C::ResolvedBy, Expr::value(person))
            .col_expr(C::ResolvedAt, Expr::value(at))
            .filter(C::Id.is_in(chunk.iter().copied()))
            .exec(txn.conn())
            .await?;
        // The order has its end, and the line is of it.
        bank_report_line::Entity::update_many()
            .col_expr(C::Outcome, Expr::value(LineOutcome::Matched))
            .filter(C::Id.is_in(chunk.iter().copied()))
            .filter(C::Outcome.eq(LineOutcome::Pending))
            .exec(txn.conn())
            .await?;
    }
    let mut by_report: BTreeMap<Uuid, (i64, i64)> = BTreeMap::new();
    for line in &lines {
        let count = by_report.entry(line.bank_report_id).or_insert((0, 0));
        count.0 += 1;
        count.1 += i64::from(line.outcome == LineOutcome::Pending);
    }
    for (report, (closed, matched)) in by_report {
        fewer(txn, report, (closed, matched)).await?;
        let detail = json!({"closed": closed});
        let subject = crate::bank_report::subject(report);
        txn.audit(Event::new(at, actor, "bank_report.lines_settled", subject, detail));
    }
    Ok(())
}

/// So many lines of a report wait no longer, and so many more of them are matched.
pub(super) async fn fewer(txn: &Txn, report: Uuid, (lines, matched): (i64, i64)) -> Result<(), Error> {
    bank_report::Entity::update_many()
        .col_expr(
            bank_report::Column::Matched,
            Expr::col(bank_report::Column::Matched).add(matched),
        )
        .col_expr(
            bank_report::Column::Suspense,
            Expr::col(bank_report::Column::Suspense).sub(lines),
        )
        .filter(bank_report::Column::Id.eq(report))
        .exec(txn.conn())
        .await?;
    Ok(())
}
