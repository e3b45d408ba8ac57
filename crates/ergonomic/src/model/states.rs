//! Job states. Each resource of the service has its own state names. This module maps all of them to one state.
//!
//! An unknown state name counts as in progress, because the service may add states.

use atlas_backup_generated::types::{
    AccessListEntryStatus, ClusterDescription, ClusterStatus, CollectionRestoreJob, DataProtectionSettings,
    DeliveryType, DiskBackupExportJob, DiskBackupReplicaSet, DiskBackupShardedClusterSnapshot,
    DiskBackupSnapshotRestoreJob, FlexBackupRestoreJob, FlexBackupSnapshot, FlexClusterDescription,
    ObjectStoragePrivateEndpoint,
};

use crate::model::sealed::{self, Sealed};

/// The state of a job or of an object that changes slowly, independent of the service's names.
#[derive(Default, Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JobState {
    /// Queued or running, or unknown to this version of the crate.
    #[default]
    InProgress,
    /// Completed. A cluster or an endpoint is ready.
    Succeeded,
    /// Failed.
    Failed,
    /// Cancelled before it completed.
    Cancelled,
    /// Its result has expired.
    Expired,
    /// The object is being deleted.
    Deleting,
}

impl JobState {
    /// The state of a state name in any state machine of the service, in any case.
    ///
    /// ```
    /// use atlas_backup::JobState;
    ///
    /// assert_eq!(JobState::of_word("COMPLETED"), JobState::Succeeded);
    /// assert_eq!(JobState::of_word("finalizing"), JobState::InProgress);
    /// ```
    #[must_use]
    pub fn of_word(word: &str) -> Self {
        StateWords::ALL.iter().map(|words| words.state(word)).find(|state| state.is_over()).unwrap_or_default()
    }

    /// Whether it has ended.
    #[must_use]
    pub fn is_over(self) -> bool {
        self != JobState::InProgress
    }
}

/// The state names of one state machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateWords {
    steps: &'static [&'static str],
    ends: &'static [(&'static str, JobState)],
}

const FAILED: (&str, JobState) = ("failed", JobState::Failed);

impl StateWords {
    /// Snapshots of dedicated clusters.
    pub const SNAPSHOT: Self = Self::new(&["queued", "inProgress", "completed"], &[FAILED]);
    /// Restore jobs of dedicated clusters. The service has only flags, so these names are this crate's.
    pub const RESTORE: Self = Self::new(
        &["inProgress", "completed"],
        &[FAILED, ("cancelled", JobState::Cancelled), ("expired", JobState::Expired)],
    );
    /// Snapshots and restore jobs of flex clusters.
    pub const FLEX: Self = Self::new(&["PENDING", "QUEUED", "RUNNING", "COMPLETED"], &[("FAILED", JobState::Failed)]);
    /// Export jobs.
    pub const EXPORT: Self = Self::new(
        &["Queued", "InProgress", "Successful"],
        &[("Failed", JobState::Failed), ("Cancelled", JobState::Cancelled)],
    );
    /// Jobs that restore databases and collections.
    pub const COLLECTION_RESTORE: Self = Self::new(
        &["INITIALIZING", "IN_PROGRESS", "FINALIZING", "SUCCESSFUL"],
        &[("FAILED", JobState::Failed), ("CANCELED", JobState::Cancelled)],
    );
    /// Clusters, dedicated and flex.
    pub const CLUSTER: Self = Self::new(&["CREATING", "UPDATING", "IDLE"], &[("DELETING", JobState::Deleting)]);
    /// Private endpoints for backups.
    pub const PRIVATE_ENDPOINT: Self = Self::new(
        &["INITIATING", "PENDING_ACCEPTANCE", "PENDING_RECREATION", "ACTIVE"],
        &[("FAILED", JobState::Failed), ("DELETING", JobState::Deleting)],
    );
    /// Compliance policies.
    pub const COMPLIANCE_POLICY: Self = Self::new(&["ENABLING", "UPDATING", "ACTIVE"], &[]);
    /// Entries of the IP access list.
    pub const ACCESS_LIST_ENTRY: Self = Self::new(&["PENDING", "ACTIVE"], &[("FAILED", JobState::Failed)]);
    /// Changes of a cluster.
    pub const CLUSTER_CHANGES: Self = Self::new(&["PENDING", "APPLIED"], &[]);

    const ALL: [Self; 10] = [
        Self::SNAPSHOT,
        Self::RESTORE,
        Self::FLEX,
        Self::EXPORT,
        Self::COLLECTION_RESTORE,
        Self::CLUSTER,
        Self::PRIVATE_ENDPOINT,
        Self::COMPLIANCE_POLICY,
        Self::ACCESS_LIST_ENTRY,
        Self::CLUSTER_CHANGES,
    ];

    const fn new(steps: &'static [&'static str], ends: &'static [(&'static str, JobState)]) -> Self {
        StateWords { steps, ends }
    }

    /// The states on the way to success, in order; the last one is success.
    #[must_use]
    pub const fn steps(&self) -> &'static [&'static str] {
        self.steps
    }

    /// The state of a state name, in any case.
    #[must_use]
    pub fn state(&self, word: &str) -> JobState {
        let is = |known: &str| known.eq_ignore_ascii_case(word);
        match self.ends.iter().find(|(known, _)| is(known)) {
            Some((_, state)) => *state,
            None if self.steps.last().is_some_and(|last| is(last)) => JobState::Succeeded,
            None => JobState::InProgress,
        }
    }
}

/// A document with a job state.
pub trait HasState: Sealed<sealed::HasState> {
    /// Its state names.
    const WORDS: StateWords;

    /// The state name from the service, if any.
    fn state_word(&self) -> Option<&str>;

    /// The state.
    fn job_state(&self) -> JobState {
        self.state_word().map_or(JobState::InProgress, |word| Self::WORDS.state(word))
    }
}

macro_rules! states {
    ($($document:ident . $field:ident: $words:ident,)*) => {
        $(impl Sealed<sealed::HasState> for $document {}

        impl HasState for $document {
            const WORDS: StateWords = StateWords::$words;

            fn state_word(&self) -> Option<&str> {
                self.$field.as_ref().map(|word| word.as_str())
            }
        })*
    };
}

states!(
    DiskBackupReplicaSet.status: SNAPSHOT,
    DiskBackupShardedClusterSnapshot.status: SNAPSHOT,
    FlexBackupSnapshot.status: FLEX,
    FlexBackupRestoreJob.status: FLEX,
    DiskBackupExportJob.state: EXPORT,
    CollectionRestoreJob.state: COLLECTION_RESTORE,
    ClusterDescription.state_name: CLUSTER,
    FlexClusterDescription.state_name: CLUSTER,
    ObjectStoragePrivateEndpoint.status: PRIVATE_ENDPOINT,
    DataProtectionSettings.state: COMPLIANCE_POLICY,
    AccessListEntryStatus.status: ACCESS_LIST_ENTRY,
    ClusterStatus.change_status: CLUSTER_CHANGES,
);

impl Sealed<sealed::HasState> for DiskBackupSnapshotRestoreJob {}

/// A restore job of a dedicated cluster has no state name. A restore has ended when it has `finishedAt`. A download has
/// ended when it has a URL, and never gets a `finishedAt`. A failure flag takes precedence.
impl HasState for DiskBackupSnapshotRestoreJob {
    const WORDS: StateWords = StateWords::RESTORE;

    fn state_word(&self) -> Option<&str> {
        let is = |flag: Option<bool>| flag == Some(true);
        let has_url = self.delivery_url.iter().flatten().any(|url| !url.is_empty());
        let is_download = matches!(self.delivery_type, Some(DeliveryType::Download));
        Some(match () {
            () if is(self.failed) => "failed",
            () if is(self.cancelled) => "cancelled",
            () if is(self.expired) => "expired",
            () if has_url || (self.finished_at.is_some() && !is_download) => "completed",
            () => "inProgress",
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn state_words_mean_the_same_in_every_state_machine() {
        for words in StateWords::ALL {
            for word in words.steps.iter().chain(words.ends.iter().map(|(word, _)| word)) {
                assert_eq!(JobState::of_word(word), words.state(word), "{word}");
                assert_eq!(words.state(&word.to_lowercase()), words.state(word), "{word}");
            }
            let [before @ .., last] = words.steps else { panic!("{words:?} has no steps") };
            assert_eq!(words.state(last), JobState::Succeeded, "{last}");
            assert!(before.iter().all(|word| words.state(word) == JobState::InProgress), "{before:?}");
        }
        assert_eq!(JobState::of_word("NEVER_HEARD_OF"), JobState::InProgress);
    }

    #[test]
    fn restore_job_state_follows_from_its_fields() {
        let url = json!(["https://example.com/x"]);
        for (fields, state) in [
            (json!({}), JobState::InProgress),
            (json!({"deliveryUrl": []}), JobState::InProgress),
            (json!({"deliveryUrl": url}), JobState::Succeeded),
            (json!({"finishedAt": "2026-01-01T00:00:00Z"}), JobState::Succeeded),
            (json!({"finishedAt": "2026-01-01T00:00:00Z", "deliveryType": "download"}), JobState::InProgress),
            (json!({"finishedAt": "2026-01-01T00:00:00Z", "failed": true}), JobState::Failed),
            (json!({"deliveryUrl": url, "expired": true}), JobState::Expired),
            (json!({"cancelled": true}), JobState::Cancelled),
        ] {
            let job: DiskBackupSnapshotRestoreJob = serde_json::from_value(fields.clone()).expect("a job");
            assert_eq!(job.job_state(), state, "{fields}");
        }
    }
}
