//! Refusals of clusters.

use super::refusal::{Refusal, Source};

refusals! {
    "clusters" of ["GroupCluster", "FlexCluster"] {
        CLUSTER_NOT_FOUND 404 Published "the project has no cluster of this name";
        DUPLICATE_CLUSTER_NAME 400 Published "the project has a cluster of this name";
        DUPLICATE_CLUSTER_NAME_PREFIX 400 Published "the project has a cluster whose name begins with the same 23 characters";
        CLUSTER_NAME_INVALID 400 Published "a cluster's name has other characters than letters, digits and hyphens";
        CLUSTER_NAME_TOO_LONG 400 Published "a cluster's name has more than 64 characters";
        CLUSTER_NAME_PREFIX_INVALID 400 Published "the first 23 characters of a cluster's name end with a hyphen";
        ATLAS_RESERVED_CLUSTER_NAME 400 Published "a cluster's name looks like a generated host name";
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
        ENCRYPTION_AT_REST_NOT_ENABLED 400 Published "a cluster asks for customer keys that the project has not enabled";
        INVALID_CLUSTER_CONFIGURATION 400 Published "the shards do not go with the kind of cluster, or are too many";
        ATLAS_BACKUP_CONFLICTING_OPTIONS 409 Published "one request asks for both kinds of backup";
        CONTINUOUS_BACKUP_NOT_SUPPORTED_ON_NEW_CLUSTERS 400 Published "a new cluster asks for Legacy Backup";
        CONTINUOUS_BACKUP_NOT_SUPPORTED_ON_CLUSTER_UPDATE 400 Published "a change asks for Legacy Backup";
        CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE 400 Published "a cluster is changed while a restore writes to it";
        CLUSTER_ALREADY_REQUESTED_DELETION 400 Published "a cluster that is being deleted is changed or deleted again";
        CANNOT_TERMINATE_CLUSTER_WHEN_TERMINATION_PROTECTION_ENABLED 400 Observed "a cluster with termination protection is deleted";
        CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API 400 Observed "an operation of dedicated clusters names a flex cluster";
        CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API 400 Observed "an operation of flex clusters names another cluster";
        ACCOUNT_SUSPENDED 402 Published "the organization has unpaid invoices" never "billing";
        ATLAS_CLUSTER_VERSION_DEPRECATED 400 Published
            "the MongoDB version is no longer offered"
            never "every version is offered";
        ATLAS_RESOURCE_POLICIES_VIOLATION_NOT_AUTHORIZED 403 Reported
            "a resource policy of the organization forbids the configuration"
            never "organizations have no resource policies";
        AUTO_SCALING_NOT_SUPPORTED 400 Published "the cluster cannot scale by itself" never "nothing scales by itself";
        CANNOT_CHANGE_GEOSHARDED_CLUSTER_TYPE 400 Published
            "a global cluster is to become another kind"
            never "a change does not alter the kind of a global cluster";
        CANNOT_CREATE_FREE_CLUSTER_VIA_PUBLIC_API 400 Reported
            "a project is to have a second free cluster"
            never "free clusters are not limited";
        CANNOT_DECREASE_DISK_SIZE 500 Published
            "the service cannot tell whether a smaller disk is safe"
            never "clusters have no monitoring";
        CANNOT_MODIFY_CLUSTER_WITH_RUNNING_LIVE_IMPORT 409 Published
            "a cluster is changed while a live migration writes to it"
            never "live migrations are not modelled";
        CANNOT_MODIFY_GLOBAL_CLUSTER_MANAGEMENT_SETTING 400 Reported
            "the sharding management of a global cluster is changed"
            never "sharding management is not modelled";
        CANNOT_PAUSE_CLUSTER_WITH_PENDING_CHANGES 409 Published
            "a cluster is paused while earlier changes are rolled out"
            never "changes count at once";
        CANNOT_SET_SELF_MANAGED_SHARDING_FOR_NON_GLOBAL_CLUSTER 400 Reported
            "self-managed sharding is asked for on a cluster that is not global"
            never "sharding management is not modelled";
        CANNOT_SWITCH_CPS_BACKUP_TO_CONTINUOUS 400 Published
            "a cluster with cloud backup is to have Legacy Backup"
            never "answered as CONTINUOUS_BACKUP_NOT_SUPPORTED_ON_CLUSTER_UPDATE";
        CANNOT_TERMINATE_CLUSTER_WITH_UNDERGOING_REGIONAL_OUTAGE_SIMULATION 400 Reported
            "a cluster is deleted during a simulated outage"
            never "simulated outages are not modelled";
        CANNOT_USE_SERVERLESS_INSTANCE_IN_CLUSTER_API 400 Reported
            "an operation of clusters names a serverless instance"
            never "serverless instances are flex clusters";
        CLUSTER_CANNOT_CHANGE_PROVIDER_NAME 400 Published
            "a cluster is moved to another provider"
            never "newer versions allow it, and older ones are not distinguished";
        CLUSTER_DISK_IOPS_INVALID 400 Published "the IOPS do not fit disk and tier" never "the provider's own limits";
        CLUSTER_DISK_SIZE_INVALID 400 Published "the disk does not fit the tier" never "the provider's own limits";
        CLUSTER_DISK_SIZE_NOT_WHOLE_NUMBER 400 Published
            "the disk size is not a whole number"
            never "newer versions take fractions";
        CLUSTER_GROUP_ID_INVALID 400 Published
            "the project in the body is not the cluster's"
            never "the attribute is read-only in the document and ignored";
        CLUSTER_HOSTNAMES_UNAVAILABLE 400 Published
            "the cluster has no host names yet"
            never "no operation here needs them";
        CLUSTER_INCOMPATIBLE_WITH_EXISTING_PRIVATELINK 409 Published
            "a private endpoint does not serve so many nodes"
            never "clusters have no private endpoints";
        CLUSTER_NAME_NOT_FOUND 404 Published "no cluster has the name" never "answered as CLUSTER_NOT_FOUND";
        CLUSTER_NUM_SHARDS_INVALID 400 Published
            "the number of shards is too small or too large"
            never "answered as VALIDATION_ERROR or INVALID_CLUSTER_CONFIGURATION";
        CLUSTER_PROVIDER_DOES_NOT_SUPPORT_BI_CONNECTOR 400 Reported
            "the BI connector is configured on a shared tier"
            never "the BI connector is not modelled";
        CLUSTER_UPGRADE_INVALID 400 Published
            "the MongoDB version of a cluster is lowered"
            never "versions may be lowered here";
        CLUSTER_VERSION_INCOMPATIBLE_WITH_EXISTING_CUSTOM_ROLES 409 Published
            "custom roles do not work on the version"
            never "projects have no custom roles";
        COMPUTE_AUTO_SCALING_INSTANCE_SIZE_RANGE_INVALID 400 Published
            "the least tier of auto-scaling is above the greatest"
            never "nothing scales by itself";
        COMPUTE_AUTO_SCALING_MAX_INSTANCE_SIZE_INVALID 400 Published
            "the greatest tier of auto-scaling is below the cluster's"
            never "nothing scales by itself";
        COMPUTE_AUTO_SCALING_MAX_INSTANCE_SIZE_REQUIRED 400 Published
            "auto-scaling has no greatest tier"
            never "nothing scales by itself";
        COMPUTE_AUTO_SCALING_MIN_INSTANCE_SIZE_INVALID 400 Published
            "the least tier of auto-scaling is above the cluster's"
            never "nothing scales by itself";
        COMPUTE_AUTO_SCALING_MIN_INSTANCE_SIZE_INVALID_FOR_SHARDING 400 Published
            "the least tier of auto-scaling is too small for shards"
            never "nothing scales by itself";
        COMPUTE_AUTO_SCALING_MIN_INSTANCE_SIZE_REQUIRED 400 Published
            "scaling down has no least tier"
            never "nothing scales by itself";
        COMPUTE_AUTO_SCALING_MIN_INSTANCE_SIZE_STORAGE_CONFIGURATION_INVALID 400 Published
            "the least tier of auto-scaling does not hold the disk"
            never "nothing scales by itself";
        COMPUTE_AUTO_SCALING_SCALE_DOWN_ENABLED_INVALID 400 Published
            "scaling down is on without auto-scaling"
            never "nothing scales by itself";
        CONTINUOUS_BACKUP_NOT_SUPPORTED_ON_MONGODB_VERSION 400 Published
            "Legacy Backup does not support the MongoDB version"
            never "answered as CONTINUOUS_BACKUP_NOT_SUPPORTED_ON_NEW_CLUSTERS";
        CONTINUOUS_BACKUP_NOT_SUPPORTED_ON_MONGODB_VERSION_UPGRADE 400 Published
            "a cluster with Legacy Backup is upgraded"
            never "no cluster has Legacy Backup";
        CONTINUOUS_BACKUP_NOT_SUPPORTED_ON_NEW_AWS_CLUSTERS 400 Published
            "a new cluster on AWS asks for Legacy Backup"
            never "answered as CONTINUOUS_BACKUP_NOT_SUPPORTED_ON_NEW_CLUSTERS";
        CROSS_REGION_NETWORK_PERMISSIONS_LIMIT_EXCEEDED 403 Published
            "a cluster spans regions and the project's access list is too long"
            never "access lists do not limit clusters";
        DISK_SIZE_GB_TOO_SMALL 400 Published "the data do not fit on a smaller disk" never "data have no size on disk";
        DUAL_REPLICATION_SPEC_SPECIFIED 400 Published
            "the old and the new form of the replication are in one body"
            never "the new form counts";
        DUPLICATE_ZONE_NAME 400 Published
            "two zones have one name"
            never "specifications of one zone name are shards of it";
        HOURLY_BILLING_LIMIT_EXCEEDED 403 Published "the cluster exceeds the spending limit" never "billing";
        INSUFFICIENT_DISK_SPACE_ON_REMAINING_SHARDS 400 Reported
            "the data do not fit on fewer shards"
            never "data have no size on disk";
        INSUFFICIENT_INSTANCE_SIZE 400 Published "the feature needs a larger tier" never "tiers do not limit features";
        INVALID_BI_CONNECTOR_READ_PREFERENCE_FOR_TOPOLOGY 400 Published
            "the BI connector reads from nodes that the cluster lacks"
            never "the BI connector is not modelled";
        INVALID_CLUSTER_ID 404 Published
            "Legacy Backup: the ID of the cluster is malformed"
            never "no operation here takes it";
        INVALID_MONGODB_VERSION_CONFIG 400 Published
            "the MongoDB version clashes with other settings"
            never "versions do not limit settings";
        INVALID_PROVIDER 400 Published "there is no such provider" never "answered as INVALID_ENUM_VALUE";
        INVALID_REGION 400 Published "the provider has no such region";
        MONGODB_VERSION_INVALID 400 Published "there is no such MongoDB version" never "every version is offered";
        MULTI_CLOUD_CLUSTER_INVALID 400 Published
            "a cluster of several providers is read at a version that cannot show it"
            never "it is shown with its first provider";
        NO_CAPACITY 409 Published "the provider has no network capacity" never "the provider's own failure";
        NO_COMMON_INSTANCE_FAMILY 400 Published
            "the regions have no common hardware for the tier"
            never "the provider's own limits";
        NO_PAYMENT_INFORMATION_FOUND 402 Published "the organization has no means of payment" never "billing";
        NVME_STORAGE_CONTINUOUS_BACKUP_UNSUPPORTED 400 Published
            "a cluster on NVMe storage asks for Legacy Backup"
            never "answered as CONTINUOUS_BACKUP_NOT_SUPPORTED_ON_NEW_CLUSTERS";
        OPERATION_INVALID_MEMBER_REPLICATION_LAG 400 Reported
            "a secondary lags too far behind"
            never "a state of the nodes";
        OPERATION_INVALID_SHARDS_NO_PRIMARY 400 Reported "a shard has no primary" never "a state of the nodes";
        OPERATION_INVALID_UNHEALTHY_NODES 400 Reported "a node is unhealthy" never "a state of the nodes";
        OUT_OF_CAPACITY 409 Published "the region has no machines of the tier" never "the provider's own failure";
        PROVIDER_BACKUP_NOT_SUPPORTED 400 Published
            "the kind of cluster has no cloud backup"
            never "answered as BACKUP_JOB_NOT_FOUND where a backup is asked for";
        PROVIDER_NOT_FOUND 404 Published
            "the path names an unknown provider"
            never "answered as INVALID_PATH_PARAMETER";
        PROVIDER_UNSUPPORTED 404 Published
            "the provider cannot be used for this"
            never "answered as INVALID_ATTRIBUTE or INVALID_PATH_PARAMETER";
        REGION_UNAVAILABLE 409 Published "the region takes no new clusters" never "the provider's own failure";
        REPLICATION_SPECS_INVALID 400 Published
            "a replication specification is incomplete"
            never "answered with the code of the attribute";
        SHARDED_CLUSTER_CANT_BECOME_REPLICA_SET 400 Published
            "a sharded cluster is to become a replica set"
            never "a change does not alter the kind";
        SHARDING_NOT_SUPPORTED 400 Published "the tier is too small for shards" never "tiers do not limit features";
    }
    "encryption at rest" of ["GroupCluster"] {
        CANNOT_USE_ENCRYPTION_AT_REST_BACKUP_TYPE 400 Published
            "customer keys do not go with Legacy Backup"
            never "no cluster has Legacy Backup";
        CANNOT_USE_ENCRYPTION_AT_REST_TENANT 400 Published "a free cluster asks for customer keys";
        ENCRYPTION_AT_REST_PROVIDER_NOT_SUPPORTED 400 Published
            "the key provider does not go with the cluster"
            never "keys of every service encrypt every cluster";
        INVALID_ENCRYPTION_AT_REST_PROVIDER 400 Published
            "there is no such key provider"
            never "answered as INVALID_ENUM_VALUE";
    }
}
