//! Whether a cluster accepts connections, from where, and what its users may do.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::{
    domain::{
        access_list::{AccessListEntry, ConnectionSource},
        clusters::Cluster,
        database_users::{DatabaseUser, ScramKeys},
        ids::ObjectId,
    },
    engine::targets,
    state::tables::State,
};

/// The cluster, if it serves clients with this address.
///
/// # Errors
/// The reason for the log. A client sees a closed connection, as with Atlas.
pub(crate) fn admit(
    state: &State,
    cluster: ObjectId,
    peer: IpAddr,
    now: DateTime<Utc>,
) -> Result<&Cluster, &'static str> {
    let cluster = state.clusters.get(cluster).ok_or("the cluster does not exist")?;
    match cluster.state_name(now) {
        None => return Err("the cluster does not exist"),
        Some("DELETING") => return Err("the cluster is being deleted"),
        Some("CREATING") => return Err("the cluster is being created"),
        Some(_) => {}
    }
    if cluster.paused {
        return Err("the cluster is paused");
    }
    if targets::is_being_replaced(state, cluster, now) {
        return Err("a restore replaces the data of the cluster");
    }
    let mut entries = state.access_list.below(cluster.project).filter(|entry| entry.is_there(now));
    if entries.any(|entry| includes(&entry.source, peer)) {
        return Ok(cluster);
    }
    Err("the address is not in the access list of the project")
}

fn includes(source: &ConnectionSource, peer: IpAddr) -> bool {
    let ConnectionSource::Addresses(range) = source else { return false };
    let Some((address, prefix)) = range.split_once('/') else { return false };
    let (Ok(address), Ok(prefix)) = (address.parse::<IpAddr>(), prefix.parse::<u32>()) else { return false };
    match (address, peer.to_canonical()) {
        (IpAddr::V4(address), IpAddr::V4(peer)) => {
            (address.to_bits() ^ peer.to_bits()).checked_shr(32_u32.saturating_sub(prefix)).unwrap_or(0) == 0
        }
        (IpAddr::V6(address), IpAddr::V6(peer)) => {
            (address.to_bits() ^ peer.to_bits()).checked_shr(128_u32.saturating_sub(prefix)).unwrap_or(0) == 0
        }
        _ => false,
    }
}

/// Gives every project a user with all rights in its clusters, and lets this machine connect, as their owner would over
/// the API.
pub(crate) fn grant(state: &mut State, name: &str, password: &str, now: DateTime<Utc>) {
    let projects: Vec<ObjectId> = state.projects.all().map(|project| project.id).collect();
    for project in projects {
        let known = state.database_users.below(project).find(|user| user.database == "admin" && user.name == name);
        let id = known.map(|user| user.id).unwrap_or_else(|| state.new_id(now));
        let settings = json!({
            "awsIAMType": "NONE", "labels": [], "ldapAuthType": "NONE", "oidcAuthType": "NONE", "scopes": [],
            "x509Type": "NONE", "roles": [{"databaseName": "admin", "roleName": "atlasAdmin"}],
        });
        let (database, name, keys) = ("admin".to_owned(), name.to_owned(), ScramKeys::new(password));
        state.database_users.insert(project, id, DatabaseUser { id, database, name, settings, keys, expires: None });
        let source = ConnectionSource::Addresses("127.0.0.1/32".to_owned());
        if !state.access_list.below(project).any(|entry| entry.source == source && entry.expires.is_none()) {
            let id = state.new_id(now);
            state.access_list.insert(project, id, AccessListEntry { id, source, comment: None, expires: None });
        }
    }
}

/// The user with this name that may log in to the cluster.
pub(crate) fn user<'s>(
    state: &'s State,
    cluster: ObjectId,
    database: &str,
    name: &str,
    now: DateTime<Utc>,
) -> Option<&'s DatabaseUser> {
    let cluster = state.clusters.get(cluster)?;
    let mut users = state.database_users.below(cluster.project).filter(|user| user.is_there(now));
    users.find(|user| user.database == database && user.name == name && in_scope(user, cluster))
}

/// Whether the user's scopes include the cluster. Without scopes it may use all.
fn in_scope(user: &DatabaseUser, cluster: &Cluster) -> bool {
    let scopes = user.settings["scopes"].as_array().map(Vec::as_slice).unwrap_or_default();
    scopes.is_empty() || scopes.iter().any(|scope| scope["type"] == "CLUSTER" && scope["name"] == cluster.name.as_str())
}

/// The kind of a command, as roles distinguish them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Find,
    /// Lists, statistics and hashes.
    Inspect,
    Write,
    /// Collections and indexes.
    Define,
    /// Validation, and databases as a whole.
    Administer,
}

/// The built-in roles with what they allow, and whether in all databases.
const ROLES: [(&str, bool, &[Action]); 8] = {
    use Action::{Administer, Define, Find, Inspect, Write};
    [
        ("atlasAdmin", true, &[Find, Inspect, Write, Define, Administer]),
        ("readWriteAnyDatabase", true, &[Find, Inspect, Write, Define]),
        ("readAnyDatabase", true, &[Find, Inspect]),
        ("dbAdminAnyDatabase", true, &[Inspect, Define, Administer]),
        ("clusterMonitor", true, &[Inspect]),
        ("readWrite", false, &[Find, Inspect, Write, Define]),
        ("read", false, &[Find, Inspect]),
        ("dbAdmin", false, &[Inspect, Define, Administer]),
    ]
};

/// Whether a role of the user allows `action` on a collection, or on a database if that is empty. Custom roles allow
/// nothing.
pub(crate) fn allows(user: &DatabaseUser, action: Action, database: &str, collection: &str) -> bool {
    let roles = user.settings["roles"].as_array().map(Vec::as_slice).unwrap_or_default();
    roles.iter().any(|role| {
        let known = ROLES.iter().find(|(name, ..)| role["roleName"] == *name);
        let narrower =
            |value: &Value, name: &str| value.as_str().is_some_and(|value| !value.is_empty() && value != name);
        known.is_some_and(|(_, everywhere, actions)| {
            let here =
                *everywhere || role["databaseName"] == database && !narrower(&role["collectionName"], collection);
            here && actions.contains(&action)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn access_list_entry_includes_its_range_only() {
        for (range, peer, expected) in [
            ("127.0.0.1/32", "127.0.0.1", true),
            ("127.0.0.1/32", "127.0.0.2", false),
            ("127.0.0.0/8", "127.9.9.9", true),
            ("0.0.0.0/0", "127.0.0.1", true),
            ("10.0.0.0/8", "127.0.0.1", false),
            ("::1/128", "::1", true),
            ("::/0", "::1", true),
            ("::/0", "127.0.0.1", false),
            ("127.0.0.1/32", "::ffff:127.0.0.1", true),
        ] {
            let source = ConnectionSource::Addresses(range.to_owned());
            assert_eq!(includes(&source, peer.parse().unwrap()), expected, "{range} {peer}");
        }
        assert!(!includes(&ConnectionSource::SecurityGroup("sg-1".to_owned()), "127.0.0.1".parse().unwrap()));
    }
}
