//! Joins a `oneOf` or `anyOf` of objects without a discriminator into one object.
//!
//! Nothing on the wire says which member a response is (a hardware specification of one provider or another), so a
//! typed choice would be a guess. The joined object has the properties of all members, all optional. Enums of one name
//! are joined; integers and numbers become numbers. Members whose properties disagree in type are reported.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Report;
use crate::openapi::{
    document::{Document, schema_ref, schemas, string_enum, without_annotations},
    walk::every_schema,
};

pub(super) fn run(document: &mut Document) -> Report {
    let mut report = Report::default();
    let originals = schemas(document).clone();
    every_schema(document, &mut |pointer, schema| {
        if schema.get("discriminator").is_some() {
            return;
        }
        for key in ["oneOf", "anyOf"] {
            let Some(members) = schema.get(key).and_then(Value::as_array) else { continue };
            let resolved: Vec<&Value> = members.iter().filter_map(|member| resolve(member, &originals)).collect();
            let whole = resolved.len() == members.len();
            if !whole || !resolved.iter().all(|member| member.get("properties").is_some()) {
                continue;
            }
            let own = schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
            let mut joined: BTreeMap<String, Value> = own.into_iter().collect();
            for member in &resolved {
                for (name, property) in member["properties"].as_object().into_iter().flatten() {
                    let location = pointer.child("properties").child(name);
                    let value = match joined.get(name) {
                        Some(seen) => match join(seen, property, &originals) {
                            Some(value) => value,
                            None => {
                                report.residue(location, "members of the union define the property differently");
                                json!({})
                            }
                        },
                        None => property.clone(),
                    };
                    joined.insert(name.clone(), value);
                }
            }
            let object = schema.as_object_mut().expect("it has members");
            object.remove(key);
            object.remove("required");
            object.insert("type".to_owned(), "object".into());
            object.insert("properties".to_owned(), Value::Object(Map::from_iter(joined)));
            report.changed += 1;
        }
    });
    report
}

fn resolve<'a>(schema: &'a Value, originals: &'a Map<String, Value>) -> Option<&'a Value> {
    match schema_ref(schema) {
        Some(name) => originals.get(name),
        None => Some(schema),
    }
}

fn join(left: &Value, right: &Value, originals: &Map<String, Value>) -> Option<Value> {
    if without_annotations(left) == without_annotations(right) {
        return Some(left.clone());
    }
    let (left, right) = (resolve(left, originals)?, resolve(right, originals)?);
    if let (Some(first), Some(second)) = (string_enum(left), string_enum(right)) {
        let mut values = first.clone();
        values.extend(second.into_iter().filter(|value| !first.contains(value)));
        let mut joined = left.clone();
        joined["enum"] = json!(values);
        return Some(joined);
    }
    let kind = |schema: &Value| schema.get("type").and_then(Value::as_str).map(str::to_owned);
    match (kind(left)?.as_str(), kind(right)?.as_str()) {
        ("string", "string") | ("integer", "integer") | ("number", "number") | ("boolean", "boolean") => {
            let mut joined = left.clone();
            for key in ["enum", "format", "pattern"] {
                if left.get(key) != right.get(key) {
                    joined.as_object_mut()?.remove(key);
                }
            }
            Some(joined)
        }
        ("integer", "number") => Some(right.clone()),
        ("number", "integer") => Some(left.clone()),
        _ => None,
    }
}
