//! See what would be sent, without sending it.
//!
//! A client or handle [with a dry run](crate::Client::with_dry_run) sends what only reads and nothing else. Every other
//! call ends with [`ErrorKind::DryRun`](crate::ErrorKind::DryRun), and [`Error::dry_run_request`](crate::Error::dry_run_request) is the
//! request: method, URL, media types, headers, body. It was made by the same code as any other request and stopped just
//! before it would have been signed and sent; passwords, keys and tokens in it are redacted.
//!
//! ```no_run
//! # async fn example(cluster: atlas_backup::Cluster) -> atlas_backup::Result<()> {
//! use atlas_backup::{ErrorKind, Retention};
//!
//! let dry = cluster.with_dry_run();
//! match dry.snapshots().take("before migration", Retention::days(7)).await {
//!     Err(error) if error.kind() == ErrorKind::DryRun => println!("{}", error.dry_run_request().unwrap()),
//!     outcome => drop(outcome?), // refused before there was a request
//! }
//! # Ok(())
//! # }
//! ```
//!
//! What several requests are needed for ends at the first that is not sent. A change that changes nothing, which sends
//! nothing, ends well.
