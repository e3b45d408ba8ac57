//! What happens by itself: scheduled snapshots, the daily ones of flex clusters, the end of a cluster's life.
//!
//! Before a handler sees the state, everything that was due by then is made to have happened, as if somebody had been
//! there all the time: a clock that jumps by months leaves the same snapshots as one that creeps. Nothing is done for
//! what would have expired meanwhile. While nothing is due this costs one comparison.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    failures::JobKind,
    records::{Cluster, ClusterKind, FlexSnapshot, Frequency, pace},
    state::{ObjectId, State},
};

/// How often a flex cluster's snapshots come.
const FLEX_EVERY: TimeDelta = TimeDelta::days(1);

/// How far a cluster's schedule has been followed.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Followed {
    pub(crate) until: DateTime<Utc>,
}

impl State {
    /// Whether nothing is due by `now`.
    pub(crate) fn is_settled(&self, now: DateTime<Utc>) -> bool {
        self.next_event.is_some_and(|next| now < next)
    }

    /// To be called whenever clusters or schedules have changed: what is due next has to be found again.
    pub(crate) fn replan(&mut self) {
        self.next_event = None;
    }

    /// Lets everything happen that is due by `now`.
    pub(crate) fn settle(&mut self, now: DateTime<Utc>) {
        let clusters: Vec<_> = self.clusters.all().map(|c| (c.id, self.next_of(c))).collect();
        for (id, next) in &clusters {
            if next.is_some_and(|next| next <= now)
                && let Some(cluster) = self.clusters.get(*id).cloned()
            {
                self.settle_cluster(&cluster, now);
            }
        }
        let next = self.clusters.all().filter_map(|c| self.next_of(c)).min();
        self.next_event = Some(next.unwrap_or(DateTime::<Utc>::MAX_UTC));
    }

    /// When the next thing happens to a cluster.
    fn next_of(&self, cluster: &Cluster) -> Option<DateTime<Utc>> {
        if let Some(deleted) = cluster.deleted {
            let gone = deleted + pace::CLUSTER_DELETING;
            if self.followed(cluster) < gone {
                return Some(gone);
            }
            // What is left of it is its backups, and it goes with the last of them.
            return Some(self.snapshots.below(cluster.id).map(|s| s.expires(gone)).max().unwrap_or(gone));
        }
        if cluster.kind == ClusterKind::Flex {
            return Some(self.followed(cluster) + FLEX_EVERY);
        }
        self.schedules.get(cluster.id)?.next_snapshot(self.followed(cluster))
    }

    /// The moment up to which the cluster's schedule has been followed.
    fn followed(&self, cluster: &Cluster) -> DateTime<Utc> {
        let newest = || match cluster.kind {
            ClusterKind::Flex => self.flex_snapshots.below(cluster.id).next_back().map(|s| s.timeline.asked),
            _ => {
                let scheduled = self.snapshots.below(cluster.id).rfind(|s| s.frequency != Frequency::OnDemand);
                scheduled.map(|s| s.timeline.asked)
            }
        };
        let noted = self.followed.get(cluster.id).map(|followed| followed.until);
        noted.or_else(newest).unwrap_or(cluster.ready)
    }

    /// From `moment` on the schedule of this cluster counts, not for the time before.
    pub(crate) fn follow_from(&mut self, cluster: ObjectId, moment: DateTime<Utc>) {
        self.note_followed(cluster, moment);
        self.replan();
    }

    pub(crate) fn note_followed(&mut self, cluster: ObjectId, until: DateTime<Utc>) {
        self.followed.insert(cluster, cluster, Followed { until });
    }

    fn settle_cluster(&mut self, cluster: &Cluster, now: DateTime<Utc>) {
        if cluster.deleted.is_some() {
            return self.bury(cluster, now);
        }
        let since = self.followed(cluster);
        if cluster.kind == ClusterKind::Flex {
            self.settle_flex(cluster, since, now);
        } else if let Some(schedule) = self.schedules.get(cluster.id).cloned() {
            for moment in schedule.due(since, now) {
                self.take_scheduled(cluster, &schedule, moment);
            }
            self.note_followed(cluster.id, now);
        }
        self.forget_expired(cluster.id, now);
    }

    fn settle_flex(&mut self, cluster: &Cluster, since: DateTime<Utc>, now: DateTime<Utc>) {
        let passed = (now - since).num_seconds() / FLEX_EVERY.num_seconds();
        let kept = pace::FLEX_SNAPSHOT_LIFE.num_seconds() / FLEX_EVERY.num_seconds();
        for day in (passed - kept).max(0)..passed {
            let asked = since + FLEX_EVERY * i32::try_from(day + 1).unwrap_or(i32::MAX);
            let snapshot = FlexSnapshot {
                id: self.new_id(asked),
                timeline: self.timeline(JobKind::FlexSnapshot, asked),
                expires: asked + pace::FLEX_SNAPSHOT_LIFE,
                mongodb_version: cluster.mongodb_version.clone(),
            };
            self.flex_snapshots.insert(cluster.id, snapshot.id, snapshot);
        }
        let followed = since + FLEX_EVERY * i32::try_from(passed).unwrap_or(i32::MAX);
        self.note_followed(cluster.id, followed);
    }

    /// What nobody can see any more need not be kept.
    fn forget_expired(&mut self, cluster: ObjectId, now: DateTime<Utc>) {
        let snapshots: Vec<_> = self.snapshots.below(cluster).filter(|s| !s.is_kept(now)).map(|s| s.id).collect();
        for id in snapshots {
            self.snapshots.remove(id);
        }
        let flex: Vec<_> = self.flex_snapshots.below(cluster).filter(|s| s.expires <= now).map(|s| s.id).collect();
        for id in flex {
            self.flex_snapshots.remove(id);
        }
    }

    /// Begins to delete a cluster.
    pub(crate) fn delete_cluster(&mut self, id: ObjectId, now: DateTime<Utc>, retain_backups: bool) {
        if let Some(cluster) = self.clusters.get_mut(id) {
            cluster.deleted.get_or_insert(now);
            cluster.retain_backups = retain_backups;
        }
        // It may be deleted before it was ready, and its schedule followed from then on.
        self.follow_from(id, now);
    }

    /// A deleted cluster is gone, with its backups unless those were to be kept.
    fn bury(&mut self, cluster: &Cluster, now: DateTime<Utc>) {
        self.schedules.remove(cluster.id);
        self.forget_expired(cluster.id, now);
        if cluster.retain_backups && self.snapshots.below(cluster.id).next().is_some() {
            self.note_followed(cluster.id, now);
        } else {
            self.forget(cluster.id);
        }
    }
}
