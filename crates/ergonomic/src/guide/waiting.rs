//! Until it is done or has failed.
//!
//! Taking a snapshot, restoring and exporting return as soon as the service has accepted the job. The `wait` beside each
//! asks again and again until the job is done. It never ends well on a failure:
//!
//! | what happened | [`kind`](crate::Error::kind) |
//! |---|---|
//! | the job failed, was cancelled or has expired | [`Failed`](crate::ErrorKind::Failed) |
//! | it is not there any more | [`NotFound`](crate::ErrorKind::NotFound) |
//! | the time is up | [`Timeout`](crate::ErrorKind::Timeout) |
//! | the service did not answer, repeats included | that of the call |
//!
//! Each holds the last document that was seen: [`Error::document`](crate::Error::document).
//!
//! ```no_run
//! # async fn example(cluster: atlas_backup::Cluster) -> atlas_backup::Result<()> {
//! use std::time::Duration;
//! use atlas_backup::Retention;
//!
//! let taken = cluster.snapshots().take("before migration", Retention::days(7)).await?;
//! let done = cluster
//!     .snapshots()
//!     .wait(&taken.id)
//!     .timeout(Duration::from_secs(2 * 3600))
//!     .on_progress(|snapshot| eprintln!("{:?}", snapshot.status))
//!     .await?;
//! println!("{:?} bytes", done.storage_size_bytes);
//! # Ok(())
//! # }
//! ```
