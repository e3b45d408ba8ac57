//! Use the client in a program that is not asynchronous.
//!
//! The client needs a Tokio runtime. A synchronous program makes one and passes each future to
//! [`Runtime::block_on`](tokio::runtime::Runtime::block_on), which returns when the future is done:
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use atlas_backup::{Client, Retention};
//!
//! let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! let atlas = Client::from_env()?;
//! let cluster = atlas.project("32b6e34b3d91647abb20e7b8")?.cluster("Cluster0")?;
//!
//! // A call, a wait and a list. Waits implement `IntoFuture`, so an `async` block awaits them.
//! let taken = runtime.block_on(cluster.snapshots().take("before migration", Retention::days(7)))?;
//! let done = runtime.block_on(async { cluster.snapshots().wait(&taken.id).await })?;
//! for snapshot in runtime.block_on(cluster.snapshots().list().all())? {
//!     println!("{} {:?}", snapshot.id, snapshot.status);
//! }
//!
//! // Items of a long list, one after the other.
//! let mut items = cluster.snapshots().list().items();
//! while let Some(snapshot) = runtime.block_on(items.try_next())? {
//!     println!("{} {}", snapshot.id, snapshot.id == done.id);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! `examples/list_snapshots_synchronously.rs` is a complete program. The runtime needs its I/O and time drivers, which
//! `enable_all` turns on.
//!
//! - Use one runtime for one client: pooled connections belong to the runtime that opened them.
//! - `block_on` panics on a thread of a runtime. Code that may run there has to await the future.
//! - A current-thread runtime makes progress only inside `block_on`. Use a multi-thread runtime when several threads
//!   share one client, or when the next page of a list should arrive between two calls.
