//! From detection to a proposal: the cause, the notice, the hearing, what is to be paid back.

use chrono::NaiveDate;
use domain::Month;
use domain::overpayment::{RecoveryParameter, is_time_barred};
use entity::enums::{Act, CaseStatus, LineStatus, OrderStatus, OverpaymentCause};
use entity::{overpayment_case, overpayment_month, payment_line, payment_order};
use rust_decimal::Decimal;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::approval;
use crate::db::Txn;
use crate::error::{Error, FieldError, ProblemCode};
use crate::overpayment::action::Action;
use crate::overpayment::paper::{FIELD, Told};
use crate::overpayment::step::{Case, Change, save_month, step};
use crate::overpayment::view::CaseView;
use crate::overpayment::{digest, has_come, law, said, subject};

/// Says why somebody was paid too much.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Classify {
    /// The cause: `law`, `official_error`, `late_action`, `citizen_omission`, `misrepresentation`, `third_party`,
    /// `death_after_payment` or `technical`.
    #[schema(value_type = String, example = "citizen_omission")]
    pub cause: OverpaymentCause,
    /// Whether a part of it may have to be paid back. A change of law with a past date never makes a debt, whatever is
    /// said here, unless the instrument says so.
    #[schema(example = true)]
    pub recoverable: bool,
    /// Why.
    #[schema(
        example = "Người hưởng không khai báo việc đã vào cơ sở trợ giúp xã hội",
        max_length = 2000
    )]
    pub reason: String,
}

/// Records that the person was told.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServeNotice {
    /// The day the notice was delivered; the time to answer runs from it.
    #[schema(example = "2024-10-01")]
    pub delivered_on: NaiveDate,
    /// How, and the proof of it.
    #[schema(example = "Giao trực tiếp, có ký nhận số 17", max_length = 1000)]
    pub proof: String,
}

/// Records what the person said.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Hear {
    /// What the person said; none if nothing was said before the time was over.
    #[schema(example = "Tôi đã báo cho trưởng thôn từ tháng 8", max_length = 10000)]
    pub statement: Option<String>,
}

/// How much of one month is to be paid back, and why.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MonthAmount {
    /// The entitlement.
    pub entitlement_id: Uuid,
    /// Component within the benefit.
    #[serde(default)]
    #[schema(example = "")]
    pub component: String,
    /// The month.
    #[schema(value_type = String, example = "2024-09")]
    pub cover_month: Month,
    /// Đồng: all of what was paid too much, a part of it, or 0.
    #[schema(value_type = i64, example = 350000)]
    pub amount: domain::Vnd,
    /// Why this much.
    #[schema(example = "Đã được thông báo trước khi nhận tiền tháng này", max_length = 2000)]
    pub reason: String,
}

/// How much of each month of a case is to be paid back: every month once.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Months {
    /// The months.
    pub months: Vec<MonthAmount>,
}

/// Classifies the cause. What is not recoverable, below the minimum or time-barred closes at once.
pub async fn classify(app: &App, actor: &Actor, id: Uuid, version: i64, command: Classify) -> Result<CaseView, Error> {
    let today = app.clock.today();
    let minimum = law::known(app, RecoveryParameter::MinimumAmount, today).await?;
    let limitation = law::known(app, RecoveryParameter::LimitationMonths, today).await?;
    step(app, actor, (id, version), Action::Classify, async |txn, case, _| {
        said(&command.reason, "/reason")?;
        let forgiven = command.cause == OverpaymentCause::Law && !instrument_says_debt(txn, &case.row).await?;
        let to = if forgiven || !command.recoverable {
            CaseStatus::NotRecoverable
        } else {
            verdict(&case, Month::of(today), minimum, limitation)?.unwrap_or(CaseStatus::Classified)
        };
        let detail = json!({"cause": command.cause, "recoverable": command.recoverable});
        let row = overpayment_case::Model {
            cause: Some(command.cause),
            ..case.row
        };
        Ok(Change::new(row, to, detail).because(&command.reason))
    })
    .await
}

/// Whether the case comes of a release whose instrument makes a debt of what it lowers.
async fn instrument_says_debt(txn: &Txn, row: &overpayment_case::Model) -> Result<bool, Error> {
    let number = row
        .event
        .strip_prefix("release:")
        .and_then(|number| number.parse().ok());
    match number {
        Some(number) => crate::law::lowering_makes_debt(txn.conn(), number).await,
        None => Ok(false),
    }
}

/// What ends a case by itself, as far as the law says: too old in every month, or too small in those that are left.
fn verdict(
    case: &Case,
    now: Month,
    minimum: Option<Decimal>,
    limitation: Option<Decimal>,
) -> Result<Option<CaseStatus>, Error> {
    let mut pursued = 0;
    let mut all_barred = true;
    for month in &case.months {
        if !is_barred(month, now, limitation)? {
            all_barred = false;
            pursued += month.detected;
        }
    }
    if all_barred {
        return Ok(Some(CaseStatus::TimeBarred));
    }
    let small = minimum.is_some_and(|minimum| Decimal::from(pursued) < minimum);
    Ok(small.then_some(CaseStatus::BelowMinimum))
}

fn is_barred(month: &overpayment_month::Model, now: Month, limitation: Option<Decimal>) -> Result<bool, Error> {
    let cover = Month::from_yyyymm(month.cover_month).map_err(Error::internal)?;
    Ok(limitation.is_some_and(|limitation| is_time_barred(cover, now, limitation)))
}

/// Records the delivery of the notice, and keeps what it told. Needs the law's minimum, limitation and time to answer:
/// nobody is told of a debt that the law may not know.
pub async fn serve_notice(
    app: &App,
    actor: &Actor,
    id: Uuid,
    version: i64,
    command: ServeNotice,
) -> Result<CaseView, Error> {
    step(app, actor, (id, version), Action::ServeNotice, async |_, case, _| {
        said(&command.proof, "/proof")?;
        has_come(app, command.delivered_on, "/delivered_on")?;
        let today = app.clock.today();
        let needed = [
            RecoveryParameter::MinimumAmount,
            RecoveryParameter::LimitationMonths,
            RecoveryParameter::ResponseDays,
        ];
        let [minimum, limitation, response] = law::required(app, needed, today).await?;
        if verdict(&case, Month::of(today), Some(minimum), Some(limitation))?.is_some() {
            return Err(Error::because(
                ProblemCode::IllegalTransition,
                "Khoản này dưới mức tối thiểu hoặc đã hết thời hiệu; hãy xác định lại nguyên nhân",
                "it is below the minimum or time-barred by now; classify it again",
            ));
        }
        let due = law::days_after(command.delivered_on, response)?;
        let told = Told::now(app, &case.row, &case.months, today).await?;
        let detail = json!({"delivered_on": command.delivered_on, "response_due": due, FIELD: told});
        let row = overpayment_case::Model {
            notice_delivered_on: Some(command.delivered_on),
            response_due: Some(due),
            ..case.row
        };
        Ok(Change::new(row, CaseStatus::NoticeServed, detail).because(&command.proof))
    })
    .await
}

/// Records what the person said, or that nothing was said before the time was over.
pub async fn hear(app: &App, actor: &Actor, id: Uuid, version: i64, command: Hear) -> Result<CaseView, Error> {
    let statement = command.statement.filter(|text| !text.trim().is_empty());
    step(app, actor, (id, version), Action::Hear, async |_, case, _| {
        let over = case.row.response_due.is_some_and(|due| app.clock.today() > due);
        if statement.is_none() && !over {
            return Err(Error::because(
                ProblemCode::IllegalTransition,
                "Chưa hết thời hạn giải trình",
                "the time to answer is not over",
            ));
        }
        let detail = json!({"answered": statement.is_some()});
        let row = overpayment_case::Model { statement, ..case.row };
        Ok(Change::new(row, CaseStatus::Heard, detail))
    })
    .await
}

/// Proposes how much of each month is to be paid back; signed by the proposer. Only money that has arrived counts.
pub async fn propose(app: &App, actor: &Actor, id: Uuid, version: i64, command: Months) -> Result<CaseView, Error> {
    let today = app.clock.today();
    let limitation = law::known(app, RecoveryParameter::LimitationMonths, today).await?;
    step(
        app,
        actor,
        (id, version),
        Action::Propose,
        async |txn, case, proposer| {
            let mut months = matched(&case.months, &command.months, |month| month.detected)?;
            for (place, (month, amount, reason)) in months.iter_mut().enumerate() {
                if *amount > 0 && is_barred(month, Month::of(today), limitation)? {
                    return Err(at(
                        place,
                        "time_barred",
                        "Tháng này đã hết thời hiệu",
                        "this month is time-barred",
                    ));
                }
                month.proposed = Some(*amount);
                month.decided = None;
                month.reason = Some(reason.clone());
            }
            let months: Vec<overpayment_month::Model> = months.into_iter().map(|(month, ..)| month).collect();
            all_arrived(txn, &months).await?;
            let revision = case.row.revision + 1;
            let proposal = digest(&months, |month| month.proposed);
            approval::sign(app, txn, &subject(id), revision, Act::Make, proposer, &proposal).await?;
            let sum: i64 = months.iter().filter_map(|month| month.proposed).sum();
            for month in months {
                save_month(txn, month).await?;
            }
            let detail = json!({"revision": revision, "digest": proposal, "amount": sum});
            let row = overpayment_case::Model {
                revision,
                digest: None,
                proposed_by: Some(proposer),
                decided_by: None,
                ..case.row
            };
            Ok(Change::new(row, CaseStatus::Proposed, detail))
        },
    )
    .await
}

pub(super) fn at(place: usize, code: &str, vi: &str, en: &str) -> Error {
    Error::field(format!("/months/{place}"), code, vi, en)
}

/// The months of a case in its order, each with the amount and reason given for it: every month once, none above `most`.
pub(super) fn matched(
    months: &[overpayment_month::Model],
    given: &[MonthAmount],
    most: impl Fn(&overpayment_month::Model) -> i64,
) -> Result<Vec<(overpayment_month::Model, i64, String)>, Error> {
    let is = |month: &overpayment_month::Model, one: &MonthAmount| {
        (month.entitlement_id, month.component.as_str(), month.cover_month)
            == (one.entitlement_id, one.component.as_str(), one.cover_month.yyyymm())
    };
    let mut faults = Vec::new();
    for (place, one) in given.iter().enumerate() {
        let pointer = |field: &str| format!("/months/{place}{field}");
        let own = months.iter().find(|month| is(month, one));
        let again = given.iter().take(place).any(|before| {
            (before.entitlement_id, &before.component, before.cover_month)
                == (one.entitlement_id, &one.component, one.cover_month)
        });
        if own.is_none() || again {
            let (vi, en) = (
                "Không phải tháng của hồ sơ, hoặc lặp lại",
                "no month of the case, or twice",
            );
            faults.push(FieldError::new(pointer(""), "unknown_month", vi, en));
        }
        if own.is_some_and(|month| one.amount.dong() > most(month)) {
            let (vi, en) = ("Cao hơn mức cho phép", "above what is possible");
            faults.push(FieldError::new(pointer("/amount"), "too_much", vi, en));
        }
        if one.reason.trim().is_empty() {
            faults.push(FieldError::new(
                pointer("/reason"),
                "empty",
                "Không được để trống",
                "must not be empty",
            ));
        }
    }
    let mut all = Vec::with_capacity(months.len());
    for month in months {
        match given.iter().find(|one| is(month, one)) {
            Some(one) => all.push((month.clone(), one.amount.dong(), one.reason.clone())),
            None => faults.push(FieldError::new(
                "/months",
                "missing_month",
                format!("Thiếu tháng {}", month.cover_month),
                format!("month {} is missing", month.cover_month),
            )),
        }
    }
    if faults.is_empty() {
        Ok(all)
    } else {
        Err(Error::invalid(faults))
    }
}

/// Refuses months of which money is still under way, came back or is in doubt: nobody owes what did not arrive.
async fn all_arrived(txn: &Txn, months: &[overpayment_month::Model]) -> Result<(), Error> {
    let entitlements: Vec<Uuid> = months.iter().map(|month| month.entitlement_id).collect();
    let lines = payment_line::Entity::find()
        .filter(payment_line::Column::EntitlementId.is_in(entitlements))
        .filter(payment_line::Column::Status.is_in([LineStatus::Live, LineStatus::Returned]))
        .all(txn.conn())
        .await?;
    let orders = payment_order::Entity::find()
        .filter(payment_order::Column::Id.is_in(lines.iter().filter_map(|line| line.order_id)))
        .all(txn.conn())
        .await?;
    for (place, month) in months.iter().enumerate().filter(|(_, month)| month.proposed > Some(0)) {
        let same = |line: &&payment_line::Model| {
            (line.entitlement_id, &line.component, line.cover_month)
                == (month.entitlement_id, &month.component, month.cover_month)
        };
        let arrived = |line: &payment_line::Model| {
            let order = orders.iter().find(|order| Some(order.id) == line.order_id);
            line.status == LineStatus::Live
                && order.is_some_and(|order| matches!(order.status, OrderStatus::Settled | OrderStatus::Credited))
        };
        if !lines.iter().filter(same).all(arrived) {
            let (vi, en) = (
                "Tiền của tháng này chưa đến tay người hưởng",
                "the money of this month has not arrived",
            );
            return Err(at(place, "not_arrived", vi, en));
        }
    }
    Ok(())
}
