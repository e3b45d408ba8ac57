//! Reads what is to be known of each cluster, several at a time, and holds the rules against it.
//!
//! Of a cluster no more is kept than its facts, and of the fleet no more than the clusters that are being read. What
//! can't be read costs its own rules and nothing else.

use std::{
    collections::{HashMap, HashSet},
    fmt::Display,
};

use atlas_backup::{
    Client, ClusterDocument, Fleet, FleetCluster, FleetSnapshot, FlexClusterDocument, Found, Missed, ProjectId,
    types::{CloudRegionConfig20240805, ClusterType},
};
use chrono::{DateTime, Utc};
use futures_util::{Stream, StreamExt, future::ready};

use super::{
    facts::{Facts, Job, Kind, Snap},
    plan::{Compliance, Plan},
};
use crate::exit::{Failure, Outcome};

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
            Ok(Found { project, item, .. }) => {
                policies.of.extend(Compliance::of(&item).map(|compliance| (project.to_string(), compliance)));
            }
            Err(Missed { project: Some(project), error, .. }) => {
                told(project.as_str(), format!("compliance policy: {error}"));
                policies.missed.insert(project.to_string());
            }
            Err(Missed { error, .. }) => return Err(error.into()),
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
                    Ok(Found { project, item, .. }) => match read(&client, &project, item, now).await {
                        Ok(facts) => facts.map(|facts| Ok(Gathered::Cluster(Box::new(facts)))),
                        Err(error) => Some(Err(error)),
                    },
                    Err(Missed { project: Some(project), cluster, error, .. }) => Some(Ok(Gathered::Missed {
                        project: project.to_string(),
                        cluster: cluster.map(|cluster| cluster.to_string()),
                        why: error.to_string(),
                    })),
                    Err(Missed { error, .. }) => Some(Err(Failure::from(error))),
                }
            }
        })
        .buffer_unordered(concurrency)
        .filter_map(ready)
}

async fn read(
    client: &Client,
    project: &ProjectId,
    cluster: FleetCluster,
    now: DateTime<Utc>,
) -> Outcome<Option<Facts>> {
    match cluster {
        FleetCluster::Dedicated(document) if !is_shared(&document) => {
            dedicated(client, project, &document, now).await.map(Some)
        }
        FleetCluster::Flex(document) => flex(client, project, &document).await.map(Some),
        _ => Ok(None),
    }
}

async fn dedicated(
    client: &Client,
    project: &ProjectId,
    document: &ClusterDocument,
    now: DateTime<Utc>,
) -> Outcome<Facts> {
    let cluster = client.project(project)?.cluster(document.name.clone())?;
    let sharded = matches!(document.cluster_type, Some(ClusterType::Sharded | ClusterType::Geosharded));
    let mut facts = Facts {
        project: project.to_string(),
        cluster: document.name.to_string(),
        kind: if sharded { Kind::Sharded } else { Kind::ReplicaSet },
        // A clock that runs behind the service's must make nothing younger than it is.
        created: document.create_date.filter(|created| *created <= now),
        paused: document.paused == Some(true),
        backup: document.backup_enabled,
        point_in_time: document.pit_enabled,
        snapshots: None,
        plan: None,
        restores: Vec::new(),
        exports: Vec::new(),
        unread: Vec::new(),
    };
    let snapshots = match sharded {
        true => {
            let items = cluster.sharded_snapshots().list().items();
            read_all(items, |snapshot| Snap::of(&FleetSnapshot::Sharded(Box::new(snapshot)))).await
        }
        false => {
            let items = cluster.snapshots().list().items();
            read_all(items, |snapshot| Snap::of(&FleetSnapshot::Dedicated(Box::new(snapshot)))).await
        }
    };
    facts.snapshots = note(&mut facts.unread, "snapshots", snapshots);
    let schedule = cluster.schedule().get().await;
    facts.plan = note(&mut facts.unread, "schedule", schedule).map(|schedule| Plan::of(&schedule));
    let restores = read_all(cluster.restores().list().items(), |job| Some(Job::of_restore(&job))).await;
    facts.restores = note(&mut facts.unread, "restores", restores).unwrap_or_default();
    let exports = read_all(cluster.exports().list().items(), |job| Some(Job::of_export(&job))).await;
    facts.exports = note(&mut facts.unread, "exports", exports).unwrap_or_default();
    Ok(facts)
}

async fn flex(client: &Client, project: &ProjectId, document: &FlexClusterDocument) -> Outcome<Facts> {
    let cluster = client.project(project)?.flex_cluster(document.name.clone())?;
    let mut facts = Facts {
        project: project.to_string(),
        cluster: document.name.to_string(),
        kind: Kind::Flex,
        created: document.create_date,
        paused: false,
        backup: document.backup_settings.as_ref().and_then(|settings| settings.enabled),
        point_in_time: None,
        snapshots: None,
        plan: None,
        restores: Vec::new(),
        exports: Vec::new(),
        unread: Vec::new(),
    };
    let items = cluster.snapshots().list().items();
    let snapshots = read_all(items, |snapshot| Snap::of(&FleetSnapshot::Flex(Box::new(snapshot)))).await;
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

/// Whether a cluster's machine serves others too: free clusters, and flex ones, which have a list of their own.
fn is_shared(document: &ClusterDocument) -> bool {
    let specs = document.replication_specs.iter().flatten();
    let mut regions = specs.flat_map(|spec| spec.region_configs.iter().flatten());
    regions.any(|region| match region {
        CloudRegionConfig20240805::Tenant(_) => true,
        CloudRegionConfig20240805::Unknown(region) => {
            region.get("providerName").and_then(|name| name.as_str()) == Some("FLEX")
        }
        _ => false,
    })
}
