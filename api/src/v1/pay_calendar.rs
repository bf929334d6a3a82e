//! The calendar of payments.

use actix_web::{get, post};
use chrono::NaiveDate;
use serde::Deserialize;
use service::pay_calendar::{self, PayCalendarView, ProposeDay};
use service::treasury_proposal::TreasuryProposalView;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::answer::{Answer, Answered};
use crate::auth::Caller;
use crate::extract::{Body, Path, Query};
use crate::once::Once;
use crate::v1::treasury_proposal;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_pay_calendar).service(propose_pay_calendar_day);
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

/// Proposes what a day is: a holiday, a working day, months that are paid on it early, earlier fiscal years closed
///
/// The first of two people. The calendar stays as it is until another person accepts it at `/v1/treasury-proposals`. Of a
/// day one thing is decided: to make something else of it, name in `gives_up` what it is no longer; otherwise it is refused.
#[utoipa::path(tag = "pay_calendar", params(Once), request_body = ProposeDay,
    responses((status = 201, description = "Proposed", body = TreasuryProposalView)))]
#[post("/pay-calendar/days/{date}/propose")]
async fn propose_pay_calendar_day(once: Once, date: Path<NaiveDate>, body: Body<ProposeDay>) -> Answered {
    once.run(
        async |app, actor| pay_calendar::propose(app, actor, *date, body.0).await,
        treasury_proposal::made,
    )
    .await
}
