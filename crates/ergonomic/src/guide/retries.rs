//! What is repeated, how long, how fast.
//!
//! A failed request is repeated only where that is safe:
//!
//! | failure | GET | PUT, DELETE | POST, PATCH |
//! |---|---|---|---|
//! | no connection, 429 | yes | yes | yes: it surely was not carried out |
//! | the connection broke, no answer in time, 408, 502, 503, 504 | yes | yes | no |
//! | 500 | yes | no | no |
//!
//! So taking a snapshot never makes two. If its connection breaks midway the call fails though there may be a snapshot:
//! list to find out. A deletion that is repeated may find that the first request has done it: then it is
//! [`NotFound`](crate::ErrorKind::NotFound) with more than one [attempt](crate::Error::attempts).
//!
//! Waits grow and are drawn by lot, `Retry-After` is heeded, and all repeats of a client draw on one budget, so that a
//! service that is down is not asked several times as often: [`RetryPolicy`](crate::RetryPolicy). Nothing outlasts the
//! call's deadline, and no sleep is begun that would. A deadline, a pin or a header for some calls only are another
//! handle over the same connections:
//!
//! ```no_run
//! # async fn example(cluster: atlas_backup::Cluster) -> atlas_backup::Result<()> {
//! use std::time::Duration;
//!
//! let hasty = cluster.snapshots().with_timeout(Duration::from_secs(5)).with_header("X-Request-Id", "7")?;
//! let newest = hasty.list().limit(1).all().await?;
//! # let _ = newest;
//! # Ok(())
//! # }
//! ```
//!
//! **Rate limits.** The service has a bucket of requests for each endpoint set and project. The client keeps a copy of
//! each from what answers say, and calls wait in line where the service would refuse them. Of many that start at once a few
//! go first, to learn what the bucket bears; where answers say nothing of limits, none wait. After a 429 nobody calls
//! before the time that it names. [`Builder::rate_limiter`](crate::Builder::rate_limiter) turns that off,
//! [`Builder::max_in_flight`](crate::Builder::max_in_flight) caps the requests at once.
//!
//! [Spans and metrics](crate::guide::observing) show what happened.
