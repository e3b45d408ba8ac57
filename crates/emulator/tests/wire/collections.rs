//! Contents of snapshots, and restores of parts of them.

use atlas_backup_emulator::DEMO_PROJECT;
use http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Bench, NEWEST, demo};

const SNAPSHOTS: &str = "/clusters/Cluster0/backup/snapshots";
const JOBS: &str = "/clusters/Cluster0/collectionRestoreJobs";

async fn get(bench: &Bench, path: &str) -> Answer {
    bench.get_as(&demo(path), NEWEST).await
}

fn names(page: &Value, field: &str) -> Vec<String> {
    page["results"].as_array().unwrap().iter().map(|item| item[field].as_str().unwrap().to_owned()).collect()
}

async fn start(bench: &Bench, target: &str, more: Value) -> Answer {
    let mut body = json!({"targetClusterName": target, "targetGroupId": DEMO_PROJECT, "indexStrategy": "ALL",
        "writeStrategy": "CREATE_NEW"});
    if more.get("pointInTimeUtcSeconds").is_none() && more.get("snapshotId").is_none() {
        body["snapshotId"] = bench.newest(SNAPSHOTS).await.into();
    }
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    bench.send_json(Method::POST, &demo(JOBS), NEWEST, body).await
}

#[tokio::test]
async fn snapshot_lists_databases_and_collections_at_its_time() {
    let bench = Bench::demo().await;
    let snapshot = bench.newest(SNAPSHOTS).await;
    // Later changes are not in it.
    let data = bench.emulator.data(DEMO_PROJECT, "Cluster0").unwrap();
    data.insert("late", "comer", vec![json!({"_id": 1})]).unwrap();
    let databases = format!("{SNAPSHOTS}/{snapshot}/databases");
    let list = get(&bench, &databases).await.documented(200).json;
    let shown = names(&list, "name");
    assert!(shown.contains(&"shop".to_owned()) && !shown.contains(&"late".to_owned()), "{shown:?}");
    for database in &shown {
        let one = format!("{databases}/{database}");
        assert_eq!(get(&bench, &one).await.documented(200).json["name"], *database);
        let collections = names(&get(&bench, &format!("{one}/collections")).await.documented(200).json, "name");
        assert_eq!(collections, data.collections(database));
        for collection in &collections {
            get(&bench, &format!("{one}/collections/{collection}")).await.documented(200);
        }
    }
    let page = get(&bench, &format!("{databases}?itemsPerPage=1")).await.documented(200).json;
    assert_eq!(page["totalCount"], shown.len());
    for none in ["late", "late/collections", "shop/collections/none"] {
        get(&bench, &format!("{databases}/{none}")).await.refused(404, "RESOURCE_NOT_FOUND");
    }
    let nobody = format!("{SNAPSHOTS}/66aaaaaaaaaaaaaaaaaaaaaa/databases");
    get(&bench, &nobody).await.refused(404, "RESOURCE_NOT_FOUND");
    get(&bench, &databases.replace("Cluster0", "Flex0")).await.refused(400, "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API");
}

#[tokio::test]
async fn unfinished_snapshot_lists_no_databases() {
    let bench = Bench::demo().await;
    let taken = bench.post(&demo(SNAPSHOTS), json!({"retentionInDays": 2})).await.documented(200).json;
    let databases = format!("{SNAPSHOTS}/{}/databases", taken["id"].as_str().unwrap());
    assert_eq!(get(&bench, &databases).await.documented(200).json["totalCount"], 0);
    bench.advance(60);
    assert!(get(&bench, &databases).await.documented(200).json["totalCount"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn collection_restore_adds_or_overwrites_by_write_strategy() {
    let bench = Bench::demo().await;
    let wanted = json!({"collections": [{"sourceNamespace": "shop.orders"}]});
    for (strategy, effective) in [("CREATE_NEW", "shop.orders_1"), ("OVERWRITE_EXISTING", "shop.orders")] {
        let mut wanted = wanted.clone();
        wanted["writeStrategy"] = strategy.into();
        let job = start(&bench, "Sharded0", wanted).await.documented(201).json;
        assert_eq!((&job["databases"], &job["collectionSuffix"]), (&json!([]), &"".into()));
        let path = format!("{JOBS}/{}", job["id"].as_str().unwrap());
        let collections = format!("{path}/collections");
        assert_eq!(get(&bench, &collections).await.documented(200).json["totalCount"], 0, "it is INITIALIZING");
        bench.advance(40);
        let half = get(&bench, &path).await.documented(200).json;
        let (restored, total) = (half["restoredDocuments"].as_u64().unwrap(), half["totalDocuments"].as_u64().unwrap());
        assert!(0 < restored && restored < total, "{restored} of {total}");
        let data = || bench.emulator.data(DEMO_PROJECT, "Sharded0").unwrap();
        data().drop_collection("shop", "customers").unwrap();
        bench.advance(50);
        let states = get(&bench, &collections).await.documented(200).json;
        assert_eq!(names(&states, "sourceNamespace"), ["shop.orders"]);
        assert_eq!(names(&states, "state"), ["SUCCESSFUL"]);
        let one = get(&bench, &format!("{collections}/shop.orders")).await.documented(200).json;
        assert_eq!(
            (&one["targetNamespace"], &one["effectiveTargetNamespace"]),
            (&"shop.orders".into(), &effective.into())
        );
        assert_eq!((&one["restoredDocuments"], &one["totalDocuments"]), (&400.into(), &400.into()));
        get(&bench, &format!("{collections}/shop.carts")).await.refused(404, "RESOURCE_NOT_FOUND");
        let others = get(&bench, &format!("{collections}?state=NOT_FOUND")).await.documented(200).json;
        assert_eq!(others["totalCount"], 0);
        let (_, collection) = effective.split_once('.').unwrap();
        assert!(data().collections("shop").contains(&collection.to_owned()), "{:?}", data().collections("shop"));
    }
    assert_eq!(get(&bench, JOBS).await.documented(200).json["totalCount"], 2);
}

#[tokio::test]
async fn database_is_restored_renamed_and_without_indexes() {
    let bench = Bench::demo().await;
    let wanted = json!({"databases": [{"sourceNamespace": "shop", "targetNamespace": "copy"}], "collectionSuffix": "_old",
        "indexStrategy": "NONE", "pointInTimeUtcSeconds": 1_788_264_000 - 3600});
    let job = start(&bench, "Cluster0", wanted).await.documented(201).json;
    assert_eq!(job.get("snapshotId"), None);
    bench.advance(90);
    let done = get(&bench, &format!("{JOBS}/{}", job["id"].as_str().unwrap())).await.documented(200).json;
    assert_eq!((&done["state"], &done["indexStatus"]["state"]), (&"SUCCESSFUL".into(), &"NOT_RESTORED".into()));
    let data = bench.emulator.data(DEMO_PROJECT, "Cluster0").unwrap();
    let expected: Vec<_> = data.collections("shop").iter().map(|name| format!("{name}_old")).collect();
    assert_eq!(data.collections("copy"), expected);
}

#[tokio::test]
async fn collection_restore_fails_as_a_whole_if_one_collection_is_missing() {
    let bench = Bench::demo().await;
    let before = bench.emulator.data(DEMO_PROJECT, "Cluster0").unwrap().collections("shop");
    let wanted = json!({"collections": [{"sourceNamespace": "shop.orders", "targetNamespace": "shop.copy"},
        {"sourceNamespace": "shop.none"}]});
    let job = start(&bench, "Cluster0", wanted).await.documented(201).json;
    bench.advance(90);
    let path = format!("{JOBS}/{}", job["id"].as_str().unwrap());
    assert_eq!(get(&bench, &path).await.documented(200).json["state"], "FAILED");
    let states = get(&bench, &format!("{path}/collections")).await.documented(200).json;
    assert_eq!(names(&states, "state"), ["NOT_RESTORED", "NOT_FOUND"]);
    assert_eq!(bench.emulator.data(DEMO_PROJECT, "Cluster0").unwrap().collections("shop"), before);
}

#[tokio::test]
async fn collection_restore_of_missing_namespace_fails_with_reason() {
    let bench = Bench::demo().await;
    let wanted = json!({"collections": [{"sourceNamespace": "shop.none"}]});
    let job = start(&bench, "Cluster0", wanted).await.documented(201).json;
    bench.advance(90);
    let failed = get(&bench, &format!("{JOBS}/{}", job["id"].as_str().unwrap())).await.documented(200).json;
    assert_eq!(failed["state"], "FAILED");
    assert!(failed["errorMessage"].as_str().unwrap().contains("in the backup"));
}

#[tokio::test]
async fn cluster_accepts_one_collection_restore_at_a_time() {
    let bench = Bench::demo().await;
    let wanted = json!({"databases": [{"sourceNamespace": "shop"}]});
    start(&bench, "Sharded0", wanted.clone()).await.documented(201);
    for target in ["Sharded0", "Cluster0"] {
        let refused = start(&bench, target, wanted.clone()).await.refused(409, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS");
        assert_eq!(refused.json["parameters"].as_array().unwrap().len(), 1);
    }
    let whole = json!({"deliveryType": "automated", "snapshotId": bench.newest(SNAPSHOTS).await, "targetClusterName": "Sharded0", "targetGroupId": DEMO_PROJECT});
    let whole = bench.post(&demo("/clusters/Cluster0/backup/restoreJobs"), whole).await;
    whole.refused(409, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS");
    bench.advance(90);
    start(&bench, "Sharded0", wanted).await.documented(201);
}

#[tokio::test]
async fn collection_restore_requires_one_source_and_a_namespace() {
    let bench = Bench::demo().await;
    start(&bench, "Cluster0", json!({})).await.refused(400, "MISSING_ONE_OF_ATTRIBUTES");
    let shop = json!([{"sourceNamespace": "shop"}]);
    let both =
        json!({"databases": shop, "snapshotId": bench.newest(SNAPSHOTS).await, "pointInTimeUtcSeconds": 1_788_260_000});
    start(&bench, "Cluster0", both).await.refused(400, "INVALID_PIT_RESTORE_TIME");
    let early = json!({"databases": shop, "pointInTimeUtcSeconds": 1_700_000_000});
    start(&bench, "Cluster0", early).await.refused(400, "INVALID_PIT_RESTORE_TIME");
    let taken = bench.post(&demo(SNAPSHOTS), json!({})).await.documented(200).json;
    let incomplete = json!({"databases": shop, "snapshotId": taken["id"]});
    let refused = start(&bench, "Cluster0", incomplete).await;
    refused.refused(409, "CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT");
    bench.advance(60);
    start(&bench, "none", json!({"databases": shop})).await.refused(404, "CLUSTER_NOT_FOUND");
    start(&bench, "Flex0", json!({"databases": shop})).await.refused(400, "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API");
}
