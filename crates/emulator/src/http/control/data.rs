//! Cluster data through the control API: `/control/data/{project}/{cluster}` and, below it, `/{database}/{collection}`.
//!
//! Names are percent-encoded, because a collection name can contain almost anything. Documents are extended JSON in
//! both directions.

use bson::Document;
use bytes::Bytes;
use http::Method;
use percent_encoding::percent_decode_str;
use serde::Deserialize;

use crate::{
    domain::error::ApiError,
    http::{
        control::error::{ControlError, invalid, parse},
        instance::Instance,
    },
    openapi::query::Query,
    store::cluster_data::{ClusterData, DataError},
};

/// Default number of documents in a response.
const PAGE: usize = 100;
/// Maximum number.
const MAX_PAGE: usize = 10_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Insert {
    documents: Vec<Document>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fill {
    count: u32,
    #[serde(default)]
    seed: u64,
}

impl From<DataError> for ControlError {
    fn from(error: DataError) -> Self {
        ControlError::Error(invalid(error.to_string()))
    }
}

/// Handles a request below `/control/data/`. Returns text, because the order of a document's fields matters.
pub(crate) fn answer(
    instance: &Instance,
    segments: &[&str],
    method: &str,
    query: Option<&str>,
    body: &Bytes,
) -> Result<Option<String>, ControlError> {
    let decoded: Option<Vec<_>> = segments.iter().map(|s| percent_decode_str(s).decode_utf8().ok()).collect();
    let names: Vec<&str> = decoded.iter().flatten().map(AsRef::as_ref).collect();
    let nothing = || ApiError::resource_not_found("cluster's data at", &segments.join("/"));
    let (project, cluster, collection) = match names[..] {
        [project, cluster] => (project, cluster, None),
        [project, cluster, database, collection] => (project, cluster, Some((database, collection))),
        _ => return Err(nothing().into()),
    };
    let data = ClusterData::find(&instance.store, &instance.clock, project, cluster).map_err(|_| nothing())?;
    let Some((database, collection)) = collection else {
        return match method {
            "GET" => Ok(serde_json::to_string(&data.described()).ok()),
            _ => Err(ControlError::Method(&[&Method::GET])),
        };
    };
    match method {
        "GET" => {
            let query = Query::parse(query.unwrap_or_default());
            let number = |name| query.get(name).map(str::parse).transpose();
            let skip: Option<u64> = number("skip").map_err(|_| invalid("invalid `skip`: not a number".to_owned()))?;
            let limit: Option<u64> =
                number("limit").map_err(|_| invalid("invalid `limit`: not a number".to_owned()))?;
            let limit = limit.map_or(PAGE, |limit| usize::try_from(limit).unwrap_or(usize::MAX).min(MAX_PAGE));
            let documents = data.page_of_texts(database, collection, skip.unwrap_or_default(), limit)?;
            return Ok(Some(format!("{{\"documents\":[{}]}}", documents.join(","))));
        }
        "POST" => {
            let Insert { documents } = parse(body)?;
            data.insert_documents(database, collection, documents)?;
        }
        "PUT" => {
            let Fill { count, seed } = parse(body)?;
            data.fill(database, collection, count, seed)?;
        }
        "DELETE" => data.drop_collection(database, collection)?,
        _ => return Err(ControlError::Method(&[&Method::GET, &Method::POST, &Method::PUT, &Method::DELETE])),
    }
    Ok(None)
}
