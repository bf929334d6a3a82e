//! The tables are what the schemas say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::messages::{MESSAGES, parts};
use super::{OF_LINES, Simple, name};
use crate::bank::READABLE;

/// A type of a schema.
#[derive(Default)]
pub(super) struct Type {
    /// Its elements with their marks, each with its own type.
    pub(super) elements: Vec<(String, String)>,
    /// How many of its elements are of a choice.
    pub(super) choices: usize,
    /// The type that it extends or restricts, and what it says of its values.
    pub(super) base: String,
    pub(super) facets: Vec<(String, String)>,
    pub(super) attributes: Vec<String>,
    pub(super) complex: bool,
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = start.attributes().map(Result::unwrap);
    let own = attributes.find(|own| own.key.as_ref() == name)?;
    Some(own.value.to_string())
}

/// An element as the tables mark it.
fn element(start: &BytesStart<'_>, of_choice: bool) -> (String, String) {
    let must = !of_choice && attribute(start, "minOccurs").is_none_or(|least| least != "0");
    let several = attribute(start, "maxOccurs").is_some_and(|most| most != "1");
    let mark = match (must, several) {
        (true, true) => "+",
        (true, false) => "!",
        (false, true) => "*",
        (false, false) => "",
    };
    let name = attribute(start, "name").unwrap();
    (format!("{name}{mark}"), attribute(start, "type").unwrap())
}

/// The types of a schema.
fn types(xsd: &str) -> BTreeMap<String, Type> {
    let mut reader = Reader::from_str(xsd);
    let mut types: BTreeMap<String, Type> = BTreeMap::new();
    let (mut name, mut choices) = (String::new(), 0);
    loop {
        let start = match reader.read_event().unwrap() {
            Event::Start(start) | Event::Empty(start) => start,
            Event::End(end) => {
                match end.local_name().as_ref() {
                    "choice" => choices -= 1,
                    "complexType" | "simpleType" => name.clear(),
                    _ => {}
                }
                continue;
            }
            Event::Eof => return types,
            _ => continue,
        };
        let kind = start.local_name().into_inner().to_owned();
        if matches!(kind.as_str(), "complexType" | "simpleType") {
            name = attribute(&start, "name").unwrap();
        }
        let own = types.entry(name.clone()).or_default();
        match kind.as_str() {
            "complexType" => own.complex = true,
            "choice" => choices += 1,
            "element" => {
                own.elements.push(element(&start, choices > 0));
                own.choices += usize::from(choices > 0);
            }
            "extension" | "restriction" => own.base = attribute(&start, "base").unwrap(),
            "attribute" => {
                let (name, needed) = (attribute(&start, "name"), attribute(&start, "use"));
                own.attributes.push(format!("{} {}", name.unwrap(), needed.unwrap()));
            }
            _ => own
                .facets
                .extend(attribute(&start, "value").map(|value| (kind.clone(), value))),
        }
    }
}

/// The types of a message's schema.
pub(super) fn schema(message: &str) -> BTreeMap<String, Type> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/xsd");
    types(&std::fs::read_to_string(folder.join(format!("{message}.xsd"))).unwrap())
}

/// What a simple type is called in the tables.
pub(super) fn values(simple: &Type) -> String {
    let mut facets = simple.facets.clone();
    facets.sort();
    let named: Vec<(&str, &str)> = facets
        .iter()
        .map(|(own, value)| (own.as_str(), value.as_str()))
        .collect();
    match (simple.base.as_str(), named.as_slice()) {
        ("xs:string", [("maxLength", most), ("minLength", "1")]) => (*most).to_owned(),
        ("xs:string", [("pattern", "[A-Z]{3,3}")]) => "currency".to_owned(),
        ("xs:string", [("pattern", "[A-Z]{2,2}[0-9]{2,2}[a-zA-Z0-9]{1,30}")]) => "iban".to_owned(),
        ("xs:string", [("pattern", pattern)]) => {
            let digits = pattern.strip_prefix("[0-9]{1,").and_then(|rest| rest.strip_suffix('}'));
            digits.map_or_else(|| (*pattern).to_owned(), |most| format!("n{most}"))
        }
        ("xs:string", [("enumeration", _), ..]) => {
            let codes: Vec<&str> = simple.facets.iter().map(|(_, code)| code.as_str()).collect();
            codes.join("|")
        }
        ("xs:decimal", [("fractionDigits", fraction), ("totalDigits", total)]) => format!("d{total}.{fraction}"),
        ("xs:decimal", [("fractionDigits", "5"), ("minInclusive", "0"), ("totalDigits", "18")]) => {
            "unsigned".to_owned()
        }
        ("xs:boolean", []) => "bool".to_owned(),
        ("xs:date", []) => "date".to_owned(),
        ("xs:dateTime", []) => "time".to_owned(),
        other => format!("{other:?}"),
    }
}

/// What an element of a type may hold, as the tables have it; none where that is other elements.
fn held(types: &BTreeMap<String, Type>, of: &str) -> Option<String> {
    let own = &types[of];
    if !own.complex {
        assert_eq!(own.attributes, Vec::<String>::new());
        return Some(values(own));
    }
    if own.base.is_empty() {
        // What is in no amount has no attributes at all.
        assert_eq!(own.attributes, Vec::<String>::new(), "{of}");
        return None;
    }
    assert_eq!(own.attributes, ["Ccy required"], "{of}");
    assert_eq!(values(&types[&own.base]), "unsigned", "{of}");
    Some("amount".to_owned())
}

/// A part of a message, as the tables have it.
fn part(types: &BTreeMap<String, Type>, own: &Type, of_line: bool) -> Vec<String> {
    assert!(
        own.choices == 0 || own.choices == own.elements.len(),
        "all of a choice, or none"
    );
    let mut told: Vec<String> = (own.choices > 0).then(|| "|".to_owned()).into_iter().collect();
    for (marked, of) in &own.elements {
        // The values of a line are its own matter, but for the currency of its amounts.
        let held = held(types, of).filter(|held| !of_line || held == "amount");
        told.push(held.map_or_else(|| marked.clone(), |held| format!("{marked}={held}")));
    }
    told
}

#[test]
fn the_tables_are_those_of_the_schemas() {
    let known: BTreeSet<&str> = MESSAGES.iter().map(|(message, _, _)| *message).collect();
    let readable: BTreeSet<&str> = READABLE.iter().copied().collect();
    assert_eq!(known, readable);
    for &(message, root, table) in MESSAGES {
        let types = schema(message);
        let mut seen = BTreeSet::new();
        for (path, elements) in parts(table) {
            let mut own = &types["Document"];
            let below = path.split('/').filter(|name| !name.is_empty());
            for step in [root].into_iter().chain(below) {
                let (_, of) = own.elements.iter().find(|(element, _)| name(element) == step).unwrap();
                own = &types[of];
            }
            let of_line = path.split('/').any(|name| OF_LINES.contains(&name));
            let kept: Vec<&str> = elements.split_ascii_whitespace().collect();
            assert_eq!(kept, part(&types, own, of_line), "{message}: {path}");
            assert!(kept.len() < 64, "each has a bit of its own");
            for (_, simple) in kept.iter().filter_map(|element| element.split_once('=')) {
                assert!(Simple::of(simple).is_some(), "{message}: {path}: {simple}");
            }
            // A part is come to through the one around it.
            let around = path.rsplit_once('/').map_or("", |(around, _)| around).to_owned();
            assert!(path.is_empty() || seen.contains(&around), "{message}: {path}");
            assert!(seen.insert(path), "{message}");
        }
    }
}
