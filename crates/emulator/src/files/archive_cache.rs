//! Metadata of recently requested archives, so that a resumed download does not compute it again.
//!
//! It stores sizes, digests and their inputs, never an archive.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{sync::OnceCell, task::spawn_blocking};

use crate::{data::archive::PreparedArchive, files::requested_archive::RequestedArchive};

/// Maximum number of entries.
const CAPACITY: usize = 32;

type Cell = Arc<OnceCell<Arc<PreparedArchive>>>;

/// The metadata of the most recently requested archives.
#[derive(Debug, Default)]
pub(crate) struct ArchiveCache {
    known: Mutex<VecDeque<(String, Cell)>>,
}

impl ArchiveCache {
    /// The archive's metadata, computed once. Concurrent requests for the same archive share the computation.
    pub(crate) async fn prepare(&self, wanted: RequestedArchive) -> Option<Arc<PreparedArchive>> {
        let cell = self.cell(&wanted.key);
        let prepare = async {
            let prepared = spawn_blocking(move || wanted.dump().and_then(PreparedArchive::new)).await;
            prepared.map_err(std::io::Error::other).flatten().map(Arc::new)
        };
        match cell.get_or_try_init(|| prepare).await {
            Ok(prepared) => Some(Arc::clone(prepared)),
            Err(error) => {
                tracing::error!(%error, "cannot create archive");
                None
            }
        }
    }

    fn cell(&self, key: &str) -> Cell {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, cell)) = known.iter().find(|(k, _)| k == key) {
            return Arc::clone(cell);
        }
        known.truncate(CAPACITY - 1);
        let cell = Cell::default();
        known.push_front((key.to_owned(), Arc::clone(&cell)));
        cell
    }
}
