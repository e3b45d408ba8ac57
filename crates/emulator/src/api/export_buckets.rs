//! Export buckets. The older version supports AWS only.

use serde_json::{Value, json};

use crate::{
    api::{
        call::{ApiResponse, Call, omit_nulls},
        lookup,
        paging::page,
    },
    domain::{
        error::ApiError,
        projects::ExportBucket,
        refusals::{
            EXPORT_BUCKET_DELETE_FAILED_BUCKET_IN_USE, EXPORT_BUCKET_NAME_INVALID, EXPORT_BUCKET_NOT_FOUND,
            INVALID_ATTRIBUTE, INVALID_URL,
        },
    },
    state::tables::State,
};

/// First version with providers other than AWS.
const ALL_PROVIDERS: &str = "2024-05-30";

pub(crate) fn list(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let project = lookup::project(call, state)?;
        let buckets: Vec<_> = state.export_buckets.below(project.id).filter(|b| is_shown(call, b)).collect();
        // A list never shows the region.
        Ok(page(call, &buckets, |b| view(&ExportBucket { region: None, ..(*b).clone() })))
    })
}

pub(crate) fn get(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| Ok(ApiResponse::ok(view(find(call, state)?))))
}

pub(crate) fn create(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let body = call.document_body();
    let text = |name: &str| body[name].as_str().map(ToOwned::to_owned);
    call.store.write(|state| {
        let project = lookup::project(call, state)?.id;
        let role = text("iamRoleId").or(text("roleId")).and_then(|id| id.parse().ok());
        // The service ignores the tenant of a request and takes that of the role.
        let tenant = (body["cloudProvider"] == "AZURE").then(|| {
            let known = role.and_then(|role| state.cloud_roles.get(role));
            known.and_then(|role| role.account["tenantId"].as_str()).unwrap_or(NO_TENANT).to_owned()
        });
        let service_url = text("serviceUrl");
        let url = service_url.as_deref().map(url::Url::parse).transpose().map_err(|_| {
            let url = service_url.as_deref().unwrap_or_default();
            INVALID_URL.error(format!("serviceUrl {url:?} is not a URL.")).parameter(url)
        })?;
        // An Azure container that the request does not name is the one in the path of its URL.
        let container = url.and_then(|url| Some(url.path_segments()?.next()?.to_owned()));
        let bucket = ExportBucket {
            id: state.new_id(call.now),
            provider: text("cloudProvider").unwrap_or_else(|| "AWS".to_owned()),
            name: text("bucketName").or(container).unwrap_or_default(),
            role: role.unwrap_or_default(),
            region: None,
            require_private_networking: body["requirePrivateNetworking"].as_bool().unwrap_or(false),
            service_url,
            tenant,
        };
        if bucket.name.is_empty() {
            return Err(ApiError::required_field("bucketName"));
        }
        if bucket.provider == "AWS" && !is_s3_name(&bucket.name) {
            let detail = format!("S3 does not allow the name {:?}.", bucket.name);
            return Err(EXPORT_BUCKET_NAME_INVALID.error(detail).parameter(bucket.name));
        }
        let answer = ApiResponse::ok(view(&bucket));
        state.export_buckets.insert(project, bucket.id, bucket);
        Ok(answer)
    })
}

/// Only the private networking of an AWS bucket can change.
pub(crate) fn update(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let body = call.document_body();
    call.store.write(|state| {
        let mut bucket = find(call, state)?.clone();
        if bucket.provider != "AWS" {
            let detail = format!("Only an AWS bucket has private networking; this one is on {}.", bucket.provider);
            return Err(INVALID_ATTRIBUTE.error(detail).parameter("requirePrivateNetworking"));
        }
        bucket.require_private_networking =
            body["requirePrivateNetworking"].as_bool().unwrap_or(bucket.require_private_networking);
        let answer = ApiResponse::ok(view(&bucket));
        if let Some(known) = state.export_buckets.get_mut(bucket.id) {
            *known = bucket;
        }
        Ok(answer)
    })
}

pub(crate) fn delete(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.write(|state| {
        // The only version of this operation deletes buckets of every provider.
        let bucket = any(call, state)?.id;
        if state.schedules.all().any(|schedule| schedule.exports_to(bucket)) {
            let detail = "A schedule still exports to this bucket.";
            let error = EXPORT_BUCKET_DELETE_FAILED_BUCKET_IN_USE.error(detail);
            return Err(error.parameter(bucket.to_string()));
        }
        state.export_buckets.remove(bucket);
        Ok(ApiResponse::empty())
    })
}

/// The bucket, if the version of the call supports its provider.
fn find<'s>(call: &Call<'_>, state: &'s State) -> Result<&'s ExportBucket, ApiError> {
    let bucket = any(call, state)?;
    match is_shown(call, bucket) {
        true => Ok(bucket),
        false => Err(missing(&bucket.id.to_string())),
    }
}

fn any<'s>(call: &Call<'_>, state: &'s State) -> Result<&'s ExportBucket, ApiError> {
    let project = lookup::project(call, state)?;
    let id = call.parameter("exportBucketId");
    let bucket = id.parse().ok().and_then(|id| state.export_buckets.get_below(project.id, id));
    bucket.ok_or_else(|| missing(id))
}

pub(crate) fn missing(id: &str) -> ApiError {
    EXPORT_BUCKET_NOT_FOUND.error(format!("There is no export bucket {id}.")).parameter(id)
}

/// Whether S3 accepts the bucket name: labels of lower-case letters, digits and hyphens, separated by dots.
fn is_s3_name(name: &str) -> bool {
    let is_label = |label: &str| {
        let inner = label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        inner && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
    };
    (3..=63).contains(&name.len()) && name.split('.').all(is_label) && name.parse::<std::net::Ipv4Addr>().is_err()
}

/// The tenant of an Azure bucket without a tenant.
const NO_TENANT: &str = "00000000-0000-0000-0000-000000000000";

fn is_shown(call: &Call<'_>, bucket: &ExportBucket) -> bool {
    bucket.provider == "AWS" || call.version.date.as_str() >= ALL_PROVIDERS
}

fn view(bucket: &ExportBucket) -> Value {
    let aws = bucket.provider == "AWS";
    let role = bucket.role.to_string();
    omit_nulls(json!({
        "_id": bucket.id.to_string(),
        "bucketName": bucket.name,
        "cloudProvider": bucket.provider,
        "iamRoleId": aws.then_some(&role),
        "region": bucket.region,
        "requirePrivateNetworking": aws.then_some(bucket.require_private_networking),
        "roleId": (!aws).then_some(&role),
        "serviceUrl": bucket.service_url,
        "tenantId": bucket.tenant,
    }))
}
