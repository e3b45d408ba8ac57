//! Refuses documents with a part many times larger than in any specification.
//!
//! Later steps take time and memory in proportion to the number of operations, schemas, fields and values, some of them
//! to its square. The limits of the parser alone would allow a million of one kind. The real specification needs a
//! tenth to a third of each of these limits.

use anyhow::{Result, ensure};
use serde_json::Value;

use super::{document::schemas, pointer::Pointer, walk::operations};

/// Nodes of the whole document including keys: a limit of the parser.
pub(super) const NODES: usize = 500_000;
/// Operations.
const OPERATIONS: usize = 2_000;
/// Schemas among the components.
const SCHEMAS: usize = 5_000;
/// Members of one object and items of one list in a schema or an operation.
const MEMBERS: usize = 2_000;

/// Fails on the first part that is too large.
pub(super) fn refuse_large(document: &Value) -> Result<()> {
    let count = operations(document).count();
    ensure!(count <= OPERATIONS, "{count} operations are more than any specification has");
    let count = schemas(document).len();
    ensure!(count <= SCHEMAS, "{count} schemas are more than any specification has");
    let mut queue: Vec<(&Value, Pointer)> = schemas(document)
        .iter()
        .map(|(name, schema)| (schema, Pointer::of_component("schemas", name)))
        .chain(operations(document).map(|location| (location.operation, location.pointer())))
        .collect();
    while let Some((node, at)) = queue.pop() {
        let (length, parts): (usize, Box<dyn Iterator<Item = &Value>>) = match node {
            Value::Object(members) => (members.len(), Box::new(members.values())),
            Value::Array(items) => (items.len(), Box::new(items.iter())),
            _ => continue,
        };
        ensure!(length <= MEMBERS, "{at} has a list of {length}: more than any specification has");
        queue.extend(parts.filter(|part| part.is_object() || part.is_array()).map(|part| (part, at.clone())));
    }
    Ok(())
}
