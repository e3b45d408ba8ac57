//! Resource versions on the wire: selection, refusals, announcements of old versions.

use crate::support::{Bench, NEWEST, OLDEST, demo};
use http::Method;
use serde_json::json;

#[tokio::test]
async fn date_resolves_to_newest_version_not_later() {
    let bench = Bench::demo().await;
    for (asked, answered) in [
        ("2024-05-30", "2024-05-30"),
        ("2025-01-01", "2024-05-30"),
        ("2024-05-29", "2023-01-01"),
        ("2023-01-01", "2023-01-01"),
    ] {
        let accept = format!("application/vnd.atlas.{asked}+json");
        let answer = bench.get_as(&demo("/backup/exportBuckets"), &accept).await.documented(200);
        assert_eq!(answer.header("content-type"), format!("application/vnd.atlas.{answered}+json;charset=utf-8"));
    }
}

#[tokio::test]
async fn versioned_media_type_is_selected_from_accept_list() {
    let bench = Bench::demo().await;
    let accept = "text/html, application/vnd.atlas.2023-01-01+json;q=0.9, */*;q=0.1";
    bench.get_as("/api/atlas/v2/groups", accept).await.documented(200);
}

#[tokio::test]
async fn missing_or_too_early_version_is_406() {
    let bench = Bench::demo().await;
    let flex = demo("/flexClusters");
    for (path, accept) in [
        ("/api/atlas/v2/groups", "*/*"),
        ("/api/atlas/v2/groups", "application/json"),
        ("/api/atlas/v2/groups", "application/vnd.atlas.2022-12-31+json"),
        ("/api/atlas/v2/groups", "application/vnd.atlas.2023-02-30+json"),
        ("/api/atlas/v2/groups", "application/vnd.atlas.2023-01-01+csv"),
        ("/api/atlas/v2/groups", "application/vnd.atlas.preview+json"),
        (flex.as_str(), "application/vnd.atlas.2024-11-12+json"),
    ] {
        bench.get_as(path, accept).await.refused(406, "INVALID_VERSION_DATE");
    }
    let bare = bench.request(Method::GET, "/api/atlas/v2/groups");
    bench.send(bare, "").await.refused(406, "INVALID_VERSION_DATE");
}

#[tokio::test]
async fn deprecated_version_sends_sunset_on_success_and_error() {
    let bench = Bench::demo().await;
    let old = bench.get_as(&demo("/clusters/Cluster0"), "application/vnd.atlas.2023-02-01+json").await.documented(200);
    assert_eq!(old.header("deprecation"), "Mon, 5 Aug 2024 00:00:00 GMT");
    assert_eq!(old.header("sunset"), "Thu, 1 Jul 2027 00:00:00 GMT");
    let error = bench.get_as(&demo("/clusters/none"), "application/vnd.atlas.2023-02-01+json").await;
    let error = error.refused(404, "CLUSTER_NOT_FOUND");
    assert_eq!(error.header("deprecation"), "Mon, 5 Aug 2024 00:00:00 GMT");
    let new = bench.get_as(&demo("/clusters/Cluster0"), NEWEST).await.documented(200);
    assert_eq!((new.header("deprecation"), new.header("sunset")), ("", ""));
}

#[tokio::test]
async fn version_past_sunset_is_410_by_emulator_clock() {
    let bench = Bench::demo().await;
    let path = demo("/backup/exportBuckets");
    bench.get_as(&path, OLDEST).await.documented(200);
    // 1 September 2026, noon, to 1 July 2027: 302 days and a half.
    bench.advance(302 * 86_400);
    bench.get_as(&path, OLDEST).await.documented(200);
    bench.advance(86_400 / 2);
    let gone = bench.get_as(&path, OLDEST).await.refused(410, "VERSION_GONE");
    assert_eq!(gone.json["parameters"], json!(["2023-01-01", path.trim_start_matches('/')]));
    bench.get_as(&path, "application/vnd.atlas.2024-05-30+json").await.documented(200);
}

#[tokio::test]
async fn request_body_may_have_versioned_or_plain_type() {
    let bench = Bench::demo().await;
    let path = demo("/clusters/Cluster0/backup/snapshots");
    let take = |content_type: &str| {
        let request = bench.request(Method::POST, &path).header("accept", OLDEST);
        request.header("content-type", content_type)
    };
    let body = json!({"description": "d", "retentionInDays": 1}).to_string();
    for good in [OLDEST, "application/json", "application/json; charset=utf-8", NEWEST] {
        bench.send(take(good), body.clone()).await.documented(200);
        // The next on-demand snapshot waits for this one.
        bench.advance(60);
    }
    for other in ["application/x-www-form-urlencoded", "text/plain", ""] {
        bench.send(take(other), body.clone()).await.refused(415, "UNSUPPORTED_MEDIA_TYPE");
    }
    let early = take("application/vnd.atlas.2020-01-01+json");
    bench.send(early, body).await.refused(406, "INVALID_VERSION_DATE");
}

#[tokio::test]
async fn response_without_body_has_version_header() {
    let bench = Bench::demo().await;
    let path = demo("/clusters/Cluster0/backup/snapshots");
    let list = bench.get(&path).await.json;
    let id = list["results"][0]["id"].as_str().unwrap();
    let deleted = bench.delete(&format!("{path}/{id}"), OLDEST).await.documented(204);
    assert_eq!(deleted.header("content-type"), "application/vnd.atlas.2023-01-01+json;charset=utf-8");
    assert_eq!(deleted.text, "");
    bench.get(&format!("{path}/{id}")).await.refused(404, "RESOURCE_NOT_FOUND");
}

#[tokio::test]
async fn cluster_document_matches_requested_version() {
    let bench = Bench::demo().await;
    let sharded = |date: &str| format!("application/vnd.atlas.{date}+json");
    let at = async |date: &str| bench.get_as(&demo("/clusters/Sharded0"), &sharded(date)).await.documented(200).json;
    let newest = at("2024-08-05").await;
    assert_eq!(newest["replicationSpecs"].as_array().unwrap().len(), 2);
    assert!(newest["replicationSpecs"][0].get("numShards").is_none());
    let zoned = at("2023-02-01").await;
    assert_eq!(zoned["replicationSpecs"].as_array().unwrap().len(), 1);
    assert_eq!(zoned["replicationSpecs"][0]["numShards"], 2);
    let oldest = at("2023-01-01").await;
    assert_eq!(oldest["numShards"], 2);
    assert_eq!(oldest["providerSettings"]["instanceSizeName"], "M10");
}

#[tokio::test]
async fn every_older_version_conforms_to_its_schema() {
    let bench = Bench::demo().await;
    let bucket = bench.get(&demo("/backup/exportBuckets")).await.json["results"][0]["_id"].as_str().unwrap().to_owned();
    for (path, versions) in [
        (demo("/backup/exportBuckets"), &["2023-01-01", "2024-05-30"][..]),
        (demo(&format!("/backup/exportBuckets/{bucket}")), &["2023-01-01", "2024-05-30"]),
        (demo("/backupCompliancePolicy"), &["2023-01-01", "2023-10-01"]),
        (demo("/clusters"), &["2023-01-01", "2023-02-01", "2024-08-05"]),
        (demo("/clusters/Cluster0"), &["2023-01-01", "2023-02-01", "2024-08-05"]),
        (demo("/clusters/Sharded0"), &["2023-01-01", "2023-02-01", "2024-08-05"]),
        (demo("/clusters/Cluster0/backup/schedule"), &["2023-01-01", "2024-08-05"]),
    ] {
        for (n, version) in versions.iter().enumerate() {
            let answer = bench.get_as(&path, &format!("application/vnd.atlas.{version}+json")).await.documented(200);
            let media_type = format!("application/vnd.atlas.{version}+json;charset=utf-8");
            assert_eq!(answer.header("content-type"), media_type, "{path}");
            assert_eq!(answer.header("deprecation").is_empty(), n + 1 == versions.len(), "{path} {version}");
        }
    }
}

#[tokio::test]
async fn invalid_version_date_is_406() {
    let bench = Bench::demo().await;
    for odd in ["2025-03-12.upcoming", "preview", "1-1-2025", "2025-3-12", "2025-03-12T00:00:00Z", "20250312", ""] {
        bench
            .get_as(&demo(""), &format!("application/vnd.atlas.{odd}+json"))
            .await
            .refused(406, "INVALID_VERSION_DATE");
    }
}
