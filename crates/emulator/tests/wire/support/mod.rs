//! A small HTTP client for the tests, and the check that every success conforms to the curated document.

pub(crate) mod digest;
pub(crate) mod raw;

use atlas_backup_emulator::{Builder, DEMO_PROJECT, Emulator, Seed, check_response};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, request::Builder as RequestBuilder};
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::Value;

/// The oldest version, which most operations have.
pub(crate) const OLDEST: &str = "application/vnd.atlas.2023-01-01+json";
/// Later than any version, so it selects the newest.
pub(crate) const NEWEST: &str = "application/vnd.atlas.2099-01-01+json";

/// A complete response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) json: Value,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    /// Fails unless the response is a success that conforms to the curated document.
    pub(crate) fn documented(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{} {}: {}", self.method, self.path, self.text);
        let media_type = self.header("content-type");
        let violations = check_response(&self.method, &self.path, media_type, status, &self.json);
        assert!(violations.is_empty(), "{} {}: {violations:#?}", self.method, self.path);
        self
    }

    /// Fails unless the response is this error in every location that names it.
    pub(crate) fn refused(self, status: u16, code: &str) -> Self {
        assert_eq!(self.status.as_u16(), status, "{} {}: {}", self.method, self.path, self.text);
        assert_eq!(self.json["errorCode"], code, "{}", self.text);
        assert_eq!(self.json["error"], status);
        assert_eq!(self.header("x-error-code"), code);
        assert_eq!(self.header("content-type"), "application/json");
        assert!(
            self.json["detail"].is_string() && self.json["reason"].is_string() && self.json["parameters"].is_array()
        );
        self
    }
}

/// An emulator with a client. The client has no TLS, redirects or proxies and adds only the `Host` header.
pub(crate) struct Bench {
    pub(crate) emulator: Emulator,
    client: Client<hyper_util::client::legacy::connect::HttpConnector, Full<Bytes>>,
}

impl Bench {
    /// The demo on a stopped clock.
    pub(crate) async fn demo() -> Self {
        Self::with(Emulator::builder().seed(Seed::Demo).stepped_clock()).await
    }

    pub(crate) async fn with(builder: Builder) -> Self {
        Self::around(builder.strict(true).start().await.unwrap())
    }

    pub(crate) fn around(emulator: Emulator) -> Self {
        Self { emulator, client: Client::builder(TokioExecutor::new()).build_http() }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        Request::builder().method(method).uri(format!("{}{path}", self.emulator.base_url()))
    }

    /// Sends a request without a body and returns the raw response.
    pub(crate) async fn fetch(&self, request: RequestBuilder) -> (http::response::Parts, Bytes) {
        let response = self.client.request(request.body(Full::default()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        (parts, body.collect().await.unwrap().to_bytes())
    }

    pub(crate) async fn send(&self, request: RequestBuilder, body: impl Into<Bytes>) -> Answer {
        let request = request.body(Full::new(body.into())).unwrap();
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = self.client.request(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { method, path, status: parts.status, headers: parts.headers, text, json }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.get_as(path, OLDEST).await
    }

    pub(crate) async fn get_as(&self, path: &str, accept: &str) -> Answer {
        self.send(self.request(Method::GET, path).header("accept", accept), "").await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send_json(Method::POST, path, OLDEST, body).await
    }

    pub(crate) async fn send_json(&self, method: Method, path: &str, media_type: &str, body: Value) -> Answer {
        let request = self.request(method, path).header("accept", media_type).header("content-type", media_type);
        self.send(request, body.to_string()).await
    }

    pub(crate) async fn delete(&self, path: &str, accept: &str) -> Answer {
        self.send(self.request(Method::DELETE, path).header("accept", accept), "").await
    }

    /// The id of the first item of a list below the demo project, as a string for paths and bodies.
    pub(crate) async fn newest(&self, list: &str) -> String {
        let list = self.get_as(&demo(list), NEWEST).await.documented(200).json;
        list["results"][0]["id"].as_str().unwrap().to_owned()
    }

    /// Disables continuous backup on the demo's `Cluster0`.
    pub(crate) async fn end_continuous_backup(&self) {
        let body = serde_json::json!({"pitEnabled": false});
        self.send_json(Method::PATCH, &demo("/clusters/Cluster0"), NEWEST, body).await.documented(200);
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.emulator.clock().advance(std::time::Duration::from_secs(seconds));
    }
}

/// The demo project's path followed by `rest`.
pub(crate) fn demo(rest: &str) -> String {
    format!("/api/atlas/v2/groups/{DEMO_PROJECT}{rest}")
}
