//! Administrative units.

use actix_web::get;
use service::area::{self, AreaView, ListAreas};
use service::page::Page;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::answer::{Answer, Answered};
use crate::auth::Caller;
use crate::extract::Query;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_areas);
}

/// The administrative units on a day
#[utoipa::path(tag = "area", params(ListAreas), responses((status = 200, description = "A page", body = Page<AreaView>)))]
#[get("/areas")]
async fn list_areas(caller: Caller, query: Query<ListAreas>) -> Answered {
    Answer::page(&caller, &area::list(caller.app(), &caller.actor, query.0).await?)
}
