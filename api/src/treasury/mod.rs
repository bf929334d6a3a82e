//! The treasury desk: pages for a clerk who receives payment files and brings the banks' answers.
//!
//! Rendered here, without a build step, and whole without a script; nothing is fetched from elsewhere. A clerk signs in
//! with a key of the treasury's role and is known by a cookie afterwards ([`visit`]). Every page calls the same verbs of
//! the service as the API, as the clerk; no rule lives here. Each form brings back a seal that only our pages have.

mod ageing;
mod closes;
mod differences;
mod file;
mod files;
mod layout;
mod matter;
mod recall_answers;
mod recalls;
mod report;
mod reports;
mod resolution;
mod second_person;
mod set_aside;
mod sign;
mod silences;
mod suspense;
mod visit;
mod whole_file;
mod words;

use actix_web::{HttpResponse, Scope, web};
use matter::Matter;
use service::payment_order::DeskRecall;
use service::reconciliation::{AmountDifferenceView, SilentOrder, SuspenseLineView};
use service::{Error, treasury_session};
use set_aside::Aside;
use visit::{Refusal, Visit};

/// Where the desk is.
const ROOT: &str = "/treasury";
/// Where a clerk begins.
const FILES: &str = "/treasury/files";
/// Where a clerk signs in.
const SIGN_IN: &str = "/treasury/sign-in";

/// Is this a path of the desk?
pub(crate) fn is_desk(path: &str) -> bool {
    path.strip_prefix(ROOT)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The page that tells a person of an error that no page of the desk has seen: a form that is too large, say, or too
/// many requests.
pub(crate) fn refusal(error: &Error) -> HttpResponse {
    layout::refusal(&treasury_session::random(), None, error)
}

/// Every page.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    let desk = web::scope(ROOT)
        .route("", web::get().to(sign::front))
        .route("/", web::get().to(sign::front))
        .route("/sign-in", web::get().to(sign::form))
        .route("/sign-in", web::post().to(sign::enter))
        .route("/sign-out", web::post().to(sign::leave))
        .route("/files", web::get().to(files::list))
        .route("/files/{id}", web::get().to(file::show))
        .route("/files/{id}/content", web::get().to(file::content))
        .route("/files/{id}/manifest", web::get().to(file::manifest))
        .route("/files/{id}/signature", web::get().to(file::signature))
        .route("/files/{id}/acknowledge", web::post().to(file::acknowledge))
        .route("/files/{id}/deliver", web::post().to(file::deliver))
        .route("/files/{id}/check", web::post().to(file::check))
        .route("/reports", web::get().to(reports::list))
        .route("/reports", web::post().to(reports::upload))
        .route("/reports/{id}", web::get().to(report::show))
        .route("/reports/{id}/lines", web::get().to(report::lines))
        .route("/suspense", web::get().to(suspense::list))
        .route("/differences", web::get().to(differences::list))
        .route("/silences", web::get().to(silences::list))
        .route("/recalls", web::get().to(recalls::list))
        .route("/recalls", web::post().to(recalls::propose))
        .route("/recalls/{id}", web::get().to(matter::show::<DeskRecall>))
        .route("/recalls/{id}/content", web::get().to(recalls::content))
        .route("/recalls/{id}/letter.pdf", web::get().to(recalls::letter))
        .route("/recalls/{id}/letter-sent", web::post().to(recalls::letter_sent))
        .route("/recalls/{id}/decide", web::post().to(recalls::decide))
        .route("/recalls/{id}/deliver", web::post().to(recalls::deliver))
        .route("/recalls/{id}/check", web::post().to(recalls::check))
        .route("/ageing", web::get().to(ageing::list))
        .route("/ageing.xlsx", web::get().to(ageing::workbook))
        .route("/ageing.pdf", web::get().to(ageing::paper))
        .route("/closes/{month}/report.xlsx", web::get().to(closes::workbook))
        .route("/closes/{month}/report.pdf", web::get().to(closes::paper))
        .default_service(web::to(nothing));
    let desk = decided_by_two::<Aside>(desk, "/reports/{id}/set-aside");
    let desk = decided_by_two::<DeskRecall>(desk, "/recalls/{id}/answer");
    let desk = decided_by_two::<SuspenseLineView>(desk, "/suspense/{id}");
    let desk = decided_by_two::<AmountDifferenceView>(desk, "/differences/{id}");
    config.service(decided_by_two::<SilentOrder>(desk, "/silences/{id}"));
}

/// The page of what two people decide, and the form of each.
fn decided_by_two<M: Matter>(desk: Scope, page: &str) -> Scope {
    desk.route(page, web::get().to(matter::show::<M>))
        .route(&format!("{page}/propose"), web::post().to(matter::propose::<M>))
        .route(&format!("{page}/decide"), web::post().to(matter::decide::<M>))
}

async fn nothing(visit: Visit) -> HttpResponse {
    visit
        .answer(async |_| Err(Refusal::Failed(Box::new(Error::not_found()))))
        .await
}
