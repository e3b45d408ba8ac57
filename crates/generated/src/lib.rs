//! Bindings of the MongoDB Atlas backup API.

pub mod operation;
pub mod transport;

pub use operation::{Kind, Location, Method, Operation, Parameter, Version};
pub use transport::{Call, Error, Reply, Response, Transport};

/// The bindings: one method per operation and resource version.
#[derive(Clone)]
pub struct Client {
    transport: std::sync::Arc<dyn Transport>,
}
