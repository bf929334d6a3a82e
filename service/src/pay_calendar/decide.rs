//! Days that the province decides on, by two people.

use chrono::{DateTime, NaiveDate, Utc};
use domain::Month;
use domain::calendar::Standing;
use entity::calendar_day;
use entity::enums::{CalendarDayKind, TreasuryKind};
use entity::treasury_proposal as treasury_proposal_row;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::Error;
use crate::proposal::ProposalView;
use crate::treasury_proposal::{self, Draft, TreasuryProposalView};

/// The most months that one day pays early.
const MOST_MONTHS: usize = 12;

/// What subjects of proposals about days begin with.
const SUBJECT: &str = "calendar_day:";

/// What is proposed of a day; accepted, it replaces what was decided before.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeDay {
    /// `holiday`, `working`, `pay_early`: months are paid on it ahead of their time, or `year_closed`: from this day on
    /// arrears of the fiscal years before its own are carried by the year of the pay run that pays them; where no day
    /// says so, by the year of the month they are for. Runs that were built before keep what they were built with.
    #[schema(value_type = String, example = "holiday")]
    pub kind: CalendarDayKind,
    /// The months that are paid early; none for the other kinds.
    #[serde(default)]
    #[schema(value_type = Vec<String>, example = json!([]))]
    pub cover_months: Vec<Month>,
    /// Why, with the decision it rests on.
    #[schema(
        example = "Nghỉ Quốc khánh ngày liền kề, theo thông báo của UBND tỉnh",
        max_length = 1000
    )]
    pub reason: String,
}

/// Proposes what a day is: the first of two people. The calendar stays as it is until another accepts it.
///
/// # Errors
/// `invalid` with the place of each fault; `already-exists` where a proposal about the day waits.
pub async fn propose(
    app: &App,
    actor: &Actor,
    day: NaiveDate,
    command: ProposeDay,
) -> Result<TreasuryProposalView, Error> {
    actor.require_province(Permission::CalendarManage)?;
    crate::pay_run::check_reason("/reason", &command.reason)?;
    let proposal = ProposalView::made(app, actor, &command.reason)?;
    check(&command)?;
    app.db
        .write(async |txn| {
            let draft = Draft {
                kind: TreasuryKind::CalendarDay,
                subject: format!("{SUBJECT}{day}"),
                base: base(txn.conn(), day, &command).await?,
                body: serde_json::to_value(&command)?,
            };
            treasury_proposal::put(app, txn, actor, proposal.clone(), draft).await
        })
        .await
}

/// Puts into the calendar what a second person accepts. Files that were approved before keep their execution date.
pub(crate) async fn accept(
    txn: &Txn,
    actor: &Actor,
    own: &treasury_proposal_row::Model,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let day = own.subject.strip_prefix(SUBJECT).unwrap_or_default();
    let day: NaiveDate = day.parse().map_err(Error::internal)?;
    let said: ProposeDay = serde_json::from_str(&own.body)?;
    check(&said)?;
    let before = calendar_day::Entity::find_by_id(day)
        .lock_exclusive()
        .one(txn.conn())
        .await?;
    treasury_proposal::unchanged(own, &base(txn.conn(), day, &said).await?)?;
    let months: Vec<i32> = said.cover_months.iter().map(|month| month.yyyymm()).collect();
    let row = calendar_day::Model {
        day,
        kind: said.kind,
        cover_months: json!(months),
        reason: said.reason,
        decided_by: Some(own.proposed_by),
        decided_at: at,
        proposal_id: Some(own.id),
    };
    if before.is_some() {
        row.clone().into_active_model().reset_all().update(txn.conn()).await?;
    } else {
        txn.insert_all::<calendar_day::Entity>(vec![row.clone()]).await?;
    }
    let detail = json!({"before": before, "after": row, "proposed_by": own.proposed_by});
    txn.audit(Event::new(
        at,
        actor,
        "pay_calendar.decide",
        own.subject.clone(),
        detail,
    ));
    Ok(())
}

/// What both people compare with: what the day is, what was decided of it, and when its months are paid early so far.
///
/// # Errors
/// `invalid` where months would be paid on a day on which banks are closed.
async fn base(conn: &impl ConnectionTrait, day: NaiveDate, said: &ProposeDay) -> Result<Value, Error> {
    let calendar = super::load(conn).await?;
    let standing = calendar.day(day).standing;
    if said.kind == CalendarDayKind::PayEarly && standing == Standing::Closed {
        let next = calendar.next_banking_day(day);
        return Err(Error::field(
            "/kind",
            "no_banking_day",
            format!("Ngân hàng nghỉ ngày {day}; ngày làm việc kế tiếp là {next}"),
            format!("banks are closed on {day}; the next banking day is {next}"),
        ));
    }
    let decided = calendar_day::Entity::find_by_id(day).one(conn).await?;
    let decided = decided.map(|row| json!({"kind": row.kind, "cover_months": row.cover_months, "reason": row.reason}));
    let early = super::early(conn).await?;
    let paid_early: Vec<Value> = said
        .cover_months
        .iter()
        .map(|month| json!({"month": month, "day": early.get(month).map(|(day, _)| day)}))
        .collect();
    Ok(json!({"standing": standing, "decided": decided, "paid_early": paid_early}))
}

fn check(said: &ProposeDay) -> Result<(), Error> {
    let early = said.kind == CalendarDayKind::PayEarly;
    if early == said.cover_months.is_empty() || said.cover_months.len() > MOST_MONTHS {
        return Err(Error::field(
            "/cover_months",
            "months_of_early_pay",
            "Chi sớm phải nêu các tháng được chi; loại khác thì không nêu",
            "early payment names its months, other kinds name none",
        ));
    }
    Ok(())
}
