//! Overpayments: what was paid too much, and the road on which a part of it may be paid back.

use actix_web::{HttpResponse, get, post};
use service::overpayment::{
    self, CaseSummary, CaseView, Classify, CloseCase, FileAppeal, Hear, ListOverpayments, Months, Plan,
    RecordRepayment, ResolveAppeal, ServeDecision, ServeNotice,
};
use service::page::Page;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::answer::{Answer, Answered, PDF, attachment};
use crate::auth::Caller;
use crate::etag::IfMatch;
use crate::extract::{Body, Path, Query};
use crate::once::Once;
use crate::problem::Problem;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_overpayments)
        .service(get_overpayment)
        .service(print_overpayment_notice)
        .service(print_overpayment_decision)
        .service(classify_overpayment)
        .service(serve_overpayment_notice)
        .service(hear_overpayment)
        .service(propose_overpayment)
        .service(decide_overpayment)
        .service(serve_overpayment_decision)
        .service(appeal_overpayment)
        .service(resolve_overpayment_appeal)
        .service(make_overpayment_enforceable)
        .service(plan_overpayment)
        .service(record_overpayment_repayment)
        .service(settle_overpayment)
        .service(waive_overpayment)
        .service(write_off_overpayment);
}

fn changed(view: CaseView) -> Answered {
    // What runs keep back for it, and what the caller may do now, changes beside it: its version is that of its steps.
    Ok(Answer::ok(&view)?.version_and_rest(view.summary.version))
}

/// Overpayments of people in the caller's areas
#[utoipa::path(tag = "overpayment", params(ListOverpayments), responses((status = 200, description = "A page", body = Page<CaseSummary>)))]
#[get("/overpayments")]
async fn list_overpayments(caller: Caller, query: Query<ListOverpayments>) -> Answered {
    Answer::page(&caller, &overpayment::list(caller.app(), &caller.actor, query.0).await?)
}

/// One overpayment with its months, decision, plan, history, and what the caller may do
#[utoipa::path(tag = "overpayment", responses((status = 200, description = "The case", body = CaseView)))]
#[get("/overpayments/{id}")]
async fn get_overpayment(caller: Caller, id: Path<Uuid>) -> Answered {
    changed(overpayment::get(caller.app(), &caller.actor, *id).await?)
}

/// The notice to be printed and served: months, cause, the right to be heard; once the cause is classified
///
/// The same bytes each time. What was served is printed again as it was, whatever was found or published since, with the
/// last day to answer.
#[utoipa::path(tag = "overpayment", responses((status = 200, description = "PDF", body = Vec<u8>,
    content_type = "application/pdf", example = json!("<binary>"))))]
#[get("/overpayments/{id}/notice.pdf")]
async fn print_overpayment_notice(caller: Caller, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    let bytes = overpayment::print_notice(caller.app(), &caller.actor, *id).await?;
    Ok(attachment("notice.pdf", PDF, bytes))
}

/// The decision to be printed and served: each month with its reason, limits, the right of appeal; once it is decided
///
/// The same bytes each time: it stays as it was signed. Its delivery and the plan of instalments in force are added.
#[utoipa::path(tag = "overpayment", responses((status = 200, description = "PDF", body = Vec<u8>,
    content_type = "application/pdf", example = json!("<binary>"))))]
#[get("/overpayments/{id}/decision.pdf")]
async fn print_overpayment_decision(caller: Caller, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    let bytes = overpayment::print_decision(caller.app(), &caller.actor, *id).await?;
    Ok(attachment("decision.pdf", PDF, bytes))
}

/// Classifies the cause; what is not recoverable, too small or too old closes at once
#[utoipa::path(tag = "overpayment", params(Once, IfMatch), request_body = Classify,
    responses((status = 200, description = "Classified", body = CaseView)))]
#[post("/overpayments/{id}/classify")]
async fn classify_overpayment(once: Once, id: Path<Uuid>, version: IfMatch, body: Body<Classify>) -> Answered {
    once.run(
        async |app, actor| overpayment::classify(app, actor, *id, version.0, body.0).await,
        changed,
    )
    .await
}

/// Records the delivery of the notice; the time to answer runs from it
#[utoipa::path(tag = "overpayment", params(Once, IfMatch), request_body = ServeNotice,
    responses((status = 200, description = "Recorded", body = CaseView)))]
#[post("/overpayments/{id}/serve-notice")]
async fn serve_overpayment_notice(once: Once, id: Path<Uuid>, version: IfMatch, body: Body<ServeNotice>) -> Answered {
    once.run(
        async |app, actor| overpayment::serve_notice(app, actor, *id, version.0, body.0).await,
        changed,
    )
    .await
}

/// Records what the person said, or that nothing was said in time
#[utoipa::path(tag = "overpayment", params(Once, IfMatch), request_body = Hear,
    responses((status = 200, description = "Recorded", body = CaseView)))]
#[post("/overpayments/{id}/hear")]
async fn hear_overpayment(once: Once, id: Path<Uuid>, version: IfMatch, body: Body<Hear>) -> Answered {
    once.run(
        async |app, actor| overpayment::hear(app, actor, *id, version.0, body.0).await,
        changed,
    )
    .await
}

/// Proposes how much of each month is to be paid back, signed by the proposer
#[utoipa::path(tag = "overpayment", params(Once, IfMatch), request_body = Months,
    responses((status = 200, description = "Proposed", body = CaseView)))]
#[post("/overpayments/{id}/propose")]
async fn propose_overpayment(once: Once, id: Path<Uuid>, version: IfMatch, body: Body<Months>) -> Answered {
    once.run(
        async |app, actor| overpayment::propose(app, actor, *id, version.0, body.0).await,
        changed,
    )
    .await
}

/// Decides how much of each month is to be paid back: a second person
#[utoipa::path(tag = "overpayment", params(Once, IfMatch), request_body = Months,
    responses((status = 200, description = "Decided", body = CaseView)))]
#[post("/overpayments/{id}/decide")]
async fn decide_overpayment(once: Once, id: Path<Uuid>, version: IfMatch, body: Body<Months>) -> Answered {
    once.run(
        async |app, actor| overpayment::decide(app, actor, *id, version.0, body.0).await,
        changed,
    )
    .await
}

/// Records the delivery of the decision; the appeal window runs from it
#[utoipa::path(tag = "overpayment", params(Once, IfMatch), request_body = ServeDecision,
    responses((status = 200, description = "Recorded", body = CaseView)))]
#[post("/overpayments/{id}/serve-decision")]
async fn serve_overpayment_decision(
    once: Once,
    id: Path<Uuid>,
    version: IfMatch,
    body: Body<ServeDecision>,
) -> Answered {
    once.run(
        async |app, actor| overpayment::serve_decision(app, actor, *id, version.0, body.0).await,
        changed,
    )
    .await
}

/// Files an appeal, which suspends everything
#[utoipa::path(tag = "overpayment", params(Once, IfMatch), request_body = FileAppeal,
    responses((status = 200, description = "Filed", body = CaseView)))]
#[post("/overpayments/{id}/appeal")]
async fn appeal_overpayment(once: Once, id: Path<Uuid>, version: IfMatch, body: Body<FileAppeal>) -> Answered {
    once.run(
        async |app, actor| overpayment::appeal(app, actor, *id, version.0, body.0).await,
        changed,
    )
    .await
}

/// Resolves the appeal: somebody who neither proposed nor decided
#[utoipa::path(tag = "overpayment", params(Once, IfMatch), request_body = ResolveAppeal,
    responses((status = 200, description = "Resolved", body = CaseView)))]
#[post("/overpayments/{id}/resolve-appeal")]
async fn resolve_overpayment_appeal(
    once: Once,
    id: Path<Uuid>,
    version: IfMatch,
    body: Body<ResolveAppeal>,
) -> Answered {
    once.run(
        async |app, actor| overpayment::resolve_appeal(app, actor, *id, version.0, body.0).await,
        changed,
    )
    .await
}

/// Makes the decision enforceable, after the appeal window
#[utoipa::path(tag = "overpayment", params(Once, IfMatch),
    responses((status = 200, description = "Enforceable", body = CaseView)))]
#[post("/overpayments/{id}/make-enforceable")]
async fn make_overpayment_enforceable(once: Once, id: Path<Uuid>, version: IfMatch) -> Answered {
    once.run(
        async |app, actor| overpayment::make_enforceable(app, actor, *id, version.0).await,
        changed,
    )
    .await
}

/// Plans instalments within the cap and the protected minimum of the law
#[utoipa::path(tag = "overpayment", params(Once, IfMatch), request_body = Plan,
    responses((status = 200, description = "Planned", body = CaseView)))]
#[post("/overpayments/{id}/plan")]
async fn plan_overpayment(once: Once, id: Path<Uuid>, version: IfMatch, body: Body<Plan>) -> Answered {
    once.run(
        async |app, actor| overpayment::plan(app, actor, *id, version.0, body.0).await,
        changed,
    )
    .await
}

/// Records money that was paid back
#[utoipa::path(tag = "overpayment", params(Once, IfMatch), request_body = RecordRepayment,
    responses((status = 200, description = "Recorded", body = CaseView)))]
#[post("/overpayments/{id}/record-repayment")]
async fn record_overpayment_repayment(
    once: Once,
    id: Path<Uuid>,
    version: IfMatch,
    body: Body<RecordRepayment>,
) -> Answered {
    once.run(
        async |app, actor| overpayment::record_repayment(app, actor, *id, version.0, body.0).await,
        changed,
    )
    .await
}

/// Closes a case of which everything is paid back
#[utoipa::path(tag = "overpayment", params(Once, IfMatch),
    responses((status = 200, description = "Settled", body = CaseView)))]
#[post("/overpayments/{id}/settle")]
async fn settle_overpayment(once: Once, id: Path<Uuid>, version: IfMatch) -> Answered {
    once.run(
        async |app, actor| overpayment::settle(app, actor, *id, version.0).await,
        changed,
    )
    .await
}

/// Forgives what is left
#[utoipa::path(tag = "overpayment", params(Once, IfMatch), request_body = CloseCase,
    responses((status = 200, description = "Waived", body = CaseView)))]
#[post("/overpayments/{id}/waive")]
async fn waive_overpayment(once: Once, id: Path<Uuid>, version: IfMatch, body: Body<CloseCase>) -> Answered {
    once.run(
        async |app, actor| overpayment::waive(app, actor, *id, version.0, body.0).await,
        changed,
    )
    .await
}

/// Writes off what can't be had
#[utoipa::path(tag = "overpayment", params(Once, IfMatch), request_body = CloseCase,
    responses((status = 200, description = "Written off", body = CaseView)))]
#[post("/overpayments/{id}/write-off")]
async fn write_off_overpayment(once: Once, id: Path<Uuid>, version: IfMatch, body: Body<CloseCase>) -> Answered {
    once.run(
        async |app, actor| overpayment::write_off(app, actor, *id, version.0, body.0).await,
        changed,
    )
    .await
}
