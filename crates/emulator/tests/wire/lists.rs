//! Lists of the demo: items, links, and conformance to the document.

use std::collections::BTreeSet;

use atlas_backup_emulator::operations;

use crate::support::{Bench, NEWEST, demo};
use serde_json::Value;

#[tokio::test]
async fn every_demo_list_conforms_to_document() {
    let bench = Bench::demo().await;
    let tags: BTreeSet<&str> = operations().iter().map(|operation| operation.tag).collect();
    let lists = [
        ("/api/atlas/v2/orgs".to_owned(), 1),
        ("/api/atlas/v2/groups".to_owned(), 1),
        ("/api/atlas/v2/clusters".to_owned(), 1),
        ("/api/atlas/v2/rateLimits".to_owned(), tags.len()),
        (demo("/clusters"), 2),
        (demo("/flexClusters"), 1),
        (demo("/clusters/Cluster0/backup/snapshots"), 100),
        (demo("/clusters/Sharded0/backup/snapshots/shardedClusters"), 10),
        (demo("/clusters/Cluster0/backup/exports"), 4),
        (demo("/clusters/Cluster0/backup/restoreJobs"), 2),
        (demo("/backup/exportBuckets"), 1),
        (demo("/flexClusters/Flex0/backup/snapshots"), 8),
        (demo("/flexClusters/Flex0/backup/restoreJobs"), 1),
    ];
    for (path, expected) in lists {
        let list = bench.get_as(&path, NEWEST).await.documented(200);
        assert_eq!(list.json["results"].as_array().unwrap().len(), expected, "{path}");
        assert_eq!(list.json["links"][0]["rel"], "self");
    }
}

#[tokio::test]
async fn pages_link_to_next_until_last() {
    let bench = Bench::demo().await;
    let mut next = Some(demo("/clusters/Cluster0/backup/snapshots?itemsPerPage=30"));
    let (mut ids, mut pages, mut total) = (std::collections::HashSet::new(), 0, 0);
    while let Some(path) = next {
        let page = bench.get(&path).await.documented(200).json;
        pages += 1;
        total = page["totalCount"].as_u64().unwrap();
        ids.extend(page["results"].as_array().unwrap().iter().map(|s| s["id"].as_str().unwrap().to_owned()));
        let links = page["links"].as_array().unwrap();
        assert_eq!(links.iter().any(|l| l["rel"] == "previous"), pages > 1);
        let base = bench.emulator.base_url();
        let link = links.iter().find(|l| l["rel"] == "next");
        next = link.map(|l| l["href"].as_str().unwrap().strip_prefix(base).unwrap().to_owned());
    }
    assert!(total > 100, "the demo pages at the default size: {total}");
    assert_eq!(ids.len() as u64, total);
    assert_eq!(pages, total.div_ceil(30));
}

#[tokio::test]
async fn full_page_without_count_has_no_next_link() {
    let bench = Bench::demo().await;
    let page = bench.get(&demo("/clusters/Cluster0/backup/snapshots?includeCount=false&itemsPerPage=5")).await;
    let page = page.documented(200).json;
    assert_eq!(page["results"].as_array().unwrap().len(), 5);
    assert_eq!(page["totalCount"], 0);
    assert!(page["links"].as_array().unwrap().iter().all(|l| l["rel"] != "next"));
}

#[tokio::test]
async fn page_past_the_end_is_empty() {
    let bench = Bench::demo().await;
    let path = demo("/clusters/Cluster0/backup/snapshots?pageNum=9223372036854775807&itemsPerPage=500");
    let page = bench.get(&path).await.documented(200).json;
    assert_eq!(page["results"], Value::Array(Vec::new()));
}

#[tokio::test]
async fn page_parameters_out_of_range_are_refused_by_name() {
    let bench = Bench::demo().await;
    for (query, field) in [
        ("itemsPerPage=0", "itemsPerPage"),
        ("itemsPerPage=501", "itemsPerPage"),
        ("pageNum=0", "pageNum"),
        ("pageNum=x", "pageNum"),
        ("includeCount=maybe", "includeCount"),
    ] {
        let path = demo(&format!("/clusters/Cluster0/backup/snapshots?{query}"));
        let refused = bench.get(&path).await.refused(400, "INVALID_QUERY_PARAMETER");
        assert_eq!(refused.json["badRequestDetail"]["fields"][0]["field"], field, "{query}");
    }
    bench.get(&demo("/clusters/Cluster0/backup/snapshots?pageNum=&itemsPerPage=")).await.documented(200);
}
