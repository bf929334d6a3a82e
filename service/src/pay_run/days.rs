//! The days of a run: which one may be asked for, and what is refused once no bank would execute on it.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use domain::bank::CutOff;
use domain::calendar::{Calendar, Rules};
use entity::enums::FileKind;
use entity::{pay_run, payment_file};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::app::App;
use crate::clock::in_vietnam;
use crate::db::Txn;
use crate::error::{Error, FieldError, ProblemCode};
use crate::{bank_profile, pay_calendar, print};

/// Refuses a day on which nobody can be paid any more, and one so far away that it was mistyped. How far is data of the
/// calendar.
///
/// # Errors
/// `invalid` at `/pay_date`.
pub(super) fn require_payable(app: &App, pay_date: NaiveDate) -> Result<(), Error> {
    let today = app.clock.today();
    if pay_date < today {
        return Err(Error::field(
            "/pay_date",
            "past",
            format!(
                "Ngày chi {} đã qua; hôm nay là {}",
                print::date(pay_date),
                print::date(today)
            ),
            format!("the pay date {pay_date} has passed: today is {today}"),
        ));
    }
    let rules = Rules::embedded().map_err(Error::internal)?;
    let last = today.checked_add_days(Days::new(rules.pay_date_within_days()));
    let last = last.unwrap_or(NaiveDate::MAX);
    if pay_date > last {
        return Err(Error::field(
            "/pay_date",
            "too_far",
            format!(
                "Ngày chi {} quá xa; muộn nhất là {}",
                print::date(pay_date),
                print::date(last)
            ),
            format!("the pay date {pay_date} is too far away; the last one is {last}"),
        ));
    }
    Ok(())
}

/// Why the bank of a file would not execute it on the day that it asks for.
#[derive(Clone, Copy, Debug)]
enum Late {
    /// The day has passed.
    Past,
    /// Banks are closed on it: decided after the run was approved.
    Closed,
    /// It is today, and what a bank gets from this time of day on it executes the day after.
    CutOff(NaiveTime),
}

impl Late {
    const fn code(self) -> &'static str {
        match self {
            Self::Past => "execution_date_past",
            Self::Closed => "execution_date_closed",
            Self::CutOff(_) => "cut_off_passed",
        }
    }

    /// In words, Vietnamese and English.
    fn words(self, day: NaiveDate) -> (String, String) {
        let on = print::date(day);
        match self {
            Self::Past => (
                format!("ngày thực hiện {on} đã qua"),
                format!("the execution date {day} has passed"),
            ),
            Self::Closed => (
                format!("ngân hàng nghỉ ngày thực hiện {on}"),
                format!("banks are closed on the execution date {day}"),
            ),
            Self::CutOff(time) => {
                let time = time.format("%H:%M");
                (
                    format!("đã quá giờ nhận lệnh {time} của ngày thực hiện {on}"),
                    format!("the cut-off {time} of the execution date {day} has passed"),
                )
            }
        }
    }
}

/// Would a bank with this cut-off not execute on the day what it gets now?
fn why_late(calendar: &Calendar<'_>, cut_off: NaiveTime, day: NaiveDate, now: DateTime<Utc>) -> Option<Late> {
    if calendar.execution_date_by(cut_off, day, now) == day {
        return None;
    }
    Some(if day < in_vietnam(now).date_naive() {
        Late::Past
    } else if calendar.is_banking_day(day) {
        Late::CutOff(cut_off)
    } else {
        Late::Closed
    })
}

/// Refuses to let files go that their banks would not execute on the day they ask for, by today's calendar and the bank's
/// present cut-off: the day has passed, banks are closed on it by now, or it is today and too late. They were approved for
/// that day, and a bank would refuse them or choose a day of its own. Lists of cash go by the calendar alone.
///
/// # Errors
/// `illegal-transition` with the earliest such day, and each file with its own.
pub(super) async fn require_executable(app: &App, txn: &Txn, run: &pay_run::Model) -> Result<(), Error> {
    let ordering = [FileKind::Pain001, FileKind::PaymentTable, FileKind::PostList];
    let files = payment_file::Entity::find()
        .filter(payment_file::Column::PayRunId.eq(run.id))
        .filter(payment_file::Column::Kind.is_in(ordering))
        .order_by_asc(payment_file::Column::Position)
        .all(txn.conn())
        .await?;
    let (calendar, current) = (
        pay_calendar::load(txn.conn()).await?,
        bank_profile::current(txn.conn()).await?,
    );
    let (of_all, now) = (calendar.rules().cut_off(), app.clock.now());
    let late: Vec<(String, NaiveDate, Late)> = files
        .into_iter()
        .filter_map(|file| {
            let day = crate::payment_file::execution_date(&file).or(run.execution_date)?;
            let own = file.bank_code.as_deref();
            let own = own.and_then(|code| current.profiles.of(code).cut_off);
            let cut_off = own.map_or(of_all, CutOff::time);
            let late = why_late(&calendar, cut_off, day, now)?;
            Some((file.name, day, late))
        })
        .collect();
    let Some((_, day, first)) = late.iter().min_by_key(|(_, day, _)| *day) else {
        return Ok(());
    };
    let fields = late.iter().take(20).map(|(name, day, late)| {
        let (vi, en) = late.words(*day);
        FieldError::new(
            format!("/files/{name}"),
            late.code(),
            format!("{name}: {vi}"),
            format!("{name}: {en}"),
        )
    });
    let (vi, en) = first.words(*day);
    Err(Error {
        fields: fields.collect(),
        ..Error::because(
            ProblemCode::IllegalTransition,
            format!("Không chuyển được: {vi}; hãy trả lại đợt chi trả, trình và duyệt lại"),
            format!("{en}: send the run back, submit it and approve it again"),
        )
    })
}
