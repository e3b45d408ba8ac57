//! Scheduled snapshots: due times, retention, copies and exports.

use http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Bench, NEWEST, demo};

const DAY: u64 = 86_400;
const SCHEDULE: &str = "/clusters/Cluster0/backup/schedule";
const SNAPSHOTS: &str = "/clusters/Cluster0/backup/snapshots";

/// Changes the schedule without continuous backup, which would require hourly items.
async fn schedule(bench: &Bench, body: Value) -> Answer {
    if body.get("policies").is_some() {
        bench.end_continuous_backup().await;
    }
    bench.send_json(Method::PATCH, &demo(SCHEDULE), NEWEST, body).await
}

/// All items of a list, at most five hundred.
async fn all(bench: &Bench, list: &str) -> Vec<Value> {
    let page = bench.get_as(&demo(&format!("{list}?itemsPerPage=500")), NEWEST).await.documented(200).json;
    page["results"].as_array().unwrap().clone()
}

fn item(frequency: &str, interval: i64, unit: &str, value: i64) -> Value {
    json!({"frequencyType": frequency, "frequencyInterval": interval, "retentionUnit": unit, "retentionValue": value})
}

fn policy(items: &[Value]) -> Value {
    json!([{"policyItems": items}])
}

/// All fields of a snapshot except its id, which depends on the number of ids generated before.
fn without_ids(list: Vec<Value>) -> Vec<Value> {
    let reported = |mut snapshot: Value| {
        for name in ["id", "links", "storageSizeBytes", "members", "snapshotIds"] {
            snapshot.as_object_mut().unwrap().remove(name);
        }
        snapshot
    };
    list.into_iter().map(reported).collect()
}

#[tokio::test]
async fn clock_jump_gives_same_snapshots_as_small_steps() {
    let (jumping, creeping) = (Bench::demo().await, Bench::demo().await);
    jumping.advance(100 * DAY);
    for _ in 0..100 {
        creeping.advance(DAY);
        creeping.get(&demo("")).await.documented(200);
    }
    let lists =
        [SNAPSHOTS, "/clusters/Sharded0/backup/snapshots/shardedClusters", "/flexClusters/Flex0/backup/snapshots"];
    for (list, least) in lists.into_iter().zip([120, 14, 8]) {
        let (at_once, by_days) = (without_ids(all(&jumping, list).await), without_ids(all(&creeping, list).await));
        assert!(at_once.len() >= least, "{list}: {}", at_once.len());
        assert_eq!(at_once, by_days, "{list}");
    }
    // A week of six-hourly snapshots, of which one per day belongs to a less frequent item.
    let hourly = all(&jumping, SNAPSHOTS).await.iter().filter(|s| s["frequencyType"] == "hourly").count();
    assert_eq!(hourly, 28 - 7);
}

#[tokio::test]
async fn each_policy_item_is_due_at_its_time() {
    // The clock is stopped at noon on Tuesday, 1 September 2026.
    for (item, next, then) in [
        (item("hourly", 12, "days", 2), "2026-09-01T15:16:00Z", "2026-09-02T03:16:00Z"),
        (item("hourly", 1, "days", 2), "2026-09-01T12:16:00Z", "2026-09-01T13:16:00Z"),
        (item("daily", 1, "days", 5), "2026-09-02T03:16:00Z", "2026-09-03T03:16:00Z"),
        (item("weekly", 6, "weeks", 4), "2026-09-05T03:16:00Z", "2026-09-12T03:16:00Z"),
        (item("monthly", 15, "months", 4), "2026-09-15T03:16:00Z", "2026-10-15T03:16:00Z"),
        (item("monthly", 40, "months", 4), "2026-09-30T03:16:00Z", "2026-10-31T03:16:00Z"),
        (item("yearly", 12, "years", 2), "2026-12-01T03:16:00Z", "2027-12-01T03:16:00Z"),
    ] {
        let bench = Bench::demo().await;
        let body = json!({"policies": policy(std::slice::from_ref(&item)), "referenceHourOfDay": 3, "referenceMinuteOfHour": 16});
        let changed = schedule(&bench, body).await.documented(200).json;
        assert_eq!(changed["nextSnapshot"], next, "{item}");
        let wait = |from: &str, to: &str| {
            let at = |text: &str| text.parse::<chrono::DateTime<chrono::Utc>>().unwrap();
            (at(to) - at(from)).num_seconds() as u64
        };
        bench.advance(wait("2026-09-01T12:00:00Z", next) - 1);
        let old = |s: &Value| s["createdAt"].as_str().unwrap() < "2026-09-01T12";
        assert!(all(&bench, SNAPSHOTS).await.iter().all(old), "{item}");
        bench.advance(1);
        let due = all(&bench, SNAPSHOTS).await[0].clone();
        assert_eq!((&due["status"], &due["frequencyType"]), (&"queued".into(), &item["frequencyType"]));
        assert_eq!(due["snapshotType"], "scheduled");
        let following = bench.get_as(&demo(SCHEDULE), NEWEST).await.documented(200).json;
        assert_eq!(
            (&following["nextSnapshot"], &following["policies"][0]["policyItems"][0]["id"]),
            (&then.into(), &due["policyItems"][0])
        );
    }
}

#[tokio::test]
async fn snapshot_of_several_items_names_all_and_keeps_longest() {
    let bench = Bench::demo().await;
    let items = [item("daily", 1, "days", 3), item("weekly", 3, "weeks", 2), item("hourly", 12, "days", 2)];
    let body = json!({"policies": policy(&items), "referenceHourOfDay": 13, "referenceMinuteOfHour": 0});
    let items = schedule(&bench, body).await.documented(200).json["policies"][0]["policyItems"].clone();
    // Wednesday, 13:00.
    bench.advance(DAY + 3_600 + 60);
    let shared = all(&bench, SNAPSHOTS).await[0].clone();
    assert_eq!(shared["policyItems"], json!([items[1]["id"], items[0]["id"], items[2]["id"]]));
    assert_eq!((&shared["frequencyType"], &shared["expiresAt"]), (&"weekly".into(), &"2026-09-16T13:01:00Z".into()));
}

#[tokio::test]
async fn extra_retention_is_added_by_frequency() {
    let bench = Bench::demo().await;
    let extra =
        json!([{"frequencyType": "DAILY", "retentionDays": 10}, {"frequencyType": "ON_DEMAND", "retentionDays": 1}]);
    schedule(&bench, json!({"extraRetentionSettings": extra})).await.refused(400, "INVALID_ATTRIBUTE");
    let policy_of_project = json!({"authorizedEmail": "a@example.com", "authorizedUserFirstName": "A",
        "authorizedUserLastName": "B"});
    let put = bench.send_json(Method::PUT, &demo("/backupCompliancePolicy"), NEWEST, policy_of_project).await;
    put.documented(200);
    let body = json!({"policies": policy(&[item("daily", 1, "days", 3)]), "referenceHourOfDay": 13, "referenceMinuteOfHour": 0,
        "extraRetentionSettings": extra});
    schedule(&bench, body).await.documented(200);
    let taken = bench.post(&demo(SNAPSHOTS), json!({"retentionInDays": 2})).await.documented(200).json;
    assert_eq!(taken["expiresAt"], "2026-09-04T12:00:00Z");
    bench.advance(3_600 + 60);
    assert_eq!(all(&bench, SNAPSHOTS).await[0]["expiresAt"], "2026-09-14T13:01:00Z");
}

#[tokio::test]
async fn on_demand_item_sets_what_a_request_leaves_out() {
    let bench = Bench::demo().await;
    let items = [item("daily", 1, "days", 3), item("ondemand", 1, "weeks", 2)];
    schedule(&bench, json!({"policies": policy(&items)})).await.documented(200);
    let taken = bench.post(&demo(SNAPSHOTS), json!({})).await.documented(200).json;
    assert_eq!(taken["expiresAt"], "2026-09-15T12:00:00Z");
    // It is not scheduled.
    bench.advance(60);
    assert_eq!(bench.get_as(&demo(SCHEDULE), NEWEST).await.json["nextSnapshot"], "2026-09-02T11:16:00Z");
}

#[tokio::test]
async fn copies_expire_by_their_own_retention() {
    let bench = Bench::demo().await;
    let zone = bench.get_as(&demo("/clusters/Cluster0"), NEWEST).await.json["replicationSpecs"][0]["zoneId"].clone();
    let copies = json!([
        {"cloudProvider": "AWS", "regionName": "EU_CENTRAL_1", "zoneId": zone, "copyPolicyItems": [
            {"frequencyType": "daily", "retentionUnit": "days", "retentionValue": 1}]},
        {"cloudProvider": "AWS", "regionName": "US_EAST_1", "zoneId": zone, "copyPolicyItems": [
            {"frequencyType": "weekly", "retentionUnit": "weeks", "retentionValue": 1}]},
    ]);
    let body = json!({"policies": policy(&[item("daily", 1, "days", 5)]), "referenceHourOfDay": 13, "referenceMinuteOfHour": 0,
        "copyPolicyItemsEnabled": true, "copySettings": copies});
    schedule(&bench, body).await.documented(200);
    bench.advance(3_600 + 60);
    let id = all(&bench, SNAPSHOTS).await[0]["id"].as_str().unwrap().to_owned();
    let regions = async || {
        let snapshot = bench.get(&demo(&format!("{SNAPSHOTS}/{id}"))).await.documented(200).json;
        snapshot["copyRegions"].clone()
    };
    assert_eq!(regions().await, json!([]), "the snapshot is complete, its copy is not");
    bench.advance(60);
    assert_eq!(regions().await, json!(["EU_CENTRAL_1"]));
    let longer = |value: i64, update: bool| {
        let item = json!({"frequencyType": "daily", "retentionUnit": "days", "retentionValue": value});
        let copy =
            json!({"cloudProvider": "AWS", "regionName": "EU_CENTRAL_1", "zoneId": zone, "copyPolicyItems": [item]});
        json!({"copySettings": [copy], "updateCopySnapshots": update})
    };
    schedule(&bench, longer(2, true)).await.documented(200);
    bench.advance(DAY);
    assert_eq!(regions().await, json!(["EU_CENTRAL_1"]), "now kept for two days");
    bench.advance(DAY);
    assert_eq!(regions().await, json!([]), "the copy has expired before the snapshot");
}

#[tokio::test]
async fn copies_are_deleted_with_their_setting_when_told_to() {
    let bench = Bench::demo().await;
    let zone = bench.get_as(&demo("/clusters/Cluster0"), NEWEST).await.json["replicationSpecs"][0]["zoneId"].clone();
    let copy =
        json!({"cloudProvider": "AWS", "regionName": "EU_CENTRAL_1", "zoneId": zone, "frequencies": ["ON_DEMAND"]});
    schedule(&bench, json!({"copySettings": [copy]})).await.documented(200);
    let taken = bench.post(&demo(SNAPSHOTS), json!({"retentionInDays": 3})).await.documented(200).json;
    bench.advance(120);
    let path = demo(&format!("{SNAPSHOTS}/{}", taken["id"].as_str().unwrap()));
    let regions = async || bench.get(&path).await.documented(200).json["copyRegions"].clone();
    assert_eq!(regions().await, json!(["EU_CENTRAL_1"]));
    schedule(&bench, json!({"copySettings": []})).await.documented(200);
    assert_eq!(regions().await, json!(["EU_CENTRAL_1"]), "a copy remains after its setting is removed");
    let gone = json!([{"cloudProvider": "AWS", "regionName": "EU_CENTRAL_1", "zoneId": zone}]);
    schedule(&bench, json!({"deleteCopiedBackups": gone})).await.documented(200);
    assert_eq!(regions().await, json!([]));
}

#[tokio::test]
async fn copy_rule_keeps_only_its_number_of_copies() {
    let bench = Bench::demo().await;
    let zone = bench.get_as(&demo("/clusters/Cluster0"), NEWEST).await.json["replicationSpecs"][0]["zoneId"].clone();
    let copy = json!({"cloudProvider": "AWS", "regionName": "EU_WEST_3", "zoneId": zone, "lastNumberOfSnapshots": 2});
    schedule(&bench, json!({"copySettings": [copy]})).await.documented(200);
    bench.advance(DAY);
    let copied: Vec<bool> =
        all(&bench, SNAPSHOTS).await.iter().map(|s| s["copyRegions"] == json!(["EU_WEST_3"])).collect();
    assert_eq!(copied[..4], [true, true, false, false]);
}

#[tokio::test]
async fn monthly_snapshot_is_exported_automatically() {
    let bench = Bench::demo().await;
    let bucket = bench.get_as(&demo("/backup/exportBuckets"), NEWEST).await.json["results"][0]["_id"].clone();
    let on = json!({"autoExportEnabled": true, "export": {"exportBucketId": bucket, "frequencyType": "monthly"},
        "referenceHourOfDay": 3, "referenceMinuteOfHour": 0});
    let unknown = json!({"autoExportEnabled": true, "export": {"exportBucketId": "66aaaaaaaaaaaaaaaaaaaaaa",
        "frequencyType": "monthly"}});
    schedule(&bench, unknown).await.refused(404, "EXPORT_BUCKET_NOT_FOUND");
    schedule(&bench, on).await.documented(200);
    let exports = "/clusters/Cluster0/backup/exports";
    let before = all(&bench, exports).await.len();
    let delete = demo(&format!("/backup/exportBuckets/{}", bucket.as_str().unwrap()));
    bench.delete(&delete, NEWEST).await.refused(400, "EXPORT_BUCKET_DELETE_FAILED_BUCKET_IN_USE");
    // The last day of September, 03:00, and the minute that the snapshot takes.
    bench.advance(28 * DAY + 15 * 3_600 + 59);
    assert_eq!(all(&bench, exports).await.len(), before);
    bench.advance(1);
    let job = all(&bench, exports).await[0].clone();
    assert_eq!((&job["state"], &job["createdAt"]), (&"Queued".into(), &"2026-09-30T03:01:00Z".into()));
    assert_eq!(job["snapshotId"], all(&bench, SNAPSHOTS).await[0]["id"]);
    bench.advance(90);
    assert_eq!(all(&bench, exports).await[0]["state"], "Successful");
    let off = schedule(&bench, json!({"autoExportEnabled": false})).await.documented(200).json;
    assert_eq!(off.get("export"), None);
    bench.delete(&delete, NEWEST).await.documented(204);
}

#[tokio::test]
async fn deleted_schedule_takes_no_more_snapshots() {
    let bench = Bench::demo().await;
    bench.delete(&demo(SCHEDULE), NEWEST).await.documented(200);
    let newest = all(&bench, SNAPSHOTS).await[0]["id"].clone();
    bench.advance(30 * DAY);
    assert_eq!(all(&bench, SNAPSHOTS).await[0]["id"], newest);
}

#[tokio::test]
async fn schedule_change_applies_from_its_time() {
    let bench = Bench::demo().await;
    let newest = all(&bench, SNAPSHOTS).await[0]["id"].clone();
    // Half past eleven has passed today.
    let body = json!({"policies": policy(&[item("daily", 1, "days", 9)]), "referenceHourOfDay": 11, "referenceMinuteOfHour": 30});
    let changed = schedule(&bench, body).await.documented(200).json;
    assert_eq!(changed["nextSnapshot"], "2026-09-02T11:30:00Z");
    assert_eq!(all(&bench, SNAPSHOTS).await[0]["id"], newest);
}

#[tokio::test]
async fn invalid_schedule_is_refused() {
    let bench = Bench::demo().await;
    for items in [
        vec![item("hourly", 5, "days", 2)],
        vec![item("daily", 2, "days", 2)],
        vec![item("weekly", 8, "weeks", 2)],
        vec![item("yearly", 13, "years", 2)],
        vec![item("daily", 1, "days", 9), item("weekly", 1, "weeks", 1)],
    ] {
        let refused = schedule(&bench, json!({"policies": policy(&items)})).await.refused(400, "INVALID_BACKUP_POLICY");
        assert_eq!(refused.json["parameters"].as_array().unwrap().len(), 1);
    }
    schedule(&bench, json!({"restoreWindowDays": 0})).await.refused(400, "INVALID_RESTORE_WINDOW");
}

#[tokio::test]
async fn far_clock_jump_creates_bounded_number_of_snapshots() {
    let bench = Bench::demo().await;
    let items = [item("hourly", 1, "years", 100)];
    schedule(&bench, json!({"policies": policy(&items)})).await.documented(200);
    bench.advance(50 * 365 * DAY);
    let page = bench.get(&demo(&format!("{SNAPSHOTS}?itemsPerPage=1"))).await.documented(200).json;
    let count = page["totalCount"].as_u64().unwrap();
    assert!((5_000..5_200).contains(&count), "{count}");
    assert_eq!(page["results"][0]["status"], "completed");
}

#[tokio::test]
async fn first_flex_snapshot_is_due_after_one_day() {
    let bench = Bench::demo().await;
    let body = json!({"name": "small", "providerSettings": {"backingProviderName": "AWS", "regionName": "EU_WEST_1"}});
    bench.send_json(Method::POST, &demo("/flexClusters"), NEWEST, body).await.documented(201);
    let list = "/flexClusters/small/backup/snapshots";
    bench.advance(180 + DAY - 1);
    assert_eq!(all(&bench, list).await.len(), 0);
    for (advance, status, started, finished) in [
        (1, "PENDING", false, false),
        (10, "QUEUED", false, false),
        (10, "RUNNING", true, false),
        (95, "COMPLETED", true, true),
    ] {
        bench.advance(advance);
        let snapshot = all(&bench, list).await[0].clone();
        assert_eq!(snapshot["status"], status);
        let has = |name: &str| snapshot.get(name).is_some();
        assert_eq!((has("startTime"), has("finishTime")), (started, finished), "{status}");
        assert_eq!(snapshot["expiration"], "2026-09-10T12:03:00Z");
    }
}
