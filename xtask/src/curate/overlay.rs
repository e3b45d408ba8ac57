//! Applying OpenAPI Overlay 1.0 documents: corrections and descriptions that are data, each with the place it is for.
//!
//! A target is an RFC 9535 JSONPath. What the standard leaves open is refused here instead of guessed: a list inside an
//! update never merges with a list that is there (target the list to append, or remove it first), and nothing is
//! written beside a `$ref`, where OpenAPI 3.0 would ignore it.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::Value;
use serde_json_path::JsonPath;

use super::report::Report;

/// One overlay document.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Overlay {
    /// The file it came from, for messages.
    #[serde(skip)]
    file: String,
    overlay: String,
    info: Info,
    actions: Vec<Action>,
}

/// Title and version, which the standard requires.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Info {
    title: String,
    version: String,
}

/// One change: where, and what to merge in or take away.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Action {
    target: String,
    #[serde(default)]
    update: Option<Value>,
    #[serde(default)]
    remove: bool,
    #[serde(default, rename = "description")]
    _description: Option<String>,
    #[serde(default, rename = "x-reason")]
    reason: Option<String>,
}

impl Overlay {
    /// Reads one overlay; `reasons` says whether each action has to state one.
    pub(crate) fn parse(file: &str, text: &str, reasons: bool) -> Result<Self> {
        let value = super::source::parse_yaml(text).with_context(|| file.to_owned())?;
        let mut overlay: Self = serde_json::from_value(value).with_context(|| file.to_owned())?;
        ensure!(overlay.overlay.starts_with("1.0"), "{file}: `overlay: {}` is not Overlay 1.0", overlay.overlay);
        let Info { title, version } = &overlay.info;
        ensure!(!title.is_empty() && !version.is_empty(), "{file}: info needs a title and a version");
        file.clone_into(&mut overlay.file);
        for action in &overlay.actions {
            let target = &action.target;
            ensure!(action.remove != action.update.is_some(), "{file}: {target}: needs either `update` or `remove`");
            let reason = action.reason.as_deref().unwrap_or_default();
            ensure!(!reasons || !reason.trim().is_empty(), "{file}: {target}: has no x-reason");
        }
        Ok(overlay)
    }

    /// Applies every action in order.
    pub(crate) fn apply(&self, document: &mut Value, report: &mut Report) {
        for action in &self.actions {
            let place = format!("{}: {}", self.file, action.target);
            let path = match JsonPath::parse(&action.target) {
                Ok(path) => path,
                Err(error) => {
                    report.fault(format!("{place}: not a JSONPath: {error}"));
                    continue;
                }
            };
            let located = path.query_located(document);
            let pointers: Vec<String> = located.locations().map(|location| location.to_json_pointer()).collect();
            if pointers.is_empty() {
                report.unresolved(format!("{place}: matches nothing"));
                continue;
            }
            match &action.update {
                Some(update) => apply_update(document, &pointers, update, &place, report),
                // Last first: removing an item moves the ones behind it.
                None => pointers.iter().rev().for_each(|pointer| remove(document, pointer)),
            }
        }
    }
}

fn apply_update(document: &mut Value, pointers: &[String], update: &Value, place: &str, report: &mut Report) {
    let mut references = 0;
    for pointer in pointers {
        let Some(node) = document.pointer_mut(pointer) else { continue };
        if node.get("$ref").is_some_and(Value::is_string) && update.get("$ref").is_none() {
            references += 1;
            continue;
        }
        match node {
            Value::Array(items) => items.push(update.clone()),
            Value::Object(_) if update.is_object() => merge(node, update, &format!("{place}: {pointer}"), report),
            _ => report.fault(format!("{place}: {pointer} is not an object or a list; target what holds it")),
        }
    }
    if references == pointers.len() {
        report.fault(format!("{place}: selects only references; target what they refer to"));
    }
}

fn merge(node: &mut Value, update: &Value, place: &str, report: &mut Report) {
    match (node, update) {
        (Value::Object(members), Value::Object(updates)) => {
            for (key, update) in updates {
                match members.get_mut(key) {
                    Some(member) => merge(member, update, &format!("{place}/{key}"), report),
                    None => _ = members.insert(key.clone(), update.clone()),
                }
            }
        }
        (Value::Array(_), Value::Array(_)) => {
            report.fault(format!("{place}: there is a list already; target it to append, or remove it first"));
        }
        (node, update) => *node = update.clone(),
    }
}

fn remove(document: &mut Value, pointer: &str) {
    let Some((parent, token)) = pointer.rsplit_once('/') else { return };
    let token = token.replace("~1", "/").replace("~0", "~");
    match document.pointer_mut(parent) {
        Some(Value::Object(members)) => _ = members.remove(&token),
        Some(Value::Array(items)) => {
            if let Some(index) = token.parse().ok().filter(|index| *index < items.len()) {
                items.remove(index);
            }
        }
        _ => {}
    }
}
