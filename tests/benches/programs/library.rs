//! The same calls with the library.
//!
//! `BASE get|list TIMES none|key|token`: the credentials. Prints what [`cost`] measures.

mod cost;

use atlas_backup::{Client, Credentials, SecretString};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [base, what, times, credentials] = arguments.as_slice() else {
        panic!("usage: BASE get|list TIMES none|key|token")
    };
    let (base, credentials) = match credentials.as_str() {
        "none" => (base.clone(), Credentials::none()),
        "key" => (format!("{base}/digest"), Credentials::api_key("public", SecretString::from("private"))),
        _ => (base.clone(), Credentials::bearer(SecretString::from("token"))),
    };
    let client = Client::builder().base_url(base).credentials(credentials).build().expect("a client");
    let cluster = client.project(cost::ID).and_then(|project| project.cluster("Cluster0")).expect("a cluster");
    let list = what == "list";
    cost::measure(times, async || {
        if list {
            let all = cluster.snapshots().list().items_per_page(500).all().await.expect("a page");
            assert_eq!(all.len(), 500);
        } else {
            let snapshot = cluster.snapshots().get(cost::ID).await.expect("a snapshot");
            assert!(!snapshot.id.as_str().is_empty());
        }
    })
    .await;
}
