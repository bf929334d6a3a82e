//! Appeals: filing one suspends everything by itself; somebody who neither proposed nor decided resolves it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::enums::{AppealOutcome, CaseStatus};
use entity::{overpayment_appeal, overpayment_case, overpayment_month};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::approval::{self, Part};
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::overpayment::action::Action;
use crate::overpayment::money::{Receipt, move_money};
use crate::overpayment::prepare::{MonthAmount, matched};
use crate::overpayment::step::{Change, save_month, step};
use crate::overpayment::view::CaseView;
use crate::overpayment::{deduction, has_come, said};

/// Files an appeal for the person.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FileAppeal {
    /// The day it was handed in.
    #[schema(example = "2024-11-12")]
    pub filed_on: NaiveDate,
    /// What the person says.
    #[schema(example = "Tôi không được thông báo về việc thay đổi", max_length = 10000)]
    pub grounds: String,
}

/// Resolves an appeal.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolveAppeal {
    /// `upheld`: the person was right; `dismissed`: the decision stands; `varied`: less is to be paid back.
    #[schema(value_type = String, example = "varied")]
    pub outcome: AppealOutcome,
    /// Why.
    #[schema(example = "Thông báo đến sau ngày nhận tiền tháng 9", max_length = 10000)]
    pub reason: String,
    /// For `varied`: how much of each month is to be paid back, never more than was decided.
    #[serde(default)]
    pub months: Vec<MonthAmount>,
    /// The number of the receipt, where money that was paid back is given back.
    #[schema(example = "PC-2024-118")]
    pub refund_reference: Option<String>,
}

/// Files an appeal. Whatever the state, everything rests until it is resolved.
pub async fn appeal(app: &App, actor: &Actor, id: Uuid, version: i64, command: FileAppeal) -> Result<CaseView, Error> {
    step(app, actor, (id, version), Action::Appeal, async |txn, case, _| {
        said(&command.grounds, "/grounds")?;
        has_come(app, command.filed_on, "/filed_on")?;
        let filed = overpayment_appeal::Model {
            id: app.ids.next(),
            case_id: id,
            from_status: case.row.status,
            filed_on: command.filed_on,
            grounds: command.grounds.clone(),
            decided_by: case.row.decided_by.ok_or_else(|| Error::internal("nobody decided"))?,
            outcome: None,
            reason: None,
            resolved_by: None,
            resolved_at: None,
            created_at: app.clock.now(),
        };
        let detail = json!({"appeal": filed.id, "filed_on": command.filed_on});
        txn.insert_all::<overpayment_appeal::Entity>(vec![filed]).await?;
        Ok(Change::new(case.row, CaseStatus::Appealed, detail))
    })
    .await
}

/// Resolves the open appeal: not by the proposer, not by the decider. What was paid back and is no longer owed is given
/// back.
pub async fn resolve_appeal(
    app: &App,
    actor: &Actor,
    id: Uuid,
    version: i64,
    command: ResolveAppeal,
) -> Result<CaseView, Error> {
    step(
        app,
        actor,
        (id, version),
        Action::ResolveAppeal,
        async |txn, case, resolver| {
            said(&command.reason, "/reason")?;
            if case.row.proposed_by == Some(resolver) {
                return Err(approval::own_proposal());
            }
            if case.row.decided_by == Some(resolver) {
                return Err(own_decision());
            }
            let at = app.clock.now();
            let earlier = [case.row.proposed_by, case.row.decided_by].into_iter().flatten();
            let earlier: Vec<Part> = earlier.map(|person| Part { person, at }).collect();
            approval::require_own_keys(txn.conn(), Part { person: resolver, at }, &earlier).await?;
            let open = open_appeal(txn, id).await?;
            let from_status = open.from_status;
            let resolved = overpayment_appeal::Model {
                outcome: Some(command.outcome),
                reason: Some(command.reason.clone()),
                resolved_by: Some(resolver),
                resolved_at: Some(app.clock.now()),
                ..open
            };
            let months = lowered(&case.months, &command)?;
            let mut refunds = BTreeMap::new();
            for (place, month) in months.iter().enumerate() {
                let too_much = month.recovered - month.decided.unwrap_or(0);
                if too_much > 0 {
                    refunds.insert(place, too_much);
                }
            }
            let months = refund(app, txn, &case.row, months, &refunds, &command).await?;
            let left: i64 = months.iter().filter_map(|month| month.decided).sum();
            for month in months {
                save_month(txn, month).await?;
            }
            resolved
                .clone()
                .into_active_model()
                .reset_all()
                .update(txn.conn())
                .await?;
            let to = if left == 0 {
                CaseStatus::NotRecoverable
            } else {
                from_status
            };
            let detail = json!({
                "appeal": resolved.id, "outcome": command.outcome, "decided": left,
                "refund": refunds.values().sum::<i64>(),
            });
            Ok(Change::new(case.row, to, detail).because(&command.reason))
        },
    )
    .await
}

/// Nobody resolves an appeal against what they decided.
fn own_decision() -> Error {
    Error::because(
        ProblemCode::SamePerson,
        "Người đã quyết định không được tự giải quyết khiếu nại về quyết định đó; cần một người khác",
        "whoever decided does not resolve the appeal against it; somebody else has to",
    )
}

async fn open_appeal(txn: &Txn, case_id: Uuid) -> Result<overpayment_appeal::Model, Error> {
    let open = overpayment_appeal::Entity::find()
        .filter(overpayment_appeal::Column::CaseId.eq(case_id))
        .filter(overpayment_appeal::Column::Outcome.is_null())
        .one(txn.conn())
        .await?;
    open.ok_or_else(|| Error::internal("no appeal is open"))
}

/// The months as they are owed after the appeal.
fn lowered(
    months: &[overpayment_month::Model],
    command: &ResolveAppeal,
) -> Result<Vec<overpayment_month::Model>, Error> {
    if command.outcome != AppealOutcome::Varied && !command.months.is_empty() {
        let (vi, en) = ("Chỉ dùng khi sửa một phần", "only where the decision is varied");
        return Err(Error::field("/months", "not_varied", vi, en));
    }
    let to = |month: &overpayment_month::Model, amount: i64, reason: &str| overpayment_month::Model {
        decided: Some(amount),
        reason: Some(reason.to_owned()),
        ..month.clone()
    };
    match command.outcome {
        AppealOutcome::Dismissed => Ok(months.to_vec()),
        AppealOutcome::Upheld => Ok(months.iter().map(|month| to(month, 0, &command.reason)).collect()),
        AppealOutcome::Varied => {
            let given = matched(months, &command.months, |month| month.decided.unwrap_or(0))?;
            Ok(given
                .iter()
                .map(|(month, amount, reason)| to(month, *amount, reason))
                .collect())
        }
    }
}

/// Gives back what was paid back beyond what is owed now.
async fn refund(
    app: &App,
    txn: &Txn,
    row: &overpayment_case::Model,
    months: Vec<overpayment_month::Model>,
    refunds: &BTreeMap<usize, i64>,
    command: &ResolveAppeal,
) -> Result<Vec<overpayment_month::Model>, Error> {
    if refunds.is_empty() {
        return Ok(months);
    }
    let reference = command.refund_reference.clone().unwrap_or_default();
    said(&reference, "/refund_reference")?;
    deduction::none_under_way(txn, row.id).await?;
    let receipt = Receipt::refund(app.clock.today(), &reference);
    let parts = months
        .into_iter()
        .enumerate()
        .map(|(place, month)| (month, -refunds.get(&place).copied().unwrap_or(0)));
    move_money(app, txn, row, parts.collect(), &receipt).await
}
