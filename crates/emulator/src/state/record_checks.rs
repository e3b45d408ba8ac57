//! What each kind of record has to hold, whoever wrote it: see [`Record::check`].

use crate::{
    data::{changes::DataChange, set::Made},
    domain::{
        clusters::{Cluster, ClusterKind},
        compliance_policy::CompliancePolicy,
        ids::ObjectId,
        jobs::{CollectionRestore, ExportJob, FlexRestore, PrivateEndpoint, RestoreJob},
        projects::{ExportBucket, Organization, Project},
        schedule::{Followed, Schedule},
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
    checks.holds(timeline.asked <= timeline.begins, "timeline.begins", "is before `asked`");
    checks.holds(timeline.begins <= timeline.ends, "timeline.ends", "is before `begins`");
}

impl Record for Organization {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.same("id", self.id, id);
    }
}

impl Record for Project {
    fn check(&self, id: ObjectId, parent: ObjectId, checks: &mut Checks) {
        checks.same("id", self.id, id);
        checks.same("organization", self.organization, parent);
        checks.moment("created", self.created);
    }
}

impl Record for Cluster {
    fn check(&self, id: ObjectId, parent: ObjectId, checks: &mut Checks) {
        checks.same("id", self.id, id);
        checks.same("project", self.project, parent);
        checks.moment("created", self.created);
        checks.moment("ready", self.ready);
        self.updated.into_iter().for_each(|moment| checks.moment("updated", moment));
        self.deleted.into_iter().for_each(|moment| checks.moment("deleted", moment));
        checks.holds(self.disk_size_gb >= 0.0, "diskSizeGb", "is less than 0");
        let shards = self.shards.len();
        checks.holds(shards > 0, "shards", "is empty");
        checks.holds(shards < 2 || self.kind.is_sharded(), "shards", "has more than one on a cluster without shards");
        for (n, shard) in self.shards.iter().enumerate() {
            checks.holds(!shard.regions.is_empty(), &format!("shards[{n}].regions"), "is empty");
        }
        let flex = self.kind == ClusterKind::Flex;
        checks.holds(!flex || self.backup_enabled, "backupEnabled", "is false on a flex cluster");
    }
}

impl Record for Snapshot {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.same("id", self.id, id);
        check_timeline(&self.timeline, checks);
        checks.holds(self.storage_size_bytes >= 0, "storageSizeBytes", "is less than 0");
        for (n, copy) in self.copies.iter().enumerate() {
            checks.moment(&format!("copies[{n}].ready"), copy.ready);
        }
    }
}

impl Record for RestoreJob {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.same("id", self.id, id);
        check_timeline(&self.timeline, checks);
        checks.moment("snapshotBegun", self.snapshot_begun);
        checks.moment("snapshotTaken", self.snapshot_taken);
    }
}

impl Record for ExportBucket {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.same("id", self.id, id);
    }
}

impl Record for ExportJob {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.same("id", self.id, id);
        check_timeline(&self.timeline, checks);
        checks.moment("snapshotTaken", self.snapshot_taken);
    }
}

impl Record for FlexSnapshot {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.same("id", self.id, id);
        check_timeline(&self.timeline, checks);
        checks.moment("expires", self.expires);
    }
}

impl Record for FlexRestore {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.same("id", self.id, id);
        check_timeline(&self.timeline, checks);
        checks.moment("snapshotBegun", self.snapshot_begun);
        checks.moment("snapshotFinished", self.snapshot_finished);
    }
}

impl Record for Schedule {
    fn check(&self, id: ObjectId, parent: ObjectId, checks: &mut Checks) {
        checks.holds(id == parent, "", &format!("stands under {id}, not under its parent's id"));
        checks.holds(self.reference_hour < 24, "referenceHour", "is not between 0 and 23");
        checks.holds(self.reference_minute < 60, "referenceMinute", "is not between 0 and 59");
    }
}

impl Record for CompliancePolicy {
    fn check(&self, id: ObjectId, parent: ObjectId, checks: &mut Checks) {
        checks.holds(id == parent, "", &format!("stands under {id}, not under its parent's id"));
        checks.holds(self.settings.is_object(), "settings", "is not an object");
        checks.moment("changed", self.changed);
    }
}

impl Record for DataChange {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.same("id", self.id, id);
        checks.moment("at", self.at);
        let bounded = self.change.made().iter().all(|made| made.count <= Made::MOST);
        checks.holds(bounded, "change", "makes more documents than a collection may have");
    }
}

impl Record for CollectionRestore {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.same("id", self.id, id);
        check_timeline(&self.timeline, checks);
        checks.holds(self.request.is_object(), "request", "is not an object");
    }
}

impl Record for PrivateEndpoint {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.same("id", self.id, id);
        check_timeline(&self.timeline, checks);
        self.deleted.into_iter().for_each(|moment| checks.moment("deleted", moment));
    }
}

impl Record for Followed {
    fn check(&self, id: ObjectId, parent: ObjectId, checks: &mut Checks) {
        checks.holds(id == parent, "", &format!("stands under {id}, not under its parent's id"));
        checks.moment("until", self.until);
    }
}
