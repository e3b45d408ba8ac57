//! Rules of restores, downloads and exports.

use super::{CODES, COLLECTIONS, DOCUMENT, EXPORTS, POLICY, RESTORES, Rule};

pub(super) const RESTORE_JOBS: &[Rule] = &[
    (
        "a restore names its target",
        DOCUMENT,
        &[
            r#"POST $restores {"deliveryType":"automated","snapshotId":"$snapshot","targetGroupId":"$project"} -> 400"#,
            r#"POST $restores {"deliveryType":"automated","snapshotId":"$snapshot","targetClusterName":"Cluster0"} -> 400"#,
            r#"POST $restores {"deliveryType":"automated","snapshotId":"$snapshot","targetGroupId":"$project","targetClusterName":"Nope"} -> 404 CLUSTER_NOT_FOUND"#,
            r#"POST $restores {"deliveryType":"automated","snapshotId":"$snapshot","targetGroupId":"$unknown","targetClusterName":"Cluster0"} -> 404 GROUP_NOT_FOUND"#,
        ],
    ),
    (
        "a cluster that is being restored is neither changed nor restored again",
        CODES,
        &[
            r#"POST $restores {"deliveryType":"automated","snapshotId":"$snapshot","targetGroupId":"$project","targetClusterName":"Cluster0"} -> 200 job@/id"#,
            r#"PATCH /clusters/Cluster0 {"tags":[]} -> 400 CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE"#,
            r#"POST $restores {"deliveryType":"automated","snapshotId":"$snapshot","targetGroupId":"$project","targetClusterName":"Cluster0"} -> 409 ATLAS_CLUSTER_RESTORE_IN_PROGRESS"#,
            "DELETE $restores/$job -> 400 CANNOT_CANCEL_AUTOMATED_RESTORE",
        ],
    ),
    (
        "a dedicated snapshot is not restored to a flex cluster",
        RESTORES,
        &[
            r#"POST $restores {"deliveryType":"automated","snapshotId":"$snapshot","targetGroupId":"$project","targetClusterName":"Flex0"} -> 400"#,
        ],
    ),
    (
        "only a complete snapshot is restored or downloaded",
        CODES,
        &[
            r#"POST $snapshots {"retentionInDays":1} -> 200 taken@/id"#,
            r#"POST $restores {"deliveryType":"automated","snapshotId":"$taken","targetGroupId":"$project","targetClusterName":"Cluster0"} -> 409 CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT"#,
            r#"POST $restores {"deliveryType":"download","snapshotId":"$taken"} -> 409 CANNOT_DOWNLOAD_INCOMPLETE_SNAPSHOT"#,
        ],
    ),
    (
        "a deleted snapshot is not restored",
        CODES,
        &[
            "DELETE $snapshots/$snapshot -> 204",
            r#"POST $restores {"deliveryType":"automated","snapshotId":"$snapshot","targetGroupId":"$project","targetClusterName":"Cluster0"} -> 404"#,
        ],
    ),
    (
        "a download is cancelled until it is delivered",
        DOCUMENT,
        &[
            r#"POST $restores {"deliveryType":"download","snapshotId":"$snapshot"} -> 200 job@/id"#,
            "DELETE $restores/$job -> 204",
            "GET $restores/$job -> 200 /cancelled=true",
        ],
    ),
    (
        "a delivered download lives for an hour",
        "local restore page",
        &[
            r#"POST $restores {"deliveryType":"download","snapshotId":"$snapshot"} -> 200 job@/id"#,
            "+600",
            "GET $restores/$job -> 200 /expired=false",
            "+3600",
            "GET $restores/$job -> 200 /expired=true",
        ],
    ),
    (
        "providers of source and target may differ",
        RESTORES,
        &[
            r#"POST /clusters {"name":"Other","clusterType":"REPLICASET","replicationSpecs":$gcp} -> 201"#,
            "+200",
            r#"POST $restores {"deliveryType":"automated","snapshotId":"$snapshot","targetGroupId":"$project","targetClusterName":"Other"} -> 200"#,
        ],
    ),
    (
        "a point in time is within the window, in one of two forms",
        CODES,
        &[
            r#"POST $restores {"deliveryType":"pointInTime","pointInTimeUTCSeconds":$future,"targetGroupId":"$project","targetClusterName":"Cluster0"} -> 400 INVALID_PIT_RESTORE_TIME"#,
            r#"POST $restores {"deliveryType":"pointInTime","pointInTimeUTCSeconds":$long_ago,"targetGroupId":"$project","targetClusterName":"Cluster0"} -> 400 INVALID_PIT_RESTORE_TIME"#,
            r#"POST $restores {"deliveryType":"pointInTime","targetGroupId":"$project","targetClusterName":"Cluster0"} -> 400"#,
            r#"POST $restores {"deliveryType":"pointInTime","oplogTs":$past,"targetGroupId":"$project","targetClusterName":"Cluster0"} -> 400"#,
            r#"POST $restores {"deliveryType":"pointInTime","oplogTs":$past,"oplogInc":1,"targetGroupId":"$project","targetClusterName":"Cluster0"} -> 200"#,
        ],
    ),
    (
        "a cluster without continuous backup has no points in time",
        "continuous restore page",
        &[
            r#"POST /clusters/Sharded0/backup/restoreJobs {"deliveryType":"pointInTime","pointInTimeUTCSeconds":$past,"targetGroupId":"$project","targetClusterName":"Sharded0"} -> 400"#,
        ],
    ),
    (
        "a shorter restore window is in force at once",
        POLICY,
        &[
            r#"PATCH $schedule {"restoreWindowDays":2} -> 200"#,
            r#"POST $restores {"deliveryType":"pointInTime","pointInTimeUTCSeconds":$three_days_ago,"targetGroupId":"$project","targetClusterName":"Cluster0"} -> 400 INVALID_PIT_RESTORE_TIME"#,
        ],
    ),
];

pub(super) const EXPORT_JOBS: &[Rule] = &[
    (
        "a snapshot has one active export",
        EXPORTS,
        &[
            r#"POST $exports {"snapshotId":"$snapshot","exportBucketId":"$bucket"} -> 200"#,
            r#"POST $exports {"snapshotId":"$snapshot","exportBucketId":"$bucket"} -> 400"#,
            "+600",
            r#"POST $exports {"snapshotId":"$snapshot","exportBucketId":"$bucket"} -> 200"#,
        ],
    ),
    (
        "an export needs a bucket",
        CODES,
        &[r#"POST $exports {"snapshotId":"$snapshot","exportBucketId":"$unknown"} -> 404 EXPORT_BUCKET_NOT_FOUND"#],
    ),
    (
        "a bucket that automatic export uses is not deleted",
        EXPORTS,
        &[
            r#"PATCH $schedule {"autoExportEnabled":true,"export":{"exportBucketId":"$bucket","frequencyType":"monthly"}} -> 200"#,
            "DELETE /backup/exportBuckets/$bucket -> 400 EXPORT_BUCKET_DELETE_FAILED_BUCKET_IN_USE",
            r#"PATCH $schedule {"autoExportEnabled":false} -> 200"#,
            "DELETE /backup/exportBuckets/$bucket -> 204",
        ],
    ),
    (
        "an AWS bucket has a valid name and a role",
        DOCUMENT,
        &[
            r#"POST /backup/exportBuckets {"cloudProvider":"AWS","bucketName":"goodname"} -> 400"#,
            r#"POST /backup/exportBuckets {"cloudProvider":"AWS","bucketName":"ab","iamRoleId":"$unknown"} -> 400"#,
            r#"POST /backup/exportBuckets {"cloudProvider":"AWS","bucketName":"a..b","iamRoleId":"$unknown"} -> 400 EXPORT_BUCKET_NAME_INVALID"#,
        ],
    ),
    (
        "a region has one private endpoint for exports",
        EXPORTS,
        &[
            r#"POST /backup/AWS/privateEndpoints {"regionName":"US_EAST_1"} -> 201"#,
            r#"POST /backup/AWS/privateEndpoints {"regionName":"US_EAST_1"} -> 409"#,
        ],
    ),
];

pub(super) const COLLECTION_RESTORES: &[Rule] = &[
    (
        "a collection restore has one source",
        COLLECTIONS,
        &[
            r#"POST $collections {"targetGroupId":"$project","targetClusterName":"Cluster0","writeStrategy":"CREATE_NEW","indexStrategy":"ALL","collections":[{"sourceNamespace":"shop.orders"}]} -> 400"#,
            r#"POST $collections {"snapshotId":"$snapshot","oplogTs":$past,"oplogInc":1,"targetGroupId":"$project","targetClusterName":"Cluster0","writeStrategy":"CREATE_NEW","indexStrategy":"ALL","collections":[{"sourceNamespace":"shop.orders"}]} -> 400"#,
        ],
    ),
    (
        "one collection restore of a cluster runs at a time and lists its collections once begun",
        COLLECTIONS,
        &[
            r#"POST $collections {"snapshotId":"$snapshot","targetGroupId":"$project","targetClusterName":"Cluster0","writeStrategy":"CREATE_NEW","indexStrategy":"ALL","collections":[{"sourceNamespace":"shop.orders"}]} -> 201 job@/id /state="INITIALIZING""#,
            "GET $collections/$job/collections -> 200 /results=[]",
            r#"POST $collections {"snapshotId":"$snapshot","targetGroupId":"$project","targetClusterName":"Cluster0","writeStrategy":"CREATE_NEW","indexStrategy":"ALL","collections":[{"sourceNamespace":"shop.orders"}]} -> 409 ATLAS_CLUSTER_RESTORE_IN_PROGRESS"#,
            r#"GET /clusters/Cluster0 -> 200 /stateName="IDLE""#,
            "+200",
            r#"GET $collections/$job/collections -> 200 /results/0/effectiveTargetNamespace="shop.orders_1""#,
        ],
    ),
    (
        "a job that lacks one of its collections restores none",
        COLLECTIONS,
        &[
            r#"POST $collections {"snapshotId":"$snapshot","targetGroupId":"$project","targetClusterName":"Cluster0","writeStrategy":"CREATE_NEW","indexStrategy":"ALL","collections":[{"sourceNamespace":"shop.orders"},{"sourceNamespace":"shop.nope"}]} -> 201 job@/id"#,
            "+200",
            r#"GET $collections/$job -> 200 /state="FAILED""#,
        ],
    ),
    (
        "strategies and target are required",
        DOCUMENT,
        &[
            r#"POST $collections {"snapshotId":"$snapshot","targetGroupId":"$project","targetClusterName":"Cluster0","writeStrategy":"CREATE_NEW","collections":[{"sourceNamespace":"shop.orders"}]} -> 400"#,
            r#"POST $collections {"snapshotId":"$snapshot","targetGroupId":"$project","targetClusterName":"Cluster0","indexStrategy":"ALL","collections":[{"sourceNamespace":"shop.orders"}]} -> 400"#,
            r#"POST $collections {"snapshotId":"$snapshot","targetClusterName":"Cluster0","writeStrategy":"CREATE_NEW","indexStrategy":"ALL","collections":[{"sourceNamespace":"shop.orders"}]} -> 400"#,
        ],
    ),
];
