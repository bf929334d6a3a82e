//! Households and who belongs to them.

use actix_web::{get, post};
use service::household::{self, AddMember, CreateHousehold, EndMember, HouseholdView, ListHouseholds};
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
        .service(list_households)
        .service(create_household)
        .service(get_household)
        .service(add_household_member)
        .service(end_household_member);
}

fn changed(view: HouseholdView) -> Answered {
    // The names of its members are those of the people: its version is that of who lives there.
    Ok(Answer::ok(&view)?.version_and_rest(view.version))
}

fn added(view: HouseholdView) -> Answered {
    Ok(Answer::created(format!("/v1/households/{}", view.id), &view)?.version_and_rest(view.version))
}

/// Households in the caller's areas
#[utoipa::path(tag = "household", params(ListHouseholds), responses((status = 200, description = "A page", body = Page<HouseholdView>)))]
#[get("/households")]
async fn list_households(caller: Caller, query: Query<ListHouseholds>) -> Answered {
    Answer::page(&caller, &household::list(caller.app(), &caller.actor, query.0).await?)
}

/// Registers a household
#[utoipa::path(tag = "household", params(Once), request_body = CreateHousehold,
    responses((status = 201, description = "Registered", body = HouseholdView)))]
#[post("/households")]
async fn create_household(once: Once, body: Body<CreateHousehold>) -> Answered {
    once.run(async |app, actor| household::create(app, actor, body.0).await, added)
        .await
}

/// One household with its members
#[utoipa::path(tag = "household", responses((status = 200, description = "The household", body = HouseholdView)))]
#[get("/households/{id}")]
async fn get_household(caller: Caller, id: Path<Uuid>) -> Answered {
    changed(household::get(caller.app(), &caller.actor, *id).await?)
}

/// Adds a person to a household from a day on
#[utoipa::path(tag = "household", params(Once, IfMatch), request_body = AddMember,
    responses((status = 201, description = "Added", body = HouseholdView)))]
#[post("/households/{id}/members")]
async fn add_household_member(once: Once, id: Path<Uuid>, version: IfMatch, body: Body<AddMember>) -> Answered {
    once.run(
        async |app, actor| household::add_member(app, actor, *id, version.0, body.0).await,
        added,
    )
    .await
}

/// Ends a membership on a day
#[utoipa::path(tag = "household", params(("id" = Uuid, Path), ("member_id" = Uuid, Path), Once, IfMatch),
    request_body = EndMember, responses((status = 200, description = "Ended", body = HouseholdView)))]
#[post("/households/{id}/members/{member_id}/end")]
async fn end_household_member(
    once: Once,
    ids: Path<(Uuid, Uuid)>,
    version: IfMatch,
    body: Body<EndMember>,
) -> Answered {
    let (id, member) = *ids;
    once.run(
        async |app, actor| household::end_member(app, actor, id, member, version.0, body.0).await,
        changed,
    )
    .await
}
