//! Money of a case that moves: where it is recorded, posted, and what it does to what is paid too much.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::enums::{ArrearsStatus, OverpaymentStatus, RecoveryKind};
use entity::{arrears, overpayment, overpayment_case, overpayment_month, overpayment_recovery};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::app::App;
use crate::db::Txn;
use crate::error::Error;
use crate::fund::{self, Account, Move};
use crate::overpayment::carried::Carried;
use crate::overpayment::carrier::Purse;
use crate::overpayment::detect;
use crate::pay_run::{self, Owed};

/// How money moved, when, and what shows it.
pub(super) struct Receipt {
    kind: RecoveryKind,
    on: NaiveDate,
    reference: String,
    /// The deduction of a pay run, where it is one.
    deduction: Option<Uuid>,
    /// The fund that a deduction was kept back for.
    fund: Option<String>,
}

impl Receipt {
    /// The person paid in.
    pub(super) fn repayment(on: NaiveDate, reference: &str) -> Self {
        Self {
            kind: RecoveryKind::Repayment,
            on,
            reference: reference.to_owned(),
            deduction: None,
            fund: None,
        }
    }

    /// What was paid back is given back.
    pub(super) fn refund(on: NaiveDate, reference: &str) -> Self {
        Self {
            kind: RecoveryKind::Refund,
            ..Self::repayment(on, reference)
        }
    }

    /// A pay run of a fund kept it back, or its line came back.
    pub(super) fn deduction(on: NaiveDate, pay_run: &str, deduction: Uuid, fund: &str) -> Self {
        Self {
            kind: RecoveryKind::Deduction,
            deduction: Some(deduction),
            fund: Some(fund.to_owned()),
            ..Self::repayment(on, pay_run)
        }
    }
}

/// Records and posts what moved, month by month; positive: from the person. Gives the months as they are then. The
/// posting of a year returns to the source what the fund had paid, to each fund what it paid; what a predecessor had paid was
/// never in it. What a
/// pay run keeps back is posted likewise: the line is paid in full, and the deduction is a repayment out of it.
pub(super) async fn move_money(
    app: &App,
    txn: &Txn,
    row: &overpayment_case::Model,
    months: Vec<(overpayment_month::Model, i64)>,
    receipt: &Receipt,
) -> Result<Vec<overpayment_month::Model>, Error> {
    let carried = Carried::load(txn.conn(), &months.iter().map(|(month, _)| month).collect::<Vec<_>>()).await?;
    let (mut rows, mut changed) = (Vec::new(), Vec::new());
    let mut sums: BTreeMap<Purse, i64> = BTreeMap::new();
    for (month, amount) in months {
        if amount != 0 {
            change_difference(app, txn, &month, amount).await?;
            for (part, posted, carrier) in carried.parts(&month, amount, receipt.fund.as_deref()) {
                *sums.entry(carrier.purse(month.cover_month)).or_insert(0) += posted;
                rows.push(overpayment_recovery::Model {
                    id: app.ids.next(),
                    case_id: row.id,
                    entitlement_id: month.entitlement_id,
                    component: month.component.clone(),
                    cover_month: month.cover_month,
                    kind: receipt.kind,
                    amount: part,
                    posted,
                    received_on: receipt.on,
                    reference: receipt.reference.clone(),
                    created_at: app.clock.now(),
                    deduction_id: receipt.deduction,
                    fiscal_year: carrier.fixed,
                    fund_code: carrier.fund,
                });
            }
        }
        changed.push(overpayment_month::Model {
            recovered: month.recovered + amount,
            ..month
        });
    }
    txn.insert_all::<overpayment_recovery::Entity>(rows).await?;
    let subject = super::subject(row.id);
    let version = row.version + 1;
    let batch = match receipt.deduction {
        Some(deduction) => format!("{subject}:deduction:{version}:{}", deduction.simple()),
        None => format!("{subject}:recovery:{version}"),
    };
    post(app, txn, &batch, sums).await?;
    Ok(changed)
}

/// Posts what came back to each fund, above nothing, or is given back by it. A step is one fund's: the funds after the first
/// have steps of their own.
async fn post(app: &App, txn: &Txn, batch: &str, sums: BTreeMap<Purse, i64>) -> Result<(), Error> {
    let mut by_fund: BTreeMap<String, Vec<Move>> = BTreeMap::new();
    for ((code, fiscal_year), amount) in sums {
        let (from, to) = if amount > 0 {
            (Account::Paid, Account::Source)
        } else {
            (Account::Source, Account::Paid)
        };
        by_fund.entry(code).or_default().push(Move {
            fiscal_year,
            from,
            to,
            amount: amount.abs(),
        });
    }
    fund::lock(txn, &by_fund.keys().map(String::as_str).collect()).await?;
    for (place, (code, moves)) in by_fund.iter().enumerate() {
        let own = match place {
            0 => batch.to_owned(),
            _ => format!("{batch}:{code}"),
        };
        fund::post(app, txn, code, &own, moves).await?;
    }
    Ok(())
}

/// What was paid back is no longer paid too much; what is given back is again, unless it was owed by now anyway.
async fn change_difference(app: &App, txn: &Txn, month: &overpayment_month::Model, amount: i64) -> Result<(), Error> {
    let amount = if amount < 0 {
        amount + lower_arrears(app, txn, month, -amount).await?
    } else {
        amount
    };
    if amount == 0 {
        return Ok(());
    }
    let known = overpayment::Entity::find()
        .filter(overpayment::Column::EntitlementId.eq(month.entitlement_id))
        .filter(overpayment::Column::Component.eq(month.component.as_str()))
        .filter(overpayment::Column::CoverMonth.eq(month.cover_month))
        .order_by_desc(overpayment::Column::CreatedAt)
        .order_by_desc(overpayment::Column::Id)
        .all(txn.conn())
        .await?;
    let stands = known.iter().find(|row| row.status == OverpaymentStatus::Detected);
    let left = stands.map_or(0, |row| row.amount) - amount;
    let last = stands
        .or_else(|| known.first())
        .ok_or_else(|| Error::internal("nothing was paid too much"))?;
    detect::supersede(txn, stands.map(|row| row.id).into_iter().collect()).await?;
    if left <= 0 {
        return Ok(());
    }
    let row = overpayment::Model {
        id: app.ids.next(),
        amount: left,
        status: OverpaymentStatus::Detected,
        created_at: app.clock.now(),
        ..last.clone()
    };
    txn.insert_all::<overpayment::Entity>(vec![row]).await
}

/// Takes an amount off the arrears that wait for a run, and gives how much could be taken off.
async fn lower_arrears(app: &App, txn: &Txn, month: &overpayment_month::Model, amount: i64) -> Result<i64, Error> {
    let waiting = Condition::all()
        .add(arrears::Column::EntitlementId.eq(month.entitlement_id))
        .add(arrears::Column::Component.eq(month.component.as_str()))
        .add(arrears::Column::CoverMonth.eq(month.cover_month))
        .add(arrears::Column::Status.eq(ArrearsStatus::Pending));
    let rows = arrears::Entity::find().filter(waiting.clone()).all(txn.conn()).await?;
    let pending: i64 = rows.iter().map(|row| row.amount).sum();
    let off = amount.min(pending);
    let Some(last) = rows.first().filter(|_| off > 0) else {
        return Ok(0);
    };
    // A run that makes up for more than what is left goes back to its maker.
    let key = (month.entitlement_id, month.component.clone(), month.cover_month);
    let before = Owed::from([(key.clone(), (last.determination_id, pending))]);
    let mut after = Owed::new();
    if pending > off {
        after.insert(key, (last.determination_id, pending - off));
    }
    pay_run::void_paying_otherwise(app, txn, &before, &after).await?;
    arrears::Entity::update_many()
        .col_expr(arrears::Column::Status, Expr::value(ArrearsStatus::Cancelled))
        .filter(waiting)
        .exec(txn.conn())
        .await?;
    if pending > off {
        let row = arrears::Model {
            id: app.ids.next(),
            amount: pending - off,
            created_at: app.clock.now(),
            ..last.clone()
        };
        txn.insert_all::<arrears::Entity>(vec![row]).await?;
    }
    Ok(off)
}
