//! Use the client inside a web service: one shared client, cancellation, shutdown.
//!
//! The handlers below belong to no framework. Put the state where yours keeps shared state, such as `axum::extract::State`.
//!
//! ```no_run
#![doc = include_str!("programs/web_service.rs")]
//! ```
//!
//! - **One client.** Build it at the start and clone it. A client for each request would ask for a token each time, and no
//!   rate limit could hold.
//! - **Deadlines.** [`Client::with_timeout`](crate::Client::with_timeout) gives the calls of one handler a shorter deadline than
//!   the caller's own.
//! - **Cancellation.** Dropping a future ends its request. That is safe for everything that only reads, and for waits: the
//!   job goes on, and another wait takes over. It is not safe between the request and the response of a call that creates something.
//! - **Errors.** [`Error::kind`](crate::Error::kind) maps to a status; the text may name projects and clusters, so decide
//!   whether your callers may see it. It never contains a secret.
//! - **Long work.** Do not wait for a snapshot inside a request. Return its ID and let the caller ask.
