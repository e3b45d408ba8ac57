//! Wait until a job is done or has failed.
//!
//! Taking a snapshot, restoring and exporting return as soon as the service has accepted the job. The `wait` beside each
//! polls until the job is done. It never succeeds if the job fails:
//!
//! | what happened | [`kind`](crate::Error::kind) |
//! |---|---|
//! | the job failed, was cancelled or has expired | [`Failed`](crate::ErrorKind::Failed) |
//! | the job no longer exists | [`NotFound`](crate::ErrorKind::NotFound) |
//! | the credentials lack a role | [`Forbidden`](crate::ErrorKind::Forbidden) |
//! | the deadline of the wait has passed | [`Timeout`](crate::ErrorKind::Timeout) |
//! | the service refuses the credentials for a minute | [`Unauthorized`](crate::ErrorKind::Unauthorized) |
//!
//! Each error holds the last document seen: [`Error::document`](crate::Error::document).
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
//!
//! **Failing polls.** A wait continues after every temporary failure: no connection, a connection that breaks, a request
//! that times out, 408, 429, 5xx and responses that cannot be read. After a 401 that does not name a missing role it continues
//! for a minute, each time with a new token or nonce. Intervals grow, are partly random, and respect `Retry-After`. Polls do
//! not use the [retry budget](crate::RetryPolicy::budget). The deadline covers everything, the first poll and the rate limiter
//! included. If the last poll before it failed, its error is the [source](std::error::Error::source) of the
//! [`Timeout`](crate::ErrorKind::Timeout).
//!
//! A [`WaitPolicy`](crate::WaitPolicy) on the [client](crate::Client::with_wait_policy) or the [wait](crate::Wait::policy) sets
//! deadline and intervals and decides which errors end a wait:
//!
//! ```no_run
//! # async fn example(cluster: atlas_backup::Cluster) -> atlas_backup::Result<()> {
//! use atlas_backup::{OnPollError, WaitPolicy};
//!
//! let until_first_error = WaitPolicy::default().on_error(|_| OnPollError::EndWait);
//! cluster.snapshots().wait("5f3e8e7d9b1c2a0012345678").policy(until_first_error).await?;
//! # Ok(())
//! # }
//! ```
