//! JSON as committed in the repository.

use anyhow::Result;
use serde_json::{Map, Value};

/// JSON with sorted keys, two spaces of indentation, and a final newline.
pub(crate) fn text(value: &Value) -> Result<String> {
    let mut text = serde_json::to_string_pretty(&sorted(value))?;
    text.push('\n');
    Ok(text)
}

/// A copy whose objects have sorted keys, for any map type of `serde_json`.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut entries: Vec<_> = members.iter().collect();
            entries.sort_by_key(|(key, _)| key.as_str());
            Value::Object(entries.into_iter().map(|(key, member)| (key.clone(), sorted(member))).collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}
