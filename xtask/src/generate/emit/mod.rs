//! Writes the generated files: types by tag, bindings by tag, the operations table, the dispatch table.
//!
//! The emitter takes names and types from progenitor's output, and everything else (descriptions, directions,
//! nullability, unions, versions) from the documents. It uses neither a clock nor files.

mod client;
mod dispatch;
mod doc_text;
mod format;
pub(crate) mod former;
pub(crate) mod ids;
mod operations;
mod queries;
mod records;
pub(crate) mod resources;
pub(crate) mod roles;
mod schemas;
mod source;
mod texts;
mod trials;
mod types;
mod unions;

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use proc_macro2::TokenStream;

/// How the documentation of the generated crate begins.
pub(crate) const TITLE: &str = "Bindings of the MongoDB Atlas backup API";
/// The root of the generated crate.
const LIB: &str = r#"//! Bindings of the MongoDB Atlas backup API: one method for each operation and resource version.
//!
//! Every file of this crate is generated from the curated OpenAPI document. The module [`runtime`]
//! has the parts that do not depend on it: the transport contract, requests, the codec and the description of
//! operations. Most programs want the `atlas-backup` crate, which implements the transport and adds versions,
//! authentication, retries, paging and waiters.
//!
//! Enums are open: a value that the specification does not list is kept in `Unknown`. Objects keep fields that the
//! specification does not define in `extra` and write them back. Every field that the service sends is optional.

#[rustfmt::skip]
mod client;
#[rustfmt::skip]
mod codec;
#[cfg(feature = "dispatch")]
#[rustfmt::skip]
pub mod dispatch;
#[rustfmt::skip]
pub mod operations;
#[rustfmt::skip]
pub mod queries;
#[cfg(feature = "schemars")]
#[rustfmt::skip]
mod schemas;
#[rustfmt::skip]
pub mod types;

pub use atlas_backup_runtime as runtime;
pub use client::Client;
"#;

pub(crate) use client::failing;
pub(crate) use format::HEADER;
use format::format_tokens;
pub(crate) use operations::versions as facts;
pub(crate) use queries::{is_optional, name as query_name, optional};
pub(crate) use source::Source;

/// The generated files by their path below `src/`.
pub(crate) fn files(source: &Source<'_>) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    let mut add = |path: String, tokens: TokenStream| -> Result<()> {
        let text = format_tokens(tokens).with_context(|| path.clone())?;
        files.insert(path, text);
        Ok(())
    };
    for (path, tokens) in client::files(source)?.into_iter().chain(queries::files(source)?) {
        add(path, tokens)?;
    }
    add("operations.rs".to_owned(), operations::file(source)?)?;
    add("dispatch.rs".to_owned(), dispatch::file(source)?)?;
    files.extend(types::files(source)?);
    files.insert("schemas.rs".to_owned(), schemas::file(source));
    files.insert("schemas.json".to_owned(), schemas::document(source));
    files.insert("lib.rs".to_owned(), format!("{HEADER}{LIB}"));
    Ok(files)
}

/// The tables for the crate's own tests.
pub(crate) fn trials(source: &Source<'_>) -> Result<String> {
    format_tokens(trials::file(source)?)
}
