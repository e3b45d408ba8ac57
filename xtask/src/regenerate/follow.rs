//! Operations renamed, moved, retagged or removed since the committed document, and the changes of the curation.
//!
//! A rename (same method and path, another id) is followed: the former name goes into `former-names.toml`, so that it
//! stays callable. So are other paths, names of path parameters and tags: the entries of the curation are edited
//! ([`super::edits`]). A removal is reported. With `--retire` the structure of the operation moves to `retired.yaml`, for
//! the shims. Comments and other content of both files are kept.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::{
    curate::curation::strip_prose,
    openapi::{
        pointer::Pointer,
        references::{Trail, references},
        source::parse_yaml,
        walk::{self, OperationRef, SCOPE, operations, without_parameter_names},
    },
};

/// Operations of the committed document that were renamed, moved, retagged or removed.
#[derive(Debug, Default)]
pub(crate) struct ChangedOperations {
    /// Ids before and after.
    pub(crate) renamed: Vec<(String, String)>,
    pub(crate) moved: Vec<Moved>,
    pub(crate) retagged: Vec<Retagged>,
    /// Path, method and id.
    pub(crate) removed: Vec<(String, String, String)>,
    /// The current ids of all operations that the official document still has.
    pub(crate) kept: Vec<String>,
}

/// An operation with another path or method, or other names of path parameters.
#[derive(Debug)]
pub(crate) struct Moved {
    /// The current id.
    pub(crate) id: String,
    pub(crate) old_method: String,
    pub(crate) old_path: String,
    pub(crate) method: String,
    pub(crate) path: String,
    /// Path parameters before and after, if the paths differ in these names only.
    pub(crate) parameters: Vec<(String, String)>,
    /// Whether no operation of the curated document has the old path any more.
    pub(crate) is_path_empty: bool,
}

/// An operation with other tags.
#[derive(Debug)]
pub(crate) struct Retagged {
    /// The current id.
    pub(crate) id: String,
    pub(crate) was: Vec<String>,
    pub(crate) is: Vec<String>,
}

/// Compares the committed operations with the official document. An operation is found by its id, then by method and
/// path, then by method and path without the names of parameters.
pub(crate) fn changed_operations(committed: &Value, upstream: &Value) -> ChangedOperations {
    let mut by_id = BTreeMap::new();
    let mut by_place = BTreeMap::new();
    for location in operations(upstream) {
        by_id.insert(location.id(), location);
        by_place.insert((location.method, without_parameter_names(location.path)), location);
    }
    let mut changed = ChangedOperations::default();
    let mut staying = BTreeSet::new();
    for location in operations(committed).filter(|location| location.operation.get("x-atlas-retired").is_none()) {
        let place = (location.method, without_parameter_names(location.path));
        let by_id = by_id.get(location.id()).filter(|_| !location.id().is_empty());
        let Some(now) = by_id.or_else(|| by_place.get(&place)) else {
            // It is in no bindings, so it need not be retired.
            if location.operation.get(SCOPE).is_none() {
                let (path, method, id) =
                    (location.path.to_owned(), location.method.to_owned(), location.id().to_owned());
                changed.removed.push((path, method, id));
            }
            continue;
        };
        let id = now.id().to_owned();
        if now.id() != location.id() {
            changed.renamed.push((location.id().to_owned(), id.clone()));
        }
        if (now.path, now.method) == (location.path, location.method) {
            staying.insert(location.path);
        } else {
            let names = walk::template_names(location.path).zip(walk::template_names(now.path));
            let names = names.filter(|(was, is)| was != is).map(|(was, is)| (was.to_owned(), is.to_owned()));
            let is_renaming = without_parameter_names(now.path) == place.1;
            changed.moved.push(Moved {
                id: id.clone(),
                old_method: location.method.to_owned(),
                old_path: location.path.to_owned(),
                method: now.method.to_owned(),
                path: now.path.to_owned(),
                parameters: if is_renaming { names.collect() } else { Vec::new() },
                is_path_empty: true,
            });
        }
        let tags = |location: &OperationRef<'_>| -> Vec<String> {
            location.texts("tags").into_iter().map(str::to_owned).collect()
        };
        let (was, is) = (tags(&location), tags(now));
        if was != is {
            changed.retagged.push(Retagged { id: id.clone(), was, is });
        }
        changed.kept.push(id);
    }
    for moved in &mut changed.moved {
        moved.is_path_empty = !staying.contains(moved.old_path.as_str());
    }
    changed
}

/// `former-names.toml` after a rename.
pub(crate) fn rename(text: &str, old: &str, new: &str) -> Result<String> {
    let names: toml::Table = toml::from_str(text).context("former-names.toml")?;
    let entry = names.get(old).and_then(toml::Value::as_table);
    let former = entry.and_then(|entry| entry.get("former")?.as_array()).into_iter().flatten();
    let mut former: Vec<&str> = former.filter_map(toml::Value::as_str).filter(|name| *name != new).collect();
    former.push(old);
    let former = format!("former = {}", serde_json::to_string(&former)?.replace("\",\"", "\", \""));
    let (mut lines, mut inside, mut written): (Vec<String>, bool, bool) = (Vec::new(), false, false);
    for line in text.lines() {
        if line.starts_with('[') {
            inside = line.trim() == format!("[{old}]");
            if inside {
                lines.extend([format!("[{new}]"), former.clone()]);
                written = true;
                continue;
            }
        }
        if inside && line.starts_with("former") {
            continue;
        }
        let replaced = format!("replaced_by = \"{old}\"");
        lines.push(if line == replaced { format!("replaced_by = \"{new}\"") } else { line.to_owned() });
    }
    if !written {
        lines.extend([String::new(), format!("[{new}]"), former]);
    }
    lines.push(String::new());
    let text = lines.join("\n");
    toml::from_str::<toml::Table>(&text)
        .context("former-names.toml has a list over several lines: write it on one line")?;
    Ok(text)
}

/// `retired.yaml` with the removed operations of the committed document.
pub(crate) fn retire(text: &str, committed: &Value, upstream: &Value, gone: &ChangedOperations) -> Result<String> {
    let mut retired = parse_yaml(text).context("retired.yaml")?;
    let mut fragment = json!({ "paths": {}, "components": {} });
    for (path, method, _) in &gone.removed {
        let mut operation = committed["paths"][path][method].clone();
        for key in ["x-atlas-former-ids", "x-atlas-replaced-by"] {
            operation.as_object_mut().map(|members| members.remove(key));
        }
        add_components(&operation, committed, upstream, &retired, &mut fragment["components"]);
        operation["deprecated"] = json!(true);
        fragment["paths"][path][method] = operation;
    }
    strip_prose(&mut fragment)?;
    merge(&mut retired, fragment);
    let comments: String =
        text.lines().take_while(|line| line.starts_with('#')).map(|line| format!("{line}\n")).collect();
    let mut text = comments;
    emit(&retired, 0, &mut text);
    Ok(text)
}

/// Copies the components that a node refers to and that the official document lacks.
fn add_components(node: &Value, committed: &Value, upstream: &Value, retired: &Value, found: &mut Value) {
    let mut seen = BTreeSet::new();
    let mut queue = targets(node);
    while let Some(pointer) = queue.pop() {
        let known = |document: &Value| pointer.get(document).is_some();
        let (true, Some(component), false) =
            (seen.insert(pointer.clone()), pointer.get(committed), known(upstream) || known(retired))
        else {
            continue;
        };
        if let [_, kind, name] = pointer.keys().as_slice()
            && pointer == Pointer::of_component(kind, name)
        {
            queue.extend(targets(component));
            found[kind][name] = component.clone();
        }
    }
}

/// The references of a node within its document.
fn targets(node: &Value) -> Vec<Pointer> {
    let mut found = Vec::new();
    references(node, &Trail::From(&Pointer::default()), &mut |_, target| found.extend(Pointer::of_reference(target)));
    found
}

/// Merges one tree of objects into another.
fn merge(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (key, value) in over {
                merge(under.entry(key).or_insert(Value::Null), value);
            }
        }
        (under, over) => *under = over,
    }
}

/// Writes a value as block YAML.
fn emit(value: &Value, depth: usize, text: &mut String) {
    let margin = "  ".repeat(depth);
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                *text += &format!("{margin}{}:", scalar(&json!(key)));
                below(member, depth, text);
            }
        }
        Value::Array(items) => {
            for item in items {
                let mut block = String::new();
                match item {
                    Value::Object(members) if !members.is_empty() => emit(item, depth + 1, &mut block),
                    Value::Array(items) if !items.is_empty() => emit(item, depth + 1, &mut block),
                    scalar_item => block = format!("{margin}  {}\n", scalar(scalar_item)),
                }
                // The first line of the block follows the dash.
                *text += &format!("{margin}- {}", block.get(margin.len() + 2..).unwrap_or_default());
            }
        }
        other => *text += &format!("{margin}{}\n", scalar(other)),
    }
}

fn below(value: &Value, depth: usize, text: &mut String) {
    let filled = match value {
        Value::Object(members) => !members.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    };
    if filled {
        text.push('\n');
        emit(value, depth + 1, text);
    } else {
        *text += &format!(" {}\n", scalar(value));
    }
}

/// A value on one line. Text is quoted if YAML could read it as another type.
fn scalar(value: &Value) -> String {
    let Value::String(text) = value else { return value.to_string() };
    let plain = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '/')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || " _-./{}+".contains(c))
        && !text.ends_with(' ')
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&text.to_ascii_lowercase().as_str());
    if plain {
        text.clone()
    } else if text.contains(|c: char| c.is_control()) {
        value.to_string()
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that can't set itself up should fail where it stands")]
mod tests {
    use super::*;

    #[test]
    fn rename_records_former_name_and_keeps_file() {
        let text = "# Names.\n\n# About things.\n[getThing]\nformer = [\"returnThing\"]\n\n[getOther]\nreplaced_by = \"getThing\"\n";
        let there = rename(text, "getThing", "fetchThing").unwrap();
        insta::assert_snapshot!(there, @r#"
        # Names.

        # About things.
        [fetchThing]
        former = ["returnThing", "getThing"]

        [getOther]
        replaced_by = "fetchThing"
        "#);
        assert!(
            rename(&there, "fetchThing", "getThing")
                .unwrap()
                .contains("[getThing]\nformer = [\"returnThing\", \"fetchThing\"]")
        );
        assert!(rename(text, "listThings", "listAll").unwrap().ends_with("[listAll]\nformer = [\"listThings\"]\n"));
    }

    #[test]
    fn yaml_round_trips() {
        let value = json!({
            "/a/{b}": { "type": ["string", [1, []], {}], "pattern": "^[a-z]'s: #$", "empty": "", "on": "no", "n": null, "d": "2026-01-01" },
            "list": [{ "$ref": "#/x", "in": { "a": true } }, "multi\nline", " led", "1.5", 1.5],
        });
        let mut text = String::new();
        emit(&value, 0, &mut text);
        assert_eq!(parse_yaml(&text).unwrap(), value, "{text}");
    }
}
