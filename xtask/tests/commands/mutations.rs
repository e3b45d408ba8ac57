//! Ten changes of the curated document, each alone: how many lines of the generated crate change, and whether `diff`
//! states truly what breaks.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::project::{output_text, root, xtask};

const CLUSTERS: &str = "/api/atlas/v2/groups/{groupId}/clusters/{clusterName}/backup/";
const SNAPSHOTS: &str = "/api/atlas/v2/groups/{groupId}/clusters/{clusterName}/backup/snapshots";
const EXPORTS: &str = "/api/atlas/v2/groups/{groupId}/clusters/{clusterName}/backup/exports";

/// One change: its name, what it does, whether it breaks at compile time and on the wire, and how many lines it may add
/// and remove.
type Mutation = (&'static str, fn(&mut Value), (bool, bool), (usize, usize));

const MUTATIONS: [Mutation; 10] = [
    (
        "optional field of a response",
        |document| schema(document, "DiskBackupReplicaSet")["zone"] = text(),
        (false, false),
        (6, 0),
    ),
    (
        "optional field of a request",
        |document| schema(document, "DiskBackupOnDemandSnapshotRequest")["zone"] = text(),
        (false, false),
        (14, 0),
    ),
    ("enum value", |document| values(document).push(json!("paused")), (false, false), (6, 2)),
    (
        "further optional parameter",
        |document| parameters(document, SNAPSHOTS, "get").push(parameter("zone", false)),
        (false, false),
        (16, 1),
    ),
    (
        "first optional parameter",
        |document| parameters(document, EXPORTS, "post").push(parameter("zone", false)),
        (true, false),
        (45, 3),
    ),
    (
        "operation",
        |document| {
            let mut copy = document["paths"][EXPORTS]["post"].clone();
            copy["operationId"] = json!("repeatGroupClusterBackupExport");
            document["paths"][format!("{EXPORTS}:repeat")] = json!({ "post": copy });
        },
        (false, false),
        (95, 0),
    ),
    (
        "required field of a request",
        |document| {
            schema(document, "DiskBackupOnDemandSnapshotRequest")["zone"] = text();
            document["components"]["schemas"]["DiskBackupOnDemandSnapshotRequest"]["required"] = json!(["zone"]);
        },
        (true, true),
        (20, 6),
    ),
    (
        "field removed",
        |document| {
            schema(document, "DiskBackupReplicaSet").as_object_mut().unwrap().remove("mongodVersion");
        },
        (true, false),
        (0, 7),
    ),
    ("enum value removed", |document| remove_value(document, "queued"), (true, false), (2, 6)),
    (
        "type of a field",
        |document| schema(document, "DiskBackupReplicaSet")["mongodVersion"]["type"] = json!("integer"),
        (true, true),
        (3, 3),
    ),
];

/// The properties of a schema.
fn schema<'a>(document: &'a mut Value, name: &str) -> &'a mut Value {
    let properties = &mut document["components"]["schemas"][name]["properties"];
    assert!(properties.is_object(), "no schema {name}");
    properties
}

fn values(document: &mut Value) -> &mut Vec<Value> {
    schema(document, "DiskBackupReplicaSet")["status"]["enum"].as_array_mut().unwrap()
}

/// Removes a value from every enum, because enums of one meaning share a type.
fn remove_value(node: &mut Value, value: &str) {
    if let Some(values) = node.get_mut("enum").and_then(Value::as_array_mut) {
        values.retain(|found| found != value);
    }
    match node {
        Value::Object(members) => members.values_mut().for_each(|member| remove_value(member, value)),
        Value::Array(items) => items.iter_mut().for_each(|item| remove_value(item, value)),
        _ => {}
    }
}

fn parameters<'a>(document: &'a mut Value, path: &str, method: &str) -> &'a mut Vec<Value> {
    document["paths"][path][method]["parameters"].as_array_mut().unwrap()
}

fn text() -> Value {
    json!({ "type": "string", "description": "Name of the zone." })
}

fn parameter(name: &str, required: bool) -> Value {
    json!({ "name": name, "in": "query", "required": required, "description": "Name of the zone.", "schema": { "type": "string" } })
}

/// The bindings of a document, by path.
fn bindings(folder: &Path, document: &Value) -> BTreeMap<PathBuf, String> {
    let (spec, out) = (folder.join("document.json"), folder.join("out"));
    fs::write(&spec, document.to_string()).unwrap();
    let arguments = ["generate", "--spec", spec.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let output = xtask(&arguments, &root()).output().unwrap();
    assert!(output.status.success(), "{}", output_text(&output));
    let (mut found, mut folders) = (BTreeMap::new(), vec![out.clone()]);
    while let Some(below) = folders.pop() {
        for path in fs::read_dir(below).unwrap().map(|entry| entry.unwrap().path()) {
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    _ = found.insert(path.strip_prefix(&out).unwrap().to_owned(), fs::read_to_string(&path).unwrap())
                }
            }
        }
    }
    found
}

/// The lines that `new` has and `old` has not, with repetitions. A comma at the end does not count.
fn further<'a>(old: &'a BTreeMap<PathBuf, String>, new: &'a BTreeMap<PathBuf, String>) -> Vec<(&'a Path, &'a str)> {
    let mut further = Vec::new();
    for (path, text) in new {
        let mut counts = BTreeMap::<&str, usize>::new();
        let lines = |text: &'a String| text.lines().map(|line| line.trim_end_matches(','));
        old.get(path).into_iter().flat_map(lines).for_each(|line| *counts.entry(line).or_default() += 1);
        for line in lines(text) {
            match counts.get_mut(line) {
                Some(count) if *count > 0 => *count -= 1,
                _ => further.push((path.as_path(), line)),
            }
        }
    }
    further
}

/// The public functions with their arguments, fields, types and values of the bindings.
fn declarations(bindings: &BTreeMap<PathBuf, String>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (path, text) in bindings {
        let mut owner = "";
        let mut lines = text.lines().map(str::trim);
        while let Some(line) = lines.next() {
            if line.starts_with("pub struct") || line.starts_with("impl") || line.starts_with("text!") {
                owner = line;
            }
            if line.starts_with("pub fn") {
                let mut whole = line.to_owned();
                while !whole.contains('{') {
                    whole.push_str(lines.next().unwrap());
                }
                found.insert(format!("{owner} {whole}"));
            } else if line.starts_with("pub ") && !line.starts_with("pub static")
                || path.starts_with("codec") && line.contains(" = ")
            {
                found.insert(format!("{owner} {line}"));
            }
        }
    }
    found
}

#[test]
fn small_changes_of_the_document_change_few_lines_and_break_as_stated() {
    let text = fs::read_to_string(root().join("spec/atlas-backup.openapi.json")).unwrap();
    let mut document: Value = serde_json::from_str(&text).unwrap();
    // The operations of one path prefix, for speed. Unused types generate nothing.
    document["paths"].as_object_mut().unwrap().retain(|path, _| path.starts_with(CLUSTERS));
    let old = tempfile::tempdir().unwrap();
    let before = bindings(old.path(), &document);
    eprintln!("| change | breaks | lines added | lines removed | files |\n|---|---|---|---|---|");
    for (name, mutate, (build, wire), (most_added, most_removed)) in MUTATIONS {
        let folder = tempfile::tempdir().unwrap();
        let mut changed = document.clone();
        mutate(&mut changed);
        let after = bindings(folder.path(), &changed);
        let (added, removed) = (further(&before, &after), further(&after, &before));
        let files: BTreeSet<&Path> = added.iter().chain(&removed).map(|(path, _)| *path).collect();
        let words = match (build, wire) {
            (false, false) => "nothing",
            (true, false) => "at compile time",
            (false, true) => "on the wire",
            (true, true) => "both",
        };
        eprintln!("| {name} | {words} | {} | {} | {} |", added.len(), removed.len(), files.len());
        assert!(!added.is_empty() || !removed.is_empty(), "{name}: nothing changed");
        assert!(added.len() <= most_added && removed.len() <= most_removed, "{name}:\n{added:#?}\n{removed:#?}");
        let after = declarations(&after);
        let gone: Vec<String> = declarations(&before).into_iter().filter(|one| !after.contains(one)).collect();
        assert_eq!(gone.is_empty(), !build, "{name}: {gone:#?}");

        let (old, new) = (old.path().join("document.json"), folder.path().join("document.json"));
        let arguments = ["diff", old.to_str().unwrap(), new.to_str().unwrap(), "--format", "json"];
        let output = xtask(&arguments, &root()).output().unwrap();
        let report: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", output_text(&output)));
        let stated = |key: &str| report["summary"][key].as_u64().unwrap() > 0;
        assert_eq!((stated("breaksBuild"), stated("breaksWire")), (build, wire), "{name}: {report:#}");
    }
}
