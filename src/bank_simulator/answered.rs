//! What the API answers, as a caller reads it.

use std::time::Duration;

use reqwest::{Response, StatusCode, Url};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Fault;

/// How long the API asks to wait (RFC 9110 10.2.3) of who has asked too often.
pub(super) fn patience(status: StatusCode, retry_after: Option<&str>) -> Option<Duration> {
    let asked = retry_after.filter(|_| status == StatusCode::TOO_MANY_REQUESTS)?;
    asked.parse().ok().map(Duration::from_secs)
}

pub(super) fn unreachable(base: &Url, error: &reqwest::Error) -> Fault {
    Fault::run(
        format!("Không gọi được {base}"),
        format!("the API can't be reached: {error}"),
    )
}

/// An answer that went well; a refused credential is the caller's fault.
pub(super) async fn well(answer: Response) -> Result<Response, Fault> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let path = answer.url().path().to_owned();
    let problem: Value = answer.json().await.unwrap_or_default();
    let word = |name: &str| problem.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (title, detail) = (word("title"), word("detail"));
    Err(match status {
        StatusCode::UNAUTHORIZED => Fault::input("--key không được chấp nhận", "the key is not accepted"),
        StatusCode::FORBIDDEN => not_of_the_treasury(&path),
        _ => Fault::run(format!("{path}: {title} {detail}"), status),
    })
}

/// The credential may not do what a bank needs to: `what` it was or where it was refused.
pub(super) fn not_of_the_treasury(what: &str) -> Fault {
    Fault::input(
        "--key phải thuộc vai trò treasury, toàn tỉnh",
        format!("the key must be of the role treasury, for the whole province: {what}"),
    )
}

pub(super) async fn json_of<T: DeserializeOwned>(answer: Response) -> Result<T, Fault> {
    let path = answer.url().path().to_owned();
    answer.json().await.map_err(|error| {
        Fault::run(
            format!("{path}: câu trả lời không hiểu được"),
            format!("the answer is not understood: {error}"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_asked_for_patience_waits_as_long() {
        let asked = StatusCode::TOO_MANY_REQUESTS;
        assert_eq!(patience(asked, Some("60")), Some(Duration::from_secs(60)));
        assert_eq!(patience(asked, None), None);
        assert_eq!(patience(asked, Some("Fri, 27 Nov 2026 15:00:00 GMT")), None);
        assert_eq!(patience(StatusCode::OK, Some("60")), None);
    }
}
