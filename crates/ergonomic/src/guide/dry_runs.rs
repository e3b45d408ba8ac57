//! Show the request of a call without sending it.
//!
//! A client or handle [with a dry run](crate::Client::with_dry_run) sends only requests that read. Every other call ends
//! with [`ErrorKind::DryRun`](crate::ErrorKind::DryRun), and [`Error::dry_run_request`](crate::Error::dry_run_request) returns the
//! request: method, URL, media types, headers, body. The same code builds it as any other request, and stops just before
//! it would sign and send it. Passwords, keys and tokens in it are redacted.
//!
//! ```no_run
//! # async fn example(cluster: atlas_backup::Cluster) -> atlas_backup::Result<()> {
//! use atlas_backup::{ErrorKind, Retention};
//!
//! let dry = cluster.with_dry_run();
//! match dry.snapshots().take("before migration", Retention::days(7)).await {
//!     Err(error) if error.kind() == ErrorKind::DryRun => println!("{}", error.dry_run_request().unwrap()),
//!     outcome => drop(outcome?), // refused before a request was built
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A call that needs several requests ends at the first one that is not sent. A change without effect sends nothing and
//! succeeds.
