//! Reads what is to be known of each cluster, several at a time, and holds the rules against it.
//!
//! Of a cluster no more is kept than its facts, and of the fleet no more than the clusters that are being read. What
//! can't be read costs its own rules and nothing else.

use std::{
    collections::{HashMap, HashSet},
    fmt::Display,
};

use atlas_backup::{
    AnyCluster, Client, ClusterDocument, ClusterKind, Fleet, FleetError, FleetItem, FlexClusterDocument, ProjectId,
};
use chrono::{DateTime, Utc};
use futures_util::{Stream, StreamExt, future::ready};

use crate::{
    audit::{
        facts::{Facts, Job, Snap},
        plan::{Compliance, Plan},
    },
    ui::exit::{Failure, Outcome},
};

/// What the walk through a fleet brings.
#[derive(Debug)]
pub(crate) enum Gathered {
    Cluster(Box<Facts>),
    /// Something that could not be read, of a project or one of its clusters.
    Missed {
        project: String,
        cluster: Option<String>,
        why: String,
    },
}

/// The compliance policies of the projects.
#[derive(Debug, Default)]
pub(crate) struct Policies {
    pub(crate) of: HashMap<String, Compliance>,
    pub(crate) missed: HashSet<String>,
}

/// Reads the compliance policies of all projects; `told` gets those that could not be read.
///
/// # Errors
/// The projects could not be listed.
pub(crate) async fn policies(fleet: Fleet, mut told: impl FnMut(&str, String)) -> Outcome<Policies> {
    let mut policies = Policies::default();
    let mut stream = fleet.compliance_policies();
    while let Some(next) = stream.next().await {
        match next {
            Ok(FleetItem { project, item, .. }) => {
                policies.of.extend(Compliance::of(&item).map(|compliance| (project.to_string(), compliance)));
            }
            Err(FleetError { project: Some(project), error, .. }) => {
                told(project.as_str(), format!("compliance policy: {error}"));
                policies.missed.insert(project.to_string());
            }
            Err(FleetError { error, .. }) => return Err(error.into()),
        }
    }
    Ok(policies)
}

/// Reads all clusters that have backups. Without the list of projects there is no fleet, which ends it.
pub(crate) fn clusters(
    client: &Client,
    fleet: Fleet,
    concurrency: usize,
    now: DateTime<Utc>,
) -> impl Stream<Item = Outcome<Gathered>> {
    let client = client.clone();
    fleet
        .clusters()
        .map(move |next| {
            let client = client.clone();
            async move {
                match next {
                    Ok(FleetItem { project, item, .. }) => match read(&client, &project, item, now).await {
                        Ok(facts) => facts.map(|facts| Ok(Gathered::Cluster(Box::new(facts)))),
                        Err(error) => Some(Err(error)),
                    },
                    Err(FleetError { project: Some(project), cluster, error, .. }) => Some(Ok(Gathered::Missed {
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

async fn read(client: &Client, project: &ProjectId, cluster: AnyCluster, now: DateTime<Utc>) -> Outcome<Option<Facts>> {
    match cluster {
        AnyCluster::Dedicated(document) => match Facts::of_cluster(project.as_str(), &document, now) {
            Some(facts) => dedicated(client, project, &document, facts).await.map(Some),
            None => Ok(None),
        },
        AnyCluster::Flex(document) => flex(client, project, &document).await.map(Some),
        _ => Ok(None),
    }
}

async fn dedicated(
    client: &Client,
    project: &ProjectId,
    document: &ClusterDocument,
    mut facts: Facts,
) -> Outcome<Facts> {
    let cluster = client.project(project)?.cluster(document.name.clone())?;
    let kind = ClusterKind::of(document);
    let snapshots = client.project(project)?.cluster_of_kind(cluster.name(), kind)?.snapshots().items();
    let snapshots = read_all(snapshots, |snapshot| Some(Snap::of(&snapshot))).await;
    facts.snapshots = note(&mut facts.unread, "snapshots", snapshots);
    let schedule = cluster.schedule().get().await;
    facts.plan = note(&mut facts.unread, "schedule", schedule).map(|schedule| Plan::of(&schedule));
    let restores = read_all(cluster.restores().list().items(), |job| Some(Job::of_restore(&job))).await;
    facts.restores = note(&mut facts.unread, "restores", restores).unwrap_or_default();
    let exports = read_all(cluster.exports().list().items(), |job| Some(Job::of_export(job.id.as_str(), &job))).await;
    facts.exports = note(&mut facts.unread, "exports", exports).unwrap_or_default();
    Ok(facts)
}

async fn flex(client: &Client, project: &ProjectId, document: &FlexClusterDocument) -> Outcome<Facts> {
    let cluster = client.project(project)?.flex_cluster(document.name.clone())?;
    let mut facts = Facts::of_flex(project.as_str(), document);
    let items = cluster.snapshots().list().items();
    let snapshots = read_all(items, |snapshot| Some(Snap::of(&snapshot.into()))).await;
    facts.snapshots = note(&mut facts.unread, "snapshots", snapshots);
    let restores = read_all(cluster.restores().list().items(), |job| Some(Job::of_flex_restore(&job))).await;
    facts.restores = note(&mut facts.unread, "restores", restores).unwrap_or_default();
    Ok(facts)
}

async fn read_all<T, U, E>(
    items: impl Stream<Item = Result<T, E>>,
    make: impl Fn(T) -> Option<U>,
) -> Result<Vec<U>, E> {
    let mut items = std::pin::pin!(items);
    let mut all = Vec::new();
    while let Some(item) = items.next().await {
        all.extend(make(item?));
    }
    Ok(all)
}

fn note<T, E: Display>(unread: &mut Vec<(&'static str, String)>, what: &'static str, read: Result<T, E>) -> Option<T> {
    read.map_err(|error| unread.push((what, error.to_string()))).ok()
}
