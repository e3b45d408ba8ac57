//! Export jobs and the location of their files in a bucket.

use chrono::{DateTime, Utc};

use crate::{
    domain::{
        clusters::Cluster,
        ids::ObjectId,
        job_kind::JobKind,
        jobs::{ExportJob, PrivateEndpoint},
        projects::Tag,
        snapshots::Snapshot,
        timeline::Phase,
    },
    engine::job_failures,
    state::tables::State,
};

/// The folder of all exports in a bucket.
pub(crate) const ROOT: &str = "exported_snapshots";

/// Starts the export of a snapshot to a bucket.
pub(crate) fn create_export(
    state: &mut State,
    cluster: &Cluster,
    snapshot: &Snapshot,
    bucket: ObjectId,
    asked: DateTime<Utc>,
    custom_data: Vec<Tag>,
) -> ExportJob {
    let sets = if cluster.kind.is_sharded() { cluster.replica_sets() } else { Vec::new() };
    let names_in_prefix = state.schedules.get(cluster.id).is_some_and(|schedule| schedule.names_in_export_prefix);
    let mut timeline = job_failures::timeline(state, JobKind::Export, asked);
    timeline.fails |= !is_reachable(state, cluster, bucket, asked);
    let job = ExportJob {
        names_in_prefix,
        id: state.new_id(asked),
        timeline,
        bucket,
        snapshot: snapshot.id,
        snapshot_taken: snapshot.timeline.asked,
        custom_data,
        collections: 0,
        components: sets.into_iter().map(|set| (state.new_id(asked), set)).collect(),
    };
    state.export_jobs.insert(cluster.id, job.id, job.clone());
    job
}

/// Whether the bucket can be written to: one that requires private networking needs an active private endpoint.
fn is_reachable(state: &State, cluster: &Cluster, bucket: ObjectId, now: DateTime<Utc>) -> bool {
    let private = state.export_buckets.get(bucket).is_some_and(|bucket| bucket.require_private_networking);
    let active = |e: &PrivateEndpoint| e.exists_at(now) && e.timeline.phase(now) == Phase::Done;
    !private || state.private_endpoints.below(cluster.project).any(active)
}

/// The job's folder in its bucket.
pub(crate) fn prefix(state: &State, cluster: &Cluster, job: &ExportJob) -> String {
    let project = state.projects.get(cluster.project);
    let organization = project.and_then(|project| state.organizations.get(project.organization));
    let part = |id: Option<ObjectId>, name: Option<&str>| match name.filter(|_| job.names_in_prefix) {
        Some(name) => name.replace([' ', '/'], "_"),
        None => id.unwrap_or_default().to_string(),
    };
    let organization = part(organization.map(|o| o.id), organization.map(|o| o.name.as_str()));
    let project = part(Some(cluster.project), project.map(|p| p.name.as_str()));
    let taken = job.snapshot_taken.format("%Y-%m-%dT%H%M");
    let began = job.timeline.asked.timestamp();
    format!("{ROOT}/{organization}/{project}/{}/{taken}/{began}", cluster.name)
}
