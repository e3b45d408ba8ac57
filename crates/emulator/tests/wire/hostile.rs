//! Hostile and malformed requests: limited, answered, never a 5xx or a broken server.

use std::time::Duration;

use http::Method;
use proptest::prelude::*;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{Bench, OLDEST, demo};

/// Sends raw bytes and reads the response until the server closes the connection.
async fn raw(bench: &Bench, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(bench.emulator.address()).await.unwrap();
    // The server may close before it has read everything.
    let _sent = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut answer)).await;
    assert!(read.is_ok(), "the server keeps the broken connection open");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn body_over_the_limit_is_413() {
    let bench = Bench::demo().await;
    let path = demo("/clusters/Cluster0/backup/snapshots");
    let request = bench.request(Method::POST, &path).header("accept", OLDEST).header("content-type", OLDEST);
    bench.send(request, vec![b' '; (1 << 20) + 1]).await.refused(413, "REQUEST_BODY_TOO_LARGE");
    bench.get("/api/atlas/v2/groups").await.documented(200);
}

/// The paused clock advances to the next timer when nothing else happens.
#[tokio::test(start_paused = true)]
async fn unfinished_request_times_out() {
    let bench = Bench::demo().await;
    let path = demo("/clusters/Cluster0/backup/snapshots");
    let head = format!("POST {path} HTTP/1.1\r\nhost: h\r\naccept: {OLDEST}\r\n");
    for unfinished in [format!("{head}content-length: 100\r\n\r\n{{"), head, String::new()] {
        let mut stream = TcpStream::connect(bench.emulator.address()).await.unwrap();
        stream.write_all(unfinished.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
}

#[tokio::test]
async fn deeply_nested_body_is_refused() {
    let bench = Bench::demo().await;
    let path = demo("/clusters/Cluster0/backup/snapshots");
    let request = bench.request(Method::POST, &path).header("accept", OLDEST).header("content-type", OLDEST);
    bench.send(request, "[".repeat(1 << 19)).await.refused(400, "MALFORMED_JSON");
}

#[tokio::test]
async fn too_many_or_too_large_headers_are_refused() {
    let bench = Bench::demo().await;
    let many: String = (0..200).map(|n| format!("x-{n}: y\r\n")).collect();
    let answer = raw(&bench, format!("GET / HTTP/1.1\r\nhost: h\r\n{many}\r\n").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 431") || answer.starts_with("HTTP/1.1 400"), "{answer}");
    let large = "y".repeat(1 << 20);
    let answer = raw(&bench, format!("GET / HTTP/1.1\r\nhost: h\r\nx: {large}\r\n\r\n").as_bytes()).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    bench.get("/api/atlas/v2/groups").await.documented(200);
}

#[tokio::test]
async fn input_that_is_not_http_is_rejected() {
    let bench = Bench::demo().await;
    for bytes in [&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"[..], b"hello\r\n\r\n", b"GET\r\n\r\n"] {
        let answer = raw(&bench, bytes).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
    }
    bench.get("/api/atlas/v2/groups").await.documented(200);
}

#[tokio::test]
async fn host_is_named_once_in_each_request_of_http_1_1() {
    let bench = Bench::demo().await;
    for (version, host, status) in
        [("1.1", "", 400), ("1.1", "host: h\r\nhost: h\r\n", 400), ("1.1", "host: h\r\n", 404), ("1.0", "", 404)]
    {
        let request = format!("GET /nothing HTTP/{version}\r\n{host}connection: close\r\n\r\n");
        let answer = raw(&bench, request.as_bytes()).await;
        assert!(answer.contains(&format!(" {status} ")), "{version} {host:?}: {answer}");
    }
}

#[tokio::test]
async fn foreign_host_gets_usable_links() {
    let bench = Bench::demo().await;
    let get = |host: &str| {
        format!("GET /api/atlas/v2/groups HTTP/1.1\r\n{host}accept: {OLDEST}\r\nconnection: close\r\n\r\n")
    };
    let named = raw(&bench, get("host: localhost:1\r\n").as_bytes()).await;
    assert!(named.contains("\"http://localhost:1/api/atlas/v2/groups?"), "{named}");
    let odd = raw(&bench, get("host: a b\"c\r\n").as_bytes()).await;
    assert!(odd.contains(&format!("\"{}/api/atlas/v2/groups?", bench.emulator.base_url())), "{odd}");
}

fn segment() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just(atlas_backup_emulator::DEMO_PROJECT.to_owned()),
        4 => prop::sample::select(vec!["Cluster0", "Sharded0", "Flex0"]).prop_map(str::to_owned),
        1 => Just("66aaaaaaaaaaaaaaaaaaaaaa".to_owned()),
        1 => "[a-zA-Z0-9%._~-]{1,12}",
    ]
}

/// Paths of the document, with realistic and absurd values.
fn paths() -> impl Strategy<Value = String> {
    let templates = vec![
        "groups/{}",
        "groups/{}/clusters",
        "groups/{}/clusters/{}",
        "groups/{}/clusters/{}/backup/snapshots",
        "groups/{}/clusters/{}/backup/snapshots/{}",
        "groups/{}/clusters/{}/backup/snapshots/shardedClusters",
        "groups/{}/clusters/{}/backup/restoreJobs",
        "groups/{}/clusters/{}/backup/exports",
        "groups/{}/clusters/{}/backup/exports/{}",
        "groups/{}/backup/exportBuckets",
        "groups/{}/clusters/{}/backup/schedule",
        "groups/{}/backupCompliancePolicy",
        "groups/{}/clusters/provider/regions",
        "groups/{}/flexClusters",
        "groups/{}/flexClusters/{}",
        "groups/{}/flexClusters/{}/backup/restoreJobs",
        "groups",
        "orgs",
        "rateLimits",
        "groups/{}/flexClusters/{}/backup/download",
        "groups/{}/clusters/{}/backup/tenant/snapshots",
    ];
    let query = prop::option::of(
        "[a-zA-Z]{1,12}=[a-zA-Z0-9%+-]{0,8}(&(pageNum|itemsPerPage|envelope|pretty)=[0-9a-z-]{0,20}){0,3}",
    );
    (prop::sample::select(templates), prop::collection::vec(segment(), 4), query).prop_map(
        |(template, values, query)| {
            let mut path = format!("/api/atlas/v2/{template}");
            for value in values {
                path = path.replacen("{}", &value, 1);
            }
            query.map_or(path.clone(), |query| format!("{path}?{query}"))
        },
    )
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let names = vec![
        "name",
        "orgId",
        "description",
        "retentionInDays",
        "retentionUnit",
        "retentionValue",
        "deliveryType",
        "snapshotId",
        "targetClusterName",
        "targetGroupId",
        "exportBucketId",
        "customData",
        "cloudProvider",
        "bucketName",
        "policies",
        "policyItems",
        "frequencyType",
        "frequencyInterval",
        "referenceHourOfDay",
        "copySettings",
        "zoneId",
        "replicationSpecId",
        "authorizedEmail",
        "onDemandPolicyItem",
        "scheduledPolicyItems",
        "iamRoleId",
        "clusterType",
        "replicationSpecs",
        "regionConfigs",
        "providerName",
        "regionName",
        "electableSpecs",
        "numShards",
        "providerSettings",
        "backingProviderName",
        "zoneName",
        "tags",
        "diskSizeGB",
        "priority",
        "targetDeploymentItemName",
    ];
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        (-3i64..2000).prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        segment().prop_map(Into::into),
        prop::sample::select(vec!["AWS", "GCP", "SHARDED", "EU_WEST_1", "DAYS", "YEARS", "download", "pointInTime"])
            .prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::btree_map(prop::sample::select(names.clone()), inner, 0..8).prop_map(|fields| {
                serde_json::Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
            }),
        ]
    })
}

fn accepts() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => prop::sample::select(vec!["2023-01-01", "2023-02-01", "2024-05-30", "2025-03-12", "2099-01-01"])
            .prop_map(|date| format!("application/vnd.atlas.{date}+json")),
        1 => "[ -~]{0,40}",
    ]
}

#[test]
fn arbitrary_request_never_causes_server_error() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let bench = runtime.block_on(Bench::demo());
    let methods = prop::sample::select(vec![Method::GET, Method::POST, Method::PATCH, Method::DELETE, Method::PUT]);
    let config = ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(method in methods, path in paths(), accept in accepts(), body in json())| {
        // Time passes, so that jobs progress and snapshots expire.
        bench.advance(7);
        let request = bench.request(method, &path).header("accept", accept).header("content-type", "application/json");
        let answer = runtime.block_on(bench.send(request, body.to_string()));
        let status = answer.status.as_u16();
        prop_assert!(status < 500 || status == 501, "{status} {path}: {}", answer.text);
        // An enveloped response has another form, and a missing compliance policy is an empty document.
        let documented = (200..300).contains(&status) && !path.contains("envelope=") && answer.text != "{}";
        if documented {
            answer.documented(status);
        }
    });
}
