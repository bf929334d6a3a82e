//! Paying back: a plan within the caps of the law, money received, and the end.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::Month;
use domain::overpayment::{RecoveryParameter, instalment_ceiling, spread};
use entity::enums::{CaseStatus, LineStatus, OverpaymentStatus, RecoveryKind};
use entity::{
    entitlement, overpayment, overpayment_case, overpayment_instalment, overpayment_month, overpayment_recovery,
    payment_line,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::db::Txn;
use crate::entitlement::{bulk, periods};
use crate::error::{Error, FieldError, ProblemCode};
use crate::fund::{self, Account, Move};
use crate::overpayment::action::Action;
use crate::overpayment::view::{CaseView, view};
use crate::overpayment::{Case, FUND, Step, begin, close, detect, has_come, law, open_of, said, save_month};
use crate::reassessment;

/// What is to be paid back in one month.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Instalment {
    /// The month.
    #[schema(value_type = String, example = "2025-01")]
    pub due_month: Month,
    /// Đồng, above 0.
    #[schema(value_type = i64, example = 100000)]
    pub amount: domain::Vnd,
}

/// A plan of instalments for all that is open.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The instalments, one a month, in order.
    pub instalments: Vec<Instalment>,
}

/// Records money the person paid back.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordRepayment {
    /// Đồng, above 0 and not more than what is open.
    #[schema(value_type = i64, example = 100000)]
    pub amount: domain::Vnd,
    /// The day it was received.
    #[schema(example = "2025-01-10")]
    pub received_on: NaiveDate,
    /// The number of the receipt.
    #[schema(example = "PT-2025-004", max_length = 100)]
    pub reference: String,
}

/// When money moved, and under which receipt.
pub(super) struct Receipt {
    pub(super) on: NaiveDate,
    pub(super) reference: String,
}

/// Plans what is open in instalments. No month may take more than the law's cap of what the person is paid in it, over
/// all cases together, nor touch what the law protects.
pub async fn plan(app: &App, actor: &Actor, id: Uuid, version: i64, command: Plan) -> Result<CaseView, Error> {
    let scope = actor.require(Action::Plan.permission())?;
    actor.person()?;
    let row = app
        .db
        .write(async |txn| {
            let case = begin(txn, &scope, id, version, Action::Plan).await?;
            let needed = [RecoveryParameter::InstalmentCap, RecoveryParameter::ProtectedMinimum];
            let [cap, minimum] = law::required(app, needed, app.clock.today()).await?;
            let due = monthly(txn, &case, &command).await?;
            let mut faults = shape(app, &case, &command);
            for (place, instalment) in command.instalments.iter().enumerate() {
                let (paid, planned) = due.get(&instalment.due_month).copied().unwrap_or((0, 0));
                let ceiling = (instalment_ceiling(paid, cap, minimum) - planned).max(0);
                if instalment.amount.dong() > ceiling {
                    faults.push(FieldError::new(
                        format!("/instalments/{place}/amount"),
                        "above_ceiling",
                        format!("Tháng này chỉ được khấu trừ tối đa {ceiling} đồng"),
                        format!("at most {ceiling} đồng may be taken in this month"),
                    ));
                }
            }
            if !faults.is_empty() {
                return Err(Error::invalid(faults));
            }
            let number = case.row.plan + 1;
            let rows = command.instalments.iter().map(|one| overpayment_instalment::Model {
                case_id: id,
                plan: number,
                due_month: one.due_month.yyyymm(),
                amount: one.amount.dong(),
            });
            txn.insert_all::<overpayment_instalment::Entity>(rows.collect()).await?;
            let step = Step {
                action: Action::Plan,
                to: CaseStatus::Recovering,
                reason: None,
                detail: json!({"plan": number, "instalments": command.instalments.len(), "cap": cap, "protected": minimum}),
            };
            let changed = overpayment_case::Model {
                plan: number,
                recovered_before_plan: case.recovered(),
                ..case.row
            };
            close(app, txn, actor, changed, step).await
        })
        .await?;
    view(app, actor, row).await
}

/// What is wrong with a plan by itself.
fn shape(app: &App, case: &Case, command: &Plan) -> Vec<FieldError> {
    let mut faults = Vec::new();
    let mut after = Month::of(app.clock.today());
    for (place, instalment) in command.instalments.iter().enumerate() {
        if instalment.due_month <= after {
            faults.push(FieldError::new(
                format!("/instalments/{place}/due_month"),
                "not_in_order",
                "Các kỳ phải theo thứ tự, từ tháng sau",
                "instalments are in order, from next month",
            ));
        }
        after = after.max(instalment.due_month);
        if instalment.amount.dong() <= 0 {
            let pointer = format!("/instalments/{place}/amount");
            faults.push(FieldError::new(
                pointer,
                "not_positive",
                "Phải lớn hơn 0",
                "must be above 0",
            ));
        }
    }
    let sum: i64 = command.instalments.iter().map(|one| one.amount.dong()).sum();
    if sum != case.open() {
        faults.push(FieldError::new(
            "/instalments",
            "not_the_open_amount",
            format!("Tổng các kỳ là {sum}, số còn phải hoàn trả là {}", case.open()),
            format!("the instalments sum to {sum}, and {} is open", case.open()),
        ));
    }
    faults
}

/// For each month of the plan, what the person is paid in it by right and what other cases take of it already, đồng.
async fn monthly(txn: &Txn, case: &Case, command: &Plan) -> Result<BTreeMap<Month, (i64, i64)>, Error> {
    let conn = txn.conn();
    let entitlements: Vec<Uuid> = entitlement::Entity::find()
        .select_only()
        .column(entitlement::Column::Id)
        .filter(entitlement::Column::PersonId.eq(case.row.person_id))
        .into_tuple()
        .all(conn)
        .await?;
    let heads = bulk::heads(conn, &entitlements).await?;
    let ids: Vec<Uuid> = heads.iter().map(|(_, _, determination)| *determination).collect();
    let mut owed = Vec::new();
    for rows in bulk::periods(conn, &ids).await?.values() {
        owed.extend(periods::owed(rows)?);
    }
    let others = overpayment_case::Entity::find()
        .filter(overpayment_case::Column::PersonId.eq(case.row.person_id))
        .filter(overpayment_case::Column::Status.eq(CaseStatus::Recovering))
        .filter(overpayment_case::Column::Id.ne(case.row.id))
        .all(conn)
        .await?;
    let planned = overpayment_instalment::Entity::find()
        .filter(overpayment_instalment::Column::CaseId.is_in(others.iter().map(|other| other.id)))
        .all(conn)
        .await?;
    let in_force = |row: &&overpayment_instalment::Model| {
        others
            .iter()
            .any(|other| other.id == row.case_id && other.plan == row.plan)
    };
    let months = command.instalments.iter().map(|instalment| {
        let month = instalment.due_month;
        let paid = owed
            .iter()
            .filter(|owed| !owed.one_off && owed.falls_due(month) == Some(month))
            .map(|owed| owed.amount.dong())
            .sum();
        let taken = planned
            .iter()
            .filter(|row| row.due_month == month.yyyymm())
            .filter(in_force)
            .map(|row| row.amount)
            .sum();
        (month, (paid, taken))
    });
    Ok(months.collect())
}

/// Records money the person paid back: to the oldest months first, and back into the source of the fund that paid
/// them. Refused while a reassessment may change what is owed.
pub async fn record_repayment(
    app: &App,
    actor: &Actor,
    id: Uuid,
    version: i64,
    command: RecordRepayment,
) -> Result<CaseView, Error> {
    let scope = actor.require(Action::RecordRepayment.permission())?;
    actor.person()?;
    said(&command.reference, "/reference")?;
    has_come(app, command.received_on, "/received_on")?;
    let amount = command.amount.dong();
    let row = app
        .db
        .write(async |txn| {
            let case = begin(txn, &scope, id, version, Action::RecordRepayment).await?;
            reassessment::require_finished(txn.conn()).await?;
            let open: Vec<i64> = case.months.iter().map(open_of).collect();
            let parts = spread(amount, &open).filter(|_| amount > 0).ok_or_else(|| {
                Error::field(
                    "/amount",
                    "not_open",
                    format!("Số còn phải hoàn trả là {} đồng", case.open()),
                    format!("{} đồng is open", case.open()),
                )
            })?;
            let left = case.open() - amount;
            let receipt = Receipt {
                on: command.received_on,
                reference: command.reference.clone(),
            };
            let months = case.months.into_iter().zip(parts).collect();
            for month in move_money(app, txn, &case.row, months, (RecoveryKind::Repayment, &receipt)).await? {
                save_month(txn, month).await?;
            }
            let step = Step {
                action: Action::RecordRepayment,
                to: case.row.status,
                reason: Some(&command.reference),
                detail: json!({"amount": amount, "received_on": command.received_on, "open": left}),
            };
            close(app, txn, actor, case.row, step).await
        })
        .await?;
    view(app, actor, row).await
}

/// Closes a case of which everything is paid back.
pub async fn settle(app: &App, actor: &Actor, id: Uuid, version: i64) -> Result<CaseView, Error> {
    let scope = actor.require(Action::Settle.permission())?;
    actor.person()?;
    let row = app
        .db
        .write(async |txn| {
            let case = begin(txn, &scope, id, version, Action::Settle).await?;
            if case.open() != 0 {
                return Err(Error::because(
                    ProblemCode::IllegalTransition,
                    format!("Còn {} đồng chưa hoàn trả", case.open()),
                    format!("{} đồng is still open", case.open()),
                ));
            }
            let step = Step {
                action: Action::Settle,
                to: CaseStatus::Settled,
                reason: None,
                detail: json!({"recovered": case.recovered()}),
            };
            close(app, txn, actor, case.row, step).await
        })
        .await?;
    view(app, actor, row).await
}

/// Gives money back that was paid back; gives the months as they are then.
pub(super) async fn give_back(
    app: &App,
    txn: &Txn,
    row: &overpayment_case::Model,
    months: Vec<(overpayment_month::Model, i64)>,
    receipt: &Receipt,
) -> Result<Vec<overpayment_month::Model>, Error> {
    let signed = months.into_iter().map(|(month, amount)| (month, -amount)).collect();
    move_money(app, txn, row, signed, (RecoveryKind::Refund, receipt)).await
}

/// Records and posts what moved, month by month; positive: from the person. The posting of a year returns to the source
/// what the fund had paid; what a predecessor had paid was never in it.
async fn move_money(
    app: &App,
    txn: &Txn,
    row: &overpayment_case::Model,
    months: Vec<(overpayment_month::Model, i64)>,
    (kind, receipt): (RecoveryKind, &Receipt),
) -> Result<Vec<overpayment_month::Model>, Error> {
    let (mut rows, mut changed) = (Vec::new(), Vec::new());
    let mut by_year: BTreeMap<i32, i64> = BTreeMap::new();
    for (month, amount) in months {
        if amount != 0 {
            let posted = carried(txn, &month, amount).await?;
            *by_year.entry(month.cover_month / 100).or_insert(0) += posted;
            change_excess(app, txn, &month, amount).await?;
            rows.push(overpayment_recovery::Model {
                id: app.ids.next(),
                case_id: row.id,
                entitlement_id: month.entitlement_id,
                component: month.component.clone(),
                cover_month: month.cover_month,
                kind,
                amount,
                posted,
                received_on: receipt.on,
                reference: receipt.reference.clone(),
                created_at: app.clock.now(),
            });
        }
        changed.push(overpayment_month::Model {
            recovered: month.recovered + amount,
            ..month
        });
    }
    txn.insert_all::<overpayment_recovery::Entity>(rows).await?;
    let moves: Vec<Move> = by_year
        .into_iter()
        .map(|(fiscal_year, amount)| {
            let (from, to) = match kind {
                RecoveryKind::Repayment => (Account::Paid, Account::Source),
                RecoveryKind::Refund => (Account::Source, Account::Paid),
            };
            Move {
                fiscal_year,
                from,
                to,
                amount: amount.abs(),
            }
        })
        .collect();
    let batch = format!("{}:recovery:{}", super::subject(row.id), row.version + 1);
    fund::post(app, txn, FUND, &batch, &moves).await?;
    Ok(changed)
}

/// The part of an amount that this installation's ledger carries, with the amount's sign.
async fn carried(txn: &Txn, month: &overpayment_month::Model, amount: i64) -> Result<i64, Error> {
    let lines: Vec<i64> = payment_line::Entity::find()
        .select_only()
        .column(payment_line::Column::Amount)
        .filter(payment_line::Column::EntitlementId.eq(month.entitlement_id))
        .filter(payment_line::Column::Component.eq(month.component.as_str()))
        .filter(payment_line::Column::CoverMonth.eq(month.cover_month))
        .filter(payment_line::Column::Status.eq(LineStatus::Live))
        .into_tuple()
        .all(txn.conn())
        .await?;
    let posted: Vec<i64> = overpayment_recovery::Entity::find()
        .select_only()
        .column(overpayment_recovery::Column::Posted)
        .filter(overpayment_recovery::Column::EntitlementId.eq(month.entitlement_id))
        .filter(overpayment_recovery::Column::Component.eq(month.component.as_str()))
        .filter(overpayment_recovery::Column::CoverMonth.eq(month.cover_month))
        .into_tuple()
        .all(txn.conn())
        .await?;
    let posted: i64 = posted.iter().sum();
    Ok(if amount > 0 {
        amount.min(lines.iter().sum::<i64>() - posted)
    } else {
        -(-amount).min(posted)
    })
}

/// What was paid back is no longer paid too much; what is given back is again.
async fn change_excess(app: &App, txn: &Txn, month: &overpayment_month::Model, amount: i64) -> Result<(), Error> {
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
