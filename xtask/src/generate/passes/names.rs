//! Refuses two names that would be equal in Rust.
//!
//! The generator would number them by order, so a field or type would change its name when the specification adds
//! another. Types, fields of a type, variants of an enum, bindings and their arguments are checked.

use std::collections::BTreeMap;

use heck::{ToPascalCase, ToSnakeCase};
use serde_json::Value;

use super::Report;
use crate::openapi::{
    document::{Document, schemas, string_enum},
    pointer::Pointer,
    references::resolve,
    walk::operations,
};

pub(super) fn run(document: &mut Document) -> Report {
    let mut report = Report::default();
    let components = schemas(document);
    clashes(
        components.keys().map(String::as_str),
        str::to_pascal_case,
        &Pointer::new("/components/schemas"),
        &mut report,
    );
    for (name, schema) in components {
        let pointer = Pointer::of_component("schemas", name);
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            let names = properties.keys().map(String::as_str);
            clashes(names, str::to_snake_case, &pointer.child("properties"), &mut report);
        }
        if let Some(values) = string_enum(schema) {
            clashes(values.into_iter(), str::to_pascal_case, &pointer.child("enum"), &mut report);
        }
    }
    let ids: Vec<String> = operations(document).map(|location| location.id().to_owned()).collect();
    clashes(ids.iter().map(String::as_str), str::to_snake_case, &Pointer::new("/paths"), &mut report);
    for location in operations(document) {
        // Arguments of a binding, wherever they are sent.
        let parameters = location.operation["parameters"].as_array().into_iter().flatten();
        let names: Vec<&str> = parameters
            .filter_map(|parameter| resolve(document, parameter, Pointer::new("")).0["name"].as_str())
            .collect();
        clashes(names.into_iter(), str::to_snake_case, &location.pointer().child("parameters"), &mut report);
    }
    report
}

fn clashes<'a>(names: impl Iterator<Item = &'a str>, rust: fn(&str) -> String, pointer: &Pointer, report: &mut Report) {
    let mut seen = BTreeMap::<String, &str>::new();
    for name in names {
        if rust(name).is_empty() {
            report.residue(pointer, format!("{name:?} has no letter or digit for a name"));
            continue;
        }
        if let Some(other) = seen.insert(rust(name), name) {
            let message = match other == name {
                true => format!("two of them are called {name:?}"),
                false => format!("{other:?} and {name:?} would both be named {}", rust(name)),
            };
            report.residue(pointer, message);
        }
    }
}
