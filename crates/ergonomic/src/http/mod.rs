//! The path of a call: the transport of the bindings and the only access to the network.
//!
//! A call passes these layers, from the outside in: version pin, hook for retired operations, headers and URL,
//! deadline, end of a dry run, retry loop, rate limiter, limit of concurrent requests, signer, envelope, timeout of the
//! attempt, wire. The response passes the version check.

pub(crate) mod auth;
pub(crate) mod base;
pub(crate) mod budget;
pub(crate) mod connection;
mod envelope;
pub(crate) mod limiter;
#[cfg(feature = "metrics")]
mod metrics;
pub(crate) mod pipeline;
pub(crate) mod retry;
pub(crate) mod service;
mod tls;
pub(crate) mod wire;
