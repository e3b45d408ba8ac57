//! The records of jobs, each below its source cluster, and of private endpoints, which have the same lifecycle.
//!
//! The request decides what a job does and when it ends. Only a cancellation changes a record later.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::{
    clusters::Cluster,
    durations,
    ids::ObjectId,
    link_key::LinkKey,
    projects::Tag,
    record::{Checks, Record},
    timeline::{Phase, Timeline},
};

/// How a restore delivers its data.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub(crate) enum Delivery {
    Automated { target_cluster: String, target_project: ObjectId },
    PointInTime { target_cluster: String, target_project: ObjectId, seconds: i64 },
    Download,
}

/// A restore job of a dedicated cluster.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RestoreJob {
    pub(crate) id: ObjectId,
    pub(crate) timeline: Timeline,
    pub(crate) delivery: Delivery,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) snapshot: Option<ObjectId>,
    /// The data of the snapshot at the time of the request.
    pub(crate) snapshot_begun: DateTime<Utc>,
    pub(crate) snapshot_taken: DateTime<Utc>,
    /// Second and increment of the last oplog entry to restore.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) oplog: Option<(i64, i64)>,
    pub(crate) cancelled: bool,
    /// Key of its download URL.
    #[serde(default)]
    pub(crate) link_key: LinkKey,
}

impl Record for RestoreJob {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.require_equal("id", self.id, id);
        self.timeline.check(checks);
        checks.moment("snapshotBegun", self.snapshot_begun);
        checks.moment("snapshotTaken", self.snapshot_taken);
    }
}

impl RestoreJob {
    pub(crate) fn is_download(&self) -> bool {
        matches!(self.delivery, Delivery::Download)
    }

    /// The paths of its archives, one per replica set, while they can be fetched.
    pub(crate) fn archives(&self, cluster: &Cluster, now: DateTime<Utc>) -> Option<Vec<String>> {
        let download = self.is_download() && !self.cancelled;
        let done = self.timeline.phase(now) == Phase::Done && now < self.timeline.ends + durations::DOWNLOAD_LIFE;
        (download && done).then(|| cluster.replica_sets().iter().map(|set| self.link_key.path(self.id, set)).collect())
    }
}

/// An export of a snapshot into a bucket.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ExportJob {
    pub(crate) id: ObjectId,
    pub(crate) timeline: Timeline,
    pub(crate) bucket: ObjectId,
    pub(crate) snapshot: ObjectId,
    pub(crate) snapshot_taken: DateTime<Utc>,
    pub(crate) custom_data: Vec<Tag>,
    pub(crate) collections: i64,
    /// Whether the path of its files uses the names of organization and project instead of their ids.
    #[serde(default)]
    pub(crate) names_in_prefix: bool,
    /// One per replica set, on a sharded cluster.
    pub(crate) components: Vec<(ObjectId, String)>,
}

impl Record for ExportJob {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.require_equal("id", self.id, id);
        self.timeline.check(checks);
        checks.moment("snapshotTaken", self.snapshot_taken);
    }
}

/// A restore or download of a flex snapshot.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct FlexRestore {
    pub(crate) id: ObjectId,
    pub(crate) timeline: Timeline,
    pub(crate) snapshot: ObjectId,
    /// The data at the time of the request.
    pub(crate) snapshot_begun: DateTime<Utc>,
    pub(crate) snapshot_finished: DateTime<Utc>,
    /// Name and project. `None` for a download.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) target: Option<(String, ObjectId)>,
    /// Key of its download URL.
    #[serde(default)]
    pub(crate) link_key: LinkKey,
}

impl Record for FlexRestore {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.require_equal("id", self.id, id);
        self.timeline.check(checks);
        checks.moment("snapshotBegun", self.snapshot_begun);
        checks.moment("snapshotFinished", self.snapshot_finished);
    }
}

impl FlexRestore {
    /// When the job is no longer listed as valid, and the archive of a download no longer there.
    pub(crate) fn expires(&self) -> DateTime<Utc> {
        let life = if self.target.is_none() { durations::FLEX_DOWNLOAD_LIFE } else { durations::FLEX_RESTORE_LIFE };
        self.timeline.asked + life
    }

    /// The path of its archive, while it can be fetched.
    pub(crate) fn archive(&self, cluster: &Cluster, now: DateTime<Utc>) -> Option<String> {
        let there = !self.timeline.fails && now < self.expires();
        (self.target.is_none() && there).then(|| self.link_key.path(self.id, &cluster.name))
    }
}

/// A restore of single databases and collections.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CollectionRestore {
    pub(crate) id: ObjectId,
    pub(crate) timeline: Timeline,
    /// The request, returned unchanged.
    pub(crate) request: Value,
    pub(crate) target: ObjectId,
    pub(crate) with_indexes: bool,
    pub(crate) collections: Vec<RestoredCollection>,
}

impl Record for CollectionRestore {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.require_equal("id", self.id, id);
        self.timeline.check(checks);
        checks.require(self.request.is_object(), "request", "is not an object");
    }
}

/// One collection of a collection restore.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RestoredCollection {
    /// `database.collection`, or a requested name that is not in the backup.
    pub(crate) source: String,
    /// The requested and the final name. `None` if there is nothing to restore.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) target: Option<(String, String)>,
    pub(crate) documents: u64,
}

/// A private connection to object storage.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PrivateEndpoint {
    pub(crate) id: ObjectId,
    pub(crate) timeline: Timeline,
    pub(crate) region: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) vpc_region: Option<String>,
    /// Time of the deletion request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deleted: Option<DateTime<Utc>>,
}

impl Record for PrivateEndpoint {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.require_equal("id", self.id, id);
        self.timeline.check(checks);
        self.deleted.into_iter().for_each(|moment| checks.moment("deleted", moment));
    }
}

impl PrivateEndpoint {
    /// Region of the network that it connects.
    pub(crate) fn vpc_region(&self) -> &String {
        self.vpc_region.as_ref().unwrap_or(&self.region)
    }

    /// Whether it exists at this time.
    pub(crate) fn exists_at(&self, now: DateTime<Utc>) -> bool {
        self.deleted.is_none_or(|deleted| now < deleted + durations::PRIVATE_ENDPOINT_DELETING)
    }
}
