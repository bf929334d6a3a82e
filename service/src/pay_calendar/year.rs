//! A year of months and days.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use domain::Month;
use domain::calendar::{Calendar, Standing};
use entity::calendar_day;
use entity::enums::CalendarDayKind;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::{Error, ProblemCode};

/// The dates of one month's payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MonthView {
    /// The month in which the money falls due: the run looks at the rights of this month. What is paid regularly falls due
    /// in the month that it is for, so the two are one here, on whatever day it is paid: two months that are paid early on
    /// one day, as before Tết, are two runs, each with an order of its own to each payee, and stay apart wherever they are
    /// reserved, answered, reconciled and closed. Arrears fall due in this month too and are for earlier ones: each line of
    /// the run names its own `cover_month`.
    #[schema(example = "2024-09")]
    pub entitlement_month: Month,
    /// The month that the regular lines of its run are for.
    #[schema(example = "2024-09")]
    pub cover_month: Month,
    /// The first day on which its run may be opened.
    #[schema(example = "2024-08-01")]
    pub list_opens: NaiveDate,
    /// The last banking day on which its list can be closed.
    #[schema(example = "2024-08-23")]
    pub list_closes: NaiveDate,
    /// The day on which it is paid: decided where it is early, else suggested.
    #[schema(example = "2024-09-05")]
    pub pay_date: NaiveDate,
    /// Why it is paid early, if it is.
    #[schema(example = json!(null))]
    pub early: Option<String>,
    /// The last banking day on which the settlement is reported.
    #[schema(example = "2024-09-20")]
    pub settlement_due: NaiveDate,
}

/// A day that is not as its weekday says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DayView {
    /// The day.
    #[schema(example = "2024-09-02")]
    pub day: NaiveDate,
    /// `banking`, `closed`, or `undecided`: decided anew every year, and not yet recorded.
    #[schema(value_type = String, example = "closed")]
    pub standing: Standing,
    /// What it is.
    #[schema(example = "Quốc khánh")]
    pub name: String,
    /// The provision it rests on, or who decided it.
    #[schema(example = "Bộ luật Lao động 2019 (45/2019/QH14) Điều 112(1)(đ)")]
    pub source: String,
    /// The months that are paid on it ahead of their time.
    #[schema(value_type = Vec<String>, example = json!([]))]
    pub pays_early: Vec<Month>,
}

/// A year of payments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PayCalendarView {
    /// The year.
    #[schema(example = 2024)]
    pub year: i32,
    /// Are its lunar holidays known?
    pub lunar_days_known: bool,
    /// Its cover months.
    pub months: Vec<MonthView>,
    /// Holidays, undecided days, days the province decided on; weekly rest days left out.
    pub days: Vec<DayView>,
    /// Where the days of the cycle come from.
    pub cycle_source: String,
    /// From this time on banks execute the day after; assumed. The profile of a bank may name its own (`cut_off`).
    #[schema(example = "15:30")]
    pub cut_off: String,
    /// So many days ahead a run may name its pay date; assumed.
    #[schema(example = 366)]
    pub pay_date_within_days: u64,
    /// What is assumed.
    pub assumed: String,
    /// The zone of all times.
    #[schema(example = "Asia/Ho_Chi_Minh")]
    pub time_zone: &'static str,
}

/// The calendar of a year; of the present one where none is named.
pub async fn year(app: &App, actor: &Actor, year: Option<i32>) -> Result<PayCalendarView, Error> {
    actor.require(Permission::PayRunRead)?;
    let year = year.unwrap_or_else(|| app.clock.today().year());
    let (Ok(january), Ok(december)) = (Month::new(year, 1), Month::new(year, 12)) else {
        return Err(Error::because(
            ProblemCode::InvalidRequest,
            "Năm không hợp lệ",
            "the year is not valid",
        ));
    };
    let calendar = super::load(app.db.read()).await?;
    let early = super::early(app.db.read()).await?;
    let months = january.through(december).map(|cover| {
        let decided = early.get(&cover);
        MonthView {
            entitlement_month: cover,
            cover_month: cover,
            list_opens: Calendar::opens(cover),
            list_closes: calendar.list_closes(cover),
            pay_date: decided.map_or_else(|| calendar.pay_date(cover), |(day, _)| *day),
            early: decided.map(|(_, reason)| reason.clone()),
            settlement_due: calendar.settlement_due(cover),
        }
    });
    let months = months.collect();
    let days = days(app, &calendar, (january.first_day(), december.last_day())).await?;
    let rules = calendar.rules();
    Ok(PayCalendarView {
        year,
        lunar_days_known: rules.knows_lunar(year),
        months,
        days,
        cycle_source: rules.cycle_source().to_owned(),
        cut_off: rules.cut_off().format("%H:%M").to_string(),
        pay_date_within_days: rules.pay_date_within_days(),
        assumed: rules.assumed_note().to_owned(),
        time_zone: "Asia/Ho_Chi_Minh",
    })
}

async fn days(
    app: &App,
    calendar: &Calendar<'_>,
    (first, last): (NaiveDate, NaiveDate),
) -> Result<Vec<DayView>, Error> {
    let rows = calendar_day::Entity::find()
        .filter(calendar_day::Column::Day.between(first, last))
        .all(app.db.read())
        .await?;
    let mut days: BTreeMap<NaiveDate, DayView> = calendar
        .special_days(first.year())
        .into_keys()
        .map(|day| (day, view(calendar, day, Vec::new())))
        .collect();
    for row in rows {
        let shown = of_row(calendar, row)?;
        days.insert(shown.day, shown);
    }
    Ok(days.into_values().collect())
}

fn view(calendar: &Calendar<'_>, day: NaiveDate, pays_early: Vec<Month>) -> DayView {
    let own = calendar.day(day);
    DayView {
        day,
        standing: own.standing,
        name: own.name,
        source: own.source,
        pays_early,
    }
}

/// A day that was decided on, as the calendar shows it.
fn of_row(calendar: &Calendar<'_>, row: calendar_day::Model) -> Result<DayView, Error> {
    let told = matches!(row.kind, CalendarDayKind::PayEarly | CalendarDayKind::YearClosed);
    let months = serde_json::from_value::<Vec<i32>>(row.cover_months)?;
    let months = months.into_iter().map(Month::from_yyyymm);
    let months = months.collect::<Result<Vec<_>, _>>().map_err(Error::internal)?;
    let mut shown = view(calendar, row.day, months);
    if told {
        shown.name = row.reason;
    }
    Ok(shown)
}
