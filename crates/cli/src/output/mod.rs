//! How data reaches standard output: one printer, and one description of each kind of document for all formats.
//!
//! A kind of document says once which columns it has ([`Document`]); lists, single documents and every format are made
//! from that. Lists are printed while they are read, and nothing but data goes through here.

pub(crate) mod cell;
mod json;
mod table;

use std::io::{self, IsTerminal, Write};

use chrono::{DateTime, Utc};
use console::Term;
use futures_util::{Stream, StreamExt};
use serde::Serialize;
use serde_json::Value;

use self::{cell::Cell, json::JsonList, table::Table};
use crate::{
    args::{Format, Global},
    exit::{Failure, Outcome},
};

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
    title: &'static str,
    cell: fn(&T, DateTime<Utc>) -> Cell,
    detail: bool,
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

/// Writes documents to standard output.
#[derive(Debug)]
pub(crate) struct Printer {
    format: Format,
    colours: bool,
    /// The terminal's columns; none when the output goes elsewhere, or the terminal does not say.
    width: Option<usize>,
    now: DateTime<Utc>,
}

impl Printer {
    /// A printer that tells times as seen from `now`.
    pub(crate) fn new(global: &Global, now: DateTime<Utc>) -> Self {
        let size = io::stdout().is_terminal().then(|| Term::stdout().size_checked()).flatten();
        let width = size.map(|(_rows, columns)| usize::from(columns));
        Printer { format: global.output.unwrap_or(Format::Table), colours: console::colors_enabled(), width, now }
    }

    /// Whether people read what is printed.
    pub(crate) fn is_table(&self) -> bool {
        self.format == Format::Table
    }

    /// Prints a list while it is read, up to `limit` documents. One odd document never costs the others.
    ///
    /// # Errors
    /// The first error of the list, after what came before it has been printed; or the output is closed.
    pub(crate) async fn list<T: Document, E: Into<Failure>>(
        &self,
        documents: impl Stream<Item = Result<T, E>>,
        limit: Option<u64>,
    ) -> Outcome {
        let limit = limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        let mut documents = std::pin::pin!(documents.take(limit));
        let mut list: Box<dyn ListWriter<T>> = match self.format {
            Format::Table => Box::new(Table::new(self)),
            Format::Json => Box::new(JsonList::default()),
        };
        let mut out = io::stdout().lock();
        let mut failed = None;
        let (mut count, mut odd) = (0_u64, 0_u64);
        while let Some(document) = documents.next().await {
            match document {
                Ok(document) => {
                    count += 1;
                    list.add(document, &mut out)?;
                }
                Err(error) => {
                    let failure: Failure = error.into();
                    match failure.odd_item() {
                        Some(item) => {
                            count += 1;
                            if !list.add_odd(item, &mut out)? {
                                odd += 1;
                                crate::notice(format_args!("{failure}"));
                            }
                        }
                        None => {
                            failed = Some(failure);
                            break;
                        }
                    }
                }
            }
        }
        list.end(failed.is_none(), &mut out)?;
        out.flush()?;
        match failed {
            Some(failure) => Err(failure),
            None if odd > 0 => {
                Err(Failure::Unreadable { message: format!("{odd} of {count} {} could not be read", T::PLURAL) })
            }
            None => {
                if count == 0 && self.format == Format::Table {
                    crate::notice(format_args!("no {}", T::PLURAL));
                }
                Ok(())
            }
        }
    }

    /// Prints one document.
    ///
    /// # Errors
    /// The output is closed.
    pub(crate) fn one<T: Document>(&self, document: &T) -> Outcome {
        let text = match self.format {
            Format::Table => table::lines(document, self),
            Format::Json => json::document(document)?,
        };
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()?;
        Ok(())
    }
}

/// A list in the making.
trait ListWriter<T> {
    /// Takes one more document; may keep it until there are enough to lay out.
    fn add(&mut self, document: T, out: &mut dyn Write) -> Outcome;

    /// Takes a document that could not be read, as the service sent it; says whether there is a place for it.
    fn add_odd(&mut self, document: &Value, out: &mut dyn Write) -> Outcome<bool>;

    /// Writes what is kept. A list that is not `whole` must not look as if it were.
    fn end(&mut self, whole: bool, out: &mut dyn Write) -> Outcome;
}
