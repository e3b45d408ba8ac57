//! Raw bytes over a socket, for requests and responses that an HTTP client cannot send or show.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Maximum time that a test waits for the server.
const PATIENCE: Duration = Duration::from_secs(20);

/// One connection.
pub(crate) struct Raw {
    pub(crate) stream: TcpStream,
    read: Vec<u8>,
}

/// A raw response.
#[derive(Debug)]
pub(crate) struct RawAnswer {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl RawAnswer {
    pub(crate) fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

impl Raw {
    pub(crate) async fn to(address: SocketAddr) -> Self {
        Self { stream: TcpStream::connect(address).await.unwrap(), read: Vec::new() }
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Reads up to the blank line that ends a head. Interim responses are heads too.
    pub(crate) async fn head(&mut self) -> String {
        loop {
            if let Some(end) = self.read.windows(4).position(|w| w == b"\r\n\r\n") {
                let rest = self.read.split_off(end + 4);
                let head = std::mem::replace(&mut self.read, rest);
                return String::from_utf8(head).unwrap();
            }
            assert!(self.more().await > 0, "the connection ended: {:?}", String::from_utf8_lossy(&self.read));
        }
    }

    /// Reads one response with a known length. `bodiless` is for HEAD.
    pub(crate) async fn answer(&mut self, bodiless: bool) -> RawAnswer {
        let head = self.head().await;
        let mut answer = RawAnswer { head, body: Vec::new() };
        let length = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
        if !bodiless {
            while self.read.len() < length {
                assert!(self.more().await > 0, "the body ended at {} of {length} bytes", self.read.len());
            }
            let rest = self.read.split_off(length);
            answer.body = std::mem::replace(&mut self.read, rest);
        }
        answer
    }

    /// Everything until the server closes or resets the connection, and the error of a reset.
    pub(crate) async fn rest(&mut self) -> (Vec<u8>, Option<std::io::ErrorKind>) {
        let mut rest = std::mem::take(&mut self.read);
        let end = timeout(PATIENCE, self.stream.read_to_end(&mut rest)).await;
        let end = end.expect("the server keeps the connection open");
        (rest, end.err().map(|error| error.kind()))
    }

    async fn more(&mut self) -> usize {
        timeout(PATIENCE, self.stream.read_buf(&mut self.read)).await.expect("the server does not respond").unwrap()
    }
}
