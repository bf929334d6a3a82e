//! Cross-origin requests, from the origins that the settings allow.

use actix_web::HttpResponse;
use actix_web::dev::RequestHead;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderValue};

/// The caller's origin where it is allowed; `*` in the settings allows every one.
pub(crate) fn allowed(origins: &[String], headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    let named = origin.to_str().ok()?;
    origins
        .iter()
        .any(|allowed| allowed == "*" || allowed == named)
        .then(|| origin.clone())
}

/// Does a browser ask whether it may?
pub(crate) fn is_preflight(head: &RequestHead) -> bool {
    head.method == Method::OPTIONS && head.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// The answer to it; [`open`] adds the permission.
pub(crate) fn preflight() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

/// Lets the origin read the answer. Keys travel in a header that a page must add itself, so no credentials are allowed.
pub(crate) fn open(headers: &mut HeaderMap, origin: &HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PUT, PATCH, DELETE"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "Authorization, Content-Type, Accept-Language, Idempotency-Key, If-Match, If-None-Match",
        ),
        (
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            "ETag, Location, Link, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
