//! Commands that describe the server and the connection.

use bson::{Bson, Document, doc};

use crate::{
    domain::ids::ObjectId,
    mongo::{
        commands::command::Command,
        endpoint::Endpoint,
        message::{MAX_DOCUMENT, MAX_MESSAGE},
    },
    query::error::{CommandError, Result},
    state::tables::State,
};

/// The version of the wire protocol by the version of the server.
const WIRE_VERSIONS: [((u32, u32), i32); 13] = [
    ((4, 2), 8),
    ((4, 4), 9),
    ((5, 0), 13),
    ((5, 1), 14),
    ((5, 2), 15),
    ((5, 3), 16),
    ((6, 0), 17),
    ((6, 1), 18),
    ((7, 0), 21),
    ((7, 1), 22),
    ((8, 0), 25),
    ((8, 1), 26),
    ((8, 2), 27),
];

fn wire_version(version: (u32, u32)) -> i32 {
    let known = WIRE_VERSIONS.iter().rfind(|(since, _)| *since <= version);
    known.map_or(WIRE_VERSIONS[0].1, |(_, wire)| *wire)
}

pub(crate) fn is_sharded(state: &State, cluster: ObjectId) -> bool {
    state.clusters.get(cluster).is_some_and(|cluster| cluster.kind.is_sharded())
}

/// The topology: a replica set of one host, or a `mongos`.
pub(crate) fn hello(endpoint: &Endpoint, connection: i32, name: &str) -> Result<Document> {
    let host = endpoint.address.to_string();
    let found = endpoint.read(|state, now| {
        let cluster = state.clusters.get(endpoint.cluster)?;
        let set = (!cluster.kind.is_sharded()).then(|| cluster.replica_sets().swap_remove(0));
        Some((set, cluster.major_version(), now))
    });
    let (set, version, now) = found.ok_or_else(|| CommandError::new(91, "the cluster does not exist"))?;
    let primary = if name == "hello" { "isWritablePrimary" } else { "ismaster" };
    let mut reply = doc! {"helloOk": true, primary: true};
    match set {
        Some(set) => reply.extend(doc! {
            "hosts": [&host],
            "setName": set,
            "setVersion": 1,
            "secondary": false,
            "primary": &host,
            "me": &host,
        }),
        None => drop(reply.insert("msg", "isdbgrid")),
    }
    reply.extend(doc! {
        "maxBsonObjectSize": i32::try_from(MAX_DOCUMENT).unwrap_or(i32::MAX),
        "maxMessageSizeBytes": i32::try_from(MAX_MESSAGE).unwrap_or(i32::MAX),
        "maxWriteBatchSize": 100_000,
        "localTime": bson::DateTime::from_millis(now.timestamp_millis()),
        "logicalSessionTimeoutMinutes": 30,
        "connectionId": connection,
        "minWireVersion": 0,
        "maxWireVersion": wire_version(version),
        "readOnly": false,
    });
    Ok(reply)
}

/// The commands that need no login.
pub(crate) fn open(endpoint: &Endpoint, is_logged_in: bool, name: &str) -> Option<Document> {
    match name {
        "ping" => Some(Document::new()),
        // The shell recognizes Atlas by it.
        "atlasVersion" => Some(doc! {"atlasVersion": "20260901.0.0", "gitVersion": env!("CARGO_PKG_VERSION")}),
        "buildInfo" | "buildinfo" => endpoint.read(|state, _| {
            let version = &state.clusters.get(endpoint.cluster)?.mongodb_version;
            let mut parts: Vec<i32> = version.split('.').map(|part| part.parse().unwrap_or_default()).collect();
            parts.resize(4, 0);
            Some(doc! {
                "version": version,
                "versionArray": parts,
                "gitVersion": concat!("atlas-backup-emulator ", env!("CARGO_PKG_VERSION")),
                "modules": ["enterprise"],
                "bits": 64,
                "debug": false,
                "maxBsonObjectSize": i32::try_from(MAX_DOCUMENT).unwrap_or(i32::MAX),
            })
        }),
        "connectionStatus" if !is_logged_in => {
            Some(doc! {"authInfo": {"authenticatedUsers": [], "authenticatedUserRoles": []}})
        }
        _ => None,
    }
}

pub(crate) fn connection_status(command: &Command<'_>) -> Result<Document> {
    Ok(command.endpoint.read(|state, _| {
        let user = state.database_users.get(command.user);
        let users: Vec<_> = user.iter().map(|user| doc! {"user": &user.name, "db": &user.database}).collect();
        let roles = user.and_then(|user| user.settings["roles"].as_array());
        let role = |role: &serde_json::Value| {
            doc! {"role": role["roleName"].as_str().unwrap_or_default(), "db": role["databaseName"].as_str().unwrap_or_default()}
        };
        let roles: Vec<_> = roles.into_iter().flatten().map(role).collect();
        doc! {"authInfo": {"authenticatedUsers": users, "authenticatedUserRoles": roles}}
    }))
}

pub(crate) fn my_address(command: &Command<'_>) -> Result<Document> {
    Ok(doc! {"you": command.peer.to_string()})
}

pub(crate) fn nothing(_: &Command<'_>) -> Result<Document> {
    Ok(Document::new())
}

pub(crate) fn start_session(_: &Command<'_>) -> Result<Document> {
    let id = Bson::from(bson::Uuid::new());
    Ok(doc! {"id": {"id": id}, "timeoutMinutes": 30})
}
