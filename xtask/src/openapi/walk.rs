//! Walks documents in a stable order: operations by path and method, schemas with their children.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{
    document::{Document, schemas_mut},
    pointer::Pointer,
};

/// The HTTP methods of a path item, in the order of the output.
pub(crate) const METHODS: [&str; 5] = ["get", "put", "post", "patch", "delete"];

/// Marks, with the value `emulator`, an operation that only the emulator serves.
pub(crate) const SCOPE: &str = "x-atlas-scope";

/// One operation with its location.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OperationRef<'a> {
    /// The path template (a key of `paths`).
    pub(crate) path: &'a str,
    /// The lower-case method.
    pub(crate) method: &'static str,
    /// The path item that contains it.
    pub(crate) item: &'a Value,
    /// The operation object.
    pub(crate) operation: &'a Value,
}

impl<'a> OperationRef<'a> {
    /// The JSON pointer of the operation.
    pub(crate) fn pointer(&self) -> Pointer {
        Pointer::of_operation(self.path, self.method)
    }

    /// The operation's id, empty if it has none.
    pub(crate) fn id(&self) -> &'a str {
        self.text("operationId").unwrap_or_default()
    }

    /// A string member.
    pub(crate) fn text(&self, key: &str) -> Option<&'a str> {
        self.operation.get(key)?.as_str()
    }

    /// A member that is a list of strings.
    pub(crate) fn texts(&self, key: &str) -> BTreeSet<&'a str> {
        self.operation.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
    }

    pub(crate) fn is_deprecated(&self) -> bool {
        self.operation.get("deprecated") == Some(&Value::Bool(true))
    }
}

/// Every operation in the order of paths, then methods.
pub(crate) fn operations(document: &Document) -> impl Iterator<Item = OperationRef<'_>> {
    document["paths"].as_object().into_iter().flatten().flat_map(|(path, item)| {
        METHODS.into_iter().filter_map(move |method| {
            item.get(method).map(|operation| OperationRef { path: path.as_str(), method, item, operation })
        })
    })
}

/// Calls `visit` with every operation and its pointer.
pub(crate) fn operations_mut(document: &mut Document, mut visit: impl FnMut(&Pointer, &mut Value)) {
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        for method in METHODS {
            if let Some(operation) = item.get_mut(method) {
                visit(&Pointer::of_operation(path, method), operation);
            }
        }
    }
}

/// Removes the operations that are not in any bindings.
pub(crate) fn keep_published(document: &mut Document) {
    let Some(paths) = document["paths"].as_object_mut() else { return };
    paths.retain(|_, item| {
        let Some(item) = item.as_object_mut() else { return true };
        item.retain(|_, operation| operation.get(SCOPE).is_none());
        item.keys().any(|key| METHODS.contains(&key.as_str()))
    });
}

/// The names in a path template, in order.
pub(crate) fn template_names(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
}

/// A path template without parameter names.
pub(crate) fn without_parameter_names(path: &str) -> String {
    let segments = path.split('/').map(|segment| match (segment.find('{'), segment.rfind('}')) {
        (Some(open), Some(close)) if open < close => format!("{}{{}}{}", &segment[..open], &segment[close + 1..]),
        _ => segment.to_owned(),
    });
    segments.collect::<Vec<_>>().join("/")
}

/// The pointers of the schemas directly below a schema, relative to it.
pub(crate) fn parts(schema: &Value) -> Vec<Pointer> {
    let root = Pointer::default();
    let mut found = Vec::new();
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    found.extend(properties.map(|(name, _)| root.child("properties").child(name)));
    let single = ["items", "additionalProperties", "not"].into_iter();
    found.extend(single.filter(|key| schema.get(key).is_some_and(Value::is_object)).map(|key| root.child(key)));
    for key in ["allOf", "oneOf", "anyOf"] {
        let count = schema.get(key).and_then(Value::as_array).map_or(0, Vec::len);
        found.extend((0..count).map(|index| root.child(key).item(index)));
    }
    found
}

/// Calls `visit` with the pointer and value of each schema below `schema`, children before parents, then with `schema`
/// itself.
pub(crate) fn schemas_below(schema: &mut Value, pointer: &Pointer, visit: &mut dyn FnMut(&Pointer, &mut Value)) {
    if !schema.is_object() {
        return;
    }
    for part in parts(schema) {
        if let Some(child) = part.get_mut(schema) {
            schemas_below(child, &pointer.join(&part), visit);
        }
    }
    visit(pointer, schema);
}

/// Calls `visit` with every schema of the document: components, parameters, request and response bodies.
pub(crate) fn every_schema(document: &mut Document, visit: &mut dyn FnMut(&Pointer, &mut Value)) {
    for (name, schema) in schemas_mut(document) {
        schemas_below(schema, &Pointer::of_component("schemas", name), visit);
    }
    if let Some(parameters) = document.pointer_mut("/components/parameters").and_then(Value::as_object_mut) {
        for (name, parameter) in parameters {
            own_schema(parameter, &Pointer::of_component("parameters", name), visit);
        }
    }
    operations_mut(document, |pointer, operation| {
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten();
        for (index, parameter) in parameters.enumerate() {
            own_schema(parameter, &pointer.child("parameters").item(index), visit);
        }
        for (location, content) in contents_mut(operation) {
            let location = pointer.join(&location);
            content.iter_mut().for_each(|(media, body)| own_schema(body, &location.child(media), visit));
        }
    });
}

fn own_schema(holder: &mut Value, pointer: &Pointer, visit: &mut dyn FnMut(&Pointer, &mut Value)) {
    if let Some(schema) = holder.get_mut("schema") {
        schemas_below(schema, &pointer.child("schema"), visit);
    }
}

/// The `content` objects of an operation with their pointers relative to it: request body, then responses.
fn contents_mut(operation: &mut Value) -> Vec<(Pointer, &mut Map<String, Value>)> {
    let mut found = Vec::new();
    let Some(operation) = operation.as_object_mut() else { return found };
    for (key, value) in operation.iter_mut() {
        let location = Pointer::default().child(key);
        if key == "requestBody" {
            found.extend(content_mut(value, location));
        } else if key == "responses" {
            let responses = value.as_object_mut().into_iter().flatten();
            found.extend(responses.filter_map(|(status, response)| content_mut(response, location.child(status))));
        }
    }
    found
}

fn content_mut(holder: &mut Value, location: Pointer) -> Option<(Pointer, &mut Map<String, Value>)> {
    Some((location.child("content"), holder.get_mut("content")?.as_object_mut()?))
}
