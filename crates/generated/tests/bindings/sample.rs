//! JSON that fits a JSON Schema: every field the schema knows, each with the plainest value it can have.

use serde_json::{Value, json};

/// How deep objects nest before fields are left out.
const DEPTH: usize = 5;

/// What fits the schema.
pub(crate) fn of(schema: &Value) -> Value {
    below(schema, schema, 0).unwrap_or(Value::Null)
}

/// The definition that a schema refers to, or itself.
pub(crate) fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(target) => root.pointer(target.trim_start_matches('#')).expect("a reference resolves"),
        None => schema,
    }
}

fn below(root: &Value, schema: &Value, depth: usize) -> Option<Value> {
    if depth > DEPTH {
        return None;
    }
    let schema = resolved(root, schema);
    if let Some(any) = schema["anyOf"].as_array() {
        return below(root, any.first().expect("a choice has a first alternative"), depth);
    }
    if let Some(values) = schema["enum"].as_array() {
        return values.first().cloned();
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str()).unwrap_or_default();
    Some(match (kind, schema["format"].as_str().unwrap_or_default()) {
        ("string", "date-time") => json!("2026-01-02T03:04:05Z"),
        ("string", "date") => json!("2026-01-02"),
        ("string", "uuid") => json!("00000000-0000-4000-8000-000000000000"),
        ("string", _) => json!("text"),
        ("integer", _) => json!(7),
        ("number", _) => json!(1.5),
        ("boolean", _) => json!(true),
        ("array", _) => below(root, &schema["items"], depth + 1).map_or_else(|| json!([]), |item| json!([item])),
        ("object", _) => {
            let fields = schema["properties"].as_object().into_iter().flatten();
            let fields = fields.filter_map(|(name, field)| Some((name.clone(), below(root, field, depth + 1)?)));
            let fields: Value = fields.collect::<serde_json::Map<_, _>>().into();
            match below(root, &schema["additionalProperties"], depth + 1) {
                Some(value) if schema["additionalProperties"].is_object() => json!({ "key": value }),
                _ => fields,
            }
        }
        _ => json!({ "anything": [1] }),
    })
}
