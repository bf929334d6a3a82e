//! The decision of a second person, its delivery, and what ends a case without all of it being paid back.

use chrono::NaiveDate;
use domain::overpayment::RecoveryParameter;
use entity::enums::{Act, CaseStatus};
use entity::{overpayment_case, overpayment_month};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::approval;
use crate::error::{Error, ProblemCode};
use crate::overpayment::action::Action;
use crate::overpayment::paper::{FIELD, Told};
use crate::overpayment::prepare::{Months, matched};
use crate::overpayment::step::{Change, save_month, step};
use crate::overpayment::view::CaseView;
use crate::overpayment::{digest, has_come, law, said, subject};
use crate::print;

/// Records that the decision reached the person.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServeDecision {
    /// The day it was delivered; the time to appeal runs from it.
    #[schema(example = "2024-11-01")]
    pub delivered_on: NaiveDate,
    /// How, and the proof of it.
    #[schema(example = "Gửi bảo đảm, mã EE123456789VN", max_length = 1000)]
    pub proof: String,
}

/// Gives up what is left of a case.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseCase {
    /// Why.
    #[schema(example = "Hộ nghèo, không có khả năng hoàn trả", max_length = 2000)]
    pub reason: String,
}

/// Decides how much of each month is to be paid back: not by the proposer, and never more than was proposed. A
/// decision that nothing is to be paid back closes the case.
pub async fn decide(app: &App, actor: &Actor, id: Uuid, version: i64, command: Months) -> Result<CaseView, Error> {
    step(app, actor, (id, version), Action::Decide, async |txn, case, decider| {
        let given = matched(&case.months, &command.months, |month| month.proposed.unwrap_or(0))?;
        let months: Vec<overpayment_month::Model> = given
            .into_iter()
            .map(|(month, amount, reason)| overpayment_month::Model {
                decided: Some(amount),
                reason: Some(reason),
                ..month
            })
            .collect();
        let digest = digest(&months, |month| month.decided);
        let revision = case.row.revision;
        approval::sign(app, txn, &subject(id), revision, Act::Approve, decider, &digest).await?;
        let sum: i64 = months.iter().filter_map(|month| month.decided).sum();
        let told = Told::now(app, &case.row, &months, app.clock.today()).await?;
        for month in months {
            save_month(txn, month).await?;
        }
        let to = if sum == 0 {
            CaseStatus::NotRecoverable
        } else {
            CaseStatus::Decided
        };
        let detail = json!({"revision": revision, "digest": digest, "amount": sum, FIELD: told});
        let row = overpayment_case::Model {
            digest: Some(digest),
            decided_by: Some(decider),
            decided_at: Some(app.clock.now()),
            ..case.row
        };
        Ok(Change::new(row, to, detail))
    })
    .await
}

/// Records the delivery of the decision; the appeal window of the law runs from it.
pub async fn serve_decision(
    app: &App,
    actor: &Actor,
    id: Uuid,
    version: i64,
    command: ServeDecision,
) -> Result<CaseView, Error> {
    step(app, actor, (id, version), Action::ServeDecision, async |_, case, _| {
        said(&command.proof, "/proof")?;
        has_come(app, command.delivered_on, "/delivered_on")?;
        let decided_on = case.row.decided_at.map(|at| crate::clock::in_vietnam(at).date_naive());
        if decided_on.is_some_and(|day| command.delivered_on < day) {
            let (vi, en) = ("Trước ngày quyết định", "before the day of the decision");
            return Err(Error::field("/delivered_on", "before_decision", vi, en));
        }
        let [days] = law::required(app, [RecoveryParameter::AppealDays], app.clock.today()).await?;
        let until = law::days_after(command.delivered_on, days)?;
        let detail = json!({"delivered_on": command.delivered_on, "appeal_until": until});
        let row = overpayment_case::Model {
            decision_delivered_on: Some(command.delivered_on),
            appeal_until: Some(until),
            ..case.row
        };
        Ok(Change::new(row, CaseStatus::Decided, detail).because(&command.proof))
    })
    .await
}

/// Makes a delivered decision enforceable, once the appeal window is over and no appeal is open.
pub async fn make_enforceable(app: &App, actor: &Actor, id: Uuid, version: i64) -> Result<CaseView, Error> {
    step(
        app,
        actor,
        (id, version),
        Action::MakeEnforceable,
        async |_, case, _| {
            match case.row.appeal_until {
                Some(until) if app.clock.today() > until => {}
                Some(until) => {
                    return Err(Error::because(
                        ProblemCode::NotEnforceable,
                        format!("Còn trong thời hạn khiếu nại đến hết ngày {}", print::date(until)),
                        format!("it may be appealed until {until}"),
                    ));
                }
                None => {
                    return Err(Error::because(
                        ProblemCode::NotEnforceable,
                        "Quyết định chưa được giao cho người hưởng",
                        "the decision was not delivered",
                    ));
                }
            }
            let detail = json!({"open": case.open()});
            Ok(Change::new(case.row, CaseStatus::Enforceable, detail))
        },
    )
    .await
}

/// Forgives what is left.
pub async fn waive(app: &App, actor: &Actor, id: Uuid, version: i64, command: CloseCase) -> Result<CaseView, Error> {
    give_up(app, actor, id, version, (Action::Waive, CaseStatus::Waived), command).await
}

/// Writes off what can't be had.
pub async fn write_off(
    app: &App,
    actor: &Actor,
    id: Uuid,
    version: i64,
    command: CloseCase,
) -> Result<CaseView, Error> {
    give_up(
        app,
        actor,
        id,
        version,
        (Action::WriteOff, CaseStatus::WrittenOff),
        command,
    )
    .await
}

async fn give_up(
    app: &App,
    actor: &Actor,
    id: Uuid,
    version: i64,
    (action, to): (Action, CaseStatus),
    command: CloseCase,
) -> Result<CaseView, Error> {
    step(app, actor, (id, version), action, async |_, case, _| {
        said(&command.reason, "/reason")?;
        let detail = json!({"given_up": case.open()});
        Ok(Change::new(case.row, to, detail).because(&command.reason))
    })
    .await
}
