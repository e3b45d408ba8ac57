//! Reading and walking the document that the passes rewrite: plain JSON with sorted keys, so that every walk is in a
//! stable order. Nothing here knows what a pass wants.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// An OpenAPI document as JSON.
pub(crate) type Document = Value;

/// The prefix of a reference to a schema component.
pub(crate) const SCHEMAS: &str = "#/components/schemas/";

/// The HTTP methods that a path item may hold, in the order of the output.
pub(crate) const METHODS: [&str; 5] = ["get", "put", "post", "patch", "delete"];

/// The schema name that `{"$ref": "#/components/schemas/Name"}` points at.
pub(crate) fn schema_ref(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix(SCHEMAS)
}

/// The schema components.
pub(crate) fn schemas(document: &Document) -> &Map<String, Value> {
    static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    document.pointer("/components/schemas").and_then(Value::as_object).unwrap_or(&EMPTY)
}

/// The schema components, made where the document has none.
pub(crate) fn schemas_mut(document: &mut Document) -> &mut Map<String, Value> {
    let mut place = document;
    for key in ["components", "schemas"] {
        if !place.get(key).is_some_and(Value::is_object) {
            place[key] = Value::Object(Map::new());
        }
        place = &mut place[key];
    }
    place.as_object_mut().expect("made an object above")
}

/// One operation with where it stands.
pub(crate) struct Place<'a> {
    /// The path template (a key of `paths`).
    pub(crate) path: &'a str,
    /// The lower-case method.
    pub(crate) method: &'static str,
    /// The operation object.
    pub(crate) operation: &'a Value,
}

impl Place<'_> {
    /// The JSON pointer of the operation.
    pub(crate) fn pointer(&self) -> String {
        format!("/paths/{}/{}", escape(self.path), self.method)
    }

    /// The operation's id, empty where it has none.
    pub(crate) fn id(&self) -> &str {
        self.operation["operationId"].as_str().unwrap_or_default()
    }
}

/// Every operation in the order of paths, then methods.
pub(crate) fn operations(document: &Document) -> impl Iterator<Item = Place<'_>> {
    document["paths"].as_object().into_iter().flatten().flat_map(|(path, item)| {
        METHODS.into_iter().filter_map(move |method| {
            item.get(method).map(|operation| Place { path: path.as_str(), method, operation })
        })
    })
}

/// Calls `visit` with every operation and its pointer.
pub(crate) fn operations_mut(document: &mut Document, mut visit: impl FnMut(&str, &mut Value)) {
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        for method in METHODS {
            if let Some(operation) = item.get_mut(method) {
                visit(&format!("/paths/{}/{method}", escape(path)), operation);
            }
        }
    }
}

/// A key as a segment of a JSON pointer (RFC 6901).
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Calls `visit` with the pointer and value of each schema below `schema`, children before parents.
pub(crate) fn schemas_below(schema: &mut Value, pointer: &str, visit: &mut dyn FnMut(&str, &mut Value)) {
    let Some(object) = schema.as_object_mut() else { return };
    for key in ["properties"] {
        for (name, child) in object.get_mut(key).and_then(Value::as_object_mut).into_iter().flatten() {
            schemas_below(child, &format!("{pointer}/{key}/{}", escape(name)), visit);
        }
    }
    for key in ["items", "additionalProperties", "not"] {
        if let Some(child) = object.get_mut(key).filter(|child| child.is_object()) {
            schemas_below(child, &format!("{pointer}/{key}"), visit);
        }
    }
    for key in ["allOf", "oneOf", "anyOf"] {
        for (index, child) in object.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten().enumerate() {
            schemas_below(child, &format!("{pointer}/{key}/{index}"), visit);
        }
    }
    visit(pointer, schema);
}

/// Calls `visit` with every schema of the document: components, parameters, request and response bodies.
pub(crate) fn every_schema(document: &mut Document, visit: &mut dyn FnMut(&str, &mut Value)) {
    for (name, schema) in schemas_mut(document) {
        schemas_below(schema, &format!("/components/schemas/{}", escape(name)), visit);
    }
    if let Some(parameters) = document.pointer_mut("/components/parameters").and_then(Value::as_object_mut) {
        for (name, parameter) in parameters {
            if let Some(schema) = parameter.get_mut("schema") {
                schemas_below(schema, &format!("/components/parameters/{}/schema", escape(name)), visit);
            }
        }
    }
    operations_mut(document, |pointer, operation| {
        for (index, parameter) in
            operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten().enumerate()
        {
            if let Some(schema) = parameter.get_mut("schema") {
                schemas_below(schema, &format!("{pointer}/parameters/{index}/schema"), visit);
            }
        }
        for (place, content) in contents_mut(operation) {
            for (media, body) in content {
                if let Some(schema) = body.get_mut("schema") {
                    schemas_below(schema, &format!("{pointer}{place}/{}/schema", escape(media)), visit);
                }
            }
        }
    });
}

/// The `content` objects of an operation with their pointers relative to it: request body, then responses.
fn contents_mut(operation: &mut Value) -> Vec<(String, &mut Map<String, Value>)> {
    let mut found = Vec::new();
    let Some(operation) = operation.as_object_mut() else { return found };
    for (key, value) in operation.iter_mut() {
        if key == "requestBody" {
            if let Some(content) = value.get_mut("content").and_then(Value::as_object_mut) {
                found.push(("/requestBody/content".to_owned(), content));
            }
        } else if key == "responses" {
            for (status, response) in value.as_object_mut().into_iter().flatten() {
                if let Some(content) = response.get_mut("content").and_then(Value::as_object_mut) {
                    found.push((format!("/responses/{}/content", escape(status)), content));
                }
            }
        }
    }
    found
}

/// The schema components that `value` names: by `$ref`, by a discriminator's mapping, by a union's table.
pub(crate) fn named_schemas(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            if let Some(name) = schema_ref(value) {
                found.insert(name.to_owned());
            }
            for (key, child) in object {
                if key == "mapping" {
                    for target in child.as_object().into_iter().flatten().filter_map(|(_, target)| target.as_str()) {
                        found.insert(target.strip_prefix(SCHEMAS).unwrap_or(target).to_owned());
                    }
                }
                named_schemas(child, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| named_schemas(item, found)),
        _ => {}
    }
}

/// The schema components that can be reached from `roots`, each once.
pub(crate) fn reachable(document: &Document, roots: impl IntoIterator<Item = String>) -> BTreeSet<String> {
    let (mut seen, mut queue) = (BTreeSet::new(), roots.into_iter().collect::<Vec<_>>());
    while let Some(name) = queue.pop() {
        if let Some(schema) = schemas(document).get(&name)
            && seen.insert(name)
        {
            let mut found = BTreeSet::new();
            named_schemas(schema, &mut found);
            queue.extend(found);
        }
    }
    seen
}

/// Which schemas a client sends and which it gets.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Directions {
    /// Reachable from a request body.
    pub(crate) request: BTreeSet<String>,
    /// Reachable from an answer, error answers included.
    pub(crate) response: BTreeSet<String>,
}

/// Follows the references of every operation's request body and answers; `roots` count as answers.
pub(crate) fn directions(document: &Document) -> Directions {
    let (mut sent, mut got) = (BTreeSet::new(), BTreeSet::new());
    for place in operations(document) {
        named_schemas(&place.operation["requestBody"], &mut sent);
        named_schemas(&place.operation["responses"], &mut got);
    }
    for root in document["x-atlas-roots"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        got.insert(root.to_owned());
    }
    Directions { request: reachable(document, sent), response: reachable(document, got) }
}

/// What a schema says apart from the words about it; two schemas equal in this are the same type.
pub(crate) fn without_annotations(schema: &Value) -> Value {
    const WORDS: [&str; 9] = [
        "description",
        "title",
        "example",
        "examples",
        "externalDocs",
        "deprecated",
        "default",
        "readOnly",
        "writeOnly",
    ];
    match schema {
        Value::Object(object) => Value::Object(
            object
                .iter()
                .filter(|(key, value)| !(WORDS.contains(&key.as_str()) && !value.is_object() || key.starts_with("x-")))
                .map(|(key, value)| (key.clone(), without_annotations(value)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(without_annotations).collect()),
        other => other.clone(),
    }
}

/// The values of a string enum, `None` for every other schema.
pub(crate) fn string_enum(schema: &Value) -> Option<Vec<&str>> {
    schema.get("enum")?.as_array()?.iter().filter(|value| !value.is_null()).map(Value::as_str).collect()
}
