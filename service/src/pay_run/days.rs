//! The days of a run: which one may be asked for, and what is refused once it has passed.

use chrono::{Days, NaiveDate};
use domain::calendar::Rules;
use entity::enums::FileKind;
use entity::{pay_run, payment_file};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::app::App;
use crate::db::Txn;
use crate::error::{Error, FieldError, ProblemCode};

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
            format!("Ngày chi {pay_date} đã qua; hôm nay là {today}"),
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
            format!("Ngày chi {pay_date} quá xa; muộn nhất là {last}"),
            format!("the pay date {pay_date} is too far away; the last one is {last}"),
        ));
    }
    Ok(())
}

/// Refuses to let files go that ask banks to execute on a day that has passed: they were approved for that day, and a bank
/// would refuse them or choose a day of its own.
///
/// # Errors
/// `illegal-transition` with the earliest such day, and each file with its own.
pub(super) async fn require_not_past(app: &App, txn: &Txn, run: &pay_run::Model) -> Result<(), Error> {
    let today = app.clock.today();
    let ordering = [FileKind::Pain001, FileKind::PaymentTable, FileKind::PostList];
    let files = payment_file::Entity::find()
        .filter(payment_file::Column::PayRunId.eq(run.id))
        .filter(payment_file::Column::Kind.is_in(ordering))
        .order_by_asc(payment_file::Column::Position)
        .all(txn.conn())
        .await?;
    let late: Vec<(String, NaiveDate)> = files
        .into_iter()
        .filter_map(|file| {
            let day = crate::payment_file::execution_date(&file).or(run.execution_date)?;
            (day < today).then_some((file.name, day))
        })
        .collect();
    let Some(first) = late.iter().map(|(_, day)| *day).min() else {
        return Ok(());
    };
    let fields = late.iter().take(20).map(|(name, day)| {
        FieldError::new(
            format!("/files/{name}"),
            "execution_date_past",
            format!("{name}: ngày thực hiện {day} đã qua"),
            format!("{name}: the execution date {day} has passed"),
        )
    });
    Err(Error {
        fields: fields.collect(),
        ..Error::because(
            ProblemCode::IllegalTransition,
            format!("Ngày thực hiện {first} đã qua; hãy trả lại đợt chi trả, trình và duyệt lại"),
            format!("the execution date {first} has passed: send the run back, submit it and approve it again"),
        )
    })
}
