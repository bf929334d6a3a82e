//! What differs between two profiles, place by place.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// One place where a proposed profile differs from the one in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProfileChange {
    /// JSON Pointer (RFC 6901) to the place in the profile.
    #[schema(example = "/debtor/account")]
    pub pointer: String,
    /// What stands there now; null where nothing does.
    #[schema(value_type = Value, example = json!("3713.0.1058888"))]
    pub before: Value,
    /// What would stand there; null where nothing would.
    #[schema(value_type = Value, example = json!("3713.0.1059999"))]
    pub after: Value,
}

/// The places that differ, in the order of their names. A list is one place.
pub(super) fn differences(before: &Value, after: &Value) -> Vec<ProfileChange> {
    let mut found = Vec::new();
    walk("", before, after, &mut found);
    found
}

fn walk(pointer: &str, before: &Value, after: &Value, found: &mut Vec<ProfileChange>) {
    if before == after {
        return;
    }
    let (Value::Object(one), Value::Object(other)) = (before, after) else {
        found.push(ProfileChange {
            pointer: pointer.to_owned(),
            before: before.clone(),
            after: after.clone(),
        });
        return;
    };
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let of = |fields: &Map<String, Value>, name: &str| fields.get(name).cloned().unwrap_or_default();
    for name in names {
        let escaped = name.replace('~', "~0").replace('/', "~1");
        walk(&format!("{pointer}/{escaped}"), &of(one, name), &of(other, name), found);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_place_that_differs_is_named_once() {
        let before = json!({"max_lines": 5000, "debtor": {"name": "A", "account": "1"}, "table": null, "list": [1]});
        let after =
            json!({"max_lines": 5000, "debtor": {"name": "A", "account": "2"}, "table": {"a/b": 1}, "list": [2]});
        let places: Vec<_> = differences(&before, &after)
            .into_iter()
            .map(|own| (own.pointer, own.before, own.after))
            .collect();
        assert_eq!(
            places,
            [
                ("/debtor/account".to_owned(), json!("1"), json!("2")),
                ("/list".to_owned(), json!([1]), json!([2])),
                ("/table".to_owned(), Value::Null, json!({"a/b": 1})),
            ]
        );
        assert_eq!(differences(&before, &before), []);
    }
}
