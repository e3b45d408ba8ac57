//! Your own program without the service.
//!
//! With the feature `testing` there is [`atlas_backup::testing`](crate::testing): canned answers where the network would
//! be, and a record of what was sent. Everything above the network is real, and a call takes microseconds.
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
//! For whole stories (jobs that take time, limits, faults) there is the crate `atlas-backup-emulator`: the service on
//! localhost, in the test's own process, on a clock that can be stepped.
