//! Which resource version a call requests.
//!
//! Each operation has its own versions, named by dates. A method uses the newest version that this crate knows and
//! requests exactly that version. A response in another version is
//! [`ErrorKind::VersionMismatch`](crate::ErrorKind::VersionMismatch). The older versions are in the
//! [bindings](crate::Client::bindings), with the date in the method name, for as long as the service supports them.
//!
//! A **pin** names the date that a program was tested with. It resolves as the service resolves dates: to the newest
//! version that is not newer than the pin. A method that uses another version is refused before a request is sent, because
//! the response of the pinned version has another type. The error states how to call the pinned version.
//!
//! ```no_run
//! # async fn example(atlas: atlas_backup::Client) -> atlas_backup::Result<()> {
//! use atlas_backup::ErrorKind;
//!
//! let pinned = atlas.with_pin("2023-06-01".parse()?);
//! let cluster = pinned.project("32b6e34b3d91647abb20e7b8")?.cluster("Cluster0")?;
//! let refused = cluster.get().await.unwrap_err(); // uses 2024-08-05, but the pin resolves to 2023-02-01
//! assert_eq!(refused.kind(), ErrorKind::UnsupportedVersion);
//!
//! // A call by name follows the pin. The name of an older binding contains the version.
//! let cluster = pinned.operation("getGroupCluster")?.parameter("groupId", "32b6e34b3d91647abb20e7b8");
//! println!("{}", cluster.parameter("clusterName", "Cluster0").await?.json()?["name"]);
//! # #[allow(deprecated)]
//! let cluster = pinned.call(|api| api.get_group_cluster_v20230201("32b6e34b3d91647abb20e7b8", "Cluster0")).await?;
//! println!("{:?}", cluster.value.name);
//! # Ok(())
//! # }
//! ```
//!
//! **Deprecation.** [`Meta::deprecation`](crate::Meta::deprecation) and [`Meta::sunset`](crate::Meta::sunset) hold what the
//! service reports about the end of a version. The client logs it once for each operation, and
//! [`Client::deprecations`](crate::Client::deprecations) returns all reports so far. A version past its sunset is
//! [`ErrorKind::Gone`](crate::ErrorKind::Gone), and the error names the replacement. A version that never existed is
//! [`ErrorKind::NotAcceptable`](crate::ErrorKind::NotAcceptable).
