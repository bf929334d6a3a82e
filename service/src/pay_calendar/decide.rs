//! Days that the province decides on.

use chrono::NaiveDate;
use domain::Month;
use domain::calendar::Standing;
use entity::calendar_day;
use entity::enums::CalendarDayKind;
use sea_orm::EntityTrait;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::error::Error;
use crate::pay_calendar::year::{DayView, of_row};

/// The most months that one day pays early.
const MOST_MONTHS: usize = 12;

/// What is decided of a day; it replaces what was decided before.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideDay {
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

/// Records what the province decided of a day. Files that were approved before keep their execution date.
pub async fn decide(app: &App, actor: &Actor, day: NaiveDate, command: DecideDay) -> Result<DayView, Error> {
    actor.require_province(Permission::CalendarManage)?;
    crate::pay_run::check_reason("/reason", &command.reason)?;
    let early = command.kind == CalendarDayKind::PayEarly;
    if early == command.cover_months.is_empty() || command.cover_months.len() > MOST_MONTHS {
        return Err(Error::field(
            "/cover_months",
            "months_of_early_pay",
            "Chi sớm phải nêu các tháng được chi; loại khác thì không nêu",
            "early payment names its months, other kinds name none",
        ));
    }
    app.db
        .write(async |txn| {
            let calendar = super::load(txn.conn()).await?;
            if early && calendar.day(day).standing == Standing::Closed {
                let next = calendar.next_banking_day(day);
                return Err(Error::field(
                    "/kind",
                    "no_banking_day",
                    format!("Ngân hàng nghỉ ngày {day}; ngày làm việc kế tiếp là {next}"),
                    format!("banks are closed on {day}; the next banking day is {next}"),
                ));
            }
            let row = calendar_day::Model {
                day,
                kind: command.kind,
                cover_months: json!(
                    command
                        .cover_months
                        .iter()
                        .map(|month| month.yyyymm())
                        .collect::<Vec<_>>()
                ),
                reason: command.reason.clone(),
                decided_by: actor.user_id,
                decided_at: app.clock.now(),
            };
            let before = calendar_day::Entity::find_by_id(day).one(txn.conn()).await?;
            calendar_day::Entity::delete_by_id(day).exec(txn.conn()).await?;
            txn.insert_all::<calendar_day::Entity>(vec![row.clone()]).await?;
            let detail = json!({"before": before, "after": row});
            txn.audit(Event::new(
                app.clock.now(),
                actor,
                "pay_calendar.decide",
                format!("calendar_day:{day}"),
                detail,
            ));
            of_row(&super::load(txn.conn()).await?, row)
        })
        .await
}
