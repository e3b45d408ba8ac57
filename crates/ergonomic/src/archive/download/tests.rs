use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::json;

use crate::{
    Client, ErrorKind, RetryPolicy,
    testing::{CannedResponse, CannedService, reply},
};

const PROJECT: &str = "32b6e34b3d91647abb20e7b8";
const JOB: &str = "5f3e8e7d9b1c2a0012345678";

fn job(urls: &[&str]) -> String {
    json!({ "id": JOB, "deliveryType": "download", "snapshotId": JOB, "deliveryUrl": urls }).to_string()
}

fn client(service: CannedService) -> Client {
    Client::builder().retry(RetryPolicy::default()).build_over(service)
}

async fn download(client: &Client) -> super::Download<crate::RestoreJob> {
    let cluster = client.project(PROJECT).and_then(|p| p.cluster("Cluster0")).expect("a cluster");
    cluster.restores().resume_download(JOB).await.expect("a job")
}

#[tokio::test(start_paused = true)]
async fn download_stops_at_deadline_and_leaves_no_empty_file() {
    let (folder, began) = (tempfile::tempdir().expect("a folder"), tokio::time::Instant::now());
    // Answers for the job, and never for the archive.
    let hanging = CannedService::respond_with(|request, _| match request.path.starts_with("/api/") {
        true => CannedResponse::status(200).bytes(job(&["https://archives.example.com/a.tar.gz"])),
        false => CannedResponse::never(),
    });
    let late = download(&client(hanging)).await.timeout(Duration::from_secs(60)).save_to(folder.path().join("a")).await;
    assert_eq!(late.expect_err("a deadline").kind(), ErrorKind::Timeout);
    assert_eq!(began.elapsed().as_secs(), 60);
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[tokio::test(start_paused = true)]
async fn waiting_for_the_archive_counts_towards_the_deadline() {
    let never = CannedService::respond_with(|_, _| reply(200, &[], &job(&[])));
    let began = tokio::time::Instant::now();
    let late = download(&client(never)).await.timeout(Duration::from_secs(600)).open().await;
    assert_eq!(late.expect_err("a deadline").kind(), ErrorKind::Timeout);
    assert_eq!(began.elapsed().as_secs(), 600);
}

#[tokio::test(start_paused = true)]
async fn attempts_without_progress_follow_retry_policy() {
    let tried = Arc::new(Mutex::new(0));
    let count = tried.clone();
    let failing = CannedService::respond_with(move |request, _| match request.path.starts_with("/api/") {
        true => reply(200, &[], &job(&["https://archives.example.com/a.tar.gz"])),
        false => {
            *count.lock().expect("not poisoned") += 1;
            reply(503, &[], "<Error><Code>SlowDown</Code></Error>")
        }
    });
    let failed = download(&client(failing)).await.open().await.expect_err("it never comes");
    assert_eq!((failed.kind(), failed.attempts(), *tried.lock().expect("not poisoned")), (ErrorKind::Server, 4, 4));
    let printed = "the host of a.tar.gz answered 503 Service Unavailable SlowDown (project ";
    assert!(failed.to_string().starts_with(printed), "{failed}");
}

#[tokio::test]
async fn ready_job_is_read_once() {
    let ready = || CannedResponse::status(200).bytes(job(&["https://archives.example.com/a.tar.gz"]));
    let archive = || CannedResponse::status(200).bytes(vec![0x1f, 0x8b, 1, 2]);
    let service = CannedService::respond_with(move |request, _| match request.path.starts_with("/api/") {
        true => ready(),
        false => archive(),
    });
    let folder = tempfile::tempdir().expect("a folder");
    let saved = download(&client(service.clone())).await.save_to(folder.path().join("a")).await.expect("saved");
    assert_eq!(saved.bytes, 4);
    let asked: Vec<_> =
        service.sent().iter().filter(|sent| sent.path.starts_with("/api/")).map(|s| s.path.clone()).collect();
    assert_eq!(asked.len(), 1, "{asked:?}");

    // A job that was read before the archive was there is read again.
    let service = CannedService::respond_with(move |request, number| match request.path.starts_with("/api/") {
        true if number == 0 => CannedResponse::status(200).bytes(job(&[])),
        true => ready(),
        false => archive(),
    });
    download(&client(service.clone())).await.save_to(folder.path().join("b")).await.expect("saved");
    assert_eq!(service.sent().len(), 3);
}

#[tokio::test]
async fn https_service_may_name_plain_http_on_loopback_only() {
    // The client of these tests calls an https service.
    for (url, is_allowed) in [
        ("http://127.0.0.1/a.tar.gz", true),
        ("http://[::1]/a.tar.gz", true),
        ("http://localhost/a.tar.gz", true),
        ("http://cloud.mongodb.com/a.tar.gz", false),
        ("http://192.168.0.1/a.tar.gz", false),
        ("http://localhost.example.com/a.tar.gz", false),
    ] {
        let service = CannedService::respond_with(move |request, _| match request.path.starts_with("/api/") {
            true => CannedResponse::status(200).bytes(job(&[url])),
            false => CannedResponse::status(200).bytes(vec![0x1f, 0x8b]),
        });
        let opened = download(&client(service.clone())).await.open().await;
        assert_eq!(opened.is_ok(), is_allowed, "{url}");
        assert_eq!(service.sent().len(), 1 + usize::from(is_allowed), "{url}");
    }
}

#[tokio::test]
async fn archive_is_fetched_only_over_https_or_from_loopback() {
    for (url, kind) in [
        ("http://archives.example.com/a.tar.gz", ErrorKind::Decode),
        ("ftp://127.0.0.1/a.tar.gz", ErrorKind::Decode),
        ("no url", ErrorKind::Decode),
    ] {
        let script = CannedService::respond_with(move |_, _| reply(200, &[], &job(&[url])));
        let refused = download(&client(script.clone())).await.open().await.expect_err("refused");
        assert_eq!(refused.kind(), kind, "{url}");
        assert!(!format!("{refused:?}").contains(url), "the URL appears in the error: {refused:?}");
        assert!(script.sent().iter().all(|sent| sent.path.starts_with("/api/")));
    }
}

#[tokio::test]
async fn signed_url_is_shown_without_signature() {
    let urls = ["https://archives.example.com/a.tar.gz?signature=hunter2", "https://archives.example.com/b.tar.gz"];
    let client = client(CannedService::respond_with(move |_, _| reply(200, &[], &job(&urls))));
    let download = download(&client).await;
    assert_eq!(download.delivery_url.as_ref().and_then(|urls| urls.first()).map(String::as_str), Some(urls[0]));
    let waited = client.project(PROJECT).and_then(|p| p.cluster("Cluster0")).expect("a cluster").restores().wait(JOB);
    let waited = waited.await.expect("a job");
    let shown = format!("{download:?} {download:#?} {:?} {waited:?} {:?}", *download, waited.document());
    assert!(shown.contains("a.tar.gz?REDACTED") && shown.contains("b.tar.gz\""), "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[tokio::test(start_paused = true)]
async fn redirect_from_https_must_stay_https() {
    let script = CannedService::respond_with(|request, _| match request.path.as_str() {
        "/a.tar.gz" => reply(302, &[("location", "http://127.0.0.1/admin")], ""),
        "/admin" => reply(200, &[], "\u{1f}secret"),
        _ => reply(200, &[], &job(&["https://archives.example.com/a.tar.gz"])),
    });
    let refused = download(&client(script.clone())).await.open().await.expect_err("refused");
    assert_eq!(refused.kind(), ErrorKind::Decode);
    assert!(script.sent().iter().all(|sent| sent.path != "/admin"));
}
