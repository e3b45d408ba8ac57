//! Retried writes. A driver that got no reply sends the same write again with the same number.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use bson::{Bson, Document};

use crate::query::error::{CommandError, NOT_IN_TRANSACTION, Result};

/// The last write of each session, with its reply.
#[derive(Debug, Default)]
pub(crate) struct Retries(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    last: HashMap<Vec<u8>, (i64, Document)>,
    /// Oldest first.
    order: VecDeque<Vec<u8>>,
}

/// Sessions whose last write is remembered.
const SESSIONS: usize = 10_000;

/// Session and number of a write.
#[derive(Debug)]
pub(crate) struct WriteId(Vec<u8>, i64);

impl WriteId {
    /// The identity of a command, if it may be retried.
    pub(crate) fn of(command: &Document) -> Result<Option<Self>> {
        if command.contains_key("autocommit") || command.contains_key("startTransaction") {
            return Err(CommandError::new(NOT_IN_TRANSACTION, "the emulator does not support transactions"));
        }
        let session = command.get_document("lsid").ok().and_then(|session| match session.get("id") {
            Some(Bson::Binary(id)) => Some(id.bytes.clone()),
            _ => None,
        });
        Ok(session.zip(command.get_i64("txnNumber").ok()).map(|(session, number)| Self(session, number)))
    }
}

impl Retries {
    /// The reply to the same write, if it was executed before.
    pub(crate) fn reply(&self, WriteId(session, number): &WriteId) -> Result<Option<Document>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match known.last.get(session) {
            Some((last, reply)) if last == number => Ok(Some(reply.clone())),
            Some((last, _)) if last > number => {
                Err(CommandError::new(225, "a write with a newer number was executed in this session"))
            }
            _ => Ok(None),
        }
    }

    pub(crate) fn remember(&self, WriteId(session, number): WriteId, reply: Document) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.last.insert(session.clone(), (number, reply)).is_none() {
            known.order.push_back(session);
        }
        if known.order.len() > SESSIONS
            && let Some(oldest) = known.order.pop_front()
        {
            known.last.remove(&oldest);
        }
    }
}
