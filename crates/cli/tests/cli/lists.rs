//! Lists and single documents: what a person sees, and what a program gets.

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
fn the_kind_of_cluster_is_found_out() {
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
async fn every_page_is_read_and_the_documents_are_as_the_service_sent_them() {
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
async fn a_limit_stops_the_reading_too() {
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
async fn both_ways_to_sign_in_work_and_each_call_names_its_version() {
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
async fn the_project_is_named_by_flag_or_variable_and_the_flag_wins() {
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
fn with_the_emulator_nothing_of_the_environment_counts() {
    let table = run("clusters list --emulator")
        .env("MONGODB_ATLAS_PROJECT_ID", "ffffffffffffffffffffffff")
        .env("MONGODB_ATLAS_BASE_URL", "http://127.0.0.1:1")
        .env("MONGODB_ATLAS_CLIENT_ID", "half of a pair")
        .prints();
    assert!(table.contains("Cluster0"), "{table}");
}

#[test]
fn fields_that_nobody_documented_are_kept() {
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
fn a_document_without_an_id_costs_only_itself_and_an_odd_field_not_even_that() {
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
fn a_list_without_documents_says_so_and_prints_nothing() {
    let stub = Stub::listing(json!([]));
    let ended = run("exports list Cluster0 --no-auth").at(&stub.base_url).ends();
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (Some(0), "", "note: no exports\n"));
    assert_eq!(run("exports list Cluster0 --no-auth -o json").at(&stub.base_url).prints(), "[]\n");
}

#[test]
fn a_list_that_breaks_off_is_an_error_and_no_whole_array() {
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
fn a_reader_that_has_seen_enough_ends_the_run_quietly() {
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
