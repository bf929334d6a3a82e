//! Entries over whole files, between the tables and the judge.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use domain::payment_order::{ReasonKind, reason_kind};
use entity::enums::{BatchEntryKind, LineOutcome, ReportFormat, ReportStatus};
use entity::{bank_report, bank_report_line, batch_entry};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QuerySelect,
};
use serde_json::json;
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::audit::Event;
use crate::bank_report::Finding;
use crate::db::Txn;
use crate::error::Error;
use crate::reconciliation::batch::{Entry, MATCHED, UNEXPLAINED};
use crate::reconciliation::judge::{Judge, Verdict};
use crate::reconciliation::load::IDS;
use crate::reconciliation::second_debit;
use crate::registry_finding;

/// An entry with its line and its report.
#[derive(Debug, FromQueryResult)]
struct EntryRow {
    line_id: Uuid,
    file_id: Uuid,
    kind: BatchEntryKind,
    booked: bool,
    amount: i64,
    bank_reference: Option<String>,
    bank_report_id: Uuid,
    position: i32,
    order_id: Option<Uuid>,
    outcome: LineOutcome,
    note: Option<String>,
    reason_code: Option<String>,
    resolved_at: Option<DateTime<Utc>>,
    booked_on: Option<NaiveDate>,
    format: ReportFormat,
    marks_kept: bool,
    received_at: DateTime<Utc>,
}

/// The entries held against files; what two people resolved says nothing any more, but for what they took for good of whole
/// files, and for second debits.
pub(super) async fn entries(conn: &impl ConnectionTrait, files: &BTreeSet<Uuid>) -> Result<Vec<Entry>, Error> {
    use bank_report_line::Column as L;
    use batch_entry::Column as C;
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let line = batch_entry::Entity::belongs_to(bank_report_line::Entity)
        .from(C::LineId)
        .to(L::Id);
    let report = bank_report_line::Entity::belongs_to(bank_report::Entity)
        .from(L::BankReportId)
        .to(bank_report::Column::Id);
    let mut rows: Vec<EntryRow> = batch_entry::Entity::find()
        .select_only()
        .columns([C::LineId, C::FileId, C::Kind, C::Booked, C::Amount, C::BankReference])
        .columns([L::BankReportId, L::Position, L::OrderId, L::Outcome, L::Note])
        .columns([L::ReasonCode, L::ResolvedAt, L::BookedOn])
        .columns([
            bank_report::Column::Format,
            bank_report::Column::MarksKept,
            bank_report::Column::ReceivedAt,
        ])
        .join(JoinType::InnerJoin, line.into())
        .join(JoinType::InnerJoin, report.into())
        .filter(C::FileId.is_in(files.iter().copied()))
        .filter(
            Condition::any()
                .add(L::ResolvedAt.is_null())
                .add(C::LineId.in_subquery(second_debit::lines()))
                .add(second_debits()),
        )
        .into_model()
        .all(conn)
        .await?;
    // As the reports came and tell them: of two debits in one, the first is the one that was owed.
    rows.sort_by_key(|row| (row.received_at, row.bank_report_id, row.position));
    let mut entries: Vec<Entry> = rows.into_iter().map(entry).collect();
    if entries.is_empty() {
        return Ok(entries);
    }
    let found = second_debit::found(conn, files).await?.lines;
    let dead: BTreeSet<Uuid> = entries
        .iter()
        .filter(|own| own.deceased)
        .filter_map(|own| own.order)
        .collect();
    let open = registry_finding::open_of(conn, &dead).await?;
    for entry in &mut entries {
        entry.found = found.contains(&entry.line);
        entry.doubted &= !entry.found;
        entry.closed &= !entry.found;
        entry.deceased &= entry.order.is_some_and(|order| open.contains(&order));
    }
    Ok(entries)
}

/// The second debits over whole files, whatever people closed them as: a bank that booked one took our money. None of a
/// report that was set aside.
pub(crate) fn second_debits() -> Condition {
    use bank_report_line::Column as L;
    use batch_entry::Column as C;
    Condition::all()
        .add(C::Kind.eq(BatchEntryKind::Debit))
        .add(C::Booked.eq(true))
        .add(L::Note.eq(Finding::DuplicateLine.code()))
        .add(L::Outcome.eq(LineOutcome::Duplicate))
        .add(bank_report::Column::Status.ne(ReportStatus::SetAside))
}

fn is_deceased(reason: Option<&str>) -> bool {
    reason.map(reason_kind) == Some(ReasonKind::PersonDeceased)
}

fn entry(row: EntryRow) -> Entry {
    let verdict = Verdict {
        outcome: row.outcome,
        order: row.order_id,
        finding: row.note.as_deref().and_then(Finding::from_code),
    };
    Entry {
        report: Some(row.bank_report_id),
        statement: row.format == ReportFormat::Camt053,
        mark: row.bank_reference.zip(row.booked_on),
        day: row.booked_on,
        unread: (!row.marks_kept).then_some(row.position),
        deceased: is_deceased(row.reason_code.as_deref()),
        reason: row.reason_code,
        doubted: verdict.finding == Some(Finding::FileReturnedAgain),
        closed: row.resolved_at.is_some(),
        before: verdict,
        now: verdict,
        ..Entry::new(
            row.line_id,
            row.file_id,
            (row.kind, row.booked, row.amount),
            row.order_id,
        )
    }
}

/// What the lines of the report at hand come to, now that their files were looked at.
pub(super) fn correct(judge: &Judge, verdicts: &mut [(Uuid, Verdict)]) {
    let told = judge.told_of_files.new_entries();
    let told: BTreeMap<Uuid, Verdict> = told.map(|own| (own.line, own.now)).collect();
    if told.is_empty() {
        return;
    }
    for (line, verdict) in verdicts {
        if let Some(now) = told.get(&*line) {
            *verdict = *now;
        }
    }
}

/// Keeps the entries of the report, and writes what lines of reports before come to now.
pub(super) async fn store(app: &App, txn: &Txn, actor: &Actor, judge: &Judge) -> Result<(), Error> {
    let rows = judge.told_of_files.new_entries().map(|own| batch_entry::Model {
        line_id: own.line,
        file_id: own.file,
        kind: own.kind,
        booked: own.booked,
        amount: own.amount,
        bank_reference: own.mark.as_ref().map(|(reference, _)| reference.clone()),
    });
    txn.insert_all::<batch_entry::Entity>(rows.collect()).await?;
    let mut counts: BTreeMap<Uuid, (i64, i64)> = BTreeMap::new();
    for entry in judge.told_of_files.changed() {
        let Some(report) = entry.report else { continue };
        put(txn, entry.line, entry.now).await?;
        let count = counts.entry(report).or_insert((0, 0));
        count.0 += agrees(entry.now) - agrees(entry.before);
        count.1 += waits(entry.now) - waits(entry.before);
    }
    for (line, report, deceased) in refused_before(txn, &judge.refunded()).await? {
        let now = Verdict {
            outcome: LineOutcome::Matched,
            order: None,
            finding: deceased.then_some(Finding::PersonDeceased),
        };
        put(txn, line, now).await?;
        let count = counts.entry(report).or_insert((0, 0));
        count.0 += 1;
        count.1 += waits(now) - 1;
    }
    // A refusal of the whole file, which was told after the debit and before the sum came back.
    let back: BTreeSet<Uuid> = judge.files_given_back().collect();
    for refusal in judge
        .told_of_files
        .refusals
        .iter()
        .filter(|own| back.contains(&own.file))
    {
        let Some(line) = refusal.contradicts else { continue };
        put(txn, line, MATCHED).await?;
        counts.entry(refusal.report).or_insert((0, 0)).1 -= 1;
    }
    for (report, count) in counts {
        recount(txn, report, count).await?;
        let detail = json!({"matched": count.0, "suspense": count.1});
        let subject = crate::bank_report::subject(report);
        txn.audit(Event::new(
            app.clock.now(),
            actor,
            "bank_report.lines_settled",
            subject,
            detail,
        ));
    }
    Ok(())
}

fn agrees(verdict: Verdict) -> i64 {
    i64::from(matches!(verdict.outcome, LineOutcome::Matched | LineOutcome::Returned))
}

fn waits(verdict: Verdict) -> i64 {
    i64::from(verdict.finding.is_some())
}

async fn put(txn: &Txn, line: Uuid, verdict: Verdict) -> Result<(), Error> {
    use bank_report_line::Column as L;
    let note = verdict.finding.map(|finding| finding.code().to_owned());
    bank_report_line::Entity::update_many()
        .col_expr(L::Outcome, Expr::value(verdict.outcome))
        .col_expr(L::Note, Expr::value(note))
        .filter(L::Id.eq(line))
        .exec(txn.conn())
        .await?;
    Ok(())
}

async fn recount(txn: &Txn, report: Uuid, (matched, suspense): (i64, i64)) -> Result<(), Error> {
    use bank_report::Column as R;
    bank_report::Entity::update_many()
        .col_expr(R::Matched, Expr::col(R::Matched).add(matched))
        .col_expr(R::Suspense, Expr::col(R::Suspense).add(suspense))
        .filter(R::Id.eq(report))
        .exec(txn.conn())
        .await?;
    Ok(())
}

/// A line that refuses an order, its report, and whether it says of somebody's death what nobody has looked into.
type Refusal = (Uuid, Uuid, bool);

/// The lines that refuse orders whose money came back before they were read.
async fn refused_before(txn: &Txn, orders: &[Uuid]) -> Result<Vec<Refusal>, Error> {
    use bank_report_line::Column as L;
    let mut lines = Vec::new();
    for chunk in orders.chunks(IDS) {
        let rows: Vec<(Uuid, Uuid, Option<Uuid>, Option<String>)> = bank_report_line::Entity::find()
            .select_only()
            .columns([L::Id, L::BankReportId, L::OrderId, L::ReasonCode])
            .filter(L::Note.eq(Finding::LateAnswer.code()))
            .filter(L::ResolvedAt.is_null())
            .filter(L::StatusCode.is_in(["RJCT", "CANC"]))
            .filter(L::OrderId.is_in(chunk.iter().copied()))
            .into_tuple()
            .all(txn.conn())
            .await?;
        let dead = rows.iter().filter(|row| is_deceased(row.3.as_deref()));
        let dead: BTreeSet<Uuid> = dead.filter_map(|row| row.2).collect();
        let open = registry_finding::open_of(txn.conn(), &dead).await?;
        let waits = |order: Option<Uuid>, reason: Option<&str>| {
            is_deceased(reason) && order.is_some_and(|order| open.contains(&order))
        };
        let told = rows.into_iter();
        lines.extend(told.map(|(line, report, order, reason)| (line, report, waits(order, reason.as_deref()))));
    }
    Ok(lines)
}

/// The files of which a debit waits for people: nobody can say of their refused orders that they were not debited.
pub(crate) async fn unexplained_files(conn: &impl ConnectionTrait) -> Result<BTreeSet<Uuid>, Error> {
    use bank_report_line::Column as L;
    let line = batch_entry::Entity::belongs_to(bank_report_line::Entity)
        .from(batch_entry::Column::LineId)
        .to(L::Id);
    let files: Vec<Uuid> = batch_entry::Entity::find()
        .select_only()
        .column(batch_entry::Column::FileId)
        .join(JoinType::InnerJoin, line.into())
        .filter(batch_entry::Column::Kind.eq(BatchEntryKind::Debit))
        .filter(L::ResolvedAt.is_null())
        .filter(L::Note.is_in(UNEXPLAINED.map(Finding::code)))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(files.into_iter().collect())
}
