//! Version 1: one file per resource.

mod access;
mod application;
mod area;
mod audit_event;
mod fund;
mod household;
mod job;
mod job_run;
mod pay_run;
mod payment_file;
mod person;
mod program;
mod sandbox;

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
    household::routes,
    program::routes,
    application::routes,
    job_run::routes,
    pay_run::routes,
    payment_file::routes,
    fund::routes,
    job::routes,
    audit_event::routes,
    sandbox::routes,
];
