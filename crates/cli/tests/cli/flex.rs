//! The noun `flex`, and downloads in one step.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::support::{golden, guarded, run};

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).expect("a text")
}

#[tokio::test(flavor = "multi_thread")]
async fn flex_restore_is_started_listed_shown_and_awaited() {
    let emulator = guarded().time_scale(600.0).start().await.expect("an emulator");
    let with = |arguments: &str| run(arguments).with_key(&emulator);
    let snapshots = with("flex snapshots list Flex0 -o json").json();
    let id = text(&snapshots, "/0/id");
    let start = format!("flex restores start Flex0 --snapshot {id} --target-cluster Flex0");
    assert_eq!(with(&start).ends().code, Some(2), "it replaces data, so it asks");
    let job = with(&format!("{start} --yes --wait -o json")).json();
    assert_eq!(job["status"], json!("COMPLETED"));
    let job = text(&job, "/id");
    assert_eq!(with(&format!("flex restores get Flex0 {job} -o json")).json()["id"], job);
    assert_eq!(with(&format!("flex restores wait Flex0 {job} -o json")).json()["id"], job);
}

#[test]
fn snapshots_download_works_for_every_cluster_kind() {
    for (command, cluster) in
        [("snapshots download", "Cluster0"), ("snapshots download", "Flex0"), ("flex download", "Flex0")]
    {
        let folder = tempfile::tempdir().expect("a folder");
        let list = run(&format!("--emulator snapshots list {cluster} --limit 1 -o json")).json();
        let download = format!("--emulator {command} {cluster} {} -o json --extract=data", text(&list, "/0/id"));
        let fetched = run(&download).directory(folder.path()).json();
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
