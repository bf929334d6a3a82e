//! One request and its answer.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

/// A request that is being put together.
pub(crate) struct Call {
    request: reqwest::RequestBuilder,
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: HeaderMap,
    pub(crate) text: String,
}

impl Call {
    pub(crate) fn new(method: &str, url: &str) -> Self {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            request: client.request(method.parse().unwrap(), url),
        }
    }

    /// With a credential.
    pub(crate) fn key(self, key: &str) -> Self {
        Self {
            request: self.request.bearer_auth(key),
        }
    }

    /// With a header.
    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().unwrap();
        Self {
            request: self.request.header(name, HeaderValue::from_str(value).unwrap()),
        }
    }

    /// With an `Idempotency-Key`.
    pub(crate) fn once(self, key: &str) -> Self {
        self.header("Idempotency-Key", key)
    }

    /// With `If-Match`.
    pub(crate) fn if_match(self, tag: &str) -> Self {
        self.header("If-Match", tag)
    }

    /// With a JSON body.
    pub(crate) fn json(self, body: &Value) -> Self {
        Self {
            request: self.request.json(body),
        }
    }

    /// With a body of this media type.
    pub(crate) fn body(self, media_type: &str, body: impl Into<reqwest::Body>) -> Self {
        Self {
            request: self.request.body(body),
        }
        .header("Content-Type", media_type)
    }

    /// Sends it for a file: its media type and its bytes.
    pub(crate) async fn download(self) -> (String, Vec<u8>) {
        let response = self.request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.unwrap().to_vec();
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&bytes));
        let kind = headers.get("content-type").map_or("", |value| value.to_str().unwrap());
        (kind.to_owned(), bytes)
    }

    /// Sends it.
    pub(crate) async fn send(self) -> Answer {
        self.sent().await.unwrap()
    }

    /// Sends it to who may die over it.
    pub(crate) async fn sent(self) -> reqwest::Result<Answer> {
        let response = self.request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Answer {
            status,
            headers,
            text: response.text().await?,
        })
    }
}

impl Answer {
    /// A header; empty where it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Every header of a name.
    pub(crate) fn headers(&self, name: &str) -> Vec<&str> {
        let all = self.headers.get_all(name).iter();
        all.map(|value| value.to_str().unwrap()).collect()
    }

    /// The names and values of all headers, sorted, but for those that differ from answer to answer.
    pub(crate) fn lasting_headers(&self) -> Vec<(&str, &str)> {
        let all = self.headers.iter();
        let all = all.map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
        let mut lasting: Vec<_> = all
            .filter(|(name, _)| !["date", "ratelimit", "x-request-id"].contains(name))
            .collect();
        lasting.sort_unstable();
        lasting
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// A problem of this code, and where it points: checks all that every problem must have.
    #[track_caller]
    pub(crate) fn problem(&self, code: &str) -> Vec<(String, String)> {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let body = self.json();
        assert_eq!(body["type"], format!("/problems/{code}"), "{self:?}");
        assert_eq!(body["status"], self.status, "{self:?}");
        assert!(body["title"].is_string() && body["retryable"].is_boolean(), "{self:?}");
        let instance = body["instance"].as_str().unwrap_or_default();
        assert_eq!(
            instance,
            format!("urn:uuid:{}", self.header("x-request-id")),
            "{self:?}"
        );
        let errors = body["errors"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        errors
            .iter()
            .map(|error| (text(&error["pointer"]), text(&error["code"])))
            .collect()
    }
}
