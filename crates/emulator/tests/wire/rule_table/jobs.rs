//! Rules of restores, downloads and exports.

use super::{CODES, COLLECTIONS, DOCUMENT, EXPORTS, POLICY, RECORDED, RESTORES, Rule};

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
    (
        "a flex cluster has no points in time",
        "flex limitations page",
        &[
            r#"POST /clusters/Flex0/backup/restoreJobs {"deliveryType":"pointInTime","pointInTimeUTCSeconds":$past,"targetGroupId":"$project","targetClusterName":"Cluster0"} -> 400 CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API"#,
        ],
    ),
    (
        "a restore leaves earlier points in time",
        "dedicated cluster backup page",
        &[
            r#"POST $restores {"deliveryType":"automated","snapshotId":"$snapshot","targetGroupId":"$project","targetClusterName":"Cluster0"} -> 200"#,
            "+600",
            r#"POST $restores {"deliveryType":"pointInTime","pointInTimeUTCSeconds":$three_days_ago,"targetGroupId":"$project","targetClusterName":"Cluster0"} -> 200"#,
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
    (
        "an export needs a complete snapshot of a dedicated cluster",
        "Terraform provider; document of the API",
        &[
            r#"POST $snapshots {"retentionInDays":1} -> 200 taken@/id"#,
            r#"POST $exports {"snapshotId":"$taken","exportBucketId":"$bucket"} -> 400"#,
            r#"POST /clusters/Flex0/backup/exports {"snapshotId":"$flex","exportBucketId":"$bucket"} -> 400 CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API"#,
        ],
    ),
    (
        "a bucket may be registered more than once",
        RECORDED,
        &[
            r#"POST /backup/exportBuckets {"cloudProvider":"AWS","bucketName":"twice","iamRoleId":"$unknown"} -> 200 first@/_id"#,
            r#"POST /backup/exportBuckets {"cloudProvider":"AWS","bucketName":"twice","iamRoleId":"$unknown"} -> 200 second@/_id"#,
            "DELETE /backup/exportBuckets/$first -> 204",
            r#"GET /backup/exportBuckets/$second -> 200 /bucketName="twice""#,
        ],
    ),
    (
        "a bucket of Google Cloud or Azure has a role, and Azure ignores the tenant",
        DOCUMENT,
        &[
            r#"POST /backup/exportBuckets {"cloudProvider":"GCP","bucketName":"archive"} -> 400"#,
            r#"POST /backup/exportBuckets {"cloudProvider":"GCP","bucketName":"archive","roleId":"$unknown"} -> 200 /cloudProvider="GCP""#,
            r#"POST /backup/exportBuckets {"cloudProvider":"AZURE","bucketName":"archive","roleId":"$unknown"} -> 400"#,
            r#"POST /backup/exportBuckets {"cloudProvider":"AZURE","bucketName":"archive","roleId":"$unknown","tenantId":"ignored","serviceUrl":"https://example.blob.core.windows.net/archive"} -> 200"#,
        ],
    ),
    (
        "private networking is for AWS",
        EXPORTS,
        &[
            r#"POST /backup/exportBuckets {"cloudProvider":"GCP","bucketName":"archive","roleId":"$unknown"} -> 200 gcp@/_id"#,
            r#"PATCH /backup/exportBuckets/$gcp {"requirePrivateNetworking":true} -> 400"#,
            r#"PATCH /backup/exportBuckets/$bucket {"requirePrivateNetworking":true} -> 200 /requirePrivateNetworking=true"#,
            r#"POST /backup/GCP/privateEndpoints {"regionName":"US_EAST_1"} -> 400"#,
        ],
    ),
    (
        "a private endpoint becomes active, and another may connect from a different region",
        EXPORTS,
        &[
            r#"POST /backup/AWS/privateEndpoints {"regionName":"US_EAST_1"} -> 201 endpoint@/id /status="INITIATING" /vpcRegionName="US_EAST_1""#,
            r#"POST /backup/AWS/privateEndpoints {"regionName":"US_EAST_1","vpcRegionName":"US_WEST_2"} -> 201"#,
            "+120",
            r#"GET /backup/AWS/privateEndpoints/$endpoint -> 200 /status="ACTIVE""#,
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
    (
        "databases of a snapshot can be listed",
        COLLECTIONS,
        &["GET $snapshots/$snapshot/databases -> 200", "GET $snapshots/$snapshot/databases/nope/collections -> 404"],
    ),
];
