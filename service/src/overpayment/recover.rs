//! Paying back: a plan within the caps of the law, money received, and the end.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::Month;
use domain::overpayment::{RecoveryParameter, instalment_ceiling, spread};
use entity::enums::CaseStatus;
use entity::{entitlement, overpayment_case, overpayment_instalment};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::db::Txn;
use crate::entitlement::{bulk, periods};
use crate::error::{Error, FieldError, ProblemCode};
use crate::overpayment::action::Action;
use crate::overpayment::money::{Receipt, move_money};
use crate::overpayment::step::{Case, Change, save_month, step};
use crate::overpayment::view::CaseView;
use crate::overpayment::{deduction, has_come, law, open_of, said};
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

/// Plans what is open in instalments. No month may take more than the law's cap of what the person is paid in it, over
/// all cases together, nor touch what the law protects.
pub async fn plan(app: &App, actor: &Actor, id: Uuid, version: i64, command: Plan) -> Result<CaseView, Error> {
    step(app, actor, (id, version), Action::Plan, async |txn, case, _| {
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
        let detail = json!({
            "plan": number, "instalments": command.instalments.len(), "cap": cap, "protected": minimum,
        });
        let row = overpayment_case::Model {
            plan: number,
            recovered_before_plan: case.recovered(),
            ..case.row
        };
        Ok(Change::new(row, CaseStatus::Recovering, detail))
    })
    .await
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
    let amount = command.amount.dong();
    step(
        app,
        actor,
        (id, version),
        Action::RecordRepayment,
        async |txn, case, _| {
            said(&command.reference, "/reference")?;
            has_come(app, command.received_on, "/received_on")?;
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
            let receipt = Receipt::repayment(command.received_on, &command.reference);
            let months = case.months.into_iter().zip(parts).collect();
            for month in move_money(app, txn, &case.row, months, &receipt).await? {
                save_month(txn, month).await?;
            }
            let detail = json!({"amount": amount, "received_on": command.received_on, "open": left});
            let to = case.row.status;
            Ok(Change::new(case.row, to, detail).because(&command.reference))
        },
    )
    .await
}

/// Closes a case of which everything is paid back.
pub async fn settle(app: &App, actor: &Actor, id: Uuid, version: i64) -> Result<CaseView, Error> {
    step(app, actor, (id, version), Action::Settle, async |txn, case, _| {
        deduction::none_under_way(txn, id).await?;
        if case.open() != 0 {
            return Err(Error::because(
                ProblemCode::IllegalTransition,
                format!("Còn {} đồng chưa hoàn trả", case.open()),
                format!("{} đồng is still open", case.open()),
            ));
        }
        let detail = json!({"recovered": case.recovered()});
        Ok(Change::new(case.row, CaseStatus::Settled, detail))
    })
    .await
}
