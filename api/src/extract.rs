//! What handlers take from a request, each fault with a pointer to its place.

use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use domain::by_name::ByName;
use futures::StreamExt;
use futures::future::{Ready, ready};
use serde::de::DeserializeOwned;
use service::{Error, FieldError, ProblemCode};
use sha2::{Digest, Sha256};

use crate::context::{Context, JSON_LIMIT, UPLOAD_LIMIT};
use crate::fault;
use crate::problem::Problem;
use crate::strict_json;

/// SHA-256 of the body that was read, for the fingerprint of the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyHash(pub(crate) [u8; 32]);

type Extraction<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

/// A JSON body, read strictly: unknown fields, numbers that a browser would round, control characters and lists for
/// objects are refused.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move { json(&request, payload, usize::MAX).await.map(Self) })
    }
}

/// A JSON body of at most so many bytes, where there is never much to say.
#[derive(Debug)]
pub(crate) struct SmallBody<T, const MOST: usize>(pub(crate) T);

impl<T: DeserializeOwned + 'static, const MOST: usize> FromRequest for SmallBody<T, MOST> {
    type Error = Problem;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move { json(&request, payload, MOST).await.map(Self) })
    }
}

/// A JSON body that may be left out, or be `null`; one that is there is read as strictly as any.
#[derive(Debug)]
pub(crate) struct OptionalBody<T>(pub(crate) Option<T>);

impl<T: DeserializeOwned + 'static> FromRequest for OptionalBody<T> {
    type Error = Problem;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let bytes = read(&request, payload, json_limit(&request)).await?;
            if bytes.is_empty() {
                return Ok(Self(None));
            }
            require_json(&request)?;
            Ok(Self(parse(&bytes)?))
        })
    }
}

/// A JSON body within what the server takes of any, and within so many bytes.
async fn json<T: DeserializeOwned>(request: &HttpRequest, payload: Payload, most: usize) -> Result<T, Problem> {
    require_json(request)?;
    let bytes = read(request, payload, json_limit(request).min(most)).await?;
    Ok(parse(&bytes)?)
}

fn require_json(request: &HttpRequest) -> Result<(), Problem> {
    let kind = media_type(request);
    if kind == "application/json" || kind.ends_with("+json") {
        return Ok(());
    }
    Err(unsupported(&kind, "application/json"))
}

/// The longest JSON body that the server takes, bytes.
fn json_limit(request: &HttpRequest) -> usize {
    request
        .app_data::<web::Data<Context>>()
        .map_or(JSON_LIMIT, |context| context.json_limit)
}

/// An uploaded file as the raw body.
#[derive(Debug)]
pub(crate) struct Upload(pub(crate) Vec<u8>);

impl FromRequest for Upload {
    type Error = Problem;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let kind = media_type(&request);
            if kind.is_empty() || kind.starts_with("multipart/") {
                return Err(unsupported(&kind, "application/octet-stream"));
            }
            let limit = request
                .app_data::<web::Data<Context>>()
                .map_or(UPLOAD_LIMIT, |context| context.upload_limit);
            read(&request, payload, limit).await.map(Self)
        })
    }
}

fn media_type(request: &HttpRequest) -> String {
    let value = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn unsupported(kind: &str, wanted: &str) -> Problem {
    Problem(Error::because(
        ProblemCode::UnsupportedMediaType,
        format!("Content-Type là \"{kind}\"; cần {wanted}"),
        format!("Content-Type is \"{kind}\"; {wanted} is needed"),
    ))
}

fn too_large(limit: usize) -> Problem {
    Problem(Error::because(
        ProblemCode::TooLarge,
        format!("Nội dung được phép dài tối đa {limit} byte"),
        format!("the body may have {limit} bytes at most"),
    ))
}

async fn read(request: &HttpRequest, mut payload: Payload, limit: usize) -> Result<Vec<u8>, Problem> {
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok());
    if announced
        .and_then(|length| length.parse::<usize>().ok())
        .is_some_and(|length| length > limit)
    {
        return Err(too_large(limit));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = match chunk {
            Ok(chunk) => chunk,
            Err(_) => return Err(ProblemCode::InvalidRequest.into()),
        };
        if bytes.len() + chunk.len() > limit {
            return Err(too_large(limit));
        }
        bytes.extend_from_slice(&chunk);
    }
    let hash = Sha256::digest(&bytes);
    let mut digest = [0; 32];
    digest.copy_from_slice(&hash);
    request.extensions_mut().insert(BodyHash(digest));
    Ok(bytes)
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    let value = strict_json::read(bytes)?;
    let unfit = fault::unfit(&value);
    if !unfit.is_empty() {
        return Err(Error::invalid(unfit));
    }
    serde_path_to_error::deserialize(ByName(&value)).map_err(|error| Error::invalid(vec![fault::of_json(&error)]))
}

/// The query string, read strictly: an unknown filter is refused, never taken for "everything".
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let query = request.query_string();
        if let Some(unfit) = fault::unfit_form(query.as_bytes()) {
            return ready(Err(Problem(unfit)));
        }
        let parts = form_urlencoded::parse(query.as_bytes());
        let parsed = serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(parts));
        ready(parsed.map(Self).map_err(|error| Problem(fault::of_query(&error))))
    }
}

/// Which page of a list that has no filters.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// Rows of the page, 1 to 200; 50 if left out.
    pub(crate) limit: Option<u32>,
    /// Where the page before ended.
    pub(crate) cursor: Option<String>,
}

/// A word of a closed set that a verb takes, from the text of a field.
pub(crate) fn word<T: DeserializeOwned>(pointer: &str, text: String) -> Result<T, Problem> {
    serde_json::from_value(serde_json::Value::String(text)).map_err(|error| {
        Problem(Error::field(
            pointer,
            "unknown_value",
            "Giá trị không thuộc danh mục",
            error.to_string(),
        ))
    })
}

/// An id in the path.
#[derive(Debug)]
pub(crate) struct Path<T>(T);

impl<T> Deref for Path<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Path<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let found = web::Path::<T>::from_request(request, payload).into_inner();
        let pointer = || {
            let names: Vec<&str> = request.match_info().iter().map(|(name, _)| name).collect();
            format!("/{}", names.join("/"))
        };
        ready(found.map(|path| Self(path.into_inner())).map_err(|error| {
            let field = FieldError::new(
                pointer(),
                "invalid_value",
                "Mã trong đường dẫn không hợp lệ",
                format!("the id in the path is not valid: {error}"),
            );
            Problem(Error {
                fields: vec![field],
                ..Error::new(ProblemCode::InvalidRequest)
            })
        }))
    }
}
