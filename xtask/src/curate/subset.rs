//! Choosing the operations: `subset.toml` against the whole specification.
//!
//! An entry is one line, a tag or an operation and the reason it is here. An operation may be written as its id, its
//! short name, a former name, or `METHOD /path`. An entry that matches nothing is reported, never skipped in silence.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::Value;

use super::{names::FormerNames, report::Report};
use crate::openapi::{
    media_type::{Stability, version_of},
    walk::{METHODS, operations},
};

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
    /// Residues that `cargo xtask generate` may leave unmapped; it reads them itself.
    #[serde(default)]
    #[allow(dead_code, reason = "named so that unknown tables are still refused")]
    accept: toml::value::Array,
    /// Versions that may end without a shim: `operation version` to the reason; `cargo xtask sunset` reads them.
    #[serde(default)]
    sunset: BTreeMap<String, String>,
}

/// One operation's place: path and method.
type Place = (String, String);

impl Subset {
    /// Reads `subset.toml`.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let subset: Self = toml::from_str(text).context("subset.toml")?;
        let entries = subset.tags.iter().chain(&subset.operations).chain(&subset.sunset);
        for (entry, reason) in entries {
            ensure!(!reason.trim().is_empty(), "subset.toml: {entry:?} has no reason");
        }
        Ok(subset)
    }

    /// Reduces `paths` to the chosen operations and versions.
    pub(crate) fn select(&self, document: &mut Value, former: &FormerNames, report: &mut Report) {
        let chosen = self.places(document, former, report);
        let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else { return };
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
    fn places(&self, document: &Value, former: &FormerNames, report: &mut Report) -> BTreeSet<Place> {
        let mut chosen: BTreeSet<Place> = BTreeSet::new();
        for place in operations(document).filter(|place| place.operation["x-atlas-retired"] == true) {
            chosen.insert((place.path.into(), place.method.into()));
        }
        for tag in self.tags.keys() {
            let tagged =
                |operation: &Value| operation["tags"].as_array().is_some_and(|tags| tags.iter().any(|t| t == tag));
            let mut found = false;
            for place in operations(document).filter(|place| tagged(place.operation)) {
                found = true;
                chosen.insert((place.path.into(), place.method.into()));
            }
            if !found {
                report.unresolved(format!("subset.toml: no operation has the tag {tag:?}"));
            }
        }
        for entry in self.operations.keys() {
            match resolve(entry, document, former) {
                Some(place) => _ = chosen.insert(place),
                None => report.unresolved(format!("subset.toml: no operation is called {entry:?}")),
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
                let Some(version) = version_of(media_type) else { return true };
                let keep = self.versions.contains_key(&Stability::of(version));
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

/// The operation an entry means: long id before short name before former name, or `METHOD /path`.
fn resolve(entry: &str, document: &Value, former: &FormerNames) -> Option<Place> {
    if let Some((method, path)) = entry.split_once(' ') {
        let method = method.to_ascii_lowercase();
        document["paths"].get(path)?.get(&method)?;
        return Some((path.to_owned(), method));
    }
    let by = |key: &str, name: &str| {
        let found = operations(document).find(|place| place.operation[key].as_str() == Some(name));
        found.map(|place| (place.path.to_owned(), place.method.to_owned()))
    };
    by("operationId", entry)
        .or_else(|| by("x-xgen-operation-id-override", entry))
        .or_else(|| by("operationId", former.current(entry)?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SUBSET: &str = "versions.stable = 'kept'\n";

    fn document() -> Value {
        let content = json!({
            "application/vnd.atlas.2023-01-01+json": {}, "application/vnd.atlas.2024-08-05+json": {},
            "application/vnd.atlas.2026-01-01.upcoming+json": {}, "application/vnd.atlas.preview+json": {},
        });
        let preview = json!({ "200": { "content": { "application/vnd.atlas.preview+json": {} } } });
        json!({ "paths": {
            "/a": {
                "parameters": [],
                "get": { "operationId": "listGroupAs", "x-xgen-operation-id-override": "listAs", "tags": ["A"],
                         "requestBody": { "content": content }, "responses": { "200": { "content": content } } },
                "post": { "operationId": "createGroupA", "tags": ["B"], "responses": { "200": { "content": content } } },
            },
            "/b": { "get": { "operationId": "listBs", "tags": ["A"], "responses": preview } },
        } })
    }

    fn select(entries: &str) -> (Value, String) {
        let former = FormerNames::parse("[createGroupA]\nformer = ['addA']").expect("former names");
        let subset = Subset::parse(&format!("{SUBSET}{entries}")).expect("a subset");
        let (mut document, mut report) = (document(), Report::default());
        subset.select(&mut document, &former, &mut report);
        (document, report.settle(false).err().map(|error| error.to_string()).unwrap_or_default())
    }

    fn chosen(document: &Value) -> Vec<&str> {
        operations(document).map(|place| place.id()).collect()
    }

    #[test]
    fn an_operation_is_found_by_id_short_name_former_name_or_place() {
        for name in ["createGroupA", "addA", "POST /a"] {
            let (document, errors) = select(&format!("operations.'{name}' = 'why'"));
            assert_eq!((chosen(&document), errors.as_str()), (vec!["createGroupA"], ""), "{name}");
        }
        assert_eq!(chosen(&select("operations.listAs = 'why'").0), ["listGroupAs"]);
    }

    #[test]
    fn a_tag_brings_its_operations_with_their_stable_versions_only() {
        let (document, errors) = select("tags.A = 'why'");
        assert_eq!((chosen(&document), errors.as_str()), (vec!["listGroupAs"], ""));
        for holder in ["/paths/~1a/get/requestBody", "/paths/~1a/get/responses/200"] {
            let versions = document.pointer(holder).expect("kept")["content"].as_object().expect("content");
            let versions: Vec<&String> = versions.keys().collect();
            assert_eq!(versions, ["application/vnd.atlas.2023-01-01+json", "application/vnd.atlas.2024-08-05+json"]);
        }
        assert!(document.pointer("/paths/~1a/parameters").is_some(), "parameters of the path stay");
    }

    #[test]
    fn every_entry_that_matches_nothing_is_named() {
        let errors = select("tags.Z = 'why'\noperations.nope = 'why'\noperations.'GET /z' = 'why'").1;
        insta::assert_snapshot!(errors, @r#"
        3 entries can't be used:
          subset.toml: no operation has the tag "Z"
          subset.toml: no operation is called "GET /z"
          subset.toml: no operation is called "nope"
        "#);
    }

    #[test]
    fn an_entry_needs_a_reason() {
        let error = Subset::parse(&format!("{SUBSET}tags.A = ' '")).expect_err("no reason");
        assert_eq!(error.to_string(), "subset.toml: \"A\" has no reason");
    }
}
