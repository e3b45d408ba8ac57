//! Refusals of snapshots, schedules, exports and compliance policies.

use super::refusal::{Refusal, Source};

refusals! {
    "snapshots" of ["BackupSnapshot", "GroupClusterSnapshot", "BackupCheckpoint"] {
        BACKUP_JOB_NOT_FOUND 400 Published "a snapshot is taken of a cluster without backup";
        UNFINISHED_ON_DEMAND_SNAPSHOT 400 Published "another on-demand snapshot of the cluster is not finished";
        SNAPSHOT_RETENTION_LESS_THAN_BACKUP_COMPLIANCE_POLICY 400 Published "an on-demand snapshot is kept for less than the policy demands";
        BACKUP_SNAPSHOT_RETENTION_VALUE_INVALID 400 Published "a snapshot is kept for less than a day";
        CANNOT_MODIFY_IN_PROGRESS_SNAPSHOT_RETENTION 400 Published "the retention of a snapshot is changed before it is complete";
        CANNOT_DELETE_IN_PROGRESS_SNAPSHOT 400 Published "a snapshot is deleted before it is complete";
        CANNOT_DELETE_FROM_CLUSTER_SNAPSHOT 403 Published "one shard's part of a snapshot is deleted alone";
        SNAPSHOT_NOT_FOUND 404 Published "a restore does not name a snapshot; Legacy Backup: there is no such snapshot";
        CHECKPOINT_NOT_FOUND 404 Published "Legacy Backup: there is no such checkpoint";
        CANNOT_MODIFY_CLUSTER_SNAPSHOT 403 Published
            "Legacy Backup: one shard's part of a snapshot is changed alone"
            never "no cluster has Legacy Backup";
        CANNOT_MODIFY_SNAPSHOT 403 Published
            "Legacy Backup: a snapshot is changed with attributes that cannot be changed"
            never "no cluster has Legacy Backup";
        CANNOT_START_BACKUP_NO_BILLING_INFO 402 Published
            "backup is switched on without a means of payment"
            never "billing";
        CHECKPOINTS_ONLY_ON_CONTINOUS_BACKUP 400 Published
            "Legacy Backup: checkpoints of a cluster with cloud backup are asked for"
            never "Legacy Backup answers as for clusters that never had it";
        CONFIG_SNAPSHOT_NOT_FOUND 404 Published
            "Legacy Backup: the config server has no such snapshot"
            never "answered as SNAPSHOT_NOT_FOUND";
        EXPIRATION_DATE_EXCEEDS_MAX 400 Published
            "Legacy Backup: the new end of a snapshot is too far ahead"
            never "no cluster has Legacy Backup";
        EXPIRATION_DATE_IN_PAST 400 Published
            "Legacy Backup: the new end of a snapshot is in the past"
            never "no cluster has Legacy Backup";
        INCORRECT_BACKUP_API_ENDPOINT 400 Published
            "Legacy Backup: the cluster has cloud backup"
            never "Legacy Backup answers as for clusters that never had it";
        INVALID_CHECKPOINT_ID 404 Published
            "Legacy Backup: the ID of the checkpoint is malformed"
            never "answered as PATH_PARAM_PARSE_ERROR";
        INVALID_SNAPSHOT_ID 404 Published
            "the ID of the snapshot is malformed"
            never "answered as PATH_PARAM_PARSE_ERROR";
    }
    "schedules" of ["BackupSchedule", "SnapshotSchedule"] {
        BACKUP_CONFIG_NOT_FOUND 404 Published "the cluster has no backup schedule";
        INVALID_REFERENCE_HOUR_OF_DAY 400 Published "the reference hour is not 0 to 23";
        INVALID_REFERENCE_MINUTE_OF_HOUR 400 Published "the reference minute is not 0 to 59";
        INVALID_NUM_OF_POLICIES 400 Published "there is not exactly one policy";
        INVALID_NUM_OF_POLICY_ITEMS 400 Published "the policy has no item";
        INVALID_POLICY_ID 400 Published "the policy's id is not the schedule's";
        INVALID_POLICY_ITEM_ID 400 Published "the policy has no item with this id";
        INVALID_FREQUENCY_TYPE_CHANGE 400 Published "an item is sent with another frequency than it has";
        MISSING_POLICY_ITEM_PARAMETERS 400 Published "an item lacks frequency, interval, retention unit or value";
        INVALID_BACKUP_POLICY 400 Published "an item has an impossible interval or retention, there are two hourly or daily ones, or rarer snapshots are kept for less time than frequent ones";
        INVALID_RESTORE_WINDOW 400 Published "the restore window is less than a day, or reaches further back than the hourly snapshots";
        CANNOT_SET_CLUSTER_CHECKPOINT_INTERVAL_FOR_REPLICA_SET 400 Published
            "Legacy Backup: a checkpoint interval is set for a replica set"
            never "no cluster has Legacy Backup";
        CANNOT_SET_POINT_IN_TIME_WINDOW 400 Published
            "Legacy Backup: the point-in-time window cannot be set"
            never "no cluster has Legacy Backup";
        CANNOT_SET_REF_TIME_OF_DAY 400 Published
            "Legacy Backup: the reference time cannot be set"
            never "no cluster has Legacy Backup";
        INVALID_CLUSTER_CHECKPOINT_INTERVAL 400 Published
            "Legacy Backup: the checkpoint interval is not 15, 30 or 60 minutes"
            never "no cluster has Legacy Backup";
        INVALID_HOURLY_SNAPSHOT_INTERVAL_OR_RETENTION_PERIOD 400 Published
            "Legacy Backup: only one of interval and retention is sent"
            never "no cluster has Legacy Backup";
        INVALID_NUM_OF_SNAPSHOTS_TO_RETAIN 400 Published
            "Legacy Backup: a rule keeps no snapshot"
            never "no cluster has Legacy Backup";
        INVALID_REFERENCE_TIMEZONE_OFFSET 400 Published
            "Legacy Backup: the time zone offset is malformed"
            never "no cluster has Legacy Backup";
        INVALID_REFERENCE_TIME_OF_DAY_MISSING_FIELDS 400 Published
            "Legacy Backup: the reference hour is sent without the minute"
            never "no cluster has Legacy Backup";
        INVALID_SNAPSHOT_SCHEDULE 400 Published
            "Legacy Backup: the schedule breaks a rule"
            never "no cluster has Legacy Backup";
    }
    "exports" of ["BackupExport", "BackupPrivateEndpoint"] {
        EXPORT_BUCKET_NOT_FOUND 404 Published "there is no such export bucket";
        EXPORT_BUCKET_DELETE_FAILED_BUCKET_IN_USE 400 Reported "a bucket is deleted that a schedule exports to";
        EXPORT_BUCKET_NAME_INVALID 400 Published "the provider does not allow the bucket's name";
        PRIVATELINK_ENDPOINT_SERVICE_ALREADY_EXISTS_FOR_REGION 409 Published "the region has a private endpoint";
        CANNOT_ASSUME_ROLE 400 Reported
            "the service may not use the role of the bucket"
            never "the provider's own failure";
        CLOUD_PROVIDER_ACCESS_ROLE_NOT_AUTHORIZED 400 Reported
            "the role of the bucket is not authorized"
            never "every role is taken";
        CLOUD_PROVIDER_ACCESS_ROLE_NOT_FOUND 404 Reported "the project has no such cloud provider access role";
        EXPORT_BUCKET_DELETE_FAILED 400 Published
            "the bucket could not be deleted"
            never "a failure inside the service";
        CANNOT_DELETE_PRIVATELINK_WITH_ENDPOINTS 409 Published
            "an endpoint service with endpoints is deleted"
            never "clusters have no private endpoints";
        MULTIPLE_PRIVATE_ENDPOINTS_RESTRICTED_TO_SINGLE_REGION 409 Published
            "several endpoints lie in several regions"
            never "clusters have no private endpoints";
        PRIVATELINK_CANNOT_ACCEPT_ENDPOINTS 409 Published
            "the endpoint service is not ready"
            never "clusters have no private endpoints";
        PRIVATELINK_INTERFACE_ENDPOINT_ALREADY_EXISTS 409 Published
            "the endpoint is attached already"
            never "clusters have no private endpoints";
        PRIVATELINK_INTERFACE_ENDPOINT_ID_MALFORMED 404 Published
            "the ID of an endpoint on AWS is malformed"
            never "clusters have no private endpoints";
        PRIVATELINK_INTERFACE_ENDPOINT_NOT_FOUND 404 Published
            "the endpoint service has no such endpoint"
            never "clusters have no private endpoints";
        PRIVATELINK_NOT_FOUND 404 Published "there is no such endpoint service" never "answered as RESOURCE_NOT_FOUND";
        PRIVATE_ENDPOINT_SERVICE_NOT_FOUND 404 Reported
            "there is no such endpoint service"
            never "answered as RESOURCE_NOT_FOUND";
    }
    "compliance policies" of ["BackupCompliancePolicy", "BackupSchedule", "BackupSnapshot", "GroupCluster"] {
        BACKUP_COMPLIANCE_POLICY_SETTINGS_INVALID 400 Published
            "the restore window is missing or reaches further back than the hourly snapshots, the policy is weakened, or it requires customer keys that a cluster lacks";
        BACKUP_POLICIES_NOT_MEETING_BACKUP_COMPLIANCE_POLICY_REQUIREMENTS 400 Reported "a schedule does less than the policy demands";
        CANNOT_UPDATE_BACKUP_COMPLIANCE_POLICY_SETTINGS_WITH_PENDING_ACTION 400 Reported "the policy is changed while an earlier change is under way";
        CANNOT_DISABLE_BACKUP_COMPLIANCE_POLICY 400 Reported "the policy is disabled while it protects backups";
        CANNOT_DISABLE_CLOUD_BACKUP_WITH_BACKUP_COMPLIANCE_POLICY 400 Published "backup is switched off under a policy";
        CANNOT_DISABLE_PIT_WITH_BACKUUP_COMPLIANCE_POLICY 400 Published "continuous backup is switched off though the policy demands it";
        CANNOT_DECREASE_PIT_WINDOW_WITH_BACKUP_COMPLIANCE_POLICY 400 Published "the restore window is shortened below what the policy demands";
        CANNOT_DECREASE_SNAPSHOT_RETENTION_WITH_BACKUP_COMPLIANCE_POLICY 400 Published "a snapshot's retention is shortened under a policy";
        CANNOT_DELETE_SNAPSHOT_WITH_BACKUP_COMPLIANCE_POLICY 400 Published "a snapshot is deleted under a policy, or a cluster without keeping its snapshots";
        CANNOT_DELETE_COPY_SNAPSHOT_WITH_BACKUP_COMPLIANCE_POLICY_ENABLED 400 Published "a copy of a snapshot is deleted under a policy that protects copies";
        BACKUP_POLICY_NOT_MEETING_BACKUP_COMPLIANCE_POLICY_REQUIREMENTS 400 Published
            "a cluster's schedule falls below the policy"
            never "answered with the code in the plural, as clients see it";
        CANNOT_DISABLE_ENCRYPTION_AT_REST_WITH_BACKUP_COMPLIANCE_POLICY 400 Published "encryption at rest is switched off under a policy that requires it";
    }
}
