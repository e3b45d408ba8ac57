//! Open cursors of a cluster. A cursor reads the data as they were when it was opened.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, PoisonError},
};

use bson::{Bson, Document, RawDocumentBuf, doc};
use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    domain::ids::ObjectId,
    mongo::message::MAX_DOCUMENT,
    query::{
        error::{CURSOR_NOT_FOUND, CommandError, Result},
        pipeline::Flow,
    },
};

/// Open cursors of a cluster. When there is one more, the one that was idle the longest is closed.
const MOST: usize = 1000;
/// After this time an idle cursor is closed, as in the server.
const IDLE: TimeDelta = TimeDelta::minutes(10);
/// Documents in a first batch, as in the server.
pub(crate) const FIRST_BATCH: usize = 101;

#[derive(Debug, Default)]
pub(crate) struct Cursors(Mutex<Open>);

#[derive(Debug, Default)]
struct Open {
    cursors: BTreeMap<i64, Cursor>,
}

/// An open cursor: the documents that it has not returned yet.
pub(crate) struct Cursor {
    namespace: String,
    user: ObjectId,
    rest: std::iter::Peekable<Flow>,
    used: DateTime<Utc>,
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cursor").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}

impl Cursor {
    pub(crate) fn new(namespace: String, user: ObjectId, documents: Flow, now: DateTime<Utc>) -> Self {
        Self { namespace, user, rest: documents.peekable(), used: now }
    }

    /// The next documents: at most `count`, and no more than a reply may contain.
    fn batch(&mut self, count: usize) -> Vec<Bson> {
        let (mut batch, mut size) = (Vec::new(), 0);
        while batch.len() < count {
            let Some(document) = self.rest.peek() else { break };
            size += RawDocumentBuf::try_from(document).map_or(0, |raw| raw.as_bytes().len() + 16);
            if size > MAX_DOCUMENT && !batch.is_empty() {
                break;
            }
            batch.extend(self.rest.next().map(Bson::Document));
        }
        batch
    }
}

impl Cursors {
    /// Returns the first batch, and keeps the cursor if there is more.
    pub(crate) fn open(&self, mut cursor: Cursor, count: usize, single: bool) -> Document {
        let batch = cursor.batch(count);
        let more = !single && cursor.rest.peek().is_some();
        let namespace = cursor.namespace.clone();
        let id = if more { self.keep(cursor) } else { 0 };
        doc! {"cursor": {"firstBatch": batch, "id": id, "ns": namespace}}
    }

    fn keep(&self, cursor: Cursor) -> i64 {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.cursors.retain(|_, known| cursor.used - known.used < IDLE);
        let oldest = open.cursors.iter().min_by_key(|(_, cursor)| cursor.used).map(|(id, _)| *id);
        if let (Some(oldest), true) = (oldest, open.cursors.len() >= MOST) {
            open.cursors.remove(&oldest);
        }
        // Not guessable, as in the server.
        let id = loop {
            let id = fastrand::i64(1..);
            if !open.cursors.contains_key(&id) {
                break id;
            }
        };
        open.cursors.insert(id, cursor);
        id
    }

    /// Returns the next batch.
    pub(crate) fn more(
        &self,
        id: i64,
        namespace: &str,
        user: ObjectId,
        count: usize,
        now: DateTime<Utc>,
    ) -> Result<Document> {
        let missing = || CommandError::new(CURSOR_NOT_FOUND, format!("cursor id {id} not found"));
        let taken = {
            let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let found = open
                .cursors
                .get(&id)
                .is_some_and(|cursor| cursor.namespace == namespace && cursor.user == user && now - cursor.used < IDLE);
            if found { open.cursors.remove(&id) } else { None }
        };
        // Not under the lock: other cursors go on.
        let mut cursor = taken.ok_or_else(missing)?;
        let batch = cursor.batch(count);
        let more = cursor.rest.peek().is_some();
        if more {
            cursor.used = now;
            self.0.lock().unwrap_or_else(PoisonError::into_inner).cursors.insert(id, cursor);
        }
        Ok(doc! {"cursor": {"nextBatch": batch, "id": if more { id } else { 0 }, "ns": namespace}})
    }

    /// Closes a cursor. Returns whether it was open.
    pub(crate) fn close(&self, id: i64, namespace: &str, user: ObjectId) -> bool {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = open.cursors.get(&id).is_some_and(|cursor| cursor.namespace == namespace && cursor.user == user);
        found && open.cursors.remove(&id).is_some()
    }
}
