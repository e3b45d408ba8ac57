//! What a binding hands to the transport, and what it makes of the response.

use atlas_backup_generated::queries::ListGroupClusterBackupExportsQuery;
use atlas_backup_generated::{operations, types::DiskBackupOnDemandSnapshotRequest};
use atlas_backup_runtime::Error;
use serde_json::json;

use crate::canned::CannedService;

const GROUP: &str = "5f0000000000000000000000";

#[tokio::test]
async fn call_carries_version_path_query_and_body() {
    let service = CannedService::json(&json!({ "results": [] }));
    let client = service.client();
    let body = DiskBackupOnDemandSnapshotRequest::new().with_retention_in_days(7);
    client.take_group_cluster_backup_snapshots(GROUP, "my cluster/%", &body).await.expect("a success");
    let query = ListGroupClusterBackupExportsQuery::default().with_include_count(false).with_page_num(2);
    client.list_group_cluster_backup_exports(GROUP, "c", &query).await.expect("a success");
    let calls = service.calls();
    assert_eq!(calls[0].operation.id, "takeGroupClusterBackupSnapshots");
    assert_eq!(calls[0].version.accept, "application/vnd.atlas.2023-01-01+json");
    assert_eq!(calls[0].version.content_type, Some("application/vnd.atlas.2023-01-01+json"));
    let path = format!("/api/atlas/v2/groups/{GROUP}/clusters/my%20cluster%2F%25/backup/snapshots");
    assert_eq!(calls[0].path, path);
    assert_eq!(calls[0].body.as_deref(), Some(br#"{"retentionInDays":7}"#.as_slice()));
    assert_eq!(calls[1].query, [("includeCount", "false".to_owned()), ("pageNum", "2".to_owned())]);
    assert_eq!(calls[1].body, None);
}

#[tokio::test]
#[expect(deprecated, reason = "an older version is what is tested")]
async fn binding_with_date_sends_that_version() {
    let service = CannedService::json(&json!({}));
    let client = service.client();
    client.get_group_cluster_backup_schedule_v20230101("g", "c").await.expect("a success");
    client.get_group_cluster_backup_schedule("g", "c").await.expect("a success");
    let dates: Vec<&str> = service.calls().iter().map(|call| call.version.date).collect();
    assert_eq!(dates, ["2023-01-01", "2024-08-05"]);
}

#[tokio::test]
async fn value_of_undocumented_type_is_kept_beside_its_field() {
    let body = json!({ "totalCount": 2, "results": [
        { "id": "a", "status": 7, "storageSizeBytes": "many", "createdAt": "yesterday" },
        { "id": "b", "status": "completed", "links": [1] },
    ]});
    let client = CannedService::json(&body).client();
    let page = client.list_group_cluster_backup_snapshots("g", "c", &Default::default()).await;
    let page = page.expect("a page").value;
    let (first, second) = (&page.results[0], &page.results[1]);
    assert_eq!((first.id.as_deref(), first.status.as_ref(), first.storage_size_bytes), (Some("a"), None, None));
    let kept: Vec<&str> = first.extra.keys().map(String::as_str).collect();
    assert_eq!(kept, ["createdAt", "status", "storageSizeBytes"]);
    assert_eq!((second.id.as_deref(), &second.extra["links"]), (Some("b"), &json!([1])));
    assert_eq!(serde_json::to_value(&page).expect("JSON"), body);
}

#[tokio::test]
async fn item_that_is_not_an_object_fails_the_page() {
    let client = CannedService::json(&json!({ "results": [{ "id": "a" }, 7] })).client();
    let error = client.list_groups(&Default::default()).await.expect_err("a number");
    assert!(matches!(error, Error::Decode { .. }), "{error}");
}

#[test]
fn id_wins_over_short_name_and_short_name_over_former_name() {
    let found = |name| operations::find(name).map(|operation| operation.id);
    assert_eq!(found("listGroupClusterBackupSnapshots"), Some("listGroupClusterBackupSnapshots"));
    assert_eq!(found("listBackupSnapshots"), Some("listGroupClusterBackupSnapshots"));
    // The trap: this short name is the shared-tier list, not the dedicated one.
    assert_eq!(found("listClusterBackupSnapshots"), Some("listGroupClusterBackupTenantSnapshots"));
    assert_eq!(found("listSharedClusterBackups"), Some("listGroupClusterBackupTenantSnapshots"));
    assert_eq!(found("nothing"), None);
}
