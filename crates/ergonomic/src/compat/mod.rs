//! What the service has renamed or removed, kept callable.
//!
//! **Renamed.** Most operations had other names in earlier revisions of the specification. Each such name is a deprecated
//! function in [`former`], whose note tells the method to use today. Beware of one: `listClusterBackupSnapshots` was the
//! *shared-tier* list; the list of a dedicated cluster's snapshots was `listBackupSnapshots`.
//!
//! **Removed.** Shared-tier clusters (M2, M5) and serverless instances became flex clusters, and the operations on their
//! backups were removed with them. In [`shared_tier`] and [`serverless`] they are functions under the names they had, with
//! lists and checked ids; each is deprecated and names what to use instead. A call is sent to the flex operation that took
//! over, and its answer is put back into the old form, typed as before.
//! [`Client::operation`](crate::Client::operation) does the same for calls by name. A client's [`RetiredPolicy`] decides
//! whether the old operation is tried first, or whether such calls are refused. Documents that somebody holds already are
//! converted, either way, by [`FlexForm`].
//!
//! What has no counterpart is absent from the other side and never made up:
//!
//! | old document | absent when made of a flex one | absent when made into a flex one | stands for |
//! |---|---|---|---|
//! | shared-tier snapshot | nothing: flex has the same fields | nothing | |
//! | shared-tier restore | nothing | nothing | `clusterName` is flex's `instanceName` |
//! | serverless snapshot | `snapshotType`, `frequencyType`, `storageSizeBytes`; `serverlessInstanceName`, save in an answer, where the call names it | `scheduledTime`, `startTime` | `createdAt` is flex's `finishTime`, the nearest it has; `expiresAt` its `expiration` |
//! | serverless restore | `cancelled`, `expired`, `desiredTimestamp`, `oplogTs`, `oplogInc`, `pointInTimeUTCSeconds` | `projectId`, `instanceName`, `restoreScheduledDate`; any `status` but `FAILED` | `failed` is flex's status `FAILED`; `deliveryUrl` holds its one `snapshotUrl`; `timestamp` is its `snapshotFinishedDate` |
//!
//! Fields that only one side has (such as `scheduledTime`) are kept in `extra` on the other; status values that only flex
//! has (such as `PENDING`) stay as they are. A serverless restore to a point in time has no counterpart and is refused.

#[rustfmt::skip]
#[path = "../generated/former.rs"]
pub mod former;
pub mod serverless;
pub mod shared_tier;

pub use crate::{call::flex_form::FlexForm, model::retired::RetiredPolicy};
