//! Reads the backups of several clusters concurrently.
//!
//! It keeps only a summary of each cluster, and only while the cluster is processed. Resources that cannot be read are
//! recorded; reading continues with the rest.

use std::{
    collections::{HashMap, HashSet},
    fmt::Display,
};

use atlas_backup::{AnyCluster, Client, Fleet, FleetError, FleetItem, ProjectId};
use chrono::{DateTime, Utc};
use futures_util::{Stream, StreamExt, future::ready};

use crate::{
    audit::{
        backups::{ClusterBackups, JobSummary, SnapshotSummary},
        schedule::{ComplianceSummary, ScheduleSummary},
    },
    ui::exit::{Failure, Outcome},
};

/// An item of the fleet.
#[derive(Debug)]
pub(crate) enum Collected {
    Cluster(Box<ClusterBackups>),
    /// A project or cluster that could not be read.
    Unreadable {
        project: String,
        cluster: Option<String>,
        why: String,
    },
}

/// The compliance policies of the projects.
#[derive(Debug, Default)]
pub(crate) struct Policies {
    pub(crate) of: HashMap<String, ComplianceSummary>,
    pub(crate) unreadable: HashSet<String>,
}

/// Reads the compliance policies of all projects. `on_unreadable` is called for those that could not be read.
///
/// # Errors
/// The projects cannot be listed.
pub(crate) async fn policies(fleet: Fleet, mut on_unreadable: impl FnMut(&str, String)) -> Outcome<Policies> {
    let mut policies = Policies::default();
    let mut stream = fleet.compliance_policies();
    while let Some(next) = stream.next().await {
        match next {
            Ok(FleetItem { project, item, .. }) => {
                policies.of.extend(ComplianceSummary::of(&item).map(|compliance| (project.to_string(), compliance)));
            }
            Err(FleetError { project: Some(project), error, .. }) => {
                on_unreadable(project.as_str(), format!("compliance policy: {error}"));
                policies.unreadable.insert(project.to_string());
            }
            Err(FleetError { error, .. }) => return Err(error.into()),
        }
    }
    Ok(policies)
}

/// Reads all clusters that have backups. Fails only if the projects cannot be listed.
pub(crate) fn clusters(
    client: &Client,
    fleet: Fleet,
    concurrency: usize,
    now: DateTime<Utc>,
) -> impl Stream<Item = Outcome<Collected>> {
    let client = client.clone();
    fleet
        .clusters()
        .map(move |next| {
            let client = client.clone();
            async move {
                match next {
                    Ok(FleetItem { project, item, .. }) => match read(&client, &project, item, now).await {
                        Ok(backups) => backups.map(|backups| Ok(Collected::Cluster(Box::new(backups)))),
                        Err(error) => Some(Err(error)),
                    },
                    Err(FleetError { project: Some(project), cluster, error, .. }) => Some(Ok(Collected::Unreadable {
                        project: project.to_string(),
                        cluster: cluster.map(|cluster| cluster.to_string()),
                        why: error.to_string(),
                    })),
                    Err(FleetError { error, .. }) => Some(Err(Failure::from(error))),
                }
            }
        })
        .buffer_unordered(concurrency)
        .filter_map(ready)
}

async fn read(
    client: &Client,
    project: &ProjectId,
    cluster: AnyCluster,
    now: DateTime<Utc>,
) -> Outcome<Option<ClusterBackups>> {
    let Some(mut backups) = ClusterBackups::of_cluster(project.as_str(), &cluster, now) else { return Ok(None) };
    let cluster = client.project(project)?.cluster_of_kind(cluster.name(), backups.kind)?;
    let snapshots = read_all(cluster.snapshots().items(), |snapshot| SnapshotSummary::of(&snapshot)).await;
    backups.snapshots = note(&mut backups.unread, "snapshots", snapshots);
    if backups.kind.is_dedicated() {
        let schedule = cluster.dedicated().schedule().get().await;
        backups.schedule =
            note(&mut backups.unread, "schedule", schedule).map(|schedule| ScheduleSummary::of(&schedule));
    }
    let restores = read_all(cluster.restores().items(), |job| JobSummary::of_restore(&job)).await;
    backups.restores = note(&mut backups.unread, "restores", restores).unwrap_or_default();
    if backups.kind.is_dedicated() {
        let exports = cluster.dedicated().exports().list().items();
        let exports = read_all(exports, |job| JobSummary::of_export(job.id.as_str(), &job)).await;
        backups.exports = note(&mut backups.unread, "exports", exports).unwrap_or_default();
    }
    Ok(Some(backups))
}

async fn read_all<T, U, E>(items: impl Stream<Item = Result<T, E>>, make: impl Fn(T) -> U) -> Result<Vec<U>, E> {
    let mut items = std::pin::pin!(items);
    let mut all = Vec::new();
    while let Some(item) = items.next().await {
        all.push(make(item?));
    }
    Ok(all)
}

fn note<T, E: Display>(unread: &mut Vec<(&'static str, String)>, what: &'static str, read: Result<T, E>) -> Option<T> {
    read.map_err(|error| unread.push((what, error.to_string()))).ok()
}
