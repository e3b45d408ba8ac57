//! How long each step takes on the emulator's clock.
//!
//! The steps are short enough to be waited for, and long enough to be seen; tests count on them to the second.

use chrono::TimeDelta;

pub(crate) const SNAPSHOT_QUEUED: TimeDelta = TimeDelta::seconds(10);
pub(crate) const SNAPSHOT_RUNNING: TimeDelta = TimeDelta::seconds(50);
pub(crate) const EXPORT_QUEUED: TimeDelta = TimeDelta::seconds(15);
pub(crate) const EXPORT_RUNNING: TimeDelta = TimeDelta::seconds(75);
pub(crate) const RESTORE_RUNNING: TimeDelta = TimeDelta::seconds(120);
/// A copy in another region is there this long after the snapshot itself.
pub(crate) const SNAPSHOT_COPYING: TimeDelta = TimeDelta::seconds(60);
/// The first part of the time in the queue.
pub(crate) const FLEX_SNAPSHOT_PENDING: TimeDelta = TimeDelta::seconds(10);
pub(crate) const FLEX_SNAPSHOT_QUEUED: TimeDelta = TimeDelta::seconds(20);
pub(crate) const FLEX_SNAPSHOT_RUNNING: TimeDelta = TimeDelta::seconds(95);
pub(crate) const FLEX_RESTORE_PENDING: TimeDelta = TimeDelta::seconds(10);
pub(crate) const FLEX_RESTORE_RUNNING: TimeDelta = TimeDelta::seconds(50);
pub(crate) const COLLECTION_RESTORE_INITIALIZING: TimeDelta = TimeDelta::seconds(10);
pub(crate) const COLLECTION_RESTORE_RUNNING: TimeDelta = TimeDelta::seconds(80);
/// The last part of the running time, in which indexes are built.
pub(crate) const COLLECTION_RESTORE_FINALIZING: TimeDelta = TimeDelta::seconds(20);
pub(crate) const PRIVATE_ENDPOINT_INITIATING: TimeDelta = TimeDelta::seconds(10);
pub(crate) const PRIVATE_ENDPOINT_PENDING: TimeDelta = TimeDelta::seconds(20);
pub(crate) const PRIVATE_ENDPOINT_DELETING: TimeDelta = TimeDelta::seconds(30);
pub(crate) const CLUSTER_CREATING: TimeDelta = TimeDelta::seconds(180);
pub(crate) const CLUSTER_UPDATING: TimeDelta = TimeDelta::seconds(60);
pub(crate) const COMPLIANCE_POLICY_CHANGING: TimeDelta = TimeDelta::seconds(30);
pub(crate) const CLUSTER_DELETING: TimeDelta = TimeDelta::seconds(60);
/// A finished download can be fetched for this long.
pub(crate) const DOWNLOAD_LIFE: TimeDelta = TimeDelta::seconds(3600);
/// A flex cluster's snapshot is kept for this long from the moment it was planned for.
pub(crate) const FLEX_SNAPSHOT_LIFE: TimeDelta = TimeDelta::days(8);
/// A flex restore job is listed as valid for this long.
pub(crate) const FLEX_RESTORE_LIFE: TimeDelta = TimeDelta::seconds(6 * 3600);
