//! Scheduled events: snapshots, the daily snapshots of flex clusters, the end of a cluster's life.
//!
//! Before a handler reads the state, everything due by then is executed. A clock that jumps by months therefore leaves
//! the same snapshots as one that advances in small steps. Snapshots that would have expired in between are not
//! created. If nothing is due, the check costs one comparison.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    domain::{
        clusters::{Cluster, ClusterKind},
        durations,
        ids::ObjectId,
        job_kind::JobKind,
        schedule::ScheduleProgress,
        snapshots::{FlexSnapshot, Frequency},
    },
    engine::{job_failures, snapshots::create_scheduled_snapshot},
    state::tables::State,
};

/// Interval of flex snapshots.
const FLEX_EVERY: TimeDelta = TimeDelta::days(1);

/// Whether nothing is due by `now`.
pub(crate) fn is_up_to_date(state: &State, now: DateTime<Utc>) -> bool {
    state.next_event.is_some_and(|next| now < next)
}

/// Call this after every change of clusters or schedules: the next due time is then computed again.
pub(crate) fn invalidate_plan(state: &mut State) {
    state.next_event = None;
}

/// Executes everything due by `now`.
pub(crate) fn run(state: &mut State, now: DateTime<Utc>) {
    let clusters: Vec<_> = state.clusters.all().map(|c| (c.id, next_of(state, c))).collect();
    for (id, next) in &clusters {
        if next.is_some_and(|next| next <= now)
            && let Some(cluster) = state.clusters.get(*id).cloned()
        {
            run_cluster(state, &cluster, now);
        }
    }
    let next = state.clusters.all().filter_map(|c| next_of(state, c)).min();
    state.next_event = Some(next.unwrap_or(DateTime::<Utc>::MAX_UTC));
}

/// Time of the next event of a cluster.
fn next_of(state: &State, cluster: &Cluster) -> Option<DateTime<Utc>> {
    if let Some(deleted) = cluster.deleted {
        let gone = deleted + durations::CLUSTER_DELETING;
        if progress_of(state, cluster) < gone {
            return Some(gone);
        }
        // Only its backups remain, and the record is removed with the last of them.
        return Some(state.snapshots.below(cluster.id).map(|s| s.expires(gone)).max().unwrap_or(gone));
    }
    if cluster.kind == ClusterKind::Flex {
        return Some(progress_of(state, cluster) + FLEX_EVERY);
    }
    // The schedule of a paused cluster does not run, and missed snapshots are not created later.
    let schedule = state.schedules.get(cluster.id).filter(|_| !cluster.paused)?;
    schedule.next_snapshot(progress_of(state, cluster))
}

/// The time up to which the cluster's schedule was executed.
fn progress_of(state: &State, cluster: &Cluster) -> DateTime<Utc> {
    let newest = || match cluster.kind {
        ClusterKind::Flex => state.flex_snapshots.below(cluster.id).next_back().map(|s| s.timeline.asked),
        _ => {
            let scheduled = state.snapshots.below(cluster.id).rfind(|s| s.frequency != Frequency::OnDemand);
            scheduled.map(|s| s.timeline.asked)
        }
    };
    let noted = state.followed.get(cluster.id).map(|followed| followed.until);
    noted.or_else(newest).unwrap_or(cluster.ready)
}

/// Starts the schedule of this cluster at `moment`.
pub(crate) fn start_following(state: &mut State, cluster: ObjectId, moment: DateTime<Utc>) {
    record_progress(state, cluster, moment);
    invalidate_plan(state);
}

pub(crate) fn record_progress(state: &mut State, cluster: ObjectId, until: DateTime<Utc>) {
    state.followed.insert(cluster, cluster, ScheduleProgress { until });
}

fn run_cluster(state: &mut State, cluster: &Cluster, now: DateTime<Utc>) {
    if cluster.deleted.is_some() {
        return remove_cluster(state, cluster, now);
    }
    let since = progress_of(state, cluster);
    if cluster.kind == ClusterKind::Flex {
        run_flex(state, cluster, since, now);
    } else if let Some(schedule) = state.schedules.get(cluster.id).cloned() {
        for moment in schedule.due(since, now) {
            create_scheduled_snapshot(state, cluster, &schedule, moment);
        }
        record_progress(state, cluster.id, now);
    }
    remove_expired(state, cluster.id, now);
}

fn run_flex(state: &mut State, cluster: &Cluster, since: DateTime<Utc>, now: DateTime<Utc>) {
    let passed = (now - since).num_seconds() / FLEX_EVERY.num_seconds();
    let kept = durations::FLEX_SNAPSHOT_LIFE.num_seconds() / FLEX_EVERY.num_seconds();
    for day in (passed - kept).max(0)..passed {
        let asked = since + FLEX_EVERY * i32::try_from(day + 1).unwrap_or(i32::MAX);
        let snapshot = FlexSnapshot {
            id: state.new_id(asked),
            timeline: job_failures::timeline(state, JobKind::FlexSnapshot, asked),
            expires: asked + durations::FLEX_SNAPSHOT_LIFE,
            mongodb_version: cluster.mongodb_version.clone(),
        };
        state.flex_snapshots.insert(cluster.id, snapshot.id, snapshot);
    }
    let followed = since + FLEX_EVERY * i32::try_from(passed).unwrap_or(i32::MAX);
    record_progress(state, cluster.id, followed);
}

/// Remove what no response can contain any more.
fn remove_expired(state: &mut State, cluster: ObjectId, now: DateTime<Utc>) {
    let snapshots: Vec<_> = state.snapshots.below(cluster).filter(|s| !s.is_kept(now)).map(|s| s.id).collect();
    for id in snapshots {
        state.snapshots.remove(id);
    }
    let flex: Vec<_> = state.flex_snapshots.below(cluster).filter(|s| s.expires <= now).map(|s| s.id).collect();
    for id in flex {
        state.flex_snapshots.remove(id);
    }
}

/// Removes a deleted cluster, with its backups unless they are retained.
fn remove_cluster(state: &mut State, cluster: &Cluster, now: DateTime<Utc>) {
    state.schedules.remove(cluster.id);
    remove_expired(state, cluster.id, now);
    if cluster.retain_backups && state.snapshots.below(cluster.id).next().is_some() {
        record_progress(state, cluster.id, now);
    } else {
        state.forget(cluster.id);
    }
}
