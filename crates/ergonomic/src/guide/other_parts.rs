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
//! **With separate bindings.** In this project's repository, this command writes a crate for any tags of the official document,
//! with types, an operations table and its own tests:
//!
//! ```sh
//! cargo xtask generate --tags "Database Users,Alerts" --upstream openapi-v2.yaml --crate atlas-users --out ../atlas-users
//! ```
//!
//! [`Client::transport`](crate::Client::transport) connects such bindings with this client. Their calls then have its credentials,
//! versions, retries and limits: `let users = atlas_users::Client::new(atlas.transport());`. The repository has a complete program
//! in `tests/other-tags`.
