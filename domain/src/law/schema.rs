//! The JSON Schema of an instrument: of the catalogue's files and of the API's body alike.

use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema};

use super::instrument::Instrument;

/// The schema, as JSON Schema 2020-12, made of the types that read an instrument.
pub fn schema() -> Value {
    let mut named = vec![(Instrument::name().into_owned(), Instrument::schema())];
    <Instrument as ToSchema>::schemas(&mut named);
    let mut definitions = Map::new();
    for (name, schema) in named {
        definitions.insert(name, serde_json::to_value(schema).unwrap_or_default());
    }
    let mut definitions = Value::Object(definitions);
    point_inside(&mut definitions);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Văn bản pháp luật (legal instrument)",
        "$ref": format!("#/$defs/{}", Instrument::name()),
        "$defs": definitions,
    })
}

/// The document as it is served and committed.
pub fn schema_text() -> String {
    let mut text = serde_json::to_string_pretty(&schema()).unwrap_or_default();
    text.push('\n');
    text
}

/// References of an OpenAPI document lead to its components; these lead to the definitions beside them.
fn point_inside(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(target)) = fields.get_mut("$ref") {
                *target = target.replace("#/components/schemas/", "#/$defs/");
            }
            fields.values_mut().for_each(point_inside);
        }
        Value::Array(items) => items.iter_mut().for_each(point_inside),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Vec<Value> {
        super::super::catalogue::FILES
            .iter()
            .map(|text| serde_json::from_str(text).unwrap())
            .collect()
    }

    #[test]
    fn every_file_of_the_catalogue_is_valid_by_the_schema() {
        let validator = jsonschema::draft202012::new(&schema()).unwrap();
        for file in files() {
            let faults: Vec<String> = validator
                .iter_errors(&file)
                .map(|fault| format!("{}: {fault}", fault.instance_path()))
                .collect();
            assert!(faults.is_empty(), "{}: {faults:#?}", file["number"]);
        }
    }

    #[test]
    fn what_the_program_refuses_to_read_the_schema_refuses_too() {
        let validator = jsonschema::draft202012::new(&schema()).unwrap();
        let file = files().into_iter().find(|file| file["cite"] == "NQ 08/2022").unwrap();
        for (pointer, value) in [
            ("/issuer", json!("district")),
            ("/issued_on", json!(2022)),
            ("/provisions/0/parameters/0/unit", json!("usd")),
            ("/provisions/0/parameters/0/value", json!(0.5)),
            ("/provisions/1/rules/0/benefit", json!("pension")),
            ("/provisions/1/rules/0/when/all/1/evidence/kind", json!("left_handed")),
            ("/provisions/1/rules/0/when", json!({"some": []})),
            ("/provisions/1/rules/0/when", json!({"age": [60, null]})),
            ("/provisions/1/rules/0", json!({})),
            ("/cases/0/month", json!("2023")),
        ] {
            let mut wrong = file.clone();
            *wrong.pointer_mut(pointer).unwrap() = value;
            assert!(Instrument::from_value(&wrong).is_err(), "{pointer} is read");
            assert!(!validator.is_valid(&wrong), "{pointer} is valid");
        }
        let mut unknown = file;
        unknown["provisions"][0]["colour"] = json!("red");
        assert!(!validator.is_valid(&unknown), "an unknown field is valid");
    }
}
