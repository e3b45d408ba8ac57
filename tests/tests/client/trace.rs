//! What is sent, header by header: the exact versioned media types on every call.

use std::fmt::Write as _;

use atlas_backup::{Retention, compat};
use atlas_backup_emulator::{DEMO_PROJECT, Recorded};

use super::*;

/// Headers that differ from run to run stay out; ids are shortened to what they stand for.
fn trace(requests: &[Recorded]) -> String {
    let mut text = String::new();
    for request in requests {
        let path = request.path.replace(DEMO_PROJECT, "PROJECT");
        let path = path
            .split('/')
            .map(|part| if part.len() == 24 && part.bytes().all(|b| b.is_ascii_hexdigit()) { "ID" } else { part })
            .collect::<Vec<_>>()
            .join("/");
        let query = request.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        writeln!(text, "{} {path}{query}", request.method).expect("a string takes it");
        for name in ["accept", "content-type", "user-agent"] {
            if let Some(value) = request.headers.get(name) {
                writeln!(text, "  {name}: {}", value.to_str().expect("text")).expect("a string takes it");
            }
        }
        let scheme = request.headers.get("authorization").map(|v| v.to_str().expect("text").split(' ').next());
        writeln!(text, "  authorization: {}", scheme.flatten().unwrap_or("none")).expect("a string takes it");
    }
    text
}

#[tokio::test]
#[allow(deprecated, reason = "the shims are part of the trace")]
async fn every_call_names_its_version_in_accept_and_with_a_body_in_content_type() {
    let (emulator, recorder) = demo().await;
    let atlas = Client::builder().base_url(emulator.base_url()).credentials(service_account());
    let atlas = atlas.user_agent("nightly-check/2.1").build().expect("a client");
    atlas.organizations().list().all().await.expect("organizations");
    atlas.projects().list().all().await.expect("projects");
    project(&atlas).get().await.expect("the project");
    project(&atlas).clusters().list().all().await.expect("clusters");
    let cluster = cluster(&atlas, "Cluster0");
    cluster.get().await.expect("the cluster");
    let id = cluster.snapshots().list().items_per_page(2).page(1).await.expect("a page").items.remove(0);
    let id = id.expect("a snapshot").id;
    cluster.snapshots().get(&id).await.expect("the snapshot");
    cluster.snapshots().take("before migration", Retention::days(7)).await.expect("a snapshot");
    cluster.exports().list().include_count(false).items_per_page(2).page(2).await.expect("exports");
    project(&atlas).flex_clusters().get("Flex0").await.expect("the flex cluster");
    compat::shared_tier::list_shared_cluster_backups(&atlas, DEMO_PROJECT, "Flex0")
        .expect("a list")
        .all()
        .await
        .expect("shared-tier snapshots");
    insta::assert_snapshot!("header_trace", trace(&recorder.take()));
}
