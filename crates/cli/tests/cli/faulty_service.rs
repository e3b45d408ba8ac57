//! A service that replays what the emulator answered, and breaks the response to one request.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::faults::{End, Fault, Place, Reply};

const CHALLENGE: &str = "HTTP/1.1 401 Unauthorized\r\nwww-authenticate: Digest realm=\"MMS Public API\", domain=\"\", \
    nonce=\"c0ffee\", algorithm=MD5, qop=\"auth\", stale=false\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
pub(crate) const TOKEN: &str = "hunter2-token";

/// The responses to the requests of one command, by method and target.
#[derive(Default)]
pub(crate) struct Recording {
    responses: HashMap<String, Vec<u8>>,
}

impl Recording {
    /// The different requests.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.responses.keys().cloned().collect()
    }

    /// Whether the sound response to a request is a page of a list, and whether its status is one of success.
    pub(crate) fn answers(&self, line: &str) -> (bool, bool) {
        let sound = &self.responses[line];
        (sound.windows(10).any(|ten| ten == b"\"results\":"), sound.starts_with(b"HTTP/1.1 2"))
    }
}

/// One request, as it arrived.
pub(crate) struct Request {
    /// Method and target.
    pub(crate) line: String,
    authorization: Option<String>,
    bytes: Vec<u8>,
}

impl Request {
    /// Whether it carries what Atlas accepts in place of a challenge.
    pub(crate) fn is_signed(&self) -> bool {
        self.authorization.as_ref().is_some_and(|value| value.starts_with("Digest ") || value.starts_with("Bearer "))
    }
}

/// Reads a request. `None` at the end of the connection.
async fn read(connection: &mut TcpStream) -> io::Result<Option<Request>> {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
    let head = loop {
        match connection.read(&mut buffer).await? {
            0 => return Ok(None),
            count => bytes.extend_from_slice(&buffer[..count]),
        }
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break String::from_utf8_lossy(&bytes[..end]).into_owned();
        }
    };
    let header = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
    };
    let length = header("content-length").map_or(0, |length| length.parse().expect("a length"));
    while bytes.len() < head.len() + 4 + length {
        match connection.read(&mut buffer).await? {
            0 => return Ok(None),
            count => bytes.extend_from_slice(&buffer[..count]),
        }
    }
    let line = head.lines().next().and_then(|line| line.strip_suffix(" HTTP/1.1")).expect("a request line").to_owned();
    Ok(Some(Request { line, authorization: header("authorization"), bytes }))
}

/// Passes each request to the emulator at `address` and records its response.
pub(crate) async fn record(address: String) -> (String, Arc<Mutex<Recording>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let recording = Arc::new(Mutex::new(Recording::default()));
    let into = recording.clone();
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let (address, into) = (address.clone(), into.clone());
            tokio::spawn(async move {
                let Ok(Some(request)) = read(&mut connection).await else { return };
                let mut emulator = TcpStream::connect(address).await.expect("the emulator");
                let text = String::from_utf8(request.bytes).expect("text");
                let plain = text.replacen("accept-encoding:", "x-ignored:", 1);
                let closing = plain.replacen("\r\n", "\r\nconnection: close\r\n", 1);
                emulator.write_all(closing.as_bytes()).await.expect("sent");
                let mut response = Vec::new();
                emulator.read_to_end(&mut response).await.expect("a response");
                connection.write_all(&response).await.expect("sent");
                let mut recording = into.lock().expect("a recording");
                recording.responses.insert(request.line, response);
            });
        }
    });
    (base, recording)
}

/// What a service needs to answer.
pub(crate) struct Plan {
    pub(crate) recording: Arc<Mutex<Recording>>,
    /// The broken response, and the request that it answers.
    pub(crate) fault: Option<(Fault, String)>,
    /// Base URL of the server that nothing may be sent to.
    pub(crate) foreign: String,
}

/// Serves until it is dropped.
pub(crate) struct Service {
    pub(crate) base_url: String,
    /// The requests with credentials.
    pub(crate) signed: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Service {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Service {
    pub(crate) async fn start(plan: Plan) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base_url = format!("http://{}", listener.local_addr().expect("an address"));
        let signed = Arc::new(Mutex::new(Vec::new()));
        let (plan, noted) = (Arc::new(plan), signed.clone());
        let task = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let (plan, noted) = (plan.clone(), noted.clone());
                // The client may close a connection at any time.
                tokio::spawn(async move { answer(connection, &plan, &noted).await.ok() });
            }
        });
        Self { base_url, signed, task }
    }
}

async fn answer(mut connection: TcpStream, plan: &Plan, signed: &Mutex<Vec<String>>) -> io::Result<()> {
    while let Some(request) = read(&mut connection).await? {
        let is_token = request.line.ends_with("/api/oauth/token");
        let (place, sound) = match () {
            () if is_token => (Place::Token, token()),
            () if !request.is_signed() => (Place::Challenge, CHALLENGE.as_bytes().to_vec()),
            () => {
                signed.lock().expect("requests").push(request.line.clone());
                let recording = plan.recording.lock().expect("a recording");
                let missing =
                    || whole(404, "content-type: application/json\r\n", b"{\"error\":404,\"detail\":\"none\"}");
                (Place::Response, recording.responses.get(&request.line).cloned().unwrap_or_else(missing))
            }
        };
        let broken = plan
            .fault
            .as_ref()
            .filter(|(fault, line)| fault.place == place && (place != Place::Response || *line == request.line));
        let (bytes, end) = match broken.map(|(fault, _)| &fault.reply) {
            None => (sound, End::Close),
            Some(Reply::Raw(bytes, end)) => (bytes.clone(), *end),
            Some(Reply::Changed(change, end)) => (change(&sound), *end),
            Some(Reply::Whole { status, headers, body }) => {
                let fill = |text: &str| {
                    let echoed = request.authorization.as_deref().unwrap_or_default();
                    text.replace("{foreign}", &plan.foreign).replace("{authorization}", &echoed.replace('"', "'"))
                };
                let body = std::str::from_utf8(body).map_or_else(|_| body.clone(), |text| fill(text).into_bytes());
                (whole(*status, &fill(headers), &body), End::Close)
            }
        };
        send(&mut connection, &bytes, end).await?;
        if end != End::Keep {
            break;
        }
    }
    Ok(())
}

fn token() -> Vec<u8> {
    let body = format!(r#"{{"access_token":"{TOKEN}","expires_in":3600,"token_type":"Bearer"}}"#);
    whole(200, "content-type: application/json\r\n", body.as_bytes())
}

fn whole(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

async fn send(connection: &mut TcpStream, bytes: &[u8], end: End) -> io::Result<()> {
    if end == End::Drip {
        let mut pace = tokio::time::interval(Duration::from_millis(20));
        for byte in bytes {
            pace.tick().await;
            connection.write_all(&[*byte]).await?;
        }
        return Ok(());
    }
    connection.write_all(bytes).await?;
    match end {
        End::Reset => connection.set_zero_linger()?,
        // Until the client gives up.
        End::Hang => drop(connection.read(&mut [0; 64]).await?),
        End::Endless => loop {
            connection.write_all(&bytes[bytes.len().saturating_sub(64)..]).await?;
        },
        End::Close | End::Keep | End::Drip => {}
    }
    Ok(())
}
