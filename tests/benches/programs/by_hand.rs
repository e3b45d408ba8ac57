//! What one would write by hand: reqwest, and a struct for serde's derive with all fields optional.
//!
//! `BASE get|list TIMES time|text`: how the fields of a point in time are read. Prints the processor time of a call in
//! nanoseconds, and the page faults of all calls.

mod cost;

use serde::{Deserialize, de::DeserializeOwned};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "decoding is what is measured")]
struct Page<T> {
    links: Option<Vec<Link>>,
    results: Vec<Snapshot<T>>,
    total_count: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "decoding is what is measured")]
struct Snapshot<T> {
    cloud_provider: Option<String>,
    copy_regions: Option<Vec<String>>,
    created_at: Option<T>,
    description: Option<String>,
    expires_at: Option<T>,
    frequency_type: Option<String>,
    id: Option<String>,
    links: Option<Vec<Link>>,
    #[serde(rename = "masterKeyUUID")]
    master_key_uuid: Option<String>,
    mongod_version: Option<String>,
    policy_items: Option<Vec<String>>,
    replica_set_name: Option<String>,
    snapshot_type: Option<String>,
    status: Option<String>,
    storage_size_bytes: Option<i64>,
    r#type: Option<String>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "decoding is what is measured")]
struct Link {
    href: Option<String>,
    rel: Option<String>,
}

async fn get<T: DeserializeOwned>(client: &reqwest::Client, url: &str) -> T {
    let accept = "application/vnd.atlas.2023-01-01+json";
    let response = client.get(url).header("accept", accept).send().await.expect("a response");
    let body = response.error_for_status().expect("a good status").bytes().await.expect("a body");
    serde_json::from_slice(&body).expect("the document")
}

async fn call<T: DeserializeOwned>(client: &reqwest::Client, url: &str, list: bool) {
    if list {
        let page: Page<T> = get(client, &format!("{url}?itemsPerPage=500&pageNum=1")).await;
        assert_eq!(page.results.len(), 500);
    } else {
        let snapshot: Snapshot<T> = get(client, &format!("{url}/{}", cost::ID)).await;
        assert!(snapshot.id.is_some());
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [base, what, times, moment] = arguments.as_slice() else { panic!("usage: BASE get|list TIMES time|text") };
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let tls = tls.expect("the default versions").with_root_certificates(rustls::RootCertStore::empty());
    let client = reqwest::Client::builder().no_proxy().tls_backend_preconfigured(tls.with_no_client_auth());
    let client = client.build().expect("a client");
    let url = format!("{base}/api/atlas/v2/groups/{}/clusters/Cluster0/backup/snapshots", cost::ID);
    let (list, text) = (what == "list", moment == "text");
    cost::measure(times, async || match text {
        true => call::<String>(&client, &url, list).await,
        false => call::<chrono::DateTime<chrono::Utc>>(&client, &url, list).await,
    })
    .await;
}
