//! Rules of schedules, snapshots and their copies.

use super::{CODES, COMPLIANCE, COPIES, DOCUMENT, EXPORTS, FLEX, POLICY, RECORDED, Rule, TERRAFORM};

pub(super) const BACKUP: &[Rule] = &[
    (
        "backup is off by default",
        DOCUMENT,
        &[
            r#"POST /clusters {"name":"New","clusterType":"REPLICASET","replicationSpecs":$m10} -> 201 /backupEnabled=false"#,
            "+200",
            "GET /clusters/New/backup/schedule -> 404 BACKUP_CONFIG_NOT_FOUND",
        ],
    ),
    (
        "a cluster without backup takes no snapshot",
        CODES,
        &[
            r#"POST /clusters {"name":"New","clusterType":"REPLICASET","replicationSpecs":$m10} -> 201"#,
            "+200",
            r#"POST /clusters/New/backup/snapshots {"retentionInDays":1} -> 400 BACKUP_JOB_NOT_FOUND"#,
        ],
    ),
    (
        "backup that is enabled later starts with a schedule",
        POLICY,
        &[
            r#"POST /clusters {"name":"New","clusterType":"REPLICASET","replicationSpecs":$m10} -> 201"#,
            "+200",
            r#"PATCH /clusters/New {"backupEnabled":true} -> 200"#,
            r#"GET /clusters/New/backup/schedule -> 200 /policies/0/policyItems/0/frequencyType="hourly""#,
        ],
    ),
    (
        "disabling backup disables continuous backup",
        POLICY,
        &[r#"PATCH /clusters/Cluster0 {"backupEnabled":false} -> 200 /pitEnabled=false"#],
    ),
    (
        "a free cluster has no backups",
        "backup overview",
        &[
            r#"POST /clusters {"name":"Free","clusterType":"REPLICASET","replicationSpecs":$m0} -> 201 /backupEnabled=false"#,
            "+200",
            r#"POST /clusters/Free/backup/snapshots {"retentionInDays":1} -> 400"#,
        ],
    ),
    (
        "a new cluster has the default policy, and its reference time is when it was ready",
        RECORDED,
        &[
            r#"POST /clusters {"name":"New","clusterType":"REPLICASET","backupEnabled":true,"replicationSpecs":$m10} -> 201"#,
            "+200",
            "GET /clusters/New/backup/schedule -> 200 /restoreWindowDays=7 /useOrgAndGroupNamesInExportPrefix=false \
         /referenceHourOfDay=12 /policies/0/policyItems/0/frequencyInterval=6 \
         /policies/0/policyItems/2/frequencyInterval=6 /policies/0/policyItems/3/frequencyInterval=40 \
         /policies/0/policyItems/4/frequencyInterval=12",
        ],
    ),
];

pub(super) const SCHEDULES: &[Rule] = &[
    (
        "the reference time is within a day",
        CODES,
        &[
            r#"PATCH $schedule {"referenceHourOfDay":24} -> 400 INVALID_REFERENCE_HOUR_OF_DAY"#,
            r#"PATCH $schedule {"referenceMinuteOfHour":60} -> 400 INVALID_REFERENCE_MINUTE_OF_HOUR"#,
        ],
    ),
    (
        "a schedule has one policy, which has items",
        CODES,
        &[
            r#"PATCH $schedule {"policies":[{"policyItems":[]},{"policyItems":[]}]} -> 400 INVALID_NUM_OF_POLICIES"#,
            r#"PATCH $schedule {"policies":[{"policyItems":[]}]} -> 400 INVALID_NUM_OF_POLICY_ITEMS"#,
        ],
    ),
    (
        "policy and items are named by their own IDs",
        CODES,
        &[
            r#"PATCH $schedule {"policies":[{"id":"$unknown","policyItems":[$hourly]}]} -> 400 INVALID_POLICY_ID"#,
            r#"PATCH $schedule {"policies":[{"policyItems":[{"id":"$unknown","frequencyType":"hourly","frequencyInterval":6,"retentionUnit":"days","retentionValue":7}]}]} -> 400 INVALID_POLICY_ITEM_ID"#,
            "GET $schedule -> 200 item@/policies/0/policyItems/0/id",
            r#"PATCH $schedule {"policies":[{"policyItems":[$hourly,{"id":"$item","frequencyType":"weekly","frequencyInterval":1,"retentionUnit":"weeks","retentionValue":4}]}]} -> 400 INVALID_FREQUENCY_TYPE_CHANGE"#,
        ],
    ),
    (
        "an item states type, interval, unit and value",
        CODES,
        &[
            r#"PATCH $schedule {"policies":[{"policyItems":[{"frequencyType":"daily","frequencyInterval":1,"retentionUnit":"days"}]}]} -> 400 MISSING_POLICY_ITEM_PARAMETERS"#,
        ],
    ),
    (
        "an interval suits its frequency",
        TERRAFORM,
        &[
            "PATCH $sharded_schedule $items(hourly,3,days,2) -> 400",
            "PATCH $sharded_schedule $items(hourly,8,days,2) -> 200",
            "PATCH $sharded_schedule $items(daily,2,days,14) -> 400",
            "PATCH $sharded_schedule $items(weekly,8,weeks,2) -> 400",
            "PATCH $sharded_schedule $items(weekly,7,weeks,2) -> 200",
            "PATCH $sharded_schedule $items(monthly,29,months,2) -> 400",
            "PATCH $sharded_schedule $items(monthly,28,months,2) -> 200",
            "PATCH $sharded_schedule $items(monthly,40,months,2) -> 200",
            "PATCH $sharded_schedule $items(yearly,13,years,2) -> 400",
            "PATCH $sharded_schedule $items(yearly,1,years,2) -> 200",
        ],
    ),
    (
        "retention is at least the period of its frequency",
        TERRAFORM,
        &[
            "PATCH $sharded_schedule $items(daily,1,days,0) -> 400",
            "PATCH $sharded_schedule $items(weekly,6,days,6) -> 400",
            "PATCH $sharded_schedule $items(weekly,6,days,7) -> 200",
            "PATCH $sharded_schedule $items(monthly,40,days,30) -> 400",
            "PATCH $sharded_schedule $items(monthly,40,weeks,4) -> 400",
            "PATCH $sharded_schedule $items(monthly,40,days,31) -> 200",
            "PATCH $sharded_schedule $items(monthly,40,weeks,5) -> 200",
            "PATCH $sharded_schedule $items(monthly,40,months,1) -> 200",
        ],
    ),
    (
        "there is one hourly item at most",
        POLICY,
        &["PATCH $sharded_schedule $items(hourly,6,days,2;hourly,12,days,2) -> 400"],
    ),
    (
        "rarer snapshots are kept at least as long",
        POLICY,
        &["PATCH $sharded_schedule $items(hourly,6,days,14;daily,1,days,7) -> 400"],
    ),
    (
        "several weekly items are each followed with their own retention",
        POLICY,
        &[
            "PATCH $sharded_schedule $items(weekly,4,weeks,2;weekly,5,weeks,3) -> 200",
            "+345600",
            r#"GET /clusters/Sharded0/backup/snapshots/shardedClusters -> 200 /results/0/frequencyType="weekly" /results/1/frequencyType="weekly""#,
        ],
    ),
    (
        "continuous backup needs an hourly item",
        TERRAFORM,
        &["PATCH $schedule $items(daily,1,days,7) -> 400 ATLAS_GENERAL_ERROR"],
    ),
    (
        "the restore window is positive and within the hourly retention",
        POLICY,
        &[
            r#"PATCH $schedule {"restoreWindowDays":0} -> 400 INVALID_RESTORE_WINDOW"#,
            r#"PATCH $schedule {"restoreWindowDays":8} -> 400"#,
            r#"PATCH $schedule {"restoreWindowDays":7} -> 200 /restoreWindowDays=7"#,
        ],
    ),
    (
        "a change of one field keeps the others",
        DOCUMENT,
        &[
            "GET $schedule -> 200 items@/policies window@/restoreWindowDays",
            r#"PATCH $schedule {"referenceHourOfDay":5} -> 200 /referenceHourOfDay=5 /policies=$items /restoreWindowDays=$window"#,
        ],
    ),
    (
        "automatic export needs a bucket that exists",
        EXPORTS,
        &[
            r#"PATCH $schedule {"autoExportEnabled":true} -> 400"#,
            r#"PATCH $schedule {"autoExportEnabled":true,"export":{"exportBucketId":"$unknown","frequencyType":"monthly"}} -> 404 EXPORT_BUCKET_NOT_FOUND"#,
        ],
    ),
    (
        "extra retention needs a compliance policy",
        COMPLIANCE,
        &[r#"PATCH $schedule {"extraRetentionSettings":[{"frequencyType":"DAILY","retentionDays":5}]} -> 400"#],
    ),
    (
        "a flex cluster has no schedule",
        FLEX,
        &["GET /clusters/Flex0/backup/schedule -> 400 CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API"],
    ),
];

pub(super) const SNAPSHOTS: &[Rule] = &[
    (
        "a snapshot is kept for at least a day",
        DOCUMENT,
        &[
            r#"POST $snapshots {"retentionInDays":0} -> 400"#,
            r#"PATCH $snapshots/$snapshot {"retentionUnit":"DAYS","retentionValue":0} -> 400 BACKUP_SNAPSHOT_RETENTION_VALUE_INVALID"#,
        ],
    ),
    (
        "one on-demand snapshot is taken at a time",
        "snapshot management page",
        &[
            r#"POST $snapshots {"retentionInDays":1} -> 200"#,
            r#"POST $snapshots {"retentionInDays":1} -> 400 UNFINISHED_ON_DEMAND_SNAPSHOT"#,
            "+30",
            r#"POST $snapshots {"retentionInDays":1} -> 400 UNFINISHED_ON_DEMAND_SNAPSHOT"#,
            "+120",
            r#"POST $snapshots {"retentionInDays":1} -> 200"#,
        ],
    ),
    (
        "an on-demand snapshot is marked as such",
        RECORDED,
        &[
            r#"POST $snapshots {"retentionInDays":1,"description":"why"} -> 200 /description="why" /snapshotType="onDemand" /frequencyType="ondemand""#,
        ],
    ),
    (
        "a snapshot in progress is neither deleted nor changed",
        CODES,
        &[
            r#"POST $snapshots {"retentionInDays":1} -> 200 taken@/id"#,
            "+20",
            "DELETE $snapshots/$taken -> 400 CANNOT_DELETE_IN_PROGRESS_SNAPSHOT",
            r#"PATCH $snapshots/$taken {"retentionUnit":"DAYS","retentionValue":9} -> 400 CANNOT_MODIFY_IN_PROGRESS_SNAPSHOT_RETENTION"#,
        ],
    ),
    (
        "without a policy a snapshot can be shortened and deleted",
        "snapshot management page",
        &[
            r#"POST $snapshots {"retentionInDays":10} -> 200 taken@/id"#,
            "+120",
            r#"PATCH $snapshots/$taken {"retentionUnit":"DAYS","retentionValue":3} -> 200"#,
            "DELETE $snapshots/$taken -> 204",
            "GET $snapshots/$taken -> 404 RESOURCE_NOT_FOUND",
        ],
    ),
    (
        "a snapshot is gone once it has expired",
        DOCUMENT,
        &[
            r#"POST $snapshots {"retentionInDays":1} -> 200 taken@/id"#,
            "+3600",
            "GET $snapshots/$taken -> 200",
            "+86400",
            "GET $snapshots/$taken -> 404",
        ],
    ),
    (
        "a flex cluster takes no on-demand snapshot",
        FLEX,
        &[
            r#"POST /clusters/Flex0/backup/snapshots {"retentionInDays":1} -> 400 CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API"#,
        ],
    ),
];

pub(super) const COPY_SETTINGS: &[Rule] = &[
    (
        "copies stay with the provider and name a zone of the cluster",
        COPIES,
        &[
            r#"PATCH $schedule {"copySettings":[{"cloudProvider":"GCP","regionName":"WESTERN_EUROPE","zoneId":"$zone","frequencies":["DAILY"]}]} -> 400"#,
            r#"PATCH $schedule {"copySettings":[{"cloudProvider":"AWS","regionName":"US_EAST_1","zoneId":"$unknown","frequencies":["DAILY"]}]} -> 400"#,
        ],
    ),
    (
        "copies follow frequencies or items, by copyPolicyItemsEnabled",
        DOCUMENT,
        &[
            r#"PATCH $schedule {"copyPolicyItemsEnabled":true,"copySettings":[{"cloudProvider":"AWS","regionName":"US_EAST_1","zoneId":"$zone","frequencies":["DAILY"]}]} -> 400"#,
            r#"PATCH $schedule {"copyPolicyItemsEnabled":true,"copySettings":[{"cloudProvider":"AWS","regionName":"US_EAST_1","zoneId":"$zone","copyPolicyItems":[{"frequencyType":"daily"}]}]} -> 400"#,
            r#"PATCH $schedule {"copyPolicyItemsEnabled":true,"copySettings":[{"cloudProvider":"AWS","regionName":"US_EAST_1","zoneId":"$zone","copyPolicyItems":[{"frequencyType":"ondemand"}]}]} -> 200"#,
        ],
    ),
    (
        "a number of newest copies is 1 to 500",
        DOCUMENT,
        &[
            r#"PATCH $schedule {"copySettings":[{"cloudProvider":"AWS","regionName":"US_EAST_1","zoneId":"$zone","lastNumberOfSnapshots":0}]} -> 400"#,
            r#"PATCH $schedule {"copySettings":[{"cloudProvider":"AWS","regionName":"US_EAST_1","zoneId":"$zone","lastNumberOfSnapshots":501}]} -> 400"#,
            r#"PATCH $schedule {"copySettings":[{"cloudProvider":"AWS","regionName":"US_EAST_1","zoneId":"$zone","lastNumberOfSnapshots":500}]} -> 200"#,
        ],
    ),
    (
        "only snapshots of the named frequencies are copied, and copies outlive their setting",
        COPIES,
        &[
            r#"PATCH $schedule {"copySettings":[{"cloudProvider":"AWS","regionName":"US_EAST_1","zoneId":"$zone","frequencies":["ON_DEMAND"]}]} -> 200"#,
            r#"POST $snapshots {"retentionInDays":3} -> 200 taken@/id"#,
            "+600",
            r#"PATCH $schedule {"copySettings":[]} -> 200"#,
            r#"GET $snapshots/$taken -> 200 /copyRegions=["US_EAST_1"]"#,
            "+25200",
            r#"GET $snapshots -> 200 /results/0/frequencyType="hourly" /results/0/copyRegions=[]"#,
        ],
    ),
    (
        "copy items and their deletion need copyPolicyItemsEnabled",
        DOCUMENT,
        &[
            r#"PATCH $schedule {"copyPolicyItemsEnabled":false,"copySettings":[{"cloudProvider":"AWS","regionName":"US_EAST_1","zoneId":"$zone","copyPolicyItems":[{"frequencyType":"daily","retentionUnit":"days","retentionValue":7}]}]} -> 400"#,
            r#"PATCH $schedule {"copyPolicyItemsEnabled":false,"copySettings":[],"deleteCopySnapshots":true} -> 400"#,
        ],
    ),
    (
        "a schedule shows frequencies or items of its copies",
        DOCUMENT,
        &[
            r#"PATCH $schedule {"copySettings":[{"cloudProvider":"AWS","regionName":"US_EAST_1","zoneId":"$zone","frequencies":["DAILY"]}]} -> 200"#,
            r#"GET $schedule -> 200 /copySettings/0/frequencies=["DAILY"] /copySettings/0/copyPolicyItems=null"#,
            r#"PATCH $schedule {"copyPolicyItemsEnabled":true,"copySettings":[{"cloudProvider":"AWS","regionName":"US_EAST_1","zoneId":"$zone","copyPolicyItems":[{"frequencyType":"ondemand"}]}]} -> 200"#,
            r#"GET $schedule -> 200 /copySettings/0/frequencies=null /copySettings/0/copyPolicyItems/0/frequencyType="ondemand""#,
        ],
    ),
    (
        "copies are kept as long as their snapshot",
        COPIES,
        &[
            r#"PATCH $schedule {"copySettings":[{"cloudProvider":"AWS","regionName":"US_EAST_1","zoneId":"$zone","frequencies":["ON_DEMAND"]}]} -> 200"#,
            r#"POST $snapshots {"retentionInDays":3} -> 200 taken@/id"#,
            "+255600",
            r#"GET $snapshots/$taken -> 200 /copyRegions=["US_EAST_1"]"#,
        ],
    ),
    (
        "copies of a region are deleted on request, and the snapshot stays",
        DOCUMENT,
        &[
            r#"PATCH $schedule {"copySettings":[{"cloudProvider":"AWS","regionName":"US_EAST_1","zoneId":"$zone","frequencies":["ON_DEMAND"]}]} -> 200"#,
            r#"POST $snapshots {"retentionInDays":3} -> 200 taken@/id"#,
            "+600",
            r#"PATCH $schedule {"copySettings":[],"deleteCopiedBackups":[{"cloudProvider":"AWS","regionName":"US_EAST_1","zoneId":"$zone"}]} -> 200"#,
            "GET $snapshots/$taken -> 200 /copyRegions=[]",
        ],
    ),
    (
        "copies of a removed item are deleted on request",
        COPIES,
        &[
            r#"PATCH $schedule {"copyPolicyItemsEnabled":true,"copySettings":[{"cloudProvider":"AWS","regionName":"US_EAST_1","zoneId":"$zone","copyPolicyItems":[{"frequencyType":"ondemand"}]}]} -> 200"#,
            r#"POST $snapshots {"retentionInDays":3} -> 200 taken@/id"#,
            "+600",
            r#"GET $snapshots/$taken -> 200 /copyRegions=["US_EAST_1"]"#,
            r#"PATCH $schedule {"copySettings":[],"deleteCopySnapshots":true} -> 200"#,
            "GET $snapshots/$taken -> 200 /copyRegions=[]",
        ],
    ),
    (
        "a policy with copy protection keeps copies",
        COMPLIANCE,
        &[
            r#"PATCH $schedule {"copySettings":[{"cloudProvider":"AWS","regionName":"US_EAST_1","zoneId":"$zone","frequencies":["ON_DEMAND"]}]} -> 200"#,
            r#"POST $snapshots {"retentionInDays":30} -> 200 taken@/id"#,
            "+600",
            r#"PUT $policy {"authorizedEmail":"a@example.com","authorizedUserFirstName":"A","authorizedUserLastName":"B","copyProtectionEnabled":true} -> 200"#,
            "+60",
            r#"PATCH $schedule {"copySettings":[],"deleteCopiedBackups":[{"cloudProvider":"AWS","regionName":"US_EAST_1","zoneId":"$zone"}]} -> 400 CANNOT_DELETE_COPY_SNAPSHOT_WITH_BACKUP_COMPLIANCE_POLICY_ENABLED"#,
            r#"PATCH $schedule {"copySettings":[]} -> 200"#,
            r#"GET $snapshots/$taken -> 200 /copyRegions=["US_EAST_1"]"#,
        ],
    ),
];
