//! Compares requests and responses of one version at a time: bodies, statuses, media types, headers.
//!
//! A media type names its version. Without one it belongs to every version. Changes of shared responses are reported
//! once, with the pointer of the shared response.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    report::{Document, Finding, Findings, OperationVersion},
    schemas::{Direction, Schemas},
};
use crate::openapi::{
    media_type::{Versioned, version_of},
    pointer::Pointer,
    references::resolve,
    walk::OperationRef,
};

/// The media type without its version, which two versions have in common.
fn form(media_type: &str) -> &str {
    Versioned::parse(media_type).map_or(media_type, |media_type| media_type.form)
}

/// Every media type of an operation's bodies with its object.
pub(crate) fn contents<'a>(document: &'a Value, operation: &OperationRef<'a>) -> Vec<(&'a str, &'a Value)> {
    let body = operation.operation.get("requestBody").into_iter();
    let responses = operation.operation.get("responses").and_then(Value::as_object).into_iter().flatten();
    let holders = body.chain(responses.map(|(_, response)| response));
    let holders = holders.map(|holder| resolve(document, holder, Pointer::default()).0);
    let contents = holders.filter_map(|holder| holder.get("content")?.as_object()).flatten();
    contents.map(|(media_type, media)| (media_type.as_str(), media)).collect()
}

/// The media types of a request or response body in one version: form to pointer and object.
struct Content<'a>(BTreeMap<&'a str, (Pointer, &'a Value)>);

impl<'a> Content<'a> {
    /// `None` if all media types belong to other versions.
    fn of(holder: &'a Value, pointer: &Pointer, at: Option<&str>) -> Option<Self> {
        let all = holder.get("content").and_then(Value::as_object);
        let kept: BTreeMap<&str, (Pointer, &Value)> = all
            .into_iter()
            .flatten()
            .filter(|(media_type, _)| version_of(media_type).is_none_or(|version| Some(version) == at))
            .map(|(media_type, media)| (form(media_type), (pointer.child("content").child(media_type), media)))
            .collect();
        (!kept.is_empty() || all.is_none_or(|all| all.is_empty())).then_some(Self(kept))
    }
}

/// Direction of a body, and the names of its kinds.
struct BodyKinds {
    direction: Direction,
    media: [&'static str; 2],
    schema: [&'static str; 2],
    what: String,
}

/// Compares a version of an operation with a version of the same operation in the other document.
pub(crate) fn compare<'a>(
    old: (&'a Value, &OperationRef<'a>, Option<&str>),
    new: (&'a Value, &OperationRef<'a>, Option<&str>),
    at: &OperationVersion,
    schemas: &mut Schemas<'a>,
    findings: &mut Findings,
) {
    let was = request_body(old.0, old.1, old.2);
    let is = request_body(new.0, new.1, new.2);
    let required = |body: &Value| body.get("required").and_then(Value::as_bool).unwrap_or_default();
    match (was, is) {
        (Some((old, _, was)), Some((new, pointer, is))) => {
            if required(old) != required(new) {
                let state = if required(new) { "required" } else { "optional" };
                let kind = format!("request-body-became-{state}");
                let finding = Finding::new(&kind, Document::New, &pointer, format!("request body: became {state}"));
                findings.add(finding, [at.clone()]);
            }
            let travel = BodyKinds {
                direction: Direction::Request,
                media: ["request-body-media-type-added", "request-body-media-type-removed"],
                schema: ["request-body-media-type-schema-added", "request-body-media-type-schema-removed"],
                what: "request body".to_owned(),
            };
            media(&was, &is, &travel, at, schemas, findings);
        }
        (None, Some((body, pointer, _))) => {
            let state = if required(body) { "required" } else { "optional" };
            let kind = format!("request-body-added-{state}");
            let finding = Finding::new(&kind, Document::New, pointer, format!("new {state} request body"));
            findings.add(finding, [at.clone()]);
        }
        (Some((_, pointer, _)), None) => {
            let finding = Finding::new("request-body-removed", Document::Old, pointer, "request body removed");
            findings.add(finding, [at.clone()]);
        }
        (None, None) => {}
    }
    compare_responses(
        (old.0, response_bodies(old.0, old.1, old.2)),
        (new.0, response_bodies(new.0, new.1, new.2)),
        at,
        schemas,
        findings,
    );
}

/// A request or response body with its pointer and its content in one version.
type VersionedBody<'a> = (&'a Value, Pointer, Content<'a>);

fn request_body<'a>(
    document: &'a Value,
    operation: &OperationRef<'a>,
    version: Option<&str>,
) -> Option<VersionedBody<'a>> {
    let body = operation.operation.get("requestBody")?;
    let (body, pointer) = resolve(document, body, operation.pointer().child("requestBody"));
    let content = Content::of(body, &pointer, version)?;
    Some((body, pointer, content))
}

fn response_bodies<'a>(
    document: &'a Value,
    operation: &OperationRef<'a>,
    version: Option<&str>,
) -> BTreeMap<&'a str, VersionedBody<'a>> {
    let responses = operation.operation.get("responses").and_then(Value::as_object).into_iter().flatten();
    let held = responses.filter_map(|(status, response)| {
        let pointer = operation.pointer().child("responses").child(status);
        let (response, pointer) = resolve(document, response, pointer);
        let content = Content::of(response, &pointer, version)?;
        Some((status.as_str(), (response, pointer, content)))
    });
    held.collect()
}

/// Compares the responses of one version.
fn compare_responses<'a>(
    (old_document, old): (&'a Value, BTreeMap<&'a str, VersionedBody<'a>>),
    (new_document, new): (&'a Value, BTreeMap<&'a str, VersionedBody<'a>>),
    at: &OperationVersion,
    schemas: &mut Schemas<'a>,
    findings: &mut Findings,
) {
    let kind = |status: &str, what: &str| {
        let success = if status.starts_with('2') { "success" } else { "non-success" };
        format!("response-{success}-status-{what}")
    };
    for (status, (response, pointer, content)) in &new {
        let Some((before, _, was)) = old.get(status) else {
            let pointer = pointer_of(at).child("responses").child(status);
            let message = format!("new response {status}");
            findings.add(Finding::new(&kind(status, "added"), Document::New, pointer, message), [at.clone()]);
            continue;
        };
        for finding in headers((old_document, before), (new_document, response), status, pointer) {
            findings.add(finding, [at.clone()]);
        }
        let travel = BodyKinds {
            direction: Direction::Response,
            media: ["response-media-type-added", "response-media-type-removed"],
            schema: ["response-body-media-type-schema-added", "response-body-media-type-schema-removed"],
            what: format!("response {status}"),
        };
        media(was, content, &travel, at, schemas, findings);
    }
    for status in old.keys().filter(|status| !new.contains_key(*status)) {
        let pointer = pointer_of(at).child("responses").child(status);
        let message = format!("response {status} removed");
        findings.add(Finding::new(&kind(status, "removed"), Document::Old, pointer, message), [at.clone()]);
    }
}

fn pointer_of(at: &OperationVersion) -> Pointer {
    Pointer::of_operation(&at.path, &at.method.to_ascii_lowercase())
}

/// Compares the media types of one body.
fn media<'a>(
    old: &Content<'a>,
    new: &Content<'a>,
    travel: &BodyKinds,
    at: &OperationVersion,
    schemas: &mut Schemas<'a>,
    findings: &mut Findings,
) {
    let BodyKinds { direction, media: [added, removed], schema: [schema_added, schema_removed], what } = travel;
    let mut say = |kind: &str, document: Document, pointer: &Pointer, message: String| {
        findings.add(Finding::new(kind, document, pointer, format!("{what}: {message}")), [at.clone()]);
    };
    for (form, (pointer, media)) in &new.0 {
        let Some((old_pointer, before)) = old.0.get(form) else {
            say(added, Document::New, pointer, format!("may now be {form}"));
            continue;
        };
        match (before.get("schema"), media.get("schema")) {
            (Some(was), Some(is)) => {
                let pointers = (old_pointer.child("schema"), pointer.child("schema"));
                schemas.root((was, pointers.0), (is, pointers.1), *direction, at);
            }
            (None, Some(_)) => say(schema_added, Document::New, pointer, "now has a schema".to_owned()),
            (Some(_), None) => say(schema_removed, Document::New, pointer, "no longer has a schema".to_owned()),
            (None, None) => {}
        }
    }
    for (form, (pointer, _)) in old.0.iter().filter(|(form, _)| !new.0.contains_key(*form)) {
        say(removed, Document::Old, pointer, format!("may no longer be {form}"));
    }
}

/// Added and removed headers.
fn headers(old: (&Value, &Value), new: (&Value, &Value), status: &str, pointer: &Pointer) -> Vec<Finding> {
    let named = |(document, response): (&Value, &Value)| -> BTreeMap<String, bool> {
        let headers = response.get("headers").and_then(Value::as_object).into_iter().flatten();
        let headers = headers.map(|(name, header)| {
            let header = resolve(document, header, Pointer::default()).0;
            (name.clone(), header.get("required").and_then(Value::as_bool).unwrap_or_default())
        });
        headers.collect()
    };
    let (was, is) = (named(old), named(new));
    let names: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    let found = names.into_iter().filter_map(|name| {
        let at = pointer.child("headers").child(name);
        match (was.get(name), is.get(name)) {
            (None, Some(_)) => {
                let message = format!("response {status}: new header {name}");
                Some(Finding::new("response-header-added", Document::New, at, message))
            }
            (Some(required), None) => {
                let kind = if *required { "required" } else { "optional" };
                let message = format!("response {status}: header {name} removed");
                Some(Finding::new(&format!("{kind}-response-header-removed"), Document::Old, at, message))
            }
            _ => None,
        }
    });
    found.collect()
}
