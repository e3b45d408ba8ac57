//! Injected faults: what a client sees, and whether the request was executed.

use std::{io::ErrorKind, time::Duration};

use atlas_backup_emulator::{Emulator, Fault, Seed};
use http::Method;
use serde_json::json;
use tokio::time::Instant;

use crate::support::{Bench, OLDEST, demo, digest::Challenge, raw::Raw};

const TAKE: &str = "takeGroupClusterBackupSnapshots";

fn snapshots() -> String {
    demo("/clusters/Cluster0/backup/snapshots")
}

/// Number of snapshots.
async fn total(bench: &Bench) -> u64 {
    bench.get(&snapshots()).await.documented(200).json["totalCount"].as_u64().unwrap()
}

fn post() -> String {
    let body = r#"{"retentionInDays":3}"#;
    format!(
        "POST {} HTTP/1.1\r\nhost: h\r\naccept: {OLDEST}\r\ncontent-type: {OLDEST}\r\ncontent-length: {}\r\n\r\n{body}",
        snapshots(),
        body.len()
    )
}

#[tokio::test]
async fn status_fault_prevents_execution_up_to_its_count() {
    let bench = Bench::demo().await;
    let before = total(&bench).await;
    bench.emulator.inject(Fault::status(503).code("BUSY").retry_after(7).on(TAKE).times(2)).unwrap();
    let take = async || bench.post(&snapshots(), json!({"retentionInDays": 3})).await;
    for _ in 0..2 {
        let refused = take().await.refused(503, "BUSY");
        assert_eq!(refused.header("retry-after"), "7");
    }
    assert_eq!(total(&bench).await, before);
    assert!(bench.emulator.faults().is_empty());
    take().await.documented(200);
    assert_eq!(total(&bench).await, before + 1);
}

#[tokio::test]
async fn fault_can_send_proxy_page_and_empty_401() {
    let bench = Bench::demo().await;
    let id = bench.emulator.inject(Fault::status(502).page("text/html", "<h1>Bad Gateway</h1>").times(1)).unwrap();
    assert_eq!(bench.emulator.faults()[0].id, id);
    let page = bench.get(&demo("")).await;
    assert_eq!((page.status.as_u16(), page.header("content-type")), (502, "text/html"));
    assert_eq!((page.text.as_str(), page.header("x-error-code")), ("<h1>Bad Gateway</h1>", ""));
    bench.emulator.inject(Fault::status(401).empty().times(1)).unwrap();
    let empty = bench.get(&demo("")).await;
    assert_eq!((empty.status.as_u16(), empty.header("content-type"), empty.text.as_str()), (401, "", ""));
}

#[tokio::test]
async fn reset_fault_before_execution_has_no_effect_after_it_does() {
    let bench = Bench::demo().await;
    let before = total(&bench).await;
    for (fault, more) in [(Fault::reset_before(), 0), (Fault::reset_after(), 1)] {
        bench.emulator.inject(fault.on(TAKE).times(1)).unwrap();
        let mut raw = Raw::to(bench.emulator.address()).await;
        raw.send(post()).await;
        let (bytes, error) = raw.rest().await;
        assert_eq!((bytes.len(), error), (0, Some(ErrorKind::ConnectionReset)));
        assert_eq!(total(&bench).await, before + more);
    }
}

#[tokio::test]
async fn truncated_body_ends_before_the_length_it_announced() {
    let bench = Bench::demo().await;
    let whole = bench.get(&demo("")).await.text;
    bench.emulator.inject(Fault::truncated_body().on("getGroup").times(1)).unwrap();
    let mut raw = Raw::to(bench.emulator.address()).await;
    raw.send(format!("GET {} HTTP/1.1\r\nhost: {}\r\naccept: {OLDEST}\r\n\r\n", demo(""), bench.emulator.address()))
        .await;
    let head = raw.head().await.to_lowercase();
    assert!(head.contains(&format!("content-length: {}\r\n", whole.len())), "{head}");
    let (body, _) = raw.rest().await;
    assert_eq!(String::from_utf8(body).unwrap(), whole[..whole.len() / 2]);
}

/// The paused clock advances to the next timer when nothing else happens.
#[tokio::test(start_paused = true)]
async fn latency_fault_delays_response_and_slow_body_its_chunks() {
    let bench = Bench::demo().await;
    let whole = bench.get(&demo("")).await.text;
    bench.emulator.inject(Fault::latency(Duration::from_secs(4)).on("getGroup").times(1)).unwrap();
    let asked = Instant::now();
    assert_eq!(bench.get(&demo("")).await.text, whole);
    assert!(asked.elapsed() >= Duration::from_secs(4));
    // A cleared fault delays no further request.
    let hour = Duration::from_secs(3600);
    bench.emulator.inject(Fault::latency(hour).on("getGroup")).unwrap();
    let asked = Instant::now();
    let path = demo("");
    let (held, ()) = tokio::join!(bench.get(&path), async {
        while bench.emulator.faults().iter().any(|fault| fault.hits == 0) {
            tokio::task::yield_now().await;
        }
        bench.emulator.clear_faults();
    });
    assert_eq!(held.text, whole);
    assert!(asked.elapsed() < hour);
    bench.emulator.inject(Fault::slow_body(100, Duration::from_secs(1)).on("getGroup").times(1)).unwrap();
    let asked = Instant::now();
    assert_eq!(bench.get(&demo("")).await.text, whole);
    let pieces = whole.len().div_ceil(100) as u64;
    assert!(asked.elapsed() >= Duration::from_secs(pieces), "{:?} for {pieces} pieces", asked.elapsed());
}

#[tokio::test]
async fn content_type_fault_changes_only_the_header() {
    let bench = Bench::demo().await;
    bench.emulator.inject(Fault::content_type("text/html").times(1)).unwrap();
    let wrong = bench.get(&demo("")).await;
    assert_eq!((wrong.status.as_u16(), wrong.header("content-type")), (200, "text/html"));
    assert_eq!(wrong.json, bench.get(&demo("")).await.documented(200).json);
}

#[tokio::test]
async fn fault_seed_repeats_a_run() {
    let run = async || {
        let bench = Bench::demo().await;
        bench.emulator.inject(Fault::status(500).on("getGroup").with_probability(0.3, 11)).unwrap();
        let mut statuses = Vec::new();
        for _ in 0..60 {
            statuses.push(bench.get(&demo("")).await.status.as_u16());
        }
        statuses
    };
    let first = run().await;
    assert_eq!(first, run().await);
    assert!(first.contains(&200) && first.contains(&500));
}

#[tokio::test]
async fn digest_challenge_consumes_no_fault() {
    let key = ("public", "private");
    let bench = Bench::with(Emulator::builder().seed(Seed::Demo).stepped_clock().api_key(key.0, key.1)).await;
    bench.emulator.inject(Fault::status(500).times(1)).unwrap();
    let challenge = bench.get(&demo("")).await;
    assert_eq!(challenge.status, 401);
    let answer = Challenge::parse(challenge.header("www-authenticate")).answer(key, "GET", &demo(""), 1);
    let signed = bench.request(Method::GET, &demo("")).header("accept", OLDEST).header("authorization", answer);
    bench.send(signed, "").await.refused(500, "FAULT");
}

#[tokio::test]
async fn faults_cover_token_revoke_and_download() {
    let bench = Bench::with(Emulator::builder().service_account("id", "secret")).await;
    bench.emulator.inject(Fault::status(503).on("oauthToken").times(1)).unwrap();
    let ask = async || {
        let form = "grant_type=client_credentials&client_id=id&client_secret=secret";
        bench.send(bench.request(Method::POST, "/api/oauth/token"), form).await.status.as_u16()
    };
    assert_eq!((ask().await, ask().await), (503, 200));
    bench.emulator.inject(Fault::status(504).on("download").times(1)).unwrap();
    assert_eq!(bench.get("/download/x/y.tar.gz").await.status, 504);
    assert_eq!(bench.get("/download/x/y.tar.gz").await.status, 403);
    assert!(bench.emulator.inject(Fault::status(500).on("nothing")).is_err());
}
