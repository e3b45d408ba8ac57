//! The table of all commands that need a login.

use bson::Document;

use crate::{
    domain::ids::ObjectId,
    mongo::{
        access::{Action, allows},
        commands::{
            command::{Command, Row},
            handshake, indexes, lists, reads, statistics, writes,
        },
        endpoint::Endpoint,
    },
    query::error::{CommandError, Result, UNAUTHORIZED},
};

const fn row(
    name: &'static str,
    action: Option<Action>,
    run: fn(&Command<'_>) -> Result<Document>,
    arguments: &'static [&'static str],
) -> Row {
    Row { name, arguments, action, on_sharded: true, retryable: false, run }
}

const fn write(
    name: &'static str,
    run: fn(&Command<'_>) -> Result<Document>,
    arguments: &'static [&'static str],
) -> Row {
    Row { retryable: true, ..row(name, Some(Action::Write), run, arguments) }
}

static ROWS: &[Row] = &[
    row("aggregate", Some(Action::Find), reads::aggregate, &["pipeline", "cursor", "allowDiskUse"]),
    row("collStats", Some(Action::Inspect), statistics::collection, &["scale"]),
    row("connectionStatus", None, handshake::connection_status, &["showPrivileges"]),
    row("count", Some(Action::Find), reads::count, &["query", "limit", "skip", "fields"]),
    row("create", Some(Action::Define), indexes::create_collection, &[]),
    row("createIndexes", Some(Action::Define), indexes::create, &["indexes", "commitQuorum"]),
    Row { on_sharded: false, ..row("dbHash", Some(Action::Inspect), statistics::hash, &["collections"]) },
    row("dbStats", Some(Action::Inspect), statistics::database, &["scale", "freeStorage"]),
    write("delete", writes::delete, &["deletes", "ordered"]),
    row("distinct", Some(Action::Find), reads::distinct, &["key", "query"]),
    row("drop", Some(Action::Define), indexes::drop_collection, &[]),
    row("dropDatabase", Some(Action::Administer), indexes::drop_database, &[]),
    row("dropIndexes", Some(Action::Define), indexes::drop, &["index"]),
    row("endSessions", None, handshake::nothing, &[]),
    row(
        "find",
        Some(Action::Find),
        reads::find,
        &[
            "filter",
            "sort",
            "projection",
            "skip",
            "limit",
            "batchSize",
            "singleBatch",
            "noCursorTimeout",
            "allowDiskUse",
            "tailable",
            "awaitData",
        ],
    ),
    write("findAndModify", writes::find_and_modify, &["query", "sort", "remove", "update", "new", "fields", "upsert"]),
    row("getMore", None, reads::get_more, &["collection", "batchSize"]),
    write("insert", writes::insert, &["documents", "ordered"]),
    row("killCursors", None, reads::kill_cursors, &["cursors"]),
    row("listCollections", None, lists::collections, &["filter", "nameOnly", "authorizedCollections", "cursor"]),
    row("listDatabases", None, lists::databases, &["filter", "nameOnly", "authorizedDatabases"]),
    row("listIndexes", Some(Action::Inspect), lists::indexes, &["cursor"]),
    row("refreshSessions", None, handshake::nothing, &[]),
    row("startSession", None, handshake::start_session, &[]),
    write("update", writes::update, &["updates", "ordered"]),
    row("validate", Some(Action::Administer), statistics::validate, &["full", "scandata", "background"]),
    row("whatsmyuri", None, handshake::my_address, &[]),
];

pub(crate) fn find_row(name: &str) -> Option<&'static Row> {
    ROWS.iter()
        .find(|row| row.name.eq_ignore_ascii_case(name) && (row.name == name || name == row.name.to_ascii_lowercase()))
}

/// Refuses a command that no role of the user allows.
pub(crate) fn is_authorized(
    endpoint: &Endpoint,
    user: ObjectId,
    row: &Row,
    database: &str,
    body: &Document,
) -> Result<()> {
    let collection = body.get_str(row.name).unwrap_or_default();
    let allowed = endpoint.read(|state, now| {
        let user = state.database_users.get(user).filter(|user| user.is_there(now));
        user.map(|user| row.action.is_none_or(|action| allows(user, action, database, collection)))
    });
    let message = match allowed {
        Some(true) => return Ok(()),
        Some(false) => format!("not authorized on {database} to execute command {}", row.name),
        None => "the user no longer exists".to_owned(),
    };
    Err(CommandError::new(UNAUTHORIZED, message))
}
