//! HTTP itself: forms of requests and responses, limits of a connection.

use std::io::Read;

use atlas_backup_emulator::{Emulator, Seed};
use http::Method;
use serde_json::json;

use crate::support::{Bench, NEWEST, OLDEST, demo, raw::Raw};

fn snapshots() -> String {
    demo("/clusters/Cluster0/backup/snapshots")
}

#[tokio::test]
async fn chunked_body_is_read() {
    let bench = Bench::demo().await;
    let mut raw = Raw::to(bench.emulator.address()).await;
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: h\r\naccept: {OLDEST}\r\ncontent-type: {OLDEST}\r\ntransfer-encoding: chunked\r\n\r\n",
        snapshots()
    );
    raw.send(head).await;
    let body = r#"{"description":"in pieces","retentionInDays":3}"#;
    for piece in body.as_bytes().chunks(7) {
        raw.send(format!("{:x};ext=1\r\n", piece.len())).await;
        raw.send(piece).await;
        raw.send("\r\n").await;
    }
    raw.send("0\r\nx-trailer: t\r\n\r\n").await;
    let answer = raw.answer(false).await;
    assert_eq!((answer.status(), &answer.json()["description"]), (200, &"in pieces".into()));
}

#[tokio::test]
async fn chunked_body_is_limited() {
    let bench = Bench::demo().await;
    let mut raw = Raw::to(bench.emulator.address()).await;
    let head = format!("POST {} HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n", snapshots());
    raw.send(head).await;
    let piece = [b' '; 1 << 16];
    for _ in 0..17 {
        // The server may have closed the connection before it received everything.
        let _sent = tokio::io::AsyncWriteExt::write_all(&mut raw.stream, b"10000\r\n").await;
        let _sent = tokio::io::AsyncWriteExt::write_all(&mut raw.stream, &piece).await;
        let _sent = tokio::io::AsyncWriteExt::write_all(&mut raw.stream, b"\r\n").await;
    }
    let (answer, _) = raw.rest().await;
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[tokio::test]
async fn expect_continue_is_answered_with_100() {
    let bench = Bench::demo().await;
    let mut raw = Raw::to(bench.emulator.address()).await;
    let body = r#"{"retentionInDays":3}"#;
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: h\r\naccept: {OLDEST}\r\ncontent-type: {OLDEST}\r\nexpect: 100-continue\r\n\
         content-length: {}\r\n\r\n",
        snapshots(),
        body.len()
    );
    raw.send(head).await;
    assert!(raw.head().await.starts_with("HTTP/1.1 100 "));
    raw.send(body).await;
    assert_eq!(raw.answer(false).await.status(), 200);
}

#[tokio::test]
async fn expect_continue_with_oversized_body_is_refused() {
    let bench = Bench::demo().await;
    let mut raw = Raw::to(bench.emulator.address()).await;
    let path = snapshots();
    raw.send(format!("POST {path} HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ncontent-length: 99999999\r\n\r\n"))
        .await;
    let answer = raw.answer(false).await;
    assert_eq!((answer.status(), answer.header("x-error-code")), (413, Some("REQUEST_BODY_TOO_LARGE")));
    let (_, error) = raw.rest().await;
    assert_eq!(error, None, "the connection ends, because nothing reads the rest");
}

/// Some clients take the 100 as success and never send the unsigned body.
#[tokio::test]
async fn expect_continue_of_refused_request_gets_no_100() {
    let bench = Bench::with(Emulator::builder().api_key("public", "private")).await;
    let mut raw = Raw::to(bench.emulator.address()).await;
    let path = snapshots();
    raw.send(format!("POST {path} HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ncontent-length: 9\r\n\r\n")).await;
    let answer = raw.answer(false).await;
    assert_eq!(answer.status(), 401);
    assert!(answer.header("www-authenticate").unwrap().starts_with("Digest "));
}

#[tokio::test]
async fn connection_serves_sequential_and_pipelined_requests() {
    let bench = Bench::demo().await;
    let mut raw = Raw::to(bench.emulator.address()).await;
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: h\r\naccept: {OLDEST}\r\n\r\n");
    for _ in 0..3 {
        raw.send(get(&demo(""))).await;
        assert_eq!(raw.answer(false).await.status(), 200);
    }
    raw.send(format!("{}{}{}", get(&demo("")), get(&demo("/clusters/none")), get("/api/atlas/v2/groups"))).await;
    let statuses =
        [raw.answer(false).await.status(), raw.answer(false).await.status(), raw.answer(false).await.status()];
    assert_eq!(statuses, [200, 404, 200]);
    raw.send(format!("GET {} HTTP/1.1\r\nhost: h\r\naccept: {OLDEST}\r\nconnection: close\r\n\r\n", demo(""))).await;
    let (last, error) = raw.rest().await;
    assert!(last.starts_with(b"HTTP/1.1 200") && error.is_none());
}

#[tokio::test]
async fn head_returns_headers_of_get_without_body() {
    let bench = Bench::demo().await;
    let mut raw = Raw::to(bench.emulator.address()).await;
    let ask = |method: &str| format!("{method} {} HTTP/1.1\r\nhost: h\r\naccept: {OLDEST}\r\n\r\n", snapshots());
    raw.send(ask("GET")).await;
    let get = raw.answer(false).await;
    raw.send(ask("HEAD")).await;
    let head = raw.answer(true).await;
    assert_eq!((head.status(), head.header("content-length")), (200, get.header("content-length")));
    assert_eq!(head.header("content-type"), get.header("content-type"));
    // If a body had been sent, the next response would not begin here.
    raw.send(ask("GET")).await;
    assert_eq!(raw.answer(false).await.status(), 200);
}

#[tokio::test]
async fn options_lists_methods_of_path() {
    let bench = Bench::demo().await;
    let options = async |path: &str| bench.send(bench.request(Method::OPTIONS, path), "").await;
    let schedule = options(&demo("/clusters/Cluster0/backup/schedule")).await;
    assert_eq!(schedule.status, 204);
    let mut methods: Vec<_> = schedule.header("allow").split(", ").collect();
    methods.sort_unstable();
    assert_eq!(methods, ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH"]);
    assert_eq!(options("/api/oauth/token").await.header("allow"), "POST, OPTIONS");
    options("/api/atlas/v2/nothing").await.refused(404, "RESOURCE_NOT_FOUND");
    let mut raw = Raw::to(bench.emulator.address()).await;
    raw.send("OPTIONS * HTTP/1.1\r\nhost: h\r\n\r\n").await;
    assert_eq!(raw.answer(false).await.status(), 204);
}

#[tokio::test]
async fn response_is_compressed_when_accepted_and_large_enough() {
    let bench = Bench::demo().await;
    let ask = async |path: &str, accept_encoding: &str| {
        let mut raw = Raw::to(bench.emulator.address()).await;
        raw.send(format!(
            "GET {path} HTTP/1.1\r\nhost: {}\r\naccept: {NEWEST}\r\naccept-encoding: {accept_encoding}\r\n\
             connection: close\r\n\r\n",
            bench.emulator.address()
        ))
        .await;
        let (bytes, _) = raw.rest().await;
        let end = bytes.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        (String::from_utf8(bytes[..end].to_vec()).unwrap().to_lowercase(), bytes[end + 4..].to_vec())
    };
    let (head, body) = ask(&snapshots(), "br, gzip;q=0.5").await;
    assert!(head.contains("content-encoding: gzip") && head.contains("vary: accept-encoding"), "{head}");
    let mut plain = String::new();
    assert!(head.contains(&format!("content-length: {}", body.len())), "{head}");
    flate2::read::GzDecoder::new(&body[..]).read_to_string(&mut plain).unwrap();
    let plain: serde_json::Value = serde_json::from_str(&plain).unwrap();
    assert_eq!(plain, bench.get_as(&snapshots(), NEWEST).await.json);
    for refused in ["identity", "br", "gzip;q=0", ""] {
        let (head, body) = ask(&snapshots(), refused).await;
        assert!(!head.contains("content-encoding"), "{refused}: {head}");
        assert_eq!(serde_json::from_slice::<serde_json::Value>(&body).unwrap(), plain, "{refused}");
    }
    let (small, _) = ask("/api/atlas/v2/nothing", "gzip").await;
    assert!(!small.contains("content-encoding"), "{small}");
}

/// The paused clock advances to the next timer when nothing else happens.
#[tokio::test(start_paused = true)]
async fn client_that_does_not_read_is_disconnected() {
    let bench = Bench::demo().await;
    let mut raw = Raw::to(bench.emulator.address()).await;
    // More responses than the buffers of both sides can hold.
    let get = format!("GET {}?itemsPerPage=500 HTTP/1.1\r\nhost: h\r\naccept: {OLDEST}\r\n\r\n", snapshots());
    let mut sent = 0;
    let ended = loop {
        match tokio::io::AsyncWriteExt::write_all(&mut raw.stream, get.as_bytes()).await {
            Ok(()) => sent += 1,
            Err(error) => break error,
        }
        assert!(sent < 200_000, "the server accepts everything and never times out");
    };
    assert!(
        matches!(ended.kind(), std::io::ErrorKind::ConnectionReset | std::io::ErrorKind::BrokenPipe),
        "{ended} after {sent} requests"
    );
}

/// The paused clock advances to the next timer when nothing else happens.
#[tokio::test(start_paused = true)]
async fn idle_connection_is_closed() {
    let bench = Bench::demo().await;
    let mut raw = Raw::to(bench.emulator.address()).await;
    raw.send(format!("GET {} HTTP/1.1\r\nhost: h\r\naccept: {OLDEST}\r\n\r\n", demo(""))).await;
    assert_eq!(raw.answer(false).await.status(), 200);
    let mut byte = [0];
    assert_eq!(tokio::io::AsyncReadExt::read(&mut raw.stream, &mut byte).await.unwrap(), 0);
}

#[tokio::test]
async fn connections_over_the_limit_wait_for_a_free_slot() {
    let emulator = Emulator::builder().seed(Seed::Demo).connections(2).start().await.unwrap();
    let get = format!("GET {} HTTP/1.1\r\nhost: h\r\naccept: {OLDEST}\r\n\r\n", demo(""));
    let (mut first, mut second) = (Raw::to(emulator.address()).await, Raw::to(emulator.address()).await);
    for open in [&mut first, &mut second] {
        open.send(&get).await;
        assert_eq!(open.answer(false).await.status(), 200);
    }
    let mut third = Raw::to(emulator.address()).await;
    third.send(&get).await;
    // The two accepted connections continue. The third request is not read meanwhile.
    first.send(&get).await;
    assert_eq!(first.answer(false).await.status(), 200);
    let mut byte = [0];
    let early = third.stream.try_read(&mut byte);
    assert_eq!(early.unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    drop(second);
    assert_eq!(third.answer(false).await.status(), 200);
}

#[tokio::test]
async fn stop_finishes_response_in_progress() {
    let bench = Bench::demo().await;
    let mut raw = Raw::to(bench.emulator.address()).await;
    let body = json!({"retentionInDays": 2}).to_string();
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: h\r\naccept: {OLDEST}\r\ncontent-type: {OLDEST}\r\nexpect: 100-continue\r\n\
         content-length: {}\r\n\r\n",
        snapshots(),
        body.len()
    );
    raw.send(head).await;
    assert!(raw.head().await.starts_with("HTTP/1.1 100 "));
    let address = bench.emulator.address();
    let stopped = tokio::spawn(bench.emulator.stop());
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    raw.send(body).await;
    assert_eq!(raw.answer(false).await.status(), 200);
    stopped.await.unwrap();
}
