//! Where a run stands in the monthly cycle: its list is closed before the 25th of the month before (NĐ 20/2021/NĐ-CP Điều
//! 34(4)). A run that is early or late is told so and not refused: the province may have its reasons.

use chrono::NaiveDate;
use domain::Month;
use domain::calendar::Rules;
use entity::enums::{PayRunKind, PayRunStatus};
use entity::pay_run;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::clock::in_vietnam;
use crate::error::{Error, Text};
use crate::{pay_calendar, print};

/// That the list of a month was not closed on its day, or that a month is paid after the early day decided for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ListClosingView {
    /// The last banking day on which the list of the month can be closed; of a month that is paid early, the day decided.
    #[schema(example = "2024-08-23")]
    pub list_closes: NaiveDate,
    /// `not_reached`: what is decided until that day would be in no list of this month; `passed`: the list is late;
    /// `after_early_day`: the month is to be paid early, and the run names a later day.
    #[schema(example = "passed")]
    pub finding: String,
    /// By how many days.
    #[schema(example = 3)]
    pub days: i64,
    /// The same in words, with the provision.
    pub text: Text,
}

/// What there is to say of a regular run that has not left the house: on the day it was submitted, or as a draft today.
/// Nothing on the closing day itself, nor of a month that is paid early and by its day.
pub(super) async fn list_closing(app: &App, run: &pay_run::Model) -> Result<Option<ListClosingView>, Error> {
    let waits = matches!(
        run.status,
        PayRunStatus::Draft | PayRunStatus::Submitted | PayRunStatus::Approved
    );
    if run.kind != PayRunKind::Regular || !waits {
        return Ok(None);
    }
    let cover = super::cover_month(run)?;
    let conn = app.db.read();
    if let Some(day) = pay_calendar::paid_early(conn, cover).await? {
        return Ok(after_early_day(cover, day, run.pay_date));
    }
    let calendar = pay_calendar::load(conn).await?;
    let on = run
        .submitted_at
        .map_or_else(|| app.clock.today(), |at| in_vietnam(at).date_naive());
    Ok(told(calendar.rules(), calendar.list_closes(cover), on))
}

/// A month that was to be paid before a feast, say, and would be paid after it.
fn after_early_day(cover: Month, day: NaiveDate, pay_date: NaiveDate) -> Option<ListClosingView> {
    let days = pay_date.signed_duration_since(day).num_days();
    (days > 0).then(|| ListClosingView {
        list_closes: day,
        finding: "after_early_day".to_owned(),
        days,
        text: Text::new(
            format!(
                "Lịch chi trả quyết định chi sớm tháng {} vào ngày {}; đợt này ghi ngày chi {}, sau đó {days} ngày",
                print::month(cover),
                print::date(day),
                print::date(pay_date)
            ),
            format!("{cover} is decided to be paid early, on {day}; this run names {pay_date}, {days} days later"),
        ),
    })
}

fn told(rules: &Rules, list_closes: NaiveDate, on: NaiveDate) -> Option<ListClosingView> {
    let days = on.signed_duration_since(list_closes).num_days();
    let (source, day) = (rules.cycle_source(), print::date(list_closes));
    let (finding, text) = match days {
        0 => return None,
        ..0 => (
            "not_reached",
            Text::new(
                format!(
                    "Chưa đến ngày chốt danh sách {day}: quyết định ban hành đến ngày đó sẽ không có trong danh sách ({source})"
                ),
                format!("the list closes on {list_closes}: what is decided until then would not be in it ({source})"),
            ),
        ),
        _ => (
            "passed",
            Text::new(
                format!("Đã quá ngày chốt danh sách {day} là {days} ngày ({source})"),
                format!("the list should have been closed on {list_closes}, {days} days before ({source})"),
            ),
        ),
    };
    Some(ListClosingView {
        list_closes,
        finding: finding.to_owned(),
        days: days.abs(),
        text,
    })
}
