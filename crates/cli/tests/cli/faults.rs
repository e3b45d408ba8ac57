//! The table of faults: what a broken or hostile service, or a proxy before it, may answer.

use std::io::Write as _;

use Allowed::{AnyOutput, Error, SameOutput};

/// The response that is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// To a request with credentials.
    Response,
    /// To a request without credentials.
    Challenge,
    /// Of the token endpoint.
    Token,
}

/// How a response ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Close,
    /// The connection stays open for the next request.
    Keep,
    Reset,
    /// Nothing more is sent, and the connection stays open.
    Hang,
    /// Byte by byte, each after 20 ms.
    Drip,
    /// The last 64 bytes again and again.
    Endless,
}

/// Makes a broken response from a sound one.
type Change = fn(&[u8]) -> Vec<u8>;

#[derive(Clone)]
pub(crate) enum Reply {
    /// Well-formed HTTP. `{foreign}` is the address of another server, `{authorization}` the header of the request.
    Whole {
        status: u16,
        headers: String,
        body: Vec<u8>,
    },
    Raw(Vec<u8>, End),
    /// Made from the sound response.
    Changed(Change, End),
}

/// How a command may end besides with an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Allowed {
    /// Not at all: the response does not answer its request.
    Error,
    /// With the output of an undisturbed run.
    SameOutput,
    AnyOutput,
}

#[derive(Clone)]
pub(crate) struct Fault {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) reply: Reply,
    pub(crate) allowed: Allowed,
}

impl Fault {
    /// Whether the service states that it did nothing, so that the client may send the request again.
    pub(crate) fn refuses(&self) -> bool {
        matches!(self.reply, Reply::Whole { status: 401 | 429, .. })
    }

    /// Whether it is a success without a body, which may answer a change.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(&self.reply, Reply::Whole { status: 200..300, body, .. } if body.trim_ascii().is_empty())
    }

    /// Whether it is a JSON object with a status of success.
    pub(crate) fn is_object(&self) -> bool {
        match &self.reply {
            Reply::Whole { status: 200..300, body, .. } => body.ends_with(b"}") && body.starts_with(b"{"),
            Reply::Raw(bytes, _) => bytes.windows(2).any(|two| two == b"{}"),
            Reply::Whole { .. } | Reply::Changed(..) => false,
        }
    }

    /// Whether status and headers are those of the sound response.
    pub(crate) fn keeps_status(&self) -> bool {
        matches!(self.reply, Reply::Changed(..))
    }
}

/// How many of the first rows are tried with every command in each run: no list may take them for an empty page.
pub(crate) const ALWAYS: usize = 6;

/// Documents with status 200 that answer no request of the commands.
const BODIES: [&str; 17] = [
    "",
    "{}",
    "[]",
    "{\"results\":null}",
    "{\"results\":[],\"totalCount\":99999}",
    "<html>busy</html>",
    " ",
    "null",
    "7",
    "\"text\"",
    "{\"results\":{}}",
    "{\"totalCount\":0}",
    "{\"results\":[",
    "{\"results\":[]}{\"results\":[]}",
    "\u{feff}{\"results\":[]",
    "{\"results\":[],\"totalCount\":99999,\"links\":[{\"rel\":\"next\",\"href\":\"{foreign}/next\"}]}",
    "{\"error\":500,\"errorCode\":\"UNEXPECTED_ERROR\",\"detail\":\"{authorization}\"}",
];

/// Pages whose items cannot be read. JSON output prints items as they were sent.
const ITEMS: [&str; 4] = [
    "{\"results\":[null]}",
    "{\"results\":[7,[],\"\"],\"totalCount\":3}",
    "{\"results\":[{\"id\":1e999}]}",
    "{\"results\":[{\"id\":\"../..\",\"name\":\"-rf\",\"links\":[{\"rel\":\"self\",\"href\":\"{foreign}/self\"}]}]}",
];

const STATUSES: [u16; 41] = [
    201, 202, 203, 204, 205, 206, 226, 299, 300, 304, 305, 306, 400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 411,
    413, 414, 415, 418, 421, 422, 425, 426, 431, 451, 499, 500, 501, 502, 504, 511, 599, 999,
];

const REDIRECTS: [&str; 5] =
    ["{foreign}/moved", "//127.0.0.1:9/moved", "/api/atlas/v2/moved", "http://", "\u{2603}\u{202e}"];

const RETRY_AFTER: [&str; 8] = [
    "",
    "0",
    "-1",
    "99999999999999999999",
    "1e9",
    "86400",
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "Thu, 01 Jan 1970 00:00:00 GMT",
];

/// Headers on a sound response.
const HEADERS: [Change; 10] = [
    |sound| with_header(sound, "retry-after: 99999"),
    |sound| with_header(sound, "ratelimit-limit: -1\r\nratelimit-remaining: x\r\nratelimit-reset: 1e9"),
    |sound| with_header(sound, "ratelimit-limit: 0\r\nratelimit-remaining: 18446744073709551616"),
    |sound| with_header(sound, "deprecation: never\r\nsunset: \u{2603}"),
    |sound| with_header(sound, "deprecation: @99999999999999\r\nsunset: Fri, 31 Dec 9999 23:59:59 GMT"),
    |sound| {
        with_header(sound, "www-authenticate: Digest nonce=\"x\"\r\nauthentication-info: nextnonce=\"\"\r\nlocation: /")
    },
    |sound| with_header(sound, "set-cookie: a=b; Domain=localhost\r\nrefresh: 0\r\nalt-svc: h3=\":9\"; ma=99"),
    |sound| with_header(sound, "x-mongodb-service-version: \u{1b}[2J"),
    |sound| with_header(sound, &format!("x-long: {}", "a".repeat(100_000))),
    |sound| with_header(sound, "x-many: a\r\n".repeat(10_000).trim_end()),
];

const CHALLENGES: [&str; 17] = [
    "",
    "www-authenticate: \r\n",
    "www-authenticate: Basic realm=\"x\"\r\n",
    "www-authenticate: Bearer\r\n",
    "www-authenticate: Negotiate\r\nwww-authenticate: NTLM\r\n",
    "www-authenticate: Digest\r\n",
    "www-authenticate: Digest realm=\"x\"\r\n",
    "www-authenticate: Digest nonce=\"n\"\r\n",
    "www-authenticate: Digest realm=\"x\", nonce=\"\r\n",
    "www-authenticate: Digest realm=\"x\", nonce=\"n\\\r\n",
    "www-authenticate: Digest realm=\"x\", nonce=\"n\", algorithm=ROT13\r\n",
    "www-authenticate: Digest realm=\"x\", nonce=\"n\", qop=\"auth-int\"\r\n",
    "www-authenticate: Digest realm=\"x\", nonce=\"n\", qop=\"auth\", stale=true\r\n",
    "www-authenticate: Digest realm=\"x\", nonce=\"n\", domain=\"{foreign}\", qop=auth\r\n",
    "www-authenticate: Digest realm=\"\u{1}\u{7f}\", nonce=\"\u{e9}\", qop=\"auth\"\r\n",
    "www-authenticate: Digest ,,,=,\"=\"\r\n",
    "proxy-authenticate: Digest realm=\"x\", nonce=\"n\", qop=\"auth\"\r\n",
];

/// Bodies of the token endpoint.
const TOKENS: [&str; 15] = [
    "",
    "{}",
    "[]",
    "<html>",
    "{\"access_token\":null}",
    "{\"access_token\":7}",
    "{\"access_token\":\"\",\"expires_in\":3600,\"token_type\":\"Bearer\"}",
    "{\"access_token\":\"a\\r\\nX-Evil: 1\",\"expires_in\":3600,\"token_type\":\"Bearer\"}",
    "{\"access_token\":\"a b\\u0000\",\"expires_in\":3600,\"token_type\":\"Bearer\"}",
    "{\"access_token\":\"\u{2603}\",\"expires_in\":3600,\"token_type\":\"Bearer\"}",
    "{\"access_token\":\"{authorization}\",\"expires_in\":3600,\"token_type\":\"\\u001b[2J\"}",
    "{\"access_token\":\"a\",\"expires_in\":-1,\"token_type\":\"Bearer\"}",
    "{\"access_token\":\"a\",\"expires_in\":1e300,\"token_type\":\"Bearer\"}",
    "{\"access_token\":\"a\",\"expires_in\":\"soon\",\"token_type\":[]}",
    "{\"error\":\"invalid_client\",\"error_description\":\"{authorization}\"}",
];

/// Raw bytes in place of a response.
fn raw() -> Vec<(&'static str, Vec<u8>, End)> {
    let ok = |rest: &str| format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{rest}").into_bytes();
    vec![
        ("closed at once", Vec::new(), End::Close),
        ("reset at once", Vec::new(), End::Reset),
        ("silent", Vec::new(), End::Hang),
        ("half a status line", b"HTTP/1.1 2".to_vec(), End::Close),
        ("silent in the head", ok("x-a: b\r\n"), End::Hang),
        ("reset in the head", ok("x-a: b\r\n"), End::Reset),
        ("silent before the body", ok("content-length: 9\r\n\r\n"), End::Hang),
        ("no HTTP", b"\x00\x01\x02\x03 SSH-2.0-x\r\n\r\n".to_vec(), End::Close),
        ("HTTP/0.9", b"{\"results\":[]}".to_vec(), End::Close),
        ("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), End::Close),
        ("status without number", b"HTTP/1.1 abc OK\r\n\r\n".to_vec(), End::Close),
        ("status of one digit", b"HTTP/1.1 2 OK\r\n\r\n".to_vec(), End::Close),
        ("header without colon", ok("broken\r\ncontent-length: 2\r\n\r\n{}"), End::Close),
        ("header with NUL", ok("x: \0\r\ncontent-length: 2\r\n\r\n{}"), End::Close),
        ("negative length", ok("content-length: -1\r\n\r\n{}"), End::Close),
        ("huge length", ok("content-length: 99999999999999999999\r\n\r\n{}"), End::Close),
        ("terabyte announced", ok("content-length: 1099511627776\r\n\r\n{\"results\":[]"), End::Close),
        ("two lengths", ok("content-length: 2\r\ncontent-length: 14\r\n\r\n{\"results\":[]}"), End::Close),
        (
            "length and chunks",
            ok("content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"),
            End::Close,
        ),
        ("broken chunk size", ok("transfer-encoding: chunked\r\n\r\nxyz\r\n{}\r\n"), End::Close),
        ("overflowing chunk size", ok("transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}"), End::Close),
        ("chunks without end", ok("transfer-encoding: chunked\r\n\r\nd\r\n{\"results\":[]\r\n"), End::Close),
        ("unknown transfer coding", ok("transfer-encoding: rot13\r\ncontent-length: 2\r\n\r\n{}"), End::Close),
        ("unknown content coding", ok("content-encoding: rot13\r\ncontent-length: 2\r\n\r\n{}"), End::Close),
        ("no gzip", ok("content-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}"), End::Close),
        ("switched protocols", b"HTTP/1.1 101 X\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n".to_vec(), End::Hang),
        (
            "thousands of interim responses",
            b"HTTP/1.1 100 Continue\r\nx-padding: aaaaaaaaaaaaaaaaaaaaaa\r\n\r\n".repeat(5000),
            End::Hang,
        ),
        ("endless head", ok(&"x-padding: aaaaaaaaaaaaaaaaaaa\r\n".repeat(4)), End::Endless),
        ("endless body", ok(&format!("\r\n{{\"results\":[{}", "        ".repeat(20))), End::Endless),
        ("dripped head", ok("x-a: b\r\n").repeat(9), End::Drip),
        (
            "other response behind it",
            ok("content-length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"),
            End::Keep,
        ),
    ]
}

/// Changes of a sound response.
const CHANGES: [(&str, Allowed, Change, End); 9] = [
    ("cut in the middle", Error, |sound| sound[..body(sound) + (sound.len() - body(sound)) / 2].to_vec(), End::Close),
    ("cut before its last byte", Error, |sound| sound[..sound.len() - 1].to_vec(), End::Close),
    ("reset in the middle", Error, |sound| sound[..sound.len() - 1].to_vec(), End::Reset),
    ("silent before its last byte", Error, |sound| sound[..sound.len() - 1].to_vec(), End::Hang),
    ("dripped", SameOutput, <[u8]>::to_vec, End::Drip),
    ("kept open", SameOutput, <[u8]>::to_vec, End::Hang),
    (
        "invalid UTF-8",
        Error,
        |sound| [&sound[..body(sound)], &vec![0xff; sound.len() - body(sound)]].concat(),
        End::Close,
    ),
    ("all zeros", Error, |sound| [&sound[..body(sound)], &vec![0; sound.len() - body(sound)]].concat(), End::Close),
    ("twice", SameOutput, |sound| sound.repeat(2), End::Close),
];

/// Where the body begins.
fn body(sound: &[u8]) -> usize {
    sound.windows(4).position(|four| four == b"\r\n\r\n").expect("a head") + 4
}

fn with_header(sound: &[u8], lines: &str) -> Vec<u8> {
    let at = body(sound) - 2;
    [&sound[..at], lines.as_bytes(), b"\r\n", &sound[at..]].concat()
}

/// Zeros that are a thousand times smaller in transit.
fn bomb() -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(b"".to_vec(), flate2::Compression::fast());
    gzip.write_all(b"{\"results\":[").expect("written");
    for _ in 0..512 {
        gzip.write_all(&[b' '; 1 << 18]).expect("written");
    }
    gzip.finish().expect("a gzip file")
}

/// Every fault.
pub(crate) fn faults() -> Vec<Fault> {
    let mut faults = Vec::new();
    let json = "content-type: application/json\r\n";
    let mut add = |name: String, place, reply, allowed| faults.push(Fault { name, place, reply, allowed });
    let whole = |status, headers: &str, body: &str| {
        let (headers, body) = (headers.to_owned(), body.as_bytes().to_vec());
        Reply::Whole { status, headers, body }
    };
    for text in BODIES {
        add(format!("200 {text:?}"), Place::Response, whole(200, json, text), Error);
    }
    for text in ITEMS {
        add(format!("200 {text:?}"), Place::Response, whole(200, json, text), AnyOutput);
    }
    for (name, deep) in [("nested arrays", "[".repeat(100_000)), ("nested objects", "{\"results\":".repeat(100_000))] {
        add(name.to_owned(), Place::Response, whole(200, json, &deep), Error);
    }
    let headers = format!("{json}content-encoding: gzip\r\n");
    add("gzip bomb".to_owned(), Place::Response, Reply::Whole { status: 200, headers, body: bomb() }, Error);
    let echo = r#"{"error":1,"errorCode":"X","detail":"\u001b[2J{authorization}","reason":"{authorization}"}"#;
    for place in [Place::Response, Place::Token] {
        for status in STATUSES {
            add(format!("{status} of {place:?}"), place, whole(status, json, echo), Error);
        }
        for status in [301, 302, 303, 307, 308] {
            for to in REDIRECTS {
                let location = format!("location: {to}\r\n");
                add(format!("{status} of {place:?} to {to}"), place, whole(status, &location, ""), Error);
            }
        }
        for status in [429, 503] {
            for after in RETRY_AFTER {
                let headers = format!("{json}retry-after: {after}\r\n");
                add(format!("{status} of {place:?} after {after:?}"), place, whole(status, &headers, echo), Error);
            }
        }
    }
    for place in [Place::Response, Place::Challenge, Place::Token] {
        for (name, bytes, end) in raw() {
            add(format!("{name} of {place:?}"), place, Reply::Raw(bytes, end), Error);
        }
    }
    for (name, allowed, change, end) in CHANGES {
        add(name.to_owned(), Place::Response, Reply::Changed(change, end), allowed);
    }
    for (index, change) in HEADERS.into_iter().enumerate() {
        add(format!("headers {index}"), Place::Response, Reply::Changed(change, End::Close), SameOutput);
    }
    for headers in CHALLENGES {
        // Some can be answered.
        add(format!("challenge {headers:?}"), Place::Challenge, whole(401, headers, ""), SameOutput);
        add(format!("repeated {headers:?}"), Place::Response, whole(401, headers, ""), Error);
    }
    for text in TOKENS {
        // Some are tokens.
        add(format!("token {text:?}"), Place::Token, whole(200, json, text), SameOutput);
    }
    faults
}
