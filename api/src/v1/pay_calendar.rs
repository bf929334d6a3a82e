//! The calendar of payments.

use actix_web::{get, put};
use chrono::NaiveDate;
use serde::Deserialize;
use service::pay_calendar::{self, DayView, DecideDay, PayCalendarView};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::answer::{Answer, Answered};
use crate::auth::Caller;
use crate::extract::{Body, Path, Query};

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_pay_calendar).service(decide_pay_calendar_day);
}

/// Which year.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OfYear {
    /// The year; the present one if left out.
    #[param(example = 2024)]
    year: Option<i32>,
}

/// The months of a year with their dates, its holidays and undecided days with their sources
#[utoipa::path(tag = "pay_calendar", params(OfYear), responses((status = 200, description = "The year", body = PayCalendarView)))]
#[get("/pay-calendar")]
async fn get_pay_calendar(caller: Caller, query: Query<OfYear>) -> Answered {
    Answer::ok(&pay_calendar::year(caller.app(), &caller.actor, query.0.year).await?)
}

/// Records what the province decided of a day: a holiday, a working day, or months that are paid on it early
#[utoipa::path(tag = "pay_calendar", request_body = DecideDay, responses((status = 200, description = "The day", body = DayView)))]
#[put("/pay-calendar/days/{date}")]
async fn decide_pay_calendar_day(caller: Caller, date: Path<NaiveDate>, body: Body<DecideDay>) -> Answered {
    Answer::ok(&pay_calendar::decide(caller.app(), &caller.actor, *date, body.0).await?)
}
