//! Checks values against the schemas of the curated document: requests on the way in and, in strict mode, responses on
//! the way out.
//!
//! A request is checked for documented fields, types, ranges, lengths, patterns and required fields. Read-only fields in it are ignored,
//! because real clients send whole documents back. A response is checked for types and documented fields, not for
//! patterns, which the service itself violates. Schemas can be recursive; a cycle at one position of the value ends
//! there.

use std::{
    collections::HashMap,
    sync::{LazyLock, RwLock},
};

use regex::Regex;
use serde_json::Value;

use crate::{
    domain::error::{Rule, Violation},
    openapi::document::Document,
};

/// Direction of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// From the client: values are checked, read-only fields ignored.
    Request,
    /// To the client: every field must be documented.
    Response,
}

/// All violations of `schema` in `value`.
pub(crate) fn check(document: &Document, schema: &Value, value: &Value, direction: Direction) -> Vec<Violation> {
    let mut checker = Checker { document, direction, found: Vec::new() };
    checker.check(schema, value, "", &[]);
    checker.found
}

struct Checker<'a> {
    document: &'a Document,
    direction: Direction,
    found: Vec<Violation>,
}

impl<'a> Checker<'a> {
    /// `open` contains the schemas being checked at this position.
    fn check(&mut self, schema: &'a Value, value: &Value, at: &str, open: &[*const Value]) {
        let nullable = schema["nullable"] == true;
        let schema = self.document.resolve(schema);
        if open.contains(&std::ptr::from_ref(schema)) {
            return;
        }
        if value.is_null() {
            if !nullable && schema["nullable"] != true && schema.get("type").is_some() {
                self.report(at, "must not be null");
            }
            return;
        }
        let mut open = open.to_vec();
        open.push(schema);
        self.compositions(schema, value, at, &open);
        let expected = schema["type"].as_str().unwrap_or_default();
        let scalar_union = expected == "object" && schema.get("oneOf").is_some() && schema.get("properties").is_none();
        if scalar_union {
            return;
        }
        if !has_type(value, expected) {
            let article = if expected.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
            return self.report_rule(at, &format!("must be {article} {expected}"), Rule::Type);
        }
        self.scalar(schema, value, at);
        match value {
            Value::Array(items) => self.array(schema, items, at),
            Value::Object(_) => self.object(schema, value, at, &open),
            _ => {}
        }
    }

    fn compositions(&mut self, schema: &'a Value, value: &Value, at: &str, open: &[*const Value]) {
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.part(part, value, at, open);
        }
        if let Some(subtype) = self.subtype(schema, value) {
            return self.part(subtype, value, at, open);
        }
        let branches = schema["oneOf"].as_array().or(schema["anyOf"].as_array());
        let Some(branches) = branches.filter(|_| schema.get("discriminator").is_none()) else { return };
        let fits = branches.iter().any(|branch| {
            let mut attempt = Checker { document: self.document, direction: self.direction, found: Vec::new() };
            attempt.check(branch, value, at, open);
            attempt.found.iter().all(|v| v.rule == Rule::Undocumented)
        });
        if !fits {
            self.report(at, "matches none of its alternatives");
        }
    }

    /// One part of a composition. The check for undocumented fields is done once for the whole.
    fn part(&mut self, schema: &'a Value, value: &Value, at: &str, open: &[*const Value]) {
        let mut part = Checker { document: self.document, direction: self.direction, found: Vec::new() };
        part.check(schema, value, at, open);
        let own_level = |v: &Violation| v.rule == Rule::Undocumented && level(&v.field) == level(at) + 1;
        self.found.extend(part.found.into_iter().filter(|v| !own_level(v)));
    }

    /// The schema that the discriminator selects.
    fn subtype(&self, schema: &'a Value, value: &Value) -> Option<&'a Value> {
        let discriminator = schema.get("discriminator")?;
        let tag = value.get(discriminator["propertyName"].as_str()?)?.as_str()?;
        let reference = discriminator["mapping"].get(tag)?.as_str()?;
        self.document.pointer(reference)
    }

    fn object(&mut self, schema: &'a Value, value: &Value, at: &str, open: &[*const Value]) {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let skipped = match self.direction {
                Direction::Request => self.is_read_only(&schema["properties"][name]),
                Direction::Response => schema["properties"][name]["writeOnly"] == true,
            };
            if !skipped && value.get(name).is_none() {
                self.report_rule(&join(at, name), "is required", Rule::Required);
            }
        }
        for (name, field) in value.as_object().into_iter().flatten() {
            let at = join(at, name);
            match schema["properties"].get(name) {
                Some(property) if self.direction == Direction::Request && self.is_read_only(property) => {}
                Some(property) => self.check(property, field, &at, &[]),
                None => match schema.get("additionalProperties").filter(|a| a.is_object()) {
                    Some(additional) => self.check(additional, field, &at, &[]),
                    None if !self.documents(schema, name, value, open) => {
                        self.report_rule(&at, UNDOCUMENTED, Rule::Undocumented);
                    }
                    None => {}
                },
            }
        }
    }

    /// Whether the property, or its target, is read-only.
    fn is_read_only(&self, property: &Value) -> bool {
        property["readOnly"] == true || self.document.resolve(property)["readOnly"] == true
    }

    /// Whether any part of a composed schema has the property.
    fn documents(&self, schema: &'a Value, name: &str, value: &Value, open: &[*const Value]) -> bool {
        let schema = self.document.resolve(schema);
        if schema["properties"].get(name).is_some() || schema["additionalProperties"] == true {
            return true;
        }
        let free = ["properties", "allOf", "oneOf", "anyOf", "discriminator"].iter().all(|k| schema.get(*k).is_none());
        if free {
            return true;
        }
        let subtype = self.subtype(schema, value);
        // Once a discriminator has selected one alternative, the others do not apply.
        let kinds = if subtype.is_some() { &["allOf"][..] } else { &["allOf", "oneOf", "anyOf"] };
        let parts = kinds.iter().flat_map(|k| schema[*k].as_array().into_iter().flatten());
        parts.chain(subtype).map(|p| self.document.resolve(p)).any(|part| {
            let here = std::ptr::from_ref(part);
            !open.contains(&here) && self.documents(part, name, value, &[open, &[here]].concat())
        })
    }

    fn array(&mut self, schema: &'a Value, items: &[Value], at: &str) {
        if let Some(most) = schema["maxItems"].as_u64().filter(|most| items.len() as u64 > *most) {
            self.report(at, &format!("must have at most {most} items"));
        }
        if let Some(least) = schema["minItems"].as_u64().filter(|least| (items.len() as u64) < *least) {
            self.report(at, &format!("must have at least {least} items"));
        }
        if schema["uniqueItems"] == true && items.iter().enumerate().any(|(n, item)| items[..n].contains(item)) {
            self.report(at, "must not contain duplicate items");
        }
        for (index, item) in items.iter().enumerate() {
            self.check(&schema["items"], item, &join(at, &index.to_string()), &[]);
        }
    }

    fn scalar(&mut self, schema: &Value, value: &Value, at: &str) {
        // Clusters across several regions have node counts that the oldest version does not list.
        let open = self.direction == Direction::Response && value.is_number();
        if let Some(allowed) = schema["enum"].as_array().filter(|allowed| !open && !allowed.contains(value)) {
            let allowed: Vec<String> = allowed.iter().map(Value::to_string).collect();
            let sent = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
            self.report_rule(at, &format!("must be one of {}", allowed.join(", ")), Rule::Enum(sent));
        }
        if let Some(number) = value.as_f64() {
            if let Some(least) = schema["minimum"].as_f64().filter(|least| number < *least) {
                let rule = Rule::Minimum(least as i64);
                self.report_rule(at, &format!("must be at least {}", schema["minimum"]), rule);
            }
            if schema["maximum"].as_f64().is_some_and(|most| number > most) {
                self.report(at, &format!("must be at most {}", schema["maximum"]));
            }
            if schema["format"] == "int32" && value.as_i64().is_none_or(|n| i32::try_from(n).is_err()) {
                self.report(at, "must fit in 32 bits");
            }
            if schema["format"] == "int64" && value.as_i64().is_none() {
                self.report(at, "must fit in 64 bits");
            }
        }
        let Some(text) = value.as_str() else { return };
        if schema["format"] == "date-time" && chrono::DateTime::parse_from_rfc3339(text).is_err() {
            self.report(at, "must be a date and time such as 2026-01-31T12:00:00Z");
        }
        // The service ignores what is deprecated in a request.
        let ignored = self.direction == Direction::Request && schema["deprecated"] == true;
        if schema["format"] == "uuid" && !ignored && !matches(UUID, text) {
            self.report(at, "must be a UUID such as 0f8fad5b-d9cb-469f-a165-70867728950e");
        }
        let length = text.chars().count() as u64;
        if schema["minLength"].as_u64().is_some_and(|least| length < least) {
            self.report(at, &format!("must have at least {} characters", schema["minLength"]));
        }
        if schema["maxLength"].as_u64().is_some_and(|most| length > most) {
            self.report(at, &format!("must have at most {} characters", schema["maxLength"]));
        }
        let pattern = schema["pattern"].as_str().filter(|_| self.direction == Direction::Request);
        if let Some(pattern) = pattern.filter(|p| !matches(p, text)) {
            self.report(at, &format!("must match {pattern}"));
        }
    }

    fn report(&mut self, at: &str, description: &str) {
        self.report_rule(at, description, Rule::Other);
    }

    fn report_rule(&mut self, at: &str, description: &str, rule: Rule) {
        self.found.push(Violation { field: at.to_owned(), description: description.to_owned(), rule });
    }
}

const UUID: &str = "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$";

const UNDOCUMENTED: &str = "is not documented";

fn has_type(value: &Value, expected: &str) -> bool {
    match expected {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        _ => true,
    }
}

fn join(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}

fn level(at: &str) -> usize {
    if at.is_empty() { 0 } else { at.split('.').count() }
}

/// Whether `text` matches. A pattern that this engine cannot parse matches everything.
fn matches(pattern: &str, text: &str) -> bool {
    static COMPILED: LazyLock<RwLock<HashMap<String, Option<Regex>>>> = LazyLock::new(RwLock::default);
    // Matches in place, because a cloned regex builds its tables again.
    if let Ok(compiled) = COMPILED.read()
        && let Some(known) = compiled.get(pattern)
    {
        return known.as_ref().is_none_or(|regex| regex.is_match(text));
    }
    let regex = Regex::new(pattern).ok();
    let fits = regex.as_ref().is_none_or(|regex| regex.is_match(text));
    if let Ok(mut compiled) = COMPILED.write() {
        compiled.insert(pattern.to_owned(), regex);
    }
    fits
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The violations of `value` against the schema `name` of a small document, as `field: description`.
    fn violations_of(name: &str, value: &Value, direction: Direction) -> Vec<String> {
        let document = json!({"paths": {}, "components": {"schemas": {
            "Plain": {"type": "object", "required": ["name", "id"], "properties": {
                "id": {"type": "string", "readOnly": true},
                "name": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 5},
                "count": {"type": "integer", "format": "int32", "minimum": 1},
                "when": {"type": "string", "format": "date-time"},
                "unset": {"type": "string", "nullable": true},
                "key": {"type": "string", "format": "uuid"},
                "tags": {"type": "array", "maxItems": 2, "items": {"type": "string"}},
                "set": {"type": "array", "uniqueItems": true, "items": {"type": "string"}},
                "big": {"type": "integer", "format": "int64"},
                "state": {"$ref": "#/components/schemas/State"},
                "kind": {"type": "string", "enum": ["a", "b"]},
            }},
            // A base that names its subtypes, which in turn contain it: a cycle.
            "Base": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}},
                "oneOf": [{"$ref": "#/components/schemas/Left"}, {"$ref": "#/components/schemas/Right"}],
                "discriminator": {"propertyName": "kind", "mapping": {
                    "left": "#/components/schemas/Left", "right": "#/components/schemas/Right"}}},
            "Left": {"type": "object", "allOf": [{"$ref": "#/components/schemas/Base"},
                {"type": "object", "required": ["l"], "properties": {"l": {"type": "integer"}}}]},
            "Right": {"type": "object", "allOf": [{"$ref": "#/components/schemas/Base"},
                {"type": "object", "properties": {"r": {"type": "integer"}}}]},
            "Region": {"type": "object", "oneOf": [{"type": "string", "enum": ["east"]}, {"type": "string", "enum": ["west"]}]},
            "State": {"type": "object", "readOnly": true, "required": ["s"], "properties": {"s": {"type": "string"}}},
            "Map": {"type": "object", "additionalProperties": {"type": "integer"}},
        }}});
        let document = Document::parse(&document.to_string()).unwrap();
        let schema = json!({"$ref": format!("#/components/schemas/{name}")});
        let violations = check(&document, &schema, value, direction);
        violations.into_iter().map(|v| format!("{}: {}", v.field, v.description)).collect()
    }

    #[test]
    fn request_is_checked_for_type_range_pattern_and_required() {
        let value = json!({"name": "UPPER", "count": 0, "when": "today", "tags": ["x", 1, "z"], "kind": "c"});
        let mut violations = violations_of("Plain", &value, Direction::Request);
        violations.sort();
        assert_eq!(violations.len(), 6, "{violations:#?}");
        assert!(violations[0].starts_with("count: must be at least"));
        assert_eq!(violations[1], "kind: must be one of \"a\", \"b\"");
        assert_eq!(violations[2], "name: must match ^[a-z]+$");
        assert_eq!(violations[3], "tags.1: must be a string");
        assert_eq!(violations[4], "tags: must have at most 2 items");
        assert_eq!(violations_of("Plain", &json!({}), Direction::Request), ["name: is required"]);
        assert_eq!(violations_of("Plain", &json!([]), Direction::Request), [": must be an object"]);
    }

    #[test]
    fn text_in_another_form_than_uuid_is_refused() {
        for (key, expected) in [
            ("E3E70682-c209-4cac-a29f-6fbed82c07cd", 0),
            ("", 1),
            ("e3e70682c2094caca29f6fbed82c07cd", 1),
            ("e3e70682-c209-4cac-a29f-6fbed82c07cd0", 1),
        ] {
            let violations = violations_of("Plain", &json!({"name": "fine", "key": key}), Direction::Request);
            assert_eq!(violations.len(), expected, "{key}: {violations:?}");
        }
    }

    #[test]
    fn request_may_hold_read_only_fields_and_no_unknown_ones() {
        let value = json!({"name": "fine", "id": 7, "unheard": true, "unset": null});
        assert_eq!(violations_of("Plain", &value, Direction::Request), ["unheard: is not documented"]);
        // Read-only may be what a field refers to, too.
        assert!(violations_of("Plain", &json!({"name": "fine", "state": 1}), Direction::Request).is_empty());
        let value = json!({"name": "fine", "count": null});
        assert_eq!(violations_of("Plain", &value, Direction::Request), ["count: must not be null"]);
    }

    #[test]
    fn oversized_numbers_and_duplicate_items_are_refused() {
        let value = json!({"name": "fine", "big": u64::MAX, "set": ["a", "b", "a"]});
        let violations = violations_of("Plain", &value, Direction::Request);
        assert_eq!(violations, ["big: must fit in 64 bits", "set: must not contain duplicate items"]);
        assert!(
            violations_of("Plain", &json!({"name": "fine", "big": i64::MIN, "set": ["a", "b"]}), Direction::Request)
                .is_empty()
        );
    }

    #[test]
    fn response_allows_only_documented_fields_and_skips_patterns() {
        let value = json!({"name": "NO", "id": "1", "unheard": true});
        assert_eq!(violations_of("Plain", &value, Direction::Response), ["unheard: is not documented"]);
        assert_eq!(violations_of("Plain", &json!({"name": "x"}), Direction::Response), ["id: is required"]);
    }

    #[test]
    fn discriminator_selects_subtype_in_recursive_schema() {
        assert!(violations_of("Base", &json!({"kind": "left", "l": 1}), Direction::Response).is_empty());
        assert_eq!(violations_of("Base", &json!({"kind": "left"}), Direction::Request), ["l: is required"]);
        assert_eq!(
            violations_of("Base", &json!({"kind": "right", "l": 1}), Direction::Response),
            ["l: is not documented"]
        );
        assert_eq!(
            violations_of("Left", &json!({"kind": "left", "l": "x"}), Direction::Request),
            ["l: must be an integer"]
        );
        assert!(violations_of("Base", &json!({"kind": "other"}), Direction::Request).is_empty());
    }

    #[test]
    fn union_of_strings_declared_as_object_accepts_strings() {
        assert!(violations_of("Region", &json!("west"), Direction::Request).is_empty());
        assert_eq!(
            violations_of("Region", &json!("north"), Direction::Request),
            [": matches none of its alternatives"]
        );
    }

    #[test]
    fn additional_properties_are_checked_against_their_schema() {
        assert!(violations_of("Map", &json!({"a": 1}), Direction::Response).is_empty());
        assert_eq!(violations_of("Map", &json!({"a": "x"}), Direction::Request), ["a: must be an integer"]);
    }
}
