//! Every read and deletion of the document, called for missing resources and for the wrong kind of cluster.

use atlas_backup_emulator::{DEMO_PROJECT, Emulator, OperationSummary, Seed, operations};
use chrono::{TimeZone, Utc};
use http::Method;

use crate::support::{Bench, OLDEST, demo};

const NOBODY: &str = "66aaaaaaaaaaaaaaaaaaaaaa";

/// The operation's path with these values. Other parameters get an id that does not exist.
fn path(operation: &OperationSummary, project: &str, cluster: &str) -> String {
    let fill = |segment: &str| match segment.trim_matches(['{', '}']) {
        literal if literal == segment => literal.to_owned(),
        "groupId" => project.to_owned(),
        "clusterName" | "name" => cluster.to_owned(),
        "cloudProvider" => "AWS".to_owned(),
        "databaseName" | "collectionName" => "none".to_owned(),
        "sourceNamespace" => "none.none".to_owned(),
        _ => NOBODY.to_owned(),
    };
    let path = operation.path.split('/').map(fill).collect::<Vec<_>>().join("/");
    // The only operation with a required parameter in its query.
    if operation.id == "listGroupContainers" { path + "?providerName=AWS" } else { path }
}

/// The operations without a body, on a date on which none of them is retired.
async fn bodiless() -> (Bench, Vec<OperationSummary>) {
    let start = Utc.with_ymd_and_hms(2026, 1, 20, 12, 0, 0).unwrap();
    let bench = Bench::with(Emulator::builder().seed(Seed::Demo).stepped_clock_at(start)).await;
    let operations = operations().into_iter().filter(|o| o.modelled && ["GET", "DELETE"].contains(&o.method)).collect();
    (bench, operations)
}

/// Calls the newest version and returns status and code.
async fn ask(bench: &Bench, operation: &OperationSummary, path: &str) -> (u16, String) {
    let version = operation.versions.last().unwrap().version;
    let accept = format!("application/vnd.atlas.{version}+json");
    let method = operation.method.parse::<Method>().unwrap();
    let answer = bench.send(bench.request(method, path).header("accept", accept), "").await;
    (answer.status.as_u16(), answer.json["errorCode"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn every_operation_names_unknown_project_or_cluster() {
    let (bench, operations) = bodiless().await;
    let (mut projects, mut clusters) = (0, 0);
    for operation in operations.iter().filter(|o| o.path.contains("{groupId}")) {
        let answer = ask(&bench, operation, &path(operation, NOBODY, "Cluster0")).await;
        assert_eq!(answer, (404, "GROUP_NOT_FOUND".to_owned()), "{}", operation.id);
        projects += 1;
        if operation.path.contains("{clusterName}") || operation.path.contains("{name}") {
            let answer = ask(&bench, operation, &path(operation, DEMO_PROJECT, "none")).await;
            assert_eq!(answer, (404, "CLUSTER_NOT_FOUND".to_owned()), "{}", operation.id);
            clusters += 1;
        }
    }
    assert!(projects > 50 && clusters > 40, "{projects} {clusters}");
}

#[tokio::test]
async fn every_operation_refuses_wrong_cluster_kind() {
    let (bench, operations) = bodiless().await;
    let mut asked = 0;
    for operation in &operations {
        let for_flex =
            ["flexClusters/{name}", "/serverless/", "/backup/tenant/"].iter().any(|p| operation.path.contains(p));
        let (cluster, code) = match for_flex {
            true => ("Cluster0", "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API"),
            false if operation.path.contains("{clusterName}") => ("Flex0", "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API"),
            false => continue,
        };
        let answer = ask(&bench, operation, &path(operation, DEMO_PROJECT, cluster)).await;
        assert_eq!(answer, (400, code.to_owned()), "{}", operation.id);
        asked += 1;
    }
    assert!(asked > 40, "{asked}");
}

#[tokio::test]
async fn every_operation_returns_404_for_missing_nested_resource() {
    let (bench, operations) = bodiless().await;
    let mut asked = 0;
    for operation in operations.iter().filter(|o| o.path.rsplit('/').next().is_some_and(|last| last.starts_with('{'))) {
        if ["groupId", "clusterName", "name"].iter().any(|own| operation.path.ends_with(&format!("{{{own}}}"))) {
            continue;
        }
        let flex =
            ["flexClusters/{name}", "/serverless/", "/backup/tenant/"].iter().any(|p| operation.path.contains(p));
        let sharded = operation.path.contains("/shardedCluster/");
        let cluster = if flex {
            "Flex0"
        } else if sharded {
            "Sharded0"
        } else {
            "Cluster0"
        };
        let (status, code) = ask(&bench, operation, &path(operation, DEMO_PROJECT, cluster)).await;
        assert!(status == 404 && code.ends_with("_NOT_FOUND"), "{}: {status} {code}", operation.id);
        asked += 1;
    }
    assert!(asked > 15, "{asked}");
}

#[tokio::test]
async fn official_operations_that_are_not_modelled_are_501_and_other_paths_404() {
    let bench = Bench::demo().await;
    let alerts = bench.get(&demo("/alerts")).await.refused(501, "EMULATOR_NOT_IMPLEMENTED");
    assert_eq!(alerts.json["parameters"], serde_json::json!(["listGroupAlerts"]));
    let migration = bench.request(Method::POST, &demo(":migrate"));
    bench.send(migration, "{}").await.refused(501, "EMULATOR_NOT_IMPLEMENTED");
    bench.delete(&demo("/alerts"), OLDEST).await.refused(405, "METHOD_NOT_ALLOWED");
    bench.get(&demo("/alarms")).await.refused(404, "RESOURCE_NOT_FOUND");
}
