//! The recorder of requests.

use atlas_backup_emulator::{Emulator, Recorder, Seed};
use http::Method;
use serde_json::json;

use crate::support::{Bench, OLDEST, demo};

#[tokio::test]
async fn recorder_keeps_requests_unchanged() {
    let recorder = Recorder::default();
    let bench = Bench::with(Emulator::builder().seed(Seed::Demo).recorder(&recorder)).await;
    bench.get("/api/atlas/v2/groups?pageNum=1&itemsPerPage=5").await;
    bench.post(&demo("/clusters/Cluster0/backup/snapshots"), json!({"retentionInDays": 3})).await;
    bench.get_as(&demo("/clusters/none"), "*/*").await;
    let requests = recorder.take();
    let statuses: Vec<u16> = requests.iter().map(|r| r.status.as_u16()).collect();
    assert_eq!(statuses, [200, 200, 406]);
    assert_eq!((&requests[0].method, requests[0].path.as_str()), (&Method::GET, "/api/atlas/v2/groups"));
    assert_eq!(requests[0].query.as_deref(), Some("pageNum=1&itemsPerPage=5"));
    assert_eq!(requests[1].headers["accept"], OLDEST);
    assert_eq!(&requests[1].body[..], br#"{"retentionInDays":3}"#);
    assert!(recorder.requests().is_empty());
}
