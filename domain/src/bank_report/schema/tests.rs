//! The tables are what the schemas say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use quick_xml::events::Event;
use quick_xml::reader::Reader;

use super::messages::MESSAGES;
use crate::bank::READABLE;

/// The elements of each type of a schema as the tables write them, each with its own type.
fn types(xsd: &str) -> BTreeMap<String, Vec<(String, String)>> {
    let mut reader = Reader::from_str(xsd);
    let mut types: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    let (mut complex, mut choices) = (String::new(), 0);
    loop {
        let start = match reader.read_event().unwrap() {
            Event::Start(start) | Event::Empty(start) => start,
            Event::End(end) if end.local_name().as_ref() == "choice" => {
                choices -= 1;
                continue;
            }
            Event::End(end) if end.local_name().as_ref() == "complexType" => {
                complex.clear();
                continue;
            }
            Event::Eof => return types,
            _ => continue,
        };
        let attribute = |name: &str| {
            let mut attributes = start.attributes().map(Result::unwrap);
            let own = attributes.find(|own| own.key.as_ref() == name)?;
            Some(own.value.to_string())
        };
        match start.local_name().as_ref() {
            "complexType" => complex = attribute("name").unwrap(),
            "choice" => choices += 1,
            "element" => {
                let must = choices == 0 && attribute("minOccurs").is_none_or(|least| least != "0");
                let several = attribute("maxOccurs").is_some_and(|most| most != "1");
                let mark = match (must, several) {
                    (true, true) => "+",
                    (true, false) => "!",
                    (false, true) => "*",
                    (false, false) => "",
                };
                let element = format!("{}{mark}", attribute("name").unwrap());
                let own = types.entry(complex.clone()).or_default();
                own.push((element, attribute("type").unwrap()));
            }
            _ => {}
        }
    }
}

#[test]
fn the_tables_are_those_of_the_schemas() {
    let known: BTreeSet<&str> = MESSAGES.iter().map(|(message, _, _)| *message).collect();
    let readable: BTreeSet<&str> = READABLE.iter().copied().collect();
    assert_eq!(known, readable);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/xsd");
    for (message, root, table) in MESSAGES {
        let types = types(&std::fs::read_to_string(folder.join(format!("{message}.xsd"))).unwrap());
        for (path, elements) in *table {
            let mut own = &types["Document"];
            for name in [*root]
                .into_iter()
                .chain(path.split('/').filter(|name| !name.is_empty()))
            {
                let named = |element: &str| element.trim_end_matches(['!', '*', '+']) == name;
                let (_, of) = own.iter().find(|(element, _)| named(element)).unwrap();
                own = &types[of];
            }
            let told: Vec<&str> = own.iter().map(|(element, _)| element.as_str()).collect();
            let kept: Vec<&str> = elements.split_ascii_whitespace().collect();
            assert_eq!(kept, told, "{message}: {path}");
            assert!(kept.len() < 64, "each has a bit of its own");
        }
    }
}
