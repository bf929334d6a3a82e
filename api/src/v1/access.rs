//! Who calls, the people who may, and their credentials.

use actix_web::{delete, get, post};
use service::access::{
    self, ClientView, CreateClient, CreateUser, CreatedClient, GiveStaffNumber, GrantView, ListClients, ListUsers, Me,
    NewGrant, UserView,
};
use service::page::Page;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::answer::{Answer, Answered};
use crate::auth::Caller;
use crate::extract::{Body, Path, Query};
use crate::once::Once;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(get_me)
        .service(list_users)
        .service(create_user)
        .service(disable_user)
        .service(give_staff_number)
        .service(list_clients)
        .service(create_client)
        .service(get_client)
        .service(revoke_client)
        .service(rotate_client_key)
        .service(add_grant)
        .service(end_grant);
}

/// What a repeated request sees in place of the key.
fn hidden(made: CreatedClient) -> CreatedClient {
    CreatedClient {
        key: "(shown once)".to_owned(),
        ..made
    }
}

/// Who the caller is and what it may do
#[utoipa::path(tag = "access", responses((status = 200, description = "The caller", body = Me)))]
#[get("/me")]
async fn get_me(caller: Caller) -> Answered {
    Answer::ok(&access::me(&caller.actor))
}

/// The natural persons who may act
#[utoipa::path(tag = "access", params(ListUsers), responses((status = 200, description = "A page", body = Page<UserView>)))]
#[get("/users")]
async fn list_users(caller: Caller, query: Query<ListUsers>) -> Answered {
    Answer::page(
        &caller,
        &access::list_users(caller.app(), &caller.actor, query.0).await?,
    )
}

/// Registers a natural person
#[utoipa::path(tag = "access", params(Once), request_body = CreateUser,
    responses((status = 201, description = "Registered", body = UserView)))]
#[post("/users")]
async fn create_user(once: Once, body: Body<CreateUser>) -> Answered {
    once.run(
        async |app, actor| access::create_user(app, actor, body.0).await,
        |view| Answer::created(format!("/v1/users/{}", view.id), &view),
    )
    .await
}

/// Ends all access of a person; acts already done stay
#[utoipa::path(tag = "access", params(Once), responses((status = 200, description = "Disabled", body = UserView)))]
#[post("/users/{id}/disable")]
async fn disable_user(once: Once, id: Path<Uuid>) -> Answered {
    once.run(
        async |app, actor| access::disable_user(app, actor, *id).await,
        |view| Answer::ok(&view),
    )
    .await
}

/// Gives a person without an official number theirs
///
/// For those who were registered before there were such numbers, or by the installation itself. Once given, it stays.
#[utoipa::path(tag = "access", params(Once), request_body = GiveStaffNumber,
    responses((status = 200, description = "Given", body = UserView)))]
#[post("/users/{id}/staff-number")]
async fn give_staff_number(once: Once, id: Path<Uuid>, body: Body<GiveStaffNumber>) -> Answered {
    once.run(
        async |app, actor| access::give_staff_number(app, actor, *id, body.0).await,
        |view| Answer::ok(&view),
    )
    .await
}

/// Credentials, revoked ones included
#[utoipa::path(tag = "access", params(ListClients), responses((status = 200, description = "A page", body = Page<ClientView>)))]
#[get("/clients")]
async fn list_clients(caller: Caller, query: Query<ListClients>) -> Answered {
    Answer::page(
        &caller,
        &access::list_clients(caller.app(), &caller.actor, query.0).await?,
    )
}

/// Makes a credential; its key is shown this once
///
/// A repeated request is answered without the key: no key is ever stored.
#[utoipa::path(tag = "access", params(Once), request_body = CreateClient,
    responses((status = 201, description = "Made", body = CreatedClient)))]
#[post("/clients")]
async fn create_client(once: Once, body: Body<CreateClient>) -> Answered {
    once.run_shown_once(
        async |app, actor| access::create_client(app, actor, body.0).await,
        |made| Answer::created(format!("/v1/clients/{}", made.client.id), made),
        hidden,
    )
    .await
}

/// One credential
#[utoipa::path(tag = "access", responses((status = 200, description = "The credential", body = ClientView)))]
#[get("/clients/{id}")]
async fn get_client(caller: Caller, id: Path<Uuid>) -> Answered {
    Answer::ok(&access::get_client(caller.app(), &caller.actor, *id).await?)
}

/// Ends a credential for good
#[utoipa::path(tag = "access", responses((status = 200, description = "Revoked", body = ClientView)))]
#[delete("/clients/{id}")]
async fn revoke_client(caller: Caller, id: Path<Uuid>) -> Answered {
    Answer::ok(&access::revoke_client(caller.app(), &caller.actor, *id).await?)
}

/// Gives a credential a new key; the old one stops working at once
#[utoipa::path(tag = "access", params(Once), responses((status = 200, description = "The new key", body = CreatedClient)))]
#[post("/clients/{id}/rotate")]
async fn rotate_client_key(once: Once, id: Path<Uuid>) -> Answered {
    once.run_shown_once(
        async |app, actor| access::rotate_key(app, actor, *id).await,
        Answer::ok,
        hidden,
    )
    .await
}

/// Grants a role to a credential
#[utoipa::path(tag = "access", params(Once), request_body = NewGrant,
    responses((status = 201, description = "Granted", body = GrantView)))]
#[post("/clients/{id}/grants")]
async fn add_grant(once: Once, id: Path<Uuid>, body: Body<NewGrant>) -> Answered {
    once.run(
        async |app, actor| access::add_grant(app, actor, *id, body.0).await,
        |view| Answer::created(format!("/v1/clients/{}", *id), &view),
    )
    .await
}

/// Ends a grant
#[utoipa::path(tag = "access", params(("id" = Uuid, Path), ("grant_id" = Uuid, Path)),
    responses((status = 200, description = "Ended", body = GrantView)))]
#[delete("/clients/{id}/grants/{grant_id}")]
async fn end_grant(caller: Caller, ids: Path<(Uuid, Uuid)>) -> Answered {
    let (client_id, grant_id) = *ids;
    Answer::ok(&access::end_grant(caller.app(), &caller.actor, client_id, grant_id).await?)
}
