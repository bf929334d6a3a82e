//! Problems (RFC 9457): every error, the framework's own included, as `application/problem+json`.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use service::wording::cut;
use service::{Error, FieldError, ProblemCode};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::language::Language;

/// The media type of problems.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// A failed request. Handlers return it with `?`; the frame renders it in the caller's language.
#[derive(Debug)]
pub(crate) struct Problem(pub(crate) Error);

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl From<ProblemCode> for Problem {
    fn from(code: ProblemCode) -> Self {
        Self(Error::new(code))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        status(self.0.code)
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

/// A problem (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Document<'a> {
    /// The kind of problem: a page of this server that explains it.
    #[serde(rename = "type")]
    #[schema(example = "/problems/invalid")]
    kind: String,
    /// The kind's stable code.
    #[schema(example = "invalid")]
    code: &'a str,
    /// The kind's title, in the language asked for.
    #[schema(example = "Dữ liệu không hợp lệ")]
    title: &'a str,
    /// The HTTP status.
    #[schema(example = 422)]
    status: u16,
    /// What happened this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    /// This request, as the server's log names it.
    #[schema(example = "urn:uuid:0192f3a0-7c1d-7e55-8b1a-3d0c2b1a0f9e")]
    instance: String,
    /// The places at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Fault<'a>>,
    /// May the same request succeed later?
    retryable: bool,
}

/// One thing wrong with one place of the request.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Fault<'a> {
    /// JSON Pointer (RFC 6901) into the body, or the name of a parameter after a slash.
    #[schema(example = "/citizen_id")]
    pointer: String,
    /// Stable code of what is wrong.
    #[schema(example = "wrong_type")]
    code: &'a str,
    /// What is wrong, in the language asked for.
    #[schema(example = "Giá trị không đúng kiểu")]
    message: &'a str,
}

impl<'a> Fault<'a> {
    fn of(error: &'a FieldError, language: Language) -> Self {
        Self {
            pointer: error.pointer.split('/').map(cut).collect::<Vec<_>>().join("/"),
            code: &error.code,
            message: language.of_text(&error.message),
        }
    }
}

/// The answer that tells of an error. What is ours to repair is told by its number alone; the cause is logged.
pub(crate) fn render(error: &Error, request_id: Uuid, language: Language) -> HttpResponse {
    let status = status(error.code);
    let instance = format!("urn:uuid:{request_id}");
    let ours = status.is_server_error();
    if ours {
        tracing::error!(request.id = %request_id, error = %error, "request failed");
    }
    let document = Document {
        kind: format!("/problems/{}", error.code.code()),
        code: error.code.code(),
        title: language.of_pair(error.code.title()),
        status: status.as_u16(),
        detail: error
            .detail
            .as_ref()
            .filter(|_| !ours)
            .map(|text| language.of_text(text)),
        instance,
        errors: error.fields.iter().map(|field| Fault::of(field, language)).collect(),
        retryable: error.is_retryable(),
    };
    let mut response = HttpResponse::build(status);
    response.insert_header((header::CONTENT_LANGUAGE, language.tag()));
    response.insert_header((header::VARY, "Accept-Language"));
    match error.code {
        ProblemCode::Unauthenticated => {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"ansinh\""));
        }
        ProblemCode::Unavailable | ProblemCode::IdempotencyInProgress => {
            response.insert_header((header::RETRY_AFTER, "1"));
        }
        // By then a whole minute's requests are free again.
        ProblemCode::TooManyRequests => {
            response.insert_header((header::RETRY_AFTER, "60"));
        }
        _ => {}
    }
    response.insert_header((header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON)));
    response.body(serde_json::to_vec(&document).unwrap_or_default())
}

/// The problem of an answer that the framework gave without one.
pub(crate) const fn of_status(status: u16) -> ProblemCode {
    match status {
        401 => ProblemCode::Unauthenticated,
        403 => ProblemCode::Forbidden,
        404 => ProblemCode::NotFound,
        405 => ProblemCode::MethodNotAllowed,
        406 => ProblemCode::NotAcceptable,
        413 => ProblemCode::TooLarge,
        415 => ProblemCode::UnsupportedMediaType,
        429 => ProblemCode::TooManyRequests,
        503 => ProblemCode::Unavailable,
        400..=499 => ProblemCode::InvalidRequest,
        _ => ProblemCode::Internal,
    }
}

fn status(code: ProblemCode) -> StatusCode {
    StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
