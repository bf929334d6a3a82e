//! JSON read by the names of fields alone. Left to itself serde takes a list for a structure too, its values by their
//! places: what one version of a program means by a place the next may not.

use serde::de::value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer, StrDeserializer};
use serde::de::{Deserializer, Error as _, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Map, Value};

/// A deserializer that reads a value as [`serde_json`] does, but refuses a list where an object is wanted, at any depth.
#[derive(Clone, Copy, Debug)]
pub struct ByName<'a>(pub &'a Value);

impl<'de> IntoDeserializer<'de, Error> for ByName<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for ByName<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(flag) => visitor.visit_bool(*flag),
            Value::Number(number) => number.deserialize_any(visitor),
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(items) => SeqDeserializer::<_, Error>::new(items.iter().map(Self)).deserialize_any(visitor),
            Value::Object(object) => fields(object).deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(_) => Err(Error::invalid_type(Unexpected::Seq, &visitor)),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Value::String(text) => visitor.visit_enum(StrDeserializer::<Error>::new(text)),
            Value::Object(object) if object.len() == 1 => {
                visitor.visit_enum(MapAccessDeserializer::new(fields(object)))
            }
            // Neither a word nor an object of one field: refused in the reader's usual words.
            other => other.deserialize_enum(name, variants, visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct identifier
    }
}

/// The fields of an object, each to be read by name in its turn.
fn fields<'de>(
    object: &'de Map<String, Value>,
) -> MapDeserializer<'de, impl Iterator<Item = (&'de str, ByName<'de>)>, Error> {
    MapDeserializer::new(object.iter().map(|(name, value)| (name.as_str(), ByName(value))))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Point {
        x: i64,
        y: Option<String>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum Shape {
        Empty,
        At(Point),
        Between { from: Point, to: Point },
        Pair(u8, u8),
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Newtype(Point);

    #[derive(Debug, Deserialize, PartialEq)]
    struct Drawing {
        first: Option<Point>,
        shapes: Vec<Shape>,
        named: BTreeMap<String, Newtype>,
        size: (u32, f64),
        rest: Value,
    }

    fn drawing() -> Value {
        json!({
            "first": {"x": -1, "y": "a"},
            "shapes": ["empty", {"at": {"x": 1}}, {"between": {"from": {"x": 0}, "to": {"x": 2}}}, {"pair": [1, 2]}],
            "named": {"one": {"x": 1, "y": null}},
            "size": [3, 0.5],
            "rest": [null, true, {"a": [18_446_744_073_709_551_615_u64]}],
        })
    }

    fn read(value: &Value) -> Result<Drawing, (String, String)> {
        serde_path_to_error::deserialize(ByName(value))
            .map_err(|error| (error.path().to_string(), error.inner().to_string()))
    }

    #[test]
    fn what_is_named_is_read_as_ever() {
        let value = drawing();
        assert_eq!(read(&value), Ok(serde_json::from_value(value.clone()).unwrap()));
    }

    #[test]
    fn a_list_is_no_object_at_any_depth() {
        for (pointer, path) in [
            ("", "."),
            ("/first", "first"),
            ("/shapes/1/at", "shapes[1].at"),
            ("/shapes/2/between", "shapes[2].between"),
            ("/shapes/2/between/to", "shapes[2].between.to"),
            ("/named", "named"),
            ("/named/one", "named.one"),
        ] {
            let mut value = drawing();
            *value.pointer_mut(pointer).unwrap() = json!([7, null]);
            let (place, said) = read(&value).unwrap_err();
            assert_eq!(place, path, "{said}");
            assert!(said.starts_with("invalid type: sequence, expected "), "{said}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_as_ever() {
        for (pointer, wrong) in [
            ("/first/x", json!("1")),
            ("/first/x", json!(1.5)),
            ("/first/y", json!(7)),
            ("/first", json!({"y": "a"})),
            ("/first", json!("a")),
            ("/shapes", json!({})),
            ("/shapes", json!(null)),
            ("/shapes/0", json!("round")),
            ("/shapes/0", json!("at")),
            ("/shapes/0", json!(1)),
            ("/shapes/0", json!({})),
            ("/size/0", json!(-1)),
        ] {
            let mut value = drawing();
            *value.pointer_mut(pointer).unwrap() = wrong;
            let usual = serde_path_to_error::deserialize::<_, Drawing>(&value).unwrap_err();
            let usual = (usual.path().to_string(), usual.inner().to_string());
            assert_eq!(read(&value), Err(usual));
        }
    }
}
