//! Log output of documents: as JSON, without absent fields.
//!
//! A document may contain a signed URL, which grants access while it is valid. Its signature must never be shown.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::record::Record;

/// Writes `record` for a log: the name of its type and its JSON, on many lines in the alternate form.
///
/// # Errors
/// Returns an error if `f` cannot be written to.
pub fn debug<T: Record + Serialize>(record: &T, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut value = serde_json::to_value(record).unwrap_or_default();
    hide_signatures(&mut value);
    let name = T::NAME;
    if f.alternate() { write!(f, "{name} {value:#}") } else { write!(f, "{name} {value}") }
}

/// Removes the query, which contains the signature, from every URL.
fn hide_signatures(value: &mut Value) {
    match value {
        Value::String(text) if text.starts_with("https://") || text.starts_with("http://") => {
            if let Some(query) = text.find('?') {
                text.truncate(query);
                text.push_str("?REDACTED");
            }
        }
        Value::Object(fields) => fields.values_mut().for_each(hide_signatures),
        Value::Array(items) => items.iter_mut().for_each(hide_signatures),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::codec::NoContent;

    #[test]
    fn debug_shows_json_without_signatures() {
        let text =
            r#"{"url":"https://a.example/b?signature=hunter2","more":[{"url":"http://a.example/c"}],"what":"a?b"}"#;
        let document: NoContent = serde_json::from_str(text).expect("a document");
        let shown = r#"{"more":[{"url":"http://a.example/c"}],"url":"https://a.example/b?REDACTED","what":"a?b"}"#;
        assert_eq!(format!("{document:?}"), format!("NoContent {shown}"));
        let lines = format!("{document:#?}");
        assert!(lines.starts_with("NoContent {\n") && !lines.contains("hunter2"), "{lines}");
    }
}
