//! What is known of a cluster's backups, in the few words that rules and reports need, whatever its kind.

use atlas_backup::{
    AnySnapshot, Client, FlexRestoreJob, RestoreJob,
    types::{
        CloudRegionConfig20240805, ClusterDescription20240805, ClusterType, DiskBackupExportJob, DiskBackupReplicaSet,
        FlexBackupSnapshot20241113, FlexClusterDescription20241113, SnapshotFrequency,
    },
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::audit::plan::Plan;

/// What sort of cluster it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    ReplicaSet,
    Sharded,
    Flex,
}

/// How far a snapshot or a job has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Busy,
    Done,
    Failed,
    /// Cancelled or expired: over, and nobody's fault.
    Over,
}

impl State {
    /// The state in the words of any of the service's state machines.
    pub(crate) fn of(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "completed" | "successful" => State::Done,
            "failed" => State::Failed,
            "cancelled" | "canceled" | "expired" => State::Over,
            _ => State::Busy,
        }
    }
}

/// A snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snap {
    pub(crate) id: String,
    pub(crate) state: State,
    /// When it was completed; of one that is not, when it was begun as far as that is known.
    pub(crate) at: Option<DateTime<Utc>>,
    pub(crate) frequency: String,
    pub(crate) bytes: i64,
    pub(crate) expires: Option<DateTime<Utc>>,
    pub(crate) regions: Vec<String>,
}

/// A restore or an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) state: State,
    pub(crate) at: Option<DateTime<Utc>>,
}

/// All that is known of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) project: String,
    pub(crate) cluster: String,
    pub(crate) kind: Kind,
    pub(crate) created: Option<DateTime<Utc>>,
    pub(crate) paused: bool,
    pub(crate) backup: Option<bool>,
    pub(crate) point_in_time: Option<bool>,
    /// `None` when they could not be read.
    pub(crate) snapshots: Option<Vec<Snap>>,
    /// `None` when it could not be read, and for a flex cluster, which has none of its own.
    pub(crate) plan: Option<Plan>,
    pub(crate) restores: Vec<Job>,
    pub(crate) exports: Vec<Job>,
    /// What could not be read: what, and why.
    pub(crate) unread: Vec<(&'static str, String)>,
}

/// What the service's answers said about the end of a version that was called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) operation: &'static str,
    pub(crate) version: String,
    pub(crate) deprecated: Option<NaiveDate>,
    pub(crate) ends: Option<NaiveDate>,
}

impl Heard {
    /// All that a client has heard so far.
    pub(crate) fn by(client: &Client) -> Vec<Self> {
        let told = client.deprecations().into_iter().map(|told| Heard {
            operation: told.operation,
            version: told.version,
            deprecated: told.since.map(|since| since.date_naive()),
            ends: told.sunset.map(|sunset| sunset.date_naive()),
        });
        told.collect()
    }
}

impl Facts {
    /// A cluster of which nothing else is known.
    pub(crate) fn new(project: &str, cluster: &str, kind: Kind) -> Self {
        Facts {
            project: project.to_owned(),
            cluster: cluster.to_owned(),
            kind,
            created: None,
            paused: false,
            backup: None,
            point_in_time: None,
            snapshots: None,
            plan: None,
            restores: Vec::new(),
            exports: Vec::new(),
            unread: Vec::new(),
        }
    }

    /// What a cluster's own document says; `None` for a free one, which has no backups.
    pub(crate) fn of_cluster(project: &str, document: &ClusterDescription20240805, now: DateTime<Utc>) -> Option<Self> {
        let sharded = matches!(document.cluster_type, Some(ClusterType::Sharded | ClusterType::Geosharded));
        let kind = if sharded { Kind::Sharded } else { Kind::ReplicaSet };
        (!is_shared(document)).then(|| Facts {
            // A clock that runs behind the service's must make nothing younger than it is.
            created: document.create_date.filter(|created| *created <= now),
            paused: document.paused == Some(true),
            backup: document.backup_enabled,
            point_in_time: document.pit_enabled,
            ..Facts::new(project, document.name.as_deref().unwrap_or_default(), kind)
        })
    }

    /// The same of a flex cluster.
    pub(crate) fn of_flex(project: &str, document: &FlexClusterDescription20241113) -> Self {
        Facts {
            created: document.create_date,
            backup: document.backup_settings.as_ref().and_then(|settings| settings.enabled),
            ..Facts::new(project, document.name.as_deref().unwrap_or_default(), Kind::Flex)
        }
    }

    /// The moments of the completed snapshots, oldest first.
    pub(crate) fn completed(&self) -> Vec<DateTime<Utc>> {
        let done = self.snapshots.iter().flatten().filter(|snapshot| snapshot.state == State::Done);
        let mut moments: Vec<_> = done.filter_map(|snapshot| snapshot.at).collect();
        moments.sort_unstable();
        moments
    }
}

impl Snap {
    pub(crate) fn of(snapshot: &AnySnapshot) -> Self {
        Snap {
            id: snapshot.id().to_string(),
            state: State::of(snapshot.state_word().unwrap_or_default()),
            at: snapshot.completed_at().or(snapshot.started_at()),
            frequency: snapshot.frequency().unwrap_or_default().to_owned(),
            bytes: snapshot.size_bytes().unwrap_or(0),
            expires: snapshot.expires_at(),
            regions: snapshot.copy_regions().to_vec(),
        }
    }

    pub(crate) fn of_document(document: &DiskBackupReplicaSet) -> Self {
        let id = document.id.clone().unwrap_or_default();
        Snap {
            state: State::of(document.status.as_ref().map_or("", |status| status.as_str())),
            at: document.created_at.or_else(|| made(&id)),
            frequency: word(document.frequency_type.as_ref()),
            bytes: document.storage_size_bytes.unwrap_or(0),
            expires: document.expires_at,
            regions: document.copy_regions.clone().unwrap_or_default(),
            id,
        }
    }

    pub(crate) fn of_flex(id: &str, document: &FlexBackupSnapshot20241113) -> Self {
        Snap {
            id: id.to_owned(),
            state: State::of(document.status.as_ref().map_or("", |status| status.as_str())),
            at: document.finish_time.or(document.start_time).or(document.scheduled_time),
            frequency: "daily".to_owned(),
            bytes: 0,
            expires: document.expiration,
            regions: Vec::new(),
        }
    }
}

impl Job {
    pub(crate) fn of_restore(job: &RestoreJob) -> Self {
        let is = |flag: Option<bool>| flag == Some(true);
        let state = match () {
            () if is(job.failed) => State::Failed,
            () if is(job.cancelled) || is(job.expired) => State::Over,
            () if job.finished_at.is_some() || job.delivery_url.as_ref().is_some_and(|urls| !urls.is_empty()) => {
                State::Done
            }
            () => State::Busy,
        };
        // A job's own time stamp is its snapshot's.
        Job { id: job.id.to_string(), state, at: job.finished_at.or_else(|| made(job.id.as_str())) }
    }

    pub(crate) fn of_flex_restore(job: &FlexRestoreJob) -> Self {
        let state = State::of(job.status.as_ref().map_or("", |status| status.as_str()));
        Job { id: job.id.to_string(), state, at: job.restore_finished_date.or(job.restore_scheduled_date) }
    }

    pub(crate) fn of_export(id: &str, job: &DiskBackupExportJob) -> Self {
        let state = State::of(job.state.as_ref().map_or("", |state| state.as_str()));
        Job { id: id.to_owned(), state, at: job.finished_at.or(job.created_at) }
    }
}

pub(super) fn word(frequency: Option<&SnapshotFrequency>) -> String {
    frequency.map_or_else(String::new, |frequency| frequency.as_str().to_owned())
}

/// Whether a cluster's machine serves others too: free clusters, and flex ones, which have a list of their own.
fn is_shared(document: &ClusterDescription20240805) -> bool {
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

/// When a thing was made: the first four bytes of its id count seconds. What has no time of its own has that.
fn made(id: &str) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(i64::from(u32::from_str_radix(id.get(..8)?, 16).ok()?), 0)
}

/// A length of time in the largest unit that shows it to a tenth: `26.5 hours`, `9.0 days`.
pub(crate) fn length(length: TimeDelta) -> String {
    #[allow(clippy::cast_precision_loss)] // A tenth of an hour is all that is shown.
    let hours = length.num_seconds() as f64 / 3_600.0;
    match hours.abs() {
        hours if hours >= 48.0 => format!("{:.1} days", hours / 24.0),
        hours if hours >= 2.0 => format!("{hours:.1} hours"),
        hours => format!("{:.0} minutes", hours * 60.0),
    }
}
