//! Operations that Atlas has removed or is about to remove, and that shims still use.
//!
//! `spec/retired.yaml` is an OpenAPI fragment of this project: structure only. If the official document still contains
//! an operation, its definition takes precedence. In both cases the operation is marked `x-atlas-retired` and
//! deprecated.

use anyhow::{Result, ensure};
use serde_json::{Map, Value, json};

use crate::openapi::walk::{OperationRef, operations};

/// Adds the fragment's operations and components to the document.
pub(crate) fn merge(document: &mut Value, fragment: &Value) -> Result<()> {
    ensure!(fragment["paths"].is_object(), "retired.yaml: /paths is not an object");
    for OperationRef { path, method, operation, .. } in operations(fragment) {
        let slot = &mut document["paths"][path][method];
        if slot.is_null() {
            *slot = operation.clone();
        }
        let (ours, theirs) = (&operation["operationId"], &slot["operationId"]);
        ensure!(ours == theirs, "retired.yaml: {method} {path} is {ours}, but the official document calls it {theirs}");
        slot["x-atlas-retired"] = json!(true);
        slot["deprecated"] = json!(true);
    }
    let empty = Map::new();
    for (kind, components) in fragment["components"].as_object().unwrap_or(&empty) {
        for (name, component) in components.as_object().unwrap_or(&empty) {
            let slot = &mut document["components"][kind][name];
            if slot.is_null() {
                *slot = component.clone();
            }
        }
    }
    Ok(())
}
