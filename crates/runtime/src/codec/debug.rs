//! Log output of documents: as JSON, without absent fields.
//!
//! A document may contain a signed URL, which grants access while it is valid, or a password. Neither signatures nor
//! passwords must ever be shown.

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
    hide_secrets(&mut value);
    let name = T::NAME;
    if f.alternate() { write!(f, "{name} {value:#}") } else { write!(f, "{name} {value}") }
}

/// Removes passwords, and from every URL the query, which contains the signature.
fn hide_secrets(value: &mut Value) {
    match value {
        Value::String(text) if text.starts_with("https://") || text.starts_with("http://") => {
            if let Some(query) = text.find('?') {
                text.truncate(query);
                text.push_str("?REDACTED");
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(password) if name == "password" => *password = "REDACTED".to_owned(),
                    other => hide_secrets(other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(hide_secrets),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::codec::NoContent;

    #[test]
    fn debug_hides_passwords() {
        let document: NoContent = serde_json::from_str(r#"{"username":"a","password":"hunter2"}"#).expect("a document");
        assert_eq!(format!("{document:?}"), r#"NoContent {"password":"REDACTED","username":"a"}"#);
    }

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
