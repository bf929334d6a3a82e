//! What the program finds by itself and somebody has to look at.

use actix_web::get;
use service::page::Page;
use service::reminder::{self, ListReminders, ReminderView};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::answer::{Answer, Answered};
use crate::auth::Caller;
use crate::extract::Query;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_reminders);
}

/// Lists that are to be closed, settlements that are due, orders without an end, invariants that do not hold
///
/// Each is raised once and ends by itself when it is found no more; the program looks once a day.
#[utoipa::path(tag = "reminder", params(ListReminders), responses((status = 200, description = "A page", body = Page<ReminderView>)))]
#[get("/reminders")]
async fn list_reminders(caller: Caller, query: Query<ListReminders>) -> Answered {
    Answer::page(&caller, &reminder::list(caller.app(), &caller.actor, query.0).await?)
}
