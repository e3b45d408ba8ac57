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
    (
        "a policy of a project with clusters is not disabled without support",
        COMPLIANCE,
        &[
            "PUT $policy $demand(daily,1,days,7) -> 200 /deletable=false",
            "+60",
            "DELETE $policy -> 400 CANNOT_DISABLE_BACKUP_COMPLIANCE_POLICY",
        ],
    ),
    (
        "state and deletable of a policy are ignored in a request",
        DOCUMENT,
        &[
            r#"PUT $policy {"authorizedEmail":"a@example.com","authorizedUserFirstName":"A","authorizedUserLastName":"B","deletable":true,"state":"ACTIVE"} -> 200 /deletable=false /state="ENABLING""#,
        ],
    ),
    (
        "continuous backup and its window stay under a policy that requires them",
        COMPLIANCE,
        &[
            r#"PUT $policy {"authorizedEmail":"a@example.com","authorizedUserFirstName":"A","authorizedUserLastName":"B","pitEnabled":true,"restoreWindowDays":5} -> 200"#,
            "+60",
            r#"PATCH /clusters/Cluster0 {"pitEnabled":false} -> 400 CANNOT_DISABLE_PIT_WITH_BACKUUP_COMPLIANCE_POLICY"#,
            r#"PATCH $schedule {"restoreWindowDays":3} -> 400 CANNOT_DECREASE_PIT_WINDOW_WITH_BACKUP_COMPLIANCE_POLICY"#,
        ],
    ),
    (
        "a policy enables continuous backup on every cluster, with at least its window",
        COMPLIANCE,
        &[
            r#"PUT $policy {"authorizedEmail":"a@example.com","authorizedUserFirstName":"A","authorizedUserLastName":"B","pitEnabled":true,"restoreWindowDays":8,"scheduledPolicyItems":[{"frequencyType":"hourly","frequencyInterval":6,"retentionUnit":"days","retentionValue":8}]} -> 200"#,
            "GET /clusters/Sharded0 -> 200 /pitEnabled=true",
            "GET $sharded_schedule -> 200 /restoreWindowDays=8",
        ],
    ),
    (
        "on-demand snapshots are free without an item for them",
        TERRAFORM,
        &[
            "PUT $policy $demand(daily,1,days,7) -> 200 /onDemandPolicyItem=null",
            "+60",
            r#"POST $snapshots {"retentionInDays":1} -> 200"#,
        ],
    ),
    (
        "on-demand snapshots are kept at least as long as their item says",
        CODES,
        &[
            r#"PUT $policy {"authorizedEmail":"a@example.com","authorizedUserFirstName":"A","authorizedUserLastName":"B","onDemandPolicyItem":{"frequencyType":"ondemand","frequencyInterval":1,"retentionUnit":"days","retentionValue":10}} -> 200"#,
            "+60",
            r#"POST $snapshots {"retentionInDays":5} -> 400 SNAPSHOT_RETENTION_LESS_THAN_BACKUP_COMPLIANCE_POLICY"#,
            r#"POST $snapshots {"retentionInDays":10} -> 200"#,
        ],
    ),
    (
        "a policy is refused if schedules do less and may not be overwritten",
        DOCUMENT,
        &[
            "PUT $policy?overwriteBackupPolicies=false $demand(daily,1,days,700) -> 400 BACKUP_POLICIES_NOT_MEETING_BACKUP_COMPLIANCE_POLICY_REQUIREMENTS",
            "DELETE $snapshots/$snapshot -> 204",
        ],
    ),
    (
        "a policy leaves the expiry of snapshots that exist",
        COMPLIANCE,
        &[
            "GET $snapshots/$snapshot -> 200 expiry@/expiresAt",
            "PUT $policy $demand(daily,1,days,200) -> 200",
            "+60",
            r#"GET $snapshots/$snapshot -> 200 /expiresAt="$expiry""#,
        ],
    ),
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
    (
        "a cluster is not created paused",
        CODES,
        &[
            r#"POST /clusters {"name":"Paused","clusterType":"REPLICASET","paused":true,"replicationSpecs":$m10} -> 400 CANNOT_CREATE_PAUSED_CLUSTER"#,
        ],
    ),
    (
        "electable nodes are 3, 5 or 7 in all regions together",
        "recorded responses; error codes page",
        &[
            r#"POST /clusters {"name":"Three","clusterType":"REPLICASET","replicationSpecs":[{"regionConfigs":[{"priority":7,"providerName":"AWS","regionName":"EU_WEST_1","electableSpecs":{"instanceSize":"M10","nodeCount":1}},{"priority":6,"providerName":"AWS","regionName":"EU_CENTRAL_1","electableSpecs":{"instanceSize":"M10","nodeCount":1}},{"priority":5,"providerName":"AWS","regionName":"EU_WEST_2","electableSpecs":{"instanceSize":"M10","nodeCount":1}}]}]} -> 201"#,
            r#"POST /clusters {"name":"Five","clusterType":"REPLICASET","replicationSpecs":[{"regionConfigs":[{"priority":7,"providerName":"AWS","regionName":"EU_WEST_1","electableSpecs":{"instanceSize":"M10","nodeCount":3}},{"priority":6,"providerName":"AWS","regionName":"EU_CENTRAL_1","electableSpecs":{"instanceSize":"M10","nodeCount":2}}]}]} -> 201"#,
            r#"POST /clusters {"name":"Four","clusterType":"REPLICASET","replicationSpecs":[{"regionConfigs":[{"priority":7,"providerName":"AWS","regionName":"EU_WEST_1","electableSpecs":{"instanceSize":"M10","nodeCount":2}},{"priority":6,"providerName":"AWS","regionName":"EU_CENTRAL_1","electableSpecs":{"instanceSize":"M10","nodeCount":2}}]}]} -> 400 CLUSTER_REPLICATION_FACTOR_INVALID"#,
        ],
    ),
    (
        "a larger tier keeps snapshots and schedule",
        "dedicated cluster backup page",
        &[
            "GET $schedule -> 200 policy_id@/policies/0/id",
            r#"PATCH /clusters/Cluster0 {"replicationSpecs":[{"regionConfigs":[{"priority":7,"providerName":"AWS","regionName":"EU_WEST_1","electableSpecs":{"instanceSize":"M20","nodeCount":3}}]}]} -> 200"#,
            "+600",
            "GET $snapshots/$snapshot -> 200",
            r#"GET $schedule -> 200 /policies/0/id="$policy_id""#,
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
    (
        "backup of a flex cluster is always enabled",
        DOCUMENT,
        &[
            "GET /flexClusters/Flex0 -> 200 /backupSettings/enabled=true /providerSettings/diskSizeGB=5.0",
            "GET /clusters/Flex0 -> 400 CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API",
        ],
    ),
];
