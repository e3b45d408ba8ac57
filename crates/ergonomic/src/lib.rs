//! The Rust client for MongoDB Atlas backups: versions, authentication, paging, waiters and shims.

mod auth;
mod builder;
mod client;
pub mod compat;
mod credentials;
mod entity;
mod error;
mod ids;
mod meta;
mod paging;
mod raw;
mod resources;
mod table;
mod transport;
mod version;
mod wait;

pub use atlas_backup_generated::{self as generated, Operation};
pub use builder::{ATLAS, ATLAS_GOVERNMENT, Builder};
pub use client::Client;
pub use compat::RetiredPolicy;
pub use credentials::Credentials;
pub use entity::{Entity, FromDocument, Named};
pub use error::{ApiError, Error, ErrorCode, ErrorKind, FieldViolation, Result};
pub use ids::{
    ClusterName, ExportBucketId, ExportId, FromServer, IntoId, OrganizationId, ProjectId, RestoreJobId, SnapshotId,
};
pub use meta::{Meta, RateLimit};
pub use paging::{Items, List, Page, Pages};
pub use raw::{Raw, RawAnswer};
pub use resources::{
    Cluster, ClusterDocument, Clusters, Export, Exports, FlexCluster, FlexClusterDocument, FlexClusters, FlexSnapshot,
    FlexSnapshots, Organization, Organizations, Project, ProjectDocument, Projects, Retention, ShardedSnapshot,
    ShardedSnapshots, Snapshot, Snapshots,
};
pub use secrecy::SecretString;
pub use transport::retry::RetryPolicy;
pub use version::{ApiVersion, BodyFormat, MediaType};
pub use wait::Wait;
