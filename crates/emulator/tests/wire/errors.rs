//! Refusals: form, code, parameters, and the header that repeats the code.

use crate::support::{Answer, Bench, NEWEST, OLDEST, demo};
use http::Method;
use serde_json::json;

const NOBODY: &str = "66aaaaaaaaaaaaaaaaaaaaaa";

#[tokio::test]
async fn not_found_error_names_missing_resource() {
    let bench = Bench::demo().await;
    let project = bench.get(&format!("/api/atlas/v2/groups/{NOBODY}/clusters")).await.refused(404, "GROUP_NOT_FOUND");
    assert_eq!(project.json["parameters"], json!([NOBODY]));
    let cluster = bench.get_as(&demo("/clusters/none"), NEWEST).await.refused(404, "CLUSTER_NOT_FOUND");
    assert_eq!(cluster.json["parameters"][0], "none");
    bench.get(&demo("/clusters/none/backup/snapshots")).await.refused(404, "CLUSTER_NOT_FOUND");
    bench.get_as(&demo("/flexClusters/none"), NEWEST).await.refused(404, "CLUSTER_NOT_FOUND");
    for below in [
        "/clusters/Cluster0/backup/snapshots/",
        "/clusters/Cluster0/backup/restoreJobs/",
        "/clusters/Cluster0/backup/exports/",
        "/clusters/Sharded0/backup/snapshots/shardedCluster/",
    ] {
        bench.get_as(&demo(&format!("{below}{NOBODY}")), NEWEST).await.refused(404, "RESOURCE_NOT_FOUND");
    }
    let flex =
        async |rest: &str| bench.get_as(&demo(&format!("/flexClusters/Flex0/backup{rest}/{NOBODY}")), NEWEST).await;
    flex("/snapshots").await.refused(404, "TENANT_SNAPSHOT_NOT_FOUND");
    flex("/restoreJobs").await.refused(404, "TENANT_RESTORE_NOT_FOUND");
    let bucket = demo(&format!("/backup/exportBuckets/{NOBODY}"));
    bench.get_as(&bucket, NEWEST).await.refused(404, "EXPORT_BUCKET_NOT_FOUND");
}

#[tokio::test]
async fn wrong_cluster_kind_has_its_own_codes() {
    let bench = Bench::demo().await;
    for path in ["/clusters/Flex0", "/clusters/Flex0/backup/snapshots", "/clusters/Flex0/backup/exports"] {
        let refused = bench.get_as(&demo(path), NEWEST).await.refused(400, "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API");
        assert_eq!(refused.json["parameters"], json!(["Flex0"]));
    }
    for path in ["/flexClusters/Cluster0", "/flexClusters/Sharded0/backup/snapshots"] {
        bench.get_as(&demo(path), NEWEST).await.refused(400, "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API");
    }
    let replica_set = demo("/clusters/Cluster0/backup/snapshots/shardedClusters");
    bench.get(&replica_set).await.refused(400, "ATLAS_GENERAL_ERROR");
}

#[tokio::test]
async fn malformed_ids_and_bodies_name_the_field() {
    let bench = Bench::demo().await;
    let field = |answer: &Answer| answer.json["badRequestDetail"]["fields"][0]["field"].clone();
    let project = bench.get("/api/atlas/v2/groups/short/clusters").await.refused(400, "PATH_PARAM_PARSE_ERROR");
    assert_eq!(field(&project), "groupId");
    let snapshots = demo("/clusters/Cluster0/backup/snapshots");
    let days = bench.post(&snapshots, json!({"retentionInDays": "seven"})).await.refused(400, "INVALID_JSON_ATTRIBUTE");
    assert_eq!(field(&days), "retentionInDays");
    let days = bench.post(&snapshots, json!({"retentionInDays": 0})).await.refused(400, "ATTRIBUTE_NEGATIVE_OR_ZERO");
    assert_eq!(field(&days), "retentionInDays");
    let exports = demo("/clusters/Cluster0/backup/exports");
    let bucket = bench.post(&exports, json!({"snapshotId": NOBODY})).await.refused(400, "MISSING_ATTRIBUTE");
    assert_eq!(field(&bucket), "exportBucketId");
    let nested = json!({"snapshotId": NOBODY, "exportBucketId": NOBODY, "customData": [{"key": 1}]});
    let nested = bench.post(&exports, nested).await.refused(400, "INVALID_JSON_ATTRIBUTE");
    assert_eq!(field(&nested), "customData.0.key");
}

#[tokio::test]
async fn missing_or_malformed_body_is_refused() {
    let bench = Bench::demo().await;
    let request = || {
        let path = demo("/clusters/Cluster0/backup/exports");
        bench.request(Method::POST, &path).header("accept", OLDEST).header("content-type", OLDEST)
    };
    bench.send(request(), "").await.refused(400, "MALFORMED_JSON");
    bench.send(request(), "{").await.refused(400, "MALFORMED_JSON");
    bench.send(request(), "[]").await.refused(400, "INVALID_JSON");
    bench.send(request(), "null").await.refused(400, "MALFORMED_JSON");
}

#[tokio::test]
async fn read_only_fields_in_a_request_are_ignored() {
    let bench = Bench::demo().await;
    let organization = atlas_backup_emulator::ORGANIZATION;
    let body = json!({"name": "whole", "orgId": organization, "created": "0001-01-01T00:00:00Z", "clusterCount": "x"});
    let created = bench.post("/api/atlas/v2/groups", body).await.documented(201);
    assert_eq!(created.json["clusterCount"], 0);
}

#[tokio::test]
async fn unknown_path_is_404_and_another_method_405() {
    let bench = Bench::demo().await;
    bench.get("/api/atlas/v2/nothing").await.refused(404, "RESOURCE_NOT_FOUND");
    bench.get("/").await.refused(404, "RESOURCE_NOT_FOUND");
    let other = bench.delete(&demo("/clusters/Cluster0/backup/exports"), OLDEST).await;
    let other = other.refused(405, "METHOD_NOT_ALLOWED");
    assert_eq!(other.header("allow"), "GET, HEAD, POST, OPTIONS");
    let options = bench.send(bench.request(Method::OPTIONS, &other.path), "").await;
    assert_eq!((options.status.as_u16(), options.header("allow")), (204, "GET, HEAD, POST, OPTIONS"));
}

#[tokio::test]
async fn head_answers_like_get_without_a_body() {
    let bench = Bench::demo().await;
    let path = demo("/clusters/Cluster0/backup/snapshots");
    let get = bench.get(&path).await;
    let head = bench.send(bench.request(Method::HEAD, &path).header("accept", OLDEST), "").await;
    assert_eq!((head.status, head.text.as_str()), (get.status, ""));
    assert_eq!(head.header("content-length"), get.header("content-length"));
}

#[tokio::test]
async fn empty_query_value_counts_as_absent() {
    let bench = Bench::demo().await;
    let body = json!({"name": "owned", "orgId": atlas_backup_emulator::ORGANIZATION});
    let created = bench.post("/api/atlas/v2/groups?projectOwnerId=", body).await;
    created.documented(201);
    let page = bench.get("/api/atlas/v2/groups?pageNum=&itemsPerPage=&includeCount=&envelope=&pretty=").await;
    assert_eq!(page.documented(200).json["totalCount"], 2);
    let short = bench.post("/api/atlas/v2/groups?projectOwnerId=short", json!({"name": "n", "orgId": NOBODY})).await;
    let short = short.refused(400, "INVALID_QUERY_PARAMETER");
    assert_eq!(short.json["badRequestDetail"]["fields"][0]["field"], "projectOwnerId");
}

#[tokio::test]
async fn documented_header_is_validated_and_unknown_query_ignored() {
    let bench = Bench::demo().await;
    let ask = async |value: &str| {
        let request = bench.request(Method::GET, &demo("/clusters/Cluster0?unheard=1")).header("accept", NEWEST);
        bench.send(request.header("use-effective-instance-fields", value), "").await
    };
    for fine in ["true", "false", ""] {
        ask(fine).await.documented(200);
    }
    let refused = ask("perhaps").await.refused(400, "VALIDATION_ERROR");
    assert_eq!(refused.json["badRequestDetail"]["fields"][0]["field"], "Use-Effective-Instance-Fields");
}

#[tokio::test]
async fn null_counts_as_absent() {
    let bench = Bench::demo().await;
    let schedule = demo("/clusters/Cluster0/backup/schedule");
    let body = json!({"policies": null, "referenceMinuteOfHour": null, "referenceHourOfDay": 5});
    let changed = bench.send_json(Method::PATCH, &schedule, NEWEST, body).await.documented(200).json;
    assert_eq!(changed["referenceHourOfDay"], 5);
}

/// Only a state that no request can create makes the emulator violate the document.
#[tokio::test]
async fn strict_emulator_refuses_its_own_undocumented_response() {
    use atlas_backup_emulator::{Emulator, Seed};
    for (strict, status) in [(true, 500), (false, 200)] {
        let emulator = Emulator::builder().seed(Seed::Demo).stepped_clock().strict(strict).start().await.unwrap();
        let mut state = emulator.export_state();
        for row in state["collections"]["clusters"].as_array_mut().unwrap() {
            row["record"]["shards"][0]["regions"][0]["provider"] = "MOON".into();
        }
        emulator.import_state(state).await.unwrap();
        let bench = Bench::around(emulator);
        let answer = bench.get_as(&demo("/clusters/Cluster0"), NEWEST).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        if strict {
            let answer = answer.refused(500, "EMULATOR_UNDOCUMENTED_ANSWER");
            let fields = answer.json["badRequestDetail"]["fields"].as_array().unwrap();
            assert!(fields.iter().any(|f| f["field"].as_str().unwrap().ends_with("providerName")), "{}", answer.text);
        }
    }
}

#[tokio::test]
async fn served_document_marks_operations_not_modelled() {
    let bench = Bench::with(atlas_backup_emulator::Emulator::builder().api_key("public", "private")).await;
    let document = bench.get("/openapi.json").await;
    assert_eq!((document.status.as_u16(), document.header("content-type")), (200, "application/json"));
    assert_eq!(document.json["servers"][0]["url"], bench.emulator.base_url());
    let marked = document.text.matches(r#""x-atlas-emulator-modelled":false"#).count();
    assert_eq!(marked, atlas_backup_emulator::operations().iter().filter(|o| !o.modelled).count());
    assert_eq!(bench.send(bench.request(Method::POST, "/openapi.json"), "").await.status, 405);
}
