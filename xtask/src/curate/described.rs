//! Checks that everything in the curated document is described, and described once.
//!
//! Refused, each with its JSON pointer: an item without a description, a description that only repeats the item's name, a
//! summary that only repeats the operation id,
//! a field of three or more types without a shared description, a description of an enum value that does not exist.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::overlay::Applied;
use crate::openapi::{
    document::string_enum,
    pointer::Pointer,
    walk::{every_schema, operations, parts},
};

/// Number of types from which on a field name must have a shared description.
const SHARED_FROM: usize = 3;

/// Missing and empty descriptions, in document order. `shared` are the actions of the shared descriptions.
pub(crate) fn check(document: &Value, shared: &[Applied]) -> Vec<String> {
    let mut check = Check::default();
    check.document(document);
    check.shared(shared);
    check.findings
}

/// A suggestion for each group of string enums that have the same values and do not share a type.
pub(crate) fn repeated_enums(document: &Value) -> Vec<String> {
    let mut places = BTreeMap::<Vec<String>, Vec<Pointer>>::new();
    every_schema(&mut document.clone(), &mut |pointer, schema| {
        let values = string_enum(schema).filter(|values| values.len() > 1 && schema.get("x-atlas-type").is_none());
        if let Some(values) = values {
            let mut values: Vec<String> = values.into_iter().map(str::to_owned).collect();
            values.sort();
            places.entry(values).or_default().push(pointer.clone());
        }
    });
    let repeated = places.into_iter().filter(|(_, places)| places.len() > 1);
    let suggestion = |(values, places): (Vec<String>, Vec<Pointer>)| {
        let places: Vec<&str> = places.iter().map(Pointer::as_str).collect();
        format!(
            "suggestion: one type for {} values from {}, with x-atlas-type in overlay.yaml: {}",
            values.len(),
            values[0],
            places.join(", ")
        )
    };
    repeated.map(suggestion).collect()
}

/// The locations without a description or summary, in document order.
pub(crate) fn missing(document: &Value) -> Vec<Pointer> {
    let mut check = Check::default();
    check.document(document);
    check.missing
}

#[derive(Default)]
struct Check {
    findings: Vec<String>,
    missing: Vec<Pointer>,
    /// For each property name, the component schemas that describe it separately.
    properties: BTreeMap<String, BTreeSet<String>>,
    /// The current component schema.
    schema: String,
}

impl Check {
    fn document(&mut self, document: &Value) {
        self.item(&document["info"], &Pointer::new("/info"), "info");
        for (index, tag) in document["tags"].as_array().into_iter().flatten().enumerate() {
            self.item(tag, &Pointer::new("/tags").item(index), tag["name"].as_str().unwrap_or_default());
        }
        for location in operations(document) {
            self.operation(location.operation, &location.pointer());
        }
        for kind in ["headers", "parameters", "responses", "schemas", "securitySchemes"] {
            for (name, component) in document["components"][kind].as_object().into_iter().flatten() {
                let location = Pointer::of_component(kind, name);
                match kind {
                    "schemas" => {
                        self.schema.clone_from(name);
                        self.item(component, &location, name);
                        self.inside(component, &location);
                    }
                    "responses" => self.response(component, &location, name),
                    _ => self.item(component, &location, component["name"].as_str().unwrap_or(name)),
                }
            }
        }
    }

    fn operation(&mut self, operation: &Value, location: &Pointer) {
        self.item(operation, location, operation["operationId"].as_str().unwrap_or_default());
        let (id, summary) = (text(operation, "operationId"), text(operation, "summary"));
        if !summary.is_empty() && split_words(summary) == split_words(id) {
            self.findings.push(format!("{location}: the summary only repeats the operation id: {summary:?}"));
        }
        if summary.is_empty() {
            self.findings.push(format!("{location}: has no summary"));
            self.missing.push(location.clone());
        }
        if text(&operation["externalDocs"], "url").is_empty() {
            self.findings.push(format!("{location}: has no link to the official page"));
        }
        for (index, parameter) in operation["parameters"].as_array().into_iter().flatten().enumerate() {
            let name = parameter["name"].as_str().unwrap_or_default();
            self.item(parameter, &location.child("parameters").item(index), name);
        }
        for (status, response) in operation["responses"].as_object().into_iter().flatten() {
            self.response(response, &location.child("responses").child(status), status);
        }
    }

    fn response(&mut self, response: &Value, location: &Pointer, name: &str) {
        self.item(response, location, name);
        for (name, header) in response["headers"].as_object().into_iter().flatten() {
            self.item(header, &location.child("headers").child(name), name);
        }
    }

    /// One described item. A reference uses the description of its target.
    fn item(&mut self, item: &Value, location: &Pointer, name: &str) {
        if item.get("$ref").is_some() {
            return;
        }
        let description = text(item, "description");
        if description.trim().is_empty() {
            self.findings.push(format!("{location}: has no description"));
            self.missing.push(location.clone());
        } else if split_words(description) == split_words(name) {
            self.findings.push(format!("{location}: the description only repeats the name: {description:?}"));
        }
    }

    /// The properties of a schema, and the descriptions of its enum values.
    fn inside(&mut self, schema: &Value, location: &Pointer) {
        for part in parts(schema) {
            let (child, location) = (part.get(schema).unwrap_or(&Value::Null), location.join(&part));
            if let [properties, name] = part.keys().as_slice()
                && properties == "properties"
            {
                self.item(child, &location, name);
                if child.get("$ref").is_none() {
                    self.properties.entry(name.clone()).or_default().insert(self.schema.clone());
                }
            }
            self.inside(child, &location);
        }
        let values = schema["enum"].as_array();
        for (value, explanation) in schema["x-enum-descriptions"].as_object().into_iter().flatten() {
            if !values.is_some_and(|values| values.iter().any(|known| known == value)) {
                self.findings.push(format!("{location}: describes {value:?}, which is not one of its values"));
            }
            if split_words(explanation.as_str().unwrap_or_default()) == split_words(value) {
                self.findings.push(format!("{location}: the description of {value:?} only repeats it"));
            }
        }
    }

    /// Fields of many types must be described by an action that reaches many types.
    fn shared(&mut self, shared: &[Applied]) {
        let described: BTreeSet<String> = shared
            .iter()
            .filter(|applied| applied.describes && applied.pointers.len() >= SHARED_FROM)
            .flat_map(|applied| &applied.pointers)
            .filter_map(|pointer| match pointer.keys().as_slice() {
                [.., properties, name] if properties == "properties" => Some(name.clone()),
                _ => None,
            })
            .collect();
        for (name, schemas) in &self.properties {
            if schemas.len() >= SHARED_FROM && !described.contains(name) {
                let schemas: Vec<&str> = schemas.iter().map(String::as_str).collect();
                let (count, schemas) = (schemas.len(), schemas.join(", "));
                self.findings.push(format!("/components/schemas/*/properties/{name}: {count} types have it ({schemas}), but descriptions/shared.yaml does not describe it for all of them"));
            }
        }
    }
}

fn text<'a>(item: &'a Value, key: &str) -> &'a str {
    item.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The words of a name or sentence: camel case split, lower case, without punctuation and articles.
fn split_words(text: &str) -> Vec<String> {
    let mut apart = String::new();
    for character in text.chars() {
        let after_lower = apart.chars().next_back().is_some_and(|last| last.is_lowercase() || last.is_ascii_digit());
        if character.is_uppercase() && after_lower {
            apart.push(' ');
        }
        apart.push(character);
    }
    let apart = apart.to_lowercase();
    let words = apart.split(|character: char| !character.is_alphanumeric());
    words.filter(|word| !matches!(*word, "" | "a" | "an" | "the" | "of")).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn findings(schemas: Value, shared: &[Applied]) -> String {
        let document = json!({ "info": { "description": "About it." }, "components": { "schemas": schemas } });
        check(&document, shared).join("\n")
    }

    #[test]
    fn missing_description_is_reported_by_pointer() {
        let schemas = json!({ "Snapshot": { "properties": { "a/b": { "type": "string" }, "c": { "$ref": "#/x" } } } });
        insta::assert_snapshot!(findings(schemas, &[]), @r"
        /components/schemas/Snapshot: has no description
        /components/schemas/Snapshot/properties/a~1b: has no description
        ");
    }

    #[test]
    fn description_that_repeats_the_name_is_refused() {
        let schemas = json!({ "BackupSnapshot": { "description": "The backup snapshot.", "properties": {
            "expiresAt": { "description": "Expires at." },
            "id": { "description": "Identifier of the snapshot, 24 hexadecimal digits." },
        } } });
        insta::assert_snapshot!(findings(schemas, &[]), @r#"
        /components/schemas/BackupSnapshot: the description only repeats the name: "The backup snapshot."
        /components/schemas/BackupSnapshot/properties/expiresAt: the description only repeats the name: "Expires at."
        "#);
    }

    #[test]
    fn summary_that_repeats_the_operation_id_is_refused() {
        let operation = |summary: &str| {
            json!({ "get": { "operationId": "listRateLimits", "summary": summary, "description": "Lists what is left.",
                "externalDocs": { "url": "https://example.com" } } })
        };
        let document = json!({ "info": { "description": "About it." }, "paths": {
            "/a": operation("List the rate limits."), "/b": operation("List the limits of all endpoints") } });
        assert_eq!(
            check(&document, &[]),
            ["/paths/~1a/get: the summary only repeats the operation id: \"List the rate limits.\""]
        );
    }

    #[test]
    fn enums_with_the_same_values_are_suggested_for_one_type() {
        let one_of = |values: &[&str]| json!({ "type": "string", "enum": values });
        let mut shared = one_of(&["x", "y"]);
        shared["x-atlas-type"] = json!("Letter");
        let document = json!({ "paths": {}, "components": { "schemas": { "A": { "properties": {
            "a": one_of(&["on", "off"]), "b": one_of(&["off", "on"]), "c": one_of(&["on"]), "d": one_of(&["on"]),
            "e": shared, "f": shared } } } } });
        let place = "/components/schemas/A/properties";
        assert_eq!(
            repeated_enums(&document),
            [format!(
                "suggestion: one type for 2 values from off, with x-atlas-type in overlay.yaml: {place}/a, {place}/b"
            )]
        );
    }

    #[test]
    fn field_of_three_types_is_described_once() {
        let schema =
            json!({ "description": "One of many.", "properties": { "groupId": { "description": "Its project." } } });
        let schemas = json!({ "A": schema, "B": schema, "C": schema });
        let pointers: Vec<Pointer> = ["A", "B", "C"]
            .map(|name| Pointer::of_component("schemas", name).child("properties").child("groupId"))
            .into();
        insta::assert_snapshot!(findings(schemas.clone(), &[]), @"/components/schemas/*/properties/groupId: 3 types have it (A, B, C), but descriptions/shared.yaml does not describe it for all of them");
        assert_eq!(findings(schemas, &[Applied { single: None, pointers, describes: true, digest: None }]), "");
    }

    #[test]
    fn description_of_unknown_enum_value_is_reported() {
        let schemas = json!({ "State": {
            "description": "Where it stands.", "enum": ["IDLE"], "x-enum-descriptions": { "IDLE": "idle", "BUSY": "Working." },
        } });
        insta::assert_snapshot!(findings(schemas, &[]), @r#"
        /components/schemas/State: describes "BUSY", which is not one of its values
        /components/schemas/State: the description of "IDLE" only repeats it
        "#);
    }

    #[test]
    fn words_are_compared_without_case_articles_and_punctuation() {
        assert_eq!(split_words("TheBSONTimestamp of `groupId`."), ["bsontimestamp", "group", "id"]);
    }
}
