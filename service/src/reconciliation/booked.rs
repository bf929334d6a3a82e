//! What notifications and statements booked of orders, read for the judge; and what they booked once more than they should.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::bank_report::{Format, LineKind, Report};
use domain::payment_order::State;
use entity::enums::{LineOutcome, LineStatus, ProposalStatus, ReportFormat, ResolutionKind};
use entity::{bank_report, bank_report_line, payment_line, suspense_resolution};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, JoinType, PaginatorTrait, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use crate::bank_report::Finding;
use crate::db::Txn;
use crate::error::Error;
use crate::reconciliation::by_bank;
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
    // The lines whose day is asked for: of debits only those whose order came back.
    let (mut told, mut debits): (Vec<Told>, Vec<Told>) = (Vec::new(), Vec::new());
    for chunk in asked.chunks(IDS) {
        let report = bank_report_line::Entity::belongs_to(bank_report::Entity)
            .from(L::BankReportId)
            .to(bank_report::Column::Id);
        let rows: Vec<Told> = bank_report_line::Entity::find()
            .select_only()
            .columns([L::OrderId, L::Outcome, L::Note])
            .columns([L::BankReportId, L::Position, L::BookedOn])
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
            if row.note.as_deref() != Some(Finding::DebitedAgain.code()) {
                let own = booked.entry(order).or_default();
                own.add(row.format == ReportFormat::Camt053, returned);
            }
            if returned && debited.contains(&order) {
                told.push(row);
            } else if !returned && paid.contains(&order) {
                debits.push(row);
            }
        }
    }
    let came_back = |own: &Told| booked.get(&own.order_id).is_some_and(Booked::has_come_back);
    told.extend(debits.into_iter().filter(came_back));
    days(txn, told, &mut booked).await?;
    Ok(booked)
}

/// What was matched or came back as the lines say; and the debits after a return, whatever people made of them: those
/// only tell the day.
fn as_told() -> Condition {
    use bank_report_line::Column as L;
    let moved = Condition::all()
        .add(L::Outcome.is_in([LineOutcome::Matched, LineOutcome::Returned]))
        .add(settle::as_read());
    let again = L::Note.eq(Finding::DebitedAgain.code());
    Condition::any().add(moved).add(again)
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
    format: ReportFormat,
    marks_kept: bool,
}

impl Told {
    fn is_return(&self) -> bool {
        self.outcome == LineOutcome::Returned
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

/// The days on which orders came back that a report debits now, and on which those were debited that it gives back once
/// more. Those that an earlier release did not keep are read again from the reports that told of them.
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
        }
    }
    Ok(())
}

/// Does a line that tells of a debit after the order came back wait, or did two people take it for the payment? Not where
/// any of its lines was paid again, or cancelled, since.
pub(super) async fn debited_again(txn: &Txn, order: Uuid) -> Result<bool, Error> {
    use bank_report_line::Column as L;
    use suspense_resolution::Column as S;
    let lines = bank_report_line::Entity::find()
        .filter(L::OrderId.eq(order))
        .filter(L::Note.eq(Finding::DebitedAgain.code()))
        .all(txn.conn())
        .await?;
    if lines.is_empty() {
        return Ok(false);
    }
    let others = payment_line::Entity::find()
        .filter(payment_line::Column::OrderId.eq(order))
        .filter(payment_line::Column::Status.ne(LineStatus::Returned))
        .count(txn.conn())
        .await?;
    if others > 0 {
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

/// Does the line tell of a debit after the order came back, or of a further return?
pub(super) async fn is_once_more(txn: &Txn, line: Uuid) -> Result<bool, Error> {
    let codes = [Finding::DebitedAgain, Finding::ReturnedAgain].map(Finding::code);
    let own = bank_report_line::Entity::find_by_id(line)
        .filter(bank_report_line::Column::Note.is_in(codes))
        .count(txn.conn())
        .await?;
    Ok(own > 0)
}
