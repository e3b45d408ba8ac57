//! Download archives: contents and requests.

use std::{collections::BTreeMap, io::Read};

use atlas_backup_emulator::{DEMO_PROJECT, Emulator, Seed};
use bson::{Bson, Document, doc};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Bench, NEWEST, OLDEST, demo};

/// Starts a download of the newest snapshot of a dedicated cluster and returns the paths of its URLs when it has
/// finished.
async fn download(bench: &Bench, cluster: &str) -> Vec<String> {
    let list = if cluster == "Sharded0" { "snapshots/shardedClusters" } else { "snapshots" };
    let snapshot = bench.newest(&format!("/clusters/{cluster}/backup/{list}")).await;
    let body = json!({"deliveryType": "download", "snapshotId": snapshot});
    let jobs = demo(&format!("/clusters/{cluster}/backup/restoreJobs"));
    let job = bench.post(&jobs, body).await.documented(200).json;
    bench.advance(120);
    let done = bench.get(&format!("{jobs}/{}", job["id"].as_str().unwrap())).await.documented(200).json;
    let urls = done["deliveryUrl"].as_array().unwrap().iter();
    urls.map(|url| url.as_str().unwrap().strip_prefix(bench.emulator.base_url()).unwrap().to_owned()).collect()
}

async fn fetch(bench: &Bench, path: &str, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap, Bytes) {
    fetch_by(Method::GET, bench, path, headers).await
}

async fn fetch_by(
    method: Method,
    bench: &Bench,
    path: &str,
    headers: &[(&str, &str)],
) -> (StatusCode, HeaderMap, Bytes) {
    let request = headers.iter().fold(bench.request(method, path), |r, (name, value)| r.header(*name, *value));
    let (parts, body) = bench.fetch(request).await;
    (parts.status, parts.headers, body)
}

/// The files of an archive by path. Panics if it is not a valid `.tar.gz`.
fn unpack(archive: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(archive));
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().to_str().unwrap().to_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        files.insert(path, content);
    }
    files
}

fn documents(mut content: &[u8]) -> Vec<Value> {
    let mut documents = Vec::new();
    while !content.is_empty() {
        let document = Document::from_reader(&mut content).unwrap();
        documents.push(Bson::Document(document).into_canonical_extjson());
    }
    documents
}

fn the_file<'f>(files: &'f BTreeMap<String, Vec<u8>>, end: &str) -> &'f [u8] {
    let mut found = files.iter().filter(|(path, _)| path.ends_with(end));
    let file = found.next().unwrap_or_else(|| panic!("no {end} in {:?}", files.keys()));
    assert!(found.next().is_none(), "{end} is duplicated");
    file.1
}

#[tokio::test]
async fn download_archive_holds_snapshot_in_mongodump_layout() {
    let bench = Bench::demo().await;
    let paths = download(&bench, "Cluster0").await;
    assert_eq!(paths.len(), 1);
    let data = bench.emulator.data(DEMO_PROJECT, "Cluster0").unwrap();
    data.insert("shop", "orders", vec![json!({"_id": "too late"})]).unwrap();
    let (status, headers, archive) = fetch(&bench, &paths[0], &[]).await;
    assert_eq!((status, &headers["content-type"]), (StatusCode::OK, &"application/gzip".parse().unwrap()));
    assert_eq!(headers["content-length"], archive.len().to_string().as_str());
    let files = unpack(&archive);
    let mut orders = data.documents("shop", "orders");
    orders.pop();
    assert_eq!(documents(the_file(&files, "/shop/orders.bson")), orders);
    for (database, collection) in
        [("shop", "customers"), ("shop", "products"), ("telemetry", "events"), ("telemetry", "audit")]
    {
        let file = the_file(&files, &format!("/{database}/{collection}.bson"));
        assert_eq!(documents(file), data.documents(database, collection));
    }
    let metadata: Value = serde_json::from_slice(the_file(&files, "/telemetry/audit.metadata.json")).unwrap();
    let metadata = Bson::try_from(metadata).unwrap();
    let metadata = metadata.as_document().unwrap();
    assert_eq!(metadata.get_document("options").unwrap(), &doc! {"capped": true, "size": 1_048_576});
    assert_eq!(metadata.get_array("indexes").unwrap(), &[doc! {"v": 2, "key": {"_id": 1}, "name": "_id_"}.into()]);
    let text = |name| metadata.get_str(name).unwrap();
    assert_eq!((text("collectionName"), text("type")), ("audit", "collection"));
    assert!(metadata.get_str("uuid").is_ok());
    let prelude: Value = serde_json::from_slice(the_file(&files, "/prelude.json")).unwrap();
    assert_eq!(prelude["ServerVersion"], "8.0.29");
}

#[tokio::test]
async fn sharded_download_has_one_archive_per_shard() {
    let bench = Bench::demo().await;
    let paths = download(&bench, "Sharded0").await;
    assert_eq!(paths.len(), 2);
    let mut found = Vec::new();
    for path in &paths {
        let (status, _, archive) = fetch(&bench, path, &[]).await;
        assert_eq!(status, StatusCode::OK);
        let orders = documents(the_file(&unpack(&archive), "/shop/orders.bson"));
        assert!(orders.len() > 100);
        found.extend(orders);
    }
    let mut all = bench.emulator.data(DEMO_PROJECT, "Sharded0").unwrap().documents("shop", "orders");
    for list in [&mut found, &mut all] {
        list.sort_by_key(Value::to_string);
    }
    assert_eq!(found, all);
}

#[tokio::test]
async fn flex_download_has_url_and_flex_restore_has_none() {
    let bench = Bench::demo().await;
    let backup = demo("/flexClusters/Flex0/backup");
    let snapshot = bench.newest("/flexClusters/Flex0/backup/snapshots").await;
    let body = json!({"snapshotId": snapshot});
    let start = async |verb: &str, body: Value| {
        bench.send_json(Method::POST, &format!("{backup}/{verb}"), NEWEST, body).await.documented(200).json
    };
    let download = start("download", body).await;
    assert!(download["snapshotUrl"].is_string(), "it is there at once");
    let download = download["id"].as_str().unwrap().to_owned();
    let body = json!({"snapshotId": snapshot, "targetDeploymentItemName": "Flex0", "targetProjectId": DEMO_PROJECT});
    let restore = start("restoreJobs", body).await["id"].as_str().unwrap().to_owned();
    let job = async |id: &str| bench.get_as(&format!("{backup}/restoreJobs/{id}"), NEWEST).await.documented(200).json;
    assert_eq!(job(&restore).await.get("snapshotUrl"), None);
    let done = job(&download).await;
    let path = done["snapshotUrl"].as_str().unwrap().strip_prefix(bench.emulator.base_url()).unwrap().to_owned();
    let (status, _, archive) = fetch(&bench, &path, &[]).await;
    assert_eq!(status, StatusCode::OK);
    let data = bench.emulator.data(DEMO_PROJECT, "Flex0").unwrap();
    assert_eq!(documents(the_file(&unpack(&archive), "/shop/customers.bson")), data.documents("shop", "customers"));
    bench.advance(4 * 3600);
    assert_eq!(job(&download).await.get("snapshotUrl"), None);
    assert_eq!(fetch(&bench, &path, &[]).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn archive_fetched_in_ranges_equals_whole_archive() {
    let bench = Bench::demo().await;
    let path = &download(&bench, "Cluster0").await[0];
    let (_, headers, whole) = fetch(&bench, path, &[]).await;
    let etag = headers["etag"].to_str().unwrap();
    assert_eq!(headers["accept-ranges"], "bytes");
    let (mut parts, step) = (Vec::new(), whole.len() / 7);
    while parts.len() < whole.len() {
        let (first, last) = (parts.len(), (parts.len() + step).min(whole.len()) - 1);
        let range = format!("bytes={first}-{last}");
        let (status, headers, part) = fetch(&bench, path, &[("range", &range), ("if-range", etag)]).await;
        assert_eq!(status, StatusCode::PARTIAL_CONTENT);
        assert_eq!(headers["content-range"], format!("bytes {first}-{last}/{}", whole.len()).as_str());
        assert_eq!((headers["etag"].to_str().unwrap(), part.len()), (etag, last - first + 1));
        parts.extend_from_slice(&part);
    }
    assert!(parts == whole, "the parts differ from the whole");
    let (status, headers, rest) = fetch(&bench, path, &[("range", "bytes=-10")]).await;
    assert_eq!((status, &rest[..]), (StatusCode::PARTIAL_CONTENT, &whole[whole.len() - 10..]));
    assert_eq!(headers["content-length"], "10");
}

#[tokio::test]
async fn range_past_end_is_416_and_stale_range_returns_whole() {
    let bench = Bench::demo().await;
    let path = &download(&bench, "Cluster0").await[0];
    let (_, headers, whole) = fetch(&bench, path, &[]).await;
    let beyond = format!("bytes={}-", whole.len());
    let (status, range, body) = fetch(&bench, path, &[("range", &beyond)]).await;
    assert_eq!((status, body.len()), (StatusCode::RANGE_NOT_SATISFIABLE, 0));
    assert_eq!(range["content-range"], format!("bytes */{}", whole.len()).as_str());
    let (status, _, body) = fetch(&bench, path, &[("range", "bytes=10-"), ("if-range", "\"older\"")]).await;
    assert_eq!((status, body.len()), (StatusCode::OK, whole.len()));
    let (status, _, body) = fetch(&bench, path, &[("if-none-match", headers["etag"].to_str().unwrap())]).await;
    assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0));
}

#[tokio::test]
async fn download_head_matches_get() {
    let bench = Bench::demo().await;
    let path = &download(&bench, "Cluster0").await[0];
    let (status, head, body) = fetch_by(Method::HEAD, &bench, path, &[("range", "bytes=0-1")]).await;
    assert_eq!((status, body.len()), (StatusCode::OK, 0));
    let (_, get, _) = fetch(&bench, path, &[]).await;
    for name in ["content-length", "content-type", "etag", "last-modified", "accept-ranges"] {
        assert_eq!(head[name], get[name], "{name}");
    }
    let (status, headers, _) = fetch_by(Method::POST, &bench, path, &[]).await;
    assert_eq!((status, &headers["allow"]), (StatusCode::METHOD_NOT_ALLOWED, &"GET, HEAD".parse().unwrap()));
}

#[tokio::test]
async fn archive_bytes_are_stable_per_job_and_not_recompressed() {
    let bench = Bench::demo().await;
    let path = &download(&bench, "Cluster0").await[0];
    let (_, _, one) = fetch(&bench, path, &[]).await;
    let (_, headers, two) = fetch(&bench, path, &[("accept-encoding", "gzip, br")]).await;
    assert_eq!(headers.get("content-encoding"), None);
    assert!(one == two, "two downloads differ");
}

#[tokio::test]
async fn download_url_needs_exact_signature_and_no_credentials() {
    let bench = Bench::with(Emulator::builder().seed(Seed::Demo).stepped_clock()).await;
    let path = download(&bench, "Cluster0").await.remove(0);
    let (url, key) = path.split_once("?key=").unwrap();
    assert_eq!(key.len(), 32);
    let shorter = &path[..path.len() - 1];
    let job = url.split('/').nth(2).unwrap();
    let other_job = path.replace(job, "000000000000000000000000");
    let demo_job = bench.get(&demo("/clusters/Cluster0/backup/restoreJobs")).await.json["results"][1]["id"].clone();
    let demo_job = format!("/download/{}/Cluster0.tar.gz?key=", demo_job.as_str().unwrap());
    for wrong in [
        url,
        shorter,
        &format!("{path}0"),
        &other_job,
        &demo_job,
        &path.replace("Cluster0", "Cluster1"),
        &path.replace("Cluster0", "..%2F..%2Fetc"),
        "/download/",
        "/download/../../etc/passwd",
    ] {
        let (status, headers, body) = fetch(&bench, wrong, &[]).await;
        assert_eq!(
            (status, &headers["content-type"]),
            (StatusCode::FORBIDDEN, &"application/xml".parse().unwrap()),
            "{wrong}"
        );
        assert!(!String::from_utf8_lossy(&body).contains(key));
    }
    assert_eq!(fetch(&bench, &path, &[]).await.0, StatusCode::OK);
}

#[tokio::test]
async fn download_never_sends_a_challenge() {
    let builder = Emulator::builder().seed(Seed::Demo).stepped_clock().api_key("public", "private");
    let bench = Bench::with(builder).await;
    let (status, headers, _) = fetch(&bench, "/download/000000000000000000000000/Cluster0.tar.gz?key=0", &[]).await;
    assert_eq!((status, headers.get("www-authenticate")), (StatusCode::FORBIDDEN, None));
}

#[tokio::test]
async fn download_url_expires_with_job_and_is_absent_when_cancelled() {
    let bench = Bench::demo().await;
    let path = &download(&bench, "Cluster0").await[0];
    bench.advance(3599);
    assert_eq!(fetch(&bench, path, &[]).await.0, StatusCode::OK);
    bench.advance(1);
    assert_eq!(fetch(&bench, path, &[]).await.0, StatusCode::FORBIDDEN);
    assert_eq!(fetch(&bench, path, &[("range", "bytes=0-1")]).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn archive_entries_never_leave_their_folder() {
    let bench = Bench::demo().await;
    let data = bench.emulator.data(DEMO_PROJECT, "Cluster0").unwrap();
    let long = "x".repeat(200);
    let hostile =
        ["a/../../../b", "/etc/passwd", "b\\..\\..\\c", "~", "-rf", "a b\nc", "größe", long.as_str(), "%2e%2e"];
    for name in hostile {
        data.insert("shop", name, vec![json!({"_id": name})]).unwrap();
    }
    let jobs = demo("/clusters/Cluster0/backup/snapshots");
    bench.post(&jobs, json!({"retentionInDays": 1})).await.documented(200);
    bench.advance(60);
    let path = &download(&bench, "Cluster0").await[0];
    let files = unpack(&fetch(&bench, path, &[]).await.2);
    let root = files.keys().next().unwrap().split('/').next().unwrap().to_owned();
    for path in files.keys() {
        let parts: Vec<&str> = path.trim_end_matches('/').split('/').collect();
        assert!(parts.len() <= 3 && parts[0] == root, "{path}");
        assert!(parts.iter().all(|part| !part.starts_with('.') && !part.contains(['\\', '\n', '\0'])), "{path}");
    }
    // No file replaced another, and the metadata has the real name.
    for name in hostile {
        let metadata = files.iter().filter(|(path, _)| path.ends_with(".metadata.json"));
        let mut metadata = metadata.map(|(_, text)| serde_json::from_slice::<Value>(text).unwrap());
        assert!(metadata.any(|m| m["collectionName"] == name), "{name}");
    }
}

#[tokio::test]
async fn large_archive_supports_resume_and_suffix_ranges() {
    let bench = Bench::demo().await;
    let data = bench.emulator.data(DEMO_PROJECT, "Cluster0").unwrap();
    data.fill("load", "events", 20_000, 1).unwrap();
    bench.post(&demo("/clusters/Cluster0/backup/snapshots"), json!({"retentionInDays": 1})).await.documented(200);
    bench.advance(60);
    let path = &download(&bench, "Cluster0").await[0];
    let (_, _, whole) = fetch(&bench, path, &[("accept", OLDEST)]).await;
    assert_eq!(documents(the_file(&unpack(&whole), "/load/events.bson")).len(), 20_000);
    let middle = whole.len() / 2;
    let (status, _, rest) = fetch(&bench, path, &[("range", &format!("bytes={middle}-"))]).await;
    assert_eq!(status, StatusCode::PARTIAL_CONTENT);
    assert!(rest[..] == whole[middle..], "the second half differs");
}
