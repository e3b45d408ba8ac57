//! Customer keys of a project, which encrypt its clusters and their snapshots.
//!
//! The emulator calls no key management service: an enabled key counts as valid. Secrets are not stored.

use serde_json::{Map, Value, json};

use crate::{
    api::{
        call::{ApiResponse, Call, merged},
        lookup,
    },
    domain::{
        error::ApiError,
        projects::{CustomerKey, Project},
        refusals::ATLAS_GENERAL_ERROR,
    },
    state::tables::State,
};

/// Each key management service: its name in a cluster, the attribute with its settings, and the field that names the key.
const SERVICES: [(&str, &str, &str); 3] = [
    ("AWS", "awsKms", "customerMasterKeyID"),
    ("AZURE", "azureKeyVault", "keyIdentifier"),
    ("GCP", "googleCloudKms", "keyVersionResourceID"),
];

pub(crate) fn get(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| Ok(ApiResponse::ok(view(lookup::project(call, state)?))))
}

pub(crate) fn update(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let body = call.document_body();
    call.store.write(|state| {
        let mut project = lookup::project(call, state)?.clone();
        for (service, attribute, key) in SERVICES {
            let Some(sent) = body[attribute].as_object() else { continue };
            let known = project.customer_keys.get(service);
            let before = known.map(|known| Value::Object(known.settings.clone())).unwrap_or_else(|| json!({}));
            let settings = merged(before.clone(), Value::Object(stored(sent)));
            if settings["enabled"] == true && !settings[key].is_string() {
                return Err(ApiError::required_field(format!("{attribute}.{key}")));
            }
            if settings["enabled"] != true {
                refuse_used(call, state, &project, service)?;
            }
            let master_key = match known {
                Some(known) if settings[key] == before[key] => known.master_key,
                _ => state.new_id(call.now),
            };
            let settings = settings.as_object().cloned().unwrap_or_default();
            project.customer_keys.insert(service.to_owned(), CustomerKey { settings, master_key });
        }
        if let Some(enabled) = body["enabledForSearchNodes"].as_bool() {
            project.search_nodes_encrypted = enabled;
        }
        let answer = ApiResponse::ok(view(&project));
        if let Some(known) = state.projects.get_mut(project.id) {
            *known = project;
        }
        Ok(answer)
    })
}

/// The settings of a request without those that no response contains.
fn stored(sent: &Map<String, Value>) -> Map<String, Value> {
    let kept = |name: &str| !["secret", "secretAccessKey", "serviceAccountKey", "valid"].contains(&name);
    sent.iter().filter(|(name, value)| kept(name) && !value.is_null()).map(|(n, v)| (n.clone(), v.clone())).collect()
}

/// 400 if a cluster uses keys of `service`.
fn refuse_used(call: &Call<'_>, state: &State, project: &Project, service: &str) -> Result<(), ApiError> {
    let mut clusters = state.clusters.below(project.id).filter(|cluster| cluster.state_name(call.now).is_some());
    match clusters.find(|cluster| cluster.key_service() == Some(service)) {
        Some(cluster) => {
            let detail = format!("{} is encrypted with a key of {service}.", cluster.name);
            Err(ATLAS_GENERAL_ERROR.error(detail).parameter(cluster.name.as_str()))
        }
        None => Ok(()),
    }
}

fn view(project: &Project) -> Value {
    let mut document = json!({"enabledForSearchNodes": project.search_nodes_encrypted});
    for (service, attribute, _) in SERVICES {
        let known = project.customer_keys.get(service);
        let mut settings = known.map(|known| known.settings.clone()).unwrap_or_default();
        if service == "AWS" {
            // The document marks the role as write-only for this service alone.
            settings.remove("roleId");
        }
        let enabled = known.is_some_and(CustomerKey::is_enabled);
        settings.insert("enabled".to_owned(), enabled.into());
        settings.insert("valid".to_owned(), enabled.into());
        document[attribute] = Value::Object(settings);
    }
    document
}
