//! How a call travels: the transport of the bindings. There is no other way to the network.
//!
//! A call passes, from the outside in: the version pin, the hook for retired operations, headers and URL, the deadline,
//! the end of a dry run, the retry loop, the rate limiter, the cap on requests at once, the signer, the envelope, the
//! attempt's time limit, the wire. On the way back its answer passes the version check.

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
