//! A service with canned responses: states and documents that the emulator does not produce.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

use serde_json::Value;

pub(crate) const V2023_01_01: &str = "application/vnd.atlas.2023-01-01+json;charset=utf-8";

/// Listens until the test's process ends.
pub(crate) struct Stub {
    pub(crate) base_url: String,
}

impl Stub {
    /// Answers each request with `answer` of its request line: status, content type, body.
    pub(crate) fn start<B: AsRef<[u8]>>(answer: impl Fn(&str) -> (u16, &'static str, B) + Send + 'static) -> Self {
        Self::with_headers(move |line| {
            let (status, content_type, body) = answer(line);
            (status, format!("content-type: {content_type}\r\n"), body)
        })
    }

    /// The same with all headers, each with a line end.
    pub(crate) fn with_headers<B: AsRef<[u8]>>(answer: impl Fn(&str) -> (u16, String, B) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let base_url = format!("http://{}", listener.local_addr().expect("an address"));
        thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.expect("a connection");
                let line = request_line(&connection);
                let (status, headers, body) = answer(&line);
                let body = body.as_ref();
                let length = body.len();
                let head = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\n");
                // Some tests close the connection early.
                let _gone = connection.write_all(&[head.as_bytes(), b"connection: close\r\n\r\n", body].concat());
            }
        });
        Stub { base_url }
    }

    /// Answers every request with 200 and `documents` as the only page of a list.
    pub(crate) fn listing(documents: Value) -> Self {
        let page = serde_json::json!({"links": [], "results": documents, "totalCount": documents_len(&documents)});
        Self::start(move |_| (200, V2023_01_01, page.to_string()))
    }
}

fn documents_len(documents: &Value) -> usize {
    documents.as_array().map_or(0, Vec::len)
}

fn request_line(connection: &TcpStream) -> String {
    let mut reader = BufReader::new(connection);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).expect("a request line");
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a header");
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
        if line.trim().is_empty() {
            break;
        }
    }
    reader.read_exact(&mut vec![0; length]).expect("a body");
    first.trim().to_owned()
}
