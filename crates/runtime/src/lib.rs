//! Shared code of all generated bindings of the MongoDB Atlas Admin API.
//!
//! [`operation`] describes the operations, [`codec`] reads and writes documents, [`transport`] is the contract with the
//! HTTP client, [`request`] builds a request and decodes its response. Nothing here depends on the specification.

pub mod codec;
#[cfg(feature = "dispatch")]
pub mod dispatch;
pub mod operation;
pub mod pending;
pub mod request;
#[cfg(feature = "schemars")]
pub mod schema;
pub mod transport;

pub use codec::{AnyJson, Extra, NoContent, Nullable, PageQuery, Query, QueryValue, decode, decode_at_most};
pub use operation::{Kind, Location, Method, Operation, Parameter, Version};
pub use pending::Pending;
pub use request::Request;
pub use transport::{Call, Error, Reply, Response, Transport};
