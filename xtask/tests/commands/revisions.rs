//! Revisions of the official specification that are not at hand, put together from the two that are and from what is
//! known of its history: which names, tags, versions, sunsets and operations there were on a day.
//!
//! Nothing of them is kept: each document is made in a temporary folder, and only where official documents are at hand.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
};

use serde_json::{Map, Value, json};

use crate::project::{official, output_text, root, xtask};

const OLDER: &str = "openapi-v2-2026-01-08.yaml";
const NEWER: &str = "openapi-v2-2026-08-21.yaml";
const METHODS: [&str; 5] = ["get", "put", "post", "patch", "delete"];

/// A document, parsed once for all revisions.
fn yaml(folder: &Path, name: &'static str) -> Value {
    static PARSED: Mutex<BTreeMap<&str, Value>> = Mutex::new(BTreeMap::new());
    let mut parsed = PARSED.lock().unwrap();
    let read = || serde_saphyr::from_str(&fs::read_to_string(folder.join(name)).unwrap()).unwrap();
    parsed.entry(name).or_insert_with(read).clone()
}

/// The history: what is known of each operation, by method and path.
fn history(folder: &Path) -> BTreeMap<(String, String), Value> {
    let text = fs::read_to_string(folder.join("operation-history.json")).unwrap();
    let history: Value = serde_json::from_str(&text).unwrap();
    let operations = history["operations"].as_array().unwrap().iter();
    let key = |operation: &Value, name: &str| operation[name].as_str().unwrap().to_owned();
    operations.map(|known| ((key(known, "path"), key(known, "method").to_lowercase()), known.clone())).collect()
}

/// The value that a list of values with the day of each had on a day.
fn on<'a>(list: &'a Value, day: &str) -> Option<&'a Value> {
    list.as_array()?.iter().rfind(|entry| entry["since"].as_str().unwrap() <= day)
}

fn operations(document: &mut Value) -> impl Iterator<Item = (String, &str, &mut Value)> {
    document["paths"].as_object_mut().unwrap().iter_mut().flat_map(|(path, item)| {
        let members = item.as_object_mut().unwrap().iter_mut().filter(|(key, _)| METHODS.contains(&key.as_str()));
        members.map(|(method, operation)| (path.clone(), method.as_str(), operation))
    })
}

/// Lays the operations and components of one document below another's.
fn add(document: &mut Value, fragment: &Value) {
    fn lay(under: &mut Value, over: &Value) {
        if let Value::Object(over) = over {
            for (key, value) in over {
                match under.as_object_mut().unwrap().entry(key) {
                    serde_json::map::Entry::Vacant(slot) => _ = slot.insert(value.clone()),
                    serde_json::map::Entry::Occupied(mut slot) if slot.get().is_object() => lay(slot.get_mut(), value),
                    serde_json::map::Entry::Occupied(_) => {}
                }
            }
        }
    }
    for part in ["paths", "components"] {
        lay(&mut document[part], &fragment[part]);
    }
}

/// The id an operation had on a day.
fn id(operation: &Value, known: Option<&Value>, day: &str) -> String {
    let short = operation["x-xgen-operation-id-override"].as_str();
    let long = operation["operationId"].as_str().unwrap();
    if day >= "2025-10-07" {
        return long.to_owned();
    }
    let spec = known.into_iter().flat_map(|known| known["id_history"].as_array().unwrap());
    let spec = spec.filter(|entry| entry["kind"] == "spec" && entry["first"].as_str().unwrap() <= day);
    let then = spec.max_by_key(|entry| entry["first"].as_str().unwrap()).and_then(|entry| entry["id"].as_str());
    then.or(short).unwrap_or(long).to_owned()
}

/// Versions that came later go, and the sunsets are those of the day; false when no version is left.
fn turn_back(operation: &mut Value, known: &Value, day: &str) -> bool {
    let mut left = false;
    let mut content = |holder: &mut Value| {
        let Some(content) = holder.get_mut("content").and_then(Value::as_object_mut) else { return };
        content.retain(|media_type, media| {
            let version = media_type.strip_prefix("application/vnd.atlas.").and_then(|rest| rest.split('+').next());
            let Some(version) = version.map(|version| &known["versions"][version]).filter(|known| known.is_object())
            else {
                return true;
            };
            let there = version["first_seen"][0].as_str().is_none_or(|first| first <= day);
            left |= there;
            if let (Some(then), Some(media)) = (on(&version["sunset_history"], day), media.as_object_mut()) {
                media.remove("x-sunset");
                if let Some(sunset) = then["value"].as_str() {
                    media.insert("x-sunset".to_owned(), json!(sunset));
                }
            }
            there
        });
    };
    operation["responses"].as_object_mut().unwrap().values_mut().for_each(&mut content);
    if let Some(body) = operation.get_mut("requestBody") {
        content(body);
    }
    left
}

/// The document as it may have been on a day, with at most this many operations.
fn revision(folder: &Path, day: &str, most: usize) -> Value {
    let mut document = yaml(folder, if day < "2026-05" { OLDER } else { NEWER });
    for removed in ["removed-shared-tier-operations.yaml", "removed-serverless-backup-operations.yaml"] {
        if day < "2026-04" {
            add(&mut document, &yaml(folder, removed));
        }
    }
    let history = history(folder);
    let (mut gone, mut others) = (BTreeSet::new(), Vec::new());
    let mut count: usize = 0;
    for (path, method, operation) in operations(&mut document) {
        let known = history.get(&(path.clone(), method.to_owned()));
        let name = id(operation, known, day);
        let members: &mut Map<String, Value> = operation.as_object_mut().unwrap();
        members.insert("operationId".to_owned(), json!(name));
        if day < "2025-08-29" {
            members.remove("x-xgen-operation-id-override");
        }
        let Some(known) = known else {
            others.push((path, method.to_owned()));
            count += 1;
            continue;
        };
        if let Some(tag) = known["former_tags"].as_array().unwrap().last().filter(|_| day < "2025-10-07") {
            operation["tags"] = json!([tag]);
        }
        if let Some(then) = on(&known["deprecated_history"], day) {
            operation["deprecated"] = then["deprecated"].clone();
        }
        if known["first_seen"][0].as_str().unwrap() > day || !turn_back(operation, known, day) {
            gone.insert((path, method.to_owned()));
        } else {
            count += 1;
        }
    }
    let surplus = others.len() - count.saturating_sub(most).min(others.len());
    gone.extend(others.into_iter().skip(surplus));
    let paths = document["paths"].as_object_mut().unwrap();
    paths.retain(|path, item| {
        let item = item.as_object_mut().unwrap();
        item.retain(|method, _| !gone.contains(&(path.clone(), method.clone())));
        item.keys().any(|key| METHODS.contains(&key.as_str()))
    });
    document
}

/// The output of a run, which must succeed.
fn run_xtask(arguments: &[&str]) -> String {
    let output = xtask(arguments, &root()).output().unwrap();
    let text = output_text(&output);
    assert!(output.status.success(), "{arguments:?}: {}", text.chars().take(4_000).collect::<String>());
    text
}

fn ids(document: &Value) -> BTreeSet<String> {
    let items = document["paths"].as_object().unwrap().values().filter_map(Value::as_object).flatten();
    let ids = items.filter_map(|(_, operation)| operation.get("operationId")?.as_str());
    ids.map(str::to_owned).collect()
}

/// Curates and generates a revision; answers its file and its curated document.
fn generate_revision(folder: &Path, work: &Path, day: &str, most: usize) -> (PathBuf, Value) {
    let document = revision(folder, day, most);
    let file = work.join(format!("revision-{day}.json"));
    fs::write(&file, document.to_string()).unwrap();
    let out = work.join(day);
    let (upstream, curated) = (file.to_str().unwrap(), out.to_str().unwrap());
    run_xtask(&["curate", "--allow-missing", "--upstream", upstream, "--out", curated]);
    let spec = out.join("atlas-backup.openapi.json");
    let bindings = out.join("bindings");
    run_xtask(&["generate", "--spec", spec.to_str().unwrap(), "--out", bindings.to_str().unwrap()]);
    assert!(bindings.join("operations.rs").is_file());
    (file, serde_json::from_slice(&fs::read(spec).unwrap()).unwrap())
}

/// Days on either side of what changed: names, tags, sunsets, removals.
const DAYS: [(&str, usize); 6] = [
    ("2025-03-15", 450),
    ("2025-07-01", 450),
    ("2025-09-20", 470),
    ("2025-10-10", 475),
    ("2026-02-20", 500),
    ("2026-06-01", 520),
];

#[test]
fn every_known_revision_is_curated_generated_and_compared() {
    let Some(folder) = official() else { return };
    let work = tempfile::tempdir().unwrap();
    let newest = ids(&serde_json::from_slice(&fs::read("../spec/atlas-backup.openapi.json").unwrap()).unwrap());
    let mut before: Option<PathBuf> = None;
    for (day, most) in DAYS {
        let (file, curated) = generate_revision(&folder, work.path(), day, most);
        let official = ids(&serde_json::from_slice(&fs::read(&file).unwrap()).unwrap());
        assert!(official.len() <= most && official.len() > most - 40, "{day}: {} operations", official.len());
        assert_eq!(official.contains("getDataProtectionSettings"), day < "2025-10-07", "{day}");
        // Whatever they were called then, they have today's names, and all that were there are there.
        let kept = ids(&curated);
        let unknown: Vec<&String> = kept.difference(&newest).collect();
        assert!(unknown.is_empty(), "{day}: {unknown:?}");
        assert!(kept.len() > 65 && kept.contains("listGroupClusterBackupTenantSnapshots"), "{day}: {}", kept.len());
        let sunset = curated.to_string().contains("\"x-sunset\":\"2026-10-01\"");
        assert_eq!(sunset, day < "2026-02-17", "{day}: the compliance policy's sunset of then");
        if let Some(before) = before.replace(file.clone()) {
            let text = run_xtask(&["diff", before.to_str().unwrap(), file.to_str().unwrap()]);
            assert!(text.starts_with("# Changes from revision-"), "{text}");
        }
    }
}

#[test]
fn names_before_october_2025_are_renames_in_diff_only() {
    let Some(folder) = official() else { return };
    let work = tempfile::tempdir().unwrap();
    let write = |name: &str, document: &Value| {
        let path = work.path().join(name);
        fs::write(&path, document.to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let old = write("old.json", &revision(&folder, "2025-09-20", 470));
    let new = write("new.json", &revision(&folder, "2025-10-10", 470));
    let text = run_xtask(&["diff", "--format", "json", &old, &new]);
    let report: Value = serde_json::from_str(&text).unwrap();
    let renamed = |report: &Value| {
        let changes = report["changes"].as_array().unwrap().iter();
        changes.filter(|change| change["kind"] == "api-operation-id-removed").count()
    };
    assert!(renamed(&report) > 300, "{}", renamed(&report));
    let kinds: BTreeSet<&str> =
        report["changes"].as_array().unwrap().iter().filter_map(|change| change["kind"].as_str()).collect();
    assert!(!kinds.contains("endpoint-added"), "a rename is one change, not two: {kinds:?}");
    let text = run_xtask(&["diff", "--subset", "--format", "json", &old, &new]);
    assert_eq!(renamed(&serde_json::from_str(&text).unwrap()), 0);
}
