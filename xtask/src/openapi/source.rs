//! Reads the official specification from a file or URL and parses it.
//!
//! The source is an external server, so every invalid input (an error page, a truncated file, bytes that are not text)
//! is reported here with its location. A document that only looks complete must never pass: a YAML file truncated
//! between two lines still parses.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail, ensure};
use heck::ToLowerCamelCase as _;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    chains, download, limits,
    pointer::Pointer,
    references,
    walk::{METHODS, operations_mut},
};

/// The published specification, on the main branch of the public repository.
pub(crate) const PUBLISHED: &str = "https://raw.githubusercontent.com/mongodb/openapi/main/openapi/v2.yaml";

/// Required top-level members of the official document. Without them the input is not a specification, or only its first
/// part.
const EXPECTED: [&str; 6] = ["openapi", "info", "paths", "components", "servers", "security"];

/// Members that OpenAPI requires in every document.
const REQUIRED: [&str; 3] = ["openapi", "info", "paths"];

/// The input bytes, with the data for the lock file.
#[derive(Debug)]
pub(crate) struct Source {
    /// The URL, or the file name without its folder: a lock must not depend on the machine that wrote it.
    pub(crate) name: String,
    /// Date of the document, `YYYY-MM-DD`, if the name or the server states it.
    pub(crate) date: Option<String>,
    /// The unparsed document.
    pub(crate) bytes: Vec<u8>,
}

impl Source {
    /// Reads a file or downloads a URL.
    pub(crate) fn read(upstream: &str) -> Result<Self> {
        if upstream.starts_with("http://") || upstream.starts_with("https://") {
            let (bytes, modified) = download::get(upstream)?;
            return Ok(Self { name: upstream.to_owned(), date: day_in(upstream).or(modified), bytes });
        }
        let bytes = fs::read(upstream).with_context(|| format!("cannot read {upstream}"))?;
        let name = Path::new(upstream).file_name().map_or_else(|| upstream.into(), |name| name.to_string_lossy());
        Ok(Self { date: day_in(&name), name: name.into_owned(), bytes })
    }

    /// SHA-256 of the input, in hexadecimal.
    pub(crate) fn digest(&self) -> String {
        digest(&self.bytes)
    }

    /// Parses the official document and checks that it is complete.
    pub(crate) fn parse(&self) -> Result<Value> {
        self.parse_with(&EXPECTED)
    }

    /// Parses any OpenAPI 3.0 document. Every operation has an id and its own parameters then.
    pub(crate) fn parse_any(&self) -> Result<Value> {
        let mut document = self.parse_with(&REQUIRED)?;
        complete(&mut document);
        Ok(document)
    }

    fn parse_with(&self, expected: &[&str]) -> Result<Value> {
        let name = &self.name;
        let length = self.bytes.len() as u64;
        ensure!(length <= download::MAX_BYTES, "{name} is too large: {length} bytes, more than any specification");
        let text = match std::str::from_utf8(&self.bytes) {
            Ok(text) => text,
            Err(error) => {
                bail!("{name} is not UTF-8 text: the first invalid byte is at offset {}", error.valid_up_to())
            }
        };
        ensure!(!text.trim().is_empty(), "{name} is empty");
        ensure!(!text.trim_start().starts_with('<'), "{name} is an HTML or XML page, not an OpenAPI document: {:?}", {
            text.trim_start().lines().next().unwrap_or_default().chars().take(80).collect::<String>()
        });
        let mut document = parse_yaml(text).with_context(|| format!("{name} is not valid YAML or JSON"))?;
        let missing: Vec<&str> = expected.iter().copied().filter(|member| document.get(member).is_none()).collect();
        match missing.as_slice() {
            [] => {}
            missing if missing.len() > expected.len() / 2 => bail!("{name} is not an OpenAPI document"),
            missing => bail!("{name} has no `{}`: is it truncated?", missing.join("`, no `")),
        }
        let version = document["openapi"].as_str().unwrap_or_default();
        ensure!(version.starts_with("3.0."), "{name} has `openapi: {version}`, but this pipeline reads 3.0 documents");
        ensure!(document["paths"].is_object(), "{name}: /paths is not an object");
        if document.get("components").is_none() {
            document["components"] = json!({});
        }
        ensure!(document["components"].is_object(), "{name}: /components is not an object");
        chains::refuse_long(&document).with_context(|| name.clone())?;
        limits::refuse_large(&document).with_context(|| name.clone())?;
        Ok(document)
    }
}

/// Gives every operation an id, the parameters of its path, and its own copies of shared bodies. An operation without an id is named after its method and
/// path, such as `getThingsId`.
fn complete(document: &mut Value) {
    for item in document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut()) {
        let shared = item.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
        // Texts and extensions of the path, which no command reads.
        if let Some(members) = item.as_object_mut() {
            members.retain(|key, _| METHODS.contains(&key.as_str()));
        }
        for method in METHODS {
            let operation = item.get_mut(method).and_then(Value::as_object_mut).filter(|_| !shared.is_empty());
            let Some(operation) = operation else { continue };
            let own = operation.entry("parameters").or_insert_with(|| json!([]));
            let Some(own) = own.as_array_mut() else { continue };
            let key =
                |parameter: &Value| (parameter["in"].clone(), parameter["name"].clone(), parameter["$ref"].clone());
            let added = shared.iter().filter(|shared| !own.iter().any(|own| key(own) == key(shared)));
            let added: Vec<Value> = added.cloned().collect();
            own.extend(added);
        }
    }
    let shared = json!({ "components": {
        "requestBodies": document["components"].get("requestBodies"), "responses": document["components"].get("responses") } });
    let own = |body: &mut Value| {
        let (found, _) = references::resolve(&shared, body, Pointer::default());
        if body.get("$ref").is_some() && !found.is_null() {
            *body = found.clone();
        }
    };
    operations_mut(document, |pointer, operation| {
        operation.get_mut("requestBody").into_iter().for_each(own);
        let responses = operation.get_mut("responses").and_then(Value::as_object_mut).into_iter().flatten();
        responses.filter(|(status, _)| status.starts_with('2')).for_each(|(_, response)| own(response));
        if operation["operationId"].as_str().is_none_or(str::is_empty) {
            let keys = pointer.keys();
            let [.., path, method] = keys.as_slice() else { return };
            operation["operationId"] = json!(format!("{method} {path}").to_lower_camel_case());
        }
    });
}

/// Parses YAML (and therefore JSON) with limits: the specification is large, and aliases must not expand it further.
pub(crate) fn parse_yaml(text: &str) -> Result<Value> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: limits::NODES,
            max_events: 2 * limits::NODES,
            max_depth: 200,
            max_aliases: 1_000,
            max_recorded_anchor_events: 20_000,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 20_000,
        },
        // YAML 1.2, as in OpenAPI: `ON` and `1_000` are strings.
        strict_booleans: true,
        underscored_numbers_as_strings: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| anyhow::anyhow!("{error}"))
}

/// SHA-256 in hexadecimal.
pub(crate) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The first `YYYY-MM-DD` in a name.
fn day_in(name: &str) -> Option<String> {
    let is_day = |window: &[u8]| {
        window
            .iter()
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { *byte == b'-' } else { byte.is_ascii_digit() })
    };
    let day = name.as_bytes().windows(10).find(|window| is_day(window))?;
    String::from_utf8(day.to_vec()).ok()
}
