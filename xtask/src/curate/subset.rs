//! Selects the operations: `subset.toml` applied to the whole specification.
//!
//! An entry is a tag or an operation with the reason for including it. An operation may be given as its id, its short
//! name, a former name, or `METHOD /path`. An entry without a match is reported. `{ reason = "…", scope = "emulator" }`
//! instead of the reason keeps an operation out of the bindings: only the emulator serves it.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{names::FormerNames, report::Report};
use crate::{
    files::lines,
    openapi::{
        media_type::{Stability, version_of},
        walk::{METHODS, SCOPE, operations},
    },
};

/// Content of `subset.toml`. Every value is the reason for its key.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Subset {
    /// Kept kinds of versions: `stable`, `upcoming`, `preview`.
    versions: BTreeMap<Stability, String>,
    #[serde(default)]
    tags: BTreeMap<String, Entry>,
    #[serde(default)]
    operations: BTreeMap<String, Entry>,
    /// Residues that `cargo xtask generate` accepts; it reads them itself.
    #[serde(default)]
    #[allow(dead_code, reason = "named so that unknown tables are still refused")]
    accept: toml::value::Array,
    /// Versions that may end without a shim: `operation version` to the reason; `cargo xtask sunset` reads them.
    #[serde(default)]
    sunset: BTreeMap<String, String>,
    /// The text of the file, for the places in messages.
    #[serde(skip)]
    text: String,
}

/// Reason and scope of an entry.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Entry {
    /// In the bindings.
    Published(String),
    /// Outside the bindings only.
    Scoped(Scoped),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scoped {
    reason: String,
    scope: Scope,
}

/// The only user of an operation.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Scope {
    Emulator,
}

impl Entry {
    fn reason(&self) -> &str {
        match self {
            Self::Published(reason) => reason,
            Self::Scoped(scoped) => &scoped.reason,
        }
    }

    fn scope(&self) -> Option<Scope> {
        match self {
            Self::Published(_) => None,
            Self::Scoped(scoped) => Some(scoped.scope),
        }
    }
}

/// Key of an operation: path and method.
type OperationKey = (String, String);

/// The selected operations. One that an entry publishes is published, whatever other entries say.
#[derive(Default)]
struct Chosen(BTreeMap<OperationKey, Option<Scope>>);

impl Chosen {
    fn add(&mut self, location: OperationKey, scope: Option<Scope>) {
        let known = self.0.entry(location).or_insert(scope);
        *known = known.and(scope);
    }
}

impl Subset {
    /// Reads `subset.toml`.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let mut subset: Self = toml::from_str(text).context("subset.toml")?;
        text.clone_into(&mut subset.text);
        let entries = subset.tags.iter().chain(&subset.operations).map(|(name, entry)| (name, entry.reason()));
        for (entry, reason) in entries.chain(subset.sunset.iter().map(|(name, reason)| (name, reason.as_str()))) {
            ensure!(!reason.trim().is_empty(), "subset.toml: {entry:?} has no reason");
        }
        Ok(subset)
    }

    /// Reduces `paths` to the selected operations and versions.
    pub(crate) fn select(&self, document: &mut Value, former: &FormerNames, report: &mut Report) {
        let chosen = self.locations(document, former, report);
        let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else { return };
        paths.retain(|path, item| {
            let Some(item) = item.as_object_mut() else { return false };
            item.retain(|key, operation| {
                if !METHODS.contains(&key.as_str()) {
                    return key == "parameters";
                }
                let Some(scope) = chosen.0.get(&(path.clone(), key.clone())) else { return false };
                if let Some(Scope::Emulator) = scope {
                    operation[SCOPE] = json!("emulator");
                }
                self.keep_versions(operation)
            });
            item.keys().any(|key| METHODS.contains(&key.as_str()))
        });
    }

    /// All selected operations. Entries without a match are reported.
    fn locations(&self, document: &Value, former: &FormerNames, report: &mut Report) -> Chosen {
        let mut chosen = Chosen::default();
        for location in operations(document).filter(|location| location.operation["x-atlas-retired"] == true) {
            chosen.add((location.path.into(), location.method.into()), None);
        }
        for (tag, entry) in &self.tags {
            let tagged =
                |operation: &Value| operation["tags"].as_array().is_some_and(|tags| tags.iter().any(|t| t == tag));
            let mut found = false;
            for location in operations(document).filter(|location| tagged(location.operation)) {
                found = true;
                chosen.add((location.path.into(), location.method.into()), entry.scope());
            }
            if !found {
                report.unresolved(format!("{}: no operation has the tag {tag:?}", self.location(tag)));
            }
        }
        for (name, entry) in &self.operations {
            match resolve(name, document, former) {
                Some(location) => chosen.add(location, entry.scope()),
                None => report.unresolved(format!("{}: unknown operation {name:?}", self.location(name))),
            }
        }
        chosen
    }

    fn location(&self, entry: &str) -> String {
        lines::location("subset.toml", &self.text, entry)
    }

    /// Removes the media types of versions that are not kept. Returns false if none is left.
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

/// The operation of an entry: by id, then short name, then former name, or `METHOD /path`.
fn resolve(entry: &str, document: &Value, former: &FormerNames) -> Option<OperationKey> {
    if let Some((method, path)) = entry.split_once(' ') {
        let method = method.to_ascii_lowercase();
        document["paths"].get(path)?.get(&method)?;
        return Some((path.to_owned(), method));
    }
    let by = |key: &str, name: &str| {
        let found = operations(document).find(|location| location.operation[key].as_str() == Some(name));
        found.map(|location| (location.path.to_owned(), location.method.to_owned()))
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
        (document, report.finish(false).err().map(|error| error.to_string()).unwrap_or_default())
    }

    fn chosen(document: &Value) -> Vec<&str> {
        operations(document).map(|location| location.id()).collect()
    }

    #[test]
    fn operation_is_found_by_id_short_former_name_or_path() {
        for name in ["createGroupA", "addA", "POST /a"] {
            let (document, errors) = select(&format!("operations.'{name}' = 'why'"));
            assert_eq!((chosen(&document), errors.as_str()), (vec!["createGroupA"], ""), "{name}");
        }
        assert_eq!(chosen(&select("operations.listAs = 'why'").0), ["listGroupAs"]);
    }

    #[test]
    fn tag_selects_operations_with_stable_versions() {
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
    fn entry_without_match_is_reported() {
        let errors = select("tags.Z = 'why'\noperations.nope = 'why'\noperations.'GET /z' = 'why'").1;
        insta::assert_snapshot!(errors, @r#"
        3 entries are not usable:
          subset.toml:2: no operation has the tag "Z"
          subset.toml:4: unknown operation "GET /z"
          subset.toml:3: unknown operation "nope"
        "#);
    }

    #[test]
    fn scope_marks_operations_that_no_other_entry_publishes() {
        let scoped = "tags.A = { reason = 'why', scope = 'emulator' }\n";
        let (document, errors) = select(&format!("{scoped}operations.createGroupA = 'why'"));
        assert_eq!((&document["paths"]["/a"]["get"][SCOPE], errors.as_str()), (&json!("emulator"), ""));
        assert!(document["paths"]["/a"]["post"].get(SCOPE).is_none());
        let (document, _) = select(&format!("{scoped}operations.listAs = 'why'"));
        assert!(document["paths"]["/a"]["get"].get(SCOPE).is_none());
        assert!(Subset::parse(&format!("{SUBSET}tags.A = {{ reason = 'why', scope = 'cli' }}")).is_err());
    }

    #[test]
    fn subset_entry_requires_reason() {
        let error = Subset::parse(&format!("{SUBSET}tags.A = ' '")).expect_err("no reason");
        assert_eq!(error.to_string(), "subset.toml: \"A\" has no reason");
    }
}
