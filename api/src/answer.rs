//! What handlers answer with.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;
use service::page::Page;
use service::{Error, idempotency};

use crate::auth::Caller;
use crate::etag;
use crate::problem::Problem;

/// A finished answer. It can be stored and given again byte for byte.
#[derive(Debug)]
pub(crate) struct Answer(idempotency::Answer);

/// What a handler gives back.
pub(crate) type Answered = Result<Answer, Problem>;

impl Answer {
    /// 200 with a view.
    pub(crate) fn ok(view: &impl Serialize) -> Result<Self, Problem> {
        Ok(Self(idempotency::Answer {
            status: 200,
            content_type: "application/json".to_owned(),
            headers: BTreeMap::new(),
            body: serde_json::to_string(view).map_err(Error::from)?,
        }))
    }

    /// 201 with a view that is found at `location` from now on.
    pub(crate) fn created(location: impl Into<String>, view: &impl Serialize) -> Result<Self, Problem> {
        Ok(Self::ok(view)?.status(201).with(header::LOCATION, location))
    }

    /// 202 with a view; what was begun is watched at `location`.
    pub(crate) fn accepted(location: impl Into<String>, view: &impl Serialize) -> Result<Self, Problem> {
        Ok(Self::ok(view)?.status(202).with(header::LOCATION, location))
    }

    /// A list that is short enough for one page.
    pub(crate) fn whole(items: Vec<impl Serialize>) -> Result<Self, Problem> {
        Self::ok(&Page { items, next: None })
    }

    /// A page of a list, with a link to the next.
    pub(crate) fn page(caller: &Caller, page: &Page<impl Serialize>) -> Result<Self, Problem> {
        let answer = Self::ok(page)?;
        let Some(cursor) = &page.next else { return Ok(answer) };
        let uri = caller.uri();
        let mut query = form_urlencoded::Serializer::new(String::new());
        let asked = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        query.extend_pairs(asked.filter(|(name, _)| name != "cursor"));
        query.append_pair("cursor", cursor);
        Ok(answer.with(
            header::LINK,
            format!("<{}?{}>; rel=\"next\"", uri.path(), query.finish()),
        ))
    }

    /// With the version of the view as its entity tag.
    #[must_use]
    pub(crate) fn version(self, version: i64) -> Self {
        self.with(header::ETAG, etag::of_version(version))
    }

    /// With an entity tag of the version and of all that the view says, where more of it changes than the version
    /// counts.
    #[must_use]
    pub(crate) fn version_and_rest(self, version: i64) -> Self {
        let tag = etag::of_said(version, &self.0.body);
        self.with(header::ETAG, tag)
    }

    fn status(mut self, status: u16) -> Self {
        self.0.status = status;
        self
    }

    #[expect(clippy::needless_pass_by_value, reason = "header names are passed as constants")]
    fn with(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.0.headers.insert(name.as_str().to_owned(), value.into());
        self
    }

    /// To be stored.
    pub(crate) const fn stored(&self) -> &idempotency::Answer {
        &self.0
    }
}

/// The media type of workbooks.
pub(crate) const SPREADSHEET: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The media type of printed papers.
pub(crate) const PDF: &str = "application/pdf";

/// The media type of a payment file, by its name.
pub(crate) fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("xml") => "application/xml",
        Some("xlsx") => SPREADSHEET,
        Some("pdf") => PDF,
        Some("csv") => "text/csv; charset=utf-8",
        Some("p7s") => "application/pkcs7-signature",
        _ => "application/octet-stream",
    }
}

/// A file to be saved.
pub(crate) fn attachment(name: &str, media_type: &str, bytes: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(media_type)
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(bytes)
}

impl From<idempotency::Answer> for Answer {
    fn from(answer: idempotency::Answer) -> Self {
        Self(answer)
    }
}

impl Responder for Answer {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let idempotency::Answer {
            status,
            content_type,
            headers,
            body,
        } = self.0;
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        response.insert_header((header::CONTENT_TYPE, content_type));
        for (name, value) in headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                response.insert_header((name, value));
            }
        }
        response.body(body)
    }
}
