//! JSON: documents with every field that the service sent. A list is one array, or one line per document, written while
//! it is read.
//!
//! If an error ends a list early, the array stays open, so no reader takes it for complete. Lines cannot show this; the
//! exit code does.

use std::io::Write;

use serde::Serialize;
use serde_json::Value;

use super::{columns::Document, list::ListWriter};
use crate::ui::exit::{Failure, Outcome};

/// Number of documents between two flushes.
const BATCH: usize = 100;

/// Writes a list as one array, or as one line per document.
#[derive(Debug)]
pub(super) struct JsonList {
    by_line: bool,
    written: usize,
    pending: Vec<u8>,
}

impl JsonList {
    pub(super) fn array() -> Self {
        JsonList { by_line: false, written: 0, pending: Vec::new() }
    }

    pub(super) fn lines() -> Self {
        JsonList { by_line: true, ..Self::array() }
    }

    fn push<D: Serialize>(&mut self, document: &D, out: &mut dyn Write) -> Outcome {
        if self.by_line {
            self.pending.extend(line(document)?);
            self.pending.push(b'\n');
        } else {
            let start = if self.written == 0 { "[\n  " } else { ",\n  " };
            self.pending.extend([start, &text(document)?.replace('\n', "\n  ")].concat().into_bytes());
        }
        self.written += 1;
        if self.written.is_multiple_of(BATCH) { self.flush(out) } else { Ok(()) }
    }

    fn close(&mut self, complete: bool, out: &mut dyn Write) -> Outcome {
        let end = match (self.by_line, self.written, complete) {
            (false, 0, true) => "[]\n",
            (false, _, true) => "\n]\n",
            (true, ..) | (false, 0, false) => "",
            (false, _, false) => "\n",
        };
        self.pending.extend(end.as_bytes());
        self.flush(out)
    }

    fn flush(&mut self, out: &mut dyn Write) -> Outcome {
        out.write_all(&self.pending)?;
        out.flush()?;
        self.pending.clear();
        Ok(())
    }
}

impl<T: Document> ListWriter<T> for JsonList {
    fn add(&mut self, document: T, out: &mut dyn Write) -> Outcome {
        self.push(&document, out)
    }

    fn add_undecodable(&mut self, document: &Value, out: &mut dyn Write) -> Outcome<bool> {
        self.push(document, out)?;
        Ok(true)
    }

    fn end(&mut self, complete: bool, out: &mut dyn Write) -> Outcome {
        self.close(complete, out)
    }
}

/// One document on one line, without a line feed.
pub(super) fn line<T: Serialize>(document: &T) -> Outcome<Vec<u8>> {
    serde_json::to_vec(document).map_err(unwritable)
}

/// One document, indented, with a line feed.
pub(super) fn document<T: Serialize>(document: &T) -> Outcome<String> {
    Ok(text(document)? + "\n")
}

fn text<T: Serialize>(document: &T) -> Outcome<String> {
    serde_json::to_string_pretty(document).map_err(unwritable)
}

fn unwritable(source: serde_json::Error) -> Failure {
    Failure::local("cannot write the document as JSON", source)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(documents: &[Value], complete: bool) -> String {
        let (mut list, mut out) = (JsonList::array(), Vec::new());
        documents.iter().for_each(|document| list.push(document, &mut out).expect("written"));
        list.close(complete, &mut out).expect("written");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn json_list_round_trips() {
        for documents in [vec![], vec![json!({"a": [1, {"b": "x\ny"}]})], vec![json!(1), json!([]), json!({})]] {
            let text = written(&documents, true);
            assert_eq!(serde_json::from_str::<Vec<Value>>(&text).expect("an array"), documents, "{text}");
            assert!(text.ends_with("]\n"));
        }
    }

    #[test]
    fn incomplete_json_array_is_invalid_json() {
        assert!(serde_json::from_str::<Value>(&written(&[json!(1)], false)).is_err());
        assert_eq!(written(&[], false), "");
    }
}
