//! Walk over all clusters of all projects.
//!
//! [`Client::fleet`](crate::Client::fleet) is one stream over whatever the credentials can see: clusters, snapshots, exports,
//! schedules or compliance policies, of dedicated and flex clusters alike.
//!
//! ```no_run
#![doc = include_str!("programs/fleet.rs")]
//! ```
//!
//! - Items arrive as they are read, from several projects at a time. Memory does not grow with the fleet.
//! - An error is an item. Count them: a program that looks only at the good items does not know what it has not seen.
//! - A cluster without any snapshot has no item here. Walk over [`Fleet::clusters`](crate::Fleet::clusters) as well to find it.
//! - The [rate limiter](super::retries) keeps the walk within the service's limits. To share the work between machines, use
//!   [`Fleet::shard`](crate::Fleet::shard).
//!
//! Operations: `listGroups`, `listGroupClusters`, `listGroupFlexClusters`, and the list of what is wanted.
