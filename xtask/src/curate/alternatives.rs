//! Alternatives that overlap.
//!
//! Upstream writes `oneOf` where it means `anyOf`: the regions of three providers share names such as `US_WEST_2`, the
//! hardware of three providers shares all its fields. `oneOf` admits a value that exactly one alternative admits, so that
//! a validator refuses most real clusters. Without a discriminator nothing tells the alternatives apart, and `anyOf` says
//! so. An overlay can't do this: it can't move what it finds to another key. Where a discriminator picks, `oneOf` stays.

use serde_json::Value;

/// Turns every `oneOf` without a discriminator into `anyOf`.
pub(crate) fn admit_overlaps(node: &mut Value) {
    match node {
        Value::Object(members) => {
            if !members.contains_key("discriminator") && members.get("oneOf").is_some_and(Value::is_array) {
                let alternatives = members.remove("oneOf").unwrap_or_default();
                members.insert("anyOf".to_owned(), alternatives);
            }
            members.values_mut().for_each(admit_overlaps);
        }
        Value::Array(items) => items.iter_mut().for_each(admit_overlaps),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_discriminated_alternatives_stay_exclusive() {
        let mut schemas = json!({
            "Region": { "oneOf": [{ "enum": ["A"] }, { "enum": ["A", "B"] }] },
            "Settings": { "discriminator": { "propertyName": "kind" }, "oneOf": [{ "oneOf": [] }], "properties": {
                "oneOf": { "type": "string" },
            } },
        });
        admit_overlaps(&mut schemas);
        assert_eq!(
            schemas,
            json!({
                "Region": { "anyOf": [{ "enum": ["A"] }, { "enum": ["A", "B"] }] },
                "Settings": { "discriminator": { "propertyName": "kind" }, "oneOf": [{ "anyOf": [] }], "properties": {
                    "oneOf": { "type": "string" },
                } },
            })
        );
    }
}
