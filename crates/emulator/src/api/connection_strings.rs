//! The connection strings of a cluster.
//!
//! Where drivers are served, all but the SRV one lead to the emulator, without TLS. An SRV name cannot be resolved.

use serde_json::{Value, json};

use crate::{api::call::Call, domain::clusters::Cluster};

/// As in the newest versions: none until the cluster is created.
pub(crate) fn view(call: &Call<'_>, cluster: &Cluster) -> Value {
    if cluster.state_name(call.now) == Some("CREATING") {
        return json!({});
    }
    let (_, standard, srv) = all(call, cluster);
    json!({"standard": standard, "standardSrv": srv})
}

/// Without options, with options, and for SRV.
pub(crate) fn all(call: &Call<'_>, cluster: &Cluster) -> (String, String, String) {
    let host = format!("{}.example.net", cluster.name.to_lowercase());
    let srv = format!("mongodb+srv://{host}");
    let Some(port) = cluster.port.filter(|_| call.serves_drivers) else {
        let plain = format!("mongodb://{host}:27017");
        return (plain.clone(), format!("{plain}/?ssl=true"), srv);
    };
    let plain = format!("mongodb://127.0.0.1:{port}");
    let set = cluster.replica_sets().swap_remove(0);
    let set = if cluster.kind.is_sharded() { String::new() } else { format!("&replicaSet={set}") };
    (plain.clone(), format!("{plain}/?authSource=admin{set}"), srv)
}
