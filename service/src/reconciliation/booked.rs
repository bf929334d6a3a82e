//! What notifications and statements booked of orders, read for the judge; and what they booked once more than they should.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use domain::bank_report::{Format, LineKind, Report};
use domain::payment_order::State;
use entity::enums::{LineOutcome, LineStatus, ProposalStatus, ReportFormat, ReportStatus, ResolutionKind};
use entity::{amount_difference, bank_report, bank_report_line, payment_line, suspense_resolution};
use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, JoinType, PaginatorTrait, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use crate::bank_report::Finding;
use crate::db::Txn;
use crate::error::Error;
use crate::reconciliation::by_bank;
use crate::reconciliation::difference::format_of;
use crate::reconciliation::earlier;
use crate::reconciliation::judge::{Booked, Known};
use crate::reconciliation::load::IDS;
use crate::reconciliation::settle;

/// What was booked before of the orders that came back, and of those that the report says came back.
pub(super) async fn of(
    txn: &Txn,
    report: &Report,
    orders: &BTreeMap<Uuid, Known>,
) -> Result<BTreeMap<Uuid, Booked>, Error> {
    use bank_report_line::Column as L;
    let mut booked: BTreeMap<Uuid, Booked> = BTreeMap::new();
    if !matches!(report.header.format, Format::Camt053 | Format::Camt054) {
        return Ok(booked);
    }
    let of_bank: BTreeSet<&str> = report.lines.iter().filter_map(by_bank::key).collect();
    let names = |named: &Named<'_>, order: &Known| {
        let by_bank = order.bank_reference.as_deref();
        named.has(order) || by_bank.is_some_and(|own| of_bank.contains(own))
    };
    let (returns, debits) = (Named::by(report, LineKind::Return), Named::by(report, LineKind::Debit));
    let asked = orders
        .values()
        .filter(|order| order.state == State::Returned || names(&returns, order));
    let asked: Vec<Uuid> = asked.map(|order| order.id).collect();
    let debited = orders
        .values()
        .filter(|order| order.state == State::Returned && names(&debits, order));
    let debited: BTreeSet<Uuid> = debited.map(|order| order.id).collect();
    let paid = orders
        .values()
        .filter(|order| order.state.is_paid() && names(&returns, order));
    let paid: BTreeSet<Uuid> = paid.map(|order| order.id).collect();
    // The lines whose day is asked for: of debits those of orders that are paid.
    let (mut told, mut debits): (Vec<Told>, Vec<Told>) = (Vec::new(), Vec::new());
    for chunk in asked.chunks(IDS) {
        let report = bank_report_line::Entity::belongs_to(bank_report::Entity)
            .from(L::BankReportId)
            .to(bank_report::Column::Id);
        let rows: Vec<Told> = bank_report_line::Entity::find()
            .select_only()
            .columns([L::OrderId, L::Outcome, L::Note])
            .columns([L::BankReportId, L::Position, L::BookedOn, L::ResolvedAt])
            .columns([bank_report::Column::Format, bank_report::Column::MarksKept])
            .join(JoinType::InnerJoin, report.into())
            .filter(L::OrderId.is_in(chunk.iter().copied()))
            .filter(L::StatusCode.eq("BOOK"))
            .filter(as_told())
            .filter(bank_report::Column::Format.is_in([ReportFormat::Camt053, ReportFormat::Camt054]))
            .into_model()
            .all(txn.conn())
            .await?;
        for row in rows {
            let (order, returned) = (row.order_id, row.is_return());
            let (own, statement) = (booked.entry(order).or_default(), row.format == ReportFormat::Camt053);
            if !row.is_debit_again() {
                own.add(statement, returned);
            } else if !row.waits() {
                own.undo(statement);
            }
            if returned && debited.contains(&order) {
                told.push(row);
            } else if !returned && paid.contains(&order) {
                debits.push(row);
            }
        }
    }
    // A report is read again only where an order came back before.
    let came_back = |own: &Told| booked.get(&own.order_id).is_some_and(Booked::has_come_back);
    told.extend(debits.into_iter().filter(|own| own.marks_kept || came_back(own)));
    days(txn, told, &mut booked).await?;
    Ok(booked)
}

/// What was matched or came back as the lines say; further debits of one report, whatever people closed them as, for a bank
/// that booked one took our money; and the debits after a return, whatever people made of them: those only tell the day.
fn as_told() -> Condition {
    use bank_report_line::Column as L;
    let moved = Condition::all()
        .add(L::Outcome.is_in([LineOutcome::Matched, LineOutcome::Returned]))
        .add(settle::as_read());
    let again = Condition::all()
        .add(L::Note.eq(Finding::DebitedAgain.code()))
        .add(bank_report::Column::Status.ne(ReportStatus::SetAside));
    Condition::any().add(moved).add(debits_of_one_report()).add(again)
}

/// The further debits of orders that one report told. None of a report that was set aside.
pub(super) fn debits_of_one_report() -> Condition {
    use bank_report_line::Column as L;
    Condition::all()
        .add(L::Note.eq(Finding::DebitedTwice.code()))
        .add(L::Outcome.eq(LineOutcome::Duplicate))
        .add(bank_report::Column::Status.ne(ReportStatus::SetAside))
}

/// Those of them that two people have not taken for good: they left our account all the same.
pub(crate) fn debits_unexplained() -> Condition {
    debits_of_one_report().add(bank_report_line::Column::Id.not_in_subquery(taken_for_good()))
}

/// The lines that two people took for good.
fn taken_for_good() -> SelectStatement {
    use ResolutionKind as K;
    use suspense_resolution::Column as S;
    let kinds = [
        K::AcceptedAsPaid,
        K::AcceptedAsReturned,
        K::MatchedToOrder,
        K::AmountExplained,
    ];
    Query::select()
        .column(S::LineId)
        .from(suspense_resolution::Entity)
        .and_where(S::Status.eq(ProposalStatus::Accepted))
        .and_where(S::Kind.is_in(kinds))
        .to_owned()
}

/// A line that tells of a return or a debit, with its report.
#[derive(Debug, FromQueryResult)]
struct Told {
    order_id: Uuid,
    outcome: LineOutcome,
    note: Option<String>,
    bank_report_id: Uuid,
    position: i32,
    booked_on: Option<NaiveDate>,
    resolved_at: Option<DateTime<Utc>>,
    format: ReportFormat,
    marks_kept: bool,
}

impl Told {
    fn is_return(&self) -> bool {
        self.outcome == LineOutcome::Returned
    }

    fn is_debit_again(&self) -> bool {
        self.note.as_deref() == Some(Finding::DebitedAgain.code())
    }

    /// A debit after a return that nobody has closed holds its order by itself.
    fn waits(&self) -> bool {
        self.is_debit_again() && self.resolved_at.is_none()
    }
}

/// The orders that lines of a kind name.
struct Named<'r> {
    uetrs: BTreeSet<Uuid>,
    references: BTreeSet<&'r str>,
}

impl<'r> Named<'r> {
    fn by(report: &'r Report, kind: LineKind) -> Self {
        let told = || report.lines.iter().filter(|line| line.kind == kind);
        Self {
            uetrs: told().filter_map(|line| line.uetr).collect(),
            references: told().filter_map(|line| line.reference.as_deref()).collect(),
        }
    }

    fn has(&self, order: &Known) -> bool {
        self.uetrs.contains(&order.uetr) || self.references.contains(order.reference.as_str())
    }
}

/// The days on which orders came back that a report debits now, and on which those were debited that it gives back. Those
/// that an earlier release did not keep are read again from the reports that told of them.
async fn days(txn: &Txn, mut told: Vec<Told>, booked: &mut BTreeMap<Uuid, Booked>) -> Result<(), Error> {
    let unread = told.iter().filter(|own| !own.marks_kept);
    let unread: BTreeSet<Uuid> = unread.map(|own| own.bank_report_id).collect();
    for report in unread {
        let lines = earlier::lines(txn, report).await?;
        for own in told.iter_mut().filter(|own| own.bank_report_id == report) {
            own.booked_on = lines.get(&own.position).and_then(|line| line.booked_on);
        }
    }
    for own in told {
        let order = booked.entry(own.order_id).or_default();
        if own.is_return() {
            order.back_on(own.booked_on);
        } else {
            order.debited_on(own.booked_on);
            if !own.waits() {
                order.left_on(own.booked_on);
            }
        }
    }
    Ok(())
}

/// Lines that tell of a further debit of their order: after it came back, or in one report. What one report tells twice by the
/// same mark is among them, where two people say so of an order that came back; an earlier release told no mark from another.
fn further_debits() -> Condition {
    use bank_report_line::Column as L;
    let codes = [Finding::DebitedAgain, Finding::DebitedTwice].map(Finding::code);
    let twice = Condition::all()
        .add(L::Note.eq(Finding::DuplicateLine.code()))
        .add(L::StatusCode.eq("BOOK"))
        .add(L::ReasonCode.is_null())
        .add(L::OrderId.is_not_null());
    Condition::any().add(L::Note.is_in(codes)).add(twice)
}

/// Does a line that tells of a further debit of the order wait, or did two people take it for the payment? Not where any of
/// its lines was paid again, or cancelled, since; nor where the debit is booked beside the order.
pub(super) async fn debited_again(txn: &Txn, order: Uuid) -> Result<bool, Error> {
    use amount_difference::Column as D;
    use bank_report_line::Column as L;
    use suspense_resolution::Column as S;
    let beside = Query::select()
        .column(D::LineId)
        .from(amount_difference::Entity)
        .and_where(D::LineId.is_not_null())
        .to_owned();
    let lines = bank_report_line::Entity::find()
        .filter(L::OrderId.eq(order))
        .filter(further_debits())
        .filter(L::Id.not_in_subquery(beside))
        .all(txn.conn())
        .await?;
    if lines.is_empty() || !waits_whole(txn, order).await? {
        return Ok(false);
    }
    if lines.iter().any(|line| line.resolved_at.is_none()) {
        return Ok(true);
    }
    let paid = [
        ResolutionKind::AcceptedAsPaid,
        ResolutionKind::MatchedToOrder,
        ResolutionKind::AmountExplained,
    ];
    let taken = suspense_resolution::Entity::find()
        .filter(S::LineId.is_in(lines.iter().map(|line| line.id)))
        .filter(S::Status.eq(ProposalStatus::Accepted))
        .filter(S::Kind.is_in(paid))
        .count(txn.conn())
        .await?;
    Ok(taken > 0)
}

/// Do all lines of an order that came back wait to be paid again?
pub(super) async fn waits_whole(txn: &Txn, order: Uuid) -> Result<bool, Error> {
    let others = payment_line::Entity::find()
        .filter(payment_line::Column::OrderId.eq(order))
        .filter(payment_line::Column::Status.ne(LineStatus::Returned))
        .count(txn.conn())
        .await?;
    Ok(others == 0)
}

/// Does the line tell of a further debit of its order, or of a further return?
pub(super) async fn is_once_more(txn: &Txn, line: Uuid) -> Result<bool, Error> {
    let returned = bank_report_line::Column::Note.eq(Finding::ReturnedAgain.code());
    let own = bank_report_line::Entity::find_by_id(line)
        .filter(further_debits().add(returned))
        .count(txn.conn())
        .await?;
    Ok(own > 0)
}

/// A line that books a debit or a return of an order: its outcome and finding, the reason, the amount.
type BookedLine = (LineOutcome, Option<String>, Option<String>, Option<i64>);

/// Does the line tell of a further debit of a paid order, and did the whole of the order leave our account beside it, by what
/// the teller of the line told of the order and was taken for good? The line itself is among that.
pub(super) async fn is_in_excess(txn: &Txn, (line, moved): (Uuid, i64), order: &Known) -> Result<bool, Error> {
    use bank_report_line::Column as L;
    let codes = [Finding::DebitedAgain, Finding::DebitedTwice].map(Finding::code);
    let further = bank_report_line::Entity::find_by_id(line).filter(L::Note.is_in(codes));
    if further.count(txn.conn()).await? == 0 {
        return Ok(false);
    }
    let format = format_of(txn, line).await?;
    let report = bank_report_line::Entity::belongs_to(bank_report::Entity)
        .from(L::BankReportId)
        .to(bank_report::Column::Id);
    let as_read = Condition::all()
        .add(L::Outcome.is_in([LineOutcome::Matched, LineOutcome::Returned]))
        .add(settle::as_read());
    let rows: Vec<BookedLine> = bank_report_line::Entity::find()
        .select_only()
        .columns([L::Outcome, L::Note, L::ReasonCode, L::Amount])
        .join(JoinType::InnerJoin, report.into())
        .filter(L::OrderId.eq(order.id))
        .filter(L::StatusCode.eq("BOOK"))
        .filter(Condition::any().add(as_read).add(L::Id.in_subquery(taken_for_good())))
        // What tells an entry again took nothing.
        .filter(
            Condition::any()
                .add(L::Note.is_null())
                .add(L::Note.ne(Finding::DuplicateLine.code())),
        )
        .filter(bank_report::Column::Format.eq(format))
        .into_tuple()
        .all(txn.conn())
        .await?;
    let out: i64 = rows.iter().map(taken).sum();
    Ok(out - moved >= order.amount)
}

/// What a booked line took from our account, đồng; less than nothing where it tells of money that came back.
fn taken((outcome, note, reason, amount): &BookedLine) -> i64 {
    let finding = note.as_deref().and_then(Finding::from_code);
    let back = match (outcome, finding) {
        (LineOutcome::Returned, _) | (_, Some(Finding::ReturnedAgain)) => true,
        (LineOutcome::Matched, _) | (_, Some(Finding::DebitedAgain | Finding::DebitedTwice)) => false,
        // An entry with a reason is money that comes back.
        _ => reason.is_some(),
    };
    let amount = amount.unwrap_or(0);
    if back { -amount } else { amount }
}
