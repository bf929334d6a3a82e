//! What a caller can read: the `Accept` header (RFC 9110, 12.5.1).

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{FromRequest, HttpRequest};
use futures::future::{Ready, ready};
use service::{Error, ProblemCode};

use crate::problem::Problem;

/// What the caller accepts, where it is noted that an answer was given: [`crate::frame`] asks once the answer is made.
#[derive(Debug)]
pub(crate) struct Accepts(Option<HeaderValue>);

impl Accepts {
    /// Refuses a media type that the caller can't read, before anything is done.
    ///
    /// # Errors
    /// `not-acceptable`.
    pub(crate) fn require(&self, kind: &'static str) -> Result<(), Error> {
        if takes(self.0.as_ref(), Some(&HeaderValue::from_static(kind))) {
            Ok(())
        } else {
            Err(Error::new(ProblemCode::NotAcceptable))
        }
    }
}

impl FromRequest for Accepts {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(request.headers().get(header::ACCEPT).cloned())))
    }
}

/// May this media type be sent to somebody who accepts these? Without a header anything may.
pub(crate) fn takes(accept: Option<&HeaderValue>, kind: Option<&HeaderValue>) -> bool {
    let (Some(Ok(accept)), Some(Ok(kind))) = (accept.map(HeaderValue::to_str), kind.map(HeaderValue::to_str)) else {
        return true;
    };
    let kind = essence(kind);
    let Some((family, _)) = kind.split_once('/') else {
        return true;
    };
    let mut best: Option<(u8, bool)> = None;
    for range in accept.split(',').filter(|range| !range.trim().is_empty()) {
        let named = essence(range);
        let closeness = if named == kind {
            2
        } else if named.strip_suffix("/*") == Some(family) {
            1
        } else if named == "*/*" {
            0
        } else {
            continue;
        };
        // The closest range decides, whatever the order.
        if best.is_none_or(|(known, _)| closeness > known) {
            best = Some((closeness, !is_refused(range)));
        }
    }
    accept.trim().is_empty() || best.is_some_and(|(_, taken)| taken)
}

/// The media type without its parameters.
fn essence(text: &str) -> String {
    text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// `q=0` says "not this".
fn is_refused(range: &str) -> bool {
    let quality = range.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("q")
            .then(|| value.trim().parse::<f32>())
    });
    matches!(quality, Some(Ok(quality)) if quality <= 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_range_decides() {
        let takes = |accept: &'static str, kind: &'static str| {
            takes(
                Some(&HeaderValue::from_static(accept)),
                Some(&HeaderValue::from_static(kind)),
            )
        };
        for accept in [
            "",
            "*/*",
            "application/*",
            "application/json",
            "text/html, Application/JSON;q=0.1",
            "application/json, */*;q=0",
        ] {
            assert!(takes(accept, "application/json; charset=utf-8"), "{accept}");
        }
        for accept in [
            "text/*",
            "application/xml",
            "application/json;q=0, */*",
            "application/js",
        ] {
            assert!(!takes(accept, "application/json"), "{accept}");
        }
    }
}
