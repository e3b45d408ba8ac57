//! Duration of each step on the emulator's clock.
//!
//! The steps are short enough to wait for and long enough to observe. Tests rely on them to the second.

use chrono::TimeDelta;

pub(crate) const SNAPSHOT_QUEUED: TimeDelta = TimeDelta::seconds(10);
pub(crate) const SNAPSHOT_RUNNING: TimeDelta = TimeDelta::seconds(50);
pub(crate) const EXPORT_QUEUED: TimeDelta = TimeDelta::seconds(15);
pub(crate) const EXPORT_RUNNING: TimeDelta = TimeDelta::seconds(75);
pub(crate) const RESTORE_RUNNING: TimeDelta = TimeDelta::seconds(120);
/// Delay between a snapshot and its copy in another region.
pub(crate) const SNAPSHOT_COPYING: TimeDelta = TimeDelta::seconds(60);
/// First part of the queued time.
pub(crate) const FLEX_SNAPSHOT_PENDING: TimeDelta = TimeDelta::seconds(10);
pub(crate) const FLEX_SNAPSHOT_QUEUED: TimeDelta = TimeDelta::seconds(20);
pub(crate) const FLEX_SNAPSHOT_RUNNING: TimeDelta = TimeDelta::seconds(95);
pub(crate) const FLEX_RESTORE_PENDING: TimeDelta = TimeDelta::seconds(10);
pub(crate) const FLEX_RESTORE_RUNNING: TimeDelta = TimeDelta::seconds(50);
pub(crate) const COLLECTION_RESTORE_INITIALIZING: TimeDelta = TimeDelta::seconds(10);
pub(crate) const COLLECTION_RESTORE_RUNNING: TimeDelta = TimeDelta::seconds(80);
/// Last part of the running time, in which indexes are built.
pub(crate) const COLLECTION_RESTORE_FINALIZING: TimeDelta = TimeDelta::seconds(20);
pub(crate) const PRIVATE_ENDPOINT_INITIATING: TimeDelta = TimeDelta::seconds(10);
pub(crate) const PRIVATE_ENDPOINT_PENDING: TimeDelta = TimeDelta::seconds(20);
pub(crate) const PRIVATE_ENDPOINT_DELETING: TimeDelta = TimeDelta::seconds(30);
pub(crate) const CLUSTER_CREATING: TimeDelta = TimeDelta::seconds(180);
pub(crate) const CLUSTER_UPDATING: TimeDelta = TimeDelta::seconds(60);
pub(crate) const COMPLIANCE_POLICY_CHANGING: TimeDelta = TimeDelta::seconds(30);
pub(crate) const CLUSTER_DELETING: TimeDelta = TimeDelta::seconds(60);
/// How long a finished download can be fetched.
pub(crate) const DOWNLOAD_LIFE: TimeDelta = TimeDelta::seconds(3600);
/// Retention of a flex snapshot, counted from its scheduled time.
pub(crate) const FLEX_SNAPSHOT_LIFE: TimeDelta = TimeDelta::days(8);
/// The archive of a flex cluster's snapshot can be fetched for this long from the request.
pub(crate) const FLEX_DOWNLOAD_LIFE: TimeDelta = TimeDelta::seconds(4 * 3600);
/// How long a flex restore job is valid.
pub(crate) const FLEX_RESTORE_LIFE: TimeDelta = TimeDelta::seconds(6 * 3600);
