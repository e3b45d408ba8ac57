//! `api`: every operation by every name, JSON in and out.

use atlas_backup_emulator::{DEMO_PROJECT, Recorder};
use serde_json::{Value, json};

use crate::{
    stub::{Stub, V2023_01_01},
    support::{golden, guarded, guarded_in_2026, run},
};

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn api_accepts_long_short_and_former_names() {
    let by = |name: &str| {
        let call = format!("--emulator api cloudBackups {name} --groupId {DEMO_PROJECT} --clusterName Cluster0");
        let page = json_of(&run(&call).prints());
        page["results"].as_array().expect("a page").iter().map(|job| job["id"].clone()).collect::<Vec<_>>()
    };
    let ids = by("listBackupExports");
    assert_eq!(ids.len(), 4);
    for name in ["listGroupClusterBackupExports", "listBackupExportJobs", "returnAllCloudBackupSnapshotExportJobs"] {
        assert_eq!(by(name), ids, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn api_sends_flags_as_path_and_query_parameters() {
    let recorder = Recorder::default();
    let emulator = guarded().recorder(&recorder).start().await.expect("an emulator");
    let flags = "--includeCount=false --itemsPerPage 2 --page-num 2";
    let call = format!("api cloudBackups listBackupExports --clusterName Cluster0 {flags}");
    let page = json_of(&run(&call).with_key(&emulator).prints());
    assert_eq!((&page["totalCount"], page["results"].as_array().map(Vec::len)), (&json!(0), Some(2)));
    let requests = recorder.take();
    let last = requests.last().expect("a request");
    assert_eq!(last.path, format!("/api/atlas/v2/groups/{DEMO_PROJECT}/clusters/Cluster0/backup/exports"));
    assert_eq!(last.query.as_deref(), Some("includeCount=false&itemsPerPage=2&pageNum=2"));

    let call = "api cloudBackups listBackupExports --clusterName Cluster0 --includeCount --pretty";
    let pretty = run(call).with_key(&emulator).prints();
    assert!(pretty.starts_with("{\n") && json_of(&pretty)["totalCount"] == json!(4), "{pretty}");
    let query = recorder.take().pop().and_then(|request| request.query);
    assert_eq!(query.as_deref(), Some("includeCount=true&pretty=true"));
}

#[test]
fn api_prints_requested_envelope() {
    let list = "--emulator api cloudBackups listBackupExports --clusterName Cluster0 --envelope";
    assert_eq!(json_of(&run(list).prints())["status"], json!(200));
    let one = "--emulator api clusters getCluster --clusterName Cluster0 --envelope";
    let one = json_of(&run(one).prints());
    assert_eq!((&one["status"], &one["content"]["name"]), (&json!(200), &json!("Cluster0")));
    let missing = run("--emulator api clusters getCluster --clusterName Nowhere --envelope").ends();
    assert_eq!((missing.code, missing.stdout.as_str()), (Some(3), ""));
}

#[test]
fn api_prints_response_unchanged() {
    let body = "{ \"results\" : [ {\"n\": 12345678901234567890.10, \"x\":\tnull} ] }";
    let stub = Stub::start(move |_| (200, V2023_01_01, body.to_owned()));
    let call = "api cloudBackups listBackupExports --clusterName Cluster0 --no-auth";
    assert_eq!(run(call).at(&stub.base_url).prints(), format!("{body}\n"));
}

#[test]
fn api_prints_nothing_for_empty_response() {
    let list = json_of(&run("--emulator snapshots list Cluster0 -o json --limit 1").prints());
    let id = list[0]["id"].as_str().expect("an id");
    let call = format!("--emulator api cloudBackups deleteReplicaSetBackup --clusterName Cluster0 --snapshotId {id}");
    assert_eq!(run(&call).prints(), "");
}

#[test]
fn api_notes_flex_replacement_of_retired_operation() {
    let shared = run("--emulator api sharedTierSnapshots listSharedClusterBackups --clusterName Flex0").ends();
    assert_eq!(shared.code, Some(0), "{}", shared.stderr);
    golden!("retired_note", shared.stderr);
    assert_eq!(json_of(&shared.stdout)["results"][0]["status"], json!("COMPLETED"));

    let serverless = run("--emulator api cloudBackups listServerlessBackups --clusterName Flex0").ends();
    let first = &json_of(&serverless.stdout)["results"][0];
    assert_eq!((&first["status"], &first["serverlessInstanceName"]), (&json!("completed"), &json!("Flex0")));
    assert!(serverless.stderr.contains("listGroupFlexClusterBackupSnapshots"), "{}", serverless.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn api_calls_exact_version_or_lists_versions() {
    let recorder = Recorder::default();
    let emulator = guarded_in_2026().recorder(&recorder).start().await.expect("an emulator");
    let call = |version: &str| {
        run(&format!("api cloudBackups listExportBuckets --version {version}")).with_key(&emulator).ends()
    };
    assert_eq!(call("2023-01-01").code, Some(0));
    let accept = recorder.take().pop().and_then(|request| request.headers.get("accept").cloned());
    assert_eq!(accept.expect("a header"), "application/vnd.atlas.2023-01-01+json");
    for unsupported in ["2024-01-01", "2023-01-02", "preview", "latest"] {
        let refused = call(unsupported);
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""));
        assert!(refused.stderr.contains("2023-01-01, 2024-05-30"), "{}", refused.stderr);
    }
    assert!(recorder.take().is_empty(), "nothing was sent");
}

#[test]
fn api_reads_body_from_file_or_stdin() {
    let directory = std::env::temp_dir();
    let file = directory.join(format!("atlas-backup-cli-{}.json", std::process::id()));
    let body = r#"{"description": "from a file", "retentionInDays": 2}"#;
    std::fs::write(&file, body).expect("a file");
    let name = file.file_name().and_then(|name| name.to_str()).expect("a name");

    let call = "--emulator api cloudBackups takeSnapshot --clusterName Cluster0";
    let from_file = run(&format!("{call} --file {name}")).directory(&directory).prints();
    assert_eq!(json_of(&from_file)["description"], json!("from a file"));
    for flag in ["", " --file -"] {
        let piped = run(&format!("{call}{flag}")).input(&body.replace("a file", "a pipe")).prints();
        assert_eq!(json_of(&piped)["description"], json!("from a pipe"));
    }
    std::fs::remove_file(file).expect("the file goes");
}

#[test]
fn api_rejects_invalid_call_before_sending() {
    let take = "--emulator api cloudBackups takeSnapshots --clusterName Cluster0";
    let list = "--emulator api cloudBackups listBackupExports";
    for (run, words) in [
        (run(take), "missing request body of takeSnapshots; pass JSON with `--file PATH` or on standard input"),
        (run(take).input("{not json"), "the body is not JSON"),
        (run(take).argument("--file").argument("/nowhere/at/all"), "cannot read /nowhere/at/all"),
        (run(list), "--clusterName"),
        (run(&format!("{list} --clusterName ..")), "safe in a path"),
        (run(&format!("{list} --clusterName Cluster0 --pageNum two")), "invalid digit"),
        (run(&format!("{list} --clusterName Cluster0 --includeCount maybe")), "--includeCount"),
        (run(&format!("{list} --clusterName Cluster0 --file x.json")), "takes no request body"),
        (run(&format!("{list} --clusterName Cluster0 -o table")), "`api` prints the JSON of the service"),
        (
            run("api cloudBackups listBackupExports --clusterName Cluster0 --no-auth"),
            "`--groupId ID` or `--project ID`",
        ),
        (run("api cloudBackups listFlexBackups"), "use `atlas-backup api flexSnapshots listFlexBackups`"),
        (run("api cloudBackups listBackupExport"), "listBackupExports"),
        (run("api listBackupExports"), "use `atlas-backup api cloudBackups listBackupExports`"),
    ] {
        let ended = run.ends();
        let expected = if words.contains("cannot read") { 1 } else { 2 };
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(expected), ""), "{words}: {}", ended.stderr);
        assert!(ended.stderr.contains(words), "{words:?} in {}", ended.stderr);
    }
}

#[test]
fn api_list_needs_no_credentials() {
    let flex = run("api list flexSnapshots").prints();
    golden!("api_list", flex);
    golden!("api_describe", run("api describe cloudBackups getBackupSchedule").prints());
    let all: Vec<Value> = serde_json::from_str(&run("api list -o json").prints()).expect("an array");
    assert!(all.len() >= 80, "{}", all.len());
    assert!(all.iter().all(|row| row["versions"].as_array().is_some_and(|versions| !versions.is_empty())));
    let described = json_of(&run("api describe listSharedClusterBackups -o json").prints());
    assert_eq!(described["removed"], json!(true));
    assert_eq!(run("api describe nothing").ends().code, Some(2));
    assert_eq!(run("api list nothing").ends().code, Some(2));
}

#[test]
fn api_help_shows_flags_path_and_documentation() {
    golden!("api_help", run("api cloudBackups listBackupExports -h").prints());
}

#[test]
fn api_paginate_merges_pages_or_prints_lines() {
    let call = "--emulator api cloudBackups listBackupSnapshots --clusterName Cluster0 --paginate --itemsPerPage 40";
    let whole = json_of(&run(call).prints());
    let all = whole["results"].as_array().expect("a page");
    assert!(all.len() > 100 && whole["totalCount"] == json!(all.len()), "{}", whole["totalCount"]);
    let lines = run(&format!("{call} -o ndjson")).prints();
    assert_eq!(lines.lines().count(), all.len());
    assert_eq!(run(call).argument("--query").argument(".results | length").prints(), format!("{}\n", all.len()));
    let one = run("--emulator api clusters getCluster --clusterName Cluster0 --paginate").ends();
    assert_eq!(one.code, Some(2), "{}", one.stderr);
}

#[test]
fn api_paginate_failure_leaves_page_incomplete() {
    let page = json!({"results": [{"id": "1"}], "links": [{"rel": "next", "href": "/"}]});
    let stub = Stub::start(move |line| match line.contains("pageNum=1") {
        true => (200, V2023_01_01, page.to_string()),
        false => (403, "application/json", r#"{"error":403,"errorCode":"NOT_ALLOWED","detail":"No."}"#.to_owned()),
    });
    let call = "api cloudBackups listBackupExports --clusterName Cluster0 --paginate --no-auth";
    let ended = run(call).at(&stub.base_url).ends();
    assert_eq!(ended.code, Some(4));
    assert!(serde_json::from_str::<Value>(&ended.stdout).is_err(), "{}", ended.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn api_include_prints_status_and_headers() {
    let emulator = guarded_in_2026().start().await.expect("an emulator");
    let get = "api clusters getCluster --clusterName Cluster0 --version 2023-01-01 -i";
    let text = run(get).with_key(&emulator).ends().stdout;
    let (head, body) = text.split_once("\n\n").expect("a blank line");
    assert!(head.starts_with("HTTP/1.1 200 OK\n") && head.contains("\ndeprecation: "), "{head}");
    assert_eq!(json_of(body)["name"], json!("Cluster0"));
    let missing = run("--emulator api clusters getCluster --clusterName Nowhere --include").ends();
    assert_eq!(missing.code, Some(3));
    let (head, body) = missing.stdout.split_once("\n\n").expect("a blank line");
    assert!(head.starts_with("HTTP/1.1 404 Not Found\n"), "{head}");
    assert_eq!(json_of(body)["errorCode"], json!("CLUSTER_NOT_FOUND"));
}
