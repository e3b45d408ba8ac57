//! Process arguments of a cluster, and whether all its changes are applied.

use serde_json::{Map, Value, json};

use crate::{
    api::{
        call::{ApiResponse, Call, omit_nulls},
        cluster_views::SHARD_BY_SHARD,
        lookup,
    },
    domain::{clusters::Cluster, error::ApiError},
    engine::clusters,
};

/// Arguments of the versions before [`SHARD_BY_SHARD`] that newer versions lack.
const FORMER: [&str; 2] = ["defaultReadConcern", "failIndexKeyTooLong"];

pub(crate) fn get(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| Ok(ApiResponse::ok(view(call, lookup::dedicated(call, state)?))))
}

pub(crate) fn update(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let sent = call.document_body().as_object().cloned().unwrap_or_default();
    call.store.write(|state| {
        let mut cluster = lookup::dedicated(call, state)?.clone();
        clusters::refuse_deleted(&cluster)?;
        cluster.process_arguments.extend(sent);
        cluster.updated = Some(call.now);
        let answer = ApiResponse::ok(view(call, &cluster));
        if let Some(known) = state.clusters.get_mut(cluster.id) {
            *known = cluster;
        }
        Ok(answer)
    })
}

/// Whether the changes of a dedicated or flex cluster have reached all nodes.
pub(crate) fn status(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let cluster = lookup::dedicated(call, state)?;
        let applied = cluster.state_name(call.now) == Some("IDLE");
        Ok(ApiResponse::ok(json!({"changeStatus": if applied { "APPLIED" } else { "PENDING" }})))
    })
}

fn view(call: &Call<'_>, cluster: &Cluster) -> Value {
    let mut document = json!({
        "changeStreamOptionsPreAndPostImagesExpireAfterSeconds": -1,
        "customOpensslCipherConfigTls12": [],
        "customOpensslCipherConfigTls13": [],
        "defaultReadConcern": null,
        "defaultWriteConcern": "majority",
        "javascriptEnabled": true,
        "minimumEnabledTlsProtocol": "TLS1_2",
        "noTableScan": false,
        "tlsCipherConfigMode": "DEFAULT",
    });
    if let Some(document) = document.as_object_mut() {
        document.extend(cluster.process_arguments.clone());
        if call.version.date.as_str() >= SHARD_BY_SHARD {
            document.retain(|name, _| !FORMER.contains(&name.as_str()));
        }
    }
    omit_nulls(document)
}

/// The process arguments among the cluster attributes of a request.
pub(crate) fn sent_with_cluster(body: &Value) -> Map<String, Value> {
    body["advancedConfiguration"].as_object().cloned().unwrap_or_default()
}
