//! A kind of document: its name and its columns, for every format.

use std::io::Write;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::cell::Cell;
use crate::ui::exit::Outcome;

/// A kind of document: what it is called, and its columns.
pub(crate) trait Document: Serialize + Sized + 'static {
    /// Several of them, for messages: `snapshots`.
    const PLURAL: &'static str;
    /// The columns, the most telling first: a narrow terminal loses the last ones.
    const COLUMNS: &'static [Column<Self>];
}

/// One column of a table, one line of a single document.
#[derive(Debug)]
pub(crate) struct Column<T: 'static> {
    pub(super) title: &'static str,
    pub(super) cell: fn(&T, DateTime<Utc>) -> Cell,
    pub(super) detail: bool,
}

impl<T> Column<T> {
    /// A column that every table has. The cell is made from the document and the present time.
    pub(crate) const fn new(title: &'static str, cell: fn(&T, DateTime<Utc>) -> Cell) -> Self {
        Self { title, cell, detail: false }
    }

    /// Something worth a line for a single document, but no column of a list.
    pub(crate) const fn detail(title: &'static str, cell: fn(&T, DateTime<Utc>) -> Cell) -> Self {
        Self { title, cell, detail: true }
    }
}

/// A list in the making.
pub(super) trait ListWriter<T> {
    /// Takes one more document; may keep it until there are enough to lay out.
    fn add(&mut self, document: T, out: &mut dyn Write) -> Outcome;

    /// Takes a document that could not be read, as the service sent it; says whether there is a place for it.
    fn add_odd(&mut self, document: &Value, out: &mut dyn Write) -> Outcome<bool>;

    /// Writes what is kept. A list that is not `whole` must not look as if it were.
    fn end(&mut self, whole: bool, out: &mut dyn Write) -> Outcome;
}
