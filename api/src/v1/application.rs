//! Applications for a benefit, and the decisions upon them.

use actix_web::{get, post};
use service::application::{self, ApplicationView, Decide, FileApplication, ListApplications};
use service::page::Page;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::answer::{Answer, Answered};
use crate::auth::Caller;
use crate::etag::IfMatch;
use crate::extract::{Body, Path, Query};
use crate::once::Once;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_applications)
        .service(file_application)
        .service(get_application)
        .service(decide_application)
        .service(withdraw_application);
}

fn changed(view: ApplicationView) -> Answered {
    Ok(Answer::ok(&view)?.version(view.version))
}

fn added(view: ApplicationView) -> Answered {
    Ok(Answer::created(format!("/v1/applications/{}", view.id), &view)?.version(view.version))
}

/// Applications in the caller's areas
#[utoipa::path(tag = "application", params(ListApplications), responses((status = 200, description = "A page", body = Page<ApplicationView>)))]
#[get("/applications")]
async fn list_applications(caller: Caller, query: Query<ListApplications>) -> Answered {
    Answer::page(&caller, &application::list(caller.app(), &caller.actor, query.0).await?)
}

/// Files an application; it pays nothing before it is granted
#[utoipa::path(tag = "application", params(Once), request_body = FileApplication,
    responses((status = 201, description = "Filed", body = ApplicationView)))]
#[post("/applications")]
async fn file_application(once: Once, body: Body<FileApplication>) -> Answered {
    once.run(async |app, actor| application::file(app, actor, body.0).await, added)
        .await
}

/// One application with its decision
#[utoipa::path(tag = "application", responses((status = 200, description = "The application", body = ApplicationView)))]
#[get("/applications/{id}")]
async fn get_application(caller: Caller, id: Path<Uuid>) -> Answered {
    changed(application::get(caller.app(), &caller.actor, *id).await?)
}

/// Grants or refuses an application; not by the person who filed it
#[utoipa::path(tag = "application", params(Once, IfMatch), request_body = Decide,
    responses((status = 201, description = "Decided", body = ApplicationView)))]
#[post("/applications/{id}/decision")]
async fn decide_application(once: Once, id: Path<Uuid>, version: IfMatch, body: Body<Decide>) -> Answered {
    once.run(
        async |app, actor| application::decide(app, actor, *id, version.0, body.0).await,
        added,
    )
    .await
}

/// Withdraws a pending application
#[utoipa::path(tag = "application", params(Once, IfMatch),
    responses((status = 200, description = "Withdrawn", body = ApplicationView)))]
#[post("/applications/{id}/withdraw")]
async fn withdraw_application(once: Once, id: Path<Uuid>, version: IfMatch) -> Answered {
    once.run(
        async |app, actor| application::withdraw(app, actor, *id, version.0).await,
        changed,
    )
    .await
}
