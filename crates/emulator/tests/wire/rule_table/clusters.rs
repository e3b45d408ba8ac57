//! Rules of compliance policies and clusters.

use super::{CODES, COMPLIANCE, DOCUMENT, FLEX, LIMITS, PAUSE, RECORDED, Rule, TERRAFORM};

pub(super) const POLICIES: &[Rule] = &[
    (
        "a snapshot under a policy is kept and only lengthened",
        COMPLIANCE,
        &[
            r#"POST $snapshots {"retentionInDays":30} -> 200 taken@/id"#,
            "+120",
            "PUT $policy $demand(daily,1,days,7) -> 200",
            "DELETE $snapshots/$taken -> 400 CANNOT_DELETE_SNAPSHOT_WITH_BACKUP_COMPLIANCE_POLICY",
            r#"PATCH $snapshots/$taken {"retentionUnit":"DAYS","retentionValue":5} -> 400 CANNOT_DECREASE_SNAPSHOT_RETENTION_WITH_BACKUP_COMPLIANCE_POLICY"#,
            r#"PATCH $snapshots/$taken {"retentionUnit":"DAYS","retentionValue":60} -> 200"#,
        ],
    ),
    (
        "backup stays enabled under a policy",
        COMPLIANCE,
        &[
            "PUT $policy $demand(daily,1,days,7) -> 200",
            r#"PATCH /clusters/Sharded0 {"backupEnabled":false} -> 400 CANNOT_DISABLE_CLOUD_BACKUP_WITH_BACKUP_COMPLIANCE_POLICY"#,
            r#"PATCH /clusters/Cluster0 {"pitEnabled":false} -> 200"#,
        ],
    ),
    (
        "a policy is extended but not weakened",
        COMPLIANCE,
        &[
            "PUT $policy $demand(daily,1,days,7;weekly,6,weeks,4) -> 200",
            "+60",
            "PUT $policy $demand(daily,1,days,7) -> 400",
            "PUT $policy $demand(daily,1,days,9;weekly,6,weeks,4;monthly,40,months,2) -> 200",
        ],
    ),
    (
        "a change of a policy takes a while",
        DOCUMENT,
        &[
            r#"PUT $policy $demand(daily,1,days,7) -> 200 /state="ENABLING""#,
            "+60",
            r#"GET $policy -> 200 /state="ACTIVE""#,
            r#"PUT $policy $demand(daily,1,days,8) -> 200 /state="UPDATING""#,
        ],
    ),
    (
        "a schedule meets the policy and is raised to it",
        COMPLIANCE,
        &[
            "PUT $policy $demand(daily,1,days,21) -> 200",
            "GET $sharded_schedule -> 200 /policies/0/policyItems/0/retentionValue=21",
            "+60",
            "PATCH $sharded_schedule $items(daily,1,days,7) -> 400 BACKUP_POLICIES_NOT_MEETING_BACKUP_COMPLIANCE_POLICY_REQUIREMENTS",
            "DELETE $sharded_schedule -> 400 BACKUP_POLICIES_NOT_MEETING_BACKUP_COMPLIANCE_POLICY_REQUIREMENTS",
        ],
    ),
    (
        "a policy enables backup on every cluster, also on new ones",
        COMPLIANCE,
        &[
            r#"POST /clusters {"name":"Plain","clusterType":"REPLICASET","replicationSpecs":$m10} -> 201"#,
            "+200",
            "PUT $policy $demand(daily,1,days,21) -> 200",
            "+60",
            "GET /clusters/Plain -> 200 /backupEnabled=true",
            r#"POST /clusters {"name":"New","clusterType":"REPLICASET","backupEnabled":false,"replicationSpecs":$m10} -> 201 /backupEnabled=true"#,
        ],
    ),
    (
        "policy items follow the rules of schedule items",
        TERRAFORM,
        &[
            "PUT $policy $demand(hourly,3,days,7) -> 400",
            "PUT $policy $demand(weekly,6,days,6) -> 400",
            "PUT $policy $demand(hourly,6,days,14;daily,1,days,7) -> 400",
        ],
    ),
    (
        "deleting a cluster keeps its snapshots and its name",
        COMPLIANCE,
        &[
            "PUT $policy $demand(daily,1,days,7) -> 200",
            "+60",
            "DELETE /clusters/Cluster0?retainBackups=false -> 400 CANNOT_DELETE_SNAPSHOT_WITH_BACKUP_COMPLIANCE_POLICY",
            "DELETE /clusters/Cluster0?retainBackups=true -> 202",
            "+600",
            "GET $snapshots/$snapshot -> 200",
            r#"POST /clusters {"name":"Cluster0","clusterType":"REPLICASET","replicationSpecs":$m10} -> 400"#,
        ],
    ),
    ("a policy names its authorized user", DOCUMENT, &[r#"PUT $policy {"authorizedEmail":"a@example.com"} -> 400"#]),
];

pub(super) const CLUSTERS: &[Rule] = &[
    (
        "a protected cluster is not deleted",
        RECORDED,
        &[
            r#"PATCH /clusters/Cluster0 {"terminationProtectionEnabled":true} -> 200"#,
            "DELETE /clusters/Cluster0 -> 400 CANNOT_TERMINATE_CLUSTER_WHEN_TERMINATION_PROTECTION_ENABLED",
        ],
    ),
    (
        "a deleted cluster loses its snapshots and is not deleted again",
        PAUSE,
        &[
            "DELETE /clusters/Cluster0 -> 202",
            "DELETE /clusters/Cluster0 -> 400 CLUSTER_ALREADY_REQUESTED_DELETION",
            "+600",
            "GET $snapshots/$snapshot -> 404",
        ],
    ),
    (
        "retained snapshots of a deleted cluster are found under its name",
        PAUSE,
        &[
            "DELETE /clusters/Cluster0?retainBackups=true -> 202",
            "+600",
            "GET $snapshots/$snapshot -> 200",
            r#"POST $snapshots {"retentionInDays":1} -> 404"#,
        ],
    ),
    ("a project with clusters is not deleted", CODES, &["DELETE  -> 409 CANNOT_CLOSE_GROUP_ACTIVE_ATLAS_CLUSTERS"]),
    (
        "a paused cluster is only resumed, and not paused again for an hour",
        PAUSE,
        &[
            r#"PATCH /clusters/Cluster0 {"paused":true} -> 200 /paused=true"#,
            r#"PATCH /clusters/Cluster0 {"tags":[]} -> 409 CANNOT_UPDATE_PAUSED_CLUSTER"#,
            r#"POST $restores {"deliveryType":"automated","snapshotId":"$snapshot","targetGroupId":"$project","targetClusterName":"Cluster0"} -> 400 CLUSTER_PAUSED_CANNOT_RESTORE"#,
            r#"PATCH /clusters/Cluster0 {"paused":false} -> 200 /paused=false"#,
            "+600",
            r#"PATCH /clusters/Cluster0 {"paused":true} -> 400 CANNOT_PAUSE_RECENTLY_RESUMED_CLUSTER"#,
            "+3600",
            r#"PATCH /clusters/Cluster0 {"paused":true} -> 200"#,
        ],
    ),
    (
        "cluster names are unique by their first 23 characters",
        LIMITS,
        &[
            r#"POST /clusters {"name":"Cluster0","clusterType":"REPLICASET","replicationSpecs":$m10} -> 400 DUPLICATE_CLUSTER_NAME"#,
            r#"POST /clusters {"name":"A23456789012345678901230","clusterType":"REPLICASET","replicationSpecs":$m10} -> 201"#,
            r#"POST /clusters {"name":"A23456789012345678901231","clusterType":"REPLICASET","replicationSpecs":$m10} -> 400 DUPLICATE_CLUSTER_NAME_PREFIX"#,
            r#"PATCH /clusters/Cluster0 {"name":"Renamed"} -> 400 CLUSTER_CANNOT_CHANGE_NAME"#,
        ],
    ),
];

pub(super) const FLEX_CLUSTERS: &[Rule] = &[
    (
        "a flex cluster gets its first snapshot after a day",
        FLEX,
        &[
            r#"POST /flexClusters {"name":"F1","providerSettings":{"backingProviderName":"AWS","regionName":"US_EAST_1"}} -> 201 /backupSettings/enabled=true"#,
            "+82800",
            "GET /flexClusters/F1/backup/snapshots -> 200 /totalCount=0",
            "+7200",
            "GET /flexClusters/F1/backup/snapshots -> 200 /totalCount=1",
            "+1728000",
            "GET /flexClusters/F1/backup/snapshots -> 200 /totalCount=8",
        ],
    ),
    (
        "a flex snapshot is restored to replica sets and flex clusters",
        FLEX,
        &[
            r#"POST /flexClusters/Flex0/backup/restoreJobs {"snapshotId":"$flex","targetDeploymentItemName":"Cluster0","targetProjectId":"$project"} -> 200"#,
            r#"POST /flexClusters/Flex0/backup/restoreJobs {"snapshotId":"$flex","targetDeploymentItemName":"Flex0","targetProjectId":"$project"} -> 200"#,
            r#"POST /flexClusters/Flex0/backup/restoreJobs {"snapshotId":"$flex","targetDeploymentItemName":"Sharded0","targetProjectId":"$project"} -> 400 TENANT_RESTORE_INCOMPATIBLE_TOPOLOGY"#,
            r#"POST /flexClusters/Flex0/backup/restoreJobs {"snapshotId":"$flex"} -> 400"#,
        ],
    ),
    (
        "unknown flex snapshots and restores have codes of their own",
        CODES,
        &[
            "GET /flexClusters/Flex0/backup/snapshots/$unknown -> 404 TENANT_SNAPSHOT_NOT_FOUND",
            "GET /flexClusters/Flex0/backup/restoreJobs/$unknown -> 404 TENANT_RESTORE_NOT_FOUND",
            "GET /flexClusters/Cluster0 -> 400 CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API",
        ],
    ),
];
