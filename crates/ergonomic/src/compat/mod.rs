//! What the service has removed, kept callable.
//!
//! Shared-tier clusters (M2, M5) and serverless instances became flex clusters, and the operations on their backups
//! were removed with them. In [`shared_tier`] and [`serverless`] they are functions under the names they had; each is deprecated and names what to use
//! instead. A call is sent to the flex operation that took over, and its answer is put back into the old form, typed as
//! before. [`Client::operation`](crate::Client::operation) does the same for calls by name. A client's
//! [`RetiredPolicy`] decides whether the old operation is tried first, or whether such calls are refused.
//!
//! What has no counterpart is absent from the answer and never made up:
//!
//! | old document | absent | stands for |
//! |---|---|---|
//! | shared-tier snapshot | nothing: flex has the same fields | |
//! | shared-tier restore | nothing | `clusterName` is flex's `instanceName` |
//! | serverless snapshot | `snapshotType`, `frequencyType`, `storageSizeBytes` | `createdAt` is flex's `finishTime`, the nearest it has; `expiresAt` its `expiration` |
//! | serverless restore | `cancelled`, `expired`, `desiredTimestamp`, `oplogTs`, `oplogInc`, `pointInTimeUTCSeconds` | `failed` is flex's status `FAILED`; `deliveryUrl` holds its one `snapshotUrl`; `timestamp` is its `snapshotFinishedDate` |
//!
//! Fields that only flex has (such as `scheduledTime`) are kept in `extra`; status values that only flex has (such as
//! `PENDING`) stay as they are. A serverless restore to a point in time has no counterpart and is refused.

pub(crate) mod convert;
#[rustfmt::skip]
#[path = "../generated/former.rs"]
pub mod former;
pub(crate) mod redirect;
pub mod serverless;
pub mod shared_tier;

/// What to do when an operation is called that the service has removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum RetiredPolicy {
    /// Call what took over at once. The default: it costs no extra request.
    #[default]
    Redirect,
    /// Call the old operation, and what took over when the service no longer has it. For services that lag behind.
    TryFirst,
    /// Refuse with [`ErrorKind::Retired`](crate::ErrorKind::Retired), so that no caller of old names goes unnoticed.
    Refuse,
}
