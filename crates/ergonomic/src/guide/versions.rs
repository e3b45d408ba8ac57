//! Which version a call asks for.
//!
//! Each operation has versions of its own, named by dates. A method speaks one of them, the newest that this crate
//! knows, and asks for exactly that; an answer of another version is
//! [`ErrorKind::VersionMismatch`](crate::ErrorKind::VersionMismatch). The older ones are in the
//! [bindings](crate::Client::bindings), each with a date in its name, for as long as the service answers them.
//!
//! A **pin** says what a program was tested with. It resolves as the service resolves dates: to the newest version that
//! is not newer. A method that speaks another version than that is refused before anything is sent, since that version's
//! answer is of another type; the error says how to call it.
//!
//! ```no_run
//! # async fn example(atlas: atlas_backup::Client) -> atlas_backup::Result<()> {
//! use atlas_backup::ErrorKind;
//!
//! let pinned = atlas.with_pin("2023-06-01".parse()?);
//! let cluster = pinned.project("32b6e34b3d91647abb20e7b8")?.cluster("Cluster0")?;
//! let refused = cluster.get().await.unwrap_err(); // speaks 2024-08-05, but the pin means 2023-02-01
//! assert_eq!(refused.kind(), ErrorKind::UnsupportedVersion);
//!
//! // A call by name follows the pin; the older binding's name has the version in it.
//! let cluster = pinned.operation("getGroupCluster")?.parameter("groupId", "32b6e34b3d91647abb20e7b8");
//! println!("{}", cluster.parameter("clusterName", "Cluster0").await?.json()?["name"]);
//! # #[allow(deprecated)]
//! let cluster = pinned.call(|api| api.get_group_cluster_v20230201("32b6e34b3d91647abb20e7b8", "Cluster0")).await?;
//! println!("{:?}", cluster.value.name);
//! # Ok(())
//! # }
//! ```
//!
//! **Deprecation.** What the service says about a version's end is in [`Meta::deprecation`](crate::Meta::deprecation)
//! and [`Meta::sunset`](crate::Meta::sunset), and is logged once for each operation; all that was said so far is in
//! [`Client::deprecations`](crate::Client::deprecations). A version whose end has come is
//! [`ErrorKind::Gone`](crate::ErrorKind::Gone), and the error names what to use instead; one that never was is
//! [`ErrorKind::NotAcceptable`](crate::ErrorKind::NotAcceptable).
