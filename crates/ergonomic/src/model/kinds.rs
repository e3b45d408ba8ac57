//! The kinds of clusters, and one view over the documents of all kinds: a cluster, its snapshots, its restore jobs.
//!
//! The service has other operations, types and field names for each kind. Code that only reads what they have in common
//! uses these views. A field that one kind does not have is `None`.

use std::sync::Arc;

use atlas_backup_generated::types::{
    CloudRegionConfig, ClusterDescription, ClusterType, DiskBackupSnapshot, ResourceTag,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

use crate::model::{
    documents::{
        ClusterDocument, FlexClusterDocument, FlexRestoreJob, FlexSnapshot, RestoreJob, ShardedSnapshot, Snapshot,
    },
    entity::{FromDocument as _, convert_document},
    error::Result,
    ids::{ClusterName, RestoreJobId, SnapshotId},
    meta::Meta,
    states::{HasState, JobState, StateWords},
};

/// The kinds of clusters that have backups, each with separate operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClusterKind {
    /// A dedicated cluster that is one replica set.
    ReplicaSet,
    /// A dedicated cluster with shards.
    Sharded,
    /// A flex cluster.
    Flex,
}

impl ClusterKind {
    /// The kind of a dedicated cluster.
    #[must_use]
    pub fn of(cluster: &ClusterDescription) -> Self {
        match cluster.cluster_type {
            Some(ClusterType::Sharded | ClusterType::Geosharded) => ClusterKind::Sharded,
            _ => ClusterKind::ReplicaSet,
        }
    }

    /// Whether clusters of this kind are dedicated.
    #[must_use]
    pub fn is_dedicated(self) -> bool {
        self != ClusterKind::Flex
    }

    /// The states of snapshots of such a cluster.
    #[must_use]
    pub fn snapshot_states(self) -> StateWords {
        if self.is_dedicated() { StateWords::SNAPSHOT } else { StateWords::FLEX }
    }

    /// The states of restore jobs of such a cluster.
    #[must_use]
    pub fn restore_states(self) -> StateWords {
        if self.is_dedicated() { StateWords::RESTORE } else { StateWords::FLEX }
    }
}

macro_rules! view {
    ($(#[$doc:meta])* $view:ident { $($(#[$variant_doc:meta])* $variant:ident($document:ty),)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize)]
        #[serde(untagged)]
        #[non_exhaustive]
        pub enum $view {
            $($(#[$variant_doc])* $variant(Box<$document>),)*
        }

        $(impl From<$document> for $view {
            fn from(document: $document) -> Self {
                $view::$variant(Box::new(document))
            }
        })*

        impl $view {
            /// The state in the service's word; `None` where the service sent none.
            #[must_use]
            pub fn state_word(&self) -> Option<&str> {
                match self {
                    $($view::$variant(document) => document.state_word(),)*
                }
            }

            /// What came beside the document.
            #[must_use]
            pub fn meta(&self) -> &Arc<Meta> {
                match self {
                    $($view::$variant(document) => document.shared_meta(),)*
                }
            }

            /// The state.
            #[must_use]
            pub fn state(&self) -> JobState {
                match self {
                    $($view::$variant(document) => document.job_state(),)*
                }
            }
        }
    };
}

view! {
    /// A cluster of any kind. Serialized as its document.
    AnyCluster {
        /// A dedicated or free one.
        Dedicated(ClusterDocument),
        /// A flex one.
        Flex(FlexClusterDocument),
    }
}

/// The same field of either kind.
macro_rules! either {
    ($cluster:expr, $document:ident => $value:expr) => {
        match $cluster {
            AnyCluster::Dedicated($document) => $value,
            AnyCluster::Flex($document) => $value,
        }
    };
}

impl AnyCluster {
    /// The name.
    #[must_use]
    pub fn name(&self) -> &ClusterName {
        either!(self, c => &c.name)
    }

    /// The kind; a free cluster is a replica set.
    #[must_use]
    pub fn kind(&self) -> ClusterKind {
        match self {
            AnyCluster::Dedicated(cluster) => ClusterKind::of(cluster),
            AnyCluster::Flex(_) => ClusterKind::Flex,
        }
    }

    /// The type in the service's word, such as `REPLICASET`; of a flex cluster `FLEX`.
    #[must_use]
    pub fn cluster_type(&self) -> Option<&str> {
        match self {
            AnyCluster::Dedicated(cluster) => cluster.cluster_type.as_ref().map(|kind| kind.as_str()),
            AnyCluster::Flex(_) => Some("FLEX"),
        }
    }

    /// Whether the cluster can have backups: every one but a free one. The list of dedicated clusters may hold flex
    /// clusters too, which have a separate list; here they do not count.
    #[must_use]
    pub fn can_have_backups(&self) -> bool {
        match self {
            AnyCluster::Dedicated(cluster) => !is_shared(cluster),
            AnyCluster::Flex(_) => true,
        }
    }

    /// Whether snapshots are taken.
    #[must_use]
    pub fn backup_enabled(&self) -> Option<bool> {
        match self {
            AnyCluster::Dedicated(cluster) => cluster.backup_enabled,
            AnyCluster::Flex(cluster) => cluster.backup_settings.as_ref()?.enabled,
        }
    }

    /// Whether any moment of the restore window can be restored; no flex cluster has that.
    #[must_use]
    pub fn point_in_time_enabled(&self) -> Option<bool> {
        match self {
            AnyCluster::Dedicated(cluster) => cluster.pit_enabled,
            AnyCluster::Flex(_) => None,
        }
    }

    /// Whether the cluster is paused; a flex cluster never is.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        matches!(self, AnyCluster::Dedicated(cluster) if cluster.paused == Some(true))
    }

    /// When the cluster was created.
    #[must_use]
    pub fn created_at(&self) -> Option<DateTime<Utc>> {
        either!(self, c => c.create_date)
    }

    /// The version of MongoDB.
    #[must_use]
    pub fn mongodb_version(&self) -> Option<&str> {
        either!(self, c => c.mongo_db_version.as_deref())
    }

    /// Whether the cluster is protected from being deleted.
    #[must_use]
    pub fn termination_protection_enabled(&self) -> Option<bool> {
        either!(self, c => c.termination_protection_enabled)
    }

    /// The tags.
    #[must_use]
    pub fn tags(&self) -> &[ResourceTag] {
        either!(self, c => c.tags.as_deref().unwrap_or_default())
    }

    /// The address that drivers connect to, `mongodb+srv:` where there is one.
    #[must_use]
    pub fn connection_string(&self) -> Option<&str> {
        either!(self, c => {
            let addresses = c.connection_strings.as_ref()?;
            addresses.standard_srv.as_deref().or(addresses.standard.as_deref())
        })
    }

    /// Its connection string without SRV, which needs no DNS. `None` until the service has assigned one.
    #[must_use]
    pub fn standard_connection_string(&self) -> Option<&str> {
        either!(self, c => c.connection_strings.as_ref()?.standard.as_deref())
    }
}

/// Whether a cluster shares its machine with others: free clusters and flex ones.
fn is_shared(cluster: &ClusterDescription) -> bool {
    let specs = cluster.replication_specs.iter().flatten();
    let mut regions = specs.flat_map(|spec| spec.region_configs.iter().flatten());
    regions.any(|region| match region {
        CloudRegionConfig::Tenant(_) => true,
        CloudRegionConfig::Unknown(region) => region.get("providerName").and_then(Value::as_str) == Some("FLEX"),
        _ => false,
    })
}

view! {
    /// A snapshot of a cluster of any kind. Serialized as its document.
    AnySnapshot {
        /// Of a replica set.
        ReplicaSet(Snapshot),
        /// Of a sharded cluster.
        Sharded(ShardedSnapshot),
        /// Of a flex cluster.
        Flex(FlexSnapshot),
    }
}

/// The same field of every kind: `s` of dedicated clusters, `f` of flex ones.
macro_rules! any {
    ($snapshot:expr, $document:ident => $value:expr, $flex:pat => $other:expr) => {
        match $snapshot {
            AnySnapshot::ReplicaSet($document) => $value,
            AnySnapshot::Sharded($document) => $value,
            AnySnapshot::Flex($flex) => $other,
        }
    };
}

impl AnySnapshot {
    /// The snapshot that a document of a dedicated cluster's is, by its type.
    pub(crate) fn of_dedicated(document: DiskBackupSnapshot, meta: &Arc<Meta>) -> Result<Self> {
        match document {
            DiskBackupSnapshot::ReplicaSet(snapshot) => Snapshot::from_document(*snapshot, meta).map(Into::into),
            DiskBackupSnapshot::ShardedCluster(snapshot) => {
                ShardedSnapshot::from_document(*snapshot, meta).map(Into::into)
            }
            other => Snapshot::from_document(convert_document(&other)?, meta).map(Into::into),
        }
    }

    /// The id.
    #[must_use]
    pub fn id(&self) -> &SnapshotId {
        any!(self, s => &s.id, f => &f.id)
    }

    /// The kind of its cluster.
    #[must_use]
    pub fn kind(&self) -> ClusterKind {
        match self {
            AnySnapshot::ReplicaSet(_) => ClusterKind::ReplicaSet,
            AnySnapshot::Sharded(_) => ClusterKind::Sharded,
            AnySnapshot::Flex(_) => ClusterKind::Flex,
        }
    }

    /// When the snapshot was completed.
    #[must_use]
    pub fn completed_at(&self) -> Option<DateTime<Utc>> {
        any!(self, s => s.created_at, f => f.finish_time)
    }

    /// When the snapshot was begun. The service does not say this of a dedicated cluster's; its id does.
    #[must_use]
    pub fn started_at(&self) -> Option<DateTime<Utc>> {
        any!(self, s => time_in_id(s.id.as_str()), f => f.start_time.or(f.scheduled_time))
    }

    /// When the service deletes the snapshot.
    #[must_use]
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        any!(self, s => s.expires_at, f => f.expiration)
    }

    /// The size in bytes; unknown of a flex cluster's.
    #[must_use]
    pub fn size_bytes(&self) -> Option<i64> {
        any!(self, s => s.storage_size_bytes, _ => None)
    }

    /// How often snapshots like this one are taken, in the service's word; of a flex cluster's `daily`.
    #[must_use]
    pub fn frequency(&self) -> Option<&str> {
        any!(self, s => s.frequency_type.as_ref().map(|word| word.as_str()), _ => Some("daily"))
    }

    /// Why the snapshot was taken, in the service's word: `onDemand`, `scheduled` or `fallback`.
    #[must_use]
    pub fn snapshot_type(&self) -> Option<&str> {
        any!(self, s => s.snapshot_type.as_ref().map(|word| word.as_str()), _ => None)
    }

    /// The description that the caller gave it.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        any!(self, s => s.description.as_deref(), _ => None)
    }

    /// The type of its cluster in the service's word: `replicaSet` or `shardedCluster`.
    #[must_use]
    pub fn cluster_type(&self) -> Option<&str> {
        any!(self, s => s.type_.as_ref().map(|word| word.as_str()), _ => None)
    }

    /// The version of MongoDB.
    #[must_use]
    pub fn mongodb_version(&self) -> Option<&str> {
        any!(self, s => s.mongod_version.as_deref(), f => f.mongo_db_version.as_deref())
    }

    /// The cloud providers that it is stored with, without repetition.
    #[must_use]
    pub fn cloud_providers(&self) -> Vec<String> {
        match self {
            AnySnapshot::ReplicaSet(s) => s.cloud_provider.iter().map(ToString::to_string).collect(),
            AnySnapshot::Sharded(s) => {
                let members = s.members.iter().flatten().filter_map(|member| member.cloud_provider.as_ref());
                let mut providers: Vec<_> = members.map(ToString::to_string).collect();
                providers.sort();
                providers.dedup();
                providers
            }
            AnySnapshot::Flex(_) => Vec::new(),
        }
    }

    /// The replica sets that it is of.
    #[must_use]
    pub fn replica_sets(&self) -> Vec<&str> {
        match self {
            AnySnapshot::ReplicaSet(s) => s.replica_set_name.as_deref().into_iter().collect(),
            AnySnapshot::Sharded(s) => {
                s.members.iter().flatten().filter_map(|member| member.replica_set_name.as_deref()).collect()
            }
            AnySnapshot::Flex(_) => Vec::new(),
        }
    }

    /// The regions that hold copies of it. The service tells them of a replica set's only.
    #[must_use]
    pub fn copy_regions(&self) -> &[String] {
        match self {
            AnySnapshot::ReplicaSet(s) => s.copy_regions.as_deref().unwrap_or_default(),
            AnySnapshot::Sharded(_) | AnySnapshot::Flex(_) => &[],
        }
    }
}

view! {
    /// A restore job of a cluster of any kind. Serialized as its document.
    AnyRestore {
        /// Of a dedicated cluster.
        Dedicated(RestoreJob),
        /// Of a flex cluster.
        Flex(FlexRestoreJob),
    }
}

impl AnyRestore {
    /// The id.
    #[must_use]
    pub fn id(&self) -> &RestoreJobId {
        match self {
            AnyRestore::Dedicated(job) => &job.id,
            AnyRestore::Flex(job) => &job.id,
        }
    }

    /// The words of its states.
    #[must_use]
    pub fn state_words(&self) -> StateWords {
        match self {
            AnyRestore::Dedicated(_) => StateWords::RESTORE,
            AnyRestore::Flex(_) => StateWords::FLEX,
        }
    }

    /// The type in the service's word, such as `automated` or `RESTORE`.
    #[must_use]
    pub fn delivery_type(&self) -> Option<&str> {
        match self {
            AnyRestore::Dedicated(job) => job.delivery_type.as_ref().map(|word| word.as_str()),
            AnyRestore::Flex(job) => job.delivery_type.as_ref().map(|word| word.as_str()),
        }
    }

    /// Whether the job prepares an archive and changes no cluster. So is a job without a type.
    #[must_use]
    pub fn is_download(&self) -> bool {
        self.delivery_type().is_none_or(|word| word.eq_ignore_ascii_case("download"))
    }

    /// The id of the snapshot that is restored.
    #[must_use]
    pub fn snapshot_id(&self) -> Option<&str> {
        match self {
            AnyRestore::Dedicated(job) => job.snapshot_id.as_deref(),
            AnyRestore::Flex(job) => job.snapshot_id.as_deref(),
        }
    }

    /// The name of the cluster that is restored to.
    #[must_use]
    pub fn target_cluster(&self) -> Option<&str> {
        match self {
            AnyRestore::Dedicated(job) => job.target_cluster_name.as_deref(),
            AnyRestore::Flex(job) => job.target_deployment_item_name.as_deref(),
        }
    }

    /// The id of the project of the cluster that is restored to.
    #[must_use]
    pub fn target_project(&self) -> Option<&str> {
        match self {
            AnyRestore::Dedicated(job) => job.target_group_id.as_deref(),
            AnyRestore::Flex(job) => job.target_project_id.as_deref(),
        }
    }

    /// When the snapshot was taken.
    #[must_use]
    pub fn snapshot_taken_at(&self) -> Option<DateTime<Utc>> {
        match self {
            AnyRestore::Dedicated(job) => job.timestamp,
            AnyRestore::Flex(job) => job.snapshot_finished_date,
        }
    }

    /// The point in time that is restored to, where the job names one in seconds.
    #[must_use]
    pub fn point_in_time(&self) -> Option<DateTime<Utc>> {
        match self {
            AnyRestore::Dedicated(job) => DateTime::from_timestamp(job.point_in_time_utc_seconds?, 0),
            AnyRestore::Flex(_) => None,
        }
    }

    /// When the job was started. The service does not say this of a dedicated cluster's; its id does.
    #[must_use]
    pub fn started_at(&self) -> Option<DateTime<Utc>> {
        match self {
            AnyRestore::Dedicated(job) => time_in_id(job.id.as_str()),
            AnyRestore::Flex(job) => job.restore_scheduled_date,
        }
    }

    /// When the restore finished. A download of a dedicated cluster's has none.
    #[must_use]
    pub fn finished_at(&self) -> Option<DateTime<Utc>> {
        match self {
            AnyRestore::Dedicated(job) => job.finished_at,
            AnyRestore::Flex(job) => job.restore_finished_date,
        }
    }

    /// When the archive of a download expires.
    #[must_use]
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        match self {
            AnyRestore::Dedicated(job) => job.expires_at,
            AnyRestore::Flex(job) => job.expiration_date,
        }
    }

    /// The URLs of a download's archives. Each is a secret while it lasts.
    #[must_use]
    pub fn delivery_urls(&self) -> &[String] {
        match self {
            AnyRestore::Dedicated(job) => job.delivery_url.as_deref().unwrap_or_default(),
            AnyRestore::Flex(job) => job.snapshot_url.as_slice(),
        }
    }
}

/// The time in the first four bytes of an id, in seconds.
fn time_in_id(id: &str) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(i64::from(u32::from_str_radix(id.get(..8)?, 16).ok()?), 0)
}

/// Reads a document of either kind; a flex cluster is known by its provider settings.
impl<'de> Deserialize<'de> for AnyCluster {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        match value.get("providerSettings") {
            Some(_) => FlexClusterDocument::deserialize(value).map(Into::into),
            None => ClusterDocument::deserialize(value).map(Into::into),
        }
        .map_err(de::Error::custom)
    }
}

/// Reads a document of any kind; a flex cluster's is known by fields that only it has, a sharded cluster's by its type.
impl<'de> Deserialize<'de> for AnySnapshot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let is_flex =
            ["finishTime", "startTime", "scheduledTime", "expiration"].iter().any(|name| value.get(name).is_some());
        let is_sharded = value.get("type").and_then(Value::as_str) == Some("shardedCluster");
        match (is_flex, is_sharded) {
            (true, _) => FlexSnapshot::deserialize(value).map(Into::into),
            (false, true) => ShardedSnapshot::deserialize(value).map(Into::into),
            (false, false) => Snapshot::deserialize(value).map(Into::into),
        }
        .map_err(de::Error::custom)
    }
}

/// Reads a document of either kind; a flex cluster's has a status, which no other has.
impl<'de> Deserialize<'de> for AnyRestore {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        match value.get("status").or_else(|| value.get("instanceName")) {
            Some(_) => FlexRestoreJob::deserialize(value).map(Into::into),
            None => RestoreJob::deserialize(value).map(Into::into),
        }
        .map_err(de::Error::custom)
    }
}
