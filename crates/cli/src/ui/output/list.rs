//! Writers for lists that are printed while they are read.

use std::io::Write;

use serde_json::Value;

use crate::ui::exit::Outcome;

/// Writes a list.
pub(super) trait ListWriter<T> {
    /// Adds a document. May buffer it until the layout is known.
    fn add(&mut self, document: T, out: &mut dyn Write) -> Outcome;

    /// Adds a document that could not be decoded. Returns whether the format can show it.
    fn add_undecodable(&mut self, document: &Value, out: &mut dyn Write) -> Outcome<bool>;

    /// Writes buffered documents. A list that is not `complete` must not look complete.
    fn end(&mut self, complete: bool, out: &mut dyn Write) -> Outcome;
}
