//! What a parser says, in words of people: what stands there, and what is asked for. The parser's own words are about the
//! program's types, and English alone.

use service::Text;

/// Words for kinds of values, as the parser tells of them: by what its own begin with.
const KINDS: [(&str, &str, &str); 17] = [
    ("string", "chuỗi ký tự", "text"),
    ("a string", "chuỗi ký tự", "text"),
    ("str", "chuỗi ký tự", "text"),
    ("integer", "số nguyên", "a whole number"),
    ("floating point", "số thập phân", "a number with decimals"),
    ("boolean", "giá trị đúng/sai", "true or false"),
    ("a boolean", "true hoặc false", "true or false"),
    ("null", "null", "null"),
    ("unit", "null", "null"),
    ("sequence", "danh sách", "a list"),
    ("a sequence", "danh sách", "a list"),
    ("map", "đối tượng", "an object"),
    ("a map", "đối tượng", "an object"),
    ("struct", "đối tượng", "an object"),
    (
        "a formatted date",
        "ngày dạng năm-tháng-ngày",
        "a date as year-month-day",
    ),
    ("a UUID string", "mã định danh UUID", "a UUID"),
    (
        "a formatted date and time",
        "thời điểm theo RFC 3339",
        "a date and time of RFC 3339",
    ),
];

/// Types of whole numbers of the program.
const WHOLE: [&str; 10] = ["i8", "i16", "i32", "i64", "isize", "u8", "u16", "u32", "u64", "usize"];

/// `invalid type: string "a", expected u32`, or `invalid value: …`.
pub(super) fn wrong_type(said: &str) -> Option<Text> {
    let (_, told) = said.split_once(": ")?;
    let (found, expected) = told.rsplit_once(", expected ")?;
    let ((found_vi, found_en), (vi, en)) = (kind(found)?, kind(expected)?);
    let shown = shown(found).map_or_else(String::new, |own| format!(" {own}"));
    Some(Text::new(
        format!("Giá trị không đúng kiểu: đang là {found_vi}{shown}, cần {vi}"),
        format!("the value is {found_en}{shown}; {en} is needed"),
    ))
}

/// ``unknown variant `a`, expected `b` or `c` ``.
pub(super) fn unknown_value(said: &str) -> Option<Text> {
    let (own, others) = said.split_once(", expected ")?;
    let own = own.split('`').nth(1)?;
    let others: Vec<&str> = others.split('`').skip(1).step_by(2).collect();
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
    // Of several that it begins with the longest says most.
    let known = KINDS.iter().filter(|(start, ..)| fits(start));
    known
        .max_by_key(|(start, ..)| start.len())
        .map(|(_, vi, en)| (*vi, *en))
}

/// The value itself, where the parser shows it.
fn shown(found: &str) -> Option<String> {
    if let Some((_, text)) = found.split_once('"') {
        return text.strip_suffix('"').map(|text| format!("\"{text}\""));
    }
    found.split('`').nth(1).map(ToOwned::to_owned)
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
}
