//! Two people close a month: one prepares, another confirms what was prepared.

use std::collections::BTreeMap;

use domain::Month;
use entity::enums::{Act, CloseStatus, Standing};
use entity::{month_close, month_close_correction, month_close_item, month_close_order, pay_run};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::approval;
use crate::audit::Event;
use crate::clock::in_vietnam;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::month_close::view::{Correction, MonthCloseView, OpenItem, Sums};
use crate::month_close::{CloseMonth, correction, tie};
use crate::pay_run::RELEASED;
use crate::{pay_calendar, print};

/// The subject of a close in approvals and the audit trail; triggers of the database know it too.
pub(crate) fn subject(id: Uuid) -> String {
    format!("month_close:{}", id.simple())
}

/// Prepares a close.
pub(super) async fn prepare(
    app: &App,
    actor: &Actor,
    month: Month,
    command: CloseMonth,
) -> Result<MonthCloseView, Error> {
    actor.require_province(Permission::MonthCloseMake)?;
    let person = actor.person()?;
    let note = command.note.trim().to_owned();
    if note.chars().count() > 1_000 {
        return Err(Error::field(
            "/note",
            "length",
            "Ghi chú tối đa 1000 ký tự",
            "a note has at most 1000 characters",
        ));
    }
    let (row, corrections) = app
        .db
        .write(async |txn| {
            let before = locked(txn, month).await?;
            if before.as_ref().is_some_and(|row| row.status == CloseStatus::Closed) {
                return Err(already_closed(month));
            }
            lock_runs(txn).await?;
            let tie = tie::of_month(txn.conn(), month).await?;
            let digest = tie.digest()?;
            let (id, revision, version) = match &before {
                Some(row) => (row.id, row.revision + 1, row.version + 1),
                None => (app.ids.next(), 1, 1),
            };
            let row = month_close::Model {
                id,
                month: month.yyyymm(),
                status: CloseStatus::Prepared,
                revision,
                digest: digest.clone(),
                note: note.clone(),
                ties: tie.sums.differences.is_empty(),
                tie: serde_json::to_value(&tie.sums)?,
                prepared_by: person,
                prepared_at: app.clock.now(),
                closed_by: None,
                closed_at: None,
                version,
            };
            if before.is_some() {
                row.clone().into_active_model().reset_all().update(txn.conn()).await?;
            } else {
                txn.insert_all::<month_close::Entity>(vec![row.clone()]).await?;
            }
            approval::sign(app, txn, &subject(id), revision, Act::Make, person, &digest).await?;
            let detail = json!({"month": month, "digest": digest, "ties": row.ties, "open_items": tie.items.len()});
            txn.audit(Event::new(
                row.prepared_at,
                actor,
                "month_close.prepare",
                subject(id),
                detail,
            ));
            Ok((row, tie.corrections))
        })
        .await?;
    view(app, row, corrections, false).await
}

/// Confirms a close.
pub(super) async fn confirm(app: &App, actor: &Actor, month: Month, version: i64) -> Result<MonthCloseView, Error> {
    actor.require_province(Permission::MonthCloseApprove)?;
    let person = actor.person()?;
    let (row, corrections) = app
        .db
        .write(async |txn| {
            let row = locked(txn, month).await?.ok_or_else(Error::not_found)?;
            if row.version != version {
                return Err(Error::new(ProblemCode::Stale));
            }
            if row.status == CloseStatus::Closed {
                return Err(already_closed(month));
            }
            lock_runs(txn).await?;
            let tie = tie::of_month(txn.conn(), month).await?;
            let digest = tie.digest()?;
            if digest != row.digest {
                return Err(Error::new(ProblemCode::ContentChanged));
            }
            let subject = subject(row.id);
            approval::sign(app, txn, &subject, row.revision, Act::Approve, person, &digest).await?;
            keep(txn, row.id, &tie).await?;
            let at = app.clock.now();
            let row = month_close::Model {
                status: CloseStatus::Closed,
                closed_by: Some(person),
                closed_at: Some(at),
                version: row.version + 1,
                ..row
            };
            row.clone().into_active_model().reset_all().update(txn.conn()).await?;
            let detail = json!({
                "month": month, "digest": digest, "ties": row.ties, "open_items": tie.items.len(),
                "corrections": tie.corrections.len(),
            });
            txn.audit(Event::new(at, actor, "month_close.confirm", subject, detail));
            Ok((row, tie.corrections))
        })
        .await?;
    view(app, row, corrections, false).await
}

fn already_closed(month: Month) -> Error {
    Error::because(
        ProblemCode::IllegalTransition,
        format!("Tháng {} đã khóa sổ", print::month(month)),
        format!("{month} is closed"),
    )
}

async fn locked(txn: &Txn, month: Month) -> Result<Option<month_close::Model>, Error> {
    let row = month_close::Entity::find()
        .filter(month_close::Column::Month.eq(month.yyyymm()))
        .lock_exclusive()
        .one(txn.conn())
        .await?;
    Ok(row)
}

/// Nothing is reconciled or released while a month is looked at. Released runs first, as those who reconcile lock them.
async fn lock_runs(txn: &Txn) -> Result<(), Error> {
    let first = pay_run::Column::Status.is_in(RELEASED);
    let rest = pay_run::Column::Status.is_not_in(RELEASED);
    for which in [first, rest] {
        let _locked: Vec<Uuid> = pay_run::Entity::find()
            .select_only()
            .column(pay_run::Column::Id)
            .filter(which)
            .order_by_asc(pay_run::Column::Id)
            .lock_exclusive()
            .into_tuple()
            .all(txn.conn())
            .await?;
    }
    Ok(())
}

/// Keeps the snapshot: where each order stands, what is open, what is corrected.
async fn keep(txn: &Txn, close_id: Uuid, tie: &tie::Tie) -> Result<(), Error> {
    let orders = tie.orders.iter().flat_map(|(order, standings)| {
        standings.iter().map(|(standing, amount)| month_close_order::Model {
            close_id,
            order_id: *order,
            standing: *standing,
            amount: *amount,
        })
    });
    txn.insert_all::<month_close_order::Entity>(orders.collect()).await?;
    let items = tie.items.iter().cloned().zip(1_i32..).map(|(item, position)| {
        let OpenItem {
            kind,
            since,
            reference,
            pay_run_id,
            order_id,
            line_id,
            area_id,
            amount,
            state,
            reason,
            // Only what the ageing list adds has one, and a close keeps none of that.
            subject_id: _,
        } = item;
        month_close_item::Model {
            close_id,
            position,
            kind,
            pay_run_id,
            order_id,
            line_id,
            reference,
            area_id,
            amount,
            since,
            state,
            reason,
        }
    });
    txn.insert_all::<month_close_item::Entity>(items.collect()).await?;
    let corrections = tie
        .corrections
        .iter()
        .zip(1_i32..)
        .map(|(own, position)| month_close_correction::Model {
            close_id,
            position,
            of_month: own.month.yyyymm(),
            order_id: own.order_id,
            standing: own.standing,
            amount: own.amount,
        });
    txn.insert_all::<month_close_correction::Entity>(corrections.collect())
        .await
}

/// A close as it is shown, with what it carries, and whether its month has changed since it was prepared.
pub(super) async fn view(
    app: &App,
    row: month_close::Model,
    corrections: Vec<Correction>,
    changed_since_prepared: bool,
) -> Result<MonthCloseView, Error> {
    let sums: Sums = serde_json::from_value(row.tie)?;
    let month = Month::from_yyyymm(row.month).map_err(Error::internal)?;
    let settlement_due = pay_calendar::load(app.db.read()).await?.settlement_due(month);
    let closed_on = row
        .closed_at
        .map_or_else(|| app.clock.today(), |at| in_vietnam(at).date_naive());
    Ok(MonthCloseView {
        id: row.id,
        month,
        settlement_due,
        days_late: closed_on.signed_duration_since(settlement_due).num_days().max(0),
        status: row.status,
        changed_since_prepared,
        revision: row.revision,
        version: row.version,
        digest: row.digest,
        note: row.note,
        ties: row.ties,
        gross: sums.rows.iter().map(|own| own.gross).sum(),
        net: sums.rows.iter().map(|own| own.net).sum(),
        standings: sums.standings(),
        open: sums.open,
        corrections,
        prepared_by: row.prepared_by,
        prepared_at: row.prepared_at,
        closed_by: row.closed_by,
        closed_at: row.closed_at,
    })
}

/// The close of a month.
pub(crate) async fn find(conn: &impl ConnectionTrait, month: Month) -> Result<month_close::Model, Error> {
    month_close::Entity::find()
        .filter(month_close::Column::Month.eq(month.yyyymm()))
        .one(conn)
        .await?
        .ok_or_else(Error::not_found)
}

/// What a close keeps of each order.
pub(crate) async fn orders(
    conn: &impl ConnectionTrait,
    close: Uuid,
) -> Result<BTreeMap<Uuid, BTreeMap<Standing, i64>>, Error> {
    let rows = month_close_order::Entity::find()
        .filter(month_close_order::Column::CloseId.eq(close))
        .all(conn)
        .await?;
    let mut orders: BTreeMap<Uuid, BTreeMap<Standing, i64>> = BTreeMap::new();
    for row in rows {
        orders.entry(row.order_id).or_default().insert(row.standing, row.amount);
    }
    Ok(orders)
}

/// An open item as it was kept.
pub(crate) fn item(row: month_close_item::Model) -> OpenItem {
    OpenItem {
        kind: row.kind,
        since: row.since,
        reference: row.reference,
        pay_run_id: row.pay_run_id,
        order_id: row.order_id,
        line_id: row.line_id,
        area_id: row.area_id,
        amount: row.amount,
        state: row.state,
        reason: row.reason,
        subject_id: None,
    }
}

/// What was open at a close, in its order.
pub(crate) async fn items(conn: &impl ConnectionTrait, close: Uuid) -> Result<Vec<OpenItem>, Error> {
    let rows = month_close_item::Entity::find()
        .filter(month_close_item::Column::CloseId.eq(close))
        .order_by_asc(month_close_item::Column::Position)
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(item).collect())
}

/// What a close carries of months closed before, in its order.
pub(crate) async fn corrections(conn: &impl ConnectionTrait, close: Uuid) -> Result<Vec<Correction>, Error> {
    let rows = month_close_correction::Entity::find()
        .filter(month_close_correction::Column::CloseId.eq(close))
        .order_by_asc(month_close_correction::Column::Position)
        .all(conn)
        .await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let references = correction::references(conn, close).await?;
    let corrections = rows.into_iter().map(|row| {
        Ok(Correction {
            month: Month::from_yyyymm(row.of_month).map_err(Error::internal)?,
            reference: references.get(&row.order_id).cloned().unwrap_or_default(),
            order_id: row.order_id,
            standing: row.standing,
            amount: row.amount,
        })
    });
    corrections.collect()
}
