//! One project with data of every kind.
//!
//! The demo is the same on every start: ids come from a fixed sequence and counts do not depend on the day, so that the
//! id of a document is the same in every run. Only times depend on the start of the clock.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, TimeDelta, Timelike, Utc};
use serde_json::json;

use crate::{
    domain::{
        cloud_roles::CloudRole,
        clusters::{Cluster, ClusterKind},
        job_kind::JobKind,
        jobs::{Delivery, ExportJob, FlexRestore, RestoreJob},
        link_key::LinkKey,
        projects::{ExportBucket, Project, Tag},
        schedule::Schedule,
        snapshots::{FlexSnapshot, Frequency, Snapshot},
        timeline::Timeline,
    },
    seed::fixtures::{DEMO_PROJECT, IdSequence, MONGODB, ORGANIZATION, cluster, fixed, snapshot},
    state::tables::State,
};

/// Snapshots of the demo are on demand, or scheduled at this interval.
const HOURS_BETWEEN: i64 = 6;

pub(crate) fn add(state: &mut State, now: DateTime<Utc>) {
    let project = Project {
        id: fixed(DEMO_PROJECT),
        organization: fixed(ORGANIZATION),
        name: "demo".to_owned(),
        created: now - Duration::days(500),
        with_default_alerts_settings: true,
        tags: vec![Tag { key: "environment".to_owned(), value: "demo".to_owned() }],
        settings: BTreeMap::new(),
        fixed_slow_ms: false,
        customer_keys: BTreeMap::new(),
        search_nodes_encrypted: false,
    };
    let project_id = project.id;
    state.projects.insert(project.organization, project.id, project);

    let mut ids = IdSequence(1);
    let replica_set = cluster(&mut ids, project_id, "Cluster0", ClusterKind::ReplicaSet, 1, now);
    let sharded = cluster(&mut ids, project_id, "Sharded0", ClusterKind::Sharded, 2, now);
    let flex = cluster(&mut ids, project_id, "Flex0", ClusterKind::Flex, 1, now);
    scheduled_snapshots(state, &replica_set, now);
    sharded_snapshots(state, &sharded, now);
    flex_snapshots(state, &flex, now);
    exports(state, &replica_set, now);
    restores(state, &replica_set);
    for cluster in [replica_set, sharded, flex] {
        state.clusters.insert(project_id, cluster.id, cluster);
    }
}

/// The newest scheduled time before `now`: some minutes past a full hour.
fn newest_slot(now: DateTime<Utc>) -> DateTime<Utc> {
    let hour = now.with_minute(0).and_then(|t| t.with_second(0)).unwrap_or(now);
    hour - Duration::minutes(44)
}

/// The default schedule at the time of day of the demo's snapshots, with some other retentions.
fn schedule(ids: &mut IdSequence, newest: DateTime<Utc>, kept: &[(Frequency, &str, i64)]) -> Schedule {
    let mut schedule = Schedule::default_for_cluster(|| ids.next());
    schedule.reference_hour = newest.hour();
    schedule.reference_minute = newest.minute();
    for (frequency, unit, value) in kept {
        if let Some(item) = schedule.items.iter_mut().find(|item| item.frequency == *frequency) {
            (item.retention_unit, item.retention_value) = ((*unit).to_owned(), *value);
        }
    }
    schedule
}

/// A year of snapshots: six-hourly for a week, daily for ninety days, weekly for half a year, monthly for a year, and a
/// few on demand.
fn scheduled_snapshots(state: &mut State, cluster: &Cluster, now: DateTime<Utc>) {
    let (mut ids, newest) = (IdSequence(2), newest_slot(now));
    let schedule = schedule(&mut ids, newest, &[(Frequency::Daily, "days", 90), (Frequency::Weekly, "weeks", 26)]);
    let on_demand: &[(i64, &str)] =
        &[(33, "before the driver upgrade"), (170, "before migration"), (518, "end of quarter")];
    let slots = 360 * 24 / HOURS_BETWEEN;
    let mut taken = Vec::new();
    // From the newest to the oldest, so that the newest keep their ids when the older part changes.
    for slot in 0..slots {
        let (day, first_of_day) = (slot * HOURS_BETWEEN / 24, slot * HOURS_BETWEEN % 24 == 0);
        let frequency = match () {
            () if first_of_day && day % 30 == 29 => Some(Frequency::Monthly),
            () if first_of_day && day % 7 == 6 && day < 182 => Some(Frequency::Weekly),
            () if first_of_day && day < 90 => Some(Frequency::Daily),
            () if day < 7 => Some(Frequency::Hourly),
            () => None,
        };
        let asked = newest - Duration::hours(slot * HOURS_BETWEEN);
        if let Some((_, text)) = on_demand.iter().find(|(at, _)| *at == slot) {
            let mut snapshot = snapshot(&mut ids, cluster, asked + Duration::minutes(95), None);
            snapshot.description = Some((*text).to_owned());
            taken.push(snapshot);
        }
        if let Some(item) = frequency.and_then(|f| schedule.item(f)) {
            taken.push(snapshot(&mut ids, cluster, asked, Some(item)));
        }
    }
    state.schedules.insert(cluster.id, cluster.id, schedule);
    for snapshot in taken.into_iter().rev() {
        state.snapshots.insert(cluster.id, snapshot.id, snapshot);
    }
}

fn sharded_snapshots(state: &mut State, cluster: &Cluster, now: DateTime<Utc>) {
    let (mut ids, newest) = (IdSequence(3), newest_slot(now));
    let mut schedule = schedule(&mut ids, newest, &[(Frequency::Daily, "days", 14)]);
    schedule.items.retain(|item| item.frequency == Frequency::Daily);
    let item = schedule.item(Frequency::Daily);
    let taken = (0..10).map(|day| snapshot(&mut ids, cluster, newest - Duration::days(day), item));
    for snapshot in taken.collect::<Vec<_>>().into_iter().rev() {
        state.snapshots.insert(cluster.id, snapshot.id, snapshot);
    }
    state.schedules.insert(cluster.id, cluster.id, schedule);
}

/// A flex cluster has eight daily snapshots, each kept for exactly eight days.
fn flex_snapshots(state: &mut State, cluster: &Cluster, now: DateTime<Utc>) {
    let (mut ids, newest) = (IdSequence(4), newest_slot(now));
    let taken: Vec<_> = (0..8)
        .map(|day| {
            let asked = newest - Duration::days(day);
            let timeline = Timeline::new(asked, TimeDelta::seconds(20), TimeDelta::seconds(95 + day));
            let mongodb_version = MONGODB.to_owned();
            FlexSnapshot { id: ids.next(), timeline, expires: asked + Duration::days(8), mongodb_version }
        })
        .collect();
    let newest = taken[0].clone();
    for snapshot in taken.into_iter().rev() {
        state.flex_snapshots.insert(cluster.id, snapshot.id, snapshot);
    }
    let asked = newest.timeline.ends + Duration::minutes(3);
    let restore = FlexRestore {
        id: ids.next(),
        timeline: JobKind::FlexRestore.timeline(asked),
        snapshot: newest.id,
        snapshot_begun: newest.timeline.begins,
        snapshot_finished: newest.timeline.ends,
        target: Some((cluster.name.clone(), cluster.project)),
        link_key: LinkKey::default(),
    };
    state.flex_restores.insert(cluster.id, restore.id, restore);
}

/// One bucket with its role, and four jobs, one of them failed.
fn exports(state: &mut State, cluster: &Cluster, now: DateTime<Utc>) {
    let mut ids = IdSequence(5);
    let bucket = ExportBucket {
        id: ids.next(),
        provider: "AWS".to_owned(),
        name: "atlas-backup-demo".to_owned(),
        role: ids.next(),
        region: Some("EU_WEST_1".to_owned()),
        require_private_networking: false,
        service_url: None,
        tenant: None,
    };
    let role = CloudRole {
        id: bucket.role,
        provider: bucket.provider.clone(),
        created: cluster.created,
        authorized: Some(cluster.created),
        account: json!({"iamAssumedRoleArn": "arn:aws:iam::123456789012:role/atlas-backup-demo"}),
    };
    state.cloud_roles.insert(cluster.project, role.id, role);
    let bucket_id = bucket.id;
    state.export_buckets.insert(cluster.project, bucket.id, bucket);
    let newest: Vec<Snapshot> = state.snapshots.below(cluster.id).rev().take(40).step_by(10).cloned().collect();
    for (n, snapshot) in newest.into_iter().enumerate().rev() {
        let asked = (snapshot.timeline.ends + Duration::minutes(5)).min(now - Duration::minutes(5));
        let mut timeline = JobKind::Export.timeline(asked);
        timeline.fails = n == 2;
        let job = ExportJob {
            id: ids.next(),
            timeline,
            bucket: bucket_id,
            snapshot: snapshot.id,
            snapshot_taken: snapshot.timeline.asked,
            custom_data: vec![Tag { key: "source".to_owned(), value: "demo".to_owned() }],
            collections: 12,
            names_in_prefix: false,
            components: Vec::new(),
        };
        state.export_jobs.insert(cluster.id, job.id, job);
    }
}

/// A download whose URL expired long ago, and a restore over the cluster itself.
fn restores(state: &mut State, cluster: &Cluster) {
    let mut ids = IdSequence(6);
    let snapshots: Vec<Snapshot> =
        state.snapshots.below(cluster.id).rev().skip(12).step_by(12).take(2).cloned().collect();
    let automated = Delivery::Automated { target_cluster: cluster.name.clone(), target_project: cluster.project };
    let deliveries = [Delivery::Download, automated];
    for (snapshot, delivery) in snapshots.into_iter().rev().zip(deliveries) {
        let asked = snapshot.timeline.ends + Duration::hours(2);
        let job = RestoreJob {
            id: ids.next(),
            timeline: JobKind::Restore.timeline(asked),
            delivery,
            snapshot: Some(snapshot.id),
            snapshot_begun: snapshot.timeline.begins,
            snapshot_taken: snapshot.timeline.ends,
            oplog: None,
            cancelled: false,
            link_key: LinkKey::default(),
        };
        state.restore_jobs.insert(cluster.id, job.id, job);
    }
}
