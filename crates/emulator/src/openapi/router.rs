//! Routes a method and a path to an operation of the document, or to an official operation outside the document.
//!
//! The paths come from the document. A literal segment takes precedence over a parameter, so
//! `clusters/provider/regions` is not a cluster named `provider`. The table of all official operations separates paths
//! of the service from unknown ones. The older `/api/atlas/v1.0` form covers the operations that existed in the first
//! version, and a few that only it has. A trailing slash is ignored.

use std::{collections::HashMap, sync::LazyLock};

use http::Method;
use percent_encoding::percent_decode_str;

use crate::openapi::document::{Document, Operation};

/// Operations with this version are also served under `/api/atlas/v1.0`, in this version and without negotiation.
const FIRST_VERSION: &str = "2023-01-01";

/// Every operation of the official document: method, path template, id and roles. Written by `cargo xtask generate`.
const OFFICIAL: &str = include_str!("../embedded/official-operations.tsv");

/// The paths of a document as a tree of segments.
#[derive(Debug, Default)]
pub(crate) struct Router {
    root: Node,
}

#[derive(Debug, Default)]
struct Node {
    literals: HashMap<String, Node>,
    /// Parameters with a literal suffix, such as `{clientId}:invite`, by that suffix.
    suffixed: Vec<(String, Node)>,
    parameter: Option<Box<Node>>,
    leaves: Vec<Leaf>,
}

#[derive(Debug)]
struct Leaf {
    method: Method,
    parameters: Vec<String>,
    target: Target,
}

/// The target of a path and a method.
#[derive(Debug, Clone)]
enum Target {
    Operation {
        /// Index into the document's operations.
        index: usize,
        v1: bool,
        /// Index into the routes that only the older form has.
        v1_only: Option<usize>,
    },
    /// The id of an official operation that the document does not contain.
    NotInDocument(String),
}

/// A route that only the older form has.
#[derive(Debug)]
pub(crate) struct V1Route {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    /// The operation that provides its rate limit and roles.
    pub(crate) like: &'static str,
}

/// The result of routing.
#[derive(Debug)]
pub(crate) enum Route<'a> {
    Found(Match<'a>),
    /// An official operation that the document does not contain.
    NotInDocument(&'a str),
    /// A known path that supports only these other methods.
    OtherMethods(Vec<&'a Method>),
    Unknown,
}

/// An operation with its path parameters.
#[derive(Debug)]
pub(crate) struct Match<'a> {
    pub(crate) operation: &'a Operation,
    /// Index of the operation in the document.
    pub(crate) index: usize,
    pub(crate) parameters: Vec<(&'a str, String)>,
    /// Whether the request used the `/api/atlas/v1.0` form.
    pub(crate) v1: bool,
    /// Index into the routes that only the older form has.
    pub(crate) v1_only: Option<usize>,
}

impl Match<'_> {
    /// The project in the path.
    pub(crate) fn project(&self) -> Option<&str> {
        self.parameters.iter().find(|(name, _)| *name == "groupId").map(|(_, id)| id.as_str())
    }
}

impl Router {
    /// The routes of the embedded document, built once per process.
    pub(crate) fn embedded() -> &'static Router {
        static ROUTER: LazyLock<Router> = LazyLock::new(|| Router::new(Document::embedded(), []));
        &ROUTER
    }

    /// The routes of `document`, those of the older form, and the other official operations.
    pub(crate) fn new<'r>(document: &Document, v1_only: impl IntoIterator<Item = &'r V1Route>) -> Self {
        let mut router = Self::default();
        for (index, operation) in document.operations.iter().enumerate() {
            let mut add = |path: &str, v1| {
                router.insert(path, operation.method.clone(), Target::Operation { index, v1, v1_only: None });
            };
            add(&operation.path, false);
            if operation.versions.iter().any(|v| v.date == FIRST_VERSION) {
                add(&operation.path.replacen("/v2", "/v1.0", 1), true);
            }
        }
        for (place, V1Route { method, path, like }) in v1_only.into_iter().enumerate() {
            if let Some(operation) = document.operations.iter().position(|o| o.id == *like) {
                router.insert(
                    path,
                    method.clone(),
                    Target::Operation { index: operation, v1: true, v1_only: Some(place) },
                );
            }
        }
        for line in OFFICIAL.lines() {
            let mut columns = line.split('\t');
            let (Some(method), Some(path), Some(id)) = (columns.next(), columns.next(), columns.next()) else {
                continue;
            };
            if let Ok(method) = method.parse() {
                router.insert(path, method, Target::NotInDocument(id.to_owned()));
            }
        }
        router
    }

    /// Inserts `target` at the end of `template` with its parameter names, unless the position is occupied.
    fn insert(&mut self, template: &str, method: Method, target: Target) {
        let mut node = &mut self.root;
        let mut parameters = Vec::new();
        for segment in template.split('/') {
            node = match segment.strip_prefix('{').and_then(|s| s.split_once('}')) {
                Some((name, suffix)) => {
                    parameters.push(name.to_owned());
                    node.parameter_with(suffix)
                }
                None => node.literals.entry(segment.to_owned()).or_default(),
            };
        }
        if node.leaves.iter().all(|leaf| leaf.method != method) {
            node.leaves.push(Leaf { method, parameters, target });
        }
    }

    /// Finds the operation. HEAD is routed as GET.
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
        match leaf.target {
            Target::Operation { index, v1, v1_only } => {
                Route::Found(Match { operation: &document.operations[index], index, parameters, v1, v1_only })
            }
            Target::NotInDocument(ref id) => Route::NotInDocument(id),
        }
    }
}

impl Node {
    /// The node for a parameter with this suffix.
    fn parameter_with(&mut self, suffix: &str) -> &mut Node {
        if suffix.is_empty() {
            return self.parameter.get_or_insert_default();
        }
        let place = self.suffixed.iter().position(|(known, _)| known == suffix).unwrap_or_else(|| {
            self.suffixed.push((suffix.to_owned(), Node::default()));
            self.suffixed.len() - 1
        });
        &mut self.suffixed[place].1
    }

    fn descend<'a>(&'a self, segments: &[String], values: &mut Vec<String>) -> Option<&'a Node> {
        let Some((head, rest)) = segments.split_first() else {
            return (!self.leaves.is_empty()).then_some(self);
        };
        if let Some(found) = self.literals.get(head).and_then(|n| n.descend(rest, values)) {
            return Some(found);
        }
        let suffixed =
            self.suffixed.iter().filter_map(|(suffix, node)| Some((head.strip_suffix(suffix.as_str())?, node)));
        let parameter = self.parameter.as_deref().map(|node| (head.as_str(), node));
        for (value, node) in suffixed.chain(parameter).filter(|(value, _)| !value.is_empty()) {
            values.push(value.to_owned());
            if let Some(found) = node.descend(rest, values) {
                return Some(found);
            }
            values.pop();
        }
        None
    }
}

/// The segments of the path, decoded one by one so that an encoded slash stays inside its value.
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
    fn router_prefers_literal_segment_over_parameter() {
        let (id, values, _) = find(Method::GET, "/api/atlas/v2/groups/g/clusters/provider/regions").unwrap();
        assert_eq!((id.as_str(), values), ("listGroupClusterProviderRegions", vec!["g".to_owned()]));
        let (id, values, _) = find(Method::GET, "/api/atlas/v2/groups/g/clusters/provider").unwrap();
        assert_eq!((id.as_str(), values.len()), ("getGroupCluster", 2));
    }

    #[test]
    fn router_keeps_encoded_slash_inside_parameter() {
        let (_, values, _) = find(Method::GET, "/api/atlas/v2/groups/a%2Fb/clusters").unwrap();
        assert_eq!(values, ["a/b"]);
        assert_eq!(find(Method::GET, "/api/atlas/v2/groups/%ff/clusters"), None);
    }

    #[test]
    fn router_finds_every_operation_by_its_path() {
        for operation in &Document::embedded().operations {
            let (id, ..) = find(operation.method.clone(), &operation.path).unwrap();
            assert_eq!(id, operation.id);
        }
    }

    #[test]
    fn v1_router_finds_first_version_and_v1_only_paths() {
        for operation in &Document::embedded().operations {
            let found = find(operation.method.clone(), &operation.path.replacen("/v2", "/v1.0", 1));
            let expected = operation.versions[0].date == FIRST_VERSION;
            assert_eq!(found.is_some_and(|(id, _, v1)| id == operation.id && v1), expected, "{}", operation.id);
        }
        let only = V1Route { method: Method::GET, path: "/api/atlas/v1.0/things/{thing}", like: "getGroup" };
        let router = Router::new(Document::embedded(), [&only]);
        let found = router.find(Document::embedded(), &Method::GET, "/api/atlas/v1.0/things/My%20Thing");
        let Route::Found(found) = found else { panic!("{found:?}") };
        assert_eq!((found.operation.id.as_str(), found.v1_only), ("getGroup", Some(0)));
        assert_eq!(found.parameters, [("thing", "My Thing".to_owned())]);
    }

    #[test]
    fn router_separates_official_operations_from_unknown_paths() {
        let document = Document::embedded();
        let ask = |method, path: &str| match Router::embedded().find(document, &method, path) {
            Route::NotInDocument(id) => id.to_owned(),
            Route::Found(found) => format!("found {}", found.operation.id),
            Route::OtherMethods(methods) => format!("takes {methods:?}"),
            Route::Unknown => "unknown".to_owned(),
        };
        assert_eq!(ask(Method::GET, "/api/atlas/v2/groups/g/alerts"), "listGroupAlerts");
        assert_eq!(ask(Method::DELETE, "/api/atlas/v2/groups/g/alerts"), "takes [GET]");
        assert_eq!(ask(Method::POST, "/api/atlas/v2/groups/g:migrate"), "migrateGroup");
        assert_eq!(ask(Method::GET, "/api/atlas/v2/groups/g/clusters/h/logs/mongod.gz"), "downloadGroupClusterLog");
        assert_eq!(ask(Method::GET, "/api/atlas/v2/groups/g/clusters/h/logs/.gz"), "unknown");
        assert_eq!(ask(Method::GET, "/api/atlas/v2/groups/g/nothing"), "unknown");
        for line in OFFICIAL.lines() {
            let [method, path, id, _roles] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
            let found = ask(method.parse().unwrap(), path);
            assert!(found == id || found == format!("found {id}"), "{line}: {found}");
        }
    }

    #[test]
    fn router_ignores_trailing_slash() {
        for (with, without) in
            [("/api/atlas/v1.0/groups/", "listGroups"), ("/api/atlas/v2/groups/g/clusters/", "listGroupClusters")]
        {
            assert_eq!(find(Method::GET, with).unwrap().0, without);
        }
        assert_eq!(find(Method::GET, "/api/atlas/v2/groups//"), None);
    }

    #[test]
    fn router_rejects_empty_parameter() {
        assert_eq!(find(Method::GET, "/api/atlas/v2/groups//clusters"), None);
        assert_eq!(find(Method::GET, ""), None);
    }
}
