//! Plain TCP servers that do on the wire what the emulator cannot: cut bodies, broken connections, silence.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use atlas_backup::{Builder, Client, Cluster, Credentials, RetryPolicy};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// The action of a server for a request.
pub(super) enum CannedResponse {
    /// Writes this and closes the connection. Nothing to write is a broken connection.
    Send(Vec<u8>),
    /// Writes this and leaves the connection open.
    Hang(Vec<u8>),
}

impl From<Vec<u8>> for CannedResponse {
    fn from(bytes: Vec<u8>) -> Self {
        CannedResponse::Send(bytes)
    }
}

/// A server on its own port, until the test ends.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers the n-th request with what `answer` returns. Each request has its own connection.
    pub(super) async fn start<A: Into<CannedResponse>>(
        answer: impl Fn(usize, &str) -> A + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let (seen, answer) = (requests.clone(), Arc::new(move |n: usize, request: &str| answer(n, request).into()));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (seen, answer) = (seen.clone(), answer.clone());
                tokio::spawn(async move {
                    let request = read(&mut stream).await;
                    let number = {
                        let mut seen = seen.lock().expect("not poisoned");
                        seen.push(request.clone());
                        seen.len() - 1
                    };
                    match answer(number, &request) {
                        CannedResponse::Send(bytes) => {
                            let _written = stream.write_all(&bytes).await;
                            let _closed = stream.shutdown().await;
                        }
                        CannedResponse::Hang(bytes) => {
                            let _written = stream.write_all(&bytes).await;
                            std::future::pending::<()>().await;
                        }
                    }
                });
            }
        });
        Server { address, requests }
    }

    /// The settings of a client of this server, without credentials.
    pub(super) fn builder(&self) -> Builder {
        Client::builder().base_url(format!("http://{}", self.address)).credentials(Credentials::none())
    }

    /// A client that does not wait between its attempts.
    pub(super) fn client(&self) -> Client {
        self.builder().retry(RetryPolicy::default().base(Duration::ZERO)).build().expect("a client")
    }

    /// A cluster of that client.
    pub(super) fn cluster(&self) -> Cluster {
        super::cluster(&self.client(), "Cluster0")
    }

    /// The requests so far, in lower case.
    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("not poisoned").clone()
    }

    /// How many requests came.
    pub(super) fn count(&self) -> usize {
        self.requests().len()
    }
}

async fn read(stream: &mut TcpStream) -> String {
    let (mut request, mut chunk) = (Vec::new(), [0; 16 * 1024]);
    loop {
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => break,
            Ok(length) => request.extend_from_slice(&chunk[..length]),
        }
        if is_whole(&request) {
            break;
        }
    }
    String::from_utf8_lossy(&request).to_ascii_lowercase()
}

/// Whether head and body have come. A TLS handshake has neither.
fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return !request[0].is_ascii_uppercase() };
    body.len() >= header(head, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0)
}

/// A whole answer.
pub(super) fn http(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    cut(status, headers, body, body.len())
}

/// A response that announces all of `body` and brings the first `length` bytes.
pub(super) fn cut(status: &str, headers: &str, body: &[u8], length: usize) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n", body.len());
    [head.as_bytes(), &body[..length]].concat()
}

/// The value of a header that was sent.
pub(super) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}
