//! Replaces each reference to an alias by its content.
//!
//! A component that is a string, a number, a list, a map or an object of unknown content would become a newtype. The
//! bindings use its type directly. Aliases of aliases are resolved; a cycle is reported.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Report, UNION};
use crate::openapi::{
    document::{Document, schema_ref, schemas, schemas_mut},
    pointer::Pointer,
    walk::every_schema,
};

/// Longer chains are treated as a cycle.
const LONGEST: usize = 16;

pub(super) fn run(document: &mut Document) -> Report {
    let mut report = Report::default();
    let aliases: BTreeMap<String, Value> = schemas(document)
        .iter()
        .filter(|(_, schema)| is_alias(schema))
        .map(|(name, schema)| (name.clone(), schema.clone()))
        .collect();
    for _ in 0..LONGEST {
        let mut replaced = 0;
        every_schema(document, &mut |_, schema| {
            if let Some(content) = schema_ref(schema).and_then(|name| aliases.get(name)) {
                *schema = content.clone();
                replaced += 1;
            }
        });
        report.changed += replaced;
        if replaced == 0 {
            schemas_mut(document).retain(|name, _| !aliases.contains_key(name));
            return report;
        }
    }
    report.residue(Pointer::new("/components/schemas"), "aliases refer to each other");
    report
}

fn is_alias(schema: &Value) -> bool {
    let says = |key: &&str| schema.get(*key).is_some_and(|value| value != &json!({}));
    !["properties", "enum", "oneOf", "anyOf", "discriminator", UNION].iter().any(says)
}
