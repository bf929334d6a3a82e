//! From what a parser says to a fault with a pointer, a stable code and words in both languages.

use std::fmt::Display;

use serde_json::Value;
use serde_path_to_error::{Path, Segment};
use service::wording::{self, cut, escape};
use service::{Error, FieldError, ProblemCode};

/// The largest integer that every client reads exactly (2^53 - 1).
const LARGEST: i64 = 9_007_199_254_740_991;

/// The body is no JSON at all.
pub(crate) fn broken_json(error: &serde_json::Error) -> Error {
    let (line, column) = (error.line(), error.column());
    // The reader tells this by its words alone.
    if error.to_string().starts_with("recursion limit exceeded") {
        return Error::because(
            ProblemCode::InvalidJson,
            format!("Dòng {line}, cột {column}: JSON lồng nhau quá 127 cấp"),
            format!("line {line}, column {column}: JSON is nested more than 127 deep"),
        );
    }
    Error::because(
        ProblemCode::InvalidJson,
        format!("Dòng {line}, cột {column}: không đọc được JSON"),
        format!("line {line}, column {column}: not JSON"),
    )
}

/// The most faults of one body that are told.
const MOST_FAULTS: usize = 100;

/// Every number that a browser would round, and every text that can't be stored or shown; at most the first 100.
pub(crate) fn unfit(value: &Value) -> Vec<FieldError> {
    let mut faults = Vec::new();
    walk(value, &mut String::new(), &mut faults);
    faults.truncate(MOST_FAULTS);
    faults
}

fn walk(value: &Value, pointer: &mut String, faults: &mut Vec<FieldError>) {
    if faults.len() >= MOST_FAULTS {
        return;
    }
    let length = pointer.len();
    match value {
        Value::Number(number) => {
            let exact = match (number.as_i64(), number.as_u64(), number.as_f64()) {
                (Some(number), ..) => (-LARGEST..=LARGEST).contains(&number),
                (None, Some(_), _) => false,
                (None, None, Some(number)) => number.abs() <= 9_007_199_254_740_991.0,
                (None, None, None) => false,
            };
            if !exact {
                faults.push(FieldError::new(
                    pointer.as_str(),
                    "number_too_large",
                    format!("Số vượt quá {LARGEST}, không thể trao đổi chính xác"),
                    format!("the number is beyond {LARGEST} and can't be exchanged exactly"),
                ));
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                push(pointer, &index.to_string());
                walk(item, pointer, faults);
                pointer.truncate(length);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                push(pointer, &cut(name));
                printable(name, pointer, faults);
                walk(field, pointer, faults);
                pointer.truncate(length);
            }
        }
        Value::String(text) => printable(text, pointer, faults),
        Value::Null | Value::Bool(_) => {}
    }
}

/// PostgreSQL stores no U+0000, and XML 1.0 (section 2.2) has none of the others but these three.
fn printable(text: &str, pointer: &str, faults: &mut Vec<FieldError>) {
    if text.chars().any(|c| c < ' ' && !matches!(c, '\t' | '\n' | '\r')) {
        faults.push(FieldError::new(
            pointer,
            "control_character",
            "Có ký tự điều khiển; chỉ được dùng dấu tab và dấu xuống dòng",
            "there is a control character; of these only tabs and line breaks are taken",
        ));
    }
}

/// What is wrong with a body that is JSON, but not the JSON that was asked for.
pub(crate) fn of_json(error: &serde_path_to_error::Error<serde_json::Error>) -> FieldError {
    wording::told(pointer_of(error.path()), &error.inner().to_string())
}

/// A query names a parameter that the operation does not have.
pub(crate) fn unknown_filter(name: &str) -> Error {
    let field = FieldError::new(
        format!("/{}", escape(name)),
        "unknown_filter",
        format!("Không có bộ lọc \"{}\"", cut(name)),
        format!("there is no filter \"{}\"", cut(name)),
    );
    Error {
        fields: vec![field],
        ..Error::new(ProblemCode::UnknownFilter)
    }
}

/// Every value of a query or a form that no text may hold.
pub(crate) fn unfit_form(form: &[u8]) -> Option<Error> {
    let mut fields = Vec::new();
    for (name, value) in form_urlencoded::parse(form) {
        printable(&value, &format!("/{}", escape(&cut(&name))), &mut fields);
    }
    (!fields.is_empty()).then(|| Error {
        fields,
        ..Error::new(ProblemCode::InvalidRequest)
    })
}

/// What is wrong with a query.
pub(crate) fn of_query(error: &serde_path_to_error::Error<impl Display>) -> Error {
    let said = error.inner().to_string();
    if let Some(name) = wording::unknown_field(&said) {
        return unknown_filter(name);
    }
    Error {
        fields: vec![wording::told(pointer_of(error.path()), &said)],
        ..Error::new(ProblemCode::InvalidRequest)
    }
}

fn pointer_of(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => push(&mut pointer, &index.to_string()),
            Segment::Map { key } => push(&mut pointer, key),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

fn push(pointer: &mut String, segment: &str) {
    pointer.push('/');
    pointer.push_str(&escape(segment));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[expect(dead_code, reason = "read by the parser alone")]
        items: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[expect(dead_code, reason = "read by the parser alone")]
        on: chrono::NaiveDate,
        #[expect(dead_code, reason = "read by the parser alone")]
        amount: i64,
    }

    fn fault(json: &str) -> (String, String) {
        let value: Value = serde_json::from_str(json).unwrap();
        let error = serde_path_to_error::deserialize::<_, Outer>(value).unwrap_err();
        let FieldError { pointer, code, .. } = of_json(&error);
        (pointer, code)
    }

    #[test]
    fn each_fault_points_to_its_place() {
        for (json, pointer, code) in [
            (
                r#"{"items":[{"on":"2024-02-30","amount":1}]}"#,
                "/items/0/on",
                "invalid_value",
            ),
            (
                r#"{"items":[{"on":"2024-02-01","amount":"1"}]}"#,
                "/items/0/amount",
                "wrong_type",
            ),
            (
                r#"{"items":[{"on":"2024-02-01","amount":1.5}]}"#,
                "/items/0/amount",
                "wrong_type",
            ),
            (r#"{"items":[{"on":"2024-02-01"}]}"#, "/items/0/amount", "missing_field"),
            (
                r#"{"items":[{"on":"2024-02-01","amount":1,"a/b":2}]}"#,
                "/items/0/a~1b",
                "unknown_field",
            ),
            (r#"{"items":[],"more":1}"#, "/more", "unknown_field"),
            (r#"{"items":{}}"#, "/items", "wrong_type"),
        ] {
            assert_eq!(fault(json), (pointer.to_owned(), code.to_owned()), "{json}");
        }
    }

    #[test]
    fn numbers_that_a_browser_would_round_are_found() {
        let fits = r#"{"a":9007199254740991,"b":[-9007199254740991, 0.5]}"#;
        assert!(unfit(&serde_json::from_str(fits).unwrap()).is_empty());
        for (json, pointer) in [
            (r#"{"a":9007199254740992}"#, "/a"),
            (r#"{"a":[0,-9007199254740992]}"#, "/a/1"),
            (r#"{"a":18446744073709551615}"#, "/a"),
            (r#"{"a":1e300}"#, "/a"),
        ] {
            let faults = unfit(&serde_json::from_str(json).unwrap());
            assert_eq!(
                faults.first().map(|fault| fault.pointer.as_str()),
                Some(pointer),
                "{json}"
            );
        }
    }

    #[test]
    fn control_characters_are_found_in_texts_and_names() {
        let fits = r#"{"a\tb":"c\t\r\n d\u007f\u0085"}"#;
        assert!(unfit(&serde_json::from_str(fits).unwrap()).is_empty());
        let json = r#"{"a":["b","\u0000"],"c":{"\u001f":1},"d":"e\u0008f"}"#;
        let faults = unfit(&serde_json::from_str(json).unwrap());
        let places: Vec<_> = faults
            .iter()
            .map(|fault| (fault.pointer.as_str(), fault.code.as_str()))
            .collect();
        let code = "control_character";
        assert_eq!(places, [("/a/1", code), ("/c/\u{1f}", code), ("/d", code)]);
        let many: Value = vec!["\0"; 1_000].into();
        assert_eq!(unfit(&many).len(), 100);
    }
}
