//! Dry runs print the request and change nothing.

use atlas_backup_emulator::{DEMO_PROJECT, Recorder};
use serde_json::{Value, json};

use crate::support::{golden, guarded, run};

#[tokio::test(flavor = "multi_thread")]
async fn dry_run_prints_request_of_every_changing_command() {
    let recorder = Recorder::default();
    let emulator = guarded().recorder(&recorder).start().await.expect("an emulator");
    let with = |arguments: &str| run(arguments).with_key(&emulator);
    let first = |list: &str| {
        let list: Value = serde_json::from_str(&with(&format!("{list} --limit 1 -o json")).prints()).expect("JSON");
        list[0]["id"].as_str().or(list[0]["_id"].as_str()).expect("an id").to_owned()
    };
    let (snapshot, flex) = (first("snapshots list Cluster0"), first("snapshots list Flex0"));
    let (sharded, bucket) = (first("snapshots list Sharded0"), first("buckets list"));
    drop(recorder.take());
    for (command, method, path) in [
        ("snapshots take Cluster0 --wait".to_owned(), "POST", "backup/snapshots"),
        (format!("snapshots delete Cluster0 {snapshot}"), "DELETE", "backup/snapshots/"),
        (format!("snapshots delete Sharded0 {sharded}"), "DELETE", "backup/snapshots/shardedCluster/"),
        (format!("snapshots retain Cluster0 {snapshot} --for 1d"), "PATCH", "backup/snapshots/"),
        (format!("snapshots download Cluster0 {snapshot}"), "POST", "backup/restoreJobs"),
        (
            format!("restores start automated Cluster0 --snapshot {snapshot} --target-cluster Cluster0"),
            "POST",
            "backup/restoreJobs",
        ),
        (
            format!("restores start automated Flex0 --snapshot {flex} --target-cluster Flex0"),
            "POST",
            "flexClusters/Flex0/backup/restoreJobs",
        ),
        (format!("flex download Flex0 {flex}"), "POST", "flexClusters/Flex0/backup/download"),
        (
            "restores start point-in-time Cluster0 --oplog-ts 1 --oplog-inc 1 --target-cluster Cluster0".to_owned(),
            "POST",
            "backup/restoreJobs",
        ),
        (
            format!(
                "collections restore Cluster0 --snapshot {snapshot} --database shop --target-cluster Cluster0 --overwrite"
            ),
            "POST",
            "collectionRestoreJobs",
        ),
        (format!("exports create Cluster0 --snapshot {snapshot} --bucket {bucket}"), "POST", "backup/exports"),
        (format!("buckets delete {bucket}"), "DELETE", "backup/exportBuckets/"),
        ("schedule delete Cluster0".to_owned(), "DELETE", "backup/schedule"),
        ("endpoints create US_EAST_1".to_owned(), "POST", "backup/AWS/privateEndpoints"),
        ("api cloudBackups takeSnapshots --clusterName Cluster0 --file -".to_owned(), "POST", "backup/snapshots"),
    ] {
        let ended = with(&command).input("{}").argument("--dry-run").argument("-o").argument("json").ends();
        assert_eq!(ended.code, Some(0), "{command}: {}", ended.stderr);
        let (consent, rest): (Vec<_>, Vec<_>) =
            ended.stderr.lines().partition(|line| line.starts_with("note: dry run: would ask to confirm: "));
        assert_eq!(rest, ["note: dry run: the request above was not sent; nothing was changed"], "{command}");
        let overwrites = ["start automated", "start point-in-time", "--overwrite", "delete", "retain"];
        assert_eq!(consent.len(), usize::from(overwrites.iter().any(|word| command.contains(word))), "{command}");
        let request = ended.json();
        let url = request["url"].as_str().expect("a URL");
        assert_eq!(request["method"], method, "{command}");
        assert!(url.starts_with(&format!("{}/api/atlas/v2/groups/{DEMO_PROJECT}/", emulator.base_url())), "{url}");
        assert!(url.contains(path), "{command}: {url}");
        assert!(request["accept"].as_str().is_some_and(|media| media.starts_with("application/vnd.atlas.20")));
        assert!(!ended.stdout.to_lowercase().contains("authorization"), "{}", ended.stdout);
    }
    assert!(recorder.requests().iter().all(|request| request.method == "GET"), "only what reads is sent");
}

#[test]
fn dry_run_table_prints_request_as_message() {
    golden!("dry_run", run("--emulator snapshots take Cluster0 --dry-run").ends().stdout);
}

#[test]
fn dry_run_sends_read_only_requests() {
    let list = "--emulator projects list -o json";
    let projects = run(&format!("{list} --dry-run")).prints();
    let projects: Value = serde_json::from_str(&projects).expect("JSON");
    assert_eq!(projects[0]["name"], json!("demo"));
}
