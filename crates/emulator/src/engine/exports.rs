//! Export jobs and the place of their files in a bucket.

use chrono::{DateTime, Utc};

use crate::{
    domain::{
        clusters::Cluster, ids::ObjectId, job_kind::JobKind, jobs::ExportJob, projects::Tag, snapshots::Snapshot,
    },
    engine::job_failures,
    state::tables::State,
};

/// The folder of all exports in a bucket.
pub(crate) const ROOT: &str = "exported_snapshots";

/// Starts to write a snapshot into a bucket.
pub(crate) fn create_export(
    state: &mut State,
    cluster: &Cluster,
    snapshot: &Snapshot,
    bucket: ObjectId,
    asked: DateTime<Utc>,
    custom_data: Vec<Tag>,
) -> ExportJob {
    let sets = if cluster.kind.is_sharded() { cluster.replica_sets() } else { Vec::new() };
    let job = ExportJob {
        id: state.new_id(asked),
        timeline: job_failures::timeline(state, JobKind::Export, asked),
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

/// The job's folder in its bucket.
pub(crate) fn prefix(state: &State, cluster: &Cluster, job: &ExportJob) -> String {
    let organization = state.projects.get(cluster.project).map_or(ObjectId::default(), |p| p.organization);
    let taken = job.snapshot_taken.format("%Y-%m-%dT%H%M");
    let began = job.timeline.asked.timestamp();
    format!("{ROOT}/{organization}/{}/{}/{taken}/{began}", cluster.project, cluster.name)
}
