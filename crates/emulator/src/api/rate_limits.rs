//! The rate limits as data: one endpoint set per tag of the document.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    api::{
        call::{ApiResponse, Call},
        paging::page,
    },
    domain::error::ApiError,
    openapi::document::Operation,
};

/// The specification allows no longer list of endpoints in a set.
const MAX_ENDPOINTS: usize = 100;

pub(crate) fn list(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let named = call.query.get("name").unwrap_or_default().to_lowercase();
    let path = call.query.get("endpointPath");
    let fits = |(tag, operations): &(&str, Vec<&Operation>)| {
        tag.to_lowercase().contains(&named) && path.is_none_or(|p| operations.iter().any(|o| o.path == p))
    };
    let sets: Vec<_> = sets(call).into_iter().filter(fits).collect();
    Ok(page(call, &sets, |(tag, operations)| view(call, tag, operations)))
}

pub(crate) fn get(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let wanted = call.parameter("endpointSetId");
    let found = sets(call).into_iter().find(|(tag, _)| id(tag) == wanted);
    let (tag, operations) = found.ok_or_else(|| ApiError::resource_not_found("endpoint set", wanted))?;
    Ok(ApiResponse::ok(view(call, tag, &operations)))
}

fn sets<'a>(call: &Call<'a>) -> BTreeMap<&'a str, Vec<&'a Operation>> {
    // The limits are the same for every project, organization, user and address.
    let _scope = ["groupId", "orgId", "userId", "ipAddress"].map(|name| call.query.get(name));
    let mut sets: BTreeMap<&str, Vec<&Operation>> = BTreeMap::new();
    for operation in &call.document.operations {
        sets.entry(&operation.tag).or_default().push(operation);
    }
    sets
}

fn id(tag: &str) -> String {
    tag.split_whitespace().collect::<Vec<_>>().join("-").to_lowercase()
}

fn view(call: &Call<'_>, tag: &str, operations: &[&Operation]) -> Value {
    let limit = call.rate_limits.of(tag);
    let number = |value: u32| json!({"defaultValue": value, "value": value});
    let endpoints = operations.iter().take(MAX_ENDPOINTS);
    let endpoints = endpoints.map(|o| json!({"method": o.method.as_str(), "path": o.path}));
    json!({
        "capacity": number(limit.capacity),
        "endpointSetId": id(tag),
        "endpointSetName": tag,
        "endpoints": endpoints.collect::<Vec<_>>(),
        "refillDurationSeconds": number(limit.refill_seconds),
        "refillRate": number(limit.refill),
        "scope": "GROUP",
    })
}
