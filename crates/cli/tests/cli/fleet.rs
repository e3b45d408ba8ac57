//! Everything of one sort, of all clusters of all projects.

use std::collections::BTreeSet;

use serde_json::json;

use crate::{
    stub::{Stub, V2023_01_01},
    support::run,
};

#[test]
fn fleet_snapshots_are_one_table() {
    let all = run("--emulator fleet snapshots -o ndjson").documents();
    let clusters: BTreeSet<_> = all.iter().filter_map(|line| line["cluster"].as_str()).collect();
    assert_eq!(clusters, BTreeSet::from(["Cluster0", "Flex0", "Sharded0"]));
    assert!(all.iter().all(|line| line["project"].is_string() && line["id"].is_string()), "each says where it is from");
    let read_at: BTreeSet<_> = all.iter().filter_map(|line| line["readAt"].as_str()).collect();
    assert!(read_at.len() == 1 && all.iter().all(|line| line["readAt"].is_string()), "and of which run: {read_at:?}");
    let one: usize = ["Cluster0", "Sharded0", "Flex0"]
        .map(|cluster| run(&format!("--emulator snapshots list {cluster} -o ndjson")).documents().len())
        .iter()
        .sum();
    assert_eq!(all.len(), one);
}

#[test]
fn fleet_shards_partition_projects() {
    let part = |part: &str| run(&format!("--emulator fleet snapshots -o ndjson --shard {part}")).documents().len();
    let whole = part("0/1");
    assert_eq!((0..3).map(|k| part(&format!("{k}/3"))).sum::<usize>(), whole);
    assert_eq!(run("--emulator fleet snapshots --shard 3/3").ends().code, Some(2));
}

#[test]
fn fleet_skips_forbidden_project_and_exits_8() {
    let projects = json!({"results": [
        {"id": "32b6e34b3d91647abb20e7b8", "name": "a"},
        {"id": "32b6e34b3d91647abb20e7b9", "name": "b"},
    ], "totalCount": 2});
    let stub = Stub::start(move |line| match line {
        line if line.contains("/groups/32b6e34b3d91647abb20e7b9/") => {
            (403, "application/json", r#"{"error":403,"errorCode":"USER_UNAUTHORIZED","detail":"No."}"#.to_owned())
        }
        line if line.contains("/clusters") || line.contains("/flexClusters") => {
            (200, "application/vnd.atlas.2024-08-05+json", r#"{"results":[],"totalCount":0}"#.to_owned())
        }
        _ => (200, V2023_01_01, projects.to_string()),
    });
    let ended = run("fleet snapshots --no-auth").at(&stub.base_url).ends();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(8), ""), "{}", ended.stderr);
    assert!(ended.stderr.contains("note: project 32b6e34b3d91647abb20e7b9: "), "{}", ended.stderr);
}
