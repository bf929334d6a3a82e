//! What waits for the word of others, beside orders and lines: files that their receiver has not acknowledged or that may
//! never have arrived, recalls that a bank has not answered, and deaths that a bank told of and the registry has not
//! looked into.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{FileStatus, FindingStatus, OpenKind, OrderStatus, ProposalStatus, RecallAnswer};
use entity::{delivery, payment_file, payment_order, recall, registry_finding};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::clock::in_vietnam;
use crate::code::Code;
use crate::error::Error;
use crate::month_close::{OpenItem, OpenState};
use crate::reconciliation::load::IDS;
use crate::reconciliation::recalls::recalled_by_letter;

fn day(at: DateTime<Utc>) -> NaiveDate {
    in_vietnam(at).date_naive()
}

/// All of it.
pub(super) async fn items(conn: &impl ConnectionTrait) -> Result<Vec<OpenItem>, Error> {
    let mut items = files(conn).await?;
    items.extend(recalls(conn).await?);
    items.extend(deaths(conn).await?);
    Ok(items)
}

/// Of a file: its id, run, name, sum and state, and when it was planned.
type FileRow = (Uuid, Uuid, String, i64, FileStatus, DateTime<Utc>);

/// Files that were sent or may have been, since the last time they were. They belong to no area.
async fn files(conn: &impl ConnectionTrait) -> Result<Vec<OpenItem>, Error> {
    use payment_file::Column as C;
    // Nobody has to acknowledge those any more.
    let withdrawn = crate::payment_file::all_withdrawn(conn).await?;
    let rows: Vec<FileRow> = payment_file::Entity::find()
        .select_only()
        .columns([C::Id, C::PayRunId, C::Name, C::Sum, C::Status, C::CreatedAt])
        .filter(C::Status.is_in([FileStatus::Delivered, FileStatus::Unknown]))
        .filter(C::Id.is_not_in(withdrawn))
        .into_tuple()
        .all(conn)
        .await?;
    let ids: Vec<Uuid> = rows.iter().map(|(id, ..)| *id).collect();
    let mut sent = last_sent(conn, &ids).await?;
    let items = rows.into_iter().map(|(id, run, name, sum, status, created_at)| {
        let (at, problem) = sent.remove(&id).unwrap_or((created_at, None));
        OpenItem {
            kind: match status {
                FileStatus::Unknown => OpenKind::FileUnknown,
                _ => OpenKind::FileUnacknowledged,
            },
            since: day(at),
            reference: Some(name),
            pay_run_id: Some(run),
            order_id: None,
            line_id: None,
            area_id: None,
            amount: sum,
            state: status.code(),
            reason: problem,
            subject_id: Some(id),
        }
    });
    Ok(items.collect())
}

/// Of a delivery: its file, what went wrong, when it arrived, began and was asked for.
type DeliveryRow = (
    Uuid,
    Option<String>,
    Option<DateTime<Utc>>,
    Option<DateTime<Utc>>,
    DateTime<Utc>,
);

/// When each of these files was last sent, and what went wrong then.
async fn last_sent(
    conn: &impl ConnectionTrait,
    files: &[Uuid],
) -> Result<BTreeMap<Uuid, (DateTime<Utc>, Option<String>)>, Error> {
    use delivery::Column as C;
    let mut last = BTreeMap::new();
    for chunk in files.chunks(IDS) {
        let rows: Vec<DeliveryRow> = delivery::Entity::find()
            .select_only()
            .columns([C::FileId, C::Error, C::SentAt, C::BeganAt, C::CreatedAt])
            .filter(C::FileId.is_in(chunk.iter().copied()))
            // Of several attempts the last one stays.
            .order_by_asc(C::Attempt)
            .into_tuple()
            .all(conn)
            .await?;
        last.extend(rows.into_iter().map(|(file, problem, sent_at, began_at, created_at)| {
            let at = sent_at.or(began_at).unwrap_or(created_at);
            (file, (at, problem))
        }));
    }
    Ok(last)
}

/// Recalls that two people agreed on and of which the bank has not said how they end, unless the money is back anyhow.
async fn recalls(conn: &impl ConnectionTrait) -> Result<Vec<OpenItem>, Error> {
    use recall::Column as C;
    let no_end = Condition::any()
        .add(C::Answer.is_null())
        .add(C::Answer.eq(RecallAnswer::Pending));
    let rows = recall::Entity::find()
        .filter(C::Status.eq(ProposalStatus::Accepted))
        .filter(no_end)
        .all(conn)
        .await?;
    let unsent = Condition::all()
        .add(C::Status.eq(ProposalStatus::Accepted))
        .add(C::Answer.is_null())
        .add(C::LetterSentOn.is_null());
    let not_asked = recalled_by_letter(conn, Condition::all(), unsent).await?;
    let orders = orders(conn, rows.iter().map(|row| row.order_id).collect()).await?;
    let items = rows.into_iter().filter_map(|row| {
        let order = orders.get(&row.order_id)?;
        let silent = if not_asked.contains(&order.id) {
            OpenState::LetterUnsent
        } else {
            OpenState::Unanswered
        };
        if matches!(order.status, OrderStatus::Rejected | OrderStatus::Returned) {
            return None;
        }
        Some(OpenItem {
            kind: OpenKind::RecallUnanswered,
            since: day(row.decided_at.unwrap_or(row.proposed_at)),
            reference: Some(order.reference.clone()),
            pay_run_id: Some(order.pay_run_id),
            order_id: Some(order.id),
            line_id: None,
            area_id: Some(order.area_id.clone()),
            amount: order.amount,
            state: row
                .answer
                .map_or_else(|| silent.code().to_owned(), |answer| answer.code()),
            reason: Some(row.reason.code()),
            subject_id: Some(row.id),
        })
    });
    Ok(items.collect())
}

/// Deaths that banks told of, one for each person, since they did.
async fn deaths(conn: &impl ConnectionTrait) -> Result<Vec<OpenItem>, Error> {
    use registry_finding::Column as C;
    let rows = registry_finding::Entity::find()
        .filter(C::Status.eq(FindingStatus::Open))
        .all(conn)
        .await?;
    let orders = orders(conn, rows.iter().map(|row| row.order_id).collect()).await?;
    let items = rows.into_iter().filter_map(|row| {
        let order = orders.get(&row.order_id)?;
        Some(OpenItem {
            kind: OpenKind::DeathReported,
            since: day(row.opened_at),
            reference: Some(order.reference.clone()),
            pay_run_id: Some(order.pay_run_id),
            order_id: Some(order.id),
            line_id: Some(row.line_id),
            area_id: Some(order.area_id.clone()),
            amount: order.amount,
            state: row.kind.code(),
            reason: order.reason.clone(),
            subject_id: Some(row.id),
        })
    });
    Ok(items.collect())
}

/// These orders by id.
async fn orders(
    conn: &impl ConnectionTrait,
    mut ids: Vec<Uuid>,
) -> Result<BTreeMap<Uuid, payment_order::Model>, Error> {
    ids.sort_unstable();
    ids.dedup();
    let mut orders = BTreeMap::new();
    for chunk in ids.chunks(IDS) {
        let rows = payment_order::Entity::find()
            .filter(payment_order::Column::Id.is_in(chunk.iter().copied()))
            .all(conn)
            .await?;
        orders.extend(rows.into_iter().map(|order| (order.id, order)));
    }
    Ok(orders)
}
