//! Names every inline object, enum and union and moves it to the components.
//!
//! The name is the parent's plus the property's (`DiskBackupReplicaSet` + `status`), plus `Item` or `Value` inside an
//! array or a map. For a parameter it is the operation's name plus its own. Enums to which the overlay gives the same
//! type name ([`TYPE`]) become one type with the values of all. A name that another type has gets `Inline`, and a number if
//! that is taken too. Afterwards each named type of the bindings is exactly one component, and later passes need to check
//! components only.
//!
//! Keywords of the site (description, read-only, nullable) stay beside the reference.

use std::collections::BTreeMap;

use heck::ToPascalCase;
use serde_json::{Map, Value, json};

use super::{Report, versions::id_without_version};
use crate::openapi::{
    document::{Document, SCHEMAS, schemas_mut, string_enum, without_annotations},
    pointer::Pointer,
    walk::operations_mut,
};

/// The extension with which the overlay gives several enums one type.
const TYPE: &str = "x-atlas-type";
/// The document's table of such types: name to description.
const TYPES: &str = "x-atlas-types";
/// The extension that names the parent component of an inline type.
pub(super) const PARENT: &str = "x-atlas-parent";
/// Keywords that belong to the site, not to the type.
const SITE_KEYWORDS: [&str; 6] = ["description", "readOnly", "writeOnly", "nullable", "deprecated", "x-atlas-null"];

pub(super) fn run(document: &mut Document) -> Report {
    let descriptions = document.get(TYPES).and_then(Value::as_object).cloned().unwrap_or_default();
    let components = std::mem::take(schemas_mut(document));
    let taken = components.keys().map(|name| (name.to_pascal_case(), name.clone())).collect();
    let mut hoisted = Hoisted { components, taken, descriptions, report: Report::default() };
    let names: Vec<String> = hoisted.components.keys().cloned().collect();
    for name in names {
        let mut schema = hoisted.components[&name].take();
        hoisted.children(&mut schema, &name, Some(&name), &Pointer::of_component("schemas", &name));
        hoisted.components.insert(name, schema);
    }
    operations_mut(document, |pointer, operation| {
        let id = id_without_version(operation).to_pascal_case();
        for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            let name = format!("{id}{}", parameter["name"].as_str().unwrap_or_default().to_pascal_case());
            let description = parameter.get("description").cloned();
            if let Some(schema) = parameter.get_mut("schema") {
                hoisted.visit(schema, &name, None, pointer, description);
            }
        }
        for (key, name) in [("requestBody", "Request"), ("responses", "Response")] {
            for schema in bodies(operation, key) {
                hoisted.visit(schema, &format!("{id}{name}"), None, pointer, None);
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
    /// The components by their names in Rust.
    taken: BTreeMap<String, String>,
    descriptions: Map<String, Value>,
    report: Report,
}

impl Hoisted {
    /// Moves `schema` to the components if it needs a name. Otherwise visits its children.
    fn visit(
        &mut self,
        schema: &mut Value,
        name: &str,
        parent: Option<&str>,
        pointer: &Pointer,
        description: Option<Value>,
    ) {
        if !needs_name(schema) {
            self.children(schema, name, parent, pointer);
            return;
        }
        let mut named = schema.take();
        self.children(&mut named, name, Some(name), pointer);
        if let Some(parent) = parent {
            named[PARENT] = parent.into();
        }
        if let (Some(words), None) = (description, named.get("description")) {
            named["description"] = words;
        }
        let mut location = Map::new();
        for key in SITE_KEYWORDS {
            if let Some(value) = named.get(key) {
                location.insert(key.to_owned(), value.clone());
            }
        }
        let name = match named[TYPE].as_str().map(str::to_owned) {
            Some(shared) => {
                self.share(&shared, named, pointer);
                shared
            }
            None => self.add(name, named),
        };
        self.report.changed += 1;
        location.insert("$ref".to_owned(), format!("{SCHEMAS}{name}").into());
        *schema = Value::Object(location);
    }

    /// Adds a type and returns its name.
    fn add(&mut self, name: &str, named: Value) -> String {
        let names = (0..).map(|count| match count {
            0 => name.to_owned(),
            1 => format!("{name}Inline"),
            _ => format!("{name}Inline{count}"),
        });
        for name in names {
            let Some(owner) = self.taken.get(&name.to_pascal_case()) else {
                self.taken.insert(name.to_pascal_case(), name.clone());
                self.components.insert(name.clone(), named);
                return name;
            };
            if without_annotations(&self.components[owner]) == without_annotations(&named) {
                return owner.clone();
            }
        }
        unreachable!("there are more names than types")
    }

    /// Adds the values of an enum to its shared type.
    fn share(&mut self, name: &str, named: Value, pointer: &Pointer) {
        let Some(values) = string_enum(&named) else {
            self.report.residue(pointer, format!("{name} is a shared enum type, but this is not an enum"));
            return;
        };
        let words = self.descriptions.get(name).cloned();
        self.taken.insert(name.to_pascal_case(), name.to_owned());
        let shared = self.components.entry(name).or_insert_with(
            || json!({ "type": "string", "enum": [], "description": words, "x-enum-descriptions": {}, TYPE: name }),
        );
        if shared[TYPE] != name {
            self.report.residue(pointer, format!("{name} is already a schema of the document"));
            return;
        }
        let list = shared["enum"].as_array_mut().expect("inserted above");
        for value in values {
            if !list.iter().any(|seen| seen == value) {
                list.push(value.into());
            }
        }
        let table = shared["x-enum-descriptions"].as_object_mut().expect("inserted above");
        for (value, words) in named["x-enum-descriptions"].as_object().into_iter().flatten() {
            table.entry(value).or_insert_with(|| words.clone());
        }
    }

    fn children(&mut self, schema: &mut Value, name: &str, parent: Option<&str>, pointer: &Pointer) {
        let Some(object) = schema.as_object_mut() else { return };
        for (property, child) in object.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
            let child_name = format!("{name}{}", property.to_pascal_case());
            self.visit(child, &child_name, parent, &pointer.child("properties").child(property), None);
        }
        for (key, suffix) in [("items", "Item"), ("additionalProperties", "Value")] {
            if let Some(child) = object.get_mut(key).filter(|child| child.is_object()) {
                self.visit(child, &format!("{name}{suffix}"), parent, &pointer.child(key), None);
            }
        }
    }
}

fn needs_name(schema: &Value) -> bool {
    let has = |key: &str| schema.get(key).is_some();
    has("properties") || has("oneOf") || has("anyOf") || has("discriminator") || has("enum")
}
