//! Archives of finished download jobs over HTTP.
//!
//! A URL works without credentials for whoever knows it, until the job says that it expires; then, and for everything
//! that is not quite such a URL, the answer is 403, as from a storage service whose signature does not fit. No answer
//! tells whether a job exists, and nothing in a request reaches a file system.

use std::sync::Arc;

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use http::{HeaderValue, Method, StatusCode, header, request::Parts};
use tokio::task::spawn_blocking;

use crate::{
    data::{archive::Prepared, dump::Dump, set::DataSet},
    domain::{
        clusters::Cluster,
        ids::ObjectId,
        link_key::{LinkKey, PREFIX},
    },
    engine::contents,
    files::{
        archive_body::ArchiveBody,
        known_archives::Downloads,
        range::{Known, Part, part},
    },
    openapi::query::Query,
    state::tables::State,
};

/// Answers a request below [`PREFIX`].
pub(crate) async fn answer(downloads: &Downloads, parts: &Parts, wanted: Option<Wanted>) -> Response {
    if !matches!(parts.method, Method::GET | Method::HEAD) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response();
    }
    let Some(wanted) = wanted else { return refused() };
    let Some(prepared) = downloads.prepare(wanted).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let etag = format!("\"{}\"", prepared.digest);
    let last_modified = prepared.taken().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let known = Known { length: prepared.length, etag: &etag, last_modified: &last_modified };
    let total = prepared.length;
    let (status, span, content_range) = match part(&parts.headers, known, &parts.method) {
        Part::Whole => (StatusCode::OK, Some((0, total)), None),
        Part::Range(start, length) => {
            let range = format!("bytes {start}-{}/{total}", start + length - 1);
            (StatusCode::PARTIAL_CONTENT, Some((start, length)), Some(range))
        }
        Part::Nothing(status) if status == StatusCode::RANGE_NOT_SATISFIABLE => {
            (status, None, Some(format!("bytes */{total}")))
        }
        Part::Nothing(status) => (status, None, None),
    };
    let mut response = match span {
        Some(span) => read(&prepared, parts, status, span).await,
        None => status.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let fields = [
        (header::ETAG, Some(etag)),
        (header::LAST_MODIFIED, Some(last_modified)),
        (header::CONTENT_RANGE, content_range),
    ];
    for (name, value) in fields {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(name, value);
        }
    }
    response
}

/// Some bytes of the archive, or for HEAD how many they would be.
async fn read(prepared: &Arc<Prepared>, parts: &Parts, status: StatusCode, (start, length): (u64, u64)) -> Response {
    let body = if parts.method == Method::HEAD {
        Body::empty()
    } else {
        let prepared = Arc::clone(prepared);
        match spawn_blocking(move || prepared.read(start, length)).await {
            Ok(Ok(archive)) => Body::new(ArchiveBody::new(archive, length)),
            _ => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    };
    let mut response = (status, [(header::CONTENT_TYPE, "application/gzip")], body).into_response();
    response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    response
}

/// What a storage service says to a URL that it has not signed, or not for now.
fn refused() -> Response {
    const BODY: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code>\
                        <Message>This link is not valid, or not any more.</Message></Error>";
    (StatusCode::FORBIDDEN, [(header::CONTENT_TYPE, "application/xml")], BODY).into_response()
}

/// An archive that may be fetched.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// What tells it from all others.
    pub(crate) key: String,
    mongodb_version: String,
    taken: DateTime<Utc>,
    data: DataSet,
    root: String,
    shard: Option<(usize, usize)>,
}

impl Wanted {
    /// The archive that path and query name, if the key is the right one and its time is not over.
    pub(crate) fn find(state: &State, parts: &Parts, now: DateTime<Utc>) -> Option<Self> {
        let query = Query::parse(parts.uri.query().unwrap_or_default());
        let (job, name) = parts.uri.path().strip_prefix(PREFIX)?.split_once('/')?;
        let (id, name, shown) = (job.parse::<ObjectId>().ok()?, name.strip_suffix(".tar.gz")?, query.get("key")?);
        if let Some(job) = state.restore_jobs.get(id) {
            let cluster = state.clusters.get(state.restore_jobs.parent(id)?)?;
            job.archives(cluster, now).filter(|_| job.link_key.is(shown))?;
            return Self::of(state, cluster, name, &job.link_key, (id, job.snapshot_begun, job.snapshot_taken));
        }
        let job = state.flex_restores.get(id)?;
        let cluster = state.clusters.get(state.flex_restores.parent(id)?)?;
        job.archive(cluster, now).filter(|_| job.link_key.is(shown))?;
        Self::of(state, cluster, name, &job.link_key, (id, job.snapshot_begun, job.snapshot_finished))
    }

    fn of(
        state: &State,
        cluster: &Cluster,
        name: &str,
        link_key: &LinkKey,
        (job, begun, taken): (ObjectId, DateTime<Utc>, DateTime<Utc>),
    ) -> Option<Self> {
        let sets = cluster.replica_sets();
        let place = sets.iter().position(|set| set == name)?;
        Some(Self {
            key: format!("{}/{place}", link_key.key()),
            mongodb_version: cluster.mongodb_version.clone(),
            taken,
            data: contents::of_snapshot(state, cluster.id, begun),
            root: format!("restore-{job}"),
            shard: cluster.kind.is_sharded().then_some((place, sets.len())),
        })
    }

    pub(crate) fn dump(self) -> std::io::Result<Dump> {
        Dump::new(&self.root, &self.mongodb_version, self.taken, self.data, self.shard)
    }
}
