//! People: who they are, where they live, what is known of them, who receives their money.

use actix_web::{delete, get, post, put};
use service::page::Page;
use service::payment_line::{self, PersonPaymentView};
use service::person::{
    self, AddEvidence, CorrectEvidence, CorrectResidence, CreatePerson, EndEvidence, EvidenceRecord, LeaveProvince,
    ListPersons, Move, PayeeView, PersonSummary, PersonView, ProposePayee, UpdatePerson,
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::answer::{Answer, Answered};
use crate::auth::Caller;
use crate::etag::IfMatch;
use crate::extract::{Body, PageQuery, Path, Query};
use crate::once::Once;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_persons)
        .service(create_person)
        .service(get_person)
        .service(update_person)
        .service(list_evidence)
        .service(add_evidence)
        .service(correct_evidence)
        .service(retract_evidence)
        .service(end_evidence)
        .service(move_person)
        .service(leave_province)
        .service(correct_residence)
        .service(list_person_payments)
        .service(list_payees)
        .service(propose_payee)
        .service(confirm_payee)
        .service(reject_payee);
}

fn changed(view: PersonView) -> Answered {
    Ok(Answer::ok(&view)?.version(view.version))
}

fn added(view: PersonView) -> Answered {
    Ok(Answer::created(format!("/v1/persons/{}", view.id), &view)?.version(view.version))
}

/// People in the caller's areas
#[utoipa::path(tag = "person", params(ListPersons), responses((status = 200, description = "A page", body = Page<PersonSummary>)))]
#[get("/persons")]
async fn list_persons(caller: Caller, query: Query<ListPersons>) -> Answered {
    Answer::page(&caller, &person::list(caller.app(), &caller.actor, query.0).await?)
}

/// Registers a person
#[utoipa::path(tag = "person", params(Once), request_body = CreatePerson,
    responses((status = 201, description = "Registered", body = PersonView)))]
#[post("/persons")]
async fn create_person(once: Once, body: Body<CreatePerson>) -> Answered {
    once.run(async |app, actor| person::create(app, actor, body.0).await, added)
        .await
}

/// One person with residences, evidence and payees
#[utoipa::path(tag = "person", responses((status = 200, description = "The person", body = PersonView)))]
#[get("/persons/{id}")]
async fn get_person(caller: Caller, id: Path<Uuid>) -> Answered {
    changed(person::get(caller.app(), &caller.actor, *id).await?)
}

/// Corrects who a person is
#[utoipa::path(tag = "person", params(IfMatch), request_body = UpdatePerson,
    responses((status = 200, description = "Corrected", body = PersonView)))]
#[put("/persons/{id}")]
async fn update_person(caller: Caller, id: Path<Uuid>, version: IfMatch, body: Body<UpdatePerson>) -> Answered {
    changed(person::update(caller.app(), &caller.actor, *id, version.0, body.0).await?)
}

/// All evidence ever recorded of a person, superseded entries included
#[utoipa::path(tag = "person", responses((status = 200, description = "The history", body = Page<EvidenceRecord>)))]
#[get("/persons/{id}/evidence")]
async fn list_evidence(caller: Caller, id: Path<Uuid>) -> Answered {
    Answer::whole(person::evidence_history(caller.app(), &caller.actor, *id).await?)
}

/// Records evidence
#[utoipa::path(tag = "person", params(Once, IfMatch), request_body = AddEvidence,
    responses((status = 201, description = "Recorded", body = PersonView)))]
#[post("/persons/{id}/evidence")]
async fn add_evidence(once: Once, id: Path<Uuid>, version: IfMatch, body: Body<AddEvidence>) -> Answered {
    once.run(
        async |app, actor| person::add_evidence(app, actor, *id, version.0, body.0).await,
        added,
    )
    .await
}

/// Replaces an entry that was wrong
#[utoipa::path(tag = "person", params(("id" = Uuid, Path), ("evidence_id" = Uuid, Path), IfMatch),
    request_body = CorrectEvidence, responses((status = 200, description = "Corrected", body = PersonView)))]
#[put("/persons/{id}/evidence/{evidence_id}")]
async fn correct_evidence(
    caller: Caller,
    ids: Path<(Uuid, Uuid)>,
    version: IfMatch,
    body: Body<CorrectEvidence>,
) -> Answered {
    let (id, evidence) = *ids;
    changed(person::correct_evidence(caller.app(), &caller.actor, id, evidence, version.0, body.0).await?)
}

/// Takes back an entry that should never have been recorded
#[utoipa::path(tag = "person", params(("id" = Uuid, Path), ("evidence_id" = Uuid, Path), IfMatch),
    responses((status = 200, description = "Taken back", body = PersonView)))]
#[delete("/persons/{id}/evidence/{evidence_id}")]
async fn retract_evidence(caller: Caller, ids: Path<(Uuid, Uuid)>, version: IfMatch) -> Answered {
    let (id, evidence) = *ids;
    changed(person::retract_evidence(caller.app(), &caller.actor, id, evidence, version.0).await?)
}

/// Ends an entry on a day
#[utoipa::path(tag = "person", params(("id" = Uuid, Path), ("evidence_id" = Uuid, Path), Once, IfMatch),
    request_body = EndEvidence, responses((status = 200, description = "Ended", body = PersonView)))]
#[post("/persons/{id}/evidence/{evidence_id}/end")]
async fn end_evidence(once: Once, ids: Path<(Uuid, Uuid)>, version: IfMatch, body: Body<EndEvidence>) -> Answered {
    let (id, evidence) = *ids;
    once.run(
        async |app, actor| person::end_evidence(app, actor, id, evidence, version.0, body.0).await,
        changed,
    )
    .await
}

/// Moves a person to another area or setting
#[utoipa::path(tag = "person", params(Once, IfMatch), request_body = Move,
    responses((status = 201, description = "Moved", body = PersonView)))]
#[post("/persons/{id}/residences")]
async fn move_person(once: Once, id: Path<Uuid>, version: IfMatch, body: Body<Move>) -> Answered {
    once.run(
        async |app, actor| person::move_person(app, actor, *id, version.0, body.0).await,
        added,
    )
    .await
}

/// Ends the residence of a person who leaves the province
#[utoipa::path(tag = "person", params(Once, IfMatch), request_body = LeaveProvince,
    responses((status = 200, description = "Left", body = PersonView)))]
#[post("/persons/{id}/leave")]
async fn leave_province(once: Once, id: Path<Uuid>, version: IfMatch, body: Body<LeaveProvince>) -> Answered {
    once.run(
        async |app, actor| person::leave_province(app, actor, *id, version.0, body.0).await,
        changed,
    )
    .await
}

/// Replaces a residence that was wrong
#[utoipa::path(tag = "person", params(("id" = Uuid, Path), ("residence_id" = Uuid, Path), IfMatch),
    request_body = CorrectResidence, responses((status = 200, description = "Corrected", body = PersonView)))]
#[put("/persons/{id}/residences/{residence_id}")]
async fn correct_residence(
    caller: Caller,
    ids: Path<(Uuid, Uuid)>,
    version: IfMatch,
    body: Body<CorrectResidence>,
) -> Answered {
    let (id, residence) = *ids;
    changed(person::correct_residence(caller.app(), &caller.actor, id, residence, version.0, body.0).await?)
}

/// What was paid for a person, the newest month first, and what became of it
#[utoipa::path(tag = "person", params(PageQuery),
    responses((status = 200, description = "A page", body = Page<PersonPaymentView>)))]
#[get("/persons/{id}/payments")]
async fn list_person_payments(caller: Caller, id: Path<Uuid>, query: Query<PageQuery>) -> Answered {
    let PageQuery { limit, cursor } = query.0;
    let page = payment_line::of_person(caller.app(), &caller.actor, *id, limit, cursor.as_deref()).await?;
    Answer::page(&caller, &page)
}

/// Who receives the person's money, and where
#[utoipa::path(tag = "person", responses((status = 200, description = "The payees", body = Page<PayeeView>)))]
#[get("/persons/{id}/payee-accounts")]
async fn list_payees(caller: Caller, id: Path<Uuid>) -> Answered {
    Answer::whole(person::list_payees(caller.app(), &caller.actor, *id).await?)
}

/// Proposes a payee account; it is used once another person confirms it
#[utoipa::path(tag = "person", params(Once, IfMatch), request_body = ProposePayee,
    responses((status = 201, description = "Proposed", body = PersonView)))]
#[post("/persons/{id}/payee-accounts")]
async fn propose_payee(once: Once, id: Path<Uuid>, version: IfMatch, body: Body<ProposePayee>) -> Answered {
    once.run(
        async |app, actor| person::propose_payee(app, actor, *id, version.0, body.0).await,
        added,
    )
    .await
}

/// Confirms a proposed payee account
#[utoipa::path(tag = "person", params(("id" = Uuid, Path), ("payee_id" = Uuid, Path), Once, IfMatch),
    responses((status = 200, description = "Confirmed", body = PersonView)))]
#[post("/persons/{id}/payee-accounts/{payee_id}/confirm")]
async fn confirm_payee(once: Once, ids: Path<(Uuid, Uuid)>, version: IfMatch) -> Answered {
    let (id, payee) = *ids;
    once.run(
        async |app, actor| person::confirm_payee(app, actor, id, payee, version.0).await,
        changed,
    )
    .await
}

/// Turns down a proposed payee account
#[utoipa::path(tag = "person", params(("id" = Uuid, Path), ("payee_id" = Uuid, Path), Once, IfMatch),
    responses((status = 200, description = "Turned down", body = PersonView)))]
#[post("/persons/{id}/payee-accounts/{payee_id}/reject")]
async fn reject_payee(once: Once, ids: Path<(Uuid, Uuid)>, version: IfMatch) -> Answered {
    let (id, payee) = *ids;
    once.run(
        async |app, actor| person::reject_payee(app, actor, id, payee, version.0).await,
        changed,
    )
    .await
}
