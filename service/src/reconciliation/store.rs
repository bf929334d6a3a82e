//! Writing what was judged, by the set.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use domain::bank_report::{Report, ReportLine};
use entity::enums::{LineOutcome, LineStatus};
use entity::{bank_report_line, payment_line, payment_order_event};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveEnum, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, Value};
use uuid::Uuid;

use crate::app::App;
use crate::db::Txn;
use crate::error::Error;
use crate::reconciliation::judge::{Judge, Verdict};
use crate::reconciliation::load::IDS;
use crate::reconciliation::state::status;
use crate::reconciliation::watch::Watched;
use crate::rows::{self, Values};

/// What is bound of each line, as the bank wrote it: id, position, reference, UETR, amount, status, reason, account, and
/// the order it came to.
const LINE: [&str; 9] = ["uuid", "int4", "text", "uuid", "int8", "text", "text", "text", "uuid"];

/// Each line of the report, once it is known what it came to: it is written once, and each index with it. Nearly all
/// lines of a report agree with their order; what is the same for all of those is not bound, nor is the day where all
/// lines are of one. After each stretch it is told how far this is.
pub(super) async fn lines(
    txn: &Txn,
    report_id: Uuid,
    watched: &Watched<'_>,
    (report, verdicts): (&Report, &[(Uuid, Verdict)]),
) -> Result<(), Error> {
    // A report that an earlier release received has its lines already, as they came.
    bank_report_line::Entity::delete_many()
        .filter(bank_report_line::Column::BankReportId.eq(report_id))
        .exec(txn.conn())
        .await?;
    let backend = txn.conn().get_database_backend();
    let report_id = rows::literal(backend, report_id);
    let one_day = one_day(report).map(|day| literal_day(backend, day));
    let insert = |source: &str, (came_to, booked_on): (&str, &str)| {
        format!(
            "INSERT INTO bank_report_line (bank_report_id, id, position, reference, uetr, amount, status_code, \
             reason_code, account, order_id, outcome, note, booked_on) SELECT {report_id}, v.column1, v.column2, \
             v.column3, v.column4, v.column5, v.column6, v.column7, v.column8, v.column9, {came_to}, {booked_on} \
             FROM {source}"
        )
    };
    let told = report.lines.iter().zip(verdicts);
    let (agreeing, others): (Vec<Judged<'_>>, Vec<Judged<'_>>) = told.partition(|(_, (_, verdict))| agrees(verdict));
    let kinds: [(_, &[&str], _); 2] = [
        (agreeing, &[], "'matched', NULL"),
        (others, &["text", "text"], "v.column10, v.column11"),
    ];
    for (judged, more, came_to) in kinds {
        let mut types: Vec<&str> = LINE.iter().chain(more).copied().collect();
        let booked_on = one_day.clone().unwrap_or_else(|| {
            types.push("date");
            format!("v.column{}", types.len())
        });
        let several = one_day.is_none();
        for stretch in judged.chunks(watched.stretch()) {
            let rows: Values<'_> = Box::new(stretch.iter().flat_map(|(line, (id, verdict))| {
                let unlike = unlike(verdict).into_iter().flatten();
                let day = several.then(|| Value::from(day(line)));
                bound(*id, line, verdict).into_iter().chain(unlike).chain(day)
            }));
            let told = (came_to, booked_on.as_str());
            rows::run(txn, &types, rows, |source| insert(source, told)).await?;
            watched.count(stretch.iter().map(|(_, (_, verdict))| verdict.outcome));
            watched.tell(txn).await?;
        }
    }
    Ok(())
}

/// The day of a line, if it is one that both engines know.
fn day(line: &ReportLine) -> Option<NaiveDate> {
    line.booked_on.filter(|day| (1..=9_999).contains(&day.year()))
}

/// The day of all lines, or that none has one; nothing where they are of several.
fn one_day(report: &Report) -> Option<Option<NaiveDate>> {
    let mut days = report.lines.iter().map(day);
    let first = days.next().flatten();
    days.all(|own| own == first).then_some(first)
}

/// A day that stands in a statement.
fn literal_day(backend: DbBackend, day: Option<NaiveDate>) -> String {
    let day = day.map_or_else(|| "NULL".to_owned(), |day| format!("'{day}'"));
    match backend {
        DbBackend::Postgres => format!("CAST({day} AS date)"),
        _ => day,
    }
}

/// A line of the report, with its id and what it came to.
type Judged<'r> = (&'r ReportLine, &'r (Uuid, Verdict));

fn agrees(verdict: &Verdict) -> bool {
    verdict.outcome == LineOutcome::Matched && verdict.finding.is_none()
}

/// What is bound besides where a line does not agree with its order: its outcome, and why a person has to look at it.
fn unlike(verdict: &Verdict) -> Option<[Value; 2]> {
    let finding = verdict.finding.map(|finding| finding.code().to_owned());
    (!agrees(verdict)).then(|| [verdict.outcome.to_value().into(), finding.into()])
}

fn bound(id: Uuid, line: &ReportLine, verdict: &Verdict) -> [Value; LINE.len()] {
    [
        id.into(),
        line.position.cast_signed().into(),
        line.reference.clone().into(),
        line.uetr.into(),
        line.amount.map(domain::Vnd::dong).into(),
        line.status.clone().into(),
        line.reason.clone().into(),
        line.account.clone().into(),
        verdict.order.into(),
    ]
}

/// Each moved order, with the steps of its history.
pub(super) async fn orders(app: &App, txn: &Txn, judge: &Judge, last: &BTreeMap<Uuid, i32>) -> Result<(), Error> {
    let mut steps: BTreeMap<Uuid, i64> = BTreeMap::new();
    let mut sequence: BTreeMap<Uuid, i32> = last.clone();
    let mut events = Vec::with_capacity(judge.steps().len());
    let at = app.clock.now();
    for step in judge.steps() {
        *steps.entry(step.order).or_insert(0) += 1;
        let number = sequence.entry(step.order).or_insert(0);
        *number += 1;
        events.push(payment_order_event::Model {
            order_id: step.order,
            sequence: *number,
            from_status: Some(status(step.from)),
            to_status: status(step.to),
            reason: step.reason.clone(),
            source: step.source.clone(),
            at,
        });
    }
    let rows: Values<'_> = Box::new(judge.moved().flat_map(|(_, order)| {
        [
            Value::from(order.id),
            Value::from(status(order.state).to_value()),
            Value::from(order.reason.clone()),
            Value::from(order.bank_reference.clone()),
            Value::from(steps.get(&order.id).copied().unwrap_or(0)),
        ]
    }));
    let update = |source: &str| {
        format!(
            "UPDATE payment_order SET status = v.column2, reason = v.column3, bank_reference = v.column4, \
             version = payment_order.version + v.column5 FROM {source} WHERE payment_order.id = v.column1"
        )
    };
    let types = ["uuid", "text", "text", "text", "int8"];
    rows::run(txn, &types, rows, update).await?;
    // In the order of their key: their index is written page by page.
    events.sort_unstable_by_key(|event| (event.order_id, event.sequence));
    txn.insert_all::<payment_order_event::Entity>(events).await?;
    let came_back = judge
        .moved()
        .filter(|(before, order)| order.state.awaits_reissue() && !before.awaits_reissue())
        .map(|(_, order)| order.id);
    put_lines(
        txn,
        &came_back.collect::<Vec<_>>(),
        (LineStatus::Live, LineStatus::Returned),
    )
    .await?;
    // What two people found paid after all is not paid again.
    let overruled: Vec<Uuid> = judge.overruled().into_iter().collect();
    put_lines(txn, &overruled, (LineStatus::Returned, LineStatus::Live)).await
}

/// The lines of orders go from one status to another.
async fn put_lines(txn: &Txn, orders: &[Uuid], (from, to): (LineStatus, LineStatus)) -> Result<(), Error> {
    for chunk in orders.chunks(IDS) {
        payment_line::Entity::update_many()
            .col_expr(payment_line::Column::Status, Expr::value(to))
            .filter(payment_line::Column::Status.eq(from))
            .filter(payment_line::Column::OrderId.is_in(chunk.iter().copied()))
            .exec(txn.conn())
            .await?;
    }
    Ok(())
}
