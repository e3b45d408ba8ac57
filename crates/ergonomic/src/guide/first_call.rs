//! From an empty program to a list of snapshots.
//!
//! Set `MONGODB_ATLAS_CLIENT_ID` and `MONGODB_ATLAS_CLIENT_SECRET`, or log in with the official command line; then:
//!
//! ```no_run
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> atlas_backup::Result<()> {
//! let atlas = atlas_backup::Client::from_env()?;
//! for project in atlas.projects().list().all().await? {
//!     println!("{} {:?}", project.id, project.name);
//! }
//!
//! let cluster = atlas.project("32b6e34b3d91647abb20e7b8")?.cluster("Cluster0")?;
//! for snapshot in cluster.snapshots().list().limit(10).all().await? {
//!     println!("{} {:?} {:?}", snapshot.id, snapshot.status, snapshot.expires_at);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A handle such as [`Cluster`](crate::Cluster) is a client and the IDs of an object. It sends nothing by itself and
//! is cheap to create, clone and send to another task. Invalid IDs are rejected when the handle is created.
//!
//! A response is the service's document with its ID in front. All other fields are `Option`s, because the service leaves
//! fields out; fields that the specification does not have are in `extra`. Everything beside the document (version,
//! deprecation, rate limit, headers) is in its [`Meta`](crate::Meta).
//!
//! [`methods`](crate::methods) lists the method of each official operation. Call other operations by
//! [name](crate::Client::operation) or [path](crate::Client::path), JSON in and out:
//!
//! ```no_run
//! # async fn example(atlas: atlas_backup::Client) -> atlas_backup::Result<()> {
//! let answer = atlas
//!     .operation("getCluster")?
//!     .parameter("groupId", "32b6e34b3d91647abb20e7b8")
//!     .parameter("clusterName", "Cluster0")
//!     .version("2023-02-01")
//!     .await?;
//! println!("{} {:?}", answer.json()?["diskSizeGB"], answer.meta().sunset());
//! # Ok(())
//! # }
//! ```
