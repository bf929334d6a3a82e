//! The audit trail.

use actix_web::get;
use service::audit_event::{self, AuditEventView, ListAuditEvents};
use service::page::Page;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::answer::{Answer, Answered};
use crate::auth::Caller;
use crate::extract::Query;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_audit_events);
}

/// Who did what, oldest first, each event chained to the one before
#[utoipa::path(tag = "audit", params(ListAuditEvents), responses((status = 200, description = "A page", body = Page<AuditEventView>)))]
#[get("/audit-events")]
async fn list_audit_events(caller: Caller, query: Query<ListAuditEvents>) -> Answered {
    Answer::page(&caller, &audit_event::list(caller.app(), &caller.actor, query.0).await?)
}
