//! One operation per resource version.
//!
//! The service distinguishes versions by media type, OpenAPI by path and method. The newest version keeps path and id.
//! An older one gets `#v20230101` after the path (a fragment is never sent) and `_v20230101` after the id. Afterwards
//! every JSON body is `application/json`. The real media types stay in the operations table.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::Report;
use crate::openapi::{
    document::Document,
    media_type::{UNVERSIONED, version_of},
    pointer::Pointer,
    walk::METHODS,
};

/// The suffix of an older version's binding: `_v20230101`.
pub(crate) fn suffix(version: &str) -> String {
    let digits: String = version.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    if digits.starts_with(|c: char| c.is_ascii_digit()) { format!("_v{digits}") } else { format!("_{digits}") }
}

/// The id of an operation without the suffix of its version.
pub(crate) fn id_without_version(operation: &Value) -> &str {
    let id = operation["operationId"].as_str().unwrap_or_default();
    let suffix = suffix(operation["x-atlas-version"].as_str().unwrap_or_default());
    id.strip_suffix(&suffix).unwrap_or(id)
}

/// The versions of an operation, oldest first. A preview is last only if no stable version exists. An operation without
/// versions has one, [`UNVERSIONED`].
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
    let versions: Vec<String> = preview.into_iter().chain(stable).collect();
    if versions.is_empty() { vec![UNVERSIONED.to_owned()] } else { versions }
}

pub(super) fn run(document: &mut Document) -> Report {
    let mut report = Report::default();
    let Some(paths) = document["paths"].as_object_mut() else { return report };
    let mut split = Map::new();
    for (path, item) in std::mem::take(paths) {
        for method in METHODS {
            let Some(operation) = item.get(method) else { continue };
            let versions = versions_of(operation);
            if let Some(media) = unknown_body(operation)
                && operation["requestBody"]["required"] == true
            {
                let location = Pointer::of_operation(&path, method);
                report.residue(location, format!("its request body is {media}, and bindings send JSON"));
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
                let location = Pointer::of_operation(&path, method);
                if let Some(media) = unknown_body(&operation) {
                    let media = location.child("requestBody").child("content").child(media);
                    report.left_out(media, "bindings send JSON, so they send none of this optional body");
                    operation.as_object_mut().expect("an operation is an object").remove("requestBody");
                }
                keep_version(&mut operation["requestBody"], version, &location.child("requestBody"), &mut report);
                for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
                    let location = location.child("responses").child(status);
                    keep_version(response, version, &location, &mut report);
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

/// The media type of a request body that has no form in JSON.
fn unknown_body(operation: &Value) -> Option<&String> {
    let content = operation["requestBody"]["content"].as_object()?;
    let has_json = content.keys().any(|media| media.ends_with("json"));
    content.keys().next().filter(|_| !has_json)
}

/// Keeps the content of one version, as `application/json`, or as bytes if no media type is JSON. A body without a schema
/// (of a 204) is dropped. Other media types are reported.
fn keep_version(body: &mut Value, version: &str, location: &Pointer, report: &mut Report) {
    let Some(content) = body.get_mut("content").and_then(Value::as_object_mut) else { return };
    let mut kept = Map::new();
    let mut media_types: Vec<(String, Value)> = std::mem::take(content).into_iter().collect();
    media_types.sort_by_key(|(media, _)| !media.ends_with("json"));
    for (media, mut value) in media_types {
        let mine = version_of(&media).is_none_or(|found| found == version);
        let Some(value) = value.as_object_mut().filter(|value| mine && value.contains_key("schema")) else { continue };
        value.retain(|key, _| key == "schema");
        let mut schema = Value::Object(std::mem::take(value));
        let form = if media.ends_with("json") { "application/json" } else { "application/octet-stream" };
        if form != "application/json" {
            schema = json!({ "schema": { "type": "string", "format": "binary" } });
        }
        if !kept.is_empty() {
            report.left_out(location.child("content").child(&media), "bindings have one media type for each version");
            continue;
        }
        kept.insert(form.to_owned(), schema);
    }
    let object = body.as_object_mut().expect("it has content");
    if kept.is_empty() {
        object.remove("content");
    } else {
        object.insert("content".to_owned(), Value::Object(kept));
    }
}
