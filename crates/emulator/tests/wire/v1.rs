//! The older form of the API, `/api/atlas/v1.0`: no versions, the oldest documents.

use atlas_backup_emulator::{DEMO_PROJECT, ORGANIZATION};
use http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Bench, OLDEST, demo};

fn v1(rest: &str) -> String {
    demo(rest).replace("/v2/", "/v1.0/")
}

/// As an old client: no versioned `Accept`, plain JSON.
async fn ask(bench: &Bench, method: Method, path: &str, body: Value) -> Answer {
    let request = bench.request(method, path).header("accept", "*/*").header("content-type", "application/json");
    bench.send(request, if body.is_null() { String::new() } else { body.to_string() }).await
}

async fn get(bench: &Bench, path: &str) -> Answer {
    ask(bench, Method::GET, path, Value::Null).await
}

#[tokio::test]
async fn v1_documents_match_oldest_version() {
    let bench = Bench::demo().await;
    for rest in [
        "",
        "/clusters",
        "/clusters/Cluster0",
        "/clusters/Sharded0",
        "/clusters/Cluster0/backup/snapshots",
        "/clusters/Cluster0/backup/restoreJobs",
        "/clusters/Cluster0/backup/schedule",
        "/backup/exportBuckets",
    ] {
        let (older, newer) = (get(&bench, &v1(rest)).await, bench.get(&demo(rest)).await.documented(200));
        assert_eq!((older.status, older.header("content-type")), (newer.status, "application/json"), "{rest}");
        let (mut older, mut newer) = (older.json, newer.json);
        if newer["results"].is_array() {
            // The links of a page keep the form of the request.
            assert!(older["links"][0]["href"].as_str().unwrap().contains("/api/atlas/v1.0/"), "{rest}");
            (older["links"], newer["links"]) = (Value::Null, Value::Null);
        }
        assert_eq!(older, newer, "{rest}");
    }
    let cluster = get(&bench, &v1("/clusters/Cluster0")).await.json;
    assert!(cluster["providerSettings"]["instanceSizeName"].is_string() && cluster["mongoURIUpdated"].is_string());
}

#[tokio::test]
async fn v1_takes_restores_and_deletes_snapshot() {
    let bench = Bench::demo().await;
    let snapshots = v1("/clusters/Cluster0/backup/snapshots");
    let taken = ask(&bench, Method::POST, &snapshots, json!({"description": "old", "retentionInDays": 2})).await;
    assert_eq!((taken.status.as_u16(), &taken.json["status"]), (200, &"queued".into()));
    bench.advance(3600);
    let one = format!("{snapshots}/{}", taken.json["id"].as_str().unwrap());
    assert_eq!(get(&bench, &one).await.json["status"], "completed");
    let jobs = v1("/clusters/Cluster0/backup/restoreJobs");
    let wanted = json!({
        "deliveryType": "automated", "snapshotId": taken.json["id"],
        "targetClusterName": "Cluster0", "targetGroupId": DEMO_PROJECT,
    });
    let job = ask(&bench, Method::POST, &jobs, wanted).await;
    assert_eq!(job.status, 200, "{}", job.text);
    assert_eq!(get(&bench, &format!("{jobs}/{}", job.json["id"].as_str().unwrap())).await.status, 200);
    let missing = ask(&bench, Method::POST, &snapshots, json!({"retentionInDays": "x"})).await;
    missing.refused(400, "INVALID_JSON_ATTRIBUTE");
    bench.advance(3600);
    assert_eq!(ask(&bench, Method::DELETE, &one, Value::Null).await.status, 204);
    get(&bench, &one).await.refused(404, "RESOURCE_NOT_FOUND");
}

#[tokio::test]
async fn v1_only_operations_are_served() {
    let bench = Bench::demo().await;
    let project = bench.get(&demo("")).await.json;
    let name = project["name"].as_str().unwrap().replace(' ', "%20");
    let path = format!("/api/atlas/v1.0/groups/byName/{name}");
    assert_eq!(get(&bench, &path).await.json["id"], DEMO_PROJECT);
    get(&bench, "/api/atlas/v1.0/groups/byName/none").await.refused(404, "GROUP_NAME_NOT_FOUND");
    let organization = format!("/api/atlas/v1.0/orgs/{ORGANIZATION}");
    assert_eq!(get(&bench, &organization).await.json["id"], ORGANIZATION);
    assert_eq!(get(&bench, &format!("{organization}/groups")).await.json["results"][0]["id"], DEMO_PROJECT);
    get(&bench, "/api/atlas/v1.0/orgs/66aaaaaaaaaaaaaaaaaaaaaa/groups").await.refused(404, "ORG_NOT_FOUND");
    let arguments = get(&bench, &v1("/clusters/Cluster0/processArgs")).await;
    assert_eq!((arguments.status.as_u16(), &arguments.json["minimumEnabledTlsProtocol"]), (200, &"TLS1_2".into()));
    assert_eq!(ask(&bench, Method::POST, &v1("/clusters/Cluster0/restartPrimaries"), Value::Null).await.status, 200);
    // Some clients request lists with a trailing slash.
    for list in ["/api/atlas/v1.0/groups/", "/api/atlas/v1.0/orgs/", &v1("/clusters/")] {
        assert!(get(&bench, list).await.json["results"].is_array(), "{list}");
    }
}

#[tokio::test]
async fn v1_lacks_later_operations_and_v2_requires_version() {
    let bench = Bench::demo().await;
    get(&bench, &v1("/flexClusters")).await.refused(404, "RESOURCE_NOT_FOUND");
    get(&bench, "/api/atlas/v1.0/rateLimits").await.refused(404, "RESOURCE_NOT_FOUND");
    get(&bench, "/api/public/v1.0/groups").await.refused(404, "RESOURCE_NOT_FOUND");
    get(&bench, &demo("/processArgs")).await.refused(404, "RESOURCE_NOT_FOUND");
    get(&bench, &demo("")).await.refused(406, "INVALID_VERSION_DATE");
    bench.get_as(&demo(""), OLDEST).await.documented(200);
}

#[tokio::test]
async fn v1_operation_past_sunset_is_410() {
    let bench = Bench::demo().await;
    bench.advance(303 * 86_400);
    let gone = get(&bench, &v1("/clusters/Cluster0")).await.refused(410, "VERSION_GONE");
    assert_eq!(gone.json["parameters"], json!(["2023-01-01", v1("/clusters/Cluster0").trim_start_matches('/')]));
    assert_eq!(get(&bench, &v1("")).await.status, 200, "projects have no other version");
}
