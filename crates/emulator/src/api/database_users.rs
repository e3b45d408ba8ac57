//! Database users of the clusters of a project. No response contains a password, and
//! none is stored: only keys that check one.

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::{
    api::{
        call::{ApiResponse, Call, omit_nulls, stamp},
        lookup,
        paging::page,
    },
    domain::{
        database_users::{DatabaseUser, ScramKeys},
        error::ApiError,
        refusals::{USER_ALREADY_EXISTS, USERNAME_NOT_FOUND},
    },
    state::tables::State,
};

/// Settings of a request, each with its default.
const SETTINGS: [(&str, &str); 8] = [
    ("awsIAMType", "\"NONE\""),
    ("description", "null"),
    ("labels", "[]"),
    ("ldapAuthType", "\"NONE\""),
    ("oidcAuthType", "\"NONE\""),
    ("roles", "[]"),
    ("scopes", "[]"),
    ("x509Type", "\"NONE\""),
];

pub(crate) fn list(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let project = lookup::project(call, state)?;
        let users: Vec<_> = state.database_users.below(project.id).filter(|user| user.is_there(call.now)).collect();
        Ok(page(call, &users, |user| view(call, user)))
    })
}

pub(crate) fn get(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| Ok(ApiResponse::ok(view(call, find(call, state)?))))
}

pub(crate) fn create(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let body = call.document_body();
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let settings: Map<String, Value> = SETTINGS
        .iter()
        .filter_map(|(name, default)| {
            let value = body.get(*name).cloned().or_else(|| serde_json::from_str(default).ok())?;
            Some(((*name).to_owned(), value))
        })
        .collect();
    let expires = call.delete_after(body)?;
    let keys = keys(body);
    call.store.write(|state| {
        let project = lookup::project(call, state)?.id;
        let (database, name) = (text("databaseName"), text("username"));
        let same = |user: &DatabaseUser| user.is_there(call.now) && user.database == database && user.name == name;
        if state.database_users.below(project).any(same) {
            let detail = format!("The project has a user named {name} in {database}.");
            return Err(USER_ALREADY_EXISTS.error(detail).parameter(name));
        }
        let id = state.new_id(call.now);
        let user = DatabaseUser { id, database, name, settings: settings.into(), keys, expires };
        let answer = ApiResponse::with_status(StatusCode::CREATED, view(call, &user));
        state.database_users.insert(project, user.id, user);
        Ok(answer)
    })
}

pub(crate) fn update(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let body = call.document_body();
    let expires = call.delete_after(body)?;
    let keys = keys(body);
    call.store.write(|state| {
        let mut user = find(call, state)?.clone();
        for (name, _) in SETTINGS {
            if let Some(value) = body.get(name) {
                user.settings[name] = value.clone();
            }
        }
        user.expires = expires.or(user.expires);
        user.keys = keys.or(user.keys);
        let answer = ApiResponse::ok(view(call, &user));
        if let Some(known) = state.database_users.get_mut(user.id) {
            *known = user;
        }
        Ok(answer)
    })
}

pub(crate) fn delete(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.write(|state| {
        let id = find(call, state)?.id;
        state.database_users.remove(id);
        Ok(ApiResponse::empty())
    })
}

#[cfg(feature = "mongo")]
fn keys(body: &Value) -> Option<ScramKeys> {
    ScramKeys::new(body["password"].as_str()?)
}

/// No driver is served, so there are no logins.
#[cfg(not(feature = "mongo"))]
fn keys(_: &Value) -> Option<ScramKeys> {
    None
}

fn find<'s>(call: &Call<'_>, state: &'s State) -> Result<&'s DatabaseUser, ApiError> {
    let project = lookup::project(call, state)?;
    let (database, name) = (call.parameter("databaseName"), call.parameter("username"));
    let mut users = state.database_users.below(project.id).filter(|user| user.is_there(call.now));
    users.find(|user| user.database == database && user.name == name).ok_or_else(|| {
        let detail = format!("There is no user named {name} in {database}.");
        USERNAME_NOT_FOUND.error(detail).parameter(name)
    })
}

fn view(call: &Call<'_>, user: &DatabaseUser) -> Value {
    let project = call.parameter("groupId");
    let path = format!("/api/atlas/v2/groups/{project}/databaseUsers/{}/{}", user.database, user.name);
    let mut document = user.settings.clone();
    document["databaseName"] = user.database.as_str().into();
    document["deleteAfterDate"] = user.expires.map(stamp).into();
    document["groupId"] = project.into();
    document["links"] = json!([call.link("self", &path)]);
    document["username"] = user.name.as_str().into();
    omit_nulls(document)
}
