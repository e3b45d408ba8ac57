//! Operations that the service has renamed or removed, still callable.
//!
//! **Renamed.** Most operations had other names in earlier revisions of the specification. Each such name is a
//! deprecated function in [`former`], whose note names the current method. Note that `listClusterBackupSnapshots` was
//! the *shared-tier* list. The list of a dedicated cluster's snapshots was `listBackupSnapshots`.
//!
//! **Removed.** Shared-tier clusters (M2, M5) and serverless instances became flex clusters, and the operations on
//! their backups were removed. [`shared_tier`] and [`serverless`] have them as functions with their old names, with
//! lists and checked IDs. Each is deprecated and names its replacement. A call is forwarded to the flex operation, and
//! the response is converted to the old type. [`Client::operation`](crate::Client::operation) does the same for calls
//! by name. [`RetiredPolicy`] decides whether a client tries the old operation first or refuses such calls.
//! [`FlexForm`] converts existing documents in both directions.
//!
//! Fields without a counterpart are absent from the other document and never invented:
//!
//! | old document | absent when made of a flex one | absent when made into a flex one | stands for |
//! |---|---|---|---|
//! | shared-tier snapshot | nothing: flex has the same fields | nothing | |
//! | shared-tier restore | nothing | nothing | `clusterName` is flex's `instanceName` |
//! | serverless snapshot | `snapshotType`, `frequencyType`, `storageSizeBytes`; `serverlessInstanceName`, save in a response, where the call names it | `scheduledTime`, `startTime` | `createdAt` is flex's `finishTime`, the nearest it has; `expiresAt` its `expiration` |
//! | serverless restore | `cancelled`, `expired`, `desiredTimestamp`, `oplogTs`, `oplogInc`, `pointInTimeUTCSeconds` | `projectId`, `instanceName`, `restoreScheduledDate`; any `status` but `FAILED` | `failed` is flex's status `FAILED`; `deliveryUrl` holds its one `snapshotUrl`; `timestamp` is its `snapshotFinishedDate` |
//!
//! Fields that only one document has (such as `scheduledTime`) are kept in `extra` of the other. Status values that
//! only flex has (such as `PENDING`) are unchanged. A serverless restore to a point in time has no counterpart and is
//! refused.

#[rustfmt::skip]
#[path = "../generated/former.rs"]
pub mod former;
pub mod serverless;
pub mod shared_tier;

pub use crate::{call::flex_form::FlexForm, model::retired::RetiredPolicy};
