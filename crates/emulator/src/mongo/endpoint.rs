//! One cluster as drivers see it.

use std::{
    net::SocketAddr,
    sync::{Arc, atomic::AtomicI32},
};

use chrono::{DateTime, Utc};

use crate::{
    domain::ids::ObjectId,
    mongo::{cursors::Cursors, retries::Retries},
    state::tables::State,
    store::{clock::Clock, shared_state::Store},
};

#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) cluster: ObjectId,
    /// The only host of the cluster.
    pub(crate) address: SocketAddr,
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<Clock>,
    pub(crate) cursors: Cursors,
    pub(crate) retries: Retries,
    /// Number of connections so far.
    pub(crate) accepted: AtomicI32,
}

impl Endpoint {
    pub(crate) fn new(cluster: ObjectId, address: SocketAddr, store: Arc<Store>, clock: Arc<Clock>) -> Self {
        let (cursors, retries) = (Cursors::default(), Retries::default());
        Self { cluster, address, store, clock, cursors, retries, accepted: AtomicI32::new(0) }
    }

    pub(crate) fn read<R>(&self, f: impl FnOnce(&State, DateTime<Utc>) -> R) -> R {
        self.store.read(|state| f(state, self.clock.now()))
    }
}
