//! Comparing what is sent and what is answered: bodies, statuses, media types, headers, of one version at a time.
//!
//! A media type carries its version; what has none belongs to every version. Shared answers are told once: their
//! findings bear the shared answer's pointer.

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

/// The media type without its version: what one version's `+json` and another's have in common.
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

/// The media types of a body or answer that belong to one version: form to pointer and object.
struct Content<'a>(BTreeMap<&'a str, (Pointer, &'a Value)>);

impl<'a> Content<'a> {
    /// `None` when the holder has media types, but only those of other versions.
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

/// The way a body travels, and how its kinds are called.
struct BodyKinds {
    direction: Direction,
    media: [&'static str; 2],
    schema: [&'static str; 2],
    what: String,
}

/// Compares a version of an operation with one of the same operation in the other document.
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
            let finding = Finding::new("request-body-removed", Document::Old, pointer, "request body is gone");
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

/// A body or answer with its pointer and what of it belongs to a version.
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

/// Compares the answers of one version.
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
            let message = format!("new answer {status}");
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
            what: format!("answer {status}"),
        };
        media(was, content, &travel, at, schemas, findings);
    }
    for status in old.keys().filter(|status| !new.contains_key(*status)) {
        let pointer = pointer_of(at).child("responses").child(status);
        let message = format!("answer {status} is gone");
        findings.add(Finding::new(&kind(status, "removed"), Document::Old, pointer, message), [at.clone()]);
    }
}

fn pointer_of(at: &OperationVersion) -> Pointer {
    Pointer::of_operation(&at.path, &at.method.to_ascii_lowercase())
}

/// Compares the media types of one body or answer.
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

/// Headers that came or went.
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
                let message = format!("answer {status}: new header {name}");
                Some(Finding::new("response-header-added", Document::New, at, message))
            }
            (Some(required), None) => {
                let kind = if *required { "required" } else { "optional" };
                let message = format!("answer {status}: header {name} is gone");
                Some(Finding::new(&format!("{kind}-response-header-removed"), Document::Old, at, message))
            }
            _ => None,
        }
    });
    found.collect()
}
