//! Overlapping alternatives.
//!
//! The official document uses `oneOf` where it means `anyOf`: the regions of three providers share names such as
//! `US_WEST_2`, and the hardware of three providers shares all its fields. `oneOf` accepts a value that matches exactly
//! one alternative, so a validator would refuse most real clusters. Without a discriminator the alternatives cannot be
//! distinguished, which `anyOf` expresses. An overlay cannot move a value to another key. With a discriminator, `oneOf` is
//! kept.

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
