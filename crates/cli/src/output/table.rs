//! Tables: columns as wide as their content, no lines to copy by accident, streamed a page at a time.
//!
//! The first page decides the widths, and a later value that is wider pushes its line, never the whole table. A narrow
//! terminal loses the last columns and is told so; a cell is never cut, because half an id is of no use, and output that
//! goes into a file or a pipe always has every column.

use std::{fmt, io::Write};

use console::{measure_text_width, pad_str};

use super::{Cell, Column, Document, ListWriter, Printer};
use crate::exit::Outcome;

/// So many rows are laid out together.
const PAGE: usize = 100;
const GAP: &str = "   ";

/// A table in the making.
pub(super) struct Table<T: 'static> {
    columns: Vec<&'static Column<T>>,
    rows: Vec<Vec<Cell>>,
    widths: Option<Vec<usize>>,
    terminal: Option<usize>,
    colours: bool,
    now: chrono::DateTime<chrono::Utc>,
}

impl<T: Document> Table<T> {
    pub(super) fn new(printer: &Printer) -> Self {
        Table {
            columns: T::COLUMNS.iter().filter(|column| !column.detail).collect(),
            rows: Vec::new(),
            widths: None,
            terminal: printer.width,
            colours: printer.colours,
            now: printer.now,
        }
    }

    /// Writes the rows that are kept, below the heading if it is not written yet.
    fn flush(&mut self, out: &mut dyn Write) -> Outcome {
        if self.rows.is_empty() {
            return Ok(());
        }
        let mut text = String::new();
        let widths = match self.widths.take() {
            Some(widths) => widths,
            None => {
                let widths = self.measure();
                let heading = self.columns.iter().map(|column| Cell::text(Some(column.title)));
                line(&mut text, &heading.collect::<Vec<_>>(), &widths, |cell, padded| match cell.text.as_str() {
                    _ if self.colours => console::style(padded).bold().force_styling(true).to_string(),
                    _ => padded,
                });
                widths
            }
        };
        for row in self.rows.drain(..) {
            line(&mut text, &row, &widths, |cell, padded| match self.colours {
                true => cell.tone.style().force_styling(true).apply_to(padded).to_string(),
                false => padded,
            });
        }
        self.widths = Some(widths);
        out.write_all(text.as_bytes())?;
        out.flush()?;
        Ok(())
    }

    /// The width of each column that fits the terminal; the others are left out.
    fn measure(&mut self) -> Vec<usize> {
        let widths = self.columns.iter().enumerate().map(|(index, column)| {
            let cells = self.rows.iter().filter_map(|row| row.get(index)).map(|cell| measure_text_width(&cell.text));
            cells.max().unwrap_or(0).max(measure_text_width(column.title))
        });
        let mut widths: Vec<usize> = widths.collect();
        if let Some(terminal) = self.terminal {
            let mut end = 0;
            let fitting = widths.iter().take_while(|width| {
                let fits = end + **width <= terminal;
                end += **width + GAP.len();
                fits
            });
            let fitting = fitting.count().max(1);
            let lost: Vec<_> = self.columns.drain(fitting..).map(|column| column.title.to_lowercase()).collect();
            if !lost.is_empty() {
                crate::notice(format_args!("the terminal is too narrow to show: {}", lost.join(", ")));
            }
            widths.truncate(fitting);
        }
        widths
    }
}

impl<T: Document> ListWriter<T> for Table<T> {
    fn add(&mut self, document: T, out: &mut dyn Write) -> Outcome {
        self.rows.push(self.columns.iter().map(|column| (column.cell)(&document, self.now)).collect());
        if self.rows.len() == PAGE { self.flush(out) } else { Ok(()) }
    }

    fn end(&mut self, _whole: bool, out: &mut dyn Write) -> Outcome {
        self.flush(out)
    }
}

impl<T> fmt::Debug for Table<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("rows", &self.rows.len()).finish_non_exhaustive()
    }
}

fn line(text: &mut String, cells: &[Cell], widths: &[usize], paint: impl Fn(&Cell, String) -> String) {
    let last = widths.len().saturating_sub(1);
    for (index, (cell, width)) in cells.iter().zip(widths).enumerate() {
        match index == last {
            true => text.push_str(&paint(cell, cell.text.clone())),
            false => {
                let padding = pad_str(&cell.text, *width, console::Alignment::Left, None).len() - cell.text.len();
                text.push_str(&paint(cell, cell.text.clone()));
                text.extend(std::iter::repeat_n(' ', padding));
                text.push_str(GAP);
            }
        }
    }
    text.push('\n');
}

/// A single document: a line for each column, details included.
pub(super) fn lines<T: Document>(document: &T, printer: &Printer) -> String {
    let titles = T::COLUMNS.iter().map(|column| measure_text_width(column.title));
    let width = titles.max().unwrap_or(0);
    let mut text = String::new();
    for column in T::COLUMNS {
        let cell = (column.cell)(document, printer.now);
        let title = column.title.to_lowercase();
        let value = match cell.exact {
            Some(exact) => format!("{} ({exact})", cell.text),
            None => cell.text,
        };
        match printer.colours {
            true => {
                let title = console::style(title).bold().force_styling(true).to_string();
                let value = cell.tone.style().force_styling(true).apply_to(value).to_string();
                text.push_str(&format!("{}   {value}\n", pad_str(&title, width, console::Alignment::Left, None)));
            }
            false => text.push_str(&format!("{}   {value}\n", pad_str(&title, width, console::Alignment::Left, None))),
        }
    }
    text
}
