//! The generator on documents of growing size. Its time must grow in proportion to the document.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::Value;

use super::bench::own_processor_time;
use crate::{
    curate::curation,
    generate::fallback::without_failing_operations,
    openapi::{
        document::{Document, SCHEMAS, schemas, schemas_mut},
        source::Source,
        walk::{METHODS, operations},
    },
};

/// The sizes in operations.
const SIZES: [usize; 4] = [300, 600, 900, 1_200];

/// Prints a row for each size.
pub(super) fn run(upstream: &str) -> Result<()> {
    let document = Source::read(upstream)?.parse_any()?;
    println!("OPERATIONS  VERSIONS  SCHEMAS    LINES  PROCESSOR  PER OPERATION");
    for size in SIZES {
        let document = derived(&document, size);
        let (count, types) = (operations(&document).count(), schemas(&document).len());
        let before = own_processor_time();
        let (run, _) = without_failing_operations(&document)?;
        let time = (own_processor_time() - before).as_secs_f64();
        let lines: usize = run.files.values().map(|text| text.lines().count()).sum();
        println!(
            "{count:>10}  {:>8}  {types:>7}  {lines:>7}  {time:>7.2} s  {:>10.1} ms",
            run.bindings.methods.len(),
            time * 1e3 / count as f64
        );
    }
    Ok(())
}

/// A document with `size` operations: the first ones, or all and copies of them with copies of their schemas.
fn derived(document: &Document, size: usize) -> Document {
    let mut whole = document.clone();
    for copy in 1..=size / operations(document).count().max(1) {
        let copied = copied(document, copy);
        for (path, item) in copied["paths"].as_object().into_iter().flatten() {
            whole["paths"][format!("/copy{copy}{path}")] = item.clone();
        }
        schemas_mut(&mut whole).extend(schemas(&copied).clone());
    }
    let mut left = size;
    for (_, item) in whole["paths"].as_object_mut().into_iter().flatten() {
        for method in METHODS {
            if item.get(method).is_some() && left == 0 {
                item.as_object_mut().map(|item| item.remove(method));
            } else if item.get(method).is_some() {
                left -= 1;
            }
        }
    }
    let _dangling = curation::without_unused(&mut whole);
    whole
}

/// The document with other ids and other names of schemas.
fn copied(document: &Document, copy: usize) -> Document {
    let names: BTreeMap<&str, String> =
        schemas(document).keys().map(|name| (name.as_str(), format!("{name}Copy{copy}"))).collect();
    let mut copied = document.clone();
    rename(&mut copied, &names, copy);
    let components = std::mem::take(schemas_mut(&mut copied));
    *schemas_mut(&mut copied) =
        components.into_iter().map(|(name, schema)| (names[name.as_str()].clone(), schema)).collect();
    copied
}

fn rename(value: &mut Value, names: &BTreeMap<&str, String>, copy: usize) {
    match value {
        Value::String(text) => {
            if let Some(name) = text.strip_prefix(SCHEMAS).and_then(|name| names.get(name)) {
                *text = format!("{SCHEMAS}{name}");
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, names, copy)),
        Value::Object(members) => {
            for (key, member) in members {
                match member {
                    Value::String(id) if key == "operationId" => id.push_str(&format!("Copy{copy}")),
                    _ => rename(member, names, copy),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::generate::passes::fixture;

    #[test]
    fn derived_document_has_exactly_as_many_operations_as_asked() {
        let document = fixture(json!({
            "Out": { "type": "object", "properties": { "in": { "$ref": "#/components/schemas/In" } } },
            "In": { "type": "object", "properties": {} }
        }));
        let derived = derived(&document, 5);
        let ids: Vec<&str> = operations(&derived).map(|location| location.id()).collect();
        assert_eq!(ids, ["getThingCopy1", "createThingCopy1", "getThingCopy2", "createThingCopy2", "getThing"]);
        assert_eq!(
            derived["components"]["schemas"]["OutCopy2"]["properties"]["in"]["$ref"],
            "#/components/schemas/InCopy2"
        );
    }
}
