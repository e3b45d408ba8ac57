//! Gives every inline object, enum and union a name of its own among the components.
//!
//! The name is the parent's plus the property's (`DiskBackupReplicaSet` + `status`), plus `Item` or `Value` inside an
//! array or a map; a parameter's is the operation's plus its own. Afterwards each named type of the bindings stands
//! for exactly one component, and the passes behind this one need to look at components only.

use heck::ToPascalCase;
use serde_json::{Map, Value, json};

use super::Report;
use crate::generate::document::{Document, SCHEMAS, operations_mut, schemas_mut, without_annotations};

pub(super) fn run(document: &mut Document) -> Report {
    let mut hoisted = Hoisted { components: std::mem::take(schemas_mut(document)), report: Report::default() };
    let names: Vec<String> = hoisted.components.keys().cloned().collect();
    for name in names {
        let mut schema = hoisted.components[&name].take();
        hoisted.children(&mut schema, &name, &format!("/components/schemas/{name}"));
        hoisted.components.insert(name, schema);
    }
    operations_mut(document, |pointer, operation| {
        let version = operation["x-atlas-version"].as_str().unwrap_or_default();
        let suffix = super::versions::suffix(version);
        let id = operation["operationId"].as_str().unwrap_or_default();
        let id = id.strip_suffix(&suffix).unwrap_or(id).to_pascal_case();
        for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            let name = format!("{id}{}", parameter["name"].as_str().unwrap_or_default().to_pascal_case());
            let description = parameter.get("description").cloned();
            if let Some(schema) = parameter.get_mut("schema") {
                hoisted.visit(schema, &name, pointer, description);
            }
        }
        for (key, name) in [("requestBody", "Request"), ("responses", "Response")] {
            for schema in bodies(operation, key) {
                hoisted.visit(schema, &format!("{id}{name}"), pointer, None);
            }
        }
    });
    *schemas_mut(document) = hoisted.components;
    hoisted.report
}

fn bodies<'a>(operation: &'a mut Value, key: &str) -> Vec<&'a mut Value> {
    let Some(part) = operation.get_mut(key) else { return Vec::new() };
    let holders: Vec<&mut Value> = match key {
        "responses" => part.as_object_mut().into_iter().flatten().map(|(_, response)| response).collect(),
        _ => vec![part],
    };
    let contents = holders.into_iter().filter_map(|holder| holder.get_mut("content")?.as_object_mut());
    contents.flatten().filter_map(|(_, body)| body.get_mut("schema")).collect()
}

struct Hoisted {
    components: Map<String, Value>,
    report: Report,
}

impl Hoisted {
    /// Moves `schema` to the components if it needs a name; looks below it otherwise.
    fn visit(&mut self, schema: &mut Value, name: &str, pointer: &str, description: Option<Value>) {
        if !needs_name(schema) {
            self.children(schema, name, pointer);
            return;
        }
        let mut named = schema.take();
        self.children(&mut named, name, pointer);
        if let (Some(words), None) = (description, named.get("description")) {
            named["description"] = words;
        }
        let same = |seen: &Value| without_annotations(seen) == without_annotations(&named);
        match self.components.get(name) {
            Some(seen) if !same(seen) => {
                self.report.residue(pointer, format!("the inline type would be {name}, and another type is"));
            }
            Some(_) => {}
            None => {
                self.components.insert(name.to_owned(), named);
            }
        }
        self.report.changed += 1;
        *schema = json!({ "$ref": format!("{SCHEMAS}{name}") });
    }

    fn children(&mut self, schema: &mut Value, name: &str, pointer: &str) {
        let Some(object) = schema.as_object_mut() else { return };
        for (property, child) in object.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
            let child_name = format!("{name}{}", property.to_pascal_case());
            self.visit(child, &child_name, &format!("{pointer}/properties/{property}"), None);
        }
        for (key, suffix) in [("items", "Item"), ("additionalProperties", "Value")] {
            if let Some(child) = object.get_mut(key).filter(|child| child.is_object()) {
                self.visit(child, &format!("{name}{suffix}"), &format!("{pointer}/{key}"), None);
            }
        }
    }
}

fn needs_name(schema: &Value) -> bool {
    let has = |key: &str| schema.get(key).is_some();
    has("properties") || has("oneOf") || has("anyOf") || has("discriminator") || has("enum")
}
