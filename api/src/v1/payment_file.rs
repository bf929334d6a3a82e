//! Payment files, as the treasury fetches them.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, get, post};
use serde::Deserialize;
use service::Error;
use service::page::Page;
use service::payment_file::{self, FileView, SignatureView, SigningKeyView};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::accept::Accepts;
use crate::answer::{Answer, Answered, attachment, media_type};
use crate::auth::Caller;
use crate::etag::IfMatch;
use crate::extract::{Body, Path};
use crate::once::Once;
use crate::problem::Problem;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(get_payment_file)
        .service(get_payment_file_content)
        .service(get_payment_file_manifest)
        .service(acknowledge_payment_file)
        .service(get_payment_file_signature)
        .service(list_signing_keys);
}

/// That a file arrived whole.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Acknowledge {
    /// SHA-256 of the bytes that arrived, as hex.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    sha256: String,
}

fn changed(view: FileView) -> Answered {
    // That its day has passed, and that it is withdrawn, is told beside it: its version is that of the file.
    Ok(Answer::ok(&view)?.version_and_rest(view.version))
}

/// One file: what it is, its count, sum and hash, and where it stands
#[utoipa::path(tag = "payment_file", responses((status = 200, description = "The file's record", body = FileView)))]
#[get("/payment-files/{id}")]
async fn get_payment_file(caller: Caller, id: Path<Uuid>) -> Answered {
    changed(payment_file::get(caller.app(), &caller.actor, *id).await?)
}

/// The bytes of a file, the same each time
///
/// Where its execution date has passed and nobody has acknowledged it, the header `Warning` says so. `Content-Disposition`
/// names it as it is named where it is delivered: no other file has that name. A withdrawn file is refused to whoever may
/// deliver or acknowledge files (`illegal-transition`); auditors still read it.
#[utoipa::path(tag = "payment_file", responses(
    (status = 200, description = "The file", body = Vec<u8>, content_type = "application/octet-stream", example = json!("<binary>"))))]
#[get("/payment-files/{id}/content")]
async fn get_payment_file_content(caller: Caller, accepts: Accepts, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    let file = payment_file::get(caller.app(), &caller.actor, *id).await?;
    // That it was fetched is noted: nobody fetched what was not sent.
    accepts.require(media_type(&file.name))?;
    let (name, bytes) = if caller.takes_headers_alone() {
        payment_file::preview(caller.app(), &caller.actor, *id).await?
    } else {
        payment_file::download(caller.app(), &caller.actor, *id).await?
    };
    let mut answer = attachment(&name, media_type(&name), bytes);
    if let (Some(day), Some(_)) = (file.execution_date, file.execution_days_past) {
        let told = format!("299 ansinh \"the execution date {day} has passed\"");
        let told = HeaderValue::from_str(&told).map_err(Error::internal)?;
        answer.headers_mut().insert(header::WARNING, told);
    }
    Ok(answer)
}

/// The manifest of a file: count, sum, account hash total, SHA-256; of lists, which order nothing, without a channel
///
/// Count and sum are left out of a file that lists no payments, the account hash total of one without accounts.
#[utoipa::path(tag = "payment_file", responses((status = 200, description = "The manifest", body = Object, example = json!({
    "version": 1, "file": "pain001-AGRIBANK-1.xml", "format": "pain.001.001.09", "channel": "bank_transfer",
    "bank": "AGRIBANK", "count": 12044, "sum": 6_500_000_000_i64, "account_hash_total": "402118745520093318",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}))))]
#[get("/payment-files/{id}/manifest")]
async fn get_payment_file_manifest(caller: Caller, id: Path<Uuid>) -> Answered {
    Answer::ok(&payment_file::manifest(caller.app(), &caller.actor, *id).await?)
}

/// Acknowledges a file by the hash of what arrived
///
/// Somebody of the treasury has fetched its content before, or it was delivered: otherwise nobody holds what is
/// acknowledged, and it is refused (`conflict`). A withdrawn file is acknowledged here no more
/// (`illegal-transition`).
#[utoipa::path(tag = "payment_file", params(Once, IfMatch), request_body = Acknowledge,
    responses((status = 200, description = "Acknowledged", body = FileView)))]
#[post("/payment-files/{id}/acknowledge")]
async fn acknowledge_payment_file(once: Once, id: Path<Uuid>, version: IfMatch, body: Body<Acknowledge>) -> Answered {
    let sha256 = body.0.sha256;
    once.run(
        async |app, actor| payment_file::acknowledge(app, actor, *id, version.0, &sha256).await,
        changed,
    )
    .await
}

/// The detached signature over a file's manifest
///
/// Over the manifest as JSON of RFC 8785 (`jq -cjS . manifest.json > m.json`): by Ed25519, or by CMS (RFC 5652) where the
/// settings name a certificate. A CMS signature, decoded from base64, is a `.p7s` file:
/// `openssl cms -verify -cades -binary -inform DER -in m.p7s -content m.json -CAfile ca.pem -purpose any`.
/// Beside a file that is delivered to a folder lies one over the manifest as it lies there, to the byte: `<manifest>.p7s`,
/// or `<manifest>.sig` with the 64 bytes of Ed25519.
/// It is made once, when it is first asked for, and kept: whatever signs later, it stays the same.
#[utoipa::path(tag = "payment_file", responses((status = 200, description = "The signature", body = SignatureView)))]
#[get("/payment-files/{id}/signature")]
async fn get_payment_file_signature(caller: Caller, id: Path<Uuid>) -> Answered {
    Answer::ok(&payment_file::signature(caller.app(), &caller.actor, *id).await?)
}

/// The public keys and the certificate by which signatures over manifests are checked
#[utoipa::path(tag = "payment_file", responses((status = 200, description = "The keys", body = Page<SigningKeyView>)))]
#[get("/signing-keys")]
async fn list_signing_keys(caller: Caller) -> Answered {
    Answer::whole(payment_file::signing_keys(caller.app(), &caller.actor).await?)
}
