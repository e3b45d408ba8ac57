//! From a method and a path to an operation of the document.
//!
//! The paths are the document's own; a literal segment wins over a parameter, so `clusters/provider/regions` is not a
//! cluster named `provider`. The older `/api/atlas/v1.0` form is that of the operations which were there when the newer one
//! began, and of a few more that only it has. A slash at the end of a path means nothing.

use std::{collections::HashMap, sync::LazyLock};

use http::Method;
use percent_encoding::percent_decode_str;

use crate::openapi::document::{Document, Operation};

/// Operations with this version also answer under `/api/atlas/v1.0`, in it and without negotiating.
const FIRST_VERSION: &str = "2023-01-01";

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
    v1: bool,
    /// The place among the routes that only the older form has.
    v1_only: Option<usize>,
}

/// A route that only the older form has.
#[derive(Debug)]
pub(crate) struct V1Route {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    /// The operation whose rate limit and roles it has.
    pub(crate) like: &'static str,
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
    pub(crate) v1: bool,
    /// The place of the route among those that only the older form has.
    pub(crate) v1_only: Option<usize>,
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
        static ROUTER: LazyLock<Router> = LazyLock::new(|| Router::new(Document::embedded(), []));
        &ROUTER
    }

    /// The routes of `document`, and those that only the older form has.
    pub(crate) fn new<'r>(document: &Document, v1_only: impl IntoIterator<Item = &'r V1Route>) -> Self {
        let mut router = Self::default();
        for (index, operation) in document.operations.iter().enumerate() {
            let leaf = |v1| Leaf {
                method: operation.method.clone(),
                operation: index,
                parameters: Vec::new(),
                v1,
                v1_only: None,
            };
            router.insert(&operation.path, leaf(false));
            if operation.versions.iter().any(|v| v.date == FIRST_VERSION) {
                router.insert(&operation.path.replacen("/v2/", "/v1.0/", 1), leaf(true));
            }
        }
        for (place, V1Route { method, path, like }) in v1_only.into_iter().enumerate() {
            if let Some(operation) = document.operations.iter().position(|o| o.id == *like) {
                let (method, parameters) = (method.clone(), Vec::new());
                router.insert(path, Leaf { method, operation, parameters, v1: true, v1_only: Some(place) });
            }
        }
        router
    }

    /// Puts `leaf` at the end of `template`, with the names of the parameters in it.
    fn insert(&mut self, template: &str, mut leaf: Leaf) {
        let mut node = &mut self.root;
        for segment in template.split('/') {
            node = match segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) {
                Some(name) => {
                    leaf.parameters.push(name.to_owned());
                    node.parameter.get_or_insert_default()
                }
                None => node.literals.entry(segment.to_owned()).or_default(),
            };
        }
        node.leaves.push(leaf);
    }

    /// Finds the operation; HEAD is served as GET.
    pub(crate) fn find<'a>(&'a self, document: &'a Document, method: &Method, path: &str) -> Route<'a> {
        let path = path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path);
        let Some(segments) = decode(path) else { return Route::Unknown };
        let mut values = Vec::new();
        let Some(node) = self.root.descend(&segments, &mut values) else { return Route::Unknown };
        let method = if method == Method::HEAD { &Method::GET } else { method };
        let Some(leaf) = node.leaves.iter().find(|l| l.method == method) else {
            return Route::OtherMethods(node.leaves.iter().map(|l| &l.method).collect());
        };
        let parameters = leaf.parameters.iter().map(String::as_str).zip(values).collect();
        let operation = &document.operations[leaf.operation];
        let Leaf { v1, v1_only, .. } = *leaf;
        Route::Found(Match { operation, index: leaf.operation, parameters, v1, v1_only })
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
            Route::Found(m) => Some((m.operation.id.clone(), m.parameters.into_iter().map(|p| p.1).collect(), m.v1)),
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
    fn the_older_form_knows_what_was_there_at_first_and_what_only_it_has() {
        for operation in &Document::embedded().operations {
            let found = find(operation.method.clone(), &operation.path.replace("/v2/", "/v1.0/"));
            let expected = operation.versions[0].date == FIRST_VERSION;
            assert_eq!(found.is_some_and(|(id, _, v1)| id == operation.id && v1), expected, "{}", operation.id);
        }
        let only = V1Route { method: Method::GET, path: "/api/atlas/v1.0/groups/byName/{groupName}", like: "getGroup" };
        let router = Router::new(Document::embedded(), [&only]);
        let found = router.find(Document::embedded(), &Method::GET, "/api/atlas/v1.0/groups/byName/My%20Project");
        let Route::Found(found) = found else { panic!("{found:?}") };
        assert_eq!((found.operation.id.as_str(), found.v1_only), ("getGroup", Some(0)));
        assert_eq!(found.parameters, [("groupName", "My Project".to_owned())]);
    }

    #[test]
    fn a_slash_at_the_end_means_nothing() {
        for (with, without) in
            [("/api/atlas/v1.0/groups/", "listGroups"), ("/api/atlas/v2/groups/g/clusters/", "listGroupClusters")]
        {
            assert_eq!(find(Method::GET, with).unwrap().0, without);
        }
        assert_eq!(find(Method::GET, "/api/atlas/v2/groups//"), None);
    }

    #[test]
    fn an_empty_segment_is_no_value() {
        assert_eq!(find(Method::GET, "/api/atlas/v2/groups//clusters"), None);
        assert_eq!(find(Method::GET, ""), None);
    }
}
