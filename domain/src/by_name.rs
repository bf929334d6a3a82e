//! JSON read by the names of fields alone. Left to itself serde takes a list for a structure too, its values by their
//! places: what one version of a program means by a place the next may not. It takes a list of numbers for an id, too, and
//! an object for a word.

use serde::de::value::{MapDeserializer, SeqDeserializer, StrDeserializer};
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer};
use serde::de::{Unexpected, VariantAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Map, Value};

/// A deserializer that reads a value as [`serde_json`] does, but refuses a list where an object is wanted, and a list or
/// an object where a word is, at any depth.
#[derive(Clone, Copy, Debug)]
pub struct ByName<'a>(pub &'a Value);

impl<'de> IntoDeserializer<'de, Error> for ByName<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// Values without parts, of their own kind alone: as [`serde_json`] reads them.
macro_rules! without_parts {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.0.$method(visitor)
        })*
    };
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
            Value::Object(object) => {
                let mut fields = object.iter();
                match (fields.next(), fields.next()) {
                    (Some((name, value)), None) => visitor.visit_enum(Variant {
                        name,
                        value: Self(value),
                    }),
                    _ => self.0.deserialize_enum(name, variants, visitor),
                }
            }
            // Neither a word nor an object of one field: refused in the reader's usual words.
            other => other.deserialize_enum(name, variants, visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    without_parts! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128 deserialize_u8
        deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128 deserialize_f32 deserialize_f64 deserialize_char
        deserialize_str deserialize_string deserialize_identifier
    }

    forward_to_deserialize_any! { bytes byte_buf unit unit_struct seq tuple tuple_struct }
}

/// One of an enum's variants, as an object of one field tells it.
struct Variant<'de> {
    name: &'de str,
    value: ByName<'de>,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Error;
    type Variant = Content<'de>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Content<'de>), Error> {
        let name = seed.deserialize(StrDeserializer::<Error>::new(self.name))?;
        Ok((name, Content(self.value)))
    }
}

/// What a variant holds.
struct Content<'de>(ByName<'de>);

impl<'de> VariantAccess<'de> for Content<'de> {
    type Error = Error;

    /// Whoever writes a word as an object means something that this program does not know.
    fn unit_variant(self) -> Result<(), Error> {
        Err(Error::invalid_type(Unexpected::Map, &"a string"))
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Error> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Error> {
        self.0.deserialize_tuple(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        self.0.deserialize_map(visitor)
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
    use uuid::Uuid;

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
        id: Uuid,
        first: Option<Point>,
        shapes: Vec<Shape>,
        named: BTreeMap<String, Newtype>,
        size: (u32, f64),
        rest: Value,
    }

    fn drawing() -> Value {
        json!({
            "id": "0192f3a0-7c1d-7e55-8b1a-3d0c2b1a0f9e",
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
    fn what_has_parts_is_no_word_at_any_depth() {
        let bytes = json!(vec![0; 16]);
        for (pointer, wrong, path, found) in [
            ("/id", bytes.clone(), "id", "sequence, expected a formatted UUID string"),
            ("/id", json!({}), "id", "map, expected a formatted UUID string"),
            ("/first/x", bytes.clone(), "first.x", "sequence, expected i64"),
            ("/first/y", bytes, "first.y", "sequence, expected a string"),
            ("/first/y", json!({"a": "b"}), "first.y", "map, expected a string"),
            (
                "/shapes/0",
                json!({"empty": null}),
                "shapes[0].empty",
                "map, expected a string",
            ),
            (
                "/shapes/0",
                json!({"empty": "a"}),
                "shapes[0].empty",
                "map, expected a string",
            ),
        ] {
            let mut value = drawing();
            *value.pointer_mut(pointer).unwrap() = wrong;
            let said = format!("invalid type: {found}");
            assert_eq!(read(&value), Err((path.to_owned(), said)));
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
