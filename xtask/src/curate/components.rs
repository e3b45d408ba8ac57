//! Removes unreferenced components.
//!
//! Reachability starts at the paths and follows `$ref` and discriminator mappings. A dangling reference is an error of
//! the input and is reported with its location.

use std::collections::BTreeSet;

use serde_json::Value;

use super::report::Report;
use crate::openapi::{
    pointer::Pointer,
    references::{Trail, references},
};

/// Kinds of components that are always kept: the document refers to security schemes by name, not by `$ref`.
const KEPT_WHOLE: [&str; 1] = ["securitySchemes"];

/// Removes every component that cannot be reached from `paths`.
pub(crate) fn prune(document: &mut Value, report: &mut Report) {
    let (mut reached, mut dangling) = (BTreeSet::new(), BTreeSet::new());
    let mut queue: Vec<(Pointer, &Value)> = vec![(Pointer::new("/paths"), &document["paths"])];
    while let Some((location, node)) = queue.pop() {
        references(node, &Trail::From(&location), &mut |way, reference| {
            let Some(pointer) = Pointer::of_reference(reference) else {
                dangling.insert(format!("{}: {reference:?} points out of the document", way.pointer()));
                return;
            };
            match pointer.get(document) {
                Some(target) if reached.insert(pointer.clone()) => queue.push((pointer, target)),
                Some(_) => {}
                None => _ = dangling.insert(format!("{}: no value at {reference:?}", way.pointer())),
            }
        });
    }
    dangling.into_iter().for_each(|finding| report.error(finding));

    let Some(components) = document["components"].as_object_mut() else { return };
    components.retain(|kind, members| {
        if KEPT_WHOLE.contains(&kind.as_str()) {
            return true;
        }
        let Some(members) = members.as_object_mut() else { return false };
        members.retain(|name, _| reached.contains(&Pointer::of_component(kind, name)));
        true
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn unreferenced_component_is_dropped_and_dangling_ref_reported() {
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
        let errors = report.finish(true).expect_err("a dangling reference").to_string();
        assert_eq!(errors, r##"/paths/~1a/get/x: no value at "#/nowhere""##);
    }
}
