//! Legal releases and what they say.

use actix_web::get;
use chrono::NaiveDate;
use serde::Deserialize;
use service::law::{self, Difference, ParameterView, ReleaseView};
use service::page::Page;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::answer::{Answer, Answered};
use crate::auth::Caller;
use crate::extract::{Path, Query};

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_releases)
        .service(get_release_difference)
        .service(list_parameters);
}

/// Every release, the newest first
#[utoipa::path(tag = "release", responses((status = 200, description = "All of them", body = Page<ReleaseView>)))]
#[get("/releases")]
async fn list_releases(caller: Caller) -> Answered {
    Answer::whole(law::releases(caller.app(), &caller.actor).await?)
}

/// Against which release.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DifferenceFrom {
    /// The release; the one before if left out.
    #[param(example = 11)]
    from: Option<i32>,
}

/// What a release changes against another: by clause, and in values and rules in force
#[utoipa::path(tag = "release", params(DifferenceFrom), responses((status = 200, description = "The changes", body = Difference)))]
#[get("/releases/{number}/diff")]
async fn get_release_difference(caller: Caller, number: Path<i32>, query: Query<DifferenceFrom>) -> Answered {
    Answer::ok(&law::release_difference(caller.app(), &caller.actor, *number, query.0.from).await?)
}

/// Which parameters.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListParameters {
    /// The day; today if left out.
    #[param(example = "2024-10-01")]
    on: Option<NaiveDate>,
    /// The release; the newest if left out.
    release: Option<i32>,
}

/// Every parameter in force on a day, with the provision that sets it
#[utoipa::path(tag = "parameter", params(ListParameters), responses((status = 200, description = "All of them", body = Page<ParameterView>)))]
#[get("/parameters")]
async fn list_parameters(caller: Caller, query: Query<ListParameters>) -> Answered {
    let ListParameters { on, release } = query.0;
    let on = on.unwrap_or_else(|| caller.app().clock.today());
    Answer::whole(law::parameters(caller.app(), &caller.actor, on, release).await?)
}
