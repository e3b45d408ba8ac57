//! Compares operations: added and removed ones, names, sunsets, and versions.
//!
//! Operations are matched by method and path. The names of path parameters and the id do not count, so a rename is
//! recognized. The others are matched by method and id, so a move to another path is recognized. Bodies, responses and parameters of matched operations are compared elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    bodies, parameters,
    report::{Compared, Document, Finding, Findings, OperationVersion, Report},
    schemas::Schemas,
};
use crate::openapi::{
    media_type::{Stability, version_of},
    pointer::Pointer,
    walk::{self, OperationRef, without_parameter_names},
};

/// The operation and its change.
fn line(operation: &OperationRef<'_>, what: &str) -> String {
    format!("{what}: {} {}", operation.method.to_ascii_uppercase(), operation.path)
}

/// One version of an operation, as changes name it.
fn at(operation: &OperationRef<'_>, version: Option<&str>) -> OperationVersion {
    OperationVersion {
        path: operation.path.to_owned(),
        method: operation.method.to_ascii_uppercase(),
        version: version.map(str::to_owned),
        operation_id: operation.id().to_owned(),
        moved_from: None,
    }
}

/// Versions with their sunsets.
type Versions<'a> = BTreeMap<Option<&'a str>, Option<&'a str>>;

/// The versions of an operation, from its request and response media types.
fn versions<'a>(document: &'a Value, operation: &OperationRef<'a>) -> Versions<'a> {
    let mut versions = Versions::new();
    for (media_type, media) in bodies::contents(document, operation) {
        let Some(version) = version_of(media_type) else { continue };
        let sunset = versions.entry(Some(version)).or_default();
        *sunset = media.get("x-sunset").and_then(Value::as_str).or(*sunset);
    }
    if versions.is_empty() {
        versions.insert(operation.text("x-xgen-version"), operation.text("x-sunset"));
    }
    versions
}

/// The version of the binding without a suffix: the newest stable one, or the newest of all.
fn newest<'a>(versions: &Versions<'a>) -> Option<&'a str> {
    let stable = |version: &&str| Stability::of(version) == Stability::Stable;
    let all = versions.keys().filter_map(|version| *version);
    all.clone().filter(stable).max().or(all.max())
}

/// The inputs: two documents and their dates.
pub(crate) struct Pair<'a> {
    pub(crate) old: &'a Value,
    pub(crate) new: &'a Value,
    pub(crate) days: (Option<&'a str>, Option<&'a str>),
}

/// Compares two documents.
pub(crate) fn compare(old: (&Value, Compared), new: (&Value, Compared)) -> Report {
    let mut findings = Findings::default();
    let pair = Pair { old: old.0, new: new.0, days: (old.1.date.as_deref(), new.1.date.as_deref()) };
    let mut schemas = Schemas::new(pair.old, pair.new);
    let (was, is) = (operations(pair.old), operations(pair.new));
    // A moved operation is recognized by its id.
    let (mut left, mut unnamed) = (BTreeMap::new(), Vec::new());
    for operation in was.iter().filter(|(key, _)| !is.contains_key(*key)).map(|(_, operation)| operation) {
        if operation.id().is_empty() {
            unnamed.push(operation);
        } else {
            unnamed.extend(left.insert((operation.id(), operation.method), operation));
        }
    }
    for (key, operation) in &is {
        match was.get(key) {
            Some(before) => matched(&pair, before, operation, &mut schemas, &mut findings),
            None => match left.remove(&(operation.id(), operation.method)) {
                Some(before) => matched(&pair, before, operation, &mut schemas, &mut findings),
                None => {
                    let finding =
                        Finding::new("endpoint-added", Document::New, operation.pointer(), line(operation, "new"));
                    findings.add(finding, every_version(pair.new, operation));
                }
            },
        }
    }
    for operation in left.into_values().chain(unnamed) {
        removed(&pair, operation, &is, &mut findings);
    }
    schemas.finish(&mut findings);
    findings.into_report(old.1, new.1)
}

/// Method and path without parameter names, or the path itself if two operations would have the same key.
type Key<'a> = (String, &'a str, &'a str);

fn operations(document: &Value) -> BTreeMap<Key<'_>, OperationRef<'_>> {
    let mut found: BTreeMap<Key<'_>, OperationRef<'_>> = BTreeMap::new();
    for operation in walk::operations(document) {
        let key = (without_parameter_names(operation.path), operation.method, "");
        let key = if found.contains_key(&key) { (key.0, key.1, operation.path) } else { key };
        found.insert(key, operation);
    }
    found
}

fn every_version(document: &Value, operation: &OperationRef<'_>) -> Vec<OperationVersion> {
    versions(document, operation).into_keys().map(|version| at(operation, version)).collect()
}

/// A removed operation. The message says whether its end was announced.
fn removed(
    pair: &Pair<'_>,
    operation: &OperationRef<'_>,
    is: &BTreeMap<Key<'_>, OperationRef<'_>>,
    findings: &mut Findings,
) {
    let path = without_parameter_names(operation.path);
    let subject = if is.keys().any(|(other, ..)| *other == path) { "api" } else { "api-path" };
    let announced = operation.is_deprecated() || versions(pair.old, operation).values().all(Option::is_some);
    let (how, words) =
        if announced { ("with", "removed as announced") } else { ("without", "removed without announcement") };
    let kind = format!("{subject}-removed-{how}-deprecation");
    let finding = Finding::new(&kind, Document::Old, operation.pointer(), line(operation, words));
    findings.add(finding, every_version(pair.old, operation));
}

/// An operation in both documents.
fn matched<'a>(
    pair: &Pair<'a>,
    old: &OperationRef<'a>,
    new: &OperationRef<'a>,
    schemas: &mut Schemas<'a>,
    findings: &mut Findings,
) {
    let (was, is) = (versions(pair.old, old), versions(pair.new, new));
    // A change of the operation as a whole concerns the versions in both documents, or all versions if there is none.
    let mut touched: Vec<_> = is.keys().filter(|version| was.contains_key(*version)).map(|v| at(new, *v)).collect();
    if touched.is_empty() {
        touched = was.keys().chain(is.keys()).map(|version| at(new, *version)).collect();
    }
    let security = security(pair, old, new);
    for finding in names(old, new).into_iter().chain(announcements(old, new)).chain(security) {
        findings.add(finding, touched.iter().cloned());
    }
    let parameters = parameters::Matched::of((pair.old, old), (pair.new, new));
    for finding in parameters.findings() {
        findings.add(finding, touched.iter().cloned());
    }
    let (newest_was, newest_is) = (newest(&was), newest(&is));
    if let (Some(from), Some(to)) = (newest_was, newest_is)
        && from != to
    {
        let at = OperationVersion { moved_from: Some(from.to_owned()), ..at(new, newest_is) };
        bodies::compare((pair.old, old, newest_was), (pair.new, new, newest_is), &at, schemas, findings);
    }
    for (version, sunset) in &is {
        let at = at(new, *version);
        let Some(before) = was.get(version) else {
            let mut message = format!("new version {}", version.unwrap_or("without a date"));
            if let (Some(from), true) = (newest_was, *version == newest_is) {
                message += &format!(", now called by the binding without a suffix instead of {from}");
            }
            findings.add(Finding::new("resource-version-added", Document::New, new.pointer(), message), [at]);
            continue;
        };
        // A retired operation has its shim, so its end is not breaking.
        let kept = new.operation.get("x-atlas-retired").is_none();
        for finding in sunsets(pair, version.unwrap_or_default(), *before, *sunset, &new.pointer()) {
            findings.add(finding.breaking_if(kept), [at.clone()]);
        }
        parameters.schemas(schemas, &at);
        bodies::compare((pair.old, old, *version), (pair.new, new, *version), &at, schemas, findings);
    }
    for version in was.keys().filter(|version| !is.contains_key(*version)) {
        let message = format!("version {} removed", version.unwrap_or("without a date"));
        let finding = Finding::new("resource-version-removed", Document::Old, old.pointer(), message);
        findings.add(finding, [at(new, *version)]);
    }
}

/// Name, tags and roles of the operation.
fn names(old: &OperationRef<'_>, new: &OperationRef<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut say = |kind: &str, message: String, breaks: bool| {
        found.push(Finding::new(kind, Document::New, new.pointer(), message).breaking_if(breaks));
    };
    let kept = new.texts("x-atlas-former-ids");
    if old.id() != new.id() {
        let message = format!("{} is now called {}", old.id(), new.id());
        say("api-operation-id-removed", message, !kept.contains(old.id()));
    }
    if without_parameter_names(old.path) != without_parameter_names(new.path) {
        say("api-path-changed", format!("moved from {} to {}", old.path, new.path), true);
    }
    // An operation without a short name is called by its id.
    let short = "x-xgen-operation-id-override";
    let name = |operation: &OperationRef<'_>| operation.text(short).unwrap_or(operation.id()).to_owned();
    let (was, is) = (name(old), name(new));
    if was != is && (old.text(short).is_some() || new.text(short).is_some()) {
        let message = format!("the short name is now {is}, was {was}");
        say("api-short-name-changed", message, !kept.contains(was.as_str()) && new.id() != was);
    }
    let sets = [
        ("tags", "api-tag-added", "api-tag-removed", "tag"),
        ("x-rolesRequirements", "required-role-added", "required-role-removed", "role"),
    ];
    for (key, added, removed, what) in sets {
        let (was, is) = (old.texts(key), new.texts(key));
        is.difference(&was).for_each(|name| say(added, format!("{what} {name:?} added"), true));
        was.difference(&is).for_each(|name| say(removed, format!("{what} {name:?} removed"), true));
    }
    found
}

/// The alternatives of authentication. One more is breaking if there was none, and one less if others are left.
fn security(pair: &Pair<'_>, old: &OperationRef<'_>, new: &OperationRef<'_>) -> Vec<Finding> {
    let alternatives = |document: &Value, operation: &OperationRef<'_>| -> BTreeSet<String> {
        let own = operation.operation.get("security").unwrap_or(&document["security"]);
        own.as_array().into_iter().flatten().map(Value::to_string).collect()
    };
    let (was, is) = (alternatives(pair.old, old), alternatives(pair.new, new));
    let say = |kind: &str, message: String, breaks: bool| {
        Finding::new(kind, Document::New, new.pointer(), message).breaking_if(breaks)
    };
    let added =
        is.difference(&was).map(|one| say("api-security-added", format!("security {one} added"), was.is_empty()));
    let removed = was.difference(&is);
    let removed = removed.map(|one| say("api-security-removed", format!("security {one} removed"), !is.is_empty()));
    added.chain(removed).collect()
}

/// Deprecation of the whole operation.
fn announcements(old: &OperationRef<'_>, new: &OperationRef<'_>) -> Option<Finding> {
    let (kind, message) = match (old.is_deprecated(), new.is_deprecated()) {
        (false, true) => ("endpoint-deprecated", "deprecated"),
        (true, false) => ("endpoint-reactivated", "no longer deprecated"),
        _ => return None,
    };
    Some(Finding::new(kind, Document::New, new.pointer(), message))
}

/// The sunset of one version: set, removed, moved, or reached between the dates of the two documents.
fn sunsets(pair: &Pair<'_>, version: &str, was: Option<&str>, is: Option<&str>, pointer: &Pointer) -> Vec<Finding> {
    let say = |kind: &str, message: String| Finding::new(kind, Document::New, pointer, message);
    let mut found = Vec::new();
    match (was, is) {
        (None, Some(is)) => found.push(say("sunset-added", format!("version {version} will end on {is}"))),
        (Some(was), None) => {
            found.push(say("sunset-deleted", format!("version {version} will no longer end on {was}")));
        }
        (Some(was), Some(is)) if was != is => {
            let earlier = is < was;
            let kind = if earlier { "api-sunset-date-changed-too-small" } else { "sunset-date-postponed" };
            let way = if earlier { "brought forward" } else { "postponed" };
            found.push(say(kind, format!("end of version {version} {way} from {was} to {is}")));
        }
        _ => {}
    }
    if let (Some(old), Some(new)) = pair.days {
        let over = |sunset: Option<&str>, day: &str| sunset.is_some_and(|sunset| sunset <= day);
        match (over(was, old), over(is, new)) {
            (false, true) => {
                let sunset = is.unwrap_or_default();
                found.push(say("sunset-reached", format!("version {version} has ended on {sunset}")));
            }
            (true, false) => {
                found.push(say("sunset-ahead-again", format!("version {version} has not ended yet")));
            }
            _ => {}
        }
    }
    found
}
