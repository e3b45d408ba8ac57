//! What a binding hands to the transport, and what it makes of the answer.

use std::{
    future::Future,
    pin::pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use atlas_backup_generated::{
    Call, Client, Error, Reply, Transport, operations,
    transport::Exchange,
    types::{BackupSnapshotRetention, DiskBackupOnDemandSnapshotRequest},
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};

/// Answers every call alike and remembers it.
struct Recorder {
    calls: Mutex<Vec<Call>>,
    status: StatusCode,
    body: &'static str,
}

impl Transport for Recorder {
    fn send(&self, call: Call) -> Exchange<'_> {
        self.calls.lock().expect("no test panics with it").push(call);
        let reply =
            Reply { status: self.status, headers: HeaderMap::new(), body: Bytes::from_static(self.body.as_bytes()) };
        Box::pin(std::future::ready(Ok(reply)))
    }
}

fn client(status: u16, body: &'static str) -> (Client, Arc<Recorder>) {
    let status = StatusCode::from_u16(status).expect("a status");
    let recorder = Arc::new(Recorder { calls: Mutex::default(), status, body });
    (Client::new(recorder.clone()), recorder)
}

/// The transport here is always ready.
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing here waits"),
    }
}

#[test]
fn a_call_carries_its_version_path_query_and_body() {
    let (client, recorder) = client(200, "{}");
    let body = DiskBackupOnDemandSnapshotRequest::new().with_retention_in_days(7);
    now(client.take_group_cluster_backup_snapshots("5f0000000000000000000000", "my cluster/%", &body)).unwrap();
    now(client.list_group_cluster_backup_exports("5f0000000000000000000000", "c", Some(false), None, Some(2))).unwrap();
    let calls = recorder.calls.lock().unwrap();
    assert_eq!(calls[0].operation.id, "takeGroupClusterBackupSnapshots");
    assert_eq!(calls[0].version.accept, "application/vnd.atlas.2023-01-01+json");
    assert_eq!(calls[0].version.content_type, Some("application/vnd.atlas.2023-01-01+json"));
    let path = "/api/atlas/v2/groups/5f0000000000000000000000/clusters/my%20cluster%2F%25/backup/snapshots";
    assert_eq!(calls[0].path, path);
    assert_eq!(calls[0].body.as_deref(), Some(br#"{"retentionInDays":7}"#.as_slice()));
    assert_eq!(calls[1].query, [("includeCount", "false".to_owned()), ("pageNum", "2".to_owned())]);
    assert_eq!(calls[1].body, None);
}

#[test]
#[expect(deprecated, reason = "an older version is what is tested")]
fn an_older_binding_names_the_older_version() {
    let (client, recorder) = client(200, "{}");
    now(client.get_group_cluster_backup_schedule_v20230101("g", "c")).unwrap();
    now(client.get_group_cluster_backup_schedule("g", "c")).unwrap();
    let dates: Vec<&str> = recorder.calls.lock().unwrap().iter().map(|call| call.version.date).collect();
    assert_eq!(dates, ["2023-01-01", "2024-08-05"]);
}

#[test]
fn a_path_value_that_would_name_another_resource_is_refused_unsent() {
    for value in ["", ".", ".."] {
        let (client, recorder) = client(200, "{}");
        let error = now(client.get_group_cluster_backup_snapshot("g", "c", value)).unwrap_err();
        assert!(matches!(&error, Error::Parameter { name, .. } if name == "snapshotId"), "{error}");
        assert!(recorder.calls.lock().unwrap().is_empty());
    }
}

#[test]
fn an_empty_success_is_an_empty_document() {
    for status in [200, 202, 204] {
        let (client, _) = client(status, " ");
        let retention = BackupSnapshotRetention::new("DAYS", 7);
        let answer = now(client.update_group_cluster_backup_snapshot("g", "c", "s", &retention)).unwrap();
        assert_eq!(answer.value.id, None);
        now(client.delete_group("g")).unwrap();
    }
}

#[test]
fn a_document_where_none_is_promised_is_kept() {
    let (client, _) = client(202, r#"{"left":1}"#);
    assert_eq!(now(client.delete_group("g")).unwrap().value.extra["left"], 1);
}

#[test]
fn a_value_that_is_not_what_the_document_says_costs_its_field_only() {
    const BODY: &str = r#"{"results":[{"id":"a","status":7,"storageSizeBytes":"many","createdAt":"yesterday"},
        {"id":"b","status":"completed","links":[1]}],"totalCount":2}"#;
    let (client, _) = client(200, BODY);
    let page =
        now(client.list_group_cluster_backup_snapshots("g", "c", None, None, None, None, None, None)).unwrap().value;
    let (first, second) = (&page.results[0], &page.results[1]);
    assert_eq!((first.id.as_deref(), first.status.as_ref(), first.storage_size_bytes), (Some("a"), None, None));
    let kept: Vec<&str> = first.extra.keys().map(String::as_str).collect();
    assert_eq!(kept, ["createdAt", "status", "storageSizeBytes"]);
    assert_eq!((second.id.as_deref(), &second.extra["links"]), (Some("b"), &serde_json::json!([1])));
    let (sent, written) = (BODY.parse::<serde_json::Value>().unwrap(), serde_json::to_value(&page).unwrap());
    assert_eq!(sent, written);
}

#[test]
fn an_item_that_is_no_object_fails_the_page() {
    let (client, _) = client(200, r#"{"results":[{"id":"a"},7]}"#);
    let error = now(client.list_groups(None, None, None)).unwrap_err();
    assert!(matches!(error, Error::Decode { .. }), "{error}");
}

#[test]
fn a_failure_keeps_status_and_body_whole() {
    let (client, _) = client(502, "<html>bad gateway</html>");
    let Error::Answer(reply) = now(client.get_group("g")).unwrap_err() else { panic!("another error") };
    assert_eq!((reply.status.as_u16(), &reply.body[..]), (502, b"<html>bad gateway</html>".as_slice()));
}

#[test]
fn a_success_that_does_not_decode_keeps_its_answer() {
    let (client, _) = client(200, "<html>proxy</html>");
    let error = now(client.get_group("g")).unwrap_err();
    assert!(matches!(&error, Error::Decode { reply, .. } if reply.status == 200), "{error}");
    assert_eq!(error.to_string(), "the 200 OK answer could not be decoded");
}

#[test]
fn an_id_wins_over_a_short_name_and_that_over_a_former_one() {
    let found = |name| operations::find(name).map(|operation| operation.id);
    assert_eq!(found("listGroupClusterBackupSnapshots"), Some("listGroupClusterBackupSnapshots"));
    assert_eq!(found("listBackupSnapshots"), Some("listGroupClusterBackupSnapshots"));
    // The trap: this short name is the shared-tier list, not the dedicated one.
    assert_eq!(found("listClusterBackupSnapshots"), Some("listGroupClusterBackupTenantSnapshots"));
    assert_eq!(found("listSharedClusterBackups"), Some("listGroupClusterBackupTenantSnapshots"));
    assert_eq!(found("nothing"), None);
}

#[test]
fn a_retired_operation_has_a_replacement() {
    for operation in operations::ALL.iter().filter(|operation| operation.retired) {
        assert!(operation.replaced_by.is_some(), "{} has no replacement", operation.id);
    }
}
