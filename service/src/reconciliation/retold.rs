//! Entries of single orders that a notification or a statement tells again, because the bank made it anew, with other bytes:
//! each has the mark that it had before.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use domain::bank_report::{Format, LineKind, Report};
use domain::payment_order::{Event, State};
use entity::enums::{LineOutcome, ReportFormat};
use entity::{bank_report, bank_report_line};
use sea_orm::{ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::db::Txn;
use crate::error::Error;
use crate::reconciliation::batch::{Mark, mark};
use crate::reconciliation::booked::debits_of_one_report;
use crate::reconciliation::judge::Known;
use crate::reconciliation::load::IDS;
use crate::reconciliation::{earlier, settle};

/// Entries of orders: what each says, and its mark.
pub(super) type Entries = BTreeSet<(Uuid, Event, Mark)>;

/// Does an order stand where such an entry left it? One that came back and is debited is for people, whatever the mark.
pub(super) const fn stands(kind: LineKind, event: Event, state: State) -> bool {
    match (kind, event) {
        (LineKind::Debit, Event::Settle) => state.is_paid(),
        (LineKind::Return, Event::Return) => matches!(state, State::Returned),
        _ => false,
    }
}

/// The entries of the report that one before, of the same kind, told by the same mark, and that were taken for what they say,
/// or for a further debit.
pub(super) async fn of(txn: &Txn, report: &Report, orders: &BTreeMap<Uuid, Known>) -> Result<Entries, Error> {
    let format = match report.header.format {
        Format::Camt053 => ReportFormat::Camt053,
        Format::Camt054 => ReportFormat::Camt054,
        _ => return Ok(Entries::new()),
    };
    let told = entries(report, orders);
    let mut retold = Entries::new();
    for (before, places) in places(txn, format, &told).await? {
        let lines = earlier::lines(txn, before).await?;
        for (place, order) in places {
            let line = lines.get(&place);
            let own = line.and_then(|line| Some((order, line.event()?, mark(line)?)));
            retold.extend(own.filter(|own| told.contains(own)));
        }
    }
    Ok(retold)
}

/// The entries of the report that have a mark, and whose orders stand as they would leave them.
fn entries(report: &Report, orders: &BTreeMap<Uuid, Known>) -> Entries {
    let by_uetr: HashMap<Uuid, &Known> = orders.values().map(|order| (order.uetr, order)).collect();
    let by_reference: HashMap<&str, &Known> = orders.values().map(|order| (order.reference.as_str(), order)).collect();
    let told = report.lines.iter().filter_map(|line| {
        let named = line.uetr.and_then(|uetr| by_uetr.get(&uetr));
        let named = named.or_else(|| by_reference.get(line.reference.as_deref()?));
        let (order, event) = (named?, line.event()?);
        let mark = mark(line).filter(|_| stands(line.kind, event, order.state));
        Some((order.id, event, mark?))
    });
    told.collect()
}

/// Where reports before booked such orders on the same days: the place of each line, with its order. Few tell of an entry
/// twice, so that few reports are read again.
async fn places(txn: &Txn, format: ReportFormat, told: &Entries) -> Result<BTreeMap<Uuid, Vec<(i32, Uuid)>>, Error> {
    use bank_report_line::Column as L;
    let mut days: BTreeMap<Uuid, BTreeSet<NaiveDate>> = BTreeMap::new();
    for (order, _, (_, day)) in told {
        days.entry(*order).or_default().insert(*day);
    }
    let moved = Condition::all()
        .add(L::Outcome.is_in([LineOutcome::Matched, LineOutcome::Returned]))
        .add(settle::as_read());
    let booked = Condition::any().add(moved).add(debits_of_one_report());
    let orders: Vec<Uuid> = days.keys().copied().collect();
    let mut places: BTreeMap<Uuid, Vec<(i32, Uuid)>> = BTreeMap::new();
    for chunk in orders.chunks(IDS) {
        let report = bank_report_line::Entity::belongs_to(bank_report::Entity)
            .from(L::BankReportId)
            .to(bank_report::Column::Id);
        let rows: Vec<(Uuid, Uuid, i32, Option<NaiveDate>)> = bank_report_line::Entity::find()
            .select_only()
            .columns([L::OrderId, L::BankReportId, L::Position, L::BookedOn])
            .join(JoinType::InnerJoin, report.into())
            .filter(L::OrderId.is_in(chunk.iter().copied()))
            .filter(L::StatusCode.eq("BOOK"))
            .filter(booked.clone())
            .filter(bank_report::Column::Format.eq(format))
            .into_tuple()
            .all(txn.conn())
            .await?;
        for (order, report, place, day) in rows {
            let same_day = day.is_some_and(|day| days.get(&order).is_some_and(|own| own.contains(&day)));
            if same_day {
                places.entry(report).or_default().push((place, order));
            }
        }
    }
    Ok(places)
}
