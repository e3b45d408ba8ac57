//! The service's things as handles: a project, its clusters, their backups.
//!
//! A handle holds a client and checked ids, asks nothing until a method is called, and is cheap to clone. Each method
//! is one operation; what several need (paging, waiting, errors) is elsewhere, once.

mod clusters;
mod compliance_policy;
mod downloads;
mod export_buckets;
mod exports;
mod flex;
mod flex_restores;
mod organizations;
mod projects;
mod restores;
mod schedule;
mod sharded_snapshots;
mod snapshots;

pub use clusters::{Cluster, ClusterDocument, Clusters};
pub use compliance_policy::{CompliancePolicy, CompliancePolicyDocument};
pub use export_buckets::{ExportBucket, ExportBuckets, NewExportBucket};
pub use exports::{Export, Exports};
pub use flex::{FlexCluster, FlexClusterDocument, FlexClusters, FlexSnapshot, FlexSnapshots};
pub use flex_restores::{FlexRestoreJob, FlexRestores};
pub use organizations::{Organization, Organizations};
pub use projects::{Project, ProjectDocument, Projects};
pub use restores::{PointInTime, RestoreJob, Restores};
pub use schedule::{Schedule, ScheduleDocument};
pub use sharded_snapshots::{ShardedSnapshot, ShardedSnapshots};
pub use snapshots::{Retention, Snapshot, Snapshots};
