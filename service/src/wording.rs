//! What a parser says, in words of people: what stands there, and what is asked for. The parser's own words are about the
//! program's types, and English alone.

use crate::error::{FieldError, Text};

/// Words for kinds of values, by what the parser's own words for them begin with.
const KINDS: [(&str, &str, &str); 20] = [
    ("string", "chuỗi ký tự", "text"),
    ("a string", "chuỗi ký tự", "text"),
    ("str", "chuỗi ký tự", "text"),
    ("string or map", "chuỗi ký tự hoặc đối tượng", "text or an object"),
    ("integer", "số nguyên", "a whole number"),
    (
        "an integer, or a decimal as text",
        "số nguyên, hoặc số thập phân viết thành chuỗi",
        "a whole number, or a decimal as text",
    ),
    ("floating point", "số thập phân", "a number with decimals"),
    ("boolean", "giá trị đúng/sai", "true or false"),
    ("a boolean", "true hoặc false", "true or false"),
    ("null", "null", "null"),
    ("unit", "null", "null"),
    ("sequence", "danh sách", "a list"),
    ("a sequence", "danh sách", "a list"),
    ("map", "đối tượng", "an object"),
    ("a map", "đối tượng", "an object"),
    (
        "map with a single key",
        "đối tượng có đúng một trường",
        "an object of one field",
    ),
    ("struct", "đối tượng", "an object"),
    (
        "a formatted date",
        "ngày dạng năm-tháng-ngày",
        "a date as year-month-day",
    ),
    ("a formatted UUID string", "mã định danh UUID", "a UUID"),
    (
        "a formatted date and time",
        "thời điểm theo RFC 3339",
        "a date and time of RFC 3339",
    ),
];

/// The most characters that an answer repeats of one text of the request.
const REPEATED: usize = 100;

/// Types of whole numbers of the program.
const WHOLE: [&str; 10] = ["i8", "i16", "i32", "i64", "isize", "u8", "u16", "u32", "u64", "usize"];

/// The fault that a parser tells of: at the place of its path, with the field that it names beside that.
pub fn told(mut pointer: String, said: &str) -> FieldError {
    let kind = Kind::of(said);
    if let (Kind::UnknownField | Kind::MissingField | Kind::DuplicateField, Some(name)) = (&kind, named(said).next()) {
        let tail = format!("/{}", escape(name));
        if !pointer.ends_with(&tail) {
            pointer.push_str(&tail);
        }
    }
    let (code, Text { vi, en }) = kind.words(said);
    FieldError::new(pointer, code, vi, en)
}

/// The field that a parser does not know, if that is what it tells of.
pub fn unknown_field(said: &str) -> Option<&str> {
    let unknown = matches!(Kind::of(said), Kind::UnknownField);
    named(said).next().filter(|_| unknown)
}

/// A segment of a JSON Pointer (RFC 6901).
pub fn escape(segment: &str) -> String {
    segment.replace('~', "~0").replace('/', "~1")
}

/// A text of the request as an answer repeats it: its first 100 characters, and an ellipsis where there were more. An
/// answer is not to grow with what was sent.
pub fn cut(text: &str) -> String {
    let mut shown: String = text.chars().take(REPEATED).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// The kinds of faults that parsers tell of.
enum Kind {
    UnknownField,
    MissingField,
    DuplicateField,
    WrongType,
    UnknownValue,
    InvalidValue,
}

impl Kind {
    fn of(said: &str) -> Self {
        for (start, kind) in [
            ("unknown field", Self::UnknownField),
            ("missing field", Self::MissingField),
            ("duplicate field", Self::DuplicateField),
            ("invalid type", Self::WrongType),
            ("unknown variant", Self::UnknownValue),
        ] {
            if said.starts_with(start) {
                return kind;
            }
        }
        Self::InvalidValue
    }

    /// The code and the sentence; what the parser says in other words than are known here is left as it is, but cut.
    fn words(&self, said: &str) -> (&'static str, Text) {
        let left = |vi: &str| {
            let en = said.rsplit_once(EXPECTED).map_or_else(
                || cut(said),
                |(found, wanted)| format!("{}{EXPECTED}{}", cut(found), cut(wanted)),
            );
            Text::new(vi, en)
        };
        match self {
            Self::UnknownField => ("unknown_field", no_such_field(said)),
            Self::MissingField => (
                "missing_field",
                Text::new("Thiếu trường bắt buộc", "the field is required and missing"),
            ),
            Self::DuplicateField => (
                "duplicate_field",
                Text::new("Trường bị lặp lại", "the field stands twice in one object"),
            ),
            Self::WrongType => (
                "wrong_type",
                wrong_type(said).unwrap_or_else(|| left("Giá trị không đúng kiểu")),
            ),
            Self::UnknownValue => (
                "unknown_value",
                unknown_value(said).unwrap_or_else(|| left("Giá trị không thuộc danh mục")),
            ),
            Self::InvalidValue => (
                "invalid_value",
                invalid_value(said).unwrap_or_else(|| left("Giá trị không hợp lệ")),
            ),
        }
    }
}

/// What stands between what a parser found and what it wanted. What was found may have these words too: they are looked
/// for from the end.
const EXPECTED: &str = ", expected ";

/// What a parser names, in its order.
fn named(said: &str) -> impl Iterator<Item = &str> {
    said.split('`').skip(1).step_by(2)
}

/// ``unknown field `a`, expected `b` or `c` ``.
fn no_such_field(said: &str) -> Text {
    let told = said.rsplit_once(EXPECTED);
    let Some((_, others)) = told.filter(|_| !said.ends_with("there are no fields")) else {
        return Text::new("Không có trường này", "there is no such field");
    };
    let others = named(others).collect::<Vec<_>>().join(", ");
    Text::new(
        format!("Không có trường này; các trường được nhận: {others}"),
        format!("there is no such field; the fields taken: {others}"),
    )
}

/// ``invalid value: integer `-1`, expected u32``, or of another length.
fn invalid_value(said: &str) -> Option<Text> {
    if said.starts_with("invalid length") {
        return Some(Text::new(
            "Danh sách không có đúng số phần tử",
            "the list has not as many items as are needed",
        ));
    }
    if said.starts_with("invalid value: integer") {
        return Some(Text::new(
            "Số nằm ngoài giới hạn cho phép",
            "the number is outside the bounds",
        ));
    }
    said.starts_with("invalid value").then(|| wrong_type(said)).flatten()
}

/// `invalid type: string "a", expected u32`, or `invalid value: …`.
fn wrong_type(said: &str) -> Option<Text> {
    let (_, told) = said.split_once(": ")?;
    let (found, expected) = told.rsplit_once(EXPECTED)?;
    let ((found_vi, found_en), (vi, en)) = (kind(found)?, kind(expected)?);
    let shown = shown(found).map_or_else(String::new, |own| format!(" {own}"));
    Some(Text::new(
        format!("Giá trị không đúng kiểu: đang là {found_vi}{shown}, cần {vi}"),
        format!("the value is {found_en}{shown}; {en} is needed"),
    ))
}

/// ``unknown variant `a`, expected `b` or `c` ``.
fn unknown_value(said: &str) -> Option<Text> {
    let (own, others) = said.rsplit_once(EXPECTED)?;
    let own = cut(named(own).next()?);
    let others: Vec<&str> = named(others).collect();
    if others.is_empty() {
        return None;
    }
    let others = others.join(", ");
    Some(Text::new(
        format!("Giá trị \"{own}\" không thuộc danh mục; các giá trị được nhận: {others}"),
        format!("\"{own}\" is none of the values taken: {others}"),
    ))
}

fn kind(said: &str) -> Option<(&'static str, &'static str)> {
    if WHOLE.contains(&said) {
        return Some(("số nguyên", "a whole number"));
    }
    let fits = |start: &str| {
        let rest = said.strip_prefix(start);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    // Where several fit, the longest says most.
    let known = KINDS.iter().filter(|(start, ..)| fits(start));
    known
        .max_by_key(|(start, ..)| start.len())
        .map(|(_, vi, en)| (*vi, *en))
}

/// The value itself, where the parser shows it.
fn shown(found: &str) -> Option<String> {
    if let Some((_, text)) = found.split_once('"') {
        return text.strip_suffix('"').map(|text| format!("\"{}\"", cut(text)));
    }
    named(found).next().map(cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_there_and_what_is_asked_for_is_told_without_types_of_the_program() {
        for (said, en) in [
            (
                "invalid type: string \"1\", expected i64",
                "the value is text \"1\"; a whole number is needed",
            ),
            (
                "invalid type: floating point `1.5`, expected u32",
                "the value is a number with decimals 1.5; a whole number is needed",
            ),
            (
                "invalid type: map, expected a sequence",
                "the value is an object; a list is needed",
            ),
            (
                "invalid type: null, expected a string",
                "the value is null; text is needed",
            ),
            (
                "invalid type: sequence, expected struct RegisterPerson",
                "the value is a list; an object is needed",
            ),
            (
                "invalid type: integer `5`, expected a formatted date and time string or a unix timestamp",
                "the value is a whole number 5; a date and time of RFC 3339 is needed",
            ),
        ] {
            assert_eq!(wrong_type(said).map(|text| text.en), Some(en.to_owned()), "{said}");
        }
        assert_eq!(wrong_type("invalid type: map, expected a moon"), None);
        let of_set = unknown_value("unknown variant `x`, expected one of `a`, `b`").unwrap();
        assert_eq!(of_set.en, "\"x\" is none of the values taken: a, b");
        assert_eq!(unknown_value("unknown variant `x`, there are no variants"), None);
    }

    #[test]
    fn each_fault_has_a_place_a_code_and_a_sentence() {
        for (said, pointer, code, en) in [
            (
                "unknown field `a/b`, expected one of `c`, `d`",
                "/x/a~1b",
                "unknown_field",
                "there is no such field; the fields taken: c, d",
            ),
            (
                "missing field `c`",
                "/x/c",
                "missing_field",
                "the field is required and missing",
            ),
            (
                "duplicate field `x`",
                "/x",
                "duplicate_field",
                "the field stands twice in one object",
            ),
            (
                "invalid value: integer `-1`, expected u32",
                "/x",
                "invalid_value",
                "the number is outside the bounds",
            ),
            (
                "invalid value: map, expected map with a single key",
                "/x",
                "invalid_value",
                "the value is an object; an object of one field is needed",
            ),
            ("a sentence of our own", "/x", "invalid_value", "a sentence of our own"),
        ] {
            let field = told("/x".to_owned(), said);
            let own = (field.pointer.as_str(), field.code.as_str(), field.message.en.as_str());
            assert_eq!(own, (pointer, code, en), "{said}");
        }
        assert_eq!(unknown_field("unknown field `a`, there are no fields"), Some("a"));
        let bare = told(String::new(), "unknown field `a`, there are no fields");
        assert_eq!(bare.message.en, "there is no such field");
        assert_eq!(unknown_field("missing field `a`"), None);
    }

    #[test]
    fn what_was_sent_is_repeated_in_its_first_characters_alone() {
        assert_eq!(cut("Huế"), "Huế");
        assert_eq!(cut(&"ế".repeat(100)), "ế".repeat(100));
        let (sent, shown) = ("ế".repeat(10_000), format!("{}…", "ế".repeat(100)));
        for (said, pointer, en) in [
            (
                format!("invalid type: string \"{sent}\", expected i64"),
                "/x".to_owned(),
                format!("the value is text \"{shown}\"; a whole number is needed"),
            ),
            (
                format!("unknown variant `{sent}`, expected `a` or `b`"),
                "/x".to_owned(),
                format!("\"{shown}\" is none of the values taken: a, b"),
            ),
            (
                format!("unknown field `{sent}`, expected `a`"),
                format!("/x/{sent}"),
                "there is no such field; the fields taken: a".to_owned(),
            ),
            (
                format!("unknown field `a`, expected `{sent}`, expected `b`"),
                "/x/a".to_owned(),
                "there is no such field; the fields taken: b".to_owned(),
            ),
            (sent, "/x".to_owned(), shown),
        ] {
            let field = told("/x".to_owned(), &said);
            assert_eq!((field.pointer, field.message.en), (pointer, en));
        }
        let said = format!("invalid value: string \"{}\", expected a time", "1".repeat(10_000));
        let left = told(String::new(), &said).message.en;
        assert!(
            left.ends_with("1…, expected a time") && left.chars().count() < 130,
            "{left}"
        );
    }
}
