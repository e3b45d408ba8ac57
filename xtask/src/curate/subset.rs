//! Choosing the operations: `subset.toml` against the whole specification.
//!
//! An entry is one line, a tag or an operation and the reason it is here. An operation may be written as its id, its
//! short name, a former name, or `METHOD /path`. An entry that matches nothing is reported, never skipped in silence.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{names::FormerNames, report::Report};

/// The HTTP methods an operation can have in a path item.
pub(crate) const METHODS: [&str; 5] = ["get", "put", "post", "patch", "delete"];

/// What `subset.toml` says; every value is the reason of its key.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Subset {
    /// Kinds of versions kept: `stable`, `upcoming`, `preview`.
    versions: BTreeMap<Stability, String>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    #[serde(default)]
    operations: BTreeMap<String, String>,
    /// Decisions of `cargo xtask generate`, which reads them itself.
    #[serde(default)]
    #[allow(dead_code, reason = "named so that unknown tables are still refused")]
    generate: toml::Table,
}

/// How settled a version is, told by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Stability {
    /// `2024-08-05`
    Stable,
    /// `2026-01-01.upcoming`
    Upcoming,
    /// `preview`
    Preview,
}

impl Stability {
    /// The kind of version a media type stands for; `None` when it carries no version.
    fn of(media_type: &str) -> Option<Self> {
        let version = media_type.strip_prefix("application/vnd.atlas.")?.split('+').next()?;
        Some(match version {
            _ if version.ends_with(".upcoming") => Self::Upcoming,
            _ if version.starts_with("preview") => Self::Preview,
            _ => Self::Stable,
        })
    }
}

/// One operation's place: path and method.
type Place = (String, String);

impl Subset {
    /// Reads `subset.toml`.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let subset: Self = toml::from_str(text).context("spec/subset.toml")?;
        let entries = subset.tags.iter().chain(&subset.operations);
        for (entry, reason) in entries {
            ensure!(!reason.trim().is_empty(), "spec/subset.toml: {entry:?} has no reason");
        }
        Ok(subset)
    }

    /// Reduces `paths` to the chosen operations and versions.
    pub(crate) fn select(&self, document: &mut Value, former: &FormerNames, report: &mut Report) {
        let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else { return };
        let chosen = self.places(paths, former, report);
        paths.retain(|path, item| {
            let Some(item) = item.as_object_mut() else { return false };
            item.retain(|key, operation| {
                if !METHODS.contains(&key.as_str()) {
                    return key == "parameters";
                }
                chosen.contains(&(path.clone(), key.clone())) && self.keep_versions(operation)
            });
            item.keys().any(|key| METHODS.contains(&key.as_str()))
        });
    }

    /// Every chosen operation; entries that choose none go to the report.
    fn places(&self, paths: &Map<String, Value>, former: &FormerNames, report: &mut Report) -> BTreeSet<Place> {
        let mut chosen: BTreeSet<Place> = BTreeSet::new();
        for (path, method, operation) in operations(paths) {
            if operation.get("x-atlas-retired") == Some(&Value::Bool(true)) {
                chosen.insert((path.into(), method.into()));
            }
        }
        for tag in self.tags.keys() {
            let before = chosen.len();
            let tagged =
                |operation: &Value| operation["tags"].as_array().is_some_and(|tags| tags.iter().any(|t| t == tag));
            let mut found = false;
            for (path, method, _) in operations(paths).filter(|(_, _, operation)| tagged(operation)) {
                found = true;
                chosen.insert((path.into(), method.into()));
            }
            debug_assert!(found || chosen.len() == before);
            if !found {
                report.unresolved(format!("spec/subset.toml: no operation has the tag {tag:?}"));
            }
        }
        for entry in self.operations.keys() {
            match resolve(entry, paths, former) {
                Some(place) => _ = chosen.insert(place),
                None => report.unresolved(format!("spec/subset.toml: no operation is called {entry:?}")),
            }
        }
        chosen
    }

    /// Drops the media types of versions that are not kept; false when none is left.
    fn keep_versions(&self, operation: &mut Value) -> bool {
        let mut kept = false;
        let mut filter = |holder: &mut Value| {
            let Some(content) = holder.get_mut("content").and_then(Value::as_object_mut) else { return };
            content.retain(|media_type, _| {
                let Some(stability) = Stability::of(media_type) else { return true };
                let keep = self.versions.contains_key(&stability);
                kept |= keep;
                keep
            });
        };
        if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
            responses.values_mut().for_each(&mut filter);
        }
        if let Some(body) = operation.get_mut("requestBody") {
            filter(body);
        }
        kept
    }
}

/// Every operation of a `paths` object with its path and method.
pub(crate) fn operations(paths: &Map<String, Value>) -> impl Iterator<Item = (&str, &str, &Value)> {
    paths.iter().flat_map(|(path, item)| {
        let item = item.as_object().into_iter().flatten();
        item.filter(|(method, _)| METHODS.contains(&method.as_str()))
            .map(|(method, o)| (path.as_str(), method.as_str(), o))
    })
}

/// The operation an entry means: long id before short name before former name, or `METHOD /path`.
fn resolve(entry: &str, paths: &Map<String, Value>, former: &FormerNames) -> Option<Place> {
    if let Some((method, path)) = entry.split_once(' ') {
        let method = method.to_ascii_lowercase();
        paths.get(path)?.get(&method)?;
        return Some((path.to_owned(), method));
    }
    let by = |key: &str, name: &str| {
        let mut all = operations(paths);
        all.find(|(_, _, o)| o.get(key).and_then(Value::as_str) == Some(name))
            .map(|(p, m, _)| (p.to_owned(), m.to_owned()))
    };
    by("operationId", entry)
        .or_else(|| by("x-xgen-operation-id-override", entry))
        .or_else(|| by("operationId", former.current(entry)?))
}
