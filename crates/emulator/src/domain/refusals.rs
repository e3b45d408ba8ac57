//! What the service refuses: each code with its status, the operations, the condition, and where it is known from.
//!
//! Every error of the emulator is made from a row of this table. Rows that are not modelled say why; a client can be tested
//! against them with a fault that answers with the code. The README's list is this table, as `refusals` of the program
//! prints it.

/// One reason for which a request is refused.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The error code.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The topic of the request.
    pub topic: &'static str,
    /// Which operations answer so: those whose ID contains one of these. Empty for all.
    pub operations: &'static [&'static str],
    /// When it is refused.
    pub condition: &'static str,
    /// Where the code is known from.
    pub source: Source,
    /// Why the emulator never answers so by itself; `None` where it does.
    pub not_modelled: Option<&'static str>,
}

/// Where a code is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// The service's documentation of its error codes.
    Published,
    /// It was seen in recorded answers of the service.
    Observed,
    /// Documentation, tests and reports of other clients.
    Reported,
    /// The emulator's own, where no code of the service is known.
    Own,
}

#[cfg(any(test, feature = "binary"))]
impl Source {
    fn as_str(self) -> &'static str {
        match self {
            Source::Published => "error codes page",
            Source::Observed => "recording",
            Source::Reported => "other clients",
            Source::Own => "the emulator's own",
        }
    }
}

/// Everything that the service refuses, by topic.
#[must_use]
pub fn refusals() -> &'static [&'static Refusal] {
    ALL
}

/// The refusal with this code; of two statuses, the one that the emulator answers.
pub(crate) fn find(code: &str) -> Option<&'static Refusal> {
    let with_code = || ALL.iter().copied().filter(|refusal| refusal.code == code);
    with_code().find(|refusal| refusal.not_modelled.is_none()).or_else(|| with_code().next())
}

/// Rows of the table; one with a name in front is not its code's only one.
macro_rules! refusals {
    ($($topic:literal of $operations:tt {
        $($name:ident $(is $code:literal)? $status:literal $source:ident $condition:literal $(never $reason:literal)?;)*
    })*) => {
        $($(
            #[doc = $condition]
            pub(crate) const $name: Refusal = Refusal {
                code: refusals!(@first $($code,)? stringify!($name)),
                status: $status,
                topic: $topic,
                operations: &$operations,
                condition: $condition,
                source: Source::$source,
                not_modelled: refusals!(@reason $($reason)?),
            };
        )*)*

        const ALL: &[&Refusal] = &[$($(&$name,)*)*];
    };
    (@first $first:expr $(, $rest:expr)*) => { $first };
    (@reason) => { None };
    (@reason $reason:literal) => { Some($reason) };
}

refusals! {
    "requests" of [] {
        USER_UNAUTHORIZED 401 Published "no role of the credentials allows the operation";
        NOT_IN_GROUP 401 Published "the credentials are for another project";
        REFUSED_CREDENTIALS is "UNEXPECTED_ERROR" 401 Observed
            "the service does not accept the credentials"
            never "401 without a code, as older servers answer it";
        NOT_ORG_GROUP_CREATOR 401 Published
            "a project is created without the role for it"
            never "answered as USER_UNAUTHORIZED";
        NOT_ORG_OWNER 401 Published
            "only the owner of the organization may do it"
            never "no operation here takes that role alone";
        NO_CURRENT_USER 401 Published "the credentials belong to no user" never "every credential is its own user";
        USER_CANNOT_ACCESS_GROUP 401 Published "the user has no access to the project" never "answered as NOT_IN_GROUP";
        USER_CANNOT_ACCESS_ORG 401 Published
            "the user has no access to the organization"
            never "there is one organization, open to all credentials";
        ACCESS_FORBIDDEN 403 Published "the resource is closed to the caller" never "an account setting";
        FEATURE_UNSUPPORTED 403 Published "the account does not include the feature" never "an account setting";
        GLOBAL_USER_OUTSIDE_SUBNET 403 Published
            "an account of the vendor is used from outside its network"
            never "the vendor's own accounts";
        IP_ADDRESS_NOT_ON_ACCESS_LIST 403 Reported
            "the client's address is not on the access list of its key"
            never "keys have no access list";
        IP_ADDRESS_NOT_ON_WHITELIST 403 Published
            "the former name of IP_ADDRESS_NOT_ON_ACCESS_LIST"
            never "keys have no access list";
        ORG_REQUIRES_ACCESS_LIST 403 Reported
            "the organization requires access lists and the key has none"
            never "keys have no access list";
        ORG_REQUIRES_WHITELIST 403 Published
            "the former name of ORG_REQUIRES_ACCESS_LIST"
            never "keys have no access list";
        RESOURCE_REQUIRES_ACCESS_LIST 403 Reported
            "the operation requires a key with an access list"
            never "keys have no access list";
        RESOURCE_REQUIRES_WHITELIST 403 Published
            "the former name of RESOURCE_REQUIRES_ACCESS_LIST"
            never "keys have no access list";
        UNSUPPORTED_FOR_CURRENT_CONFIG 403 Published
            "the project's configuration does not allow the operation"
            never "a setting of the account";
        UNSUPPORTED_FOR_CURRENT_PLAN 403 Published
            "the organization's plan does not include the operation"
            never "billing";
        INVALID_VERSION_DATE 406 Published "the `Accept` header does not name a version of the resource";
        VERSION_GONE 410 Published "the version is past its sunset";
        UNSUPPORTED_MEDIA_TYPE 415 Own "the `Content-Type` of the body is not JSON";
        MALFORMED_JSON 400 Published "the body is missing or cannot be parsed as JSON";
        INVALID_JSON 400 Published "the body is JSON of another shape than the operation takes";
        INVALID_JSON_ATTRIBUTE 400 Published "an attribute has another type than documented";
        INVALID_ATTRIBUTE 400 Published
            "an attribute is unknown, has an unacceptable value, or cannot be set together with the others";
        INVALID_ENUM_VALUE 400 Published "a value is not one of those documented";
        ATTRIBUTE_NEGATIVE 400 Published "a number is negative where zero is the least";
        ATTRIBUTE_NEGATIVE_OR_ZERO 400 Published "a number is not positive";
        MISSING_ATTRIBUTE 400 Published "a required attribute is missing";
        MISSING_ATTRIBUTES 400 Published "several required attributes are missing";
        MISSING_ONE_OF_ATTRIBUTES 400 Published "neither of two attributes is there";
        MISSING_ONE_OF_THREE_ATTRIBUTES 400 Published "none of three attributes is there";
        MISSING_ONE_OF_MANY_ATTRIBUTES 400 Published
            "none of several attributes is there"
            never "no operation here has such a choice";
        MISSING_OR_INVALID_ATTRIBUTE 400 Published
            "a required attribute is missing or unusable"
            never "answered with the more precise codes";
        ATTRIBUTE_READ_ONLY 400 Published
            "an attribute is sent that only the service sets"
            never "read-only attributes are ignored, since clients send documents back";
        VALIDATION_ERROR 400 Published "a value breaks a documented length, range or pattern";
        INVALID_URL 400 Published "a value should be a URL and is not";
        INVALID_PATH_PARAMETER 400 Published "a segment of the path has an unacceptable value";
        PATH_PARAM_PARSE_ERROR 400 Reported "an ID in the path is not 24 hexadecimal digits";
        INVALID_QUERY_PARAMETER 400 Published "a query parameter has an unacceptable value";
        MISSING_QUERY_PARAMETER 400 Published "a query parameter is missing";
        MUTUALLY_EXCLUSIVE_QUERY_PARAMETERS 400 Published "two query parameters exclude each other";
        INVALID_FORM_PARAMETER 400 Published
            "a parameter of a form is unacceptable"
            never "no operation here takes a form";
        INVALID_DATE_FORMAT 400 Published
            "a date or time cannot be parsed"
            never "no request of an operation here holds a date";
        INVALID_DATE_RANGE 400 Published
            "a range of dates ends before it begins"
            never "no operation here takes a range of dates";
        START_DATE_AFTER_END_DATE 400 Published
            "a period begins after its end"
            never "no operation here takes a period";
        FRACTIONAL_TIMESTAMP 400 Published
            "a timestamp has fractions of a second"
            never "timestamps in requests are integers here";
        GROUP_MISMATCH 400 Published
            "the project in the body is not the one in the path"
            never "the attribute is read-only in the document and ignored";
        ATLAS_GENERAL_ERROR 400 Published "any condition without its own code; see `detail`";
        DEFAULT_CONFIG_LIMIT_EXCEPTION 400 Published
            "the service could not check a quota"
            never "a failure inside the service";
        RESOURCE_NOT_FOUND 404 Published "no resource has this id or path";
        RESOURCE_NOT_FOUND_FOR_JOB 400 Published
            "a job names an object that does not exist"
            never "answered with the code of the object";
        METHOD_NOT_ALLOWED 405 Own "the path does not support the method";
        WRITES_NOT_ALLOWED_DURING_APP_UPGRADES 405 Published
            "the service is being upgraded and takes no writes"
            never "a state of the service";
        REQUEST_TIMEOUT 408 Own "the body does not arrive in time";
        UNSUPPORTED_FEATURE 409 Published "the service does not offer the feature yet" never "a state of the service";
        REQUEST_BODY_TOO_LARGE 413 Own "the body is too large";
        RATE_LIMITED_TOKEN_BUCKET 429 Published "the endpoint set's bucket for the project is empty";
        RATE_LIMITED 429 Published
            "more requests than the older limit allows"
            never "answered as RATE_LIMITED_TOKEN_BUCKET";
        UNEXPECTED_ERROR 500 Published "the operating system has no random numbers";
        EMULATOR_NOT_SAVED 500 Own "the change could not be saved in the data folder, and was undone";
        EMULATOR_UNDOCUMENTED_ANSWER 500 Own "a strict emulator produced a response that does not conform to the document";
        EMULATOR_NOT_IMPLEMENTED 501 Own "the emulator does not model the operation";
        SERVICE_UNAVAILABLE 503 Observed "the service cannot take the request now" never "a state of the service";
        CONTROL_NOT_ALLOWED 403 Own "another machine or a web page calls the control API";
        CONTROL_INVALID 400 Own "a request to the control API is invalid";
    }
    "projects" of ["Group"] {
        GROUP_NOT_FOUND 404 Published "there is no such project";
        GROUP_NAME_NOT_FOUND 404 Published "no project has this name";
        GROUP_ALREADY_EXISTS 409 Published "the organization has a project of this name";
        ORG_NOT_FOUND 404 Published "there is no such organization";
        MAX_GROUPS_PER_ORG_EXCEEDED 400 Published "the organization has 250 projects";
        INVALID_GROUP_NAME 400 Published "the project's name is empty, too long or has forbidden characters";
        INVALID_GROUP_NAME_10GEN 400 Published "the project's name begins with `10gen-` or ends with `-10gen`";
        CANNOT_CLOSE_GROUP_ACTIVE_ATLAS_CLUSTERS 409 Published "a project with clusters is deleted";
        CANNOT_CLOSE_GROUP_ACTIVE_BACKUP_COMPLIANCE_POLICY 409 Published "a project is deleted whose policy protects backups that are kept";
        CANNOT_CLOSE_GROUP_ACTIVE_ATLAS_PRIVATE_ENDPOINT_SERVICES 409 Reported
            "a project with private endpoint services is deleted"
            never "clusters have no private endpoints";
        CANNOT_CLOSE_GROUP_ACTIVE_BACKUP 409 Published
            "a project with Legacy Backup is deleted"
            never "no cluster has Legacy Backup";
        CANNOT_CLOSE_GROUP_ACTIVE_PEERING_CONNECTIONS 409 Reported
            "a project with network peerings is deleted"
            never "projects have no peerings";
        API_KEY_CREATED_GROUPS_MUST_HAVE_ORG 400 Published
            "a project is created without an organization"
            never "answered as MISSING_ATTRIBUTE, since the document requires it";
        ATLAS_GROUP_TAG_NOT_SUPPORTED 404 Published "the project does not know the tag" never "tags are free";
        CANNOT_CHANGE_GROUP_NAME 403 Published
            "the caller may not rename the project"
            never "answered as USER_UNAUTHORIZED";
        INACTIVE_ORG 400 Published "the organization is closed" never "an account setting";
        INVALID_ATLAS_GROUP 404 Published "the project cannot be loaded" never "a failure inside the service";
        INVALID_GROUP_ID 404 Published "the project's ID is malformed" never "answered as PATH_PARAM_PARSE_ERROR";
        INVALID_GROUP_TOKEN 400 Published
            "a tag of the project has forbidden characters or a bad length"
            never "answered as VALIDATION_ERROR by the document's limits";
        INVALID_ORG_ID 404 Published
            "the organization's ID is malformed"
            never "answered as VALIDATION_ERROR by the document's pattern";
        MAX_GROUPS_PER_USER_EXCEEDED 400 Published
            "the owner has as many projects as allowed"
            never "the emulator has no users";
        MULTIPLE_GROUPS 409 Published "several projects have the name" never "names are unique in the one organization";
        NOT_ATLAS_GROUP 404 Published "the project belongs to Cloud Manager" never "there is no Cloud Manager";
        NOT_ATLAS_ORG 404 Published "the organization belongs to Cloud Manager" never "there is no Cloud Manager";
        TOO_MANY_GROUP_TOKENS 400 Published "the project has too many tags" never "the service publishes no number";
        USER_NOT_FOUND 404 Published
            "the owner of a new project is not a known user"
            never "the emulator has no users and accepts any ID";
        USER_NOT_IN_ORG 404 Published
            "the owner of a new project is not in the organization"
            never "the emulator has no users and accepts any ID";
    }
    "surroundings of clusters" of ["AccessList", "DatabaseUser"] {
        ATLAS_NETWORK_PERMISSION_ENTRY_NOT_FOUND 404 Published "the project's access list has no such entry";
        INVALID_IP_ADDRESS_OR_CIDR_NOTATION 400 Published "an entry of the access list is neither an address nor a range";
        USER_ALREADY_EXISTS 409 Published "the project has a database user of this name";
        USERNAME_NOT_FOUND 404 Published "the project has no database user of this name";
    }
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

/// The table as Markdown.
#[cfg(any(test, feature = "binary"))]
pub(crate) fn markdown() -> String {
    let mut text = String::new();
    let list = |text: &mut String, not_modelled: bool| {
        for refusal in ALL.iter().filter(|refusal| refusal.not_modelled.is_some() == not_modelled) {
            let Refusal { code, status, topic, condition, .. } = refusal;
            let last = refusal.not_modelled.unwrap_or(refusal.source.as_str());
            *text += &format!("| {topic} | {status} | `{code}` | {condition} | {last} |\n");
        }
    };
    text += "| about | status | code | when | known from |\n|---|---|---|---|---|\n";
    list(&mut text, false);
    text += "\nThe emulator never returns the following codes by itself; a fault with the effect `refusal` does.\n\n";
    text += "| about | status | code | when | why it is not modelled |\n|---|---|---|---|---|\n";
    list(&mut text, true);
    text
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, env, fs, path::Path};

    use super::*;
    use crate::openapi::document::Document;

    /// With `UPDATE_README` set, the test writes the list.
    #[test]
    fn readme_lists_every_refusal() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
        let readme = fs::read_to_string(path).unwrap();
        let table = markdown();
        let begin = readme.find(table.lines().next().unwrap()).unwrap();
        let end = readme[begin..].find("\n\n## ").map_or(readme.len(), |end| begin + end + 1);
        if env::var_os("UPDATE_README").is_some() {
            fs::write(path, format!("{}{table}{}", &readme[..begin], &readme[end..])).unwrap();
            return;
        }
        let command = "UPDATE_README=1 cargo test -p atlas-backup-emulator --lib readme_lists_every_refusal";
        assert!(readme[begin..end] == table, "the README's list is not current: run `{command}`");
    }

    #[test]
    fn refusals_name_operations_of_the_document() {
        let operations = &Document::embedded().operations;
        for refusal in ALL {
            for part in refusal.operations {
                assert!(operations.iter().any(|o| o.id.contains(part)), "{}: {part}", refusal.code);
            }
        }
    }

    #[test]
    fn each_code_and_status_stands_in_one_row() {
        let rows: BTreeSet<_> = ALL.iter().map(|refusal| (refusal.code, refusal.status)).collect();
        assert_eq!(rows.len(), ALL.len());
    }

    /// The list is other people's work and not in the project.
    #[test]
    fn every_published_code_of_the_domain_has_a_row() {
        let Ok(folder) = env::var("ATLAS_BACKUP_UPSTREAM") else {
            eprintln!("skipped: ATLAS_BACKUP_UPSTREAM is not set");
            return;
        };
        let list = fs::read_to_string(Path::new(&folder).join("error-codes.tsv")).unwrap();
        let known = |code: &str, status: &str| ALL.iter().any(|r| r.code == code && r.status.to_string() == status);
        let rows = list.lines().skip(1).filter_map(|line| line.split_once('\t'));
        let missing = rows.filter(|(code, rest)| !known(code, rest.split('\t').next().unwrap_or_default()));
        assert_eq!(missing.map(|(code, _)| code).collect::<Vec<_>>(), [""; 0]);
    }
}
