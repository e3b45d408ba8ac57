//! The names of [`crate::openapi`] that passes and emitter import from here.

pub(crate) use crate::openapi::{
    document::{Document, SCHEMAS, schema_ref, schemas, schemas_mut, string_enum, without_annotations},
    references::{directions, named_schemas, reachable},
    walk::{METHODS, Place, every_schema, operations, operations_mut},
};

/// A key as a segment of a JSON pointer (RFC 6901).
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
