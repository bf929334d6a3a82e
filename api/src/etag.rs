//! Versions as entity tags (RFC 9110).

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::{FromRequest, HttpRequest};
use futures::future::{Ready, ready};
use service::{Error, ProblemCode};
use sha2::{Digest, Sha256};

use crate::problem::Problem;

/// Between the version in a tag and the digest of an answer that says more than its version counts.
const MORE: char = '.';

/// How many hexadecimal digits of that digest a tag has.
const DIGITS: usize = 16;

/// The strong tag of a version.
pub(crate) fn of_version(version: i64) -> String {
    format!("\"{version}\"")
}

/// The strong tag of a version and of all else that is said with it. `If-Match` asks for the version in it alone: what
/// is said beside it changes of itself, and is looked at again where something is done.
pub(crate) fn of_said(version: i64, body: &str) -> String {
    let digest: String = hex::encode(Sha256::digest(body)).chars().take(DIGITS).collect();
    format!("\"{version}{MORE}{digest}\"")
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
        let number = opaque.split_once(MORE).map_or(opaque, |(version, _)| version);
        let version = if own == tag { number.parse().ok() } else { None };
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

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(tag: &str) -> Result<i64, ProblemCode> {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_MATCH, HeaderValue::from_str(tag).unwrap());
        IfMatch::of(&headers).map(|own| own.0).map_err(|error| error.code)
    }

    #[test]
    fn a_tag_tells_its_version_and_all_that_is_said_with_it() {
        assert_eq!(asked(&of_version(3)), Ok(3));
        assert_eq!(asked(&of_said(3, "a")), Ok(3));
        assert_ne!(of_said(3, "a"), of_said(3, "b"));
        assert_ne!(of_said(3, "a"), of_said(4, "a"));
        for other in ["W/\"3\"", "\".3\"", "\"a.3\"", "\"\""] {
            assert_eq!(asked(other), Err(ProblemCode::Stale), "{other}");
        }
        assert_eq!(asked("3"), Err(ProblemCode::InvalidRequest));
    }
}
