//! Calls by name, JSON in and out.

use atlas_backup::ErrorKind;
use atlas_backup_emulator::{DEMO_PROJECT, DEMO_SNAPSHOT};
use serde_json::json;

use super::*;

#[tokio::test]
async fn operation_is_found_by_id_short_and_former_name() {
    let (emulator, recorder) = demo().await;
    let atlas = client(&emulator, service_account());
    for name in ["listGroupClusterBackupExports", "listBackupExports", "listBackupExportJobs"] {
        let call = atlas.operation(name).expect(name);
        let answer = call.parameter("groupId", DEMO_PROJECT).parameter("clusterName", "Cluster0");
        let answer = answer.parameter("itemsPerPage", 2).parameter("includeCount", true).await.expect("exports");
        assert_eq!(answer.json().expect("JSON")["results"].as_array().map(Vec::len), Some(2), "{name}");
        assert_eq!((answer.version(), answer.meta().status().as_u16()), ("2023-01-01", 200));
    }
    let last = recorder.take().pop().expect("a request");
    assert_eq!(last.query.as_deref(), Some("includeCount=true&itemsPerPage=2"));
    assert_eq!(atlas.operation("listEverything").expect_err("no such name").kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn raw_call_sends_exact_version_or_names_existing_ones() {
    let (emulator, recorder) = demo_of_2026().await;
    let atlas = client(&emulator, service_account());
    let call = |version: &str| {
        let call = atlas.operation("getCluster").expect("an operation").version(version);
        call.parameter("groupId", DEMO_PROJECT).parameter("clusterName", "Cluster0").send()
    };
    let old = call("2023-02-01").await.expect("the cluster");
    assert_eq!(old.meta().version().map(|v| v.to_string()).as_deref(), Some("2023-02-01"));
    assert!(old.meta().deprecation().is_some());
    drop(recorder.take());
    let refused = call("2024-01-01").await.expect_err("no such version");
    assert_eq!((refused.kind(), recorder.take().len()), (ErrorKind::UnsupportedVersion, 0));
    assert!(refused.to_string().contains("2023-01-01, 2023-02-01, 2024-08-05"), "{refused}");
}

#[tokio::test]
async fn wrong_parameters_and_bodies_are_refused_before_sending() {
    let (emulator, recorder) = demo().await;
    let atlas = client(&emulator, service_account());
    let list = || {
        let call = atlas.operation("listBackupExports").expect("an operation");
        call.parameter("groupId", DEMO_PROJECT).parameter("clusterName", "Cluster0")
    };
    let take = || {
        let call = atlas.operation("takeSnapshots").expect("an operation");
        call.parameter("groupId", DEMO_PROJECT).parameter("clusterName", "Cluster0")
    };
    for (call, printed) in [
        (list().parameter("itemsPerPge", 3), "itemsPerPage"),
        (list().parameter("pageNum", "two"), "a whole number"),
        (list().parameter("includeCount", "yes"), "true or false"),
        (list().parameter("clusterName", "Cluster1"), "given twice"),
        (list().body(&json!({})), "takes no body"),
        (atlas.operation("listBackupExports").expect("an operation"), "missing: groupId, clusterName"),
        (atlas.operation("getGroup").expect("an operation").parameter("groupId", ".."), "safe in a path"),
        (take(), "missing body"),
        (take().body_text("{"), "not JSON"),
    ] {
        let refused = call.await.expect_err(printed);
        assert_eq!(refused.kind(), ErrorKind::InvalidInput, "{printed}");
        assert!(refused.to_string().contains(printed), "{refused}");
    }
    assert!(recorder.take().is_empty());
}

#[tokio::test]
async fn raw_body_is_sent_unchanged_and_empty_response_is_null() {
    let (emulator, recorder) = demo().await;
    let atlas = client(&emulator, service_account());
    let call = |name: &str| atlas.operation(name).expect(name).parameter("groupId", DEMO_PROJECT);
    let body = r#"{ "description": "raw",  "retentionInDays": 3 }"#;
    let taken = call("takeSnapshots").parameter("clusterName", "Cluster0").body_text(body).await.expect("a snapshot");
    assert_eq!(recorder.take().pop().expect("a request").body, body);
    assert_eq!(taken.json().expect("JSON")["description"], "raw");
    let call = call("deleteClusterBackupSnapshot").parameter("clusterName", "Cluster0");
    let call = call.parameter("snapshotId", DEMO_SNAPSHOT);
    let deleted = call.await.expect("it is deleted");
    assert_eq!((deleted.meta().status().as_u16(), deleted.json().expect("JSON")), (204, json!(null)));
}

#[tokio::test]
async fn raw_call_of_retired_operation_uses_replacement() {
    let (emulator, recorder) = demo().await;
    let atlas = client(&emulator, service_account());
    for name in ["listSharedClusterBackups", "listClusterBackupSnapshots", "listServerlessBackups"] {
        let call = atlas.operation(name).expect(name);
        let answer = call.parameter("groupId", DEMO_PROJECT).parameter("clusterName", "Flex0").await.expect("a list");
        assert!(!answer.json().expect("JSON")["results"].as_array().expect("a list").is_empty(), "{name}");
        assert_eq!(answer.meta().served_by(), Some("listGroupFlexClusterBackupSnapshots"));
        assert!(recorder.take().pop().expect("a request").path.contains("/flexClusters/Flex0/"));
    }
}

#[tokio::test]
async fn raw_list_reads_every_page_unchanged() {
    let (emulator, recorder) = demo().await;
    let atlas = client(&emulator, service_account());
    let call = || {
        let call = atlas.operation("listBackupExports").expect("an operation");
        call.parameter("groupId", DEMO_PROJECT).parameter("clusterName", "Cluster0")
    };
    let whole = call().await.expect("one page").json().expect("JSON");
    drop(recorder.take());
    let items = call().parameter("itemsPerPage", 3).list().expect("pages").all().await.expect("items");
    let items: Vec<serde_json::Value> =
        items.iter().map(|item| serde_json::from_str(item.get()).expect("JSON")).collect();
    assert_eq!(json!(items), whole["results"]);
    let asked: Vec<_> = recorder.take().into_iter().filter_map(|request| request.query).collect();
    assert_eq!(asked, ["itemsPerPage=3&pageNum=1", "itemsPerPage=3&pageNum=2"]);
}

#[tokio::test]
async fn raw_list_rejects_operation_without_pages() {
    let (emulator, recorder) = demo().await;
    let call = client(&emulator, service_account()).operation("getCluster").expect("an operation");
    let refused = call.parameter("groupId", DEMO_PROJECT).parameter("clusterName", "Cluster0").list();
    assert_eq!(refused.expect_err("one document").kind(), ErrorKind::InvalidInput);
    assert!(recorder.take().is_empty());
}
