//! Legacy Backup, on the clusters that have it and on those that don't.

use http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Bench, NEWEST, OLDEST, demo};

const HOUR: u64 = 3_600;

/// The demo with a legacy cluster, a replica set or a sharded one, two days old.
async fn bench(shards: u64) -> Bench {
    let bench = Bench::demo().await;
    let body = json!({"name": "old", "backupEnabled": true, "clusterType": if shards > 1 { "SHARDED" } else { "REPLICASET" },
        "numShards": shards, "providerSettings": {"providerName": "AWS", "instanceSizeName": "M10", "regionName": "EU_WEST_1"}});
    bench.post(&demo("/clusters"), body).await.documented(201);
    bench.advance(180 + 48 * HOUR);
    bench
}

fn old(rest: &str) -> String {
    demo(&format!("/clusters/old{rest}"))
}

async fn newest(bench: &Bench) -> Value {
    bench.get(&old("/snapshots")).await.documented(200).json["results"][0].clone()
}

#[tokio::test]
async fn a_legacy_snapshot_comes_every_six_hours_and_is_complete_after_a_minute() {
    let bench = bench(1).await;
    let list = bench.get(&old("/snapshots")).await.documented(200).json;
    let before = list["totalCount"].as_u64().unwrap();
    assert_eq!(before, 7, "the newest is not complete yet");
    bench.advance(60);
    let newest = newest(&bench).await;
    assert_eq!((&newest["complete"], &newest["created"]["date"]), (&true.into(), &"2026-09-03T12:03:00Z".into()));
    assert_eq!((newest["parts"].as_array().unwrap().len(), &newest["doNotDelete"]), (1, &false.into()));
    let one = old(&format!("/snapshots/{}", newest["id"].as_str().unwrap()));
    assert_eq!(bench.get(&one).await.documented(200).json, newest);
    // Only the first of a day stays for longer than two days.
    bench.advance(4 * 24 * HOUR);
    let kept = bench.get(&old("/snapshots")).await.documented(200).json;
    assert!(kept["totalCount"].as_u64().unwrap() < 13, "{}", kept["totalCount"]);
    bench.get(&demo("/clusters/old/backup/schedule")).await.refused(404, "BACKUP_CONFIG_NOT_FOUND");
}

#[tokio::test]
async fn a_legacy_snapshot_is_kept_changed_and_deleted() {
    let bench = bench(1).await;
    bench.advance(60);
    let one = old(&format!("/snapshots/{}", newest(&bench).await["id"].as_str().unwrap()));
    let change = async |body: Value| bench.send_json(Method::PATCH, &one, OLDEST, body).await;
    let moved = change(json!({"expires": "2026-12-01T00:00:00Z"})).await.documented(200).json;
    assert_eq!(moved["expires"], "2026-12-01T00:00:00Z");
    change(json!({"expires": "2026-01-01T00:00:00Z"})).await.refused(400, "EXPIRATION_DATE_IN_PAST");
    change(json!({"expires": "2026-12-01T00:00:00Z", "doNotDelete": true})).await.refused(400, "VALIDATION_ERROR");
    let kept = change(json!({"doNotDelete": true})).await.documented(200).json;
    assert_eq!((&kept["doNotDelete"], kept.get("expires")), (&true.into(), None));
    bench.delete(&one, OLDEST).await.refused(400, "CANNOT_MODIFY_SNAPSHOT");
    change(json!({"doNotDelete": false})).await.documented(200);
    bench.delete(&one, OLDEST).await.documented(204);
    bench.get(&one).await.refused(404, "SNAPSHOT_NOT_FOUND");
}

#[tokio::test]
async fn the_legacy_schedule_can_be_changed_within_the_listed_values() {
    let bench = bench(1).await;
    let path = old("/snapshotSchedule");
    let schedule = bench.get(&path).await.documented(200).json;
    assert_eq!(schedule["snapshotIntervalHours"], 6);
    let mut changed = schedule.clone();
    changed["snapshotIntervalHours"] = 24.into();
    let change = async |body: Value| bench.send_json(Method::PATCH, &path, OLDEST, body).await;
    assert_eq!(change(changed.clone()).await.documented(200).json, changed);
    changed["snapshotIntervalHours"] = 7.into();
    change(changed).await.refused(400, "VALIDATION_ERROR");
    let before = bench.get(&old("/snapshots?completed=all")).await.documented(200).json["totalCount"].as_u64().unwrap();
    bench.advance(23 * HOUR);
    let after = bench.get(&old("/snapshots?completed=all")).await.documented(200).json["totalCount"].as_u64().unwrap();
    assert!(after <= before);
}

async fn restore(bench: &Bench, body: Value) -> Answer {
    bench.post(&old("/restoreJobs"), body).await
}

#[tokio::test]
async fn a_legacy_restore_runs_and_ends_finished_or_broken() {
    let bench = bench(1).await;
    bench.advance(60);
    let snapshot = newest(&bench).await["id"].clone();
    let delivery = json!({"methodName": "AUTOMATED_RESTORE", "targetClusterName": "Cluster0", "targetGroupId": atlas_backup_emulator::DEMO_PROJECT});
    for (fails, ends) in [(false, "FINISHED"), (true, "BROKEN")] {
        if fails {
            bench.emulator.fail_next(atlas_backup_emulator::JobKind::Legacy);
        }
        let jobs = restore(&bench, json!({"snapshotId": snapshot, "delivery": delivery})).await.documented(200).json;
        let job = jobs["results"][0].clone();
        assert_eq!((&job["statusName"], job.get("batchId")), (&"IN_PROGRESS".into(), None));
        bench.advance(60);
        let path = old(&format!("/restoreJobs/{}", job["id"].as_str().unwrap()));
        assert_eq!(bench.get(&path).await.documented(200).json["statusName"], ends);
    }
    assert_eq!(bench.get(&old("/restoreJobs")).await.documented(200).json["totalCount"], 2);
    bench.get(&old("/restoreJobs/66aaaaaaaaaaaaaaaaaaaaaa")).await.refused(404, "RESTORE_JOB_NOT_FOUND");
}

#[tokio::test]
async fn a_legacy_download_is_ready_and_then_expired() {
    let bench = bench(1).await;
    bench.advance(60);
    let snapshot = newest(&bench).await["id"].clone();
    let body =
        json!({"snapshotId": snapshot, "delivery": {"methodName": "HTTP", "expirationHours": 2, "maxDownloads": 3}});
    let jobs = restore(&bench, body).await.documented(200).json;
    let path = old(&format!("/restoreJobs/{}", jobs["results"][0]["id"].as_str().unwrap()));
    let delivery = async || bench.get(&path).await.documented(200).json["delivery"].clone();
    assert_eq!(delivery().await["statusName"], "IN_PROGRESS");
    bench.advance(60);
    let ready = delivery().await;
    assert_eq!((&ready["statusName"], &ready["expires"]), (&"READY".into(), &"2026-09-03T14:05:00Z".into()));
    assert!(ready["urlV2"].is_string() && ready["authValue"].is_string());
    bench.advance(2 * HOUR);
    let expired = delivery().await;
    assert_eq!((&expired["statusName"], expired.get("url")), (&"EXPIRED".into(), None));
}

#[tokio::test]
async fn a_sharded_clusters_legacy_restore_is_a_batch() {
    let bench = bench(2).await;
    bench.advance(60);
    let snapshot = newest(&bench).await;
    assert_eq!(snapshot["parts"].as_array().unwrap().len(), 3, "two shards and the config servers");
    let body = json!({"snapshotId": snapshot["id"], "delivery": {"methodName": "HTTP"}});
    let jobs = restore(&bench, body).await.documented(200).json;
    let batch = jobs["results"][0]["batchId"].as_str().unwrap();
    assert_eq!(jobs["results"].as_array().unwrap().len(), 3);
    let listed = bench.get(&old(&format!("/restoreJobs?batchId={batch}"))).await.documented(200).json;
    assert_eq!(listed["totalCount"], 3);
    let other = bench.get(&old("/restoreJobs?batchId=66aaaaaaaaaaaaaaaaaaaaaa")).await.documented(200).json;
    assert_eq!(other["totalCount"], 0);
    let moment =
        json!({"pointInTimeUTCMillis": 1_788_264_000_000_i64, "delivery": {"methodName": "AUTOMATED_RESTORE"}});
    restore(&bench, moment).await.refused(400, "PIT_RESTORE_ONLY_SUPPORTED_FOR_REPLICA_SETS");
}

#[tokio::test]
async fn checkpoints_are_there_for_the_window_of_a_sharded_cluster() {
    let (sharded, plain) = (bench(2).await, bench(1).await);
    let list = sharded.get(&old("/backupCheckpoints")).await.documented(200).json;
    assert_eq!(list["totalCount"], 24 * 4);
    let newest = list["results"][0].clone();
    assert_eq!(newest["completed"], "2026-09-03T12:00:00Z");
    let one = old(&format!("/backupCheckpoints/{}", newest["id"].as_str().unwrap()));
    assert_eq!(sharded.get(&one).await.documented(200).json, newest);
    sharded.get(&old("/backupCheckpoints/66aaaaaaaaaaaaaaaaaaaaaa")).await.refused(404, "CHECKPOINT_NOT_FOUND");
    assert_eq!(plain.get(&old("/backupCheckpoints")).await.documented(200).json["totalCount"], 0);
}

#[tokio::test]
async fn a_cluster_on_cloud_backups_is_sent_to_the_other_operations() {
    let bench = Bench::demo().await;
    for path in ["/snapshots", "/snapshots/66aaaaaaaaaaaaaaaaaaaaaa", "/restoreJobs", "/snapshotSchedule"] {
        let refused = bench.get(&demo(&format!("/clusters/Cluster0{path}"))).await;
        let refused = refused.refused(400, "INCORRECT_BACKUP_API_ENDPOINT");
        assert!(refused.json["parameters"][0].as_str().unwrap().ends_with("/clusters/Cluster0/backup"));
    }
    let checkpoints = bench.get(&demo("/clusters/Cluster0/backupCheckpoints")).await;
    checkpoints.refused(400, "CHECKPOINTS_ONLY_ON_CONTINOUS_BACKUP");
    bench.get(&demo("/clusters/none/snapshots")).await.refused(404, "CLUSTER_NOT_FOUND");
    let both = json!({"name": "both", "backupEnabled": true, "providerBackupEnabled": true,
        "providerSettings": {"providerName": "AWS", "instanceSizeName": "M10", "regionName": "EU_WEST_1"}});
    bench.post(&demo("/clusters"), both).await.refused(409, "ATLAS_BACKUP_CONFLICTING_OPTIONS");
    // Newer versions know one kind of backup.
    assert_eq!(bench.get_as(&demo("/clusters/Cluster0"), NEWEST).await.json["backupEnabled"], true);
}
