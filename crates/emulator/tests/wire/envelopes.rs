//! `envelope` and `pretty` change the form of a response, not its content.

use crate::support::{Bench, demo};

#[tokio::test]
async fn enveloped_list_has_status_beside_results() {
    let bench = Bench::demo().await;
    let path = demo("/clusters/Cluster0/backup/exports");
    let plain = bench.get(&path).await.documented(200).json;
    let mut enveloped = bench.get(&format!("{path}?envelope=true")).await.json;
    assert_eq!(enveloped["status"], 200);
    enveloped.as_object_mut().unwrap().remove("status");
    assert_eq!(enveloped["results"], plain["results"]);
    assert_eq!(enveloped["totalCount"], plain["totalCount"]);
}

#[tokio::test]
async fn enveloped_document_is_under_content() {
    let bench = Bench::demo().await;
    let plain = bench.get(&demo("")).await.documented(200).json;
    let enveloped = bench.get(&demo("?envelope=true")).await.json;
    assert_eq!(enveloped["status"], 200);
    assert_eq!(enveloped["content"], plain);
}

#[tokio::test]
async fn enveloped_error_keeps_its_status_and_code_outside_too() {
    let bench = Bench::demo().await;
    let error = bench.get("/api/atlas/v2/groups/66aaaaaaaaaaaaaaaaaaaaaa?envelope=true").await;
    assert_eq!(error.status, 404);
    assert_eq!(error.header("x-error-code"), "GROUP_NOT_FOUND");
    assert_eq!(error.json["status"], 404);
    assert_eq!(error.json["content"]["errorCode"], "GROUP_NOT_FOUND");
}

#[tokio::test]
async fn pretty_changes_only_indentation() {
    let bench = Bench::demo().await;
    let plain = bench.get(&demo("")).await;
    let pretty = bench.get(&demo("?pretty=true")).await;
    assert_eq!(plain.json, pretty.json);
    assert!(pretty.text.starts_with("{\n  \"") && !plain.text.contains('\n'));
}
