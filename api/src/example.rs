//! Examples: each body gets one, put together from the examples and types of its fields.

use serde_json::{Map, Value, json};

/// Deeper than this a schema refers to itself.
const DEEPEST: usize = 12;

/// Gives the bodies of an operation an example where they have none.
pub(crate) fn fill(operation: &mut Value, schemas: &Value) {
    // Never by `[...]`, which would add an empty body where there is none.
    let body = operation.pointer_mut("/requestBody/content");
    if let Some(content) = body.and_then(Value::as_object_mut) {
        fill_content(content, schemas);
    }
    if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
        for response in responses.values_mut() {
            if let Some(content) = response.get_mut("content").and_then(Value::as_object_mut) {
                fill_content(content, schemas);
            }
        }
    }
    if let Some(parameters) = operation.get_mut("parameters").and_then(Value::as_array_mut) {
        for parameter in parameters
            .iter_mut()
            .filter(|p| p["in"] == "path" && p.get("example").is_none())
        {
            parameter["example"] = of(&parameter["schema"], schemas, 0);
        }
    }
}

fn fill_content(content: &mut Map<String, Value>, schemas: &Value) {
    for body in content.values_mut() {
        if body.get("example").is_none() && body.get("examples").is_none() && body.get("schema").is_some() {
            body["example"] = of(&body["schema"], schemas, 0);
        }
    }
}

/// An example of a schema.
fn of(schema: &Value, schemas: &Value, depth: usize) -> Value {
    if let Some(example) = schema.get("example") {
        return example.clone();
    }
    if let Some(first) = schema["examples"].as_array().and_then(|examples| examples.first()) {
        return first.clone();
    }
    if depth > DEEPEST {
        return Value::Null;
    }
    if let Some(name) = schema["$ref"].as_str().and_then(|target| target.rsplit('/').next()) {
        return of(&schemas[name], schemas, depth + 1);
    }
    for one in ["oneOf", "anyOf"] {
        if let Some(choices) = schema[one].as_array() {
            let told = choices.iter().find(|choice| choice["type"] != "null");
            return told.map_or(Value::Null, |choice| of(choice, schemas, depth + 1));
        }
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let mut fields = Map::new();
        for part in parts {
            if let Value::Object(more) = of(part, schemas, depth + 1) {
                fields.extend(more);
            }
        }
        return Value::Object(fields);
    }
    if let Some(first) = schema["enum"].as_array().and_then(|values| values.first()) {
        return first.clone();
    }
    of_type(schema, schemas, depth)
}

fn of_type(schema: &Value, schemas: &Value, depth: usize) -> Value {
    let kind = match &schema["type"] {
        Value::String(kind) => kind.as_str(),
        Value::Array(kinds) => kinds
            .iter()
            .filter_map(Value::as_str)
            .find(|kind| *kind != "null")
            .unwrap_or("null"),
        _ => "",
    };
    match kind {
        "object" => {
            let fields = schema["properties"].as_object().into_iter().flatten();
            Value::Object(
                fields
                    .map(|(name, field)| (name.clone(), of(field, schemas, depth + 1)))
                    .collect(),
            )
        }
        "array" => json!([of(&schema["items"], schemas, depth + 1)]),
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
        "boolean" => json!(true),
        "string" => json!(match schema["format"].as_str() {
            Some("date") => "2024-09-23",
            Some("date-time") => "2024-09-23T02:15:00Z",
            Some("uuid") => "0192f3a0-7c1d-7e55-8b1a-3d0c2b1a0f9e",
            Some("binary") => "<binary>",
            _ => "chuỗi",
        }),
        _ => Value::Null,
    }
}
