//! From a method and a path to an operation of the document.
//!
//! The paths are the document's own; a literal segment wins over a parameter, so `clusters/provider/regions` is not a
//! cluster named `provider`. The older `/api/atlas/v1.0` form is known for the few operations that clients still call
//! by it.

use std::{collections::HashMap, sync::LazyLock};

use http::Method;
use percent_encoding::percent_decode_str;

use crate::document::{Document, Operation};

/// Operations that also answer under `/api/atlas/v1.0`, where no version is negotiated.
const LEGACY: [&str; 1] = ["listGroupClusterBackupTenantSnapshots"];

/// The paths of a document as a tree of segments.
#[derive(Debug, Default)]
pub(crate) struct Router {
    root: Node,
}

#[derive(Debug, Default)]
struct Node {
    literals: HashMap<String, Node>,
    parameter: Option<Box<Node>>,
    leaves: Vec<Leaf>,
}

#[derive(Debug)]
struct Leaf {
    method: Method,
    /// Index into the document's operations.
    operation: usize,
    parameters: Vec<String>,
    legacy: bool,
}

/// Where a request goes.
#[derive(Debug)]
pub(crate) enum Route<'a> {
    Found(Match<'a>),
    /// The path is known with these other methods.
    OtherMethods(Vec<&'a Method>),
    Unknown,
}

/// An operation with the values of its path.
#[derive(Debug)]
pub(crate) struct Match<'a> {
    pub(crate) operation: &'a Operation,
    /// The operation's place in the document.
    pub(crate) index: usize,
    pub(crate) parameters: Vec<(&'a str, String)>,
    /// Whether it was called by its `/api/atlas/v1.0` form.
    pub(crate) legacy: bool,
}

impl Match<'_> {
    /// The project in the path.
    pub(crate) fn project(&self) -> Option<&str> {
        self.parameters.iter().find(|(name, _)| *name == "groupId").map(|(_, id)| id.as_str())
    }
}

impl Router {
    /// The routes of the embedded document, laid out once a process.
    pub(crate) fn embedded() -> &'static Router {
        static ROUTER: LazyLock<Router> = LazyLock::new(|| Router::new(Document::embedded()));
        &ROUTER
    }

    fn new(document: &Document) -> Self {
        let mut router = Self::default();
        for (index, operation) in document.operations.iter().enumerate() {
            router.insert(&operation.path, &operation.method, index, false);
            if LEGACY.contains(&operation.id.as_str()) {
                router.insert(&operation.path.replacen("/v2/", "/v1.0/", 1), &operation.method, index, true);
            }
        }
        router
    }

    fn insert(&mut self, template: &str, method: &Method, operation: usize, legacy: bool) {
        let mut node = &mut self.root;
        let mut parameters = Vec::new();
        for segment in template.split('/') {
            node = match segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) {
                Some(name) => {
                    parameters.push(name.to_owned());
                    node.parameter.get_or_insert_default()
                }
                None => node.literals.entry(segment.to_owned()).or_default(),
            };
        }
        node.leaves.push(Leaf { method: method.clone(), operation, parameters, legacy });
    }

    /// Finds the operation; HEAD is served as GET.
    pub(crate) fn find<'a>(&'a self, document: &'a Document, method: &Method, path: &str) -> Route<'a> {
        let Some(segments) = decode(path) else { return Route::Unknown };
        let mut values = Vec::new();
        let Some(node) = self.root.descend(&segments, &mut values) else { return Route::Unknown };
        let method = if method == Method::HEAD { &Method::GET } else { method };
        let Some(leaf) = node.leaves.iter().find(|l| l.method == method) else {
            return Route::OtherMethods(node.leaves.iter().map(|l| &l.method).collect());
        };
        let parameters = leaf.parameters.iter().map(String::as_str).zip(values).collect();
        let operation = &document.operations[leaf.operation];
        Route::Found(Match { operation, index: leaf.operation, parameters, legacy: leaf.legacy })
    }
}

impl Node {
    fn descend<'a>(&'a self, segments: &[String], values: &mut Vec<String>) -> Option<&'a Node> {
        let Some((head, rest)) = segments.split_first() else {
            return (!self.leaves.is_empty()).then_some(self);
        };
        if let Some(found) = self.literals.get(head).and_then(|n| n.descend(rest, values)) {
            return Some(found);
        }
        let parameter = self.parameter.as_deref().filter(|_| !head.is_empty())?;
        values.push(head.clone());
        let found = parameter.descend(rest, values);
        if found.is_none() {
            values.pop();
        }
        found
    }
}

/// The path's segments, each decoded by itself so that an encoded slash stays inside its value.
fn decode(path: &str) -> Option<Vec<String>> {
    path.split('/').map(|s| percent_decode_str(s).decode_utf8().ok().map(|s| s.into_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(method: Method, path: &str) -> Option<(String, Vec<String>, bool)> {
        let document = Document::embedded();
        match Router::embedded().find(document, &method, path) {
            Route::Found(m) => {
                Some((m.operation.id.clone(), m.parameters.into_iter().map(|p| p.1).collect(), m.legacy))
            }
            _ => None,
        }
    }

    #[test]
    fn a_literal_segment_wins_over_a_parameter() {
        let (id, values, _) = find(Method::GET, "/api/atlas/v2/groups/g/clusters/provider/regions").unwrap();
        assert_eq!((id.as_str(), values), ("listGroupClusterProviderRegions", vec!["g".to_owned()]));
        let (id, values, _) = find(Method::GET, "/api/atlas/v2/groups/g/clusters/provider").unwrap();
        assert_eq!((id.as_str(), values.len()), ("getGroupCluster", 2));
    }

    #[test]
    fn an_encoded_slash_stays_inside_its_value() {
        let (_, values, _) = find(Method::GET, "/api/atlas/v2/groups/a%2Fb/clusters").unwrap();
        assert_eq!(values, ["a/b"]);
        assert_eq!(find(Method::GET, "/api/atlas/v2/groups/%ff/clusters"), None);
    }

    #[test]
    fn every_operation_is_found_by_its_own_path() {
        for operation in &Document::embedded().operations {
            let (id, ..) = find(operation.method.clone(), &operation.path).unwrap();
            assert_eq!(id, operation.id);
        }
    }

    #[test]
    fn an_empty_segment_is_no_value() {
        assert_eq!(find(Method::GET, "/api/atlas/v2/groups//clusters"), None);
        assert_eq!(find(Method::GET, ""), None);
    }
}
