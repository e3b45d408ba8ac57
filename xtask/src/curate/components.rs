//! Dropping the components that nothing refers to any more.
//!
//! Reachability starts at the paths and follows `$ref` and discriminator mappings. A reference that leads nowhere is a
//! fault of the input and is reported with its place.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::report::Report;

/// Kinds of components that are kept whole: the document's own security refers to them by name, not by `$ref`.
const KEPT_WHOLE: [&str; 1] = ["securitySchemes"];

/// Removes every component that can't be reached from `paths`.
pub(crate) fn prune(document: &mut Value, report: &mut Report) {
    let mut reached = BTreeSet::new();
    let mut dangling = BTreeSet::new();
    let mut queue: Vec<(String, &Value)> = vec![("/paths".to_owned(), &document["paths"])];
    while let Some((place, node)) = queue.pop() {
        visit(node, &place, &mut |place, reference| {
            let Some(pointer) = reference.strip_prefix('#') else {
                dangling.insert(format!("{place}: {reference:?} leaves the document"));
                return;
            };
            match document.pointer(pointer) {
                Some(target) if reached.insert(pointer.to_owned()) => queue.push((pointer.to_owned(), target)),
                Some(_) => {}
                None => _ = dangling.insert(format!("{place}: nothing at {reference:?}")),
            }
        });
    }
    dangling.into_iter().for_each(|finding| report.fault(finding));

    let Some(components) = document["components"].as_object_mut() else { return };
    components.retain(|kind, members| {
        if KEPT_WHOLE.contains(&kind.as_str()) {
            return true;
        }
        let Some(members) = members.as_object_mut() else { return false };
        members.retain(|name, _| reached.contains(&format!("/components/{kind}/{}", escape(name))));
        true
    });
}

/// Calls `found` for every reference below a node.
fn visit(node: &Value, place: &str, found: &mut dyn FnMut(&str, &str)) {
    match node {
        Value::Object(members) => {
            if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                found(place, reference);
            }
            mapping(members).into_iter().flatten().filter_map(|(_, target)| target.as_str()).for_each(|reference| {
                found(&format!("{place}/discriminator"), reference);
            });
            for (key, member) in members {
                visit(member, &format!("{place}/{}", escape(key)), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                visit(item, &format!("{place}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// The mapping of a schema's discriminator; a property that happens to be called `discriminator` has none.
fn mapping(members: &Map<String, Value>) -> Option<&Map<String, Value>> {
    let discriminator = members.get("discriminator")?;
    discriminator.get("propertyName")?.as_str()?;
    discriminator.get("mapping")?.as_object()
}

/// Escapes one reference token of a JSON pointer.
pub(crate) fn escape(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_nothing_refers_to_is_dropped_and_a_dangling_reference_is_named() {
        let mut document = json!({
            "paths": { "/a": { "get": { "schema": { "$ref": "#/components/schemas/Base" }, "x": { "$ref": "#/nowhere" } } } },
            "components": {
                "schemas": {
                    "Base": { "discriminator": { "propertyName": "type", "mapping": { "one": "#/components/schemas/One" } } },
                    "One": { "properties": { "discriminator": { "type": "string" }, "next": { "$ref": "#/components/schemas/One" } } },
                    "Unused": { "$ref": "#/components/schemas/UnusedToo" },
                    "UnusedToo": {},
                },
                "securitySchemes": { "DigestAuth": {} },
            },
        });
        let mut report = Report::default();
        prune(&mut document, &mut report);
        let names: Vec<&String> = document["components"]["schemas"].as_object().expect("schemas").keys().collect();
        assert_eq!(names, ["Base", "One"]);
        assert!(document.pointer("/components/securitySchemes/DigestAuth").is_some());
        let errors = report.settle(true).expect_err("a dangling reference").to_string();
        assert_eq!(errors, r##"/paths/~1a/get/x: nothing at "#/nowhere""##);
    }
}
