//! A command with its arguments.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
};

use bson::{Bson, Document};
use chrono::{DateTime, Utc};

use crate::{
    data::set::{Collection, DataSet, Namespace},
    domain::ids::ObjectId,
    engine::contents,
    mongo::{
        access::{self, Action},
        endpoint::Endpoint,
    },
    query::{
        error::{CommandError, INVALID_NAMESPACE, Result, TYPE_MISMATCH},
        filter::as_integer,
        update::flag,
    },
    state::tables::State,
};

/// One kind of command.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// Names of its arguments. Others are refused.
    pub(crate) arguments: &'static [&'static str],
    /// The action that a role has to allow. Without it, a login suffices.
    pub(crate) action: Option<Action>,
    /// Whether a sharded cluster has it.
    pub(crate) on_sharded: bool,
    pub(crate) retryable: bool,
    pub(crate) run: fn(&Command<'_>) -> Result<Document>,
}

/// Arguments of every command. They change no result.
const COMMON: [&str; 12] = [
    "$db",
    "$clusterTime",
    "$readPreference",
    "apiDeprecationErrors",
    "apiStrict",
    "apiVersion",
    "comment",
    "lsid",
    "maxTimeMS",
    "readConcern",
    "txnNumber",
    "writeConcern",
];

/// A command of a user whose role allows it.
pub(crate) struct Command<'c> {
    pub(crate) endpoint: &'c Endpoint,
    pub(crate) user: ObjectId,
    pub(crate) peer: SocketAddr,
    pub(crate) row: &'static Row,
    pub(crate) body: &'c Document,
    pub(crate) database: &'c str,
    /// The write that has to be saved before the reply is sent.
    pub(crate) ticket: AtomicU64,
}

impl Command<'_> {
    pub(crate) fn run(&self) -> Result<Document> {
        let unknown = |name: &&String| !self.row.arguments.contains(&name.as_str()) && !COMMON.contains(&name.as_str());
        if let Some(argument) = self.body.keys().skip(1).find(unknown) {
            return Err(CommandError::not_implemented(&format!("the argument '{argument}' of {}", self.row.name)));
        }
        if self.body.get_document("readConcern").is_ok_and(|concern| concern.contains_key("atClusterTime")) {
            return Err(CommandError::not_implemented("reads at a cluster time"));
        }
        (self.row.run)(self)
    }

    /// An argument, unless it is absent or null.
    pub(crate) fn argument(&self, name: &str) -> Option<&Bson> {
        self.body.get(name).filter(|value| !matches!(value, Bson::Null))
    }

    pub(crate) fn wrong_type(&self, name: &str) -> CommandError {
        CommandError::new(TYPE_MISMATCH, format!("BSON field '{}.{name}' is the wrong type", self.row.name))
    }

    pub(crate) fn document(&self, name: &str) -> Result<Document> {
        match self.argument(name) {
            None => Ok(Document::new()),
            Some(Bson::Document(document)) => Ok(document.clone()),
            Some(_) => Err(self.wrong_type(name)),
        }
    }

    /// A list of documents.
    pub(crate) fn documents(&self, name: &str) -> Result<Vec<&Document>> {
        let Some(Bson::Array(items)) = self.argument(name) else {
            return Err(CommandError::new(
                40414,
                format!("BSON field '{}.{name}' is missing but a required field", self.row.name),
            ));
        };
        items.iter().map(|item| item.as_document().ok_or_else(|| self.wrong_type(name))).collect()
    }

    /// A whole number that is not negative.
    pub(crate) fn number(&self, name: &str) -> Result<Option<usize>> {
        let number = |value| as_integer(value).ok_or_else(|| self.wrong_type(name));
        let number = self.argument(name).map(number).transpose()?;
        let not_negative = |number: i64| {
            usize::try_from(number).map_err(|_| {
                CommandError::new(51024, format!("BSON field '{name}' value must be >= 0, actual value '{number}'"))
            })
        };
        number.map(not_negative).transpose()
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        flag(self.argument(name))
    }

    /// The collection that the command names first.
    pub(crate) fn namespace(&self) -> Result<Namespace> {
        let name = self.body.values().next().and_then(Bson::as_str);
        let name = name.ok_or_else(|| {
            CommandError::new(INVALID_NAMESPACE, format!("collection name has invalid type for {}", self.row.name))
        })?;
        let invalid =
            || CommandError::new(INVALID_NAMESPACE, format!("Invalid namespace specified '{}.{name}'", self.database));
        Namespace::checked(self.database, name).ok_or_else(invalid)
    }

    /// The data of the cluster now.
    pub(crate) fn data(&self) -> DataSet {
        self.endpoint.read(|state, now| contents::current(state, self.endpoint.cluster, now))
    }

    /// The collection that the command names, if it exists.
    pub(crate) fn collection(&self) -> Result<Option<Collection>> {
        let name = self.namespace()?;
        Ok(self.data().get(&name).cloned())
    }

    /// Changes the data. The reply waits until the change is saved.
    pub(crate) fn write<R>(&self, change: impl FnOnce(&mut State, DateTime<Utc>) -> Result<R>) -> Result<R> {
        let (result, ticket) = self.endpoint.store.write(|state| {
            let now = self.endpoint.clock.now();
            // A restore or a deletion may have begun since the command was admitted.
            access::admit(state, self.endpoint.cluster, self.peer.ip(), now)
                .map_err(|reason| CommandError::new(189, format!("not primary: {reason}")))?;
            change(state, now)
        });
        self.ticket.fetch_max(ticket.0, Ordering::Relaxed);
        result
    }
}
