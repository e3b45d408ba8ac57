//! The load generator: persistent connections, each sending its next request after the response to the last.
//!
//! It implements only the HTTP that the emulator sends, to use little of the machine. It runs on one thread. Any
//! response other than 2xx ends the benchmark.

use std::{
    fmt,
    time::{Duration, Instant},
};

use md5::{Digest, Md5};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

const WARM_UP: Duration = Duration::from_millis(500);

#[derive(Clone)]
pub(crate) struct Load {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) accept: &'static str,
    pub(crate) body: &'static str,
    pub(crate) connections: usize,
    pub(crate) digest: Option<(String, String)>,
    /// Sent with every request: a whole header line or nothing.
    pub(crate) header: &'static str,
    pub(crate) lasts: Duration,
}

/// Result of a load.
pub(crate) struct Measured {
    /// Latencies after the warm-up, sorted.
    latencies: Vec<Duration>,
    /// Including the warm-up.
    pub(crate) all_requests: usize,
    pub(crate) bytes: usize,
    pub(crate) took: Duration,
    connections: usize,
}

impl Measured {
    pub(crate) fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.took.as_secs_f64()
    }

    /// The latency percentile `percent` in milliseconds.
    pub(crate) fn millis(&self, percent: f64) -> f64 {
        let place = (self.latencies.len() as f64 * percent / 100.0) as usize;
        self.latencies
            .get(place.min(self.latencies.len().saturating_sub(1)))
            .map_or(f64::NAN, |l| l.as_secs_f64() * 1e3)
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rate, half, most) = (self.per_second(), self.millis(50.0), self.millis(99.0));
        write!(f, "{rate:.0}/s on {} connections, p50 {half:.2} ms, p99 {most:.2} ms", self.connections)
    }
}

impl Load {
    pub(crate) fn get(path: &str, seconds: u64) -> Self {
        Self {
            method: "GET",
            path: path.to_owned(),
            accept: "application/vnd.atlas.2023-01-01+json",
            body: "",
            connections: 16,
            digest: None,
            header: "",
            lasts: Duration::from_secs(seconds),
        }
    }

    pub(crate) fn run(&self, address: &str) -> Measured {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut connections = JoinSet::new();
            let begin = Instant::now() + WARM_UP;
            for _ in 0..self.connections {
                connections.spawn(connection(self.clone(), address.to_owned(), begin, begin + self.lasts));
            }
            let mut measured = Measured {
                latencies: Vec::new(),
                all_requests: 0,
                bytes: 0,
                took: self.lasts,
                connections: self.connections,
            };
            while let Some(connection) = connections.join_next().await {
                let (latencies, all, bytes) = connection.unwrap();
                measured.latencies.extend(latencies);
                measured.all_requests += all;
                measured.bytes += bytes;
            }
            measured.latencies.sort();
            measured
        })
    }

    fn request(&self, authorization: &str) -> Vec<u8> {
        let Self { method, path, accept, body, header, .. } = self;
        let content = if body.is_empty() {
            String::new()
        } else {
            format!("content-type: {accept}\r\ncontent-length: {}\r\n", body.len())
        };
        format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\naccept: {accept}\r\n{header}{authorization}{content}\r\n{body}")
            .into_bytes()
    }
}

/// Latencies, number of requests and body bytes of one connection.
async fn connection(load: Load, address: String, begin: Instant, end: Instant) -> (Vec<Duration>, usize, usize) {
    let mut stream = TcpStream::connect(&address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut answer = Answer::default();
    let mut signer = None;
    if let Some((public, private)) = &load.digest {
        stream.write_all(&load.request("")).await.unwrap();
        answer.read(&mut stream).await;
        signer = Some(Signer::new(&answer.head(), public, private, load.method, &load.path));
    }
    let plain = load.request("");
    let (mut latencies, mut all, mut bytes) = (Vec::with_capacity(100_000), 0, 0);
    loop {
        let sent = Instant::now();
        if sent >= end {
            return (latencies, all, bytes);
        }
        match &mut signer {
            Some(signer) => stream.write_all(&load.request(&signer.sign())).await.unwrap(),
            None => stream.write_all(&plain).await.unwrap(),
        }
        let length = answer.read(&mut stream).await;
        all += 1;
        assert!(answer.buffer.starts_with(b"HTTP/1.1 2"), "{}", answer.head());
        if sent >= begin {
            latencies.push(sent.elapsed());
            bytes += length;
        }
    }
}

/// One response after the other, in the same buffer.
#[derive(Default)]
struct Answer {
    buffer: Vec<u8>,
    head: usize,
}

impl Answer {
    fn head(&self) -> String {
        String::from_utf8_lossy(&self.buffer[..self.head]).into_owned()
    }

    /// Reads one response to its end and returns the length of its body.
    async fn read(&mut self, stream: &mut TcpStream) -> usize {
        self.buffer.clear();
        let (mut searched, mut length) = (0, None);
        loop {
            assert!(stream.read_buf(&mut self.buffer).await.unwrap() > 0, "the server closed the connection");
            if length.is_none() {
                let from = &self.buffer[searched..];
                if let Some(end) = from.windows(4).position(|w| w == b"\r\n\r\n") {
                    self.head = searched + end + 4;
                    length = Some(content_length(&self.buffer[..self.head]));
                } else {
                    searched = self.buffer.len().saturating_sub(3);
                }
            }
            if let Some(length) = length.filter(|length| self.buffer.len() >= self.head + length) {
                return length;
            }
        }
    }
}

fn content_length(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    length.and_then(|length| length.trim().parse().ok()).expect("a response with a length")
}

/// Signs requests with the same nonce.
struct Signer {
    public: String,
    user: String,
    request: String,
    nonce: String,
    uri: String,
    count: u32,
}

impl Signer {
    fn new(challenge: &str, public: &str, private: &str, method: &str, uri: &str) -> Self {
        let nonce = challenge.split("nonce=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let user = md5(&format!("{public}:MMS Public API:{private}"));
        let request = md5(&format!("{method}:{uri}"));
        Self { public: public.to_owned(), user, request, nonce, uri: uri.to_owned(), count: 0 }
    }

    fn sign(&mut self) -> String {
        self.count += 1;
        let Self { public, user, request, nonce, uri, count } = self;
        let response = md5(&format!("{user}:{nonce}:{count:08x}:0a4f:auth:{request}"));
        format!(
            "authorization: Digest username=\"{public}\", realm=\"MMS Public API\", nonce=\"{nonce}\", uri=\"{uri}\", \
             algorithm=MD5, response=\"{response}\", qop=auth, nc={count:08x}, cnonce=\"0a4f\"\r\n"
        )
    }
}

fn md5(text: &str) -> String {
    Md5::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
