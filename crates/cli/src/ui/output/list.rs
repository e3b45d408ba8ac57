//! A list that is printed while it is read.

use std::io::Write;

use serde_json::Value;

use crate::ui::exit::Outcome;

/// A list in the making.
pub(super) trait ListWriter<T> {
    /// Takes one more document; may keep it until there are enough to lay out.
    fn add(&mut self, document: T, out: &mut dyn Write) -> Outcome;

    /// Takes a document that could not be read, as the service sent it; says whether there is a place for it.
    fn add_undecodable(&mut self, document: &Value, out: &mut dyn Write) -> Outcome<bool>;

    /// Writes what is kept. A list that is not `whole` must not look as if it were.
    fn end(&mut self, complete: bool, out: &mut dyn Write) -> Outcome;
}
