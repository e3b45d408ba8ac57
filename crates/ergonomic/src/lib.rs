//! The Rust client for MongoDB Atlas backups.
//!
//! **It needs a [Tokio](tokio) runtime**: every asynchronous function of this crate has to be awaited inside one, with its I/O and time
//! drivers enabled, as `#[tokio::main]` does. A program that is not asynchronous makes one for itself:
//! [`guide::synchronous`].
//!
//! ```no_run
//! use std::time::Duration;
//! use atlas_backup::{Client, Retention};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> atlas_backup::Result<()> {
//! let atlas = Client::from_env()?;
//! let cluster = atlas.project("32b6e34b3d91647abb20e7b8")?.cluster("Cluster0")?;
//!
//! // A stream over all pages.
//! let mut snapshots = cluster.snapshots().list().items();
//! while let Some(snapshot) = snapshots.try_next().await? {
//!     println!("{} {:?} {:?}", snapshot.id, snapshot.status, snapshot.expires_at);
//! }
//!
//! // One request that never becomes two snapshots, then patience.
//! let taken = cluster.snapshots().take("before migration", Retention::days(7)).await?;
//! let done = cluster.snapshots().wait(&taken.id).timeout(Duration::from_secs(3600)).await?;
//! println!("{} is complete: {:?} bytes", done.id, done.storage_size_bytes);
//! # Ok(())
//! # }
//! ```
//!
//! The [`guide`] has a chapter and a program for each task; [`methods`] lists the method of each official operation. A search on
//! these pages finds fields (`expires_at`) and operations by every name that they ever had (`getBackupSchedule`).
//!
//! # Handles and documents
//!
//! A [`Client`] comes [from the environment](Client::from_env) or [from a builder](Client::builder); cloning it is
//! cheap. It leads to [projects](Client::project), their dedicated [`Cluster`]s and [`FlexCluster`]s, and their
//! [`Snapshots`], [`Exports`] and so on. [`Project::any_cluster`] is for clusters of every kind. A handle sends nothing until
//! a method is called. IDs have their own types and are checked before anything is sent.
//!
//! Calls return an [`Entity`] or [`Named`] (the ID or name with the generated document behind it), or a [`Document`]
//! where there is only one of its kind. Each field is an `Option` because the service leaves fields out. Enums are open, and
//! `extra` keeps the fields that the specification does not define. A value that the service adds later is therefore not an
//! error.
//!
//! [`Client::operation`] calls any operation by name, JSON in and out, and [`Client::call`] with types, in every version that the
//! service still accepts. [`Client::path`] calls any other path of the API.
//!
//! # Authentication
//!
//! [`Credentials`] are a service account, an API key or a bearer token: from the environment, from a [`Profile`] of the
//! official command line, or explicit. [`Credentials::from_env`] documents the order. All tasks share one token of a service
//! account. It is renewed before it expires, and programs can [share](Builder::token_store) it. An API key costs one extra request for the
//! first call and none after. No `Debug` output, error or log contains a secret.
//!
//! # Versions
//!
//! Each operation has dated versions, and each call names the one that its method uses. A client
//! [pinned](Builder::pin) to a date refuses, before sending, a method that uses another version than that date means.
//! A response of another version than requested is an error. [`Meta`] holds what the service says about the end of a version;
//! it is logged once for each operation. Operations that the service has removed live on in [`compat`].
//!
//! # Errors
//!
//! There is one [`Error`] with a [kind](Error::kind) to act on, Atlas's [code](Error::code), the [status](Error::status)
//! and everything else that is known. Calls are repeated as far as that is safe, within a deadline and a budget:
//! [`RetryPolicy`]. They keep [within the service's rate limits](Builder::rate_limiter).
//!
//! # Features
//!
//! - `ring` (default): TLS with ring.
//! - `aws-lc`: TLS with AWS-LC; used when both are enabled.
//! - `metrics`: [metrics](guide::observing) through the `metrics` facade.
//! - `testing`: canned responses instead of a network, for tests of programs that use this crate.
//! - `verify`: `Download::verify` and `Download::unpack_into`, which check an archive before it gets its name, and `unpack`.
//!
//! A client needs one of `ring` and `aws-lc`. Neither installs a crypto provider for the process, and none needs to be installed.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod archive;
mod call;
mod client;
pub mod compat;
mod fleet;
#[cfg(doc)]
pub mod guide;
mod http;
#[doc = include_str!("generated/operations.md")]
pub mod methods {}
mod model;
mod resources;

pub use ::http::Method;
#[cfg(feature = "verify")]
pub use archive::unpack::unpack;
pub use archive::{
    download::{Download, DownloadProgress, Saved},
    stream::DownloadStream,
};
pub use atlas_backup_generated::{self as generated, operations};
// Inlined, so that the search of this crate's documentation finds fields and official names.
#[doc(inline)]
pub use atlas_backup_generated::{queries, types};
pub use atlas_backup_runtime::{self as runtime, Operation};
pub use call::{
    client::Client,
    pages::{Items, Page, Pages},
    paging::List,
    path_call::PathCall,
    raw::{Raw, RawResponse},
    wait::Wait,
};
#[cfg(any(test, feature = "testing"))]
#[cfg_attr(docsrs, doc(cfg(feature = "testing")))]
pub use client::testing;
pub use client::{
    builder::{ATLAS, ATLAS_GOVERNMENT, Builder},
    environment::token_folder,
    profile::Profile,
};
pub use compat::RetiredPolicy;
pub use fleet::{
    handle::Fleet,
    items::{FleetError, FleetItem, FleetStream},
};
pub use http::{
    retry::RetryPolicy,
    service::{HttpBody, HttpService},
};
pub use model::{
    api_error::{ApiError, FieldViolation},
    credentials::Credentials,
    credentials_provider::{CredentialsFuture, CredentialsProvider, ProviderError},
    document::{Acknowledged, Document},
    documents::{
        AccessListEntry, AccessListEntryStatus, Checkpoint, CloudRole, CloudRoleLists, ClusterDocument, ClusterStatus,
        CollectionRestoreJob, CompliancePolicyDocument, DatabaseUser, EndpointSetLimit, Export, ExportBucket,
        FlexClusterDocument, FlexRestoreJob, FlexSnapshot, LegacyRestoreJob, LegacyScheduleDocument, LegacySnapshot,
        Organization, PrivateEndpoint, ProjectClusters, ProjectDocument, ProviderOffer, RestoreJob, RestoredCollection,
        ScheduleDocument, ShardedSnapshot, Snapshot, SnapshotCollection, SnapshotDatabase,
    },
    dry_run::DryRunRequest,
    entity::{Entity, FromDocument, HasId, HasName, Named},
    error::{Error, Result},
    error_code::ErrorCode,
    error_kind::ErrorKind,
    ids::{
        AccessListValue, BatchId, CheckpointId, CloudRoleId, ClusterName, CollectionName, CollectionRestoreJobId,
        DatabaseName, DatabaseUserName, EndpointSetId, ExportBucketId, ExportId, FromServer, IntoId, Namespace,
        OrganizationId, PrivateEndpointId, ProjectId, RestoreJobId, SnapshotId, UserId,
    },
    kinds::{AnyCluster, AnyRestore, AnySnapshot, ClusterKind},
    meta::{Deprecation, Meta, RateLimit},
    states::{HasState, JobState, StateWords},
    version::{ApiVersion, BodyFormat, MediaType},
    wait_policy::{OnPollError, WaitPolicy},
};
pub use resources::{
    AccessList, AnyClusterHandle, CloudRoles, Cluster, Clusters, CollectionRestores, CompliancePolicy, DatabaseUsers,
    ExportBuckets, Exports, FlexCluster, FlexClusters, FlexRestores, FlexSnapshots, LegacyBackup, NewCloudRole,
    NewCluster, NewCollectionRestore, NewDatabaseUser, NewExportBucket, NewFlexCluster, NewProject, Organizations,
    PointInTime, PrivateEndpoints, Project, Projects, ProviderRegions, RateLimits, RestoredCollections, Restores,
    Retention, Schedule, ShardedSnapshots, SnapshotCollections, SnapshotDatabases, Snapshots,
};
pub use secrecy::SecretString;

// Whatever a task may hold across an await can move to another thread.
const _: () = {
    const fn send<T: Send>() {}
    const fn send_and_sync<T: Send + Sync>() {}
    send_and_sync::<Client>();
    send_and_sync::<Cluster>();
    send_and_sync::<Error>();
    send_and_sync::<Snapshot>();
    send_and_sync::<Raw>();
    send::<List<Snapshot>>();
    send::<Items<Snapshot>>();
    send::<Wait<Snapshot>>();
    send::<Download<RestoreJob>>();
    send::<DownloadStream>();
    send::<FleetStream<AnySnapshot>>();
};
