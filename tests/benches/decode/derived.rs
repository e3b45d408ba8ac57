//! What one would write by hand, with serde's derive and the fields of the bindings.
//!
//! [`Page`] has the bindings' own field types, so that all that differs is how an object is read. In
//! [`PageOfDerivedEnums`] the enums are derived as well, open by an untagged variant.

use atlas_backup_generated::types;
use chrono::{DateTime, Utc};
use serde::Deserialize;

macro_rules! page {
    ($page:ident, $snapshot:ident, $link:ident, $provider:ty, $frequency:ty, $taken:ty, $status:ty, $kind:ty) => {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        #[allow(dead_code, reason = "decoding is what is measured")]
        pub(crate) struct $page {
            links: Option<Vec<$link>>,
            results: Vec<$snapshot>,
            total_count: Option<i64>,
        }

        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        #[allow(dead_code, reason = "decoding is what is measured")]
        pub(crate) struct $snapshot {
            cloud_provider: Option<$provider>,
            copy_regions: Option<Vec<String>>,
            created_at: Option<DateTime<Utc>>,
            description: Option<String>,
            expires_at: Option<DateTime<Utc>>,
            frequency_type: Option<$frequency>,
            id: Option<String>,
            links: Option<Vec<$link>>,
            #[serde(rename = "masterKeyUUID")]
            master_key_uuid: Option<String>,
            mongod_version: Option<String>,
            policy_items: Option<Vec<String>>,
            replica_set_name: Option<String>,
            snapshot_type: Option<$taken>,
            status: Option<$status>,
            storage_size_bytes: Option<i64>,
            r#type: Option<$kind>,
        }

        #[derive(Deserialize)]
        #[allow(dead_code, reason = "decoding is what is measured")]
        struct $link {
            href: Option<String>,
            rel: Option<String>,
        }
    };
}

page!(
    Page,
    Snapshot,
    Link,
    types::CloudProvider,
    types::SnapshotFrequency,
    types::SnapshotType,
    types::SnapshotStatus,
    types::ClusterKind
);
page!(PageOfDerivedEnums, SnapshotOfDerivedEnums, LinkBeside, Provider, Frequency, Taken, Status, Kind);

macro_rules! open {
    ($name:ident: $($variant:ident = $text:literal),*) => {
        #[derive(Deserialize)]
        #[allow(dead_code, reason = "decoding is what is measured")]
        enum $name {
            $(#[serde(rename = $text)] $variant,)*
            #[serde(untagged)]
            Unknown(String),
        }
    };
}

open!(Provider: Aws = "AWS", Azure = "AZURE", Gcp = "GCP");
open!(Frequency: Hourly = "hourly", Daily = "daily", Weekly = "weekly", Monthly = "monthly", Yearly = "yearly", OnDemand = "ondemand");
open!(Taken: OnDemand = "onDemand", Scheduled = "scheduled", Fallback = "fallback");
open!(Status: Queued = "queued", InProgress = "inProgress", Completed = "completed", Failed = "failed");
open!(Kind: ReplicaSet = "replicaSet", ShardedCluster = "shardedCluster");
