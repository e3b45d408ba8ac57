//! Refusals of restores, and of flex clusters with their backups.

use super::refusal::{Refusal, Source};

refusals! {
    "restores" of ["RestoreJob"] {
        CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT 409 Published "a snapshot is restored before it is complete";
        CANNOT_START_RESTORE_JOB_FOR_DELETED_SNAPSHOT 409 Published
            "a snapshot is restored whose cluster is being deleted with its backups";
        CANNOT_START_RESTORE_JOB_FOR_DELETED_CLUSTER_SNAPSHOT 409 Published
            "a snapshot of a sharded cluster is restored that is being deleted with its backups";
        CANNOT_DOWNLOAD_INCOMPLETE_SNAPSHOT 409 Published "a snapshot is downloaded before it is complete";
        CANNOT_DOWNLOAD_SNAPSHOT_CONCURRENTLY 400 Published
            "a snapshot is downloaded that is being prepared for another download";
        TOO_MANY_SNAPSHOT_DOWNLOADS 400 Published
            "the project has 20 active downloads (the service does not publish its number)";
        INVALID_PIT_RESTORE_TIME 400 Published "the point in time is incomplete, or outside the restore window";
        UNABLE_T0_FIND_SNAPSHOT_PRIOR_TO_PIT_RESTORE_OPTIME 404 Published "no snapshot is older than the point in time";
        RESTORE_INITIATION_FAILED 409 Published
            "the target is another kind of cluster, has other shards than the snapshot, or is being created or deleted";
        DB_VERSION_NOT_SUPPORTED 400 Published "the target runs an older MongoDB version than the snapshot";
        ATLAS_CLUSTER_RESTORE_IN_PROGRESS 409 Published "another restore writes to the target";
        CANNOT_RESTORE_TO_TARGET 403 Published "the credentials may not restore in the target's project";
        CLUSTER_PAUSED_CANNOT_RESTORE 400 Published "the target is paused";
        AUTOMATED_RESTORE_OF_SHARD_NOT_ALLOWED 400 Published "one shard's part of a snapshot is restored alone";
        CANNOT_CANCEL_AUTOMATED_RESTORE 400 Published "a restore that writes to a cluster is cancelled";
        ALREADY_EXPIRED 400 Published "a download that has expired is cancelled";
        RESTORE_JOB_NOT_FOUND 404 Published "Legacy Backup: there is no such restore job";
        ATLAS_BACKUP_CANCEL_SHARD_RESTORE_JOB_NOT_ALLOWED 405 Published
            "one shard's part of a restore is cancelled alone"
            never "a restore has no jobs of its shards";
        CANNOT_DOWNLOAD_SNAPSHOT_WITH_ENCRYPTION 400 Published
            "a snapshot with customer keys is downloaded"
            never "the current documentation allows it";
        CANNOT_PERFORM_RESTORE_ON_CLUSTER_WITH_RUNNING_LIVE_IMPORT 400 Published
            "a live migration writes to the target"
            never "live migrations are not modelled";
        CHECKPOINT_RESTORE_UNSUPPORTED_FOR_REPLICA_SETS 400 Published
            "Legacy Backup: a checkpoint of a replica set is restored"
            never "no cluster has Legacy Backup";
        CONFIG_RESTORE_JOB_NOT_FOUND 404 Published
            "Legacy Backup: the config server has no such restore job"
            never "answered as RESTORE_JOB_NOT_FOUND";
        INVALID_DELIVERY_SCP 400 Published "Legacy Backup: delivery by SCP" never "no cluster has Legacy Backup";
        INVALID_JOB_ID 404 Published
            "the ID of the restore job is malformed"
            never "answered as PATH_PARAM_PARSE_ERROR";
        INVALID_RESTORE_PROCESS 409 Published
            "the target is not fit for an automated restore"
            never "answered as RESTORE_INITIATION_FAILED";
        INVALID_RESTORE_SNAPSHOT_FILTER_LIST 409 Published
            "Legacy Backup: the snapshot was taken with a filter"
            never "no cluster has Legacy Backup";
        INVALID_SNAPSHOT_RESTORE_ENCRYPTION 400 Published "the target has keys of another service than the snapshot or in another region, or the snapshot's key is not enabled";
        LEGACY_PIT_RESTORE_UNSUPPORTED 400 Published
            "Legacy Backup: the kind of point-in-time restore is not offered"
            never "no cluster has Legacy Backup";
        LINK_EXPIRATION_AFTER_SNAPSHOT_DELETION 409 Published
            "Legacy Backup: the link of a download outlives its snapshot"
            never "no cluster has Legacy Backup";
        NO_CHECKPOINT_FOR_PIT_RESTORE 409 Published
            "Legacy Backup: no checkpoint fits the point in time"
            never "no cluster has Legacy Backup";
        OPLOG_RESTORE_ONLY_SUPPORTED_FOR_REPLICA_SETS 400 Published
            "Legacy Backup: an oplog timestamp is given for a sharded cluster"
            never "no cluster has Legacy Backup";
        PIT_RESTORE_ONLY_SUPPORTED_FOR_REPLICA_SETS 400 Published
            "Legacy Backup: a point in time is given for a sharded cluster"
            never "no cluster has Legacy Backup";
        RESTORE_JOB_NOT_FOUND_IN_GROUP 404 Published
            "the project has no such restore job"
            never "answered as RESOURCE_NOT_FOUND";
        UNSUPPORTED_DELIVERY_METHOD 400 Published
            "the delivery method is not offered"
            never "answered as INVALID_ENUM_VALUE";
    }
    "collection restores" of ["CollectionRestore"] {
        INVALID_DATABASE_NAME 400 Published "a target database has a name that MongoDB does not allow";
        INVALID_COLLECTION_NAME 400 Published "a target collection has a name that MongoDB does not allow";
        INVALID_NAMESPACE 400 Published "the target's database and collection name together are too long";
    }
    "flex clusters" of ["FlexCluster", "BackupTenant", "Serverless"] {
        TENANT_SNAPSHOT_NOT_FOUND 404 Published "the cluster has no such snapshot";
        TENANT_RESTORE_NOT_FOUND 404 Published "the cluster has no such restore job";
        TENANT_RESTORE_INCOMPATIBLE_TOPOLOGY 400 Published "a flex snapshot is restored to a sharded cluster";
        TENANT_RESTORE_VERSION_MISMATCH 400 Published "the target runs another MongoDB version than the snapshot";
        TENANT_RESTORE_DESTINATION_UNAVAILABLE 400 Published "the target is being made or deleted";
        ATLAS_NETWORK_PERMISSIONS_SIZE_EXCEEDED 403 Published
            "the access list is too long for a download"
            never "access lists do not limit downloads";
        CANNOT_USE_CLUSTER_IN_SERVERLESS_INSTANCE_API 400 Reported
            "an operation of serverless instances names a cluster"
            never "answered as CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API";
        CONTAINER_WAITING_FOR_FAST_RECORD_CLEAN_UP 400 Reported
            "a flex cluster has the name of one that was just deleted"
            never "names are free at once";
        NOT_SERVERLESS_TENANT_CLUSTER 400 Reported
            "a former serverless instance is named in its old path"
            never "such paths serve flex clusters";
        SERVERLESS_INSTANCE_NOT_FOUND 404 Reported
            "there is no such serverless instance"
            never "answered as CLUSTER_NOT_FOUND";
        TENANT_RESTORE_DESTINATION_ENCRYPTION 400 Published "a flex snapshot is restored to a cluster with customer keys";
        TENANT_SNAPSHOT_ACCESS_DENIED 401 Published
            "the caller may not use the snapshot"
            never "answered as USER_UNAUTHORIZED";
    }
}
