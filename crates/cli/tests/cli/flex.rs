//! Flex clusters by their own noun, and single documents of every noun; a snapshot downloaded in one step.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::support::{Run, golden, guarded, narrow, run};

fn json_of(run: Run) -> Value {
    let ended = run.ends();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    serde_json::from_str(&ended.stdout).expect("JSON")
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).expect("a text")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flex_snapshot_is_restored_listed_shown_and_waited_for() {
    let emulator = guarded().time_scale(600.0).start().await.expect("an emulator");
    let with = |arguments: &str| run(arguments).with_key(&emulator);
    let snapshots = json_of(with("flex snapshots list Flex0 -o json"));
    let id = text(&snapshots, "/0/id");
    golden!("flex_snapshots_get", with(&format!("flex snapshots get Flex0 {id}")).prints());
    let start = format!("flex restores start Flex0 --snapshot {id}");
    assert_eq!(with(&start).ends().code, Some(2), "it replaces data, so it asks");
    let job = json_of(with(&format!("{start} --yes --wait -o json")));
    assert_eq!(job["status"], json!("COMPLETED"));
    let job = text(&job, "/id");
    assert_eq!(json_of(with(&format!("flex restores get Flex0 {job} -o json")))["id"], job);
    assert_eq!(json_of(with(&format!("flex restores wait Flex0 {job} -o json")))["id"], job);
    golden!("flex_restores_list", narrow(&with("flex restores list Flex0").prints()));
}

#[test]
fn a_snapshot_of_any_cluster_is_downloaded_in_one_step() {
    for (command, cluster) in
        [("snapshots download", "Cluster0"), ("snapshots download", "Flex0"), ("flex download", "Flex0")]
    {
        let folder = tempfile::tempdir().expect("a folder");
        let list = json_of(run(&format!("--emulator snapshots list {cluster} --limit 1 -o json")));
        let download = format!("--emulator {command} {cluster} {} -o json --extract=data", text(&list, "/0/id"));
        let fetched = json_of(run(&download).directory(folder.path()));
        let file = folder.path().join(text(&fetched, "/0/path"));
        assert_eq!(fs::metadata(&file).expect("an archive").len(), fetched[0]["bytes"].as_u64().expect("a size"));
        assert!(holds_bson(&folder.path().join("data")), "{command} {cluster}");
        if command == "flex download" {
            let again = format!("--emulator {command} {cluster} {} --to again.tar.gz", text(&list, "/0/id"));
            let ended = run(&again).directory(folder.path()).ends();
            golden!("downloaded", format!("{}{}", ended.stdout, ended.stderr));
        }
    }
}

fn holds_bson(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.into_iter().any(|path| match path.is_dir() {
        true => holds_bson(&path),
        false => path.to_string_lossy().ends_with(".bson"),
    })
}

#[test]
fn one_cluster_and_one_project_are_shown() {
    golden!("clusters_get", run("--emulator clusters get Cluster0").prints());
    golden!("clusters_get_flex", run("--emulator clusters get Flex0").prints());
    golden!("projects_get", run("--emulator projects get").prints());
    assert_eq!(run("--emulator clusters get Nowhere").ends().code, Some(3));
}
