//! Days that the province decides on, by two people.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::Month;
use domain::calendar::{Calendar, Standing};
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
use crate::code::Code;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::proposal::ProposalView;
use crate::treasury_proposal::{self, Draft, TreasuryProposalView};
use crate::{print, vocabulary};

/// The most months that one day pays early.
const MOST_MONTHS: usize = 12;

/// What subjects of proposals about days begin with.
const SUBJECT: &str = "calendar_day:";

/// What is proposed of a day. Of a day one thing is decided: where that is of the same kind, or both say whether banks work,
/// what is accepted takes its place; where it is something else, the proposal must say that it is given up.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeDay {
    /// `holiday`, `working`, `pay_early`: months are paid on it ahead of their time, or `year_closed`: from this day on
    /// arrears of the fiscal years before its own are carried by the year of the pay run that pays them; where no day
    /// says so, by the year of the month they are for. Runs that were built before keep what they were built with.
    #[schema(value_type = String, example = "holiday")]
    pub kind: CalendarDayKind,
    /// What was decided of the day and is given up with this: `pay_early`, `year_closed`, `holiday` or `working`. It must be
    /// named where the new kind says nothing of it, so that nobody reopens a fiscal year, takes back an early payment or
    /// closes a working day without meaning to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = json!(null))]
    pub gives_up: Option<CalendarDayKind>,
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
/// `invalid` with the place of each fault; `conflict` where something else is decided of the day that the proposal does not
/// give up; `already-exists` where a proposal about the day waits.
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

/// Puts into the calendar what a second person accepts. Files that were approved before keep their execution date; a run
/// whose day is closed by it is approved again before it is released.
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
/// `invalid` where months would be paid on a day on which banks are closed, or nothing is given up; `conflict` where what
/// was decided of the day says something else.
async fn base(conn: &impl ConnectionTrait, day: NaiveDate, said: &ProposeDay) -> Result<Value, Error> {
    let decided = calendar_day::Entity::find_by_id(day).one(conn).await?;
    require_consistent(day, decided.as_ref().map(|row| row.kind), said)?;
    let calendar = super::load(conn).await?;
    let standing = calendar.day(day).standing;
    // What is given up says no more whether banks work: the rules do then.
    let then = match said.gives_up {
        Some(_) => Calendar::new(calendar.rules(), BTreeMap::new()).day(day).standing,
        None => standing,
    };
    if said.kind == CalendarDayKind::PayEarly && then == Standing::Closed {
        let next = calendar.next_banking_day(day);
        return Err(Error::field(
            "/kind",
            "no_banking_day",
            format!(
                "Ngân hàng nghỉ ngày {}; ngày làm việc kế tiếp là {}",
                print::date(day),
                print::date(next)
            ),
            format!("banks are closed on {day}; the next banking day is {next}"),
        ));
    }
    let decided = decided.map(|row| json!({"kind": row.kind, "cover_months": row.cover_months, "reason": row.reason}));
    let early = super::early(conn).await?;
    let paid_early: Vec<Value> = said
        .cover_months
        .iter()
        .map(|month| json!({"month": month, "day": early.get(month).map(|(day, _)| day)}))
        .collect();
    Ok(json!({"standing": standing, "decided": decided, "paid_early": paid_early}))
}

/// Does the kind say whether banks work on the day?
const fn of_banks(kind: CalendarDayKind) -> bool {
    matches!(kind, CalendarDayKind::Holiday | CalendarDayKind::Working)
}

/// What was decided of a day is replaced by its like, or given up by its name.
fn require_consistent(day: NaiveDate, decided: Option<CalendarDayKind>, said: &ProposeDay) -> Result<(), Error> {
    if said.gives_up.is_some() && said.gives_up != decided {
        return Err(Error::field(
            "/gives_up",
            "not_decided",
            format!("Ngày {} không có quyết định đó", print::date(day)),
            format!("nothing of this kind is decided of {day}"),
        ));
    }
    let Some(decided) = decided else { return Ok(()) };
    let like = decided == said.kind || (of_banks(decided) && of_banks(said.kind));
    if like || said.gives_up == Some(decided) {
        return Ok(());
    }
    let (vi, en) = lost(decided);
    let (was, kind) = (decided.code(), said.kind.code());
    let (hint_vi, hint_en) = if said.kind == CalendarDayKind::PayEarly {
        (
            "ghi việc chi sớm vào một ngày khác; đợt chi vẫn được chọn ngày chi này",
            "record the early payment on another day; a run may still name this day as its pay date",
        )
    } else {
        ("chọn một ngày khác", "choose another day")
    };
    Err(Error::because(
        ProblemCode::Conflict,
        format!(
            "Ngày {} đã được quyết định là “{}”; ghi thành “{}” thì {vi}. Hãy {hint_vi}, hoặc nêu gives_up: {was}",
            print::date(day),
            called(decided),
            called(said.kind)
        ),
        format!("{day} is decided as {was}; as {kind}, {en}. {hint_en}, or say gives_up: {was}"),
    ))
}

/// What people call the kind of a day.
fn called(kind: CalendarDayKind) -> String {
    vocabulary::said("calendar_day_kind", &kind)
}

/// What a day loses with what was decided of it.
const fn lost(decided: CalendarDayKind) -> (&'static str, &'static str) {
    match decided {
        CalendarDayKind::Holiday => (
            "ngày này không còn là ngày nghỉ theo quyết định",
            "it would no longer be closed by decision",
        ),
        CalendarDayKind::Working => (
            "ngày này không còn là ngày làm việc theo quyết định",
            "it would no longer be a working day by decision",
        ),
        CalendarDayKind::PayEarly => (
            "các tháng ghi ở ngày này không còn được chi sớm",
            "its months would no longer be paid early",
        ),
        CalendarDayKind::YearClosed => (
            "các năm ngân sách trước mở lại",
            "the earlier fiscal years would be open again",
        ),
    }
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
