//! Version 1: one file per resource.

mod access;
mod application;
mod approval_tier;
mod area;
mod audit_event;
mod bank_profile;
mod bank_report;
mod calculation;
mod delivery;
mod entitlement;
mod fund;
mod household;
mod instrument;
mod job;
mod job_run;
mod month_close;
mod overpayment;
mod pay_calendar;
mod pay_run;
mod payment_file;
mod payment_order;
mod person;
mod program;
mod reconciliation;
mod registry_finding;
mod release;
mod relief_event;
mod relief_request;
mod reminder;
mod sandbox;
mod scenario;
mod treasury_proposal;
mod vocabulary;

use utoipa_actix_web::service_config::ServiceConfig;

/// Every route under `/v1`, resource by resource.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    for resource in RESOURCES {
        resource(config);
    }
}

const RESOURCES: &[fn(&mut ServiceConfig<'_>)] = &[
    access::routes,
    area::routes,
    person::routes,
    entitlement::routes,
    household::routes,
    program::routes,
    application::routes,
    instrument::routes,
    scenario::routes,
    release::routes,
    calculation::routes,
    job_run::routes,
    job::routes,
    pay_run::routes,
    payment_file::routes,
    delivery::routes,
    bank_report::routes,
    reconciliation::routes,
    payment_order::routes,
    registry_finding::routes,
    month_close::routes,
    overpayment::routes,
    fund::routes,
    relief_event::routes,
    relief_request::routes,
    audit_event::routes,
    sandbox::routes,
    vocabulary::routes,
    bank_profile::routes,
    approval_tier::routes,
    pay_calendar::routes,
    treasury_proposal::routes,
    reminder::routes,
];
