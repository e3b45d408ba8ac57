//! Each waiter by the state machine of its object: it succeeds only if the object is done, ends with a specific error if
//! the object has failed or does not exist any more, and polls through everything else.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    call::wait::Wait,
    model::{entity::value_of, error_kind::ErrorKind},
    resources::tests::*,
};

/// The end of a wait: the error's kind and document, and the number of documents reported as progress.
async fn ended<E, O: 'static>(
    answers: &[(u16, Value)],
    wait: impl FnOnce(&Client) -> Wait<E, O>,
) -> (Result<(), (ErrorKind, Option<Value>)>, usize)
where
    E: serde::Serialize + Send + 'static,
{
    let (client, _) = scripted(answers.to_vec());
    let seen = Arc::new(Mutex::new(0));
    let sink = seen.clone();
    let wait = wait(&client).timeout(Duration::from_secs(600)).on_progress(move |document| {
        assert!(value_of(document).is_object());
        *sink.lock().expect("not poisoned") += 1;
    });
    let outcome = wait.await.map(drop).map_err(|error| (error.kind(), error.document().cloned()));
    (outcome, *seen.lock().expect("not poisoned"))
}

/// A document with the fields that identify it, for any type.
fn with_id(document: &Value) -> Value {
    let mut document = document.clone();
    for key in ["id", "name"] {
        document[key] = json!(ID);
    }
    document
}

fn gone(code: &str) -> (u16, Value) {
    (404, json!({ "errorCode": code, "detail": "not there", "error": 404 }))
}

fn forbidden() -> (u16, Value) {
    (403, json!({ "errorCode": "USER_UNAUTHORIZED", "error": 403 }))
}

macro_rules! waiters {
    ($($name:ident: $wait:expr, pending: [$($pending:tt)*], done: [$($done:tt)*], failed: [$($failed:tt)*];)*) => {$(
        mod $name {
            use super::*;

            #[tokio::test(start_paused = true)]
            async fn wait_succeeds_only_when_done() {
                let pending: Vec<(u16, Value)> = json!([$($pending)*]).as_array().expect("a list").iter().map(|d| (200, with_id(d))).collect();
                for done in json!([$($done)*]).as_array().expect("a list") {
                    let mut answers = pending.clone();
                    answers.push((200, with_id(done)));
                    let (outcome, seen) = ended(&answers, $wait).await;
                    assert_eq!((outcome, seen), (Ok(()), answers.len()), "{done}");
                }
                let last = pending.last().expect("a state").1.clone();
                let (outcome, _) = ended(&pending, $wait).await;
                assert_eq!(outcome, Err((ErrorKind::Timeout, Some(last))));
            }

            #[tokio::test(start_paused = true)]
            async fn wait_ends_on_failed_missing_or_forbidden() {
                let pending = with_id(&json!([$($pending)*])[0]);
                for failed in json!([$($failed)*]).as_array().expect("a list") {
                    let failed = with_id(failed);
                    let (outcome, seen) = ended(&[(200, pending.clone()), (200, failed.clone())], $wait).await;
                    assert_eq!((outcome, seen), (Err((ErrorKind::Failed, Some(failed.clone()))), 2), "{failed}");
                }
                for (answer, kind) in [(gone("RESOURCE_NOT_FOUND"), ErrorKind::NotFound), ((500, json!("broken")), ErrorKind::Timeout), (forbidden(), ErrorKind::Forbidden)] {
                    let (outcome, seen) = ended(&[(200, pending.clone()), answer], $wait).await;
                    assert_eq!((outcome, seen), (Err((kind, Some(pending.clone()))), 1));
                }
                let (outcome, seen) = ended(&[(500, json!("broken"))], $wait).await;
                assert_eq!((outcome, seen), (Err((ErrorKind::Timeout, None)), 0));
            }
        }
    )*};
}

waiters! {
    snapshot: |client| cluster(client).snapshots().wait(ID),
        pending: [{"status": "queued"}, {"status": "inProgress"}, {"status": "hibernating"}, {}],
        done: [{"status": "completed"}],
        failed: [{"status": "failed"}];
    sharded_snapshot: |client| cluster(client).sharded_snapshots().wait(ID),
        pending: [{"status": "queued"}, {"status": "inProgress"}],
        done: [{"status": "completed"}],
        failed: [{"status": "failed"}];
    automated_restore: |client| cluster(client).restores().wait(ID),
        pending: [{"deliveryType": "automated", "failed": false, "cancelled": false, "expired": false}],
        done: [{"deliveryType": "automated", "finishedAt": "2026-08-10T03:40:10Z"}],
        failed: [{"deliveryType": "automated", "failed": true}, {"deliveryType": "automated", "cancelled": true},
            {"deliveryType": "automated", "expired": true},
            {"deliveryType": "automated", "finishedAt": "2026-08-10T03:40:10Z", "failed": true}];
    point_in_time_restore: |client| cluster(client).restores().wait(ID),
        pending: [{"deliveryType": "pointInTime"}],
        done: [{"deliveryType": "pointInTime", "finishedAt": "2026-08-10T03:40:10Z"}],
        failed: [{"deliveryType": "pointInTime", "failed": true}, {"deliveryType": "pointInTime", "cancelled": true}];
    download_restore: |client| cluster(client).restores().wait(ID),
        pending: [{"deliveryType": "download"}, {"deliveryType": "download", "deliveryUrl": []},
            {"deliveryType": "download", "finishedAt": "2026-08-10T03:40:10Z"}],
        done: [{"deliveryType": "download", "deliveryUrl": ["https://x"]}],
        failed: [{"deliveryType": "download", "expired": true, "deliveryUrl": ["https://x"]},
            {"deliveryType": "download", "failed": true}];
    export: |client| cluster(client).exports().wait(ID),
        pending: [{"state": "Queued"}, {"state": "InProgress"}, {"state": "NeverHeardOf"}],
        done: [{"state": "Successful", "exportStatus": {"exportedCollections": 0, "totalCollections": 0}}],
        failed: [{"state": "Failed"}, {"state": "Cancelled"}];
    flex_snapshot: |client| flex(client).snapshots().wait(ID),
        pending: [{"status": "PENDING"}, {"status": "QUEUED"}, {"status": "RUNNING"}],
        done: [{"status": "COMPLETED"}],
        failed: [{"status": "FAILED"}];
    flex_restore: |client| flex(client).restores().wait(ID),
        pending: [{"status": "PENDING"}, {"status": "RUNNING"}],
        done: [{"status": "COMPLETED", "restoreFinishedDate": "2026-08-10T03:04:32Z"}],
        failed: [{"status": "FAILED", "restoreFinishedDate": "2026-08-10T03:04:32Z"}];
    collection_restore: |client| cluster(client).collection_restores().wait(ID),
        pending: [{"state": "INITIALIZING"}, {"state": "IN_PROGRESS"}, {"state": "FINALIZING"}],
        done: [{"state": "SUCCESSFUL"}],
        failed: [{"state": "FAILED", "errorMessage": "why"}, {"state": "CANCELED"}];
    compliance_policy: |client| project(client).compliance_policy().wait(),
        pending: [{"state": "ENABLING"}, {"state": "UPDATING"}, {"state": "DISABLING"}],
        done: [{"state": "ACTIVE"}],
        failed: [{}];
    compliance_policy_disabled: |client| project(client).compliance_policy().wait_disabled(),
        pending: [{"state": "ACTIVE"}, {"state": "DISABLING"}],
        done: [{}],
        failed: [];
    cluster_ready: |client| super::cluster(client).wait(),
        pending: [{"stateName": "CREATING"}, {"stateName": "UPDATING"}, {"stateName": "REPAIRING"}],
        done: [{"stateName": "IDLE"}],
        failed: [{"stateName": "DELETING"}];
    flex_cluster_ready: |client| flex(client).wait(),
        pending: [{"stateName": "CREATING"}, {"stateName": "UPDATING"}],
        done: [{"stateName": "IDLE"}],
        failed: [{"stateName": "DELETING"}];
    access_list_entry: |client| project(client).access_list().wait("10.0.0.1"),
        pending: [{"STATUS": "PENDING"}],
        done: [{"STATUS": "ACTIVE"}],
        failed: [{"STATUS": "FAILED"}];
    cluster_changes: |client| super::cluster(client).wait_applied(),
        pending: [{"changeStatus": "PENDING"}],
        done: [{"changeStatus": "APPLIED"}],
        failed: [];
    private_endpoint: |client| project(client).backup_private_endpoints("AWS".into()).wait(ID),
        pending: [{"status": "INITIATING"}, {"status": "PENDING_ACCEPTANCE"}, {"status": "PENDING_RECREATION"}],
        done: [{"status": "ACTIVE"}],
        failed: [{"status": "FAILED", "errorMessage": "why"}, {"status": "DELETING"}];
}

macro_rules! deletions {
    ($($name:ident: $wait:expr, pending: $pending:tt, gone: $code:literal;)*) => {$(
        #[tokio::test(start_paused = true)]
        async fn $name() {
            let pending = with_id(&json!($pending));
            let there = (200, pending.clone());
            let (outcome, seen) = ended(&[there.clone(), there.clone(), gone($code)], $wait).await;
            assert_eq!((outcome, seen), (Ok(()), 2));
            let (outcome, _) = ended(&[gone($code)], $wait).await;
            assert_eq!(outcome, Ok(()), "it may be deleted before the first poll");
            for (answer, kind) in [
                (gone("GROUP_NOT_FOUND"), ErrorKind::NotFound),
                ((500, json!("broken")), ErrorKind::Timeout),
                ((404, json!("a page of a proxy")), ErrorKind::NotFound),
                (forbidden(), ErrorKind::Forbidden),
            ] {
                let (outcome, _) = ended(&[there.clone(), answer], $wait).await;
                assert_eq!(outcome, Err((kind, Some(pending.clone()))));
            }
            let (outcome, _) = ended(&[there], $wait).await;
            assert_eq!(outcome, Err((ErrorKind::Timeout, Some(pending))));
        }
    )*};
}

deletions! {
    a_cluster_is_deleted_when_it_is_not_found: |client| cluster(client).wait_deleted(),
        pending: {"stateName": "DELETING"}, gone: "CLUSTER_NOT_FOUND";
    a_flex_cluster_is_deleted_when_it_is_not_found: |client| flex(client).wait_deleted(),
        pending: {"stateName": "DELETING"}, gone: "CLUSTER_NOT_FOUND";
    a_private_endpoint_is_deleted_when_it_is_not_found:
        |client| project(client).backup_private_endpoints("AWS".into()).wait_deleted(ID),
        pending: {"status": "DELETING"}, gone: "RESOURCE_NOT_FOUND";
}

#[tokio::test(start_paused = true)]
async fn private_endpoint_deletion_failure_ends_wait() {
    let failed = with_id(&json!({"status": "FAILED"}));
    let endpoints = |client: &Client| project(client).backup_private_endpoints("AWS".into()).wait_deleted(ID);
    let (outcome, _) = ended(&[(200, failed.clone())], endpoints).await;
    assert_eq!(outcome, Err((ErrorKind::Failed, Some(failed))));
}
