//! CSV: all columns with exact values, for spreadsheets and databases.
//!
//! Texts of the service may come from anyone who can name a snapshot. A spreadsheet would run one that begins like a
//! formula, and a terminal obeys control characters, so both are escaped unless exact values are asked for.
//!
//! The heading is always written, even for an empty list. Lines end with a line feed.

use std::io::Write;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{columns::Document, list::ListWriter};
use crate::ui::exit::{Failure, Outcome};

/// Number of documents between two flushes.
const BATCH: usize = 100;

/// Writes a list as CSV.
#[derive(Debug)]
pub(super) struct Csv {
    now: DateTime<Utc>,
    exact: bool,
    writer: csv::Writer<Vec<u8>>,
    pending: usize,
}

impl Csv {
    pub(super) fn of<T: Document>(now: DateTime<Utc>, exact: bool) -> Outcome<Self> {
        let mut csv = Csv { now, exact, writer: writer(), pending: 0 };
        csv.record(
            T::COLUMNS
                .iter()
                .map(|column| column.title.to_lowercase().replace([' ', '-'], "_").replace(['(', ')'], "")),
        )?;
        Ok(csv)
    }

    fn row<T: Document>(&mut self, document: &T) -> Outcome {
        let (now, exact) = (self.now, self.exact);
        let fields = T::COLUMNS.iter().map(|column| (column.cell)(document, now).into_exact());
        self.record(fields.map(|field| if exact { field } else { escape(field) }))
    }

    fn record(&mut self, fields: impl Iterator<Item = String>) -> Outcome {
        self.writer.write_record(fields).map_err(|source| Failure::local("cannot write a CSV line", source))
    }

    fn flush(&mut self, out: &mut dyn Write) -> Outcome {
        self.pending = 0;
        self.writer.flush()?;
        out.write_all(self.writer.get_ref())?;
        out.flush()?;
        self.writer = writer();
        Ok(())
    }
}

impl<T: Document> ListWriter<T> for Csv {
    fn add(&mut self, document: T, out: &mut dyn Write) -> Outcome {
        self.row(&document)?;
        self.pending += 1;
        if self.pending == BATCH { self.flush(out) } else { Ok(()) }
    }

    fn add_undecodable(&mut self, _document: &Value, _out: &mut dyn Write) -> Outcome<bool> {
        Ok(false)
    }

    fn end(&mut self, _whole: bool, out: &mut dyn Write) -> Outcome {
        self.flush(out)
    }
}

/// Replaces control characters except line breaks by their escapes, and puts an apostrophe before a formula.
fn escape(field: String) -> String {
    let is_formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']) && field.parse::<f64>().is_err();
    // Marks of the writing direction can reorder the text on a screen.
    let steers =
        |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let escaped = |c: char| if steers(c) { c.escape_default().collect() } else { c.to_string() };
    let field: String = if field.contains(steers) { field.chars().map(escaped).collect() } else { field };
    if is_formula { format!("'{field}") } else { field }
}

/// A single document: heading and one line.
pub(super) fn document<T: Document>(document: &T, now: DateTime<Utc>, exact: bool) -> Outcome<Vec<u8>> {
    let mut csv = Csv::of::<T>(now, exact)?;
    csv.row(document)?;
    let mut text = Vec::new();
    csv.flush(&mut text)?;
    Ok(text)
}

fn writer() -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new())
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::*;
    use crate::ui::output::columns::{Cell, Column};

    #[derive(Serialize)]
    struct Thing(&'static str, i64);

    impl Document for Thing {
        const PLURAL: &'static str = "things";
        const COLUMNS: &'static [Column<Self>] = &[
            Column::new("NAME", |thing, _| Cell::text(Some(thing.0))),
            Column::new("POINT-IN-TIME", |_, now| Cell::time(Some(now), now)),
            Column::detail("SIZE", |thing, _| Cell::bytes(Some(thing.1))),
        ];
    }

    #[test]
    fn csv_escapes_formulas_and_control_characters() {
        for (field, escaped) in [
            ("=HYPERLINK(\"x\")", "'=HYPERLINK(\"x\")"),
            ("+1+cmd", "'+1+cmd"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-x", "'-x"),
            ("-5.5", "-5.5"),
            ("\t=1", "'\\t=1"),
            ("a\u{1b}[31mb\nc", "a\\u{1b}[31mb\nc"),
            ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"),
        ] {
            assert_eq!(escape(field.to_owned()), escaped);
        }
        let now = DateTime::from_timestamp(0, 0).expect("a time");
        let line = |exact| String::from_utf8(document(&Thing("=1+x", 0), now, exact).expect("text")).expect("UTF-8");
        assert!(line(false).contains("\n'=1+x,") && line(true).contains("\n=1+x,"), "{}", line(true));
    }

    #[test]
    fn csv_writes_exact_values_quotes_and_empty_fields() {
        let now = DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
        let (mut csv, mut out) = (Csv::of::<Thing>(now, false).expect("a heading"), Vec::new());
        csv.add(Thing("a \"b\",\nc", 2048), &mut out).expect("a line");
        csv.add(Thing("", 0), &mut out).expect("a line");
        ListWriter::<Thing>::end(&mut csv, true, &mut out).expect("an end");
        assert_eq!(
            String::from_utf8(out).expect("text"),
            "name,point_in_time,size\n\"a \"\"b\"\",\nc\",2023-11-14T22:13:20Z,2048\n,2023-11-14T22:13:20Z,\n"
        );
    }
}
