//! What happens by itself: scheduled snapshots, the daily ones of flex clusters, the end of a cluster's life.
//!
//! Before a handler sees the state, everything that was due by then is made to have happened, as if somebody had been
//! there all the time: a clock that jumps by months leaves the same snapshots as one that creeps. Nothing is done for
//! what would have expired meanwhile. While nothing is due this costs one comparison.

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

/// How often a flex cluster's snapshots come.
const FLEX_EVERY: TimeDelta = TimeDelta::days(1);

/// Whether nothing is due by `now`.
pub(crate) fn is_up_to_date(state: &State, now: DateTime<Utc>) -> bool {
    state.next_event.is_some_and(|next| now < next)
}

/// To be called whenever clusters or schedules have changed: what is due next has to be found again.
pub(crate) fn invalidate_plan(state: &mut State) {
    state.next_event = None;
}

/// Lets everything happen that is due by `now`.
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

/// When the next thing happens to a cluster.
fn next_of(state: &State, cluster: &Cluster) -> Option<DateTime<Utc>> {
    if let Some(deleted) = cluster.deleted {
        let gone = deleted + durations::CLUSTER_DELETING;
        if progress_of(state, cluster) < gone {
            return Some(gone);
        }
        // What is left of it is its backups, and it goes with the last of them.
        return Some(state.snapshots.below(cluster.id).map(|s| s.expires(gone)).max().unwrap_or(gone));
    }
    if cluster.kind == ClusterKind::Flex {
        return Some(progress_of(state, cluster) + FLEX_EVERY);
    }
    // A paused cluster is not followed; what would have been due meanwhile never comes.
    let schedule = state.schedules.get(cluster.id).filter(|_| !cluster.paused)?;
    schedule.next_snapshot(progress_of(state, cluster))
}

/// The moment up to which the cluster's schedule has been followed.
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

/// From `moment` on the schedule of this cluster counts, not for the time before.
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

/// What nobody can see any more need not be kept.
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

/// A deleted cluster is gone, with its backups unless those were to be kept.
fn remove_cluster(state: &mut State, cluster: &Cluster, now: DateTime<Utc>) {
    state.schedules.remove(cluster.id);
    remove_expired(state, cluster.id, now);
    if cluster.retain_backups && state.snapshots.below(cluster.id).next().is_some() {
        record_progress(state, cluster.id, now);
    } else {
        state.forget(cluster.id);
    }
}
