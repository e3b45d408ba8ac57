//! Lists and single documents, as tables and as data.

use std::io::{BufRead, BufReader, Read};

use atlas_backup_emulator::{DEMO_PROJECT, Recorder};
use serde_json::{Value, json};

use crate::{
    stub::Stub,
    support::{guarded, run},
};

#[test]
fn single_document_equals_document_of_list() {
    let list = run("--emulator snapshots list Cluster0 --limit 1 -o json").json();
    let id = list[0]["id"].as_str().expect("an id");
    let document = run(&format!("--emulator snapshots get Cluster0 {id} -o json")).json();
    assert_eq!(document["id"], list[0]["id"]);
    assert_eq!(document["storageSizeBytes"], list[0]["storageSizeBytes"]);
}

#[test]
fn snapshots_detects_kind_of_cluster() {
    let sharded = run("--emulator snapshots list Sharded0 -o json").json();
    assert!(
        sharded.as_array().is_some_and(|all| all.iter().all(|snapshot| snapshot["type"] == "shardedCluster")),
        "{sharded:?}"
    );
    let id = sharded[0]["id"].as_str().expect("an id");
    let one = run(&format!("--emulator snapshots get Sharded0 {id}")).prints();
    assert!(one.contains("Sharded0-shard-0, Sharded0-shard-1"), "{one}");

    let flex = run("--emulator snapshots list Flex0").prints();
    assert_eq!(
        flex.lines().next().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).as_deref(),
        Some("ID STATUS STARTED FINISHED EXPIRES MONGODB")
    );
    let id = flex.lines().nth(1).and_then(|line| line.split_whitespace().next()).expect("an id");
    assert!(run(&format!("--emulator snapshots get Flex0 {id}")).prints().contains("scheduled"));
}

#[tokio::test(flavor = "multi_thread")]
async fn list_reads_all_pages_and_keeps_documents() {
    let emulator = guarded().start().await.expect("an emulator");
    let listed = run("snapshots list Cluster0 -o json").with_key(&emulator).json();
    let mut sent = Vec::new();
    for page in 1.. {
        let call = format!("api cloudBackups listBackupSnapshots --clusterName Cluster0 --pageNum {page}");
        let page = run(&call).with_key(&emulator).json();
        let results = page["results"].as_array().expect("a page").clone();
        if results.is_empty() {
            break;
        }
        sent.extend(results);
    }
    assert!(sent.len() > 100, "the demo has more than a page: {}", sent.len());
    assert_eq!(listed, json!(sent));
    let table = run("snapshots list Cluster0").with_key(&emulator).prints();
    assert_eq!(table.lines().count(), sent.len() + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn limit_stops_fetching_pages() {
    let recorder = Recorder::default();
    let emulator = guarded().recorder(&recorder).start().await.expect("an emulator");
    let limited = |limit: usize| {
        let listed = run(&format!("snapshots ls Cluster0 -o json --limit {limit}")).with_key(&emulator).json();
        assert_eq!(listed.as_array().map(Vec::len), Some(limit));
        recorder.take().iter().filter(|request| request.status == 200).count()
    };
    assert_eq!(limited(5), 1);
    assert_eq!(limited(100), 1);
    assert_eq!(limited(101), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn digest_and_oauth_calls_send_resource_version() {
    let recorder = Recorder::default();
    let emulator = guarded().recorder(&recorder).start().await.expect("an emulator");
    for (run, scheme) in [
        (run("exports list Cluster0").with_key(&emulator), "Digest "),
        (run("exports list Cluster0").with_account(&emulator), "Bearer "),
    ] {
        assert!(run.prints().starts_with("ID"));
        let requests = recorder.take();
        let last = requests.last().expect("a request");
        let header = |name: &str| last.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        assert!(header("authorization").starts_with(scheme), "{scheme}");
        assert_eq!(header("accept"), "application/vnd.atlas.2023-01-01+json");
        assert!(header("user-agent").contains("atlas-backup-cli/"), "{}", header("user-agent"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn project_flag_overrides_environment() {
    let emulator = guarded().start().await.expect("an emulator");
    let wrong = "ffffffffffffffffffffffff";
    for flag in ["--project", "--projectId", "--project-id"] {
        let arguments = format!("clusters list {flag} {DEMO_PROJECT}");
        let run = run(&arguments).with_key(&emulator).env("MONGODB_ATLAS_PROJECT_ID", wrong);
        assert!(run.prints().contains("Cluster0"), "{flag}");
    }
    assert_eq!(run("clusters list").with_key(&emulator).env("MONGODB_ATLAS_PROJECT_ID", wrong).ends().code, Some(3));
}

#[test]
fn emulator_flag_ignores_environment() {
    let table = run("clusters list --emulator")
        .env("MONGODB_ATLAS_PROJECT_ID", "ffffffffffffffffffffffff")
        .env("MONGODB_ATLAS_BASE_URL", "http://127.0.0.1:1")
        .env("MONGODB_ATLAS_CLIENT_ID", "half of a pair")
        .prints();
    assert!(table.contains("Cluster0"), "{table}");
}

#[test]
fn undocumented_fields_are_kept() {
    let sent = json!([{"id": "665255e9257cc6a722feec8a", "status": "new state", "novel": {"deep": [1, null, "x"]}}]);
    let stub = Stub::listing(sent.clone());
    let listed = run("snapshots list Cluster0 --no-auth -o json").at(&stub.base_url).json();
    assert_eq!(json!(listed), sent);
    let table = run("snapshots list Cluster0 --no-auth").at(&stub.base_url).prints();
    assert_eq!(
        table.lines().nth(1),
        Some("665255e9257cc6a722feec8a   new state   -      -           -         -         -")
    );
}

#[test]
fn undecodable_document_does_not_hide_the_others() {
    let good = json!({"id": "665255e9257cc6a722feec8a", "status": "completed"});
    let odd = json!({"id": "665255e9257cc6a722feec8b", "status": "failed", "storageSizeBytes": "large"});
    let nameless = json!({"status": "completed"});
    let sent = json!([nameless, odd, good]);
    let stub = Stub::listing(sent.clone());

    let ended = run("snapshots list Cluster0 --no-auth").at(&stub.base_url).ends();
    assert_eq!(ended.code, Some(1));
    assert_eq!(ended.stdout.lines().count(), 3, "{}", ended.stdout);
    assert!(ended.stderr.contains("1 of 3 snapshots could not be read; `-o json` prints them"), "{}", ended.stderr);

    let listed = run("snapshots list Cluster0 --no-auth -o json").at(&stub.base_url).json();
    assert_eq!(json!(listed), sent);
}

#[test]
fn empty_list_prints_note_only() {
    let stub = Stub::listing(json!([]));
    let ended = run("exports list Cluster0 --no-auth").at(&stub.base_url).ends();
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (Some(0), "", "note: no exports\n"));
    assert_eq!(run("exports list Cluster0 --no-auth -o json").at(&stub.base_url).prints(), "[]\n");
}

#[test]
fn incomplete_list_is_error_with_open_array() {
    let page = json!({
        "results": [{"id": "665255e9257cc6a722feec8a"}],
        "links": [{"rel": "next", "href": "/"}],
        "totalCount": 2,
    });
    let stub = Stub::start(move |line| match line.contains("pageNum=1") {
        true => (200, crate::stub::V2023_01_01, page.to_string()),
        false => (403, "application/json", r#"{"error":403,"errorCode":"NOT_ALLOWED","detail":"No."}"#.to_owned()),
    });
    let ended = run("exports list Cluster0 --no-auth -o json").at(&stub.base_url).ends();
    assert_eq!(ended.code, Some(4));
    assert!(ended.stdout.contains("665255e9257cc6a722feec8a"));
    assert!(serde_json::from_str::<Value>(&ended.stdout).is_err(), "{}", ended.stdout);
}

#[test]
fn closed_stdout_ends_run_quietly() {
    // More than a pipe holds, so that the binary is still writing when the pipe is closed.
    let mut child = run("--emulator snapshots list Cluster0 -o json").start();
    let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
    let mut first = String::new();
    stdout.read_line(&mut first).expect("a line");
    drop(stdout);
    let mut stderr = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut stderr).expect("text");
    assert_eq!((first.as_str(), stderr.as_str()), ("[\n", ""));
    assert_eq!(child.wait().expect("an end").code(), Some(0));
}

#[test]
fn lists_are_filtered_by_state_type_and_age() {
    let list = |arguments: &str, since: &str| -> Vec<Value> {
        let run = run(&format!("--emulator {arguments} -o json"));
        let run = if since.is_empty() { run } else { run.argument("--since").argument(since) };
        run.json().as_array().expect("a list").clone()
    };
    let all = list("snapshots list Cluster0", "");
    assert_eq!(list("snapshots list Cluster0 --status COMPLETED --status failed", "").len(), all.len());
    assert!(list("snapshots list Cluster0 --status failed", "").is_empty());
    let on_demand = list("snapshots list Cluster0 --type onDemand", "");
    assert!(on_demand.iter().all(|one| one["snapshotType"] == json!("onDemand")) && on_demand.len() < all.len());
    let (recent, old) =
        (list("snapshots list Cluster0", "7d ago"), list("snapshots list Cluster0 --older-than 7d", ""));
    assert!(!recent.is_empty() && !old.is_empty());
    assert_eq!(recent.len() + old.len(), all.len(), "each snapshot is on one side");
    // The limit counts the items that pass.
    let limited = list("snapshots list Cluster0 --older-than 7d --limit 2", "");
    assert_eq!(limited.iter().map(|one| &one["id"]).collect::<Vec<_>>(), [&old[0]["id"], &old[1]["id"]]);

    let restores = list("restores list Cluster0 --type download", "");
    assert!(!restores.is_empty() && restores.iter().all(|one| one["deliveryType"] == json!("download")));
    let exports = list("exports list Cluster0 --status failed", "7d ago");
    assert!(!exports.is_empty() && exports.iter().all(|one| one["state"] == json!("Failed")), "{exports:?}");
    let flex = list("snapshots list Flex0 --status COMPLETED --limit 1", "");
    assert_eq!(flex.len(), 1);
}
