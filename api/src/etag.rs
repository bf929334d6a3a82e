//! Versions as entity tags (RFC 9110).

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::{FromRequest, HttpRequest};
use futures::future::{Ready, ready};
use service::{Error, ProblemCode};

use crate::problem::Problem;

/// The strong tag of a version.
pub(crate) fn of_version(version: i64) -> String {
    format!("\"{version}\"")
}

/// Does `If-None-Match` name the tag of the answer?
pub(crate) fn is_known(asked: Option<&HeaderValue>, headers: &HeaderMap) -> bool {
    let Some(asked) = asked.and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let Some(tag) = headers.get(header::ETAG).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    asked
        .split(',')
        .map(str::trim)
        .any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

/// The version that the caller read, from `If-Match`. Without one the change is refused, so that nobody changes or
/// signs what they have not seen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IfMatch(pub(crate) i64);

impl IfMatch {
    fn of(headers: &HeaderMap) -> Result<Self, Error> {
        let Some(value) = headers.get(header::IF_MATCH) else {
            return Err(Error::new(ProblemCode::PreconditionRequired));
        };
        let tag = value.to_str().unwrap_or_default().trim();
        if tag == "*" {
            return Err(Error::because(
                ProblemCode::PreconditionRequired,
                "If-Match phải là ETag của bản đã đọc",
                "If-Match must be the ETag of the version you read",
            ));
        }
        // What is no tag at all was copied wrongly; any other tag is of no version that stands now.
        let own = tag.strip_prefix("W/").unwrap_or(tag);
        let Some(opaque) = own.strip_prefix('"').and_then(|own| own.strip_suffix('"')) else {
            return Err(Error::because(
                ProblemCode::InvalidRequest,
                "If-Match phải là ETag của bản đã đọc, kể cả dấu ngoặc kép",
                "If-Match must be the ETag of the version you read, with its quotation marks",
            ));
        };
        let version = if own == tag { opaque.parse().ok() } else { None };
        version.map(Self).ok_or_else(|| Error::new(ProblemCode::Stale))
    }
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request.headers()).map_err(Problem))
    }
}
