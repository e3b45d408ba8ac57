//! A service of the tests' own that has one restore job and serves its archives, with the faults of a real network.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use atlas_backup::{Client, Credentials, Download, RestoreJob, RetryPolicy, SecretString};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

pub(super) const JOB: &str = "5f3e8e7d9b1c2a0012345678";

/// What a server does with a request.
pub(super) enum Answer {
    /// Writes this and hangs up.
    Send(Vec<u8>),
    /// Writes this and says nothing more.
    Hang(Vec<u8>),
}

/// A request's head, in lower case.
pub(super) type Heads = Arc<Mutex<Vec<String>>>;

/// A server that does with the n-th request what `answer` says, and remembers what it was asked.
pub(super) async fn server(answer: impl Fn(usize, &str) -> Answer + Send + Sync + 'static) -> (SocketAddr, Heads) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let heads = Heads::default();
    let (seen, answer) = (heads.clone(), Arc::new(answer));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (seen, answer) = (seen.clone(), answer.clone());
            tokio::spawn(async move {
                let head = read_head(&mut stream).await;
                let number = {
                    let mut seen = seen.lock().expect("not poisoned");
                    seen.push(head.clone());
                    seen.len() - 1
                };
                match answer(number, &head) {
                    Answer::Send(bytes) => {
                        let _written = stream.write_all(&bytes).await;
                        let _closed = stream.shutdown().await;
                    }
                    Answer::Hang(bytes) => {
                        let _written = stream.write_all(&bytes).await;
                        std::future::pending::<()>().await;
                    }
                }
            });
        }
    });
    (address, heads)
}

async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&head).to_ascii_lowercase()
}

/// A whole answer.
pub(super) fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    cut(status, headers, body, body.len())
}

/// An answer that announces all of `body` and brings the first `length` bytes.
pub(super) fn cut(status: &str, headers: &str, body: &[u8], length: usize) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n", body.len());
    [head.as_bytes(), &body[..length]].concat()
}

/// What a storage service says of an archive.
pub(super) fn marked(tag: &str) -> String {
    format!("etag: \"{tag}\"\r\naccept-ranges: bytes\r\ncontent-type: application/gzip\r\n")
}

/// The value of a header that was sent.
pub(super) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
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
            answer("416 Range Not Satisfiable", &format!("content-range: bytes */{}\r\n", body.len()), b"")
        }
        Some(first) => {
            let total = body.len();
            let range = format!("content-range: bytes {first}-{}/{total}\r\n", total - 1);
            answer("206 Partial Content", &(marked(tag) + &range), &body[first..])
        }
        None => answer("200 OK", &marked(tag), body),
    }
}

/// Something of this length that begins as an archive does; no two of different seeds have a byte in common.
pub(super) fn archive(length: usize, seed: u8) -> Vec<u8> {
    let content = (2..length).map(|n| u8::try_from(n % 63).expect("small") * 4 + seed);
    [0x1f, 0x8b].into_iter().chain(content).collect()
}

/// A download from a service whose job names these URLs; the n-th time it is asked, those of the n-th row.
pub(super) async fn download(urls: Vec<Vec<String>>) -> Download<RestoreJob> {
    download_with(urls, RetryPolicy::default().base(std::time::Duration::ZERO)).await
}

pub(super) async fn download_with(urls: Vec<Vec<String>>, retry: RetryPolicy) -> Download<RestoreJob> {
    let (address, _) = server(move |n, _| {
        // The first request is for the handle itself.
        let urls = &urls[n.saturating_sub(1).min(urls.len() - 1)];
        let job = json!({ "id": JOB, "deliveryType": "download", "snapshotId": JOB, "deliveryUrl": urls });
        Answer::Send(answer("200 OK", "", job.to_string().as_bytes()))
    })
    .await;
    let builder = Client::builder().base_url(format!("http://{address}")).retry(retry);
    let client = builder.credentials(Credentials::bearer(SecretString::from("hunter2"))).build().expect("a client");
    let client = client.with_header("x-mine", "secret too").expect("a header");
    super::cluster(&client, "Cluster0").restores().resume_download(JOB).await.expect("a job")
}
