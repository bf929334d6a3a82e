//! What banks take.

use actix_web::{get, put};
use serde_json::Value;
use service::bank_profile::{self, BankProfileView};
use service::page::Page;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::answer::{Answer, Answered};
use crate::auth::Caller;
use crate::etag::IfMatch;
use crate::extract::{Body, Path};

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_bank_profiles)
        .service(get_bank_profile)
        .service(put_bank_profile);
}

fn changed(view: BankProfileView) -> Answered {
    Ok(Answer::ok(&view)?.version(view.version))
}

/// The default profile and those of single banks: format, columns, limits, names, debtor, result table
#[utoipa::path(tag = "bank_profile", responses((status = 200, description = "All of them", body = Page<BankProfileView>)))]
#[get("/bank-profiles")]
async fn list_bank_profiles(caller: Caller) -> Answered {
    Answer::whole(bank_profile::list(caller.app(), &caller.actor).await?)
}

/// The profile that holds for a bank
#[utoipa::path(tag = "bank_profile", params(("bank" = String, Path, description = "The bank's code, or `default`", example = "AGRIBANK")),
    responses((status = 200, description = "The profile", body = BankProfileView)))]
#[get("/bank-profiles/{bank}")]
async fn get_bank_profile(caller: Caller, bank: Path<String>) -> Answered {
    changed(bank_profile::get(caller.app(), &caller.actor, &bank).await?)
}

/// Replaces the profile of a bank, or the default; the body names what differs from the default
///
/// It holds for files planned from now on. A file planned before keeps the profile it was planned with.
#[utoipa::path(tag = "bank_profile", params(IfMatch, ("bank" = String, Path, description = "The bank's code, or `default`", example = "AGRIBANK")),
    request_body(content = Object, example = json!({
        "format": "csv", "max_lines": 2000, "max_name": 70, "same_account": "split",
        "table": {"delimiter": ";", "encoding": "utf8_bom", "columns": [
            {"heading": "STT", "field": "number", "width": 7},
            {"heading": "Mã lệnh", "field": "reference", "width": 32},
            {"heading": "Tên người thụ hưởng", "field": "name", "width": 30},
            {"heading": "Số tài khoản", "field": "account", "width": 20},
            {"heading": "Số tiền", "field": "amount", "width": 16}]},
        "note": "Theo mẫu ngân hàng gửi ngày 12/8/2024"})),
    responses((status = 200, description = "Replaced: a new version", body = BankProfileView)))]
#[put("/bank-profiles/{bank}")]
async fn put_bank_profile(caller: Caller, bank: Path<String>, version: IfMatch, body: Body<Value>) -> Answered {
    changed(bank_profile::put(caller.app(), &caller.actor, &bank, version.0, body.0).await?)
}
