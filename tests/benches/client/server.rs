//! A service that costs next to nothing: canned responses over plain sockets, a thread for each connection, with a latency
//! that is kept to the tenth of a millisecond. It is a separate process, so that its work is not counted.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, ExitCode, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use serde_json::json;

use crate::page;

/// How many clusters each project of the fleet has.
pub(crate) const CLUSTERS: usize = 100;

/// Properties of the service.
#[derive(Clone, Copy)]
pub(crate) struct Service {
    /// Milliseconds that pass before each response.
    pub(crate) latency: u64,
    pub(crate) projects: usize,
    /// How many snapshots each cluster has.
    pub(crate) snapshots: usize,
    /// Mebibytes of the archive.
    pub(crate) archive: usize,
}

/// A service that is running, until it is dropped.
pub(crate) struct Running {
    process: Child,
    pub(crate) base: String,
}

impl Running {
    pub(crate) fn start(service: Service) -> Option<Self> {
        let mut program = Command::new(std::env::current_exe().ok()?);
        let numbers = [service.latency as usize, service.projects, service.snapshots, service.archive];
        program.arg("serve").args(numbers.map(|number| number.to_string()));
        let mut process = program.stdout(Stdio::piped()).spawn().ok()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take()?).read_line(&mut line).ok()?;
        Some(Running { process, base: format!("http://{}", line.trim()) })
    }

    /// How many requests came since it was asked last, that for the number left out.
    pub(crate) fn requests(&self) -> Option<usize> {
        let mut stream = TcpStream::connect(self.base.strip_prefix("http://")?).ok()?;
        stream.write_all(b"GET /count HTTP/1.1\r\nconnection: close\r\n\r\n").ok()?;
        let lines: Vec<_> = BufReader::new(stream).lines().map_while(Result::ok).collect();
        lines.last()?.parse().ok()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ended = self.process.kill().and_then(|()| self.process.wait());
    }
}

/// The process of the service: `LATENCY PROJECTS SNAPSHOTS ARCHIVE`.
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    let numbers: Vec<usize> = arguments.iter().filter_map(|argument| argument.parse().ok()).collect();
    let &[latency, projects, snapshots, archive] = numbers.as_slice() else { return ExitCode::FAILURE };
    let service = Service { latency: latency as u64, projects, snapshots, archive };
    let Ok(listener) = TcpListener::bind("127.0.0.1:0") else { return ExitCode::FAILURE };
    let Ok(address) = listener.local_addr() else { return ExitCode::FAILURE };
    println!("{address}");
    let (count, answers) = (Arc::new(AtomicUsize::new(0)), Arc::new(Answers::new(service, &address.to_string())));
    for stream in listener.incoming().flatten() {
        let (count, answers) = (count.clone(), answers.clone());
        std::thread::spawn(move || serve(stream, &answers, &count));
    }
    ExitCode::SUCCESS
}

/// The bodies that never change.
struct Answers {
    service: Service,
    job: Vec<u8>,
    snapshot: Vec<u8>,
    page: Vec<u8>,
    short: Vec<u8>,
    projects: Vec<u8>,
    clusters: Vec<u8>,
}

impl Answers {
    fn new(service: Service, address: &str) -> Self {
        let listed = |items: Vec<serde_json::Value>| {
            let total = items.len();
            json!({ "results": items, "links": [], "totalCount": total }).to_string().into_bytes()
        };
        let page = page::json(false);
        let value: serde_json::Value = serde_json::from_slice(&page).unwrap_or_default();
        let url = format!("http://{address}/archive");
        let job = json!({ "id": crate::ID, "snapshotId": crate::ID, "deliveryType": "download", "deliveryUrl": [url] });
        Answers {
            service,
            job: job.to_string().into_bytes(),
            snapshot: value["results"][0].to_string().into_bytes(),
            short: listed(vec![value["results"][0].clone()]),
            page,
            projects: listed((0..service.projects).map(|n| json!({ "id": format!("{n:024x}") })).collect()),
            clusters: listed(
                (0..CLUSTERS).map(|n| json!({ "name": format!("c{n}"), "clusterType": "REPLICASET" })).collect(),
            ),
        }
    }

    fn to(&self, path: &str) -> Vec<u8> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let size =
            |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')?.parse().ok());
        match path.trim_start_matches("/api/atlas/v2/groups").trim_matches('/').split('/').collect::<Vec<_>>()[..] {
            [""] => self.projects.clone(),
            [_, "clusters"] => self.clusters.clone(),
            [_, "flexClusters"] => br#"{"results":[],"links":[],"totalCount":0}"#.to_vec(),
            [_, _, _, "backup", "snapshots"] => match self.service.snapshots {
                1 => self.short.clone(),
                // Whole pages of 500, the last of them without a link to another.
                snapshots if size("pageNum").unwrap_or(1) * 500 < snapshots => {
                    String::from_utf8_lossy(&self.page).replacen(r#""rel":"self""#, r#""rel":"next""#, 1).into_bytes()
                }
                _ => self.page.clone(),
            },
            [_, _, _, "backup", "snapshots", _] => self.snapshot.clone(),
            [_, _, _, "backup", "restoreJobs", _] => self.job.clone(),
            _ => br#"{"access_token":"token","expires_in":3600,"token_type":"Bearer"}"#.to_vec(),
        }
    }
}

const MEDIA: &str = "application/vnd.atlas.2023-01-01+json;charset=utf-8";

fn serve(mut stream: TcpStream, answers: &Answers, count: &AtomicUsize) {
    let _set = stream.set_nodelay(true);
    let Ok(reader) = stream.try_clone() else { return };
    let (mut reader, mut line) = (BufReader::new(reader), String::new());
    loop {
        let (mut path, mut version, mut challenged, mut length) = (String::new(), MEDIA.to_owned(), false, 0);
        loop {
            line.clear();
            match reader.read_line(&mut line) {
                Ok(read) if read > 0 => {}
                _ => return,
            }
            let text = line.trim_end();
            if path.is_empty() {
                path = text.split(' ').nth(1).unwrap_or_default().to_owned();
            }
            if text.is_empty() {
                break;
            }
            let (name, value) = text.split_once(':').unwrap_or((text, ""));
            match name.to_ascii_lowercase().as_str() {
                "accept" if value.contains("vnd.atlas") => version = format!("{};charset=utf-8", value.trim()),
                "authorization" => challenged = true,
                "content-length" => length = value.trim().parse().unwrap_or(0),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        if std::io::Read::read_exact(&mut reader, &mut body).is_err() {
            return;
        }
        let began = Instant::now();
        if path == "/count" {
            let _written = write!(stream, "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}", count.swap(0, SeqCst));
            return;
        }
        count.fetch_add(1, SeqCst);
        if path == "/archive" {
            let _written = archive(&mut stream, answers.service.archive);
            return;
        }
        let digest = path.starts_with("/digest/");
        let body = answers.to(path.trim_start_matches("/digest"));
        let status = if digest && !challenged { "401 Unauthorized" } else { "200 OK" };
        let challenge =
            r#"Digest realm="MMS Public API", domain="", nonce="bm9uY2U=", algorithm=MD5, qop="auth", stale=false"#;
        let challenge =
            if digest && !challenged { format!("www-authenticate: {challenge}\r\n") } else { String::new() };
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: {version}\r\n{challenge}ratelimit-limit: 1000000\r\nratelimit-remaining: \
             1000000\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        std::thread::sleep(Duration::from_millis(answers.service.latency).saturating_sub(began.elapsed()));
        if stream.write_all(&[head.as_bytes(), &body].concat()).is_err() {
            return;
        }
    }
}

fn archive(stream: &mut TcpStream, mebibytes: usize) -> std::io::Result<()> {
    write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\netag: \"a\"\r\n\r\n", mebibytes << 20)?;
    let mut piece = vec![7; 1 << 20];
    piece[..2].copy_from_slice(&[0x1f, 0x8b]);
    (0..mebibytes).try_for_each(|_| stream.write_all(&piece))
}
