//! One operation per resource version.
//!
//! The service distinguishes versions by media type, OpenAPI by path and method. The newest version keeps path and id.
//! An older one gets `#v20230101` after the path (a fragment is never sent) and `_v20230101` after the id. Afterwards
//! every JSON body is `application/json`. The real media types stay in the operations table.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::Report;
use crate::openapi::{document::Document, media_type::version_of, pointer::Pointer, walk::METHODS};

/// The suffix of an older version's binding: `_v20230101`.
pub(crate) fn suffix(version: &str) -> String {
    let digits: String = version.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    if digits.starts_with(|c: char| c.is_ascii_digit()) { format!("_v{digits}") } else { format!("_{digits}") }
}

/// The versions of an operation, oldest first. A preview is last only if no stable version exists.
pub(crate) fn versions_of(operation: &Value) -> Vec<String> {
    let mut found = BTreeSet::new();
    let mut collect = |content: &Value| {
        let media_types = content.as_object().into_iter().flatten().map(|(media, _)| media);
        found.extend(media_types.filter_map(|media| version_of(media)).map(str::to_owned));
    };
    collect(&operation["requestBody"]["content"]);
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        if status.starts_with('2') {
            collect(&response["content"]);
        }
    }
    let is_stable = |version: &String| version.starts_with(|c: char| c.is_ascii_digit());
    let (stable, preview): (Vec<_>, Vec<_>) = found.into_iter().partition(is_stable);
    preview.into_iter().chain(stable).collect()
}

pub(super) fn run(document: &mut Document) -> Report {
    let mut report = Report::default();
    let Some(paths) = document["paths"].as_object_mut() else { return report };
    let mut split = Map::new();
    for (path, item) in std::mem::take(paths) {
        for method in METHODS {
            let Some(operation) = item.get(method) else { continue };
            let versions = versions_of(operation);
            if versions.is_empty() {
                report.residue(Pointer::of_operation(&path, method), "no resource version");
                continue;
            }
            for (index, version) in versions.iter().enumerate() {
                let newest = index + 1 == versions.len();
                let mut operation = operation.clone();
                let key = if newest {
                    path.clone()
                } else {
                    let id = operation["operationId"].as_str().unwrap_or_default();
                    operation["operationId"] = format!("{id}{}", suffix(version)).into();
                    format!("{path}#{}", suffix(version).trim_start_matches('_'))
                };
                operation["x-atlas-version"] = version.clone().into();
                keep_version(&mut operation["requestBody"], version);
                for (_, response) in operation["responses"].as_object_mut().into_iter().flatten() {
                    keep_version(response, version);
                }
                if operation["requestBody"].is_null() {
                    operation.as_object_mut().expect("an operation is an object").remove("requestBody");
                }
                let location = split.entry(key).or_insert_with(|| Value::Object(Map::new()));
                location[method] = operation;
                report.changed += 1;
            }
        }
    }
    *paths = split;
    report
}

/// Keeps the content of one version, as `application/json`. A body without a schema (of a 204) is dropped.
fn keep_version(body: &mut Value, version: &str) {
    let Some(content) = body.get_mut("content").and_then(Value::as_object_mut) else { return };
    let mut kept = Map::new();
    for (media, mut value) in std::mem::take(content) {
        let mine = version_of(&media).is_none_or(|found| found == version);
        let Some(value) = value.as_object_mut().filter(|value| mine && value.contains_key("schema")) else { continue };
        value.retain(|key, _| key == "schema");
        let json = media.ends_with("json");
        let media = if json { "application/json" } else { "application/octet-stream" };
        kept.insert(media.to_owned(), Value::Object(std::mem::take(value)));
    }
    let object = body.as_object_mut().expect("it has content");
    if kept.is_empty() {
        object.remove("content");
    } else {
        object.insert("content".to_owned(), Value::Object(kept));
    }
}
