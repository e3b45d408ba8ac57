//! Contents of a snapshot: its databases and their collections.
//!
//! They come from the cluster data at the start of the snapshot. An incomplete or failed snapshot lists nothing.

use serde_json::{Value, json};

use crate::{
    api::{
        call::{ApiResponse, Call},
        lookup,
        paging::page,
        snapshots,
    },
    data::set::DataSet,
    domain::{error::ApiError, timeline::Phase},
    engine::contents,
};

pub(crate) fn list_databases(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let contents = contents(call)?;
    Ok(page(call, &contents.databases(), |name| view(call, name, &format!("{}/{name}", call.path))))
}

pub(crate) fn get_database(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let (contents, name) = (contents(call)?, call.parameter("databaseName"));
    match contents.databases().contains(&name) {
        true => Ok(ApiResponse::ok(view(call, name, call.path))),
        false => Err(ApiError::resource_not_found("database", name)),
    }
}

pub(crate) fn list_collections(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let collections = collections(call)?;
    Ok(page(call, &collections, |name| view(call, name, &format!("{}/{name}", call.path))))
}

pub(crate) fn get_collection(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let name = call.parameter("collectionName");
    match collections(call)?.iter().any(|known| known == name) {
        true => Ok(ApiResponse::ok(view(call, name, call.path))),
        false => Err(ApiError::resource_not_found("collection", name)),
    }
}

/// The collection names of the database in the path.
fn collections(call: &Call<'_>) -> Result<Vec<String>, ApiError> {
    let (contents, name) = (contents(call)?, call.parameter("databaseName"));
    let names: Vec<_> = contents.database(name).map(|collection| collection.name.collection.clone()).collect();
    // A database exists if it has collections.
    if names.is_empty() { Err(ApiError::resource_not_found("database", name)) } else { Ok(names) }
}

fn contents(call: &Call<'_>) -> Result<DataSet, ApiError> {
    call.store.read(|state| {
        let cluster = lookup::backed_up(call, state)?;
        let timeline = snapshots::find_in(call, state, cluster)?.timeline;
        Ok(match timeline.phase(call.now) {
            Phase::Done => contents::of_snapshot(state, cluster.id, timeline.begins),
            _ => DataSet::default(),
        })
    })
}

fn view(call: &Call<'_>, name: &str, path: &str) -> Value {
    json!({"links": [call.link("self", path)], "name": name})
}
