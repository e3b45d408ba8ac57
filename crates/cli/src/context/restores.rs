//! Restore jobs of every kind of cluster: starting, finding and waiting for them, and their columns.
//!
//! A restore into a cluster replaces the cluster's data, so it asks for the target's name first. A download changes no
//! cluster: for a flex cluster it is the flex download, never a restore over the target.

use atlas_backup::{Cluster, FlexRestoreJob, RestoreJob, types::DiskBackupSnapshotRestoreJob};
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{
    clusters::{self, Kind},
    confirmation::Confirmation,
    session::Session,
    targets::{OfCluster, OneCluster, SnapshotFlag, Target},
    waiting::{Job, Timeout, WaitFlags},
};
use crate::ui::{
    exit::{Failure, Outcome},
    hints::Command,
    output::{
        cell::Cell,
        document::{Column, Document},
    },
};

/// A restore job of a cluster of either family.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum AnyRestore {
    Dedicated(Box<RestoreJob>),
    Flex(Box<FlexRestoreJob>),
}

impl From<RestoreJob> for AnyRestore {
    fn from(job: RestoreJob) -> Self {
        AnyRestore::Dedicated(Box::new(job))
    }
}

impl From<FlexRestoreJob> for AnyRestore {
    fn from(job: FlexRestoreJob) -> Self {
        AnyRestore::Flex(Box::new(job))
    }
}

impl AnyRestore {
    /// Its id.
    pub(crate) fn id(&self) -> &str {
        match self {
            AnyRestore::Dedicated(job) => job.id.as_str(),
            AnyRestore::Flex(job) => job.id.as_str(),
        }
    }

    /// Whether it prepares an archive to fetch, and touches no cluster; so is what does not say.
    pub(crate) fn is_download(&self) -> bool {
        let kind = match self {
            AnyRestore::Dedicated(job) => job.delivery_type.as_ref().map(|kind| kind.as_str()),
            AnyRestore::Flex(job) => job.delivery_type.as_ref().map(|kind| kind.as_str()),
        };
        kind.is_none_or(|kind| kind.eq_ignore_ascii_case("download"))
    }

    /// The id of the snapshot that it restores.
    pub(crate) fn snapshot(&self) -> Option<&str> {
        match self {
            AnyRestore::Dedicated(job) => job.snapshot_id.as_deref(),
            AnyRestore::Flex(job) => job.snapshot_id.as_deref(),
        }
    }
}

/// The states that a dedicated cluster's job goes through, in our words.
pub(crate) const STATES: &[&str] = &["inProgress", "completed"];
/// The states that a flex cluster's job goes through, in the service's.
pub(crate) const FLEX_STATES: &[&str] = &["PENDING", "QUEUED", "RUNNING", "COMPLETED"];

/// What a dedicated cluster's job is in: a download is done as soon as there is something to fetch.
pub(crate) fn state(job: &RestoreJob) -> Option<&str> {
    Some(state_of(job))
}

fn state_of(job: &DiskBackupSnapshotRestoreJob) -> &'static str {
    let is = |flag: Option<bool>| flag == Some(true);
    match () {
        () if is(job.failed) => "failed",
        () if is(job.cancelled) => "cancelled",
        () if is(job.expired) => "expired",
        () if job.finished_at.is_some() || job.delivery_url.as_ref().is_some_and(|urls| !urls.is_empty()) => {
            "completed"
        }
        () => "inProgress",
    }
}

pub(crate) fn flex_state(job: &FlexRestoreJob) -> Option<&str> {
    job.status.as_ref().map(|status| status.as_str())
}

fn time(seconds: Option<i64>) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(seconds?, 0)
}

/// A value of whichever family it is.
macro_rules! either {
    ($job:expr, $dedicated:ident => $value:expr, $flex:ident => $other:expr) => {
        match $job {
            AnyRestore::Dedicated($dedicated) => $value,
            AnyRestore::Flex($flex) => $other,
        }
    };
}

impl Document for AnyRestore {
    const PLURAL: &'static str = "restore jobs";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("ID", |job, _| either!(job, d => Cell::text(Some(&d.id)), f => Cell::text(Some(&f.id)))),
        Column::new("STATE", |job, _| either!(job, d => Cell::state(state(d)), f => Cell::state(flex_state(f)))),
        Column::new(
            "TYPE",
            |job, _| either!(job, d => Cell::text(d.delivery_type.as_ref()), f => Cell::text(f.delivery_type.as_ref())),
        ),
        Column::new(
            "SNAPSHOT",
            |job, _| either!(job, d => Cell::text(d.snapshot_id.as_ref()), f => Cell::text(f.snapshot_id.as_ref())),
        ),
        Column::new("TARGET", |job, _| {
            either!(job, d => Cell::text(d.target_cluster_name.as_ref()),
                f => Cell::text(f.target_deployment_item_name.as_ref()))
        }),
        Column::new(
            "SNAPSHOT TAKEN",
            |job, now| either!(job, d => Cell::time(d.timestamp, now), f => Cell::time(f.snapshot_finished_date, now)),
        ),
        Column::new(
            "FINISHED",
            |job, now| either!(job, d => Cell::time(d.finished_at, now), f => Cell::time(f.restore_finished_date, now)),
        ),
        Column::detail(
            "POINT IN TIME",
            |job, now| either!(job, d => Cell::time(time(d.point_in_time_utc_seconds), now), _f => Cell::text(None::<&str>)),
        ),
        Column::detail(
            "TARGET PROJECT",
            |job, _| either!(job, d => Cell::text(d.target_group_id.as_ref()), f => Cell::text(f.target_project_id.as_ref())),
        ),
        Column::detail(
            "DOWNLOAD",
            |job, _| either!(job, d => Cell::list(d.delivery_url.as_ref()), f => Cell::text(f.snapshot_url.as_ref())),
        ),
        Column::detail(
            "EXPIRES",
            |job, now| either!(job, d => Cell::time(d.expires_at, now), f => Cell::time(f.expiration_date, now)),
        ),
    ];
}

/// Starts a restore of a snapshot into a cluster, and waits for it if `wait` says so.
pub(crate) async fn automated(
    cluster: OneCluster,
    snapshot: SnapshotFlag,
    target: Target,
    confirmation: Confirmation,
    wait: WaitFlags,
    session: &Session,
) -> Outcome {
    let (source, id) = (cluster.find(session)?, snapshot.snapshot);
    let over = target.dedicated(&source, session)?;
    confirm(confirmation, &format!("Restores snapshot {id} of {}", source.name()), &over, session).await?;
    let job = match clusters::kind(&source).await? {
        Kind::Flex => {
            let flex = session.project()?.flex_cluster(source.name())?;
            flex.restores().create(id.as_str(), &target.flex(&source, session)?).await?.into()
        }
        Kind::ReplicaSet | Kind::Sharded => AnyRestore::from(source.restores().automated(id.as_str(), &over).await?),
    };
    started(&source, job, wait, session).await
}

/// Prints a job that was started, after waiting for it if `wait` says so.
pub(crate) async fn started(cluster: &Cluster, job: AnyRestore, wait: WaitFlags, session: &Session) -> Outcome {
    if wait.wait {
        return self::wait(cluster, job, wait.timeout, session).await;
    }
    session.printer().one(&job).await?;
    described(cluster, &job).print_how_to_wait(session);
    Ok(())
}

/// Has the data of a snapshot prepared for download.
pub(crate) async fn prepare(cluster: &Cluster, id: &str, session: &Session) -> Outcome<AnyRestore> {
    Ok(match clusters::kind(cluster).await? {
        Kind::Flex => {
            let flex = session.project()?.flex_cluster(cluster.name())?;
            (*flex.restores().download(id).await?).clone().into()
        }
        Kind::ReplicaSet | Kind::Sharded => (*cluster.restores().download(id).await?).clone().into(),
    })
}

pub(crate) async fn confirm(confirmation: Confirmation, deed: &str, over: &Cluster, session: &Session) -> Outcome {
    let deed = format!("{deed} over {} of project {}, whose data it replaces", over.name(), over.project_id());
    confirmation.ask(&deed, over.name().as_str(), session).await
}

/// Waits until the job with an id is done and prints it.
pub(crate) async fn wait_for(job: OfCluster, timeout: Timeout, session: &Session) -> Outcome {
    let (cluster, id) = job.find(session)?;
    let job = get(&cluster, &id, session).await?;
    wait(&cluster, job, timeout, session).await
}

/// Waits until a job is done and prints it.
pub(crate) async fn wait(cluster: &Cluster, job: AnyRestore, timeout: Timeout, session: &Session) -> Outcome {
    let waited = described(cluster, &job);
    let done: AnyRestore = match job {
        AnyRestore::Dedicated(job) => {
            let wait = cluster.restores().wait(&job.id);
            waited.wait(wait, state, timeout, session).await?.into()
        }
        AnyRestore::Flex(job) => {
            let restores = session.project()?.flex_cluster(cluster.name())?.restores();
            waited.wait(restores.wait(&job.id), flex_state, timeout, session).await?.into()
        }
    };
    session.printer().one(&done).await
}

pub(crate) fn described(cluster: &Cluster, job: &AnyRestore) -> Job {
    let name = cluster.name();
    let (id, states) = match job {
        AnyRestore::Dedicated(job) => (&job.id, STATES),
        AnyRestore::Flex(job) => (&job.id, FLEX_STATES),
    };
    Job {
        noun: "restore job",
        id: id.to_string(),
        owner: name.to_string(),
        states,
        again: Command::new("restores wait").arg(name).arg(id),
        list: Command::new("restores list").arg(name),
        remedy: match job.is_download() {
            true => "start another",
            false => "what it restored into may hold anything; start another",
        }
        .into(),
    }
}

/// Gets one restore job of `cluster`, whatever it is.
pub(crate) async fn get(cluster: &Cluster, id: &str, session: &Session) -> Outcome<AnyRestore> {
    let list = Command::new("restores list").arg(cluster.name());
    match cluster.restores().get(id).await {
        Ok(job) => Ok(job.into()),
        Err(error) if clusters::is_flex(&error) => {
            let restores = session.project()?.flex_cluster(cluster.name())?.restores();
            restores.get(id).await.map(AnyRestore::from).map_err(|error| Failure::not_found(error, list))
        }
        Err(error) => Err(Failure::not_found(error, list)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_job_is_in_the_state_that_its_fields_tell() {
        let url = json!(["https://example.com/x"]);
        for (fields, told) in [
            (json!({}), "inProgress"),
            (json!({"deliveryUrl": []}), "inProgress"),
            (json!({"deliveryUrl": url}), "completed"),
            (json!({"finishedAt": "2026-01-01T00:00:00Z"}), "completed"),
            (json!({"finishedAt": "2026-01-01T00:00:00Z", "failed": true}), "failed"),
            (json!({"deliveryUrl": url, "expired": true}), "expired"),
            (json!({"cancelled": true}), "cancelled"),
        ] {
            let job: DiskBackupSnapshotRestoreJob = serde_json::from_value(fields.clone()).expect("a job");
            assert_eq!(state_of(&job), told, "{fields}");
        }
    }
}
