//! JSON that gives each name of an object once: of two values under one name nobody can tell which was meant, and readers
//! differ in which they take.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::{Map, Number, Value};
use service::Error;

use crate::fault;

/// Reads a body.
///
/// # Errors
/// `invalid-json`; `invalid` with a pointer to a name that stands twice in one object.
pub(crate) fn read(bytes: &[u8]) -> Result<Value, Error> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let Strict(value) = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let broken = error.inner();
        match broken.classify() {
            Category::Data => Error::invalid(vec![fault::of_json(&error)]),
            Category::Io | Category::Syntax | Category::Eof => fault::broken_json(broken),
        }
    })?;
    reader.end().map_err(|error| fault::broken_json(&error))?;
    Ok(value)
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(A::Error::custom(format!("duplicate field `{name}`")));
            }
            let Strict(value) = fields.next_value()?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use service::ProblemCode;

    use super::*;

    #[test]
    fn json_is_read_as_it_stands() {
        let text = r#"{"b":[1,-2,0.5,18446744073709551615,null,true,"\u1ea1"],"a":{"a":{},"b":[]}}"#;
        let read = read(text.as_bytes()).unwrap();
        assert_eq!(read, serde_json::from_str::<Value>(text).unwrap());
    }

    #[test]
    fn a_name_that_stands_twice_in_one_object_is_pointed_to() {
        for (text, pointer) in [
            (r#"{"a":1,"a":1}"#, "/a"),
            (r#"{"a":1,"\u0061":2}"#, "/a"),
            (r#"{"list":[{},{"x":{"y/z":1,"y/z":null}}]}"#, "/list/1/x/y~1z"),
        ] {
            let error = read(text.as_bytes()).unwrap_err();
            assert_eq!(error.code, ProblemCode::Invalid, "{text}");
            let field = error.fields.first().unwrap();
            assert_eq!(
                (field.pointer.as_str(), field.code.as_str()),
                (pointer, "duplicate_field")
            );
            assert!(!field.message.en.contains("column"), "{}", field.message.en);
        }
        for text in ["", "{", "{} {}", r#"{"a":}"#, "1e999"] {
            assert_eq!(
                read(text.as_bytes()).unwrap_err().code,
                ProblemCode::InvalidJson,
                "{text}"
            );
        }
        let deep = "[".repeat(200);
        assert_eq!(read(deep.as_bytes()).unwrap_err().code, ProblemCode::InvalidJson);
    }
}
