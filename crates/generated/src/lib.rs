//! Bindings of the MongoDB Atlas backup API: one method for each operation and resource version.
//!
//! Everything below [`types`], [`operations`] and the methods of [`Client`] is generated from the curated OpenAPI
//! document by `cargo xtask generate`. Hand-written are only the seam to whatever sends the requests
//! ([`transport`]), the shape of the operations table ([`operation`]) and what documents share: how they are read and
//! written ([`record`]), and how they look in a log. Most users want the `atlas-backup` crate, which implements the seam
//! and adds versions, authentication, retries, paging and waiters.
//!
//! Enums are open: a value that the specification does not list is kept in `Unknown`. Objects keep fields that the
//! specification does not define in `extra` and write them back. Every field that the service sends is optional.

#[cfg(feature = "dispatch")]
pub mod dispatch;
#[rustfmt::skip]
mod generated;
pub mod operation;
pub mod record;
mod request;
#[cfg(feature = "schemars")]
mod schema;
mod shown;
pub mod transport;

use std::{fmt, sync::Arc};

pub use generated::{operations, types};
pub use operation::{Kind, Location, Method, Operation, Parameter, Version};
pub use record::{Extra, NoContent, Nullable};
pub use request::{Pending, QueryValue, decode};
pub use transport::{Call, Error, Reply, Response, Transport};

/// The bindings. Cheap to clone; what sends the requests is shared.
#[derive(Clone)]
pub struct Client {
    transport: Arc<dyn Transport>,
}

impl Client {
    /// Bindings over `transport`.
    #[must_use]
    pub fn new(transport: Arc<dyn Transport>) -> Self {
        Self { transport }
    }

    /// What sends the requests.
    #[must_use]
    pub fn transport(&self) -> &dyn Transport {
        self.transport.as_ref()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}
