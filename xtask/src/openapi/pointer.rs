//! JSON pointers (RFC 6901).

use std::fmt;

use serde::Serialize;
use serde_json::Value;

/// Location of a value in a document.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub(crate) struct Pointer(String);

impl Pointer {
    /// Parses `text` as a pointer.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The target of a reference within its document, such as `#/components/schemas/A`.
    pub(crate) fn of_reference(reference: &str) -> Option<Self> {
        reference.strip_prefix('#').map(Self::new)
    }

    /// The pointer of a component.
    pub(crate) fn of_component(kind: &str, name: &str) -> Self {
        Self::new("/components").child(kind).child(name)
    }

    /// The pointer of an operation.
    pub(crate) fn of_operation(path: &str, method: &str) -> Self {
        Self::new("/paths").child(path).child(method)
    }

    /// A member or an item of this value.
    pub(crate) fn child(&self, key: &str) -> Self {
        Self(format!("{}/{}", self.0, key.replace('~', "~0").replace('/', "~1")))
    }

    /// An item of this list.
    pub(crate) fn item(&self, index: usize) -> Self {
        Self(format!("{}/{index}", self.0))
    }

    /// A pointer relative to this value, from the document's root.
    pub(crate) fn join(&self, below: &Pointer) -> Self {
        Self(format!("{}{}", self.0, below.0))
    }

    /// The parent value.
    pub(crate) fn parent(&self) -> Option<Self> {
        self.0.rsplit_once('/').map(|(parent, _)| Self::new(parent))
    }

    /// The keys from the document's root, unescaped.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.0.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~")).collect()
    }

    /// The component schema that contains it.
    pub(crate) fn schema(&self) -> Option<String> {
        self.0.starts_with("/components/schemas/").then(|| self.keys().swap_remove(2))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn get<'a>(&self, document: &'a Value) -> Option<&'a Value> {
        document.pointer(&self.0)
    }

    pub(crate) fn get_mut<'a>(&self, document: &'a mut Value) -> Option<&'a mut Value> {
        document.pointer_mut(&self.0)
    }

    /// Removes the value from its object or list.
    pub(crate) fn remove(&self, document: &mut Value) {
        let (Some(parent), Some(key)) = (self.parent(), self.keys().pop()) else { return };
        match parent.get_mut(document) {
            Some(Value::Object(members)) => _ = members.remove(&key),
            Some(Value::Array(items)) => {
                if let Some(index) = key.parse().ok().filter(|index| *index < items.len()) {
                    items.remove(index);
                }
            }
            _ => {}
        }
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&Pointer> for Pointer {
    fn from(pointer: &Pointer) -> Self {
        pointer.clone()
    }
}

impl From<Pointer> for String {
    fn from(pointer: Pointer) -> Self {
        pointer.0
    }
}

impl From<&Pointer> for String {
    fn from(pointer: &Pointer) -> Self {
        pointer.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pointer_escapes_slashes_and_tildes() {
        let mut document = json!({ "paths": { "/a~b": { "get": [1, 2] } } });
        let pointer = Pointer::of_operation("/a~b", "get").item(1);
        assert_eq!(pointer.as_str(), "/paths/~1a~0b/get/1");
        assert_eq!(pointer.keys(), ["paths", "/a~b", "get", "1"]);
        assert_eq!(pointer.get(&document), Some(&json!(2)));
        pointer.remove(&mut document);
        assert_eq!(document, json!({ "paths": { "/a~b": { "get": [1] } } }));
    }
}
