//! The refusals of the service: each code with its status, condition and source.
//!
//! Every error of the emulator is created from a row of this table. The README contains the table as the subcommand
//! `refusals` prints it.

/// One reason to refuse a request.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The error code.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The topic of the request.
    pub topic: &'static str,
    /// The condition.
    pub condition: &'static str,
    /// Source of the code.
    pub source: Source,
}

/// Source of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// The service's documentation of error codes.
    Published,
    /// Observed responses of the service.
    Observed,
    /// A code of the emulator, where no code of the service is known.
    Own,
}

/// All refusals of the emulator, by topic.
#[must_use]
pub fn refusals() -> &'static [&'static Refusal] {
    ALL
}

macro_rules! refusals {
    ($($topic:literal { $($code:ident $status:literal $source:ident $condition:literal;)* })*) => {
        $($(
            #[doc = $condition]
            pub(crate) const $code: Refusal = Refusal {
                code: stringify!($code),
                status: $status,
                topic: $topic,
                condition: $condition,
                source: Source::$source,
            };
        )*)*

        const ALL: &[&Refusal] = &[$($(&$code,)*)*];
    };
}

refusals! {
    "requests" {
        USER_UNAUTHORIZED 401 Published "no role of the credentials allows the operation";
        NOT_IN_GROUP 401 Published "the credentials are for another project";
        INVALID_VERSION_DATE 406 Observed "the `Accept` header does not name a version of the resource";
        VERSION_GONE 410 Observed "the version is past its sunset";
        UNSUPPORTED_MEDIA_TYPE 415 Own "the `Content-Type` of the body is not JSON";
        INVALID_JSON 400 Published "the body is not JSON, or does not match the operation's schema";
        MISSING_BODY 400 Own "the operation needs a body";
        VALIDATION_ERROR 400 Published "a value breaks a documented constraint";
        INVALID_ATTRIBUTE 400 Published "an attribute can't be set together with the others, or to this value";
        MISSING_ATTRIBUTE 400 Published "an attribute is missing that another one needs";
        ATLAS_GENERAL_ERROR 400 Published "any condition without its own code; see `detail`";
        RESOURCE_NOT_FOUND 404 Published "no resource has this id or path";
        METHOD_NOT_ALLOWED 405 Own "the path does not support the method";
        REQUEST_TIMEOUT 408 Own "the body does not arrive in time";
        REQUEST_BODY_TOO_LARGE 413 Own "the body is too large";
        RATE_LIMITED_TOKEN_BUCKET 429 Observed "the endpoint set's bucket for the project is empty";
        UNEXPECTED_ERROR 500 Published "the operating system has no random numbers";
        EMULATOR_NOT_SAVED 500 Own "the change could not be saved in the data folder, and was undone";
        EMULATOR_NOT_IMPLEMENTED 501 Own "the emulator does not model the operation";
        EMULATOR_UNDOCUMENTED_ANSWER 500 Own "a strict emulator produced a response that does not conform to the document";
        CONTROL_NOT_ALLOWED 403 Own "another machine or a web page calls the control API";
        CONTROL_INVALID 400 Own "a request to the control API is invalid";
    }
    "projects" {
        GROUP_NOT_FOUND 404 Published "there is no such project";
        GROUP_NAME_NOT_FOUND 404 Published "no project has this name";
        GROUP_ALREADY_EXISTS 409 Published "the organization has a project of this name";
        ORG_NOT_FOUND 404 Published "there is no such organization";
        CANNOT_CLOSE_GROUP_ACTIVE_ATLAS_CLUSTERS 409 Published "a project with clusters is deleted";
        CANNOT_CLOSE_GROUP_ACTIVE_BACKUP_COMPLIANCE_POLICY 409 Published
            "a project is deleted whose policy protects backups that are kept";
    }
    "cluster surroundings" {
        ATLAS_NETWORK_PERMISSION_ENTRY_NOT_FOUND 404 Published "the project's access list has no such entry";
        INVALID_IP_ADDRESS_OR_CIDR_NOTATION 400 Published "an entry of the access list is neither an address nor a range";
        USER_ALREADY_EXISTS 409 Published "the project has a database user of this name";
        USERNAME_NOT_FOUND 404 Published "the project has no database user of this name";
        CLOUD_PROVIDER_ACCESS_ROLE_NOT_FOUND 404 Published "the project has no such cloud provider access role";
    }
    "clusters" {
        CLUSTER_NOT_FOUND 404 Published "the project has no cluster of this name";
        DUPLICATE_CLUSTER_NAME 400 Published "the project has a cluster of this name";
        DUPLICATE_CLUSTER_NAME_PREFIX 400 Published
            "the project has a cluster whose name begins with the same 23 characters";
        CLUSTER_NAME_TOO_LONG 400 Published "a cluster's name has more than 64 characters";
        CLUSTER_CANNOT_CHANGE_NAME 400 Published "a change has another cluster name";
        CANNOT_CREATE_PAUSED_CLUSTER 400 Published "a new cluster is to be paused";
        CLUSTER_ALREADY_PAUSED 409 Published "a paused cluster is paused again";
        CANNOT_UPDATE_AND_PAUSE_CLUSTER 409 Published "one request pauses a cluster and changes it";
        CANNOT_UPDATE_PAUSED_CLUSTER 409 Published "a paused cluster is changed";
        CANNOT_PAUSE_NVME_CLUSTER 409 Published "a cluster on NVMe storage is paused";
        CANNOT_PAUSE_RECENTLY_RESUMED_CLUSTER 400 Published "a cluster is paused within an hour after it was resumed";
        ASYMMETRIC_SHARD_UNSUPPORTED 400 Observed "a cluster whose shards differ is read or changed in a version before 2024-08-05";
        DISK_SIZE_GB_INCONSISTENT 400 Observed "shards or nodes of a cluster ask for disks of different sizes";
        INVALID_TENANT_BACKUP_ENABLED 400 Published "a free cluster asks for backups";
        INVALID_TENANT_CONFIGURATION 400 Published "an operation for free clusters names another cluster";
        TENANT_CLUSTER_UPDATE_UNSUPPORTED 400 Published "a free cluster is changed without an upgrade";
        CLUSTER_REPLICATION_FACTOR_INVALID 400 Published "the electable nodes are not 3, 5 or 7";
        NVME_STORAGE_PROVIDER_BACKUP_REQUIRED 400 Published "a cluster on NVMe storage is to have no backup";
        ENCRYPTION_AT_REST_NOT_ENABLED 400 Published "a cluster asks for customer keys, which no project here has";
        INVALID_CLUSTER_CONFIGURATION 400 Published "the shards do not go with the kind of cluster, or are too many";
        ATLAS_BACKUP_CONFLICTING_OPTIONS 409 Published "one request asks for both kinds of backup";
        CONTINUOUS_BACKUP_NOT_SUPPORTED_ON_NEW_CLUSTERS 400 Published "a new cluster asks for Legacy Backup";
        CONTINUOUS_BACKUP_NOT_SUPPORTED_ON_CLUSTER_UPDATE 400 Published "a change asks for Legacy Backup";
        CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE 400 Published "a cluster is changed while a restore writes to it";
        CLUSTER_ALREADY_REQUESTED_DELETION 400 Published "a cluster that is being deleted is changed or deleted again";
        CANNOT_TERMINATE_CLUSTER_WHEN_TERMINATION_PROTECTION_ENABLED 400 Published
            "a cluster with termination protection is deleted";
        CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API 400 Published "an operation of dedicated clusters names a flex cluster";
        CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API 400 Published "an operation of flex clusters names another cluster";
    }
    "snapshots" {
        BACKUP_JOB_NOT_FOUND 400 Published "a snapshot is taken of a cluster without backup";
        UNFINISHED_ON_DEMAND_SNAPSHOT 400 Published "another on-demand snapshot of the cluster is not finished";
        SNAPSHOT_RETENTION_LESS_THAN_BACKUP_COMPLIANCE_POLICY 400 Published
            "an on-demand snapshot is kept for less than the policy demands";
        BACKUP_SNAPSHOT_RETENTION_VALUE_INVALID 400 Published "a snapshot is kept for less than a day";
        CANNOT_MODIFY_IN_PROGRESS_SNAPSHOT_RETENTION 400 Published
            "the retention of a snapshot is changed before it is complete";
        CANNOT_DELETE_IN_PROGRESS_SNAPSHOT 400 Published "a snapshot is deleted before it is complete";
        NOT_SHARDED_CLUSTER 400 Own "an operation of sharded snapshots names another cluster";
        CLUSTER_IS_SHARDED 400 Own "an operation of replica set snapshots names a sharded cluster";
        SNAPSHOT_NOT_FOUND 404 Published "Legacy Backup: there is no such snapshot";
        CHECKPOINT_NOT_FOUND 404 Published "Legacy Backup: there is no such checkpoint";
        RESTORE_JOB_NOT_FOUND 404 Published "Legacy Backup: there is no such restore job";
    }
    "schedules" {
        INVALID_REFERENCE_HOUR_OF_DAY 400 Published "the reference hour is not 0 to 23";
        INVALID_REFERENCE_MINUTE_OF_HOUR 400 Published "the reference minute is not 0 to 59";
        INVALID_NUM_OF_POLICIES 400 Published "there is not exactly one policy";
        INVALID_NUM_OF_POLICY_ITEMS 400 Published "the policy has no item";
        INVALID_POLICY_ID 400 Published "the policy's id is not the schedule's";
        INVALID_POLICY_ITEM_ID 400 Published "the policy has no item with this id";
        INVALID_FREQUENCY_TYPE_CHANGE 400 Published "an item is sent with another frequency than it has";
        MISSING_POLICY_ITEM_PARAMETERS 400 Published "an item lacks frequency, interval, retention unit or value";
        BACKUP_CONFIG_NOT_FOUND 404 Published "the cluster has no backup schedule";
        INVALID_BACKUP_POLICY 400 Published
            "an item has an impossible interval or retention, there are two hourly or daily ones, or rarer snapshots are kept for less time than frequent ones";
        INVALID_RESTORE_WINDOW 400 Published "the restore window is less than a day, or reaches further back than the hourly snapshots";
    }
    "restores" {
        CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT 409 Published "a snapshot is restored before it is complete";
        CANNOT_DOWNLOAD_INCOMPLETE_SNAPSHOT 409 Published "a snapshot is downloaded before it is complete";
        INVALID_PIT_RESTORE_TIME 400 Published "the point in time is incomplete, or outside the restore window";
        UNABLE_T0_FIND_SNAPSHOT_PRIOR_TO_PIT_RESTORE_OPTIME 404 Published "no snapshot is older than the point in time";
        RESTORE_INITIATION_FAILED 409 Published "the target is another kind of cluster, has other shards or an older MongoDB than the snapshot, or is being made or deleted";
        ATLAS_CLUSTER_RESTORE_IN_PROGRESS 409 Published "another restore writes to the target";
        CANNOT_RESTORE_TO_TARGET 403 Published "the credentials may not restore in the target's project";
        CLUSTER_PAUSED_CANNOT_RESTORE 400 Published "the target is paused";
        CANNOT_CANCEL_RESTORE_JOB 400 Own "a job that is over is cancelled";
    }
    "exports" {
        EXPORT_BUCKET_NOT_FOUND 404 Published "there is no such export bucket";
        EXPORT_BUCKET_DELETE_FAILED_BUCKET_IN_USE 400 Published "a bucket is deleted that a schedule exports to";
        EXPORT_BUCKET_NAME_INVALID 400 Published "S3 does not allow the bucket's name";
        INVALID_CLOUD_PROVIDER 400 Own "private networking is set on a bucket that is not on AWS";
        SNAPSHOT_NOT_COMPLETE 400 Own "a snapshot is exported before it is complete";
        PRIVATELINK_ENDPOINT_SERVICE_ALREADY_EXISTS_FOR_REGION 409 Published "the region has a private endpoint";
    }
    "compliance policies" {
        BACKUP_COMPLIANCE_POLICY_SETTINGS_INVALID 400 Published
            "the restore window is missing or reaches further back than the hourly snapshots, or the policy is weakened";
        BACKUP_POLICIES_NOT_MEETING_BACKUP_COMPLIANCE_POLICY_REQUIREMENTS 400 Published
            "a schedule does less than the policy demands";
        CANNOT_UPDATE_BACKUP_COMPLIANCE_POLICY_SETTINGS_WITH_PENDING_ACTION 400 Published
            "the policy is changed while an earlier change is under way";
        CANNOT_DISABLE_BACKUP_COMPLIANCE_POLICY 400 Published "the policy is disabled while it protects backups";
        CANNOT_DISABLE_CLOUD_BACKUP_WITH_BACKUP_COMPLIANCE_POLICY 400 Published "backup is switched off under a policy";
        CANNOT_DISABLE_PIT_WITH_BACKUUP_COMPLIANCE_POLICY 400 Published
            "continuous backup is switched off though the policy demands it";
        CANNOT_DECREASE_PIT_WINDOW_WITH_BACKUP_COMPLIANCE_POLICY 400 Published
            "the restore window is shortened below what the policy demands";
        CANNOT_DECREASE_SNAPSHOT_RETENTION_WITH_BACKUP_COMPLIANCE_POLICY 400 Published
            "a snapshot's retention is shortened under a policy";
        CANNOT_DELETE_SNAPSHOT_WITH_BACKUP_COMPLIANCE_POLICY 400 Published
            "a snapshot is deleted under a policy, or a cluster without keeping its snapshots";
        CANNOT_DELETE_COPY_SNAPSHOT_WITH_BACKUP_COMPLIANCE_POLICY_ENABLED 400 Published
            "a copy of a snapshot is deleted under a policy that protects copies";
    }
    "flex clusters" {
        TENANT_SNAPSHOT_NOT_FOUND 404 Published "the cluster has no such snapshot";
        TENANT_RESTORE_NOT_FOUND 404 Published "the cluster has no such restore job";
        TENANT_RESTORE_INCOMPATIBLE_TOPOLOGY 400 Published "a flex snapshot is restored to a sharded cluster";
        TENANT_RESTORE_VERSION_MISMATCH 400 Published "the target runs another MongoDB version than the snapshot";
        TENANT_RESTORE_DESTINATION_UNAVAILABLE 400 Published "the target is being made or deleted";
    }
}

/// The table as Markdown.
#[cfg(any(test, feature = "binary"))]
pub(crate) fn markdown() -> String {
    let mut text = String::from("| about | status | code | when |\n|---|---|---|---|\n");
    for refusal in ALL {
        let Refusal { code, status, topic, condition, source } = refusal;
        let own = if *source == Source::Own { " (the emulator's own code)" } else { "" };
        text += &format!("| {topic} | {status} | `{code}` | {condition}{own} |\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With `UPDATE_README` set, the test writes the list.
    #[test]
    fn readme_lists_every_refusal() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
        let readme = std::fs::read_to_string(path).unwrap();
        let table = markdown();
        let begin = readme.find(table.lines().next().unwrap()).unwrap();
        let end = readme[begin..].find("\n\n").map_or(readme.len(), |end| begin + end + 1);
        if std::env::var_os("UPDATE_README").is_some() {
            std::fs::write(path, format!("{}{table}{}", &readme[..begin], &readme[end..])).unwrap();
            return;
        }
        let command = "UPDATE_README=1 cargo test -p atlas-backup-emulator --lib readme_lists_every_refusal";
        assert!(readme[begin..end] == table, "the list of refusals in README is stale: run `{command}`");
    }
}
