//! Edits of the curation that follow renamed, moved and retagged operations.
//!
//! Names and paths are replaced where they stand as whole words: keys of tables, and quoted text in targets. An entry in
//! another form stays, matches nothing, and is reported. Comments and other content are kept.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context, Result};
use serde_json::Value;

use super::follow::{ChangedOperations, Moved};
use crate::openapi::walk::operations;

/// Edits the files of a curation.
pub(super) fn follow(spec: &Path, changed: &ChangedOperations, upstream: &Value) -> Result<()> {
    let edit = |name: &str, edit: &dyn Fn(&str) -> Result<String>| -> Result<()> {
        let path = spec.join(name);
        let Ok(text) = fs::read_to_string(&path) else { return Ok(()) };
        fs::write(&path, edit(&text)?).with_context(|| format!("cannot write {}", path.display()))
    };
    let tags = tags(&fs::read_to_string(spec.join("subset.toml"))?, changed, upstream)?;
    edit("subset.toml", &|text| {
        let mut text = renamed_keys(text, changed);
        for (old, new) in whole_paths(&changed.moved) {
            text = text.replace(&format!(" {old}\""), &format!(" {new}\""));
        }
        let text = tags.in_subset(&text);
        toml::from_str::<toml::Table>(&text).context("subset.toml after following the document")?;
        Ok(text)
    })?;
    edit("retired.yaml", &|text| Ok(tags.in_retired(text)))?;
    edit("methods.toml", &|text| Ok(renamed_keys(text, changed)))?;
    edit("ids.toml", &|text| Ok(parameters_in_ids(text, changed, upstream)))?;
    let mut overlays = vec!["overlay.yaml".to_owned()];
    for entry in fs::read_dir(spec.join("descriptions")).into_iter().flatten() {
        overlays.push(format!("descriptions/{}", entry?.file_name().to_string_lossy()));
    }
    for name in overlays {
        edit(&name, &|text| Ok(overlay(text, changed, &tags)))?;
    }
    Ok(())
}

/// A table whose keys are operations, or operations and versions.
fn renamed_keys(text: &str, changed: &ChangedOperations) -> String {
    let line = |line: &str| {
        for (old, new) in &changed.renamed {
            for before in ["", "\"", "operations.", "operations.\"", "sunset.\""] {
                let rest = line.strip_prefix(before).and_then(|line| line.strip_prefix(old.as_str()));
                if let Some(rest) = rest.filter(|rest| rest.starts_with([' ', '=', '"'])) {
                    return format!("{before}{new}{rest}\n");
                }
            }
        }
        format!("{line}\n")
    };
    text.lines().map(line).collect()
}

/// `ids.toml` with path parameters that no path has any more under their new names.
fn parameters_in_ids(text: &str, changed: &ChangedOperations, upstream: &Value) -> String {
    let mut text = text.to_owned();
    let renamed: BTreeSet<_> = changed.moved.iter().flat_map(|moved| &moved.parameters).collect();
    for (old, new) in renamed {
        let template = format!("{{{old}}}");
        let committed: BTreeSet<&str> = changed.kept.iter().map(String::as_str).collect();
        let mut left = operations(upstream).filter(|location| committed.contains(location.id()));
        if !left.any(|location| location.path.contains(&template)) {
            text = text.replace(&format!("name = \"{old}\""), &format!("name = \"{new}\""));
            text = text.replace(&template, &format!("{{{new}}}"));
        }
    }
    text
}

/// An overlay with the new names and paths in its targets.
fn overlay(text: &str, changed: &ChangedOperations, tags: &Tags) -> String {
    let mut text = text.to_owned();
    for (old, new) in &changed.renamed {
        for quote in ["'", "`"] {
            text = text.replace(&format!("{quote}{old}{quote}"), &format!("{quote}{new}{quote}"));
        }
    }
    for (old, new) in whole_paths(&changed.moved) {
        text = text.replace(&format!("'{old}'"), &format!("'{new}'"));
    }
    let line = |line: &str| {
        let mut line = line.to_owned();
        for Moved { id, path, parameters, .. } in &changed.moved {
            if line.contains(&format!("'{id}'")) || line.contains(&format!("'{path}'")) {
                for (old, new) in parameters {
                    line = line.replace(&format!("@.name == '{old}'"), &format!("@.name == '{new}'"));
                }
            }
        }
        if line.contains("$.tags[") {
            for (old, new) in &tags.renamed {
                line = line.replace(&format!("'{old}'"), &format!("'{new}'"));
            }
        }
        line + "\n"
    };
    text.lines().map(line).collect()
}

/// The paths that all their operations have left for the same path.
fn whole_paths(moved: &[Moved]) -> BTreeMap<&str, &str> {
    let mut paths = BTreeMap::<&str, BTreeSet<&str>>::new();
    for Moved { old_path, path, .. } in moved {
        paths.entry(old_path).or_default().insert(path);
    }
    let whole = |old: &str| moved.iter().any(|moved| moved.old_path == old && moved.is_path_empty);
    let one = paths.into_iter().filter(|(old, new)| new.len() == 1 && whole(old));
    one.filter_map(|(old, new)| Some((old, new.into_iter().next()?))).filter(|(old, new)| old != new).collect()
}

/// How `subset.toml` follows new tags.
#[derive(Default)]
struct Tags {
    /// Tags that all their operations have left for the same tag.
    renamed: BTreeMap<String, String>,
    /// Other operations that no tag of the subset selects any more, each with the entry of its former tag.
    operations: BTreeMap<String, toml::Value>,
}

fn tags(subset: &str, changed: &ChangedOperations, upstream: &Value) -> Result<Tags> {
    let subset: toml::Table = toml::from_str(subset).context("subset.toml")?;
    let table = |key: &str| subset.get(key).and_then(toml::Value::as_table).cloned().unwrap_or_default();
    let (selecting, single) = (table("tags"), table("operations"));
    let mut left = BTreeMap::<&String, Vec<(&String, &Vec<String>)>>::new();
    for retagged in &changed.retagged {
        let is_selected =
            retagged.is.iter().any(|tag| selecting.contains_key(tag)) || single.contains_key(&retagged.id);
        if let Some(tag) = retagged.was.iter().find(|tag| selecting.contains_key(*tag)).filter(|_| !is_selected) {
            left.entry(tag).or_default().push((&retagged.id, &retagged.is));
        }
    }
    let mut tags = Tags::default();
    for (tag, operations_of_tag) in left {
        let is_left = !operations(upstream).any(|location| location.texts("tags").contains(tag.as_str()));
        let new: BTreeSet<&String> = operations_of_tag.iter().flat_map(|(_, is)| is.first()).collect();
        match new.into_iter().collect::<Vec<_>>().as_slice() {
            [new] if is_left => _ = tags.renamed.insert(tag.clone(), (*new).clone()),
            _ => {
                let entries = operations_of_tag.into_iter().map(|(id, _)| (id.clone(), selecting[tag].clone()));
                tags.operations.extend(entries);
            }
        }
    }
    Ok(tags)
}

impl Tags {
    /// `retired.yaml` with the new names, in lists of either form.
    fn in_retired(&self, text: &str) -> String {
        let mut is_list = false;
        let line = |line: &str| {
            let (indent, content) = line.split_at(line.len() - line.trim_start().len());
            let list = content.strip_prefix("tags:").map(str::trim);
            is_list = list == Some("") || is_list && content.starts_with("- ");
            for (old, new) in &self.renamed {
                for quote in ["", "'", "\""] {
                    if list == Some(format!("[{quote}{old}{quote}]").as_str()) {
                        return format!("{indent}tags: [{quote}{new}{quote}]\n");
                    }
                    if is_list && content == format!("- {quote}{old}{quote}") {
                        return format!("{indent}- {quote}{new}{quote}\n");
                    }
                }
            }
            format!("{line}\n")
        };
        text.lines().map(line).collect()
    }

    fn in_subset(&self, text: &str) -> String {
        let line = |line: &str| {
            for (old, new) in &self.renamed {
                for (before, after) in [("\"", "\""), ("'", "'"), ("", ""), ("tags.\"", "\""), ("tags.", "")] {
                    let rest = line.strip_prefix(before).and_then(|line| line.strip_prefix(old.as_str()));
                    if let Some(rest) =
                        rest.and_then(|rest| rest.strip_prefix(after)).filter(|rest| rest.starts_with(" ="))
                    {
                        let table = if before.starts_with("tags.") { "tags." } else { "" };
                        return format!("{table}\"{new}\"{rest}\n");
                    }
                }
            }
            format!("{line}\n")
        };
        let mut text: String = text.lines().map(line).collect();
        let entries = |before: &str| -> String {
            self.operations.iter().map(|(id, entry)| format!("{before}{id} = {entry}\n")).collect()
        };
        match text.find("[operations]\n") {
            Some(at) => text.insert_str(at + "[operations]\n".len(), &entries("")),
            // Before the first table.
            None => text = entries("operations.") + &text,
        }
        text
    }
}
