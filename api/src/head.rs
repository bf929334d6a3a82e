//! HEAD (RFC 9110, 9.3.2): whatever GET answers, HEAD answers with the same headers and without the content.

use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::{HttpMessage, HttpRequest};

/// Stands with a request that asks for the headers alone.
#[derive(Clone, Copy, Debug)]
struct HeadersAlone;

/// Lets a HEAD through to the handler of GET. The server, which has seen the request as it came, leaves the content out.
pub(crate) fn as_get(request: &mut ServiceRequest) {
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
        request.extensions_mut().insert(HeadersAlone);
    }
}

/// Is nothing but the headers sent? Then nobody took what was asked for.
pub(crate) fn is_asked(request: &HttpRequest) -> bool {
    request.extensions().contains::<HeadersAlone>()
}
