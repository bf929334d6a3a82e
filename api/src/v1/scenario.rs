//! Drafts of law side by side.

use actix_web::{HttpResponse, get};
use serde::Deserialize;
use service::law::{self, Scenarios};
use service::{Error, ProblemCode};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::answer::{Answer, Answered, SPREADSHEET, attachment};
use crate::auth::Caller;
use crate::extract::Query;
use crate::problem::Problem;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(compare_scenarios).service(get_scenario_workbook);
}

/// Which drafts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Drafts {
    /// Ids of 2 to 6 simulated drafts, separated by commas.
    #[param(example = "0192f3a0-7c1d-7e55-8b1a-3d0c2b1a0f9e,0192f3a0-7c1d-7e55-8b1a-3d0c2b1a0f9f")]
    instruments: String,
}

impl Drafts {
    fn ids(&self) -> Result<Vec<Uuid>, Problem> {
        let read = |text: &str| Uuid::try_parse(text.trim()).ok();
        let ids: Option<Vec<Uuid>> = self.instruments.split(',').map(read).collect();
        ids.ok_or_else(|| {
            let (vi, en) = (
                "instruments: cần các UUID cách nhau bằng dấu phẩy",
                "instruments: UUIDs separated by commas",
            );
            Problem(Error::because(ProblemCode::InvalidRequest, vi, en))
        })
    }
}

/// The newest simulations of several drafts side by side: people, money by month, area and group, the fund
#[utoipa::path(tag = "instrument", params(Drafts), responses((status = 200, description = "Side by side", body = Scenarios)))]
#[get("/scenarios")]
async fn compare_scenarios(caller: Caller, query: Query<Drafts>) -> Answered {
    Answer::ok(&law::scenarios(caller.app(), &caller.actor, &query.0.ids()?).await?)
}

/// The same as a workbook with charts
#[utoipa::path(tag = "instrument", params(Drafts), responses((status = 200, description = "XLSX", body = Vec<u8>,
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", example = json!("<binary>"))))]
#[get("/scenarios.xlsx")]
async fn get_scenario_workbook(caller: Caller, query: Query<Drafts>) -> Result<HttpResponse, Problem> {
    let bytes = law::scenario_workbook(caller.app(), &caller.actor, &query.0.ids()?).await?;
    Ok(attachment("scenarios.xlsx", SPREADSHEET, bytes))
}
