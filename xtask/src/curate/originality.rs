//! Finds sentences of the official document among our own texts. The project must not contain any.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::openapi::source::{Source, parse_yaml};

/// Shorter sentences ("Unique name of the cluster.") are alike by chance.
const FEWEST_WORDS: usize = 6;

/// A finding for each sentence in the descriptions of `folder` that an official document in `upstream` has too.
///
/// # Errors
/// A file cannot be read.
pub(crate) fn check(folder: &Path, upstream: &Path) -> Result<Vec<String>> {
    let mut official = BTreeSet::new();
    for path in files(upstream)?.into_iter().filter(|path| name(path).starts_with("openapi-")) {
        let document = Source::read(&path.to_string_lossy())?.parse_any()?;
        texts(&document, &mut |text| official.extend(sentences(text)));
    }
    let mut findings = Vec::new();
    for path in files(&folder.join("descriptions"))? {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let file = name(&path);
        for action in parse_yaml(&text).with_context(|| file.clone())?["actions"].as_array().into_iter().flatten() {
            let target = action["target"].as_str().unwrap_or_default();
            texts(&action["update"], &mut |text| {
                for sentence in sentences(text).intersection(&official) {
                    findings.push(format!(
                        "descriptions/{file}: {target}: a sentence of the official document: {sentence:?}; write your own"
                    ));
                }
            });
        }
    }
    Ok(findings)
}

/// The YAML files of a folder, in order.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    Ok(files)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Calls `found` with every text at or below a node that is for people.
fn texts(node: &Value, found: &mut dyn FnMut(&str)) {
    match node {
        Value::Object(members) => {
            for (key, member) in members {
                match member {
                    Value::String(text) if matches!(key.as_str(), "description" | "summary" | "title") => found(text),
                    Value::Object(values) if key == "x-enum-descriptions" => {
                        values.values().filter_map(Value::as_str).for_each(&mut *found);
                    }
                    _ => texts(member, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        _ => {}
    }
}

/// The sentences of a text that are long enough: words in lower case without punctuation.
fn sentences(text: &str) -> BTreeSet<String> {
    let parts = text.split(['.', '!', '?', '\n', ':', ';']);
    let words = |part: &str| -> Vec<String> {
        let words = part.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_lowercase).collect()
    };
    parts.map(words).filter(|words| words.len() >= FEWEST_WORDS).map(|words| words.join(" ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentence_of_official_document_is_found_in_other_case_and_punctuation() {
        let folder = tempfile::tempdir().unwrap();
        let (spec, upstream) = (folder.path().join("spec"), folder.path().join("upstream"));
        fs::create_dir_all(spec.join("descriptions")).unwrap();
        fs::create_dir_all(&upstream).unwrap();
        let official = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {}\ncomponents: {schemas: {A: {type: object, \
                        description: 'Name of it. A label that people see in every list.'}}}\n";
        fs::write(upstream.join("openapi-v2-2026-01-01.yaml"), official).unwrap();
        let ours = "actions:\n  - target: $.components.schemas.A\n    update:\n      description: 'Short. A label, that \
                    people see in `every` list.'\n  - target: $.info\n    update: {description: Name of it.}\n";
        fs::write(spec.join("descriptions/a.yaml"), ours).unwrap();
        assert_eq!(
            check(&spec, &upstream).unwrap(),
            [
                "descriptions/a.yaml: $.components.schemas.A: a sentence of the official document: \"a label that people see \
              in every list\"; write your own"
            ]
        );
    }
}
