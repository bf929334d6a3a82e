//! Messages with everything in them that their schemas have are as their schemas have it.

use std::collections::BTreeMap;

use super::messages::MESSAGES;
use super::name;
use super::tests::{Type, schema, values};
use crate::bank_report::{Options, read};

/// A value as long as it may be; of enumerations and choices another in each turn. What nobody looks at is one letter.
fn value(simple: &Type, turn: usize) -> String {
    if let Some((facet, _)) = simple.facets.first()
        && facet == "enumeration"
    {
        return simple.facets[turn % simple.facets.len()].1.clone();
    }
    let told = values(simple);
    match told.as_str() {
        "currency" => "VND".to_owned(),
        "iban" => format!("VN12{}", "a".repeat(30)),
        "unsigned" => " 1234567890123.12345 ".to_owned(),
        "bool" => "\ttrue".to_owned(),
        "date" => "2024-02-29+07:00".to_owned(),
        "time" => "2024-02-29T23:59:59.999Z".to_owned(),
        "d18.0" => "-123456789012345678".to_owned(),
        "d18.17" => "-1.12345678901234567".to_owned(),
        _ => {
            let digits = told.strip_prefix('n').unwrap_or(&told);
            let letter = if digits == told { "Ố" } else { "9" };
            digits
                .parse::<usize>()
                .map_or_else(|_| "x".to_owned(), |most| letter.repeat(most))
        }
    }
}

/// Writes what is in an element of a type.
fn write(out: &mut String, types: &BTreeMap<String, Type>, of: &str, turn: usize) {
    let own = &types[of];
    if !own.complex {
        out.push_str(&value(own, turn));
    } else if !own.base.is_empty() {
        out.push_str(&value(&types[&own.base], turn));
    } else if own.elements.is_empty() {
        out.push_str("<own:Note xmlns:own=\"urn:own\" since=\"2024\"><MsgId/><MsgId/></own:Note>");
    }
    for (at, (marked, of)) in own.elements.iter().enumerate() {
        if own.choices > 0 && at != turn % own.elements.len() {
            continue;
        }
        let leaf = types[of].elements.is_empty();
        let currency = if types[of].attributes.is_empty() {
            ""
        } else {
            " Ccy=\"VND\""
        };
        let times = if leaf && marked.ends_with(['*', '+']) { 2 } else { 1 };
        let name = name(marked);
        for _ in 0..times {
            out.push_str(&format!("<{name}{currency}>"));
            write(out, types, of, turn);
            out.push_str(&format!("</{name}>\r\n"));
        }
    }
}

#[test]
fn a_message_with_everything_in_it_is_taken_strictly() {
    let strict = Options {
        strict: true,
        ..Options::default()
    };
    for (message, _, _) in MESSAGES {
        let types = schema(message);
        for turn in 0..10 {
            let mut text = format!("<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:{message}\">");
            write(&mut text, &types, "Document", turn);
            text.push_str("</Document>");
            let report = read(text.as_bytes(), &Options::default()).unwrap();
            assert_eq!(report.header.schema_faults, [], "{message}: {turn}");
            let strictly = read(text.as_bytes(), &strict).unwrap();
            assert_eq!(strictly, report, "{message}: {turn}");
        }
    }
}
