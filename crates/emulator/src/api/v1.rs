//! Operations of the older `/api/atlas/v1.0` form that have no newer counterpart, as far as its clients call them. They
//! change nothing that is modelled.
//!
//! All other paths of that form use the document's operation in its oldest version. Each entry here takes rate limit
//! and roles from an operation of the document. No entry may add behaviour that the newer form lacks.

use http::Method;
use serde_json::Value;

use crate::{
    api::{
        call::{ApiResponse, Call, Handler},
        lookup,
    },
    domain::error::ApiError,
    openapi::router::V1Route,
};

/// A route and its handler.
pub(crate) struct V1Operation {
    pub(crate) route: V1Route,
    pub(crate) handler: Handler,
}

const fn v1_operation(method: Method, path: &'static str, like: &'static str, handler: Handler) -> V1Operation {
    V1Operation { route: V1Route { method, path, like }, handler }
}

/// All such routes.
pub(crate) static V1_OPERATIONS: [V1Operation; 1] = [v1_operation(
    Method::POST,
    "/api/atlas/v1.0/groups/{groupId}/clusters/{clusterName}/restartPrimaries",
    "updateGroupCluster",
    restart_primaries,
)];

/// An election changes nothing in the record.
fn restart_primaries(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store
        .read(|state| lookup::dedicated(call, state).map(|_| ApiResponse::ok(Value::Object(serde_json::Map::new()))))
}
