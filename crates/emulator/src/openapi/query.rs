//! The query of a request.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

/// The decoded query. Empty values count as absent.
#[derive(Debug, Default)]
pub(crate) struct Query {
    pairs: Vec<(String, String)>,
    /// The names that a handler has asked for.
    read: Mutex<BTreeSet<String>>,
}

impl Query {
    pub(crate) fn parse(query: &str) -> Self {
        let pairs = url::form_urlencoded::parse(query.as_bytes()).into_owned();
        Self { pairs: pairs.filter(|(_, value)| !value.is_empty()).collect(), read: Mutex::default() }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.note(name);
        self.peek(name)
    }

    /// The value, without noting that it was read.
    pub(crate) fn peek(&self, name: &str) -> Option<&str> {
        self.pairs().find(|(n, _)| *n == name).map(|(_, value)| value)
    }

    fn note(&self, name: &str) {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
    }

    /// Whether a parameter was sent and not asked for.
    pub(crate) fn ignores(&self, name: &str) -> bool {
        self.peek(name).is_some() && !self.read.lock().unwrap_or_else(PoisonError::into_inner).contains(name)
    }

    /// All values of a repeatable parameter.
    pub(crate) fn all<'q>(&'q self, name: &'q str) -> impl Iterator<Item = &'q str> {
        self.note(name);
        self.pairs().filter(move |(n, _)| *n == name).map(|(_, value)| value)
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.get(name).is_some_and(|v| v.eq_ignore_ascii_case("true"))
    }

    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }
}
