//! The calendar of payments: the rules of the catalogue with the days that the province decided on.

mod decide;
mod year;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::Month;
use domain::calendar::{Calendar, Decided, Rules};
use entity::calendar_day;
use entity::enums::CalendarDayKind;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::error::Error;

pub(crate) use decide::accept;
pub use decide::{ProposeDay, propose};
pub use year::{DayView, MonthView, PayCalendarView, year};

/// The calendar as it stands.
pub(crate) async fn load(conn: &impl ConnectionTrait) -> Result<Calendar<'static>, Error> {
    let rules = Rules::embedded().map_err(Error::internal)?;
    let rows = calendar_day::Entity::find()
        .filter(calendar_day::Column::Kind.is_in([CalendarDayKind::Holiday, CalendarDayKind::Working]))
        .all(conn)
        .await?;
    let decided = rows.into_iter().map(|row| {
        let decided = Decided {
            banking: row.kind == CalendarDayKind::Working,
            reason: row.reason,
        };
        (row.day, decided)
    });
    Ok(Calendar::new(rules, decided.collect()))
}

/// The months that are paid ahead of their time, each with its day and the reason.
pub(crate) async fn early(conn: &impl ConnectionTrait) -> Result<BTreeMap<Month, (NaiveDate, String)>, Error> {
    let rows = calendar_day::Entity::find()
        .filter(calendar_day::Column::Kind.eq(CalendarDayKind::PayEarly))
        .order_by_asc(calendar_day::Column::Day)
        .all(conn)
        .await?;
    let mut early = BTreeMap::new();
    for row in rows {
        for month in serde_json::from_value::<Vec<i32>>(row.cover_months)? {
            let month = Month::from_yyyymm(month).map_err(Error::internal)?;
            early.insert(month, (row.day, row.reason.clone()));
        }
    }
    Ok(early)
}

/// The day on which a month is paid ahead of its time, if it is.
pub(crate) async fn paid_early(conn: &impl ConnectionTrait, cover: Month) -> Result<Option<NaiveDate>, Error> {
    Ok(early(conn).await?.remove(&cover).map(|(day, _)| day))
}
