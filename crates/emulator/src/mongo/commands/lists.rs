//! Lists of databases, collections and indexes.

use bson::{Bson, Document, doc};

use crate::{
    data::set::Collection,
    mongo::{
        access::{Action, allows},
        commands::{command::Command, statistics::size},
    },
    query::{
        error::{CommandError, NAMESPACE_NOT_FOUND, Result, UNAUTHORIZED},
        filter::Filter,
    },
};

/// Whether the user may see a database or a collection.
fn may_see(command: &Command<'_>, database: &str, collection: &str) -> bool {
    command.endpoint.read(|state, _| {
        let user = state.database_users.get(command.user);
        user.is_some_and(|user| [Action::Inspect, Action::Find].iter().any(|a| allows(user, *a, database, collection)))
    })
}

pub(crate) fn databases(command: &Command<'_>) -> Result<Document> {
    if command.database != "admin" {
        return Err(CommandError::new(UNAUTHORIZED, "listDatabases may only be run against the admin database."));
    }
    let filter = Filter::parse(&command.document("filter")?)?;
    let data = command.data();
    let names_only = command.flag("nameOnly");
    let mut total = 0;
    let mut found = Vec::new();
    for name in data.databases() {
        if !data.database(name).any(|collection| may_see(command, name, &collection.name.collection)) {
            continue;
        }
        let mut database = doc! {"name": name};
        if !names_only {
            let size: i64 = data.database(name).map(size).sum();
            total += size;
            database.extend(doc! {"sizeOnDisk": size, "empty": false});
        }
        if filter.matches(&database) {
            found.push(database);
        }
    }
    let mut reply = doc! {"databases": found};
    if !names_only {
        reply.extend(doc! {"totalSize": total, "totalSizeMb": total >> 20});
    }
    Ok(reply)
}

/// All results in a batch that is complete.
fn listed(documents: Vec<Document>, namespace: String) -> Document {
    doc! {"cursor": {"firstBatch": documents, "id": 0_i64, "ns": namespace}}
}

pub(crate) fn collections(command: &Command<'_>) -> Result<Document> {
    let filter = Filter::parse(&command.document("filter")?)?;
    let data = command.data();
    let names_only = command.flag("nameOnly");
    let seen = data.database(command.database).filter(|c| may_see(command, command.database, &c.name.collection));
    let described = seen.map(|collection| {
        let mut document = doc! {"name": &collection.name.collection, "type": "collection"};
        if !names_only {
            document.extend(doc! {
                "options": collection.options(),
                "info": {"readOnly": false, "uuid": collection.uuid},
                "idIndex": {"v": 2, "key": {"_id": 1}, "name": "_id_"},
            });
        }
        document
    });
    let described = described.filter(|document| filter.matches(document)).collect();
    Ok(listed(described, format!("{}.$cmd.listCollections", command.database)))
}

/// An error as the server has it for a collection that does not exist.
pub(crate) fn missing(command: &Command<'_>) -> Result<CommandError> {
    Ok(CommandError::new(NAMESPACE_NOT_FOUND, format!("ns does not exist: {}", command.namespace()?)))
}

pub(crate) fn indexes(command: &Command<'_>) -> Result<Document> {
    let Some(collection) = command.collection()? else { return Err(missing(command)?) };
    Ok(listed(collection.indexes(), collection.name.to_string()))
}

/// The names of the indexes of a collection.
pub(crate) fn index_names(collection: &Collection) -> Vec<String> {
    let name = |index: Document| match index.get("name") {
        Some(Bson::String(name)) => Some(name.clone()),
        _ => None,
    };
    collection.indexes().into_iter().filter_map(name).collect()
}
