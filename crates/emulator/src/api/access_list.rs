//! The addresses from which the clusters of a project accept connections.

use serde_json::{Value, json};

use crate::{
    api::{
        call::{ApiResponse, Call, omit_nulls, stamp},
        lookup,
        paging::page,
    },
    domain::{
        access_list::{AccessListEntry, ConnectionSource},
        error::ApiError,
        refusals::{ATLAS_NETWORK_PERMISSION_ENTRY_NOT_FOUND, INVALID_IP_ADDRESS_OR_CIDR_NOTATION},
    },
    state::tables::State,
};

pub(crate) fn list(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| all(call, state))
}

pub(crate) fn get(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| Ok(ApiResponse::ok(view(call, find(call, state)?))))
}

/// An entry takes effect at once.
pub(crate) fn status(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| find(call, state).map(|_| ApiResponse::ok(json!({"STATUS": "ACTIVE"}))))
}

/// Adds entries and returns the whole list. An entry that already exists is replaced.
pub(crate) fn create(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let wanted = call.document_body().as_array().map_or(&[][..], Vec::as_slice);
    let wanted = wanted.iter().map(|body| Ok((source(body)?, call.delete_after(body)?, body)));
    let wanted = wanted.collect::<Result<Vec<_>, ApiError>>()?;
    call.store.write(|state| {
        let project = lookup::project(call, state)?.id;
        for (source, expires, body) in wanted {
            let known = state.access_list.below(project).find(|known| known.source == source).map(|known| known.id);
            let entry = AccessListEntry {
                id: known.unwrap_or_else(|| state.new_id(call.now)),
                source,
                comment: body["comment"].as_str().map(str::to_owned),
                expires,
            };
            match state.access_list.get_mut(entry.id) {
                Some(known) => *known = entry,
                None => state.access_list.insert(project, entry.id, entry),
            }
        }
        all(call, state)
    })
}

pub(crate) fn delete(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.write(|state| {
        let id = find(call, state)?.id;
        state.access_list.remove(id);
        Ok(ApiResponse::empty())
    })
}

fn all(call: &Call<'_>, state: &State) -> Result<ApiResponse, ApiError> {
    let project = lookup::project(call, state)?;
    let entries: Vec<_> = state.access_list.below(project.id).filter(|entry| entry.is_there(call.now)).collect();
    Ok(page(call, &entries, |entry| view(call, entry)))
}

/// The target of a requested entry: exactly one address, range or security group.
fn source(body: &Value) -> Result<ConnectionSource, ApiError> {
    let named = ["ipAddress", "cidrBlock", "awsSecurityGroup"].into_iter().find_map(|name| body[name].as_str());
    let named = named.ok_or_else(|| ApiError::required_field("ipAddress"))?;
    ConnectionSource::parse(named).ok_or_else(|| {
        let detail = format!("The address {named} must be in valid IP address or CIDR notation.");
        INVALID_IP_ADDRESS_OR_CIDR_NOTATION.error(detail).parameter(named)
    })
}

fn find<'s>(call: &Call<'_>, state: &'s State) -> Result<&'s AccessListEntry, ApiError> {
    let project = lookup::project(call, state)?;
    let named = call.parameter("entryValue");
    let source = ConnectionSource::parse(named);
    let mut entries = state.access_list.below(project.id).filter(|entry| entry.is_there(call.now));
    entries.find(|entry| Some(&entry.source) == source.as_ref()).ok_or_else(|| {
        let detail = format!("Project {} has no access list entry {named}.", project.id);
        ATLAS_NETWORK_PERMISSION_ENTRY_NOT_FOUND.error(detail).parameter(named).parameter(project.id.to_string())
    })
}

fn view(call: &Call<'_>, entry: &AccessListEntry) -> Value {
    let (range, group) = match &entry.source {
        ConnectionSource::Addresses(range) => (Some(range), None),
        ConnectionSource::SecurityGroup(group) => (None, Some(group)),
    };
    let project = call.parameter("groupId");
    let named = range.or(group).map(|named| named.replace('/', "%2F")).unwrap_or_default();
    omit_nulls(json!({
        "awsSecurityGroup": group,
        "cidrBlock": range,
        "comment": entry.comment,
        "deleteAfterDate": entry.expires.map(stamp),
        "groupId": project,
        "ipAddress": entry.source.address(),
        "links": [call.link("self", &format!("/api/atlas/v2/groups/{project}/accessList/{named}"))],
    }))
}
