//! What is fuzzed: functions that take any bytes, end soon, and panic only if a rule of the project is broken.
//!
//! The fuzz targets call them under libFuzzer, and a test replays the corpus through the same functions.

use std::{fs, io::Write as _, time::Duration};

use atlas_backup::{
    ApiVersion, Client, Credentials, MediaType, Profile, SecretString,
    testing::{CannedResponse, CannedService},
    unpack,
};
use atlas_backup_emulator::fuzzing;
use atlas_backup_generated::dispatch::BINDINGS;
use serde_json::json;

/// A target: its name, which is also that of its corpus, and its function.
pub(super) type Target = (&'static str, fn(&[u8]));

/// All targets.
pub(super) const TARGETS: &[Target] = &[
    ("archives", archives),
    ("challenges", challenges),
    ("decoders", decoders),
    ("headers", headers),
    ("links", links),
    ("messages", fuzzing::message),
    ("pages", pages),
    ("profiles", profiles),
    ("queries", fuzzing::query),
    ("versions", versions),
];

const ID: &str = "32b6e34b3d91647abb20e7b8";

/// Runs a future on a clock that jumps, so that no wait takes time.
fn run<T>(future: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().start_paused(true).build().expect("a runtime").block_on(future)
}

/// A response with the header, if the bytes can be its value.
fn with_header(response: CannedResponse, name: &str, value: &[u8]) -> CannedResponse {
    match str::from_utf8(value) {
        Ok(text) if http::HeaderValue::from_str(text).is_ok() => response.header(name, text),
        _ => response,
    }
}

/// An archive, or the content of one: unpacked completely or not at all, and only inside of the folder.
fn archives(data: &[u8]) {
    let outside = tempfile::tempdir().expect("a folder");
    let folder = outside.path().join("folder");
    let unpacked = if data.starts_with(&[0x1f, 0x8b]) {
        unpack(data, &folder, || false).map(drop)
    } else {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(data).expect("in memory");
        unpack(&encoder.finish().expect("in memory")[..], &folder, || false).map(drop)
    };
    assert_eq!(fs::read_dir(outside.path()).expect("a folder").count(), 1, "an entry is outside of the folder");
    if unpacked.is_err() {
        assert_eq!(fs::read_dir(&folder).expect("a folder").count(), 0, "a refused archive left files");
    }
}

/// A challenge of a service that wants a digest: the call ends, and no message shows the key.
fn challenges(data: &[u8]) {
    let value = data.to_vec();
    let service =
        CannedService::respond_with(move |_, _| with_header(CannedResponse::status(401), "www-authenticate", &value));
    let key = Credentials::api_key("public", SecretString::from("0f1e2d3c-private"));
    let client = service.build(Client::builder().credentials(key)).expect("a client");
    let error = run(async { client.projects().list().page(1).await }).expect_err("no call succeeds");
    assert!(!format!("{error} {error:?}").contains("0f1e2d3c"), "the key is in an error");
}

/// A body for one binding, or for all: its number in two bytes, then JSON. A decoded value is written in a form
/// that decodes to the same value.
fn decoders(data: &[u8]) {
    let Some((&number, body)) = data.split_first_chunk::<2>() else { return };
    let number = usize::from(u16::from_le_bytes(number));
    let all = number == usize::from(u16::MAX);
    for (at, binding) in BINDINGS.iter().enumerate() {
        if all || at == number % BINDINGS.len() {
            for codec in std::iter::once(binding.response).chain(binding.request) {
                if let Ok(recoded) = codec(body) {
                    assert!(recoded.stable, "{}: the written body decodes to another value", binding.operation.id);
                }
            }
        }
    }
}

/// Values of the headers that the client reads, a line each, in a response with the status of the first byte.
fn headers(data: &[u8]) {
    let Some((&status, data)) = data.split_first() else { return };
    let values: Vec<Vec<u8>> = data.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let service = CannedService::respond_with(move |_, before| {
        if before > 2 {
            return CannedResponse::status(404);
        }
        let status = [200, 429, 503][usize::from(status) % 3];
        let names =
            ["retry-after", "deprecation", "sunset", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"];
        let response = CannedResponse::status(status).body(json!({"id": ID, "name": "a", "orgId": ID}));
        names.iter().zip(&values).fold(response, |response, (name, value)| with_header(response, name, value))
    });
    let client = service.client();
    if let Ok(project) = run(async { client.projects().get(ID).await }) {
        assert_eq!(project.id.as_str(), ID);
    }
}

/// The link of an archive: whatever it says, files are only in the folder.
fn links(data: &[u8]) {
    let Ok(link) = str::from_utf8(data) else { return };
    let job = json!({"id": ID, "snapshotId": ID, "deliveryType": "download", "deliveryUrl": [link]});
    let service = CannedService::respond_with(move |sent, _| match sent.operation {
        Some(_) => CannedResponse::from(job.clone()),
        None => CannedResponse::status(200).bytes("archive"),
    });
    let client = service.client();
    let outside = tempfile::tempdir().expect("a folder");
    let folder = outside.path().join("folder");
    fs::create_dir(&folder).expect("a folder");
    let saved = run(async {
        let cluster = client.project(ID)?.cluster("Cluster0")?;
        cluster
            .restores()
            .resume_download(ID)
            .await?
            .any_content()
            .timeout(Duration::from_secs(60))
            .save_into(&folder)
            .await
    });
    assert_eq!(fs::read_dir(outside.path()).expect("a folder").count(), 1, "a file is outside of the folder");
    for file in saved.iter().flatten() {
        assert_eq!(file.path.parent(), Some(folder.as_path()), "{}", file.path.display());
    }
}

/// The body of a list: a page or an error.
fn pages(data: &[u8]) {
    let body = data.to_vec();
    let service = CannedService::respond_with(move |_, _| CannedResponse::status(200).bytes(body.clone()));
    let client = service.client();
    if let Ok(page) = run(async { client.projects().list().page(1).await }) {
        let value: serde_json::Value = serde_json::from_slice(data).expect("a page is JSON");
        assert_eq!(value["results"].as_array().map(Vec::len), Some(page.items.len()), "items were lost");
    }
}

/// The text of a file of profiles. No message shows its secret.
fn profiles(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for name in [None, Some("default")] {
        if let Err(error) = Profile::parse(&text, name) {
            assert!(!error.to_string().contains("0f1e2d3c"), "a secret is in an error");
        }
    }
}

/// Versions and media types: what is accepted is written as it was read.
fn versions(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    if let Ok(version) = text.parse::<ApiVersion>() {
        assert_eq!(version.to_string(), text);
    }
    if let Some(media) = MediaType::parse(text) {
        assert_eq!(MediaType::parse(&media.to_string()), Some(media));
    }
}
