//! Files of an export in the folder of its bucket.

use std::{
    collections::BTreeMap,
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use atlas_backup_emulator::{DEMO_PROJECT, Emulator, ORGANIZATION, Seed};
use bson::{Bson, doc};
use http::Method;
use serde_json::{Value, json};

use crate::support::{Bench, NEWEST, demo};

async fn bench(folder: &Path) -> Bench {
    Bench::with(Emulator::builder().seed(Seed::Demo).stepped_clock().export_dir(folder)).await
}

/// Exports the newest snapshot of a cluster to a new bucket and returns the finished job.
async fn export(bench: &Bench, cluster: &str, bucket: &str) -> Value {
    // Only AWS bucket names have rules.
    let body = json!({"bucketName": bucket, "cloudProvider": "GCP", "roleId": "66aaaaaaaaaaaaaaaaaaaaaa"});
    let bucket = bench.send_json(Method::POST, &demo("/backup/exportBuckets"), NEWEST, body).await.documented(200).json;
    let list = if cluster == "Sharded0" { "snapshots/shardedClusters" } else { "snapshots" };
    let snapshot = bench.newest(&format!("/clusters/{cluster}/backup/{list}")).await;
    let custom = json!([{"key": "ticket", "value": "BACKUP-1"}]);
    let body = json!({"exportBucketId": bucket["_id"], "snapshotId": snapshot, "customData": custom});
    let jobs = demo(&format!("/clusters/{cluster}/backup/exports"));
    let job = bench.post(&jobs, body).await.documented(200).json;
    bench.advance(90);
    let job = bench.get(&format!("{jobs}/{}", job["id"].as_str().unwrap())).await.documented(200).json;
    assert_eq!(job["state"], "Successful");
    job
}

/// All files below a folder, by their path in it.
fn files(folder: &Path) -> BTreeMap<String, PathBuf> {
    let (mut files, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            assert!(!path.is_symlink());
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    files.insert(path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/"), path);
                }
            }
        }
    }
    files
}

fn documents(file: &Path) -> Vec<Value> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(fs::File::open(file).unwrap()).read_to_string(&mut text).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn successful_export_is_complete_and_marked() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path()).await;
    let job = export(&bench, "Cluster0", "exports").await;
    let prefix = job["prefix"].as_str().unwrap();
    assert!(prefix.starts_with(&format!("exported_snapshots/{ORGANIZATION}/{DEMO_PROJECT}/Cluster0/2026-09-01T")));
    let files = files(&folder.path().join("exports").join(prefix));
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(names[..3], [".complete", "shop/customers/Cluster0.0.json.gz", "shop/customers/metadata.json"]);
    let data = bench.emulator.data(DEMO_PROJECT, "Cluster0").unwrap();
    for database in data.databases() {
        for collection in data.collections(&database) {
            let file = &files[&format!("{database}/{collection}/Cluster0.0.json.gz")];
            assert_eq!(documents(file), data.documents(&database, &collection), "{database}.{collection}");
        }
    }
    let complete: Value = serde_json::from_slice(&fs::read(&files[".complete"]).unwrap()).unwrap();
    assert_eq!((&complete["orgId"], &complete["groupId"]), (&ORGANIZATION.into(), &DEMO_PROJECT.into()));
    assert_eq!((&complete["groupName"], &complete["clusterName"]), (&"demo".into(), &"Cluster0".into()));
    assert_eq!(complete["totalFiles"], files.len() - 1);
    assert_eq!(complete["customData"], json!([{"key": "ticket", "value": "BACKUP-1"}]));
    let metadata: Value = serde_json::from_slice(&fs::read(&files["telemetry/audit/metadata.json"]).unwrap()).unwrap();
    let metadata = Bson::try_from(metadata).unwrap();
    let options = metadata.as_document().unwrap().get_document("options").unwrap();
    assert_eq!(options, &doc! {"capped": true, "size": 1_048_576});
}

#[tokio::test]
async fn export_of_a_sharded_cluster_has_files_of_each_shard() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path()).await;
    let job = export(&bench, "Sharded0", "exports").await;
    let files = files(&folder.path().join("exports").join(job["prefix"].as_str().unwrap()));
    let shard = |n| documents(&files[&format!("shop/orders/Sharded0-shard-{n}.0.json.gz")]);
    let (mut found, other) = (shard(0), shard(1));
    assert!(found.len() > 100 && other.len() > 100);
    found.extend(other);
    let mut all = bench.emulator.data(DEMO_PROJECT, "Sharded0").unwrap().documents("shop", "orders");
    for list in [&mut found, &mut all] {
        list.sort_by_key(Value::to_string);
    }
    assert_eq!(found, all);
}

#[tokio::test]
async fn unfinished_or_failed_export_is_never_marked_complete() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path()).await;
    let jobs = demo("/clusters/Cluster0/backup/exports");
    let bucket = bench.get_as(&demo("/backup/exportBuckets"), NEWEST).await.json["results"][0].clone();
    let list = bench.get(&demo("/clusters/Cluster0/backup/snapshots")).await.documented(200).json;
    let body = json!({"exportBucketId": bucket["_id"], "snapshotId": list["results"][1]["id"]});
    let job = bench.post(&jobs, body).await.documented(200).json;
    bench.advance(89);
    bench.get(&jobs).await.documented(200);
    let place = folder.path().join("atlas-backup-demo").join(job["prefix"].as_str().unwrap());
    assert!(!place.exists());
    bench.advance(1);
    let list = bench.get(&jobs).await.documented(200).json;
    assert!(place.join(".complete").exists());
    let of = |state: &str| {
        let job = list["results"].as_array().unwrap().iter().find(|job| job["state"] == state).unwrap();
        files(&folder.path().join("atlas-backup-demo").join(job["prefix"].as_str().unwrap()))
    };
    assert!(of("Successful").contains_key(".complete"));
    let failed = of("Failed");
    assert!(!failed.is_empty() && !failed.contains_key(".complete"), "{failed:?}");
    assert!(!folder.path().join("atlas-backup-demo/.exporting").exists());
}

#[tokio::test]
async fn export_never_writes_outside_its_folder() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("in/side");
    let bench = bench(&folder).await;
    let data = bench.emulator.data(DEMO_PROJECT, "Cluster0").unwrap();
    for name in ["a/../../../../../../../b", "/c", "d\\..\\..\\e", "~", "-rf", "f\ng"] {
        data.insert("shop", name, vec![json!({"_id": name})]).unwrap();
    }
    bench.post(&demo("/clusters/Cluster0/backup/snapshots"), json!({"retentionInDays": 1})).await.documented(200);
    bench.advance(60);
    let buckets = ["...", "../../bucket", "/tmp", "a/../../../../b"];
    for bucket in buckets {
        export(&bench, "Cluster0", bucket).await;
    }
    // One folder per bucket, each directly below the export folder, and nothing else.
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1 + buckets.len());
    let all = files(parent.path());
    assert!(all.keys().all(|path| path.starts_with("in/side/")), "{:?}", all.keys());
    let marks = all.keys().filter(|path| path.starts_with("in/side/%2E") && path.ends_with("/.complete"));
    assert_eq!(marks.count(), 2);
}

#[tokio::test]
async fn export_ended_while_stopped_is_written_after_restart() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let start = async || Bench::with(Emulator::builder().seed(Seed::Demo).stepped_clock().data_dir(&data)).await;
    let bench = start().await;
    let jobs = demo("/clusters/Cluster0/backup/exports");
    let bucket = bench.get_as(&demo("/backup/exportBuckets"), NEWEST).await.json["results"][0].clone();
    let list = bench.get(&demo("/clusters/Cluster0/backup/snapshots")).await.documented(200).json;
    let body = json!({"exportBucketId": bucket["_id"], "snapshotId": list["results"][1]["id"]});
    let job = bench.post(&jobs, body).await.documented(200).json;
    // Leftovers of a killed run.
    let left = data.join("exports/atlas-backup-demo/.exporting").join(job["id"].as_str().unwrap());
    fs::create_dir_all(&left).unwrap();
    fs::write(left.join("half"), "").unwrap();
    bench.emulator.stop().await;
    let bench = start().await;
    bench.advance(90);
    bench.get(&jobs).await.documented(200);
    let place = data.join("exports/atlas-backup-demo").join(job["prefix"].as_str().unwrap());
    assert!(place.join(".complete").exists() && !place.join("half").exists());
}
