//! Call other parts of the API.
//!
//! This crate has methods for backups and what belongs to them. Everything else is within reach of the same client, with its
//! credentials, retries, rate limits and deadlines.
//!
//! **By path**, JSON in and out. Name the version, since no table knows it:
//!
//! ```no_run
#![doc = include_str!("programs/other_parts.rs")]
//! ```
//!
//! **By operation**, for every operation of the table and in every version: [`Client::operation`](crate::Client::operation) with JSON,
//! [`Client::call`](crate::Client::call) with types. [`methods`](crate::methods) lists them.
//!
//! **With separate bindings.** `cargo xtask generate --tags "Database Users,Alerts" --crate NAME --out DIR` in this project's
//! repository writes a crate for any tags of the official document.
//! [`Client::transport`](crate::Client::transport) connects such bindings with this client.
