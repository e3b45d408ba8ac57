//! Roles in cloud accounts of the customer: created here, completed in the account, then authorized.
//!
//! The emulator does not contact the account, so every authorization succeeds.

use serde_json::{Value, json};

use crate::{
    api::{
        call::{ApiResponse, Call, merged, omit_nulls, stamp},
        lookup,
    },
    domain::{cloud_roles::CloudRole, error::ApiError, ids::ObjectId, refusals::CLOUD_PROVIDER_ACCESS_ROLE_NOT_FOUND},
    state::tables::State,
};

/// The fields of a request that describe an account of this provider.
fn account_fields(provider: &str) -> &'static [&'static str] {
    match provider {
        "AWS" => &["iamAssumedRoleArn"],
        "AZURE" => &["atlasAzureAppId", "servicePrincipalId", "tenantId"],
        _ => &[],
    }
}

pub(crate) fn list(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let project = lookup::project(call, state)?.id;
        let of = |provider: &str| -> Vec<Value> {
            let roles = state.cloud_roles.below(project).filter(|role| role.provider == provider);
            roles.map(|role| view(state, project, role)).collect()
        };
        Ok(ApiResponse::ok(json!({
            "awsIamRoles": of("AWS"),
            "azureServicePrincipals": of("AZURE"),
            "gcpServiceAccounts": of("GCP"),
        })))
    })
}

pub(crate) fn get(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let (project, role) = find(call, state)?;
        Ok(ApiResponse::ok(view(state, project, role)))
    })
}

pub(crate) fn create(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let body = call.document_body();
    call.store.write(|state| {
        let project = lookup::project(call, state)?.id;
        let id = state.new_id(call.now);
        let provider = body["providerName"].as_str().unwrap_or_default().to_owned();
        let role = CloudRole { id, provider, created: call.now, authorized: None, account: account(body) };
        let answer = ApiResponse::ok(view(state, project, &role));
        state.cloud_roles.insert(project, role.id, role);
        Ok(answer)
    })
}

pub(crate) fn authorize(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let body = call.document_body();
    call.store.write(|state| {
        let (project, role) = find(call, state)?;
        let mut role = role.clone();
        if body["providerName"] != role.provider.as_str() {
            return Err(ApiError::invalid_field(
                "providerName",
                format!("must be {}, as the role has it", role.provider),
            ));
        }
        if role.provider == "AWS" && !body["iamAssumedRoleArn"].is_string() {
            return Err(ApiError::required_field("iamAssumedRoleArn"));
        }
        role.account = merged(role.account, account(body));
        role.authorized = Some(call.now);
        let answer = ApiResponse::ok(view(state, project, &role));
        if let Some(known) = state.cloud_roles.get_mut(role.id) {
            *known = role;
        }
        Ok(answer)
    })
}

pub(crate) fn delete(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.write(|state| {
        let (_, role) = find(call, state)?;
        if role.provider != call.parameter("cloudProvider") {
            return Err(missing(call.parameter("roleId")));
        }
        let id = role.id;
        state.cloud_roles.remove(id);
        Ok(ApiResponse::empty())
    })
}

fn account(body: &Value) -> Value {
    let fields = account_fields(body["providerName"].as_str().unwrap_or_default());
    let sent = fields.iter().filter_map(|name| Some(((*name).to_owned(), body.get(*name)?.clone())));
    Value::Object(sent.collect())
}

fn find<'s>(call: &Call<'_>, state: &'s State) -> Result<(ObjectId, &'s CloudRole), ApiError> {
    let project = lookup::project(call, state)?.id;
    let named = call.parameter("roleId");
    let role = named.parse().ok().and_then(|id| state.cloud_roles.get_below(project, id));
    role.map(|role| (project, role)).ok_or_else(|| missing(named))
}

fn missing(id: &str) -> ApiError {
    CLOUD_PROVIDER_ACCESS_ROLE_NOT_FOUND.error(format!("There is no cloud provider access role {id}.")).parameter(id)
}

fn view(state: &State, project: ObjectId, role: &CloudRole) -> Value {
    let id = role.id.to_string();
    let buckets = state.export_buckets.below(project).filter(|bucket| bucket.role == role.id);
    let uses = buckets.map(|bucket| {
        json!({
            "featureId": {"exportBucketId": bucket.id.to_string(), "groupId": project.to_string()},
            "featureType": "EXPORT_SNAPSHOT",
        })
    });
    let mut document = role.account.clone();
    document["createdDate"] = stamp(role.created).into();
    document["featureUsages"] = uses.collect();
    document["providerName"] = role.provider.as_str().into();
    let own = match role.provider.as_str() {
        "AWS" => json!({
            "atlasAWSAccountArn": "arn:aws:iam::123456789012:root",
            "atlasAssumedRoleExternalId": uuid(&id),
            "authorizedDate": role.authorized.map(stamp),
            "roleId": id,
        }),
        "AZURE" => json!({"_id": id, "lastUpdatedDate": stamp(role.authorized.unwrap_or(role.created))}),
        _ => json!({
            "gcpServiceAccountForAtlas": format!("mongodb-atlas-{}@p-{id}.iam.gserviceaccount.com", &id[..16]),
            "roleId": id,
            "status": "COMPLETE",
        }),
    };
    omit_nulls(merged(document, own))
}

/// The digits of an id in the form of a UUID.
fn uuid(id: &str) -> String {
    format!("{}-{}-4{}-8{}-{}{}", &id[..8], &id[8..12], &id[12..15], &id[15..18], &id[18..24], &id[..6])
}
