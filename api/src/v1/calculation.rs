//! The calculator.

use actix_web::post;
use domain::Month;
use serde::Deserialize;
use serde_json::Value;
use service::calculation::{self, Calculate};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::answer::{Answer, Answered};
use crate::auth::Caller;
use crate::extract::{Query, SmallBody};
use crate::language::Language;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(calculate);
}

/// Which months, and under which release.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Window {
    /// First month; January of this year if left out.
    #[param(value_type = Option<String>, example = "2024-01")]
    from: Option<Month>,
    /// Last month; December of this year if left out.
    #[param(value_type = Option<String>, example = "2024-12")]
    to: Option<Month>,
    /// The release that counts; the newest if left out.
    release: Option<i32>,
    /// A draft instead of a release: what would fall due if it were published now. For those who may read law.
    instrument: Option<Uuid>,
    /// Whether to tell how each amount came about: `trace` as `ansinh calculate --explain` gives it, and `explanation`,
    /// the same in plain words, in the language of `Accept-Language`.
    #[param(example = false)]
    explain: Option<bool>,
}

/// The most bytes of a case file: a life has a few kilobytes, and whoever sends one needs no credential.
const CASE_FILE_MAX: usize = 256 * 1024;

type CaseFileBody = SmallBody<Value, CASE_FILE_MAX>;

/// What falls due to a person, month by month; nothing is stored
///
/// The body is a case file of 256 KiB at most: residences, evidence and claims. The same as `ansinh calculate`. It opens
/// without a credential too, so many times a minute for each address. With `explain=true` each amount is explained, down
/// to the fact, the value of law and the provision; a draft instrument as well as a release.
#[utoipa::path(tag = "calculation", params(Window), request_body(content = Object, example = json!({
    "id": "a1", "jurisdiction": "22", "birth_date": "1990-05-01", "sex": "female", "death_date": null,
    "residences": [{"area": "06652", "from": "2018-01-01", "to": null, "setting": "community"}],
    "evidence": [{"kind": "disability", "value": "severe", "from": "2022-03-20", "to": null}],
    "claims": [{"benefit": "monthly_allowance", "filed_on": "2022-03-25", "decided_on": "2022-06-05"}]})),
    responses((status = 200, description = "Months with money, and months that the law leaves open", body = Object, example = json!({
    "id": "a1", "months": [{"month": "2022-07", "total": 675_000, "components": [{
        "benefit": "monthly_allowance", "group": "5.6", "amount": 675_000, "kind": "regular", "for_month": "2022-07",
        "provision": "NĐ 20/2021 Art 6(1)(e)"}]}], "undetermined": []}))))]
#[post("/calculations")]
async fn calculate(caller: Caller, query: Query<Window>, body: CaseFileBody) -> Answered {
    let Window {
        from,
        to,
        release,
        instrument,
        explain,
    } = query.0;
    let command = Calculate {
        case_file: body.0,
        from,
        to,
        release,
        instrument,
        explain: explain.unwrap_or(false).then_some(match caller.language() {
            Language::Vietnamese => domain::case_file::Language::Vietnamese,
            Language::English => domain::case_file::Language::English,
        }),
    };
    Answer::ok(&calculation::calculate(caller.app(), &caller.actor, command).await?)
}
