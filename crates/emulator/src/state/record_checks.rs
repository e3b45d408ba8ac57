//! What each kind of record has to hold, whoever wrote it: see [`Record::check`].

use crate::{
    data::{changes::DataChange, set::GeneratedDocuments},
    domain::{
        clusters::{Cluster, ClusterKind},
        compliance_policy::CompliancePolicy,
        ids::ObjectId,
        jobs::{CollectionRestore, ExportJob, FlexRestore, PrivateEndpoint, RestoreJob},
        projects::{ExportBucket, Organization, Project},
        schedule::{Schedule, ScheduleProgress},
        snapshots::{FlexSnapshot, Snapshot},
        timeline::Timeline,
    },
    state::{checks::Checks, collection::Record},
};

fn check_timeline(timeline: &Timeline, checks: &mut Checks) {
    for (field, moment) in
        [("timeline.asked", timeline.asked), ("timeline.begins", timeline.begins), ("timeline.ends", timeline.ends)]
    {
        checks.moment(field, moment);
    }
    checks.require(timeline.asked <= timeline.begins, "timeline.begins", "is before `asked`");
    checks.require(timeline.begins <= timeline.ends, "timeline.ends", "is before `begins`");
}

impl Record for Organization {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.require_equal("id", self.id, id);
    }
}

impl Record for Project {
    fn check(&self, id: ObjectId, parent: ObjectId, checks: &mut Checks) {
        checks.require_equal("id", self.id, id);
        checks.require_equal("organization", self.organization, parent);
        checks.moment("created", self.created);
    }
}

impl Record for Cluster {
    fn check(&self, id: ObjectId, parent: ObjectId, checks: &mut Checks) {
        checks.require_equal("id", self.id, id);
        checks.require_equal("project", self.project, parent);
        checks.moment("created", self.created);
        checks.moment("ready", self.ready);
        self.updated.into_iter().for_each(|moment| checks.moment("updated", moment));
        self.deleted.into_iter().for_each(|moment| checks.moment("deleted", moment));
        checks.require(self.disk_size_gb >= 0.0, "diskSizeGb", "is less than 0");
        let shards = self.shards.len();
        checks.require(shards > 0, "shards", "is empty");
        checks.require(shards < 2 || self.kind.is_sharded(), "shards", "has more than one on a cluster without shards");
        for (n, shard) in self.shards.iter().enumerate() {
            checks.require(!shard.regions.is_empty(), &format!("shards[{n}].regions"), "is empty");
        }
        let flex = self.kind == ClusterKind::Flex;
        checks.require(!flex || self.backup_enabled, "backupEnabled", "is false on a flex cluster");
    }
}

impl Record for Snapshot {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.require_equal("id", self.id, id);
        check_timeline(&self.timeline, checks);
        checks.require(self.storage_size_bytes >= 0, "storageSizeBytes", "is less than 0");
        for (n, copy) in self.copies.iter().enumerate() {
            checks.moment(&format!("copies[{n}].ready"), copy.ready);
        }
    }
}

impl Record for RestoreJob {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.require_equal("id", self.id, id);
        check_timeline(&self.timeline, checks);
        checks.moment("snapshotBegun", self.snapshot_begun);
        checks.moment("snapshotTaken", self.snapshot_taken);
    }
}

impl Record for ExportBucket {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.require_equal("id", self.id, id);
    }
}

impl Record for ExportJob {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.require_equal("id", self.id, id);
        check_timeline(&self.timeline, checks);
        checks.moment("snapshotTaken", self.snapshot_taken);
    }
}

impl Record for FlexSnapshot {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.require_equal("id", self.id, id);
        check_timeline(&self.timeline, checks);
        checks.moment("expires", self.expires);
    }
}

impl Record for FlexRestore {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.require_equal("id", self.id, id);
        check_timeline(&self.timeline, checks);
        checks.moment("snapshotBegun", self.snapshot_begun);
        checks.moment("snapshotFinished", self.snapshot_finished);
    }
}

impl Record for Schedule {
    fn check(&self, id: ObjectId, parent: ObjectId, checks: &mut Checks) {
        checks.require(id == parent, "", &format!("stands under {id}, not under its parent's id"));
        checks.require(self.reference_hour < 24, "referenceHour", "is not between 0 and 23");
        checks.require(self.reference_minute < 60, "referenceMinute", "is not between 0 and 59");
    }
}

impl Record for CompliancePolicy {
    fn check(&self, id: ObjectId, parent: ObjectId, checks: &mut Checks) {
        checks.require(id == parent, "", &format!("stands under {id}, not under its parent's id"));
        checks.require(self.settings.is_object(), "settings", "is not an object");
        checks.moment("changed", self.changed);
    }
}

impl Record for DataChange {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.require_equal("id", self.id, id);
        checks.moment("at", self.at);
        let bounded =
            self.change.generated_collections().iter().all(|made| made.count <= GeneratedDocuments::MAX_DOCUMENTS);
        checks.require(bounded, "change", "makes more documents than a collection may have");
    }
}

impl Record for CollectionRestore {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.require_equal("id", self.id, id);
        check_timeline(&self.timeline, checks);
        checks.require(self.request.is_object(), "request", "is not an object");
    }
}

impl Record for PrivateEndpoint {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.require_equal("id", self.id, id);
        check_timeline(&self.timeline, checks);
        self.deleted.into_iter().for_each(|moment| checks.moment("deleted", moment));
    }
}

impl Record for ScheduleProgress {
    fn check(&self, id: ObjectId, parent: ObjectId, checks: &mut Checks) {
        checks.require(id == parent, "", &format!("stands under {id}, not under its parent's id"));
        checks.moment("until", self.until);
    }
}
