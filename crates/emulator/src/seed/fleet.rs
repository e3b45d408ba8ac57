//! A fleet: any number of similar projects, clusters and snapshots.
//!
//! For tests of clients with large data. Every cluster has its own id sequence, so that a larger fleet contains the
//! smaller ones.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};

use crate::{
    domain::{clusters::ClusterKind, projects::Project, schedule::Schedule, snapshots::Frequency},
    engine::scheduler,
    seed::fixtures::{IdSequence, ORGANIZATION, cluster as replica_set, fixed, snapshot},
    state::tables::State,
};

/// Maximum age of the oldest snapshot, so that none expires soon.
const OLDEST_SNAPSHOT: Duration = Duration::days(180);
/// Maximum interval of snapshots.
const SNAPSHOT_INTERVAL: Duration = Duration::hours(6);

/// Size of a fleet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fleet {
    /// Projects, named `project-0` and so on.
    pub projects: u32,
    /// Replica sets in each project, named `cluster-0` and so on.
    pub clusters: u32,
    /// Number of snapshots per cluster.
    pub snapshots: u32,
}

impl Fleet {
    pub(crate) fn add(&self, state: &mut State, now: DateTime<Utc>) {
        let apart = (OLDEST_SNAPSHOT / i32::try_from(self.snapshots.max(1)).unwrap_or(i32::MAX)).min(SNAPSHOT_INTERVAL);
        for number in 0..self.projects {
            let mut ids = IdSequence(1 << 40 | u64::from(number));
            let project = Project {
                id: ids.next(),
                organization: fixed(ORGANIZATION),
                name: format!("project-{number}"),
                created: now - Duration::days(500),
                with_default_alerts_settings: true,
                tags: Vec::new(),
                settings: BTreeMap::new(),
                fixed_slow_ms: false,
                customer_keys: BTreeMap::new(),
                search_nodes_encrypted: false,
            };
            let id = project.id;
            state.projects.insert(project.organization, id, project);
            for cluster in 0..self.clusters {
                let mut ids = IdSequence(1 << 41 | u64::from(number) << 20 | u64::from(cluster));
                let name = format!("cluster-{cluster}");
                let cluster = replica_set(&mut ids, id, &name, ClusterKind::ReplicaSet, 1, now);
                let mut schedule = Schedule::default_for_cluster(|| ids.next());
                for item in &mut schedule.items {
                    (item.retention_unit, item.retention_value) = ("years".to_owned(), 1);
                }
                let item = schedule.item(Frequency::Hourly);
                for age in (0..self.snapshots).rev() {
                    let asked = now - SNAPSHOT_INTERVAL - apart * i32::try_from(age).unwrap_or(i32::MAX);
                    let snapshot = snapshot(&mut ids, &cluster, asked, item);
                    state.snapshots.insert(cluster.id, snapshot.id, snapshot);
                }
                state.schedules.insert(cluster.id, cluster.id, schedule);
                // No scheduled snapshots in the past, only from now on.
                scheduler::start_following(state, cluster.id, now);
                state.clusters.insert(id, cluster.id, cluster);
            }
        }
    }
}
