//! The control API: operator commands of the emulator over HTTP, under `/control/`.
//!
//! It is off by default and needs no Atlas credentials. It serves only this machine and no web page: a request from
//! another machine, with an `Origin`, or for another host name is refused before its body is read.
//! [`Emulator`](crate::Emulator) has the same commands in process. The README has the table.

use std::{net::IpAddr, time::Duration};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{Method, StatusCode, header, request::Parts, uri::Authority};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    domain::{error::ApiError, job_kind::JobKind, refusals::CONTROL_NOT_ALLOWED},
    engine::{compliance, job_failures},
    http::{
        connection::Peer,
        control::{
            data,
            error::{ControlError, invalid, parse},
        },
        faults::fault::Fault,
        instance::Instance,
        messages::{other_methods, read_body},
        recorder::Recorded,
    },
    seed::{fleet::Fleet, seeds::Seed},
    store::document,
};

/// Maximum body size. A whole state with tens of thousands of snapshots is much larger than an API request.
const BODY_LIMIT: usize = 256 << 20;

/// Whether a request is for the control API.
pub(crate) fn is_control_path(path: &str) -> bool {
    path.strip_prefix("/control").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Handles one request.
pub(crate) async fn answer(instance: &Instance, peer: &Peer, parts: &Parts, body: Body) -> Response {
    if !(peer.is_local() && is_not_from_a_browser(parts)) {
        let detail = "The control API answers to programs on this machine only.";
        return CONTROL_NOT_ALLOWED.error(detail).into_response();
    }
    let outcome = match read_body(parts, body, BODY_LIMIT).await {
        Ok(body) => text(instance, parts, &body).await,
        Err(error) => Err(ControlError::Error(error)),
    };
    match outcome {
        Ok(None) => StatusCode::NO_CONTENT.into_response(),
        Ok(Some(body)) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Err(ControlError::Error(error)) => error.into_response(),
        Err(ControlError::Method(taken)) => other_methods(taken, &parts.method, parts.uri.path()),
    }
}

/// Browsers send an `Origin` or a foreign host name, so no web page sent this request.
fn is_not_from_a_browser(parts: &Parts) -> bool {
    let own = |host: &Authority| {
        let name = host.host().trim_matches(['[', ']']);
        name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok()
    };
    let host = parts.headers.get(header::HOST).and_then(|h| h.to_str().ok()?.parse::<Authority>().ok());
    // A target in absolute form names its authority itself, which counts instead of `Host`.
    let named = [host.as_ref(), parts.uri.authority()];
    named.into_iter().flatten().all(own) && !parts.headers.contains_key(header::ORIGIN)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockScale {
    scale: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reset {
    seed: NamedSeed,
}

/// Maximum number of failures per request.
const MAX_FAILURES: u32 = 1_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Failures {
    job: JobKind,
    count: Option<u32>,
}

/// The named seeds. `state` accepts a whole state.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum NamedSeed {
    Empty,
    Demo,
    Fleet(Size),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Size {
    projects: u32,
    clusters: u32,
    snapshots: u32,
}

/// Maximum number of snapshots in a fleet.
const MAX_FLEET_SNAPSHOTS: u64 = 1_000_000;

impl NamedSeed {
    fn seed(self) -> Result<Seed, ApiError> {
        let Size { projects, clusters, snapshots } = match self {
            NamedSeed::Empty => return Ok(Seed::Empty),
            NamedSeed::Demo => return Ok(Seed::Demo),
            NamedSeed::Fleet(size) => size,
        };
        let clusters_in_all = u64::from(projects) * u64::from(clusters.max(1));
        if clusters_in_all.saturating_mul(u64::from(snapshots.max(1))) > MAX_FLEET_SNAPSHOTS {
            return Err(invalid(format!("a fleet has at most {MAX_FLEET_SNAPSHOTS} snapshots")));
        }
        Ok(Seed::Fleet(Fleet { projects, clusters, snapshots }))
    }
}

/// Executes a request and returns the response body, if any.
async fn text(instance: &Instance, parts: &Parts, body: &Bytes) -> Result<Option<String>, ControlError> {
    let segments: Vec<&str> = parts.uri.path().split('/').skip(2).collect();
    if let ["data", rest @ ..] = segments.as_slice() {
        let answer = data::answer(instance, rest, parts.method.as_str(), parts.uri.query(), body)?;
        wait_until_saved(instance).await?;
        return Ok(answer);
    }
    let answer = execute(instance, parts, body).await?;
    Ok((!answer.is_null()).then(|| answer.to_string()))
}

/// Executes a request. Returns null if the request has no result.
async fn execute(instance: &Instance, parts: &Parts, body: &Bytes) -> Result<Value, ControlError> {
    const GET: &Method = &Method::GET;
    const PUT: &Method = &Method::PUT;
    const POST: &Method = &Method::POST;
    const DELETE: &Method = &Method::DELETE;
    let path = parts.uri.path();
    let segments: Vec<&str> = path.split('/').skip(2).collect();
    match (segments.as_slice(), parts.method.as_str()) {
        (["faults"], "GET") => return Ok(json!({ "faults": instance.faults.list() })),
        (["faults"], "POST") => {
            let fault: Fault = parse(body)?;
            let id = instance.faults.add(instance.document, fault).map_err(invalid)?;
            return Ok(json!({ "id": id }));
        }
        (["faults"], "DELETE") => {
            instance.faults.clear(None);
        }
        (["faults"], _) => return Err(ControlError::Method(&[GET, POST, DELETE])),
        (["faults", id], "DELETE") => {
            if id.parse().ok().is_none_or(|id| instance.faults.clear(Some(id)) == 0) {
                return Err(ApiError::resource_not_found("fault", id).into());
            }
        }
        (["faults", _], _) => return Err(ControlError::Method(&[DELETE])),
        (["failures"], "GET") => {
            let ordered = instance.store.read(|state| state.meta.ordered_failures.clone());
            return Ok(json!({ "failures": ordered }));
        }
        (["failures"], "POST") => {
            let Failures { job, count } = parse(body)?;
            let count = count.unwrap_or(1).min(MAX_FAILURES);
            let ((), ticket) = instance.store.write(|state| (0..count).for_each(|_| job_failures::order(state, job)));
            instance.store.saved(ticket).await.map_err(ApiError::from)?;
        }
        (["failures"], "DELETE") => {
            let ((), ticket) = instance.store.write(|state| state.meta.ordered_failures.clear());
            instance.store.saved(ticket).await.map_err(ApiError::from)?;
        }
        (["failures"], _) => return Err(ControlError::Method(&[GET, POST, DELETE])),
        (["compliancePolicies", project, "clear"], "POST") => {
            let id = project.parse().map_err(|()| ApiError::group_not_found(project))?;
            let (known, ticket) = instance.store.write(|state| compliance::allow_disabling(state, id));
            instance.store.saved(ticket).await.map_err(ApiError::from)?;
            if !known {
                return Err(ApiError::resource_not_found("compliance policy of", project).into());
            }
        }
        (["compliancePolicies", _, "clear"], _) => return Err(ControlError::Method(&[POST])),
        (["clock"], "GET") => return Ok(clock(instance)),
        (["clock"], "PUT") => {
            let ClockScale { scale } = parse(body)?;
            instance.clock.set_scale(scale).map_err(invalid)?;
            wait_until_saved(instance).await?;
            return Ok(clock(instance));
        }
        (["clock"], _) => return Err(ControlError::Method(&[GET, PUT])),
        (["clock", "advance"], "POST") => {
            let Advance { seconds } = parse(body)?;
            instance.clock.advance(Duration::from_secs(seconds));
            wait_until_saved(instance).await?;
            return Ok(clock(instance));
        }
        (["clock", "advance"] | ["reset"], _) if parts.method != POST => return Err(ControlError::Method(&[POST])),
        (["reset"], _) => {
            let Reset { seed } = parse(body)?;
            instance.reset(&seed.seed()?).map_err(|error| invalid(error.to_string()))?;
            wait_until_saved(instance).await?;
        }
        (["state"], "GET") => return Ok(document::export(&instance.store, &instance.clock)),
        (["state"], "PUT") => {
            let taken = document::import(&instance.store, &instance.clock, parse(body)?);
            let ticket = taken.map_err(|error| invalid(error.to_string()))?;
            instance.store.saved(ticket).await.map_err(ApiError::from)?;
        }
        (["state"], _) => return Err(ControlError::Method(&[GET, PUT])),
        (["requests"], "GET") => {
            let recorded = instance.recorder.iter().flat_map(|recorder| recorder.requests());
            return Ok(json!({ "requests": recorded.map(|request| redacted(&request)).collect::<Vec<_>>() }));
        }
        (["requests"], "DELETE") => instance.forget_requests(),
        (["requests"], _) => return Err(ControlError::Method(&[GET, DELETE])),
        _ => return Err(ApiError::resource_not_found("control at", path).into()),
    }
    Ok(Value::Null)
}

fn clock(instance: &Instance) -> Value {
    json!({"now": instance.clock.now(), "unscaled": instance.clock.unscaled(), "scale": instance.clock.scale()})
}

async fn wait_until_saved(instance: &Instance) -> Result<(), ApiError> {
    instance.store.flush().await.map_err(ApiError::from)
}

/// A recorded request without its secrets.
fn redacted(request: &Recorded) -> Value {
    let mut headers = Map::new();
    for name in request.headers.keys() {
        let values = request.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        let values = values.collect::<Vec<_>>().join(", ");
        let scheme = values.split(' ').next().unwrap_or_default();
        let value = if *name == header::AUTHORIZATION { format!("{scheme} (secret)") } else { values };
        headers.insert(name.to_string(), value.into());
    }
    let is_token = request.path.starts_with("/api/oauth/");
    let body = serde_json::from_slice(&request.body).unwrap_or_else(|_| match request.body.len() {
        0 => Value::Null,
        _ if is_token => "(secret)".into(),
        _ => String::from_utf8_lossy(&request.body).into(),
    });
    json!({
        "method": request.method.as_str(),
        "path": request.path,
        "query": request.query,
        "headers": headers,
        "body": body,
        "status": request.status.as_u16(),
    })
}
