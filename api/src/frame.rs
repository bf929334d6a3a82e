//! The outermost layer: a request's id, its problems rendered, panics caught, headers of safety, numbers and the log.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpResponse, ResponseError, web};
use futures::FutureExt;
use service::ids::Ids;
use service::{Error, ProblemCode};
use uuid::Uuid;

use crate::context::Context;
use crate::language::Language;
use crate::openapi::Allowed;
use crate::problem::{self, Problem};
use crate::rate::Quota;
use crate::{accept, cors, etag, head, treasury};

/// The id of a request: `instance` of its problems, and the key to its line in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Wraps everything.
pub(crate) async fn frame(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let context = request
        .app_data::<web::Data<Context>>()
        .cloned()
        .ok_or(Problem::from(ProblemCode::Internal))?;
    let began = std::time::Instant::now();
    let seen = Seen::of(&request, &context);
    head::as_get(&mut request);
    let result = if too_long(&request, &context) {
        Ok(request
            .into_response(HttpResponse::new(StatusCode::PAYLOAD_TOO_LARGE))
            .map_into_boxed_body())
    } else if cors::is_preflight(request.head()) {
        Ok(request.into_response(cors::preflight()).map_into_boxed_body())
    } else {
        match AssertUnwindSafe(next.call(request)).catch_unwind().await {
            Ok(result) => result.map(|response| seen.told(response)),
            Err(panic) => Err(Problem(Error::internal(format!("a handler panicked: {}", said(&*panic)))).into()),
        }
    };
    let response = match result {
        Ok(response) => {
            let (request, response) = response.into_parts();
            let response = seen.problem_of(response, &request);
            let mut response = seen.dressed(response);
            if let Some(quota) = request.extensions().get::<Quota>() {
                context.rate.tell(*quota, response.headers_mut());
            }
            ServiceResponse::new(request, response)
        }
        // The request is gone: what is left is to let the server send this.
        Err(error) => {
            let response = seen.dressed(seen.rendered(&error));
            seen.count(&context, response.status(), began);
            return Err(Sent(std::sync::Mutex::new(Some(response)), seen.status_of(&error)).into());
        }
    };
    seen.count(&context, response.status(), began);
    Ok(response)
}

/// What a panic says.
fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("nothing more is known")
}

/// What is kept of a request while it is handled.
struct Seen {
    id: Uuid,
    language: Language,
    method: Method,
    path: String,
    pattern: String,
    origin: Option<HeaderValue>,
    if_none_match: Option<HeaderValue>,
    accept: Option<HeaderValue>,
}

impl Seen {
    fn of(request: &ServiceRequest, context: &Context) -> Self {
        // Never from `app.ids`, which may be a repeatable sequence that serves rows alone.
        let id = Ids::System.next();
        Self {
            id,
            language: Language::of(request.headers()),
            method: request.method().clone(),
            path: request.path().to_owned(),
            pattern: request.match_pattern().unwrap_or_else(|| "unmatched".to_owned()),
            origin: cors::allowed(&context.cors, request.headers()),
            if_none_match: request.headers().get(header::IF_NONE_MATCH).cloned(),
            accept: request.headers().get(header::ACCEPT).cloned(),
        }
    }

    /// An answer that the caller has already becomes 304, one that the caller can't read 406. Only where it was asked
    /// for and nothing else was done: what was stored or signed is told to anybody.
    fn told(&self, response: ServiceResponse<impl MessageBody + 'static>) -> ServiceResponse<BoxBody> {
        let read = matches!(self.method, Method::GET | Method::HEAD) && response.status() == StatusCode::OK;
        if read
            && self.path.starts_with("/v1/")
            && !accept::takes(self.accept.as_ref(), response.headers().get(header::CONTENT_TYPE))
        {
            return response.into_response(HttpResponse::new(StatusCode::NOT_ACCEPTABLE));
        }
        let known = read && etag::is_known(self.if_none_match.as_ref(), response.headers());
        if !known {
            return response.map_into_boxed_body();
        }
        let etag = response.headers().get(header::ETAG).cloned();
        let mut unchanged = HttpResponse::NotModified();
        if let Some(etag) = etag {
            unchanged.insert_header((header::ETAG, etag));
        }
        response.into_response(unchanged.finish())
    }

    /// Puts a problem where an error is, whoever made it.
    fn problem_of(&self, response: HttpResponse, request: &actix_web::HttpRequest) -> HttpResponse {
        let status = response.status();
        let told = response
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind == problem::PROBLEM_JSON);
        let mut rendered = match response.error() {
            Some(error) => self.rendered(error),
            None if told || self.is_desk_page(&response) || !(status.is_client_error() || status.is_server_error()) => {
                return response;
            }
            None => self.told_of(&Error::new(problem::of_status(status.as_u16()))),
        };
        if rendered.status() == StatusCode::METHOD_NOT_ALLOWED
            && let Some(methods) = request
                .app_data::<web::Data<Allowed>>()
                .and_then(|all| all.of(&self.pattern))
        {
            rendered.headers_mut().insert(header::ALLOW, methods);
        }
        rendered
    }

    /// Is it a page of the treasury desk? Those tell a person of errors themselves, under a policy of their own.
    fn is_desk_page(&self, response: &HttpResponse) -> bool {
        treasury::is_desk(&self.path) && response.headers().contains_key(header::CONTENT_SECURITY_POLICY)
    }

    fn rendered(&self, error: &actix_web::Error) -> HttpResponse {
        match error.as_error::<Problem>() {
            Some(Problem(error)) => self.told_of(error),
            None => {
                let code = problem::of_status(error.as_response_error().status_code().as_u16());
                let error = Error {
                    source: Some(error.to_string().into()),
                    ..Error::new(code)
                };
                self.told_of(&error)
            }
        }
    }

    /// An error in the caller's form: a page for a person at the desk, a problem for everybody else.
    fn told_of(&self, error: &Error) -> HttpResponse {
        if treasury::is_desk(&self.path) {
            return treasury::refusal(error);
        }
        problem::render(error, self.id, self.language)
    }

    fn status_of(&self, error: &actix_web::Error) -> StatusCode {
        error.as_response_error().status_code()
    }

    /// The headers that every answer carries.
    fn dressed(&self, mut response: HttpResponse) -> HttpResponse {
        let desk_page = self.is_desk_page(&response);
        let headers = response.headers_mut();
        if let Ok(id) = HeaderValue::from_str(&self.id.to_string()) {
            headers.insert(REQUEST_ID, id);
        }
        let policy = if self.path.starts_with("/docs") {
            DOCS_POLICY
        } else {
            POLICY
        };
        for (name, value) in [
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::X_FRAME_OPTIONS, "DENY"),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::CONTENT_SECURITY_POLICY, policy),
        ] {
            if !(desk_page && name == header::CONTENT_SECURITY_POLICY) {
                headers.insert(name, HeaderValue::from_static(value));
            }
        }
        if self.path.starts_with("/v1/") && !headers.contains_key(header::CACHE_CONTROL) {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        }
        if let Some(origin) = &self.origin {
            cors::open(headers, origin);
        }
        response
    }

    fn count(&self, context: &Context, status: StatusCode, began: std::time::Instant) {
        let took = began.elapsed();
        context
            .metrics
            .count(&self.method, &self.pattern, status.as_u16(), took);
        tracing::info!(
            request.id = %self.id,
            http.method = %self.method,
            http.path = %self.path,
            http.status = status.as_u16(),
            duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            "request"
        );
    }
}

const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
const DOCS_POLICY: &str = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

/// Is the body longer, by its own word, than anything the API takes? Then nothing of it is read.
fn too_long(request: &ServiceRequest, context: &Context) -> bool {
    let length = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok());
    length
        .and_then(|length| length.parse::<u64>().ok())
        .is_some_and(|length| length > u64::try_from(context.upload_limit.max(context.json_limit)).unwrap_or(u64::MAX))
}

/// A finished answer on its way as an error.
struct Sent(std::sync::Mutex<Option<HttpResponse>>, StatusCode);

impl std::fmt::Debug for Sent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sent({})", self.1)
    }
}

impl std::fmt::Display for Sent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.1)
    }
}

impl ResponseError for Sent {
    fn status_code(&self) -> StatusCode {
        self.1
    }

    fn error_response(&self) -> HttpResponse {
        let taken = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        taken.unwrap_or_else(|| HttpResponse::new(self.1))
    }
}
