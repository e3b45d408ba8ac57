//! The printer: lists and single documents in the selected format.

use std::io::{self, IsTerminal, Write};

use atlas_backup::Items;
use chrono::{DateTime, Utc};
use console::Term;
use futures_util::{Stream, StreamExt};
use serde_json::value::RawValue;

use super::{
    columns::Document,
    csv::{self, Csv},
    format::{Format, OutputFlags},
    json::{self, JsonList},
    list::ListWriter,
    query::{self, Query, Style},
    table::{self, Layout, Table},
};
use crate::ui::{
    exit::{Failure, Outcome},
    messages,
};

/// Writes documents to standard output.
#[derive(Debug)]
pub(crate) struct Printer {
    format: Format,
    query: Option<(Query, Style)>,
    layout: Layout,
    exact: bool,
}

impl Printer {
    /// A printer that shows times relative to `now`.
    pub(crate) fn new(flags: &OutputFlags, now: DateTime<Utc>) -> Self {
        let size = io::stdout().is_terminal().then(|| Term::stdout().size_checked()).flatten();
        let width = size.map(|(_rows, columns)| usize::from(columns));
        let format = flags.format();
        let style = Style { pretty: format != Format::Ndjson, raw: flags.raw };
        let query = flags.query.clone().map(|query| (query, style));
        let layout = Layout { wide: format == Format::Wide, colours: console::colors_enabled(), width, now };
        Printer { format, query, layout, exact: flags.exact }
    }

    /// Whether the format is a table.
    pub(crate) fn is_table(&self) -> bool {
        matches!(self.format, Format::Table | Format::Wide)
    }

    /// Prints a list while it is read, up to `limit` documents. A document that cannot be decoded does not stop the list.
    ///
    /// # Errors
    /// The first error of the list, after the documents before it were printed; or a closed output.
    pub(crate) async fn list<T: Document, E: Into<Failure>>(
        &self,
        documents: impl Stream<Item = Result<T, E>>,
        limit: Option<u64>,
    ) -> Outcome {
        let limit = limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        let mut documents = std::pin::pin!(documents.take(limit));
        let mut list: Box<dyn ListWriter<T>> = match self.format {
            Format::Table | Format::Wide => Box::new(Table::new(&self.layout)),
            Format::Json => Box::new(JsonList::array()),
            Format::Ndjson => Box::new(JsonList::lines()),
            Format::Csv => Box::new(Csv::of::<T>(self.layout.now, self.exact)?),
            Format::Junit | Format::Prometheus => return Err(Failure::audit_format_only()),
        };
        let mut out = self.sink()?;
        let mut failed = None;
        let (mut count, mut undecodable) = (0_u64, 0_u64);
        while let Some(document) = documents.next().await {
            match document {
                Ok(document) => {
                    count += 1;
                    list.add(document, &mut out)?;
                    out.pass_lines().await?;
                }
                Err(error) => {
                    let failure: Failure = error.into();
                    match failure.undecodable_item() {
                        Some(item) => {
                            count += 1;
                            if !list.add_undecodable(item, &mut out)? {
                                undecodable += 1;
                                messages::note(format_args!("{failure}"));
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
        out.pass_lines().await?;
        if failed.is_none() {
            out.end().await?;
        }
        match failed {
            Some(failure) => Err(failure),
            None if undecodable > 0 => Err(Failure::Unreadable {
                message: format!("{undecodable} of {count} {} could not be read", T::PLURAL),
            }),
            None => {
                if count == 0 && self.is_table() {
                    messages::note(format_args!("no {}", T::PLURAL));
                }
                Ok(())
            }
        }
    }

    /// Prints one document.
    ///
    /// # Errors
    /// The query fails, or the output is closed.
    pub(crate) async fn one<T: Document>(&self, document: &T) -> Outcome {
        let text = match self.format {
            Format::Table | Format::Wide => table::lines(document, &self.layout).into_bytes(),
            Format::Json => json::document(document)?.into_bytes(),
            Format::Ndjson => json::line(document)?,
            Format::Csv => csv::document(document, self.layout.now, self.exact)?,
            Format::Junit | Format::Prometheus => return Err(Failure::audit_format_only()),
        };
        self.bytes(&text).await
    }

    /// Prints the items of a raw list while it is read: as one page, or one item per line.
    ///
    /// # Errors
    /// The first error of the list, after the items before it were printed; a failed query, or a closed output.
    pub(crate) async fn raw_list(&self, mut items: Items<Box<RawValue>>) -> Outcome {
        let mut out = self.sink()?;
        let by_line = self.format == Format::Ndjson;
        let mut count = 0_u64;
        while let Some(item) = items.try_next().await? {
            let item = item.get();
            match (by_line, count) {
                // Join indented documents into one line. Strings cannot contain raw line breaks.
                (true, _) => writeln!(out, "{}", item.replace(['\n', '\r'], " "))?,
                (false, 0) => write!(out, "{{\"results\":[{item}")?,
                (false, _) => write!(out, ",{item}")?,
            }
            out.pass_lines().await?;
            count += 1;
        }
        match (by_line, count) {
            (true, _) => {}
            (false, 0) => writeln!(out, "{{\"results\":[],\"totalCount\":0}}")?,
            (false, _) => writeln!(out, "],\"totalCount\":{count}}}")?,
        }
        out.end().await
    }

    /// Prints JSON as it is, through the query if there is one.
    ///
    /// # Errors
    /// The query fails, or the output is closed.
    pub(crate) async fn bytes(&self, text: &[u8]) -> Outcome {
        let mut out = self.sink()?;
        out.write_all(text)?;
        if !text.is_empty() && !text.ends_with(b"\n") {
            out.write_all(b"\n")?;
        }
        out.end().await
    }

    fn sink(&self) -> Outcome<Sink> {
        let query = self.query.as_ref().map(|(query, style)| query.start(*style)).transpose()?;
        Ok(Sink { out: io::stdout().lock(), query, by_line: self.format == Format::Ndjson, held: Vec::new() })
    }
}

/// Standard output, or a buffer that holds text until the query gets a complete document.
struct Sink {
    out: io::StdoutLock<'static>,
    query: Option<query::Running>,
    by_line: bool,
    held: Vec<u8>,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.query.is_some() { self.held.write(bytes) } else { self.out.write(bytes) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Sink {
    /// Passes complete lines to the query if each line is a document.
    async fn pass_lines(&mut self) -> Outcome {
        if let Some(query) = self.query.as_ref().filter(|_| self.by_line) {
            for line in std::mem::take(&mut self.held).split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                query.apply(line.to_vec(), &mut self.out).await?;
            }
            self.out.flush()?;
        }
        Ok(())
    }

    /// Passes the rest to the query.
    async fn end(mut self) -> Outcome {
        if let Some(query) = self.query.as_ref().filter(|_| !self.held.trim_ascii().is_empty()) {
            query.apply(std::mem::take(&mut self.held), &mut self.out).await?;
        }
        self.out.flush()?;
        Ok(())
    }
}
