//! Retries, deadlines and rate limits.
//!
//! A failed request is retried only where that is safe:
//!
//! | failure | GET | PUT, DELETE | POST, PATCH |
//! |---|---|---|---|
//! | no connection, 429 | yes | yes | yes: the service has not executed it |
//! | a broken connection, a timeout, 408, 502, 503, 504 | yes | yes | no |
//! | 500 | yes | no | no |
//!
//! Taking a snapshot therefore never creates two. If its connection breaks midway, the call fails although the snapshot
//! may exist: list the snapshots to find out. A retried deletion may find that the first request has succeeded. The error is
//! then [`NotFound`](crate::ErrorKind::NotFound) with more than one [attempt](crate::Error::attempts).
//!
//! Delays grow and are partly random, and `Retry-After` is respected. All retries of a client share one budget, so that
//! retries do not multiply the requests to a service that is down: [`RetryPolicy`](crate::RetryPolicy). No call exceeds its
//! deadline, and no sleep starts that would exceed it. For another deadline, pin or header in some calls only, derive a
//! handle. It shares the connections:
//!
//! ```no_run
//! # async fn example(cluster: atlas_backup::Cluster) -> atlas_backup::Result<()> {
//! use std::time::Duration;
//!
//! let short = cluster.snapshots().with_timeout(Duration::from_secs(5)).with_header("X-Request-Id", "7")?;
//! let newest = short.list().limit(1).all().await?;
//! # let _ = newest;
//! # Ok(())
//! # }
//! ```
//!
//! **Rate limits.** The service has a bucket of requests for each endpoint set and project. The client keeps a copy of
//! each bucket from the headers of responses, and delays calls that the service would refuse. When many calls start at
//! once, a few are sent first to learn the size of the bucket. If responses contain no rate limit headers, no call is delayed.
//! After a 429 no call is sent before the time that it names. [`Builder::rate_limiter`](crate::Builder::rate_limiter) turns
//! rate limiting off. [`Builder::max_in_flight`](crate::Builder::max_in_flight) limits the number of concurrent requests.
//!
//! [Spans and metrics](crate::guide::observing) show what happened.
