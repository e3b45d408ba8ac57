//! What becomes of a call on its way: connections that end, services that stall, proxies, and what is told about it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use atlas_backup::{ErrorKind, Retention, RetryPolicy};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::{
    log::LOG,
    server::{CannedResponse, Server, http},
    *,
};

const SNAPSHOT: &str = "5f3e8e7d9b1c2a0012345678";

#[tokio::test]
async fn post_on_closed_connection_is_sent_once_on_a_new_one() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let posts = Arc::new(AtomicUsize::new(0));
    let counted = posts.clone();
    let (ended, has_ended) = tokio::sync::oneshot::channel();
    let mut ended = Some(ended);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 16 * 1024];
            let read = stream.read(&mut request).await.unwrap_or(0);
            counted.fetch_add(usize::from(request[..read].starts_with(b"POST")), SeqCst);
            // Promises to keep the connection, and ends it.
            let body = format!(r#"{{"id":"{SNAPSHOT}"}}"#);
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            let _written = stream.write_all(answer.as_bytes()).await;
            let _closed = stream.shutdown().await;
            drop(stream);
            let _told = ended.take().map(|ended| ended.send(()));
        }
    });
    let builder = Client::builder().base_url(format!("http://{address}")).credentials(Credentials::none());
    let snapshots = cluster(&builder.build().expect("a client"), "Cluster0").snapshots();
    snapshots.get(SNAPSHOT).await.expect("the snapshot");
    has_ended.await.expect("the connection ended");
    let taken = snapshots.take("x", Retention::days(1)).await;
    assert_eq!((taken.map(|s| s.id.to_string()).ok().as_deref(), posts.load(SeqCst)), (Some(SNAPSHOT), 1));
}

#[tokio::test]
async fn silent_service_is_a_timeout() {
    for beginning in ["", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{"] {
        let service = Server::start(move |_, _| CannedResponse::Hang(beginning.into())).await;
        let builder = service.builder().read_timeout(Duration::from_millis(50)).retry(RetryPolicy::none());
        let error = cluster(&builder.build().expect("a client"), "Cluster0").get().await.expect_err("silence");
        assert_eq!(error.kind(), ErrorKind::Timeout, "{beginning:?}");
    }
}

#[tokio::test]
async fn slow_connection_is_a_connect_error() {
    // The connection is made, but nothing answers the TLS handshake, which is part of making it.
    let service = Server::start(|_, _| CannedResponse::Hang(Vec::new())).await;
    let builder = service.builder().base_url(format!("https://{}", service.address));
    let atlas = builder.connect_timeout(Duration::from_millis(50)).retry(RetryPolicy::none()).build();
    let error = cluster(&atlas.expect("a client"), "Cluster0").snapshots().take("x", Retention::days(1)).await;
    assert_eq!(error.expect_err("silence").kind(), ErrorKind::Connect);
}

#[tokio::test]
async fn longest_time_limits_do_not_overflow() {
    let (service, long) = (Server::start(|_, _| http("200 OK", "", r#"{"name":"Cluster0"}"#)).await, Duration::MAX);
    let builder = service.builder().timeout(long).attempt_timeout(long).connect_timeout(long).read_timeout(long);
    let answer = cluster(&builder.build().expect("a client"), "Cluster0").get().await;
    assert_eq!(answer.expect("the cluster").name.as_str(), "Cluster0");
}

#[tokio::test]
async fn proxy_receives_every_request_and_its_password_is_hidden() {
    let proxy = Server::start(|_, _| http("403 Forbidden", "", "")).await;
    let builder = Client::builder().base_url("http://127.0.0.1:9").credentials(Credentials::none());
    let atlas = builder.proxy(format!("http://user:hunter2@{}", proxy.address)).build().expect("a client");
    let error = cluster(&atlas, "Cluster0").get().await.expect_err("the proxy refuses");
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    let asked = &proxy.requests()[0];
    assert!(asked.starts_with("get http://127.0.0.1:9/api/atlas/v2/groups/"), "{asked}");
    assert!(asked.contains("proxy-authorization: basic "), "{asked}");
    assert!(!format!("{error:?} {atlas:?} {}", LOG.text()).contains("hunter2"));
}

#[tokio::test]
async fn spans_tell_place_attempt_wait_budget_and_outcome() {
    let log = &*LOG;
    let service = Server::start(|n, _| match n {
        0 => http("503 Service Unavailable", "", ""),
        _ => http("200 OK", "", "{}"),
    })
    .await;
    let atlas = service.client();
    // An operation that no other test of this program calls.
    let call = atlas.operation("getLegacySnapshot").expect("an operation");
    let call = call.parameter("groupId", atlas_backup_emulator::DEMO_PROJECT).parameter("clusterName", "Cluster0");
    call.parameter("snapshotId", SNAPSHOT).await.expect("an answer");
    let text = log.text();
    let lines: Vec<&str> =
        text.lines().filter(|line| line.contains("close") && line.contains("getGroupClusterSnapshot")).collect();
    let project = atlas_backup_emulator::DEMO_PROJECT;
    let call = r#"atlas_call{operation="getGroupClusterSnapshot" version="2023-01-01""#;
    let place = format!(r#"http.request.method="GET" project="{project}" cluster="Cluster0""#);
    let found = |parts: &[&str]| lines.iter().any(|line| parts.iter().all(|part| line.contains(part)));
    let text = lines.join("\n");
    let client = r#"otel.kind="client" http.request.method="GET""#;
    let failed = r#"http.response.status_code=503 error.type="server"}"#;
    assert!(found(&["atlas_attempt{attempt=1 wait=0 budget=100", client, "127.0.0.1", failed]), "{text}");
    let repeated = "http.request.resend_count=1";
    assert!(found(&["atlas_attempt{attempt=2 wait=0 budget=99", repeated, "http.response.status_code=200}"]), "{text}");
    assert!(found(&[call, &place, "http.response.status_code=200}: "]), "{text}");
}

#[tokio::test]
async fn span_of_a_wait_covers_all_of_its_polls() {
    let log = &*LOG;
    let service = Server::start(|n, _| match n {
        0 => http("503 Service Unavailable", "", ""),
        1 => http("200 OK", "", r#"{"id":"5f3e8e7d9b1c2a00deadbeef","status":"queued"}"#),
        _ => http("200 OK", "", r#"{"id":"5f3e8e7d9b1c2a00deadbeef","status":"completed"}"#),
    })
    .await;
    let wait = cluster(&service.client(), "Cluster0").snapshots().wait("5f3e8e7d9b1c2a00deadbeef");
    wait.interval(Duration::from_millis(5)).await.expect("done");
    let text = log.text();
    let project = atlas_backup_emulator::DEMO_PROJECT;
    let place = format!(r#"project="{project}" cluster="Cluster0" object="5f3e8e7d9b1c2a00deadbeef""#);
    let span = format!(r#"atlas_wait{{operation="getGroupClusterBackupSnapshot" {place}"#);
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("close") && line.contains(&span)).collect();
    let polls = lines.iter().filter(|line| line.contains(":atlas_call{") && !line.contains("atlas_attempt")).count();
    let ended = lines.iter().filter(|line| line.contains("polls=3}") && !line.contains("atlas_call")).count();
    assert_eq!((polls, ended), (3, 1), "{}", lines.join("\n"));
}
