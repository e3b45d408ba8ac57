//! A dry run: what reads is sent, what would change something is shown instead.
#![allow(deprecated, reason = "a retired operation is among what is tried")]

use atlas_backup::{
    DryRunRequest, Error, ErrorKind, Operation, Result, Retention, RetiredPolicy,
    compat::shared_tier,
    operations,
    testing::{CannedService, SentRequest},
    types::TenantRestore,
};
use atlas_backup_emulator::{DEMO_PROJECT, DEMO_SNAPSHOT};
use serde_json::json;

use super::*;

fn request<T: std::fmt::Debug>(outcome: Result<T>) -> DryRunRequest {
    let error = outcome.expect_err("not sent");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::DryRun, 0), "{error}");
    error.dry_run_request().expect("a request").clone()
}

/// A call by name, with what it requires.
fn call(client: &Client, operation: &'static Operation, version: &str) -> atlas_backup::Raw {
    use atlas_backup::runtime::Kind;
    let mut raw = client.operation(operation.id).expect(operation.id).version(version);
    for parameter in operation.parameters.iter().filter(|parameter| parameter.required) {
        raw = raw.parameter(parameter.name, if parameter.kind == Kind::Text { "a b" } else { "1" });
    }
    let takes_body = operation.version(version).is_some_and(|version| version.content_type.is_some());
    if takes_body { raw.body(&json!({ "deliveryType": "download" })) } else { raw }
}

#[tokio::test]
async fn dry_run_shows_every_changing_call() {
    let service = CannedService::new();
    let client = service.client().with_header("X-Request-Id", "7").expect("a header");
    let dry = client.with_dry_run();
    for operation in operations::ALL.iter().filter(|operation| !operation.retired) {
        for version in operation.versions {
            let _answer = call(&client, operation, version.date).await;
            let sent: SentRequest = service.take_sent().remove(0);
            let outcome = call(&dry, operation, version.date).await;
            if sent.method == atlas_backup::Method::GET {
                assert!(!service.take_sent().is_empty(), "{}", operation.id);
                continue;
            }
            let request = request(outcome);
            let query = if request.url.contains('?') { request.url.split_once('?').expect("a query").1 } else { "" };
            assert!(service.take_sent().is_empty(), "{}", operation.id);
            assert_eq!((&request.method, request.operation), (&sent.method, sent.operation));
            assert!(request.url.starts_with("https://cloud.mongodb.com/") && request.url.contains(&sent.path));
            assert_eq!(query.is_empty(), sent.query.is_empty());
            assert_eq!(request.headers, sent.headers);
            assert_eq!(request.body.unwrap_or_default(), sent.json());
        }
    }
}

#[tokio::test]
async fn dry_run_shows_no_secret() {
    let service = CannedService::new();
    let builder = Client::builder().credentials(service_account()).dry_run(true);
    let client = service.build(builder).and_then(|client| client.with_header("X-Api-Token", "hunter2"));
    let client = client.expect("a client");
    let version = "2025-01-01".parse().expect("a version");
    let body = json!({ "username": "u", "password": "hunter2" });
    let call = client.path(atlas_backup::Method::POST, "/api/atlas/v2/groups/a/databaseUsers").version(version);
    let error: Error = call.body(&body).await.expect_err("not sent");
    let request = error.dry_run_request().expect("a request");
    let shown = format!("{error} {error:?} {request} {request:?}");
    assert!(!shown.contains("hunter2") && !shown.to_lowercase().contains("authorization"), "{shown}");
    assert_eq!(request.body, Some(json!({ "username": "u", "password": "REDACTED" })));
    assert_eq!(request.headers["x-api-token"], "REDACTED");
    assert_eq!(request.accept(), Some("application/vnd.atlas.2025-01-01+json"));
    assert_eq!(request.content_type(), request.accept());
    // Not even a token was asked for, and none is taken back.
    let revoked = client.revoke_token().await.expect_err("not sent");
    assert_eq!(
        revoked.dry_run_request().map(|request| request.url.as_str()),
        Some("https://cloud.mongodb.com/api/oauth/revoke")
    );
    assert!(service.sent().is_empty());
}

#[tokio::test]
async fn dry_run_changes_nothing() {
    let (emulator, recorder) = demo().await;
    let atlas = client(&emulator, api_key());
    let state = async || {
        let (project, cluster) = (project(&atlas), cluster(&atlas, "Cluster0"));
        (
            serde_json::to_string(&cluster.snapshots().list().all().await.expect("snapshots")).expect("JSON"),
            serde_json::to_string(&cluster.restores().list().all().await.expect("jobs")).expect("JSON"),
            serde_json::to_string(&cluster.schedule().get().await.expect("a schedule")).expect("JSON"),
            serde_json::to_string(&project.flex_clusters().list().all().await.expect("clusters")).expect("JSON"),
        )
    };
    let before = state().await;
    drop(recorder.take());
    let dry = cluster(&atlas, "Cluster0").with_dry_run();

    // What reads goes out, digest's challenge included.
    let snapshots = dry.snapshots().list().all().await.expect("snapshots");
    assert!(snapshots.iter().any(|snapshot| snapshot.id.as_str() == DEMO_SNAPSHOT));

    let taken = request(dry.snapshots().take("before migration", Retention::days(7)).await);
    assert_eq!(taken.body, Some(json!({ "description": "before migration", "retentionInDays": 7 })));
    assert_eq!(
        taken.to_string(),
        format!(
            "POST {}/api/atlas/v2/groups/{DEMO_PROJECT}/clusters/Cluster0/backup/snapshots\n\
             accept: application/vnd.atlas.2023-01-01+json\ncontent-type: application/vnd.atlas.2023-01-01+json\n\n\
             {{\n  \"description\": \"before migration\",\n  \"retentionInDays\": 7\n}}",
            emulator.base_url().to_string().trim_end_matches('/')
        )
    );
    let deleted = request(dry.snapshots().delete(DEMO_SNAPSHOT).await);
    assert_eq!((deleted.method.as_str(), deleted.body), ("DELETE", None));
    let download = dry.restores().download(DEMO_SNAPSHOT).await.map(|_| ());
    assert_eq!(request(download).operation, Some("createGroupClusterBackupRestoreJob"));
    // The current schedule is read, the change is not sent. The hour of the demo depends on the time of day.
    let current = dry.schedule().get().await.expect("a schedule").reference_hour_of_day.expect("an hour");
    let hour = (current + 1) % 24;
    let changed = request(dry.schedule().update(|schedule| schedule.reference_hour_of_day = Some(hour)).await);
    assert_eq!((changed.method.as_str(), changed.body), ("PATCH", Some(json!({ "referenceHourOfDay": hour }))));

    // A retired operation is shown as what took over, or as itself where that would be tried first.
    let retired = TenantRestore::new(DEMO_SNAPSHOT, "Flex0");
    for (policy, path, operation) in [
        (RetiredPolicy::Redirect, "/flexClusters/Flex0/backup/restoreJobs", "createGroupFlexClusterBackupRestoreJob"),
        (RetiredPolicy::TryFirst, "/clusters/Flex0/backup/tenant/restore", "createGroupClusterBackupTenantRestore"),
    ] {
        let dry = atlas.with_retired(policy).with_dry_run();
        let shown = shared_tier::create_shared_cluster_backup_restore_job(&dry, DEMO_PROJECT, "Flex0", &retired).await;
        let shown = request(shown);
        assert!(shown.url.ends_with(path), "{}", shown.url);
        assert_eq!(shown.operation, Some(operation));
    }

    assert!(recorder.take().iter().all(|request| request.method == "GET"));
    assert_eq!(state().await, before);
}
