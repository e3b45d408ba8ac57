//! The networks of clusters: one per provider and region, and one for all regions of Google Cloud.
//!
//! A network is created with the first cluster that needs it and stays when that cluster is deleted. It is derived from
//! all clusters, including deleted ones.

use serde_json::{Value, json};

use crate::{
    api::{
        call::{ApiResponse, Call, merged},
        lookup,
        paging::page,
    },
    domain::{clusters::ClusterKind, error::ApiError, ids::ObjectId, projects::Project},
    state::tables::State,
};

/// A network of a project.
struct Container {
    id: ObjectId,
    provider: &'static str,
    /// `None` for Google Cloud.
    region: Option<String>,
    place: usize,
}

pub(crate) fn list(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let provider = call.query.get("providerName").unwrap_or("AWS");
    call.store.read(|state| {
        let mut containers = containers(state, lookup::project(call, state)?);
        containers.retain(|container| container.provider == provider);
        Ok(page(call, &containers, view))
    })
}

pub(crate) fn get(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let named = call.parameter("containerId");
    call.store.read(|state| {
        let containers = containers(state, lookup::project(call, state)?);
        let found = containers.iter().find(|container| container.id.to_string() == named);
        found
            .map(|container| ApiResponse::ok(view(container)))
            .ok_or_else(|| ApiError::resource_not_found("container", named))
    })
}

fn containers(state: &State, project: &Project) -> Vec<Container> {
    let mut found: Vec<Container> = Vec::new();
    for cluster in state.clusters.below(project.id) {
        for region in cluster.shards.iter().flat_map(|shard| &shard.regions) {
            let Some(provider) = ["AWS", "AZURE", "GCP"].into_iter().find(|name| *name == region.provider) else {
                continue;
            };
            if cluster.kind == ClusterKind::Flex {
                continue;
            }
            let name = (provider != "GCP").then(|| region.name.clone());
            if found.iter().any(|known| known.provider == provider && known.region == name) {
                continue;
            }
            let place = found.len();
            found.push(Container { id: id(project.id, place), provider, region: name, place });
        }
    }
    found
}

/// An id that no record has: the project id combined with the index.
fn id(project: ObjectId, place: usize) -> ObjectId {
    let mut bytes = project.0;
    bytes[4] ^= 0xc0;
    bytes[5] ^= place.to_le_bytes()[0];
    ObjectId(bytes)
}

fn view(container: &Container) -> Value {
    let Container { id, provider, region, place } = container;
    let id = id.to_string();
    let document = json!({
        "atlasCidrBlock": format!("192.168.{}.0/21", (place % 32) * 8),
        "id": id,
        "providerName": provider,
        "provisioned": true,
    });
    let own = match *provider {
        "AWS" => json!({"regionName": region, "vpcId": format!("vpc-{}", &id[7..24])}),
        "AZURE" => json!({"azureSubscriptionId": id, "region": region, "vnetName": format!("vnet_{id}")}),
        _ => {
            json!({"gcpProjectId": format!("p-{id}"), "networkName": format!("nt-{id}-{}", &id[16..24]), "regions": []})
        }
    };
    merged(document, own)
}
