//! A service of the tests' own that has one restore job and serves its archives, with the faults of a real network.

use atlas_backup::{Credentials, Download, RestoreJob, RetryPolicy, SecretString};
use serde_json::{Value, json};

use super::server::*;

pub(super) const JOB: &str = "5f3e8e7d9b1c2a0012345678";

/// Responses of a storage service about an archive.
pub(super) fn marked(tag: &str) -> String {
    format!("etag: \"{tag}\"\r\naccept-ranges: bytes\r\ncontent-type: application/gzip\r\n")
}

/// The first byte that a request wants.
pub(super) fn range(head: &str) -> Option<usize> {
    header(head, "range")?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()
}

/// Serves an archive as a storage service does: from where it is asked to, if it is still the one that is meant.
pub(super) fn serve(head: &str, tag: &str, body: &[u8]) -> Vec<u8> {
    let is_same = header(head, "if-range").is_none_or(|mark| mark == format!("\"{tag}\""));
    match range(head).filter(|_| is_same) {
        Some(first) if first >= body.len() => {
            http("416 Range Not Satisfiable", &format!("content-range: bytes */{}\r\n", body.len()), "")
        }
        Some(first) => {
            let total = body.len();
            let range = format!("content-range: bytes {first}-{}/{total}\r\n", total - 1);
            http("206 Partial Content", &(marked(tag) + &range), &body[first..])
        }
        None => http("200 OK", &marked(tag), body),
    }
}

/// Something of this length that begins as an archive does; no two of different seeds have a byte in common.
/// It lives as long as the test program, so that every server can hold it.
pub(super) fn archive(length: usize, seed: u8) -> &'static [u8] {
    let content = (2..length).map(|n| u8::try_from(n % 63).expect("small") * 4 + seed);
    Vec::leak([0x1f, 0x8b].into_iter().chain(content).collect())
}

/// A download from a service whose job names these URLs; the n-th time it is asked for, those of the n-th row.
pub(super) async fn download(urls: Vec<Vec<String>>) -> Download<RestoreJob> {
    download_with(urls, RetryPolicy::default().base(std::time::Duration::ZERO)).await
}

pub(super) async fn download_with(urls: Vec<Vec<String>>, retry: RetryPolicy) -> Download<RestoreJob> {
    let jobs = urls.into_iter().map(|urls| json!({ "deliveryUrl": urls }));
    download_of(jobs.collect(), retry).await
}

/// A download from a service whose job has these fields; the n-th time it is asked for, those of the n-th document.
pub(super) async fn download_of(jobs: Vec<Value>, retry: RetryPolicy) -> Download<RestoreJob> {
    let service = Server::start(move |n, _| {
        let mut job = jobs[n.min(jobs.len() - 1)].clone();
        for (field, value) in [("id", JOB), ("deliveryType", "download"), ("snapshotId", JOB)] {
            job[field] = value.into();
        }
        http("200 OK", "", job.to_string())
    })
    .await;
    let client = service
        .builder()
        .retry(retry)
        .credentials(Credentials::bearer(SecretString::from("hunter2")))
        .build()
        .expect("a client");
    let client = client.with_header("x-mine", "secret too").expect("a header");
    super::cluster(&client, "Cluster0").restores().resume_download(JOB).await.expect("a job")
}
