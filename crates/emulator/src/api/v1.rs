//! What only the older `/api/atlas/v1.0` form has, as far as its clients call it: a call about a cluster that touches nothing
//! that is modelled.
//!
//! Everything else under that form is the document's operation in its oldest version. Each entry here borrows rate limit
//! and roles from an operation of the document; nothing here may grow a behaviour that the newer form lacks.

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

/// A route of its own, and what answers it.
pub(crate) struct V1Operation {
    pub(crate) route: V1Route,
    pub(crate) handler: Handler,
}

const fn v1_operation(method: Method, path: &'static str, like: &'static str, handler: Handler) -> V1Operation {
    V1Operation { route: V1Route { method, path, like }, handler }
}

/// All of them.
pub(crate) static V1_OPERATIONS: [V1Operation; 1] = [v1_operation(
    Method::POST,
    "/api/atlas/v1.0/groups/{groupId}/clusters/{clusterName}/restartPrimaries",
    "updateGroupCluster",
    restart_primaries,
)];

/// A new election leaves a cluster as it was.
fn restart_primaries(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store
        .read(|state| lookup::dedicated(call, state).map(|_| ApiResponse::ok(Value::Object(serde_json::Map::new()))))
}
