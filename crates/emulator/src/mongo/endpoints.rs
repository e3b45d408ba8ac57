//! The listeners: one per cluster, on this machine only.
//!
//! The kernel chooses a port. It is kept with the cluster, and used again after a restart if it is free.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::{
    net::TcpListener,
    sync::{Mutex, Semaphore},
    task::JoinSet,
};

use crate::{
    domain::ids::ObjectId,
    mongo::{access, connection, endpoint::Endpoint},
    store::{clock::Clock, shared_state::Store},
};

/// Maximum number of connections to all clusters. Further ones wait to be accepted.
const CONNECTIONS: usize = 1024;
/// Maximum number of clusters that are served. The others keep a connection string that leads nowhere.
const CLUSTERS: usize = 256;

#[derive(Debug)]
pub(crate) struct Endpoints {
    store: Arc<Store>,
    clock: Arc<Clock>,
    places: Arc<Semaphore>,
    /// The listener of each cluster, with its port. Dropping one ends it and its connections.
    open: Mutex<BTreeMap<ObjectId, (u16, JoinSet<()>)>>,
}

impl Endpoints {
    pub(crate) fn new(store: Arc<Store>, clock: Arc<Clock>) -> Self {
        Self { store, clock, places: Arc::new(Semaphore::new(CONNECTIONS)), open: Mutex::default() }
    }

    /// Opens a listener for each new cluster, and closes those of clusters that are gone.
    pub(crate) async fn update(&self) {
        let now = self.clock.now();
        let clusters: BTreeMap<ObjectId, Option<u16>> = self.store.read(|state| {
            let there = state.clusters.all().filter(|cluster| cluster.state_name(now).is_some());
            there.map(|cluster| (cluster.id, cluster.port)).collect()
        });
        let mut open = self.open.lock().await;
        // A reset forgets the ports. The listeners stay, so that clients find their clusters again.
        open.retain(|cluster, (port, _)| {
            clusters.get(cluster).is_some_and(|known| known.is_none_or(|known| known == *port))
        });
        for (cluster, known) in clusters {
            if let Some((port, _)) = open.get(&cluster) {
                if known.is_none() {
                    self.keep(cluster, *port);
                }
                continue;
            }
            if open.len() == CLUSTERS {
                tracing::debug!("only {CLUSTERS} clusters are served to drivers");
                break;
            }
            let listener = match bind(known).await {
                Ok(listener) => listener,
                Err(error) => {
                    tracing::warn!(%error, %cluster, "cannot serve a cluster to drivers");
                    break;
                }
            };
            let Ok(address) = listener.local_addr() else { continue };
            if known != Some(address.port()) {
                self.keep(cluster, address.port());
            }
            let endpoint = Endpoint::new(cluster, address, Arc::clone(&self.store), Arc::clone(&self.clock));
            let mut tasks = JoinSet::new();
            tasks.spawn(accept(listener, Arc::new(endpoint), Arc::clone(&self.places)));
            open.insert(cluster, (address.port(), tasks));
        }
    }

    /// Stores the port of a cluster.
    fn keep(&self, cluster: ObjectId, port: u16) {
        let ((), _saved_later) = self.store.write(|state| {
            if let Some(cluster) = state.clusters.get_mut(cluster) {
                cluster.port = Some(port);
            }
        });
    }

    /// Ends all connections and listeners.
    pub(crate) async fn close(&self) {
        let open = std::mem::take(&mut *self.open.lock().await);
        for (_, (_, mut tasks)) in open {
            tasks.shutdown().await;
        }
    }
}

/// A listener on the port that the cluster had, or on a free one.
async fn bind(known: Option<u16>) -> std::io::Result<TcpListener> {
    let at = |port| TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    if let Some(port) = known {
        match at(port).await {
            Ok(listener) => return Ok(listener),
            Err(error) => tracing::warn!(%error, port, "a cluster gets another port: its own is not available"),
        }
    }
    at(0).await
}

/// Accepts connections for ever. Dropping the future ends them.
async fn accept(listener: TcpListener, endpoint: Arc<Endpoint>, places: Arc<Semaphore>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            // Frees what ended connections held.
            Some(_) = connections.join_next() => continue,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "cannot accept connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let admitted = endpoint.read(|state, now| access::admit(state, endpoint.cluster, peer.ip(), now).map(drop));
        if let Err(reason) = admitted {
            tracing::info!(%peer, cluster = %endpoint.cluster, "connection of a driver refused: {reason}");
            continue;
        }
        let id = endpoint.accepted.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        let endpoint = Arc::clone(&endpoint);
        connections.spawn(async move {
            if let Err(error) = connection::serve(stream, peer, id, endpoint).await {
                tracing::debug!(%peer, %error, "connection of a driver ended");
            }
            drop(place);
        });
    }
}
