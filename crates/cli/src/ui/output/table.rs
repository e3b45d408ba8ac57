//! Tables: columns as wide as their content, no border lines, streamed page by page.
//!
//! The first page determines the widths; a wider value later shifts its own line only. A narrow terminal shows sentences
//! and commands below their row, drops IDs of other objects, then the last columns, and prints a note. A cell is never cut,
//! because a partial ID is useless. Output to a file or pipe has all columns. A wide table also has the details and leaves wrapping to the terminal.

use std::{fmt, io::Write};

use chrono::{DateTime, Utc};
use console::{Style, measure_text_width};
use serde_json::Value;

use super::{
    columns::{Cell, Column, Document, Narrow},
    list::ListWriter,
};
use crate::ui::{exit::Outcome, messages};

/// Number of rows that are laid out together.
const PAGE: usize = 100;
const GAP: &str = "   ";

/// How documents are laid out.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// Whether every column is shown.
    pub(super) wide: bool,
    pub(super) colours: bool,
    /// Columns of the terminal; `None` if the output is not a terminal or its size is unknown.
    pub(super) width: Option<usize>,
    /// The current time; times are shown relative to it.
    pub(super) now: DateTime<Utc>,
}

/// Writes a list as a table.
pub(super) struct Table<T: 'static> {
    columns: Vec<&'static Column<T>>,
    rows: Vec<Vec<Cell>>,
    /// Columns that are written below each row.
    below: Vec<&'static Column<T>>,
    widths: Option<Vec<usize>>,
    layout: Layout,
}

impl<T: Document> Table<T> {
    pub(super) fn new(layout: &Layout) -> Self {
        Table {
            columns: T::COLUMNS.iter().filter(|column| layout.wide || !column.detail).collect(),
            rows: Vec::new(),
            below: Vec::new(),
            widths: None,
            layout: layout.clone(),
        }
    }

    /// Writes the buffered rows, after the heading if it is not written yet.
    fn flush(&mut self, out: &mut dyn Write) -> Outcome {
        if self.rows.is_empty() {
            return Ok(());
        }
        let mut text = String::new();
        let widths = match self.widths.take() {
            Some(widths) => widths,
            None => {
                let widths = self.measure();
                let heading: Vec<_> = self.columns.iter().map(|column| Cell::text(Some(column.title))).collect();
                line(&mut text, &heading, &widths, |cell| self.paint(&cell.text, Style::new().bold()));
                widths
            }
        };
        for row in std::mem::take(&mut self.rows) {
            let (cells, below) = row.split_at(self.columns.len());
            line(&mut text, cells, &widths, |cell| self.paint(&cell.text, cell.tone.style()));
            for (cell, column) in below.iter().zip(&self.below) {
                match column.narrow {
                    Narrow::Command => text.push_str(&format!("  {}: {}\n", column.title.to_lowercase(), cell.text)),
                    _ => wrap(&mut text, &cell.text, self.layout.width.unwrap_or(usize::MAX)),
                }
            }
        }
        self.widths = Some(widths);
        out.write_all(text.as_bytes())?;
        out.flush()?;
        Ok(())
    }

    fn paint(&self, text: &str, style: Style) -> String {
        if self.layout.colours { style.force_styling(true).apply_to(text).to_string() } else { text.to_owned() }
    }

    /// The widths of the columns that fit the terminal. Removes the other columns.
    fn measure(&mut self) -> Vec<usize> {
        let widths = self.columns.iter().enumerate().map(|(index, column)| {
            let cells = self.rows.iter().filter_map(|row| row.get(index)).map(|cell| measure_text_width(&cell.text));
            cells.max().unwrap_or(0).max(measure_text_width(column.title))
        });
        let mut widths: Vec<usize> = widths.collect();
        let Some(terminal) = self.layout.width.filter(|_| !self.layout.wide) else { return widths };
        let fits =
            |widths: &[usize]| widths.iter().map(|width| width + GAP.len()).sum::<usize>() <= terminal + GAP.len();
        // Sentences go below the row, IDs of other objects are dropped, then the last columns, but never the first one.
        while !fits(&widths) && self.columns.len() > 1 {
            let of = |narrow: &[Narrow]| self.columns.iter().rposition(|column| narrow.contains(&column.narrow));
            let is_prose = of(&[Narrow::Prose, Narrow::Command]);
            let index = is_prose.or_else(|| of(&[Narrow::DropFirst])).unwrap_or(self.columns.len() - 1);
            let column = self.columns.remove(index);
            widths.remove(index);
            let cells = self.rows.iter_mut().map(|row| row.remove(index));
            match is_prose {
                // After the cells of the remaining columns, in the order of the columns.
                Some(_) => {
                    let cells: Vec<_> = cells.collect();
                    let end = self.columns.len();
                    self.rows.iter_mut().zip(cells).for_each(|(row, cell)| row.insert(end, cell));
                    self.below.insert(0, column);
                }
                None => cells.for_each(drop),
            }
        }
        let shown = |title| self.columns.iter().chain(&self.below).any(|column| column.title == title);
        let lost = T::COLUMNS.iter().filter(|column| !column.detail && !shown(column.title));
        let lost: Vec<_> = lost.map(|column| column.title.to_lowercase()).collect();
        if !lost.is_empty() {
            messages::note(format_args!(
                "the terminal is too narrow for the columns: {}; `-o wide` shows them",
                lost.join(", ")
            ));
        }
        widths
    }
}

impl<T: Document> ListWriter<T> for Table<T> {
    fn add(&mut self, document: T, out: &mut dyn Write) -> Outcome {
        let columns = self.columns.iter().chain(&self.below);
        self.rows.push(columns.map(|column| (column.cell)(&document, self.layout.now)).collect());
        if self.rows.len() == PAGE { self.flush(out) } else { Ok(()) }
    }

    fn add_undecodable(&mut self, _document: &Value, _out: &mut dyn Write) -> Outcome<bool> {
        Ok(false)
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

fn line(text: &mut String, cells: &[Cell], widths: &[usize], paint: impl Fn(&Cell) -> String) {
    let last = widths.len().saturating_sub(1);
    for (index, (cell, width)) in cells.iter().zip(widths).enumerate() {
        text.push_str(&paint(cell));
        if index < last {
            let padding = width.saturating_sub(measure_text_width(&cell.text));
            text.extend(std::iter::repeat_n(' ', padding));
            text.push_str(GAP);
        }
    }
    text.push('\n');
}

/// Writes a sentence below its row, indented and wrapped between words.
fn wrap(text: &mut String, sentence: &str, width: usize) {
    let mut used = 0;
    for word in sentence.split(' ').filter(|word| !word.is_empty()) {
        let length = measure_text_width(word);
        match used {
            0 => text.push_str("  "),
            _ if used + 1 + length <= width => text.push(' '),
            _ => text.push_str("\n  "),
        }
        let starts = text.ends_with("  ");
        used = if starts { 2 + length } else { used + 1 + length };
        text.push_str(word);
    }
    text.push('\n');
}

/// A single document: one line per column, including details.
pub(super) fn lines<T: Document>(document: &T, layout: &Layout) -> String {
    let titles = T::COLUMNS.iter().map(|column| measure_text_width(column.title));
    let width = titles.max().unwrap_or(0);
    let mut text = String::new();
    for column in T::COLUMNS {
        let cell = (column.cell)(document, layout.now);
        let title = column.title.to_lowercase();
        let padding = " ".repeat(width.saturating_sub(measure_text_width(&title)));
        let paint = |text: String, style: Style| match layout.colours {
            true => style.force_styling(true).apply_to(text).to_string(),
            false => text,
        };
        let rows = cell.rows().into_iter().map(|row| paint(row, cell.tone.style()));
        let below = format!("\n{}{GAP}", " ".repeat(width));
        let value = rows.collect::<Vec<_>>().join(&below);
        text.push_str(&format!("{}{padding}{GAP}{value}\n", paint(title, Style::new().bold())));
    }
    text
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::*;

    #[derive(Serialize)]
    struct Thing {
        name: &'static str,
        state: &'static str,
        size: i64,
    }

    impl Document for Thing {
        const PLURAL: &'static str = "things";
        const COLUMNS: &'static [Column<Self>] = &[
            Column::new("NAME", |thing, _| Cell::text(Some(thing.name))),
            Column::new("STATE", |thing, _| Cell::state(Some(thing.state))),
            Column::new("SIZE", |thing, _| Cell::bytes(Some(thing.size))),
            Column::detail("NOTE", |_, now| Cell::time(Some(now), now)),
        ];
    }

    fn layout(width: Option<usize>, colours: bool) -> Layout {
        let now: DateTime<Utc> = DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
        Layout { wide: false, colours, width, now }
    }

    fn table(layout: &Layout, things: impl IntoIterator<Item = Thing>) -> String {
        let (mut table, mut out) = (Table::new(layout), Vec::new());
        things.into_iter().for_each(|thing| table.add(thing, &mut out).expect("written"));
        table.end(true, &mut out).expect("written");
        String::from_utf8(out).expect("text")
    }

    fn things() -> [Thing; 2] {
        [Thing { name: "a", state: "IDLE", size: 2048 }, Thing { name: "Überbreit", state: "failed", size: 0 }]
    }

    #[test]
    fn columns_fit_their_content() {
        let text = table(&layout(None, false), things());
        assert_eq!(text, "NAME        STATE    SIZE\na           IDLE     2.00 KiB\nÜberbreit   failed   -\n");
    }

    #[test]
    fn narrow_terminal_drops_columns_without_cutting_cells() {
        assert_eq!(
            table(&layout(Some(20), false), things()),
            "NAME        STATE\na           IDLE\nÜberbreit   failed\n"
        );
        assert_eq!(table(&layout(Some(1), false), things()), "NAME\na\nÜberbreit\n");
    }

    #[derive(Serialize)]
    struct Told(&'static str);

    impl Document for Told {
        const PLURAL: &'static str = "findings";
        const COLUMNS: &'static [Column<Self>] = &[
            Column::reference("PROJECT", |_, _| Cell::text(Some("32b6e34b3d91647abb20e7b8"))),
            Column::new("NAME", |_, _| Cell::text(Some("a"))),
            Column::prose("MESSAGE", |reported, _| Cell::text(Some(reported.0))),
            Column::command("FIX", |_, _| Cell::text(Some("run this --now"))),
        ];
    }

    #[test]
    fn narrow_terminal_shows_sentences_below_and_drops_ids() {
        let lay = |width| {
            let (mut table, mut out) = (Table::new(&layout(width, false)), Vec::new());
            ["one two three", "four"]
                .into_iter()
                .for_each(|reported| table.add(Told(reported), &mut out).expect("written"));
            table.end(true, &mut out).expect("written");
            String::from_utf8(out).expect("text")
        };
        assert_eq!(
            lay(Some(31)).lines().take(4).collect::<Vec<_>>(),
            [
                "PROJECT                    NAME",
                "32b6e34b3d91647abb20e7b8   a",
                "  one two three",
                "  fix: run this --now"
            ]
        );
        assert_eq!(
            lay(Some(10)),
            "NAME\na\n  one two\n  three\n  fix: run this --now\na\n  four\n  fix: run this --now\n"
        );
        assert!(lay(None).starts_with("PROJECT                    NAME   MESSAGE         FIX\n"));
    }

    #[test]
    fn wide_table_keeps_all_columns_on_narrow_terminal() {
        let wide = Layout { wide: true, ..layout(Some(10), false) };
        let text = table(&wide, things());
        assert_eq!(text.lines().next(), Some("NAME        STATE    SIZE       NOTE"));
    }

    #[test]
    fn colors_do_not_change_widths() {
        let coloured = table(&layout(None, true), things());
        assert!(coloured.contains("\u{1b}[31m"), "{coloured:?}");
        assert_eq!(console::strip_ansi_codes(&coloured), table(&layout(None, false), things()));
    }

    #[test]
    fn empty_table_has_no_heading() {
        assert_eq!(table(&layout(None, false), []), "");
    }

    #[test]
    fn table_streams_first_page_with_its_widths() {
        let layout = layout(None, false);
        let (mut table, mut out) = (Table::new(&layout), Vec::new());
        for _ in 0..PAGE {
            table.add(Thing { name: "abc", state: "IDLE", size: 1 }, &mut out).expect("written");
        }
        assert_eq!(out.iter().filter(|byte| **byte == b'\n').count(), PAGE + 1);
        table.add(Thing { name: "longer", state: "IDLE", size: 1 }, &mut out).expect("written");
        table.end(true, &mut out).expect("written");
        let text = String::from_utf8(out).expect("text");
        assert_eq!(text.lines().last(), Some("longer   IDLE    1 B"));
        assert_eq!(text.lines().nth(1), Some("abc    IDLE    1 B"));
    }

    #[test]
    fn single_document_shows_details_and_exact_values() {
        let [thing, _] = things();
        assert_eq!(
            lines(&thing, &layout(Some(10), false)),
            "name    a\nstate   IDLE\nsize    2.00 KiB (2048 bytes)\nnote    in 0 seconds (2023-11-14T22:13:20Z)\n"
        );
    }
}
