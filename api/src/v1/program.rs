//! Programs of assistance and who is enrolled.

use actix_web::{get, post};
use service::page::Page;
use service::program::{
    self, CreateProgram, EnrollmentView, ListEnrollments, ListPrograms, ProgramView, SetProgramFund, StatisticsView,
};
use service::treasury_proposal::TreasuryProposalView;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::answer::{Answer, Answered};
use crate::auth::Caller;
use crate::etag::IfMatch;
use crate::extract::{Body, Path, Query};
use crate::once::Once;
use crate::v1::treasury_proposal;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_programs)
        .service(create_program)
        .service(get_program)
        .service(activate_program)
        .service(close_program)
        .service(propose_program_fund)
        .service(list_enrollments)
        .service(get_program_statistics);
}

fn changed(view: ProgramView) -> Answered {
    Ok(Answer::ok(&view)?.version(view.version))
}

/// Programs: kind, legal basis, benefit, period, responsible unit, fund, status
#[utoipa::path(tag = "program", params(ListPrograms), responses((status = 200, description = "A page", body = Page<ProgramView>)))]
#[get("/programs")]
async fn list_programs(caller: Caller, query: Query<ListPrograms>) -> Answered {
    Answer::page(&caller, &program::list(caller.app(), &caller.actor, query.0).await?)
}

/// Drafts a program
#[utoipa::path(tag = "program", params(Once), request_body = CreateProgram,
    responses((status = 201, description = "Drafted", body = ProgramView)))]
#[post("/programs")]
async fn create_program(once: Once, body: Body<CreateProgram>) -> Answered {
    once.run(
        async |app, actor| program::create(app, actor, body.0).await,
        |view| Ok(Answer::created(format!("/v1/programs/{}", view.id), &view)?.version(view.version)),
    )
    .await
}

/// One program
#[utoipa::path(tag = "program", responses((status = 200, description = "The program", body = ProgramView)))]
#[get("/programs/{id}")]
async fn get_program(caller: Caller, id: Path<Uuid>) -> Answered {
    changed(program::get(caller.app(), &caller.actor, *id).await?)
}

/// Opens a drafted program
#[utoipa::path(tag = "program", params(Once, IfMatch), responses((status = 200, description = "Open", body = ProgramView)))]
#[post("/programs/{id}/activate")]
async fn activate_program(once: Once, id: Path<Uuid>, version: IfMatch) -> Answered {
    once.run(
        async |app, actor| program::activate(app, actor, *id, version.0).await,
        changed,
    )
    .await
}

/// Closes a program
#[utoipa::path(tag = "program", params(Once, IfMatch), responses((status = 200, description = "Closed", body = ProgramView)))]
#[post("/programs/{id}/close")]
async fn close_program(once: Once, id: Path<Uuid>, version: IfMatch) -> Answered {
    once.run(
        async |app, actor| program::close(app, actor, *id, version.0).await,
        changed,
    )
    .await
}

/// Proposes to pay a program from another fund: the first of two people
///
/// It goes over between two months, when another person accepts it at `/v1/treasury-proposals`.
#[utoipa::path(tag = "program", params(Once, IfMatch), request_body = SetProgramFund,
    responses((status = 201, description = "Proposed", body = TreasuryProposalView)))]
#[post("/programs/{id}/fund/propose")]
async fn propose_program_fund(once: Once, id: Path<Uuid>, version: IfMatch, body: Body<SetProgramFund>) -> Answered {
    once.run(
        async |app, actor| program::propose_fund(app, actor, *id, version.0, body.0).await,
        treasury_proposal::made,
    )
    .await
}

/// Who is enrolled in a program, in the caller's areas
#[utoipa::path(tag = "program", params(ListEnrollments), responses((status = 200, description = "A page", body = Page<EnrollmentView>)))]
#[get("/programs/{id}/enrollments")]
async fn list_enrollments(caller: Caller, id: Path<Uuid>, query: Query<ListEnrollments>) -> Answered {
    Answer::page(
        &caller,
        &program::list_enrollments(caller.app(), &caller.actor, *id, query.0).await?,
    )
}

/// How many are enrolled, by area
#[utoipa::path(tag = "program", responses((status = 200, description = "Numbers", body = StatisticsView)))]
#[get("/programs/{id}/statistics")]
async fn get_program_statistics(caller: Caller, id: Path<Uuid>) -> Answered {
    Answer::ok(&program::statistics(caller.app(), &caller.actor, *id).await?)
}
