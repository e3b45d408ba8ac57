//! The columns of restore jobs. A dedicated cluster's job has no state of its own, so it is told from what the job holds.

use atlas_backup::{FlexRestoreJob, RestoreJob, types::DiskBackupSnapshotRestoreJob};
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::output::{Column, Document, cell::Cell};

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
    pub(super) fn id(&self) -> &str {
        match self {
            AnyRestore::Dedicated(job) => job.id.as_str(),
            AnyRestore::Flex(job) => job.id.as_str(),
        }
    }

    /// Whether it prepares an archive to fetch, and touches no cluster; so is what does not say.
    pub(super) fn is_download(&self) -> bool {
        let kind = match self {
            AnyRestore::Dedicated(job) => job.delivery_type.as_ref().map(|kind| kind.as_str()),
            AnyRestore::Flex(job) => job.delivery_type.as_ref().map(|kind| kind.as_str()),
        };
        kind.is_none_or(|kind| kind.eq_ignore_ascii_case("download"))
    }

    /// The id of the snapshot that it restores.
    pub(super) fn snapshot(&self) -> Option<&str> {
        match self {
            AnyRestore::Dedicated(job) => job.snapshot_id.as_deref(),
            AnyRestore::Flex(job) => job.snapshot_id.as_deref(),
        }
    }
}

/// The states that a dedicated cluster's job goes through, in our words.
pub(super) const STATES: &[&str] = &["inProgress", "completed"];
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
