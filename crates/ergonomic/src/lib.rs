//! The Rust client for MongoDB Atlas backups: versions, authentication, paging, waiters and shims.

mod auth;
mod builder;
mod client;
pub mod compat;
mod credentials;
mod error;
mod ids;
mod meta;
mod raw;
mod table;
mod transport;
mod version;

pub use atlas_backup_generated::{self as generated, Operation};
pub use builder::{ATLAS, ATLAS_GOVERNMENT, Builder};
pub use client::Client;
pub use compat::RetiredPolicy;
pub use credentials::Credentials;
pub use error::{ApiError, Error, ErrorCode, ErrorKind, FieldViolation, Result};
pub use ids::{
    ClusterName, ExportBucketId, ExportId, FromServer, IntoId, OrganizationId, ProjectId, RestoreJobId, SnapshotId,
};
pub use meta::{Meta, RateLimit};
pub use raw::{Raw, RawAnswer};
pub use secrecy::SecretString;
pub use transport::retry::RetryPolicy;
pub use version::{ApiVersion, BodyFormat, MediaType};
