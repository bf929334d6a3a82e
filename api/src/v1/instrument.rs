//! Law as data: instruments from draft to publication.

use actix_web::{HttpResponse, get, post, put};
use serde::Deserialize;
use serde_json::Value;
use service::law::{
    self, Comparison, Correct, Difference, FindingView, Instrument, InstrumentView, Published, SignInstrument,
    SimulationSummary, SimulationView,
};
use service::page::Page;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::answer::{Answer, Answered, SPREADSHEET, attachment};
use crate::auth::Caller;
use crate::etag::IfMatch;
use crate::extract::{Body, OptionalBody, Path, Query, Upload};
use crate::once::Once;
use crate::problem::Problem;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_instruments)
        .service(get_instrument_schema)
        .service(draft_instrument)
        .service(get_instrument)
        .service(edit_instrument)
        .service(check_instrument)
        .service(simulate_instrument)
        .service(get_simulation)
        .service(get_simulation_workbook)
        .service(submit_instrument)
        .service(approve_instrument)
        .service(withdraw_instrument)
        .service(publish_instrument)
        .service(correct_instrument)
        .service(compare_instrument)
        .service(get_instrument_changes)
        .service(attach_instrument_text)
        .service(get_instrument_text)
        .service(list_instrument_findings)
        .service(list_simulations);
}

fn changed(view: InstrumentView) -> Answered {
    // Other instruments repeal it: its version is that of its own text.
    Ok(Answer::ok(&view)?.version_and_rest(view.version))
}

fn added(view: InstrumentView) -> Answered {
    Ok(Answer::created(format!("/v1/instruments/{}", view.id), &view)?.version_and_rest(view.version))
}

/// Instruments by the day they were issued
#[utoipa::path(tag = "instrument", responses((status = 200, description = "All of them", body = Page<InstrumentView>)))]
#[get("/instruments")]
async fn list_instruments(caller: Caller) -> Answered {
    Answer::whole(law::list(caller.app(), &caller.actor).await?)
}

/// Drafts an instrument; the body has the shape of the catalogue's files
#[utoipa::path(tag = "instrument", params(Once), request_body(content = Instrument, example = json!({
    "number": "NQ 99/2030", "title": "Mức chuẩn trợ giúp xã hội mới", "issuer": "provincial",
    "issued_on": "2030-01-10", "in_force_from": "2030-02-01", "provisions": []})),
    responses((status = 201, description = "Drafted", body = InstrumentView)))]
#[post("/instruments")]
async fn draft_instrument(once: Once, body: Body<Value>) -> Answered {
    once.run(async |app, actor| law::draft(app, actor, body.0).await, added)
        .await
}

/// One instrument with its body
#[utoipa::path(tag = "instrument", responses((status = 200, description = "The instrument", body = InstrumentView)))]
#[get("/instruments/{id}")]
async fn get_instrument(caller: Caller, id: Path<Uuid>) -> Answered {
    changed(law::get(caller.app(), &caller.actor, *id).await?)
}

/// Changes a draft: a new revision, unchecked and unsigned
#[utoipa::path(tag = "instrument", params(IfMatch), request_body(content = Instrument, example = json!({
    "number": "NQ 99/2030", "title": "Mức chuẩn trợ giúp xã hội mới", "issuer": "provincial",
    "issued_on": "2030-01-10", "in_force_from": "2030-02-01", "provisions": []})),
    responses((status = 200, description = "Changed", body = InstrumentView)))]
#[put("/instruments/{id}")]
async fn edit_instrument(caller: Caller, id: Path<Uuid>, version: IfMatch, body: Body<Value>) -> Answered {
    changed(law::edit(caller.app(), &caller.actor, *id, version.0, body.0).await?)
}

/// Looks for faults: types, unknown words, gaps, overlaps, contradictions, its own cases, other open drafts
#[utoipa::path(tag = "instrument", params(Once), responses((status = 200, description = "What was found", body = Page<FindingView>)))]
#[post("/instruments/{id}/check")]
async fn check_instrument(once: Once, id: Path<Uuid>) -> Answered {
    once.run(async |app, actor| law::check(app, actor, *id).await, Answer::whole)
        .await
}

/// Of whom.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SimulatedPeople {
    /// One person of so many, 2 to 1000, for a first look; everybody if left out. A sample stands behind no signature.
    #[param(example = 10)]
    sample: Option<i64>,
}

/// Starts the simulation of a checked draft on everybody in the registry, or on a sample
#[utoipa::path(tag = "instrument", params(Once, SimulatedPeople),
    responses((status = 202, description = "Begun; read `Location` until it is done", body = SimulationView)))]
#[post("/instruments/{id}/simulate")]
async fn simulate_instrument(once: Once, id: Path<Uuid>, query: Query<SimulatedPeople>) -> Answered {
    let sample = query.0.sample;
    once.run(
        async |app, actor| law::simulate(app, actor, *id, sample).await,
        |view| {
            let own = format!(
                "/v1/instruments/{}/simulation?id={}",
                view.instrument_id, view.summary.id
            );
            Answer::accepted(own, &view)
        },
    )
    .await
}

/// Which simulation.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct WhichSimulation {
    /// Its id, whatever its kind and state; if left out, the newest of everybody that is done, which is the one to sign.
    id: Option<Uuid>,
}

/// A simulation: who gains, loses, enters, leaves, what it costs, what the check found, and who signed it
#[utoipa::path(tag = "instrument", params(WhichSimulation),
    responses((status = 200, description = "The simulation", body = SimulationView)))]
#[get("/instruments/{id}/simulation")]
async fn get_simulation(caller: Caller, id: Path<Uuid>, query: Query<WhichSimulation>) -> Answered {
    Answer::ok(&law::simulation(caller.app(), &caller.actor, *id, query.0.id).await?)
}

/// A simulation as a workbook
#[utoipa::path(tag = "instrument", params(WhichSimulation), responses((status = 200, description = "XLSX", body = Vec<u8>,
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", example = json!("<binary>"))))]
#[get("/instruments/{id}/simulation.xlsx")]
async fn get_simulation_workbook(
    caller: Caller,
    id: Path<Uuid>,
    query: Query<WhichSimulation>,
) -> Result<HttpResponse, Problem> {
    let bytes = law::workbook(caller.app(), &caller.actor, *id, query.0.id).await?;
    Ok(attachment("simulation.xlsx", SPREADSHEET, bytes))
}

/// Every simulation of an instrument, the newest first, samples and failed ones too
#[utoipa::path(tag = "instrument",
    responses((status = 200, description = "All of them", body = Page<SimulationSummary>)))]
#[get("/instruments/{id}/simulations")]
async fn list_simulations(caller: Caller, id: Path<Uuid>) -> Answered {
    Answer::whole(law::simulations(caller.app(), &caller.actor, *id).await?)
}

/// What the check finds in a draft now, against the law in force: its warnings are for the approver
///
/// What is published or withdrawn is checked no more; what its signers read stands in its simulation.
#[utoipa::path(tag = "instrument",
    responses((status = 200, description = "What was found", body = Page<FindingView>)))]
#[get("/instruments/{id}/findings")]
async fn list_instrument_findings(caller: Caller, id: Path<Uuid>) -> Answered {
    Answer::whole(law::list_findings(caller.app(), &caller.actor, *id).await?)
}

/// Submits a simulated draft: whoever submits it signs the body and the simulation read
///
/// A newer simulation that says something else has to be read first. Without a body the newest one of everybody is signed,
/// whatever it says: name the one that was read.
#[utoipa::path(tag = "instrument", params(Once, IfMatch), request_body(content = Option<SignInstrument>, example = json!({
    "simulation": "0192f3a0-7c1d-7e55-8b1a-3d0c2b1a0f9e"})),
    responses((status = 200, description = "Submitted", body = InstrumentView)))]
#[post("/instruments/{id}/submit")]
async fn submit_instrument(
    once: Once,
    id: Path<Uuid>,
    version: IfMatch,
    read: OptionalBody<SignInstrument>,
) -> Answered {
    once.run(
        async |app, actor| law::submit(app, actor, *id, version.0, read.0).await,
        changed,
    )
    .await
}

/// Approves a submitted instrument: a second person, who drafted none of it, signs the body and the simulation read
#[utoipa::path(tag = "instrument", params(Once, IfMatch), request_body(content = SignInstrument, example = json!({
    "simulation": "0192f3a0-7c1d-7e55-8b1a-3d0c2b1a0f9e"})),
    responses((status = 200, description = "Approved", body = InstrumentView)))]
#[post("/instruments/{id}/approve")]
async fn approve_instrument(once: Once, id: Path<Uuid>, version: IfMatch, read: Body<SignInstrument>) -> Answered {
    once.run(
        async |app, actor| law::approve(app, actor, *id, version.0, read.0).await,
        changed,
    )
    .await
}

/// Withdraws an instrument that is not published
#[utoipa::path(tag = "instrument", params(Once, IfMatch),
    responses((status = 200, description = "Withdrawn", body = InstrumentView)))]
#[post("/instruments/{id}/withdraw")]
async fn withdraw_instrument(once: Once, id: Path<Uuid>, version: IfMatch) -> Answered {
    once.run(
        async |app, actor| law::withdraw(app, actor, *id, version.0).await,
        changed,
    )
    .await
}

/// Publishes an approved instrument: a new release, and everybody concerned is reassessed
#[utoipa::path(tag = "instrument", params(Once, IfMatch), request_body(content = SignInstrument, example = json!({
    "simulation": "0192f3a0-7c1d-7e55-8b1a-3d0c2b1a0f9e"})),
    responses((status = 202, description = "Published; `Location` tells of the reassessment", body = Published)))]
#[post("/instruments/{id}/publish")]
async fn publish_instrument(once: Once, id: Path<Uuid>, version: IfMatch, read: Body<SignInstrument>) -> Answered {
    once.run(
        async |app, actor| law::publish(app, actor, *id, version.0, read.0).await,
        |published| Answer::accepted(format!("/v1/job-runs/{}", published.job_run), &published),
    )
    .await
}

/// The JSON Schema of an instrument: of the catalogue's files and of what is sent here
#[utoipa::path(tag = "instrument", responses((status = 200, description = "JSON Schema 2020-12", body = Object,
    content_type = "application/schema+json",
    example = json!({"$schema": "https://json-schema.org/draft/2020-12/schema", "$ref": "#/$defs/Instrument"}))))]
#[get("/instruments/schema")]
async fn get_instrument_schema(_caller: Caller) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/schema+json")
        .body(law::schema_text())
}

/// Drafts the correction of an error in what was published, the catalogue included
///
/// It goes the way of every draft. From its release on it stands in the place of the instrument it corrects; earlier
/// releases keep what they said.
#[utoipa::path(tag = "instrument", params(Once), request_body(content = Correct, example = json!({
    "reason": "Mức chuẩn bị nhập nhầm; đối chiếu với toàn văn", "body": {
    "number": "NQ 99/2030", "cite": "NQ 99/2030", "title": "Mức chuẩn trợ giúp xã hội mới", "issuer": "provincial",
    "issued_on": "2030-01-10", "in_force_from": "2030-02-01", "provisions": []}})),
    responses((status = 201, description = "Drafted", body = InstrumentView)))]
#[post("/instruments/{id}/corrections")]
async fn correct_instrument(once: Once, id: Path<Uuid>, body: Body<Correct>) -> Answered {
    once.run(async |app, actor| law::correct(app, actor, *id, body.0).await, added)
        .await
}

/// With what an instrument is compared.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CompareWith {
    /// Another instrument; this one itself if left out.
    with: Option<Uuid>,
    /// The revision of it; the newest of another, the one before of this one if left out.
    #[param(example = 1)]
    revision: Option<i64>,
}

/// What an instrument says otherwise than another, or than an earlier revision of itself, clause by clause
#[utoipa::path(tag = "instrument", params(CompareWith), responses((status = 200, description = "Side by side", body = Comparison)))]
#[get("/instruments/{id}/compare")]
async fn compare_instrument(caller: Caller, id: Path<Uuid>, query: Query<CompareWith>) -> Answered {
    let CompareWith { with, revision } = query.0;
    Answer::ok(&law::compare_versions(caller.app(), &caller.actor, *id, with, revision).await?)
}

/// What a draft would change in the law in force: values and rules, month by month
#[utoipa::path(tag = "instrument", responses((status = 200, description = "The changes", body = Difference)))]
#[get("/instruments/{id}/changes")]
async fn get_instrument_changes(caller: Caller, id: Path<Uuid>) -> Answered {
    Answer::ok(&law::changes(caller.app(), &caller.actor, *id).await?)
}

/// Attaches the official text, a PDF as the raw body, stored once by its SHA-256
///
/// A draft then names the hash, which is a new revision. A published instrument takes its text once.
#[utoipa::path(tag = "instrument", params(IfMatch),
    request_body(content = Vec<u8>, content_type = "application/pdf", example = json!("%PDF-1.7")),
    responses((status = 200, description = "Attached", body = InstrumentView)))]
#[put("/instruments/{id}/text")]
async fn attach_instrument_text(caller: Caller, id: Path<Uuid>, version: IfMatch, upload: Upload) -> Answered {
    changed(law::attach_text(caller.app(), &caller.actor, *id, version.0, upload.0).await?)
}

/// The official text
#[utoipa::path(tag = "instrument", responses((status = 200, description = "PDF", body = Vec<u8>,
    content_type = "application/pdf", example = json!("<binary>"))))]
#[get("/instruments/{id}/text")]
async fn get_instrument_text(caller: Caller, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    let (sha256, bytes) = law::text(caller.app(), &caller.actor, *id).await?;
    Ok(attachment(&format!("{sha256}.pdf"), "application/pdf", bytes))
}
