//! What is wrong with a profile, by its place, and what should stand there.

use serde::Serialize;
use serde_path_to_error::{Path, Segment};

use super::cut_off;

/// What a place of a profile should hold, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Expected {
    /// In Vietnamese.
    pub vi: String,
    /// In English.
    pub en: String,
}

/// What is wrong with a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProfileFault {
    /// JSON Pointer (RFC 6901) to the place.
    pub pointer: String,
    /// Stable code.
    pub code: &'static str,
    /// What should stand there, where something of another kind does, or a number beyond its bounds.
    pub expected: Option<Expected>,
}

impl ProfileFault {
    /// A fault of a value of the right kind.
    pub(super) fn at(pointer: impl Into<String>, code: &'static str) -> Self {
        Self {
            pointer: pointer.into(),
            code,
            expected: None,
        }
    }

    /// A whole number below the least or above the most that it may be.
    pub(super) fn beyond(pointer: impl Into<String>, least: u32, most: u32) -> Self {
        Self {
            expected: Some(whole(least, most)),
            ..Self::at(pointer, "range")
        }
    }

    /// The profile is no JSON object.
    pub(super) fn no_object() -> Self {
        Self {
            expected: Some(object()),
            ..Self::at("", "not_an_object")
        }
    }

    /// Why JSON could not be read as a profile.
    pub(super) fn unreadable(error: &serde_path_to_error::Error<serde_json::Error>) -> Self {
        let (said, pointer) = (error.inner().to_string(), pointer(error.path()));
        if let Some(field) = said
            .strip_prefix("missing field `")
            .and_then(|rest| rest.split('`').next())
        {
            return Self::at(format!("{pointer}/{}", escaped(field)), "missing");
        }
        let code = if said.starts_with("invalid type") {
            "wrong_type"
        } else if said.starts_with("unknown variant") {
            "unknown_value"
        } else if said.starts_with("unknown field") {
            "unknown_field"
        } else if said.starts_with("invalid value") {
            "wrong_value"
        } else {
            "unreadable"
        };
        // What somebody wrote stands before it, and may hold the same words.
        let expected = said.rsplit_once(", expected ").map(|(_, what)| expected(what));
        Self {
            pointer,
            code,
            expected,
        }
    }
}

/// The place as a JSON Pointer.
fn pointer(path: &Path) -> String {
    let names = path.iter().filter_map(|segment| match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => Some(escaped(key)),
        // A word of a closed set has no place of its own.
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    names.flat_map(|name| ["/".to_owned(), name]).collect()
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn of(vi: impl Into<String>, en: impl Into<String>) -> Expected {
    Expected {
        vi: vi.into(),
        en: en.into(),
    }
}

fn object() -> Expected {
    of("đối tượng JSON", "a JSON object")
}

fn whole(least: u32, most: u32) -> Expected {
    of(
        format!("số nguyên từ {least} đến {most}"),
        format!("a whole number from {least} to {most}"),
    )
}

/// What serde says it expected, in words of both languages.
fn expected(what: &str) -> Expected {
    match what {
        "a string" | "string or map" => of("chuỗi ký tự", "a string"),
        "a boolean" => of("true hoặc false", "true or false"),
        "a sequence" => of("danh sách", "a list"),
        "a map" => object(),
        "a character" => of("một ký tự", "one character"),
        "u16" => whole(0, u16::MAX.into()),
        "u32" => whole(0, u32::MAX),
        "u64" | "usize" => of("số nguyên không âm", "a whole number, not negative"),
        "i64" => of("số nguyên", "a whole number"),
        cut_off::EXPECTED => of(
            "giờ trong ngày dạng HH:MM, ví dụ 15:30",
            "a time of day as HH:MM, such as 15:30",
        ),
        _ if what.starts_with("struct ") => object(),
        _ => {
            let words: Vec<&str> = what.split('`').skip(1).step_by(2).collect();
            if words.is_empty() {
                of(what, what)
            } else {
                let words = words.join(", ");
                of(format!("một trong: {words}"), format!("one of: {words}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::bank::BankProfiles;

    #[test]
    fn a_profile_lets_no_more_lines_into_a_file_than_are_held_in_memory() {
        let profiles = BankProfiles::embedded().unwrap();
        let most = profiles.read(&json!({"max_lines": 1_000_000})).unwrap();
        assert_eq!(most.max_lines, 1_000_000);
        for lines in [0, 1_000_001, u32::MAX] {
            let faults = profiles.read(&json!({"max_lines": lines})).unwrap_err();
            let [fault] = faults.as_slice() else {
                panic!("{lines}: {faults:?}")
            };
            assert_eq!((fault.pointer.as_str(), fault.code), ("/max_lines", "range"));
            let expected = fault.expected.as_ref().unwrap();
            assert_eq!(
                (expected.vi.as_str(), expected.en.as_str()),
                ("số nguyên từ 1 đến 1000000", "a whole number from 1 to 1000000")
            );
        }
    }
}
