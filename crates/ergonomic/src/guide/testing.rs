//! Test your own program: canned responses, the emulator, paused time.
//!
//! With the feature `testing`, `atlas_backup::testing` returns canned responses in place of the network and
//! records the requests. Everything above the network is real, and a call takes microseconds.
//!
//! ```
//! # #[cfg(feature = "testing")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> atlas_backup::Result<()> {
//! use atlas_backup::{Retention, testing::CannedService};
//! use serde_json::json;
//!
//! let service = CannedService::new();
//! service.answer("takeSnapshots", json!({ "id": "5f3e8e7d9b1c2a0012345678", "status": "queued" }));
//!
//! let cluster = service.client().project("32b6e34b3d91647abb20e7b8")?.cluster("Cluster0")?;
//! cluster.snapshots().take("before migration", Retention::days(7)).await?;
//!
//! let sent = &service.sent()[0];
//! assert_eq!(sent.operation, Some("takeGroupClusterBackupSnapshots"));
//! assert_eq!(sent.json(), json!({ "description": "before migration", "retentionInDays": 7 }));
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "testing"))]
//! # fn main() {}
//! ```
//!
//! For scenarios with jobs that take time, limits or faults, use the crate `atlas-backup-emulator`: the service on
//! localhost, in the test's own process, on a clock that the test steps. Put both into `dev-dependencies`:
//!
//! ```toml
//! [dev-dependencies]
//! atlas-backup = { version = "0.1", features = ["testing"] }
//! atlas-backup-emulator = { version = "0.1", default-features = false }
//! tokio = { version = "1", features = ["macros", "rt", "test-util"] }
//! ```
//!
// The emulator is not a dependency of this crate. The program runs with the tests of the workspace.
#![cfg_attr(doctest, doc = "```text")]
#![cfg_attr(not(doctest), doc = "```")]
#![doc = include_str!("programs/testing.rs")]
//! ```
//!
//! With Tokio's paused time (`start_paused`) a wait of hours takes no time, as long as the test waits for nothing outside
//! itself: use it with canned responses, and the stepped clock with the emulator.
