//! Closed sets with labels.

use actix_web::get;
use service::vocabulary::{self, Vocabulary};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::answer::{Answer, Answered};
use crate::auth::Caller;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_vocabulary);
}

/// Every closed set with labels in both languages
#[utoipa::path(tag = "vocabulary", responses((status = 200, description = "The sets", body = Vocabulary, example = json!({
    "sets": {"channel": [{"code": "bank_transfer", "label": {"vi": "Chuyển khoản ngân hàng", "en": "Bank transfer"}}]}}))))]
#[get("/vocabulary")]
async fn get_vocabulary(_: Caller) -> Answered {
    Answer::ok(&vocabulary::vocabulary())
}
