//! Finds the archive that a URL names, if it can be fetched now.

use chrono::{DateTime, Utc};
use http::request::Parts;

use crate::{
    data::{dump::Dump, set::DataSet},
    domain::{
        clusters::Cluster,
        ids::ObjectId,
        link_key::{LinkKey, PREFIX},
    },
    engine::contents,
    openapi::query::Query,
    state::tables::State,
};

/// An archive that can be fetched.
#[derive(Debug)]
pub(crate) struct RequestedArchive {
    /// Cache key of the archive.
    pub(crate) key: String,
    mongodb_version: String,
    taken: DateTime<Utc>,
    data: DataSet,
    root: String,
    shard: Option<(usize, usize)>,
}

impl RequestedArchive {
    /// The archive named by path and query, if the key matches and has not expired.
    pub(crate) fn find(state: &State, parts: &Parts, now: DateTime<Utc>) -> Option<Self> {
        let query = Query::parse(parts.uri.query().unwrap_or_default());
        let (job, name) = parts.uri.path().strip_prefix(PREFIX)?.split_once('/')?;
        let (id, name, shown) = (job.parse::<ObjectId>().ok()?, name.strip_suffix(".tar.gz")?, query.get("key")?);
        if let Some(job) = state.restore_jobs.get(id) {
            let cluster = state.clusters.get(state.restore_jobs.parent(id)?)?;
            job.archives(cluster, now).filter(|_| job.link_key.matches(shown))?;
            return Self::of(state, cluster, name, &job.link_key, (id, job.snapshot_begun, job.snapshot_taken));
        }
        let job = state.flex_restores.get(id)?;
        let cluster = state.clusters.get(state.flex_restores.parent(id)?)?;
        job.archive(cluster, now).filter(|_| job.link_key.matches(shown))?;
        Self::of(state, cluster, name, &job.link_key, (id, job.snapshot_begun, job.snapshot_finished))
    }

    fn of(
        state: &State,
        cluster: &Cluster,
        name: &str,
        link_key: &LinkKey,
        (job, begun, taken): (ObjectId, DateTime<Utc>, DateTime<Utc>),
    ) -> Option<Self> {
        let sets = cluster.replica_sets();
        let place = sets.iter().position(|set| set == name)?;
        Some(Self {
            key: format!("{}/{place}", link_key.key()),
            mongodb_version: cluster.mongodb_version.clone(),
            taken,
            data: contents::of_snapshot(state, cluster.id, begun),
            root: format!("restore-{job}"),
            shard: cluster.kind.is_sharded().then_some((place, sets.len())),
        })
    }

    pub(crate) fn dump(self) -> std::io::Result<Dump> {
        Dump::new(&self.root, &self.mongodb_version, self.taken, self.data, self.shard)
    }
}
