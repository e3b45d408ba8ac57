//! Uses from outside of the crate: build documents in its own tests, save IDs and small types, parse their text forms,
//! and carry bindings of other parts of the API.

// A test may unwrap.
#![allow(clippy::unwrap_used)]

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use atlas_backup::{
    AnyRestore, AnySnapshot, ApiVersion, Client, ClusterName, Credentials, Document, ErrorKind, FleetItem, JobState,
    Meta, Namespace, PointInTime, ProjectId, RateLimit, Retention, ScheduleDocument, Snapshot, SnapshotId,
    runtime::{self, Kind, Location, Method, Operation, Parameter, Request, Version},
    types::{ClusterDescription, DiskBackupReplicaSet, DiskBackupSnapshotSchedule, SnapshotStatus},
};
use bytes::Bytes;
use http_body_util::Full;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

const PROJECT: &str = "32b6e34b3d91647abb20e7b8";
const SNAPSHOT: &str = "5f3e8e7d9b1c2a0012345678";

/// A client whose service answers with `answer`, and what was sent: method, path and authorization.
fn client(answer: fn(usize) -> (u16, Value)) -> (Client, Arc<Mutex<Vec<String>>>) {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let log = sent.clone();
    let service = tower::service_fn(move |request: http::Request<Bytes>| {
        let mut sent = log.lock().unwrap();
        let (status, body) = answer(sent.len());
        let authorization = request.headers().get("authorization").map_or("", |value| value.to_str().unwrap());
        sent.push(format!("{} {} {authorization}", request.method(), request.uri().path()));
        let response = http::Response::builder().status(status).header("ratelimit-limit", "1200");
        let response = response.header("ratelimit-remaining", "1199").body(Full::new(Bytes::from(body.to_string())));
        std::future::ready(Ok::<_, Infallible>(response.unwrap()))
    });
    let builder = Client::builder().credentials(Credentials::bearer("token")).http_service(service);
    (builder.build().unwrap(), sent)
}

fn survives<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: T, saved: Value) {
    assert_eq!(serde_json::to_value(&value).unwrap(), saved);
    assert_eq!(serde_json::from_value::<T>(saved).unwrap(), value);
}

#[test]
fn ids_and_small_types_survive_json() {
    survives(SnapshotId::new(SNAPSHOT).unwrap(), json!(SNAPSHOT));
    survives(ClusterName::new("Cluster0").unwrap(), json!("Cluster0"));
    survives(Namespace::new("shop.orders").unwrap(), json!("shop.orders"));
    survives(Retention::weeks(2), json!("2 weeks"));
    survives(PointInTime::oplog(1_790_000_000, 7), json!("1790000000:7"));
    survives("2026-01-31T12:00:00Z".parse::<PointInTime>().unwrap(), json!("2026-01-31T12:00:00Z"));
    survives("2024-08-05".parse::<ApiVersion>().unwrap(), json!("2024-08-05"));
    survives(ErrorKind::NotFound, json!("not_found"));
    survives(
        serde_json::from_value::<RateLimit>(json!({ "limit": 5, "remaining": 4 })).unwrap(),
        json!({ "limit": 5, "remaining": 4 }),
    );
    for refused in ["", "..", "a\nb"] {
        assert!(serde_json::from_value::<SnapshotId>(json!(refused)).is_err(), "{refused:?}");
    }
}

#[test]
fn text_forms_are_parsed_back() {
    for text in ["7 days", "2 weeks", "3 months", "1 years"] {
        assert_eq!(text.parse::<Retention>().unwrap().to_string(), text);
    }
    assert_eq!("1 day".parse::<Retention>().unwrap(), Retention::days(1));
    for text in ["2026-01-31T12:00:00Z", "1790000000:7"] {
        assert_eq!(text.parse::<PointInTime>().unwrap().to_string(), text);
    }
    for text in ["", "7", "days", "7 fortnights", "-1 days", "7d"] {
        assert_eq!(text.parse::<Retention>().unwrap_err().kind(), ErrorKind::InvalidInput, "{text:?}");
        assert_eq!(text.parse::<PointInTime>().unwrap_err().kind(), ErrorKind::InvalidInput, "{text:?}");
        assert_eq!(text.parse::<ErrorKind>().unwrap_err().kind(), ErrorKind::InvalidInput, "{text:?}");
    }
}

#[tokio::test]
async fn metadata_and_fleet_items_survive_json() {
    let (client, _) = client(|_| (200, json!({ "id": PROJECT })));
    let project = client.project(PROJECT).unwrap().get().await.unwrap();
    let saved = serde_json::to_value(project.meta()).unwrap();
    let meta: Meta = serde_json::from_value(saved).unwrap();
    assert_eq!(&meta, project.meta());
    assert_eq!(meta.rate_limit().map(|limit| limit.remaining), Some(1199));

    let saved = json!({ "project": PROJECT, "cluster": "Cluster0", "item": { "id": SNAPSHOT, "status": "completed" } });
    let item: FleetItem<AnySnapshot> = serde_json::from_value(saved.clone()).unwrap();
    assert_eq!((item.project.as_str(), item.item.state()), (PROJECT, JobState::Succeeded));
    assert_eq!(serde_json::to_value(&item).unwrap(), saved);

    for (job, kind) in [
        (json!({ "id": SNAPSHOT, "deliveryType": "automated" }), "dedicated"),
        (json!({ "id": SNAPSHOT, "status": "RUNNING" }), "flex"),
    ] {
        let saved = json!({ "project": PROJECT, "cluster": null, "item": job });
        let item: FleetItem<AnyRestore> = serde_json::from_value(saved.clone()).unwrap();
        assert_eq!(matches!(item.item, AnyRestore::Flex(_)), kind == "flex");
        assert_eq!(serde_json::to_value(&item).unwrap(), saved);
    }
}

#[test]
fn documents_are_built_in_unit_tests() {
    let mut document = DiskBackupReplicaSet::default();
    document.id = Some(SNAPSHOT.to_owned());
    document.status = Some(SnapshotStatus::Completed);
    let snapshot = Snapshot::new(document).unwrap();
    assert_eq!((snapshot.id.as_str(), snapshot.meta()), (SNAPSHOT, &Meta::default()));
    assert_eq!(Snapshot::new(DiskBackupReplicaSet::default()).unwrap_err().kind(), ErrorKind::Decode);
    let schedule: ScheduleDocument = Document::new(DiskBackupSnapshotSchedule::default().with_reference_hour_of_day(3));
    assert_eq!(schedule.reference_hour_of_day, Some(3));
    let cluster = atlas_backup::ClusterDocument::new(ClusterDescription::default().with_name("Cluster0")).unwrap();
    assert_eq!(cluster.name, ClusterName::new("Cluster0").unwrap());
}

/// A row of the operations table of other bindings.
static LIST_ALERTS: Operation = Operation::new("listAlerts", Method::Get, "/api/atlas/v2/groups/{groupId}/alerts")
    .with_tag("Alerts")
    .with_parameters(&[Parameter::new("groupId", Location::Path, Kind::Text)])
    .with_versions(&[Version::new("2023-01-01", "application/vnd.atlas.2023-01-01+json", "list_alerts")]);

#[tokio::test(start_paused = true)]
async fn transport_carries_bindings_of_other_parts_of_the_api() {
    let (atlas, sent) = client(|before| match before {
        0 => (503, json!({})),
        1 => (200, json!({ "totalCount": 0, "results": [] })),
        _ => (404, json!({ "error": 404, "errorCode": "GROUP_NOT_FOUND" })),
    });
    let transport = atlas.transport();
    let call = || Request::new(&*transport, &LIST_ALERTS, 0, &[&ProjectId::new(PROJECT).unwrap()]).send::<Value>();
    let response: runtime::Response<Value> = Client::finish(call()).await.unwrap();
    assert_eq!(response.value["totalCount"], 0);
    let error = Client::finish(call()).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::NotFound, Some("listAlerts")));
    let sent = sent.lock().unwrap();
    let expected = format!("GET /api/atlas/v2/groups/{PROJECT}/alerts Bearer token");
    assert!(sent.len() == 3 && sent.iter().all(|request| *request == expected), "{sent:?}");
}
