//! What is open: runs that wait, orders without an end, money that waits to be paid again, lines that wait for people.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use domain::Month;
use entity::enums::{DifferenceStatus, OpenKind, PayRunStatus, Standing};
use entity::{amount_difference, bank_report, bank_report_line, held_payment, pay_run, payment_file, payment_order};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::clock::in_vietnam;
use crate::code::Code;
use crate::error::Error;
use crate::month_close::books::Books;
use crate::month_close::state::OpenState;
use crate::month_close::view::{Difference, OpenItem, OpenSum};
use crate::pay_run::{REGULAR_FUND, coverage};
use crate::reconciliation;

/// What stands before the id of a line.
const LINE: &str = "payment_line:";

fn day(at: DateTime<Utc>) -> NaiveDate {
    in_vietnam(at).date_naive()
}

/// Has the run left the house?
pub(crate) const fn is_released(run: &pay_run::Model) -> bool {
    matches!(
        run.status,
        PayRunStatus::Released | PayRunStatus::Settling | PayRunStatus::Closed
    )
}

/// Runs that may still be released.
pub(super) fn unreleased(books: &Books) -> Vec<OpenItem> {
    let waiting = books.runs.values().filter(|run| {
        matches!(
            run.status,
            PayRunStatus::Draft | PayRunStatus::Submitted | PayRunStatus::Approved
        )
    });
    let items = waiting.map(|run| OpenItem {
        kind: OpenKind::Unreleased,
        since: day(run.created_at),
        reference: None,
        pay_run_id: Some(run.id),
        order_id: None,
        line_id: None,
        area_id: None,
        amount: run.total - run.deducted,
        state: run.status.code(),
        reason: None,
        subject_id: None,
    });
    items.collect()
}

/// Orders without an end, and what waits to be paid again.
pub(crate) fn orders(books: &Books) -> Vec<OpenItem> {
    let mut items = Vec::new();
    for (id, standings) in books.standings() {
        let Some(order) = books.orders.get(&id) else { continue };
        let Some(run) = books.runs.get(&order.run).filter(|run| is_released(run)) else {
            continue;
        };
        for (standing, amount) in standings {
            let left = left(run);
            let (kind, since) = match standing {
                Standing::InFlight => (OpenKind::InFlight, left),
                Standing::Unknown => (OpenKind::Unknown, left),
                Standing::ToReissue => (OpenKind::ToReissue, order.last.map_or(left, |(_, at)| at)),
                Standing::Settled | Standing::Credited | Standing::Reissued | Standing::Cancelled => continue,
            };
            items.push(OpenItem {
                kind,
                since: day(since),
                reference: Some(order.reference.clone()),
                pay_run_id: Some(order.run),
                order_id: Some(id),
                line_id: None,
                area_id: Some(order.area_id.clone()),
                amount,
                state: order.status.code(),
                reason: order.reason.clone(),
                subject_id: None,
            });
        }
    }
    items
}

type SuspenseRow = (
    Uuid,
    Option<Uuid>,
    Option<String>,
    Option<i64>,
    entity::enums::LineOutcome,
    Option<String>,
    DateTime<Utc>,
);

/// Lines that wait for two people: those of some orders, and those that fit none; all of them where `of` is none.
pub(crate) async fn suspense(conn: &impl ConnectionTrait, of: Option<&BTreeSet<Uuid>>) -> Result<Vec<OpenItem>, Error> {
    use bank_report_line::Column as C;
    let report = bank_report_line::Entity::belongs_to(bank_report::Entity)
        .from(C::BankReportId)
        .to(bank_report::Column::Id);
    let rows: Vec<SuspenseRow> = bank_report_line::Entity::find()
        .select_only()
        .columns([C::Id, C::OrderId, C::Reference, C::Amount, C::Outcome, C::Note])
        .column(bank_report::Column::ReceivedAt)
        .join(JoinType::InnerJoin, report.into())
        .filter(C::Note.is_not_null())
        .filter(C::ResolvedAt.is_null())
        .into_tuple()
        .all(conn)
        .await?;
    let own = rows
        .into_iter()
        .filter(|(_, order, ..)| order.is_none_or(|order| of.is_none_or(|of| of.contains(&order))));
    let items = own.map(
        |(id, order_id, reference, amount, outcome, note, received_at)| OpenItem {
            kind: OpenKind::Suspense,
            since: day(received_at),
            reference,
            pay_run_id: None,
            order_id,
            line_id: Some(id),
            area_id: None,
            amount: amount.unwrap_or(0),
            state: outcome.code(),
            reason: note,
            subject_id: None,
        },
    );
    Ok(items.collect())
}

/// What banks moved more or less than was ordered: of some orders, or all that is open.
pub(crate) async fn amount_differences(
    conn: &impl ConnectionTrait,
    of: Option<&BTreeSet<Uuid>>,
) -> Result<Vec<OpenItem>, Error> {
    use amount_difference::Column as C;
    let open = amount_difference::Entity::find()
        .filter(C::Status.eq(DifferenceStatus::Open))
        .all(conn)
        .await?;
    let mut items = Vec::new();
    for row in open {
        if of.is_some_and(|of| !of.contains(&row.order_id)) {
            continue;
        }
        let order = payment_order::Entity::find_by_id(row.order_id).one(conn).await?;
        let Some(order) = order else { continue };
        items.push(OpenItem {
            kind: OpenKind::AmountDifference,
            since: day(row.opened_at),
            reference: Some(order.reference),
            pay_run_id: Some(order.pay_run_id),
            order_id: Some(order.id),
            line_id: row.line_id,
            area_id: Some(order.area_id),
            amount: row.amount,
            state: reconciliation::difference_account(row.amount).code(),
            reason: None,
            subject_id: None,
        });
    }
    Ok(items)
}

/// When a run left the house.
fn left(run: &pay_run::Model) -> DateTime<Utc> {
    run.released_at.unwrap_or(run.created_at)
}

/// The name of a line where it is in no order.
pub(super) fn line_subject(line: Uuid) -> String {
    format!("{LINE}{}", line.simple())
}

/// What is open as people read it aloud: the reference of an order, or the id of a line.
pub(super) fn called(item: &OpenItem) -> &str {
    let reference = item.reference.as_deref().unwrap_or_default();
    reference.strip_prefix(LINE).unwrap_or(reference)
}

/// Legs that do not agree, since the run of the line, the order or the file left the house; of a statement since the first
/// run of the month did. On whichever day they are looked at, they are open since the same one.
pub(super) fn differences(
    differences: &[Difference],
    books: &Books,
    files: &BTreeMap<Uuid, payment_file::Model>,
) -> Vec<OpenItem> {
    let Some(first) = books.runs.values().map(left).min() else {
        return Vec::new();
    };
    let subjects: BTreeSet<&str> = differences.iter().map(|own| own.subject.as_str()).collect();
    let lines = books.lines.iter().map(|line| (line_subject(line.id), line.run));
    let orders = books.orders.values().map(|own| (own.reference.clone(), own.run));
    let files = files.values().map(|file| (file.name.clone(), file.pay_run_id));
    let mut since: BTreeMap<String, DateTime<Utc>> = BTreeMap::new();
    // Files of several runs may have the same name.
    for (subject, run) in lines.chain(orders).chain(files) {
        let Some(run) = books.runs.get(&run).filter(|_| subjects.contains(subject.as_str())) else {
            continue;
        };
        let own = since.entry(subject).or_insert_with(|| left(run));
        *own = left(run).min(*own);
    }
    let items = differences.iter().map(|own| OpenItem {
        kind: OpenKind::Difference,
        since: day(since.get(&own.subject).copied().unwrap_or(first)),
        reference: Some(own.subject.clone()),
        pay_run_id: None,
        order_id: None,
        line_id: None,
        area_id: None,
        amount: own.one - own.other,
        state: own.legs.clone(),
        reason: None,
        subject_id: None,
    });
    items.collect()
}

/// A month that only runs of some areas or one channel pay, or some of the funds that programs draw on: that no run for
/// everybody takes it, since when and with what such runs hold, and each area or channel that none of them is for. A fund
/// that lacks a run stands as the reference.
pub(super) async fn not_completed(
    conn: &impl ConnectionTrait,
    month: Month,
    books: &Books,
) -> Result<Vec<OpenItem>, Error> {
    let partial = books.runs.values().filter(|run| coverage::counts(run));
    let partial: Vec<pay_run::Model> = partial.cloned().collect();
    let Some(uncovered) = coverage::of_month(conn, month, &partial).await? else {
        return Ok(Vec::new());
    };
    let Some(since) = partial.iter().map(|run| day(run.created_at)).min() else {
        return Ok(Vec::new());
    };
    let held = held_payment::Entity::find()
        .filter(held_payment::Column::PayRunId.is_in(partial.iter().map(|run| run.id)))
        .all(conn)
        .await?;
    // Whoever has no account at all is told by the run of each channel, and owed once.
    let held = held.into_iter().map(|row| {
        let key = (row.entitlement_id, row.component, row.cover_month);
        (key, row.amount)
    });
    let held: BTreeMap<(Uuid, String, i32), i64> = held.collect();
    let item = |area_id: Option<String>, fund: Option<String>, (amount, state): (i64, String)| OpenItem {
        kind: OpenKind::MonthNotCompleted,
        since,
        reference: fund,
        pay_run_id: None,
        order_id: None,
        line_id: None,
        area_id,
        amount,
        state,
        reason: None,
        subject_id: None,
    };
    let held: i64 = held.into_values().sum();
    let mut items = vec![item(None, None, (held, OpenState::NoWholeRun.code().to_owned()))];
    items.extend(uncovered.into_iter().map(|own| {
        let state = own
            .channel
            .map_or_else(|| OpenState::AllChannels.code().to_owned(), |channel| channel.code());
        // With one fund alone there is nothing to tell apart.
        let fund = (own.fund_code != REGULAR_FUND).then_some(own.fund_code);
        item(own.area_id, fund, (0, state))
    }));
    Ok(items)
}

/// The sums by kind.
pub(super) fn sums(items: &[OpenItem]) -> Vec<OpenSum> {
    let mut sums: Vec<OpenSum> = Vec::new();
    for item in items {
        match sums.iter_mut().find(|sum| sum.kind == item.kind) {
            Some(sum) => {
                sum.items += 1;
                sum.amount += item.amount;
                sum.oldest = sum.oldest.min(item.since);
            }
            None => sums.push(OpenSum {
                kind: item.kind,
                items: 1,
                amount: item.amount,
                oldest: item.since,
            }),
        }
    }
    sums.sort_by_key(|sum| sum.kind);
    sums
}

/// For how many days something is open.
pub(crate) fn age(item: &OpenItem, on: NaiveDate) -> i64 {
    on.signed_duration_since(item.since).num_days().max(0)
}
