//! Makes the names of types distinct in Rust, and refuses operations whose names would be equal.
//!
//! A type with the name of another, or one that generated code uses for something else, is renamed by the rule of
//! [`naming`]; the official name stays as an alias. Fields and values are named when the types are generated
//! (`bindings.rs`). Two methods, or two arguments of a method, of one name are reported.

use std::collections::BTreeMap;

use heck::{ToPascalCase, ToSnakeCase};

use super::{Report, public_names};
use crate::{
    generate::naming,
    openapi::{
        document::{Document, schemas},
        pointer::Pointer,
        references::resolve,
        walk::operations,
    },
};

/// Types that generated code uses by their plain names.
const RESERVED: [&str; 17] = [
    "BTreeMap",
    "Box",
    "Clone",
    "Copy",
    "DateTime",
    "Debug",
    "Default",
    "Extra",
    "Into",
    "Nullable",
    "Option",
    "PartialEq",
    "Result",
    "Self",
    "String",
    "Utc",
    "Vec",
];

pub(super) fn run(document: &mut Document) -> Report {
    let mut report = Report::default();
    let renamed = renamed(document);
    report.changed = renamed.len();
    public_names::rename(document, &renamed);
    let mut methods = BTreeMap::<String, &str>::new();
    for location in operations(document) {
        clash(location.id(), &mut methods, &location.pointer(), &mut report);
        // Arguments of a binding, wherever they are sent.
        let mut arguments = BTreeMap::<String, &str>::new();
        for parameter in location.operation["parameters"].as_array().into_iter().flatten() {
            if let Some(name) = resolve(document, parameter, Pointer::new("")).0["name"].as_str() {
                clash(name, &mut arguments, &location.pointer().child("parameters"), &mut report);
            }
        }
    }
    report
}

/// The new names of types by their present ones.
fn renamed(document: &Document) -> BTreeMap<String, String> {
    let names = schemas(document).keys().map(String::as_str);
    let names = naming::precedence(names, |name| name == type_name(name));
    let mut names = naming::distinct(names, type_name);
    names.retain(|name, named| *named != name.to_pascal_case());
    names
}

fn type_name(name: &str) -> String {
    let name = name.to_pascal_case();
    if RESERVED.contains(&name.as_str()) { format!("{name}Type") } else { name }
}

fn clash<'a>(name: &'a str, seen: &mut BTreeMap<String, &'a str>, pointer: &Pointer, report: &mut Report) {
    let rust = name.to_snake_case();
    if rust.is_empty() {
        report.residue(pointer, format!("{name:?} has no letter or digit for a name"));
    } else if let Some(other) = seen.insert(rust.clone(), name) {
        let message = match other == name {
            true => format!("two of them are called {name:?}"),
            false => format!("{other:?} and {name:?} would both be named {rust}"),
        };
        report.residue(pointer, message);
    }
}
